//! Who may do what.
//!
//! A handler's first argument is a [`Permission`]: it says who may call, and yields the [`Caller`]. Whatever a browser
//! sends to change something must be a form of this portal's own pages: [`form`] sees to that for every such route.

mod address;
mod caller;
mod cookies;
mod denied;
pub mod form;
mod headers;
mod next;
pub(crate) mod pages;
mod permission;
mod says_who;
mod set_up_code;
mod throttle;

pub use address::ClientAddress;
pub use caller::{Caller, Reader};
pub use denied::Denied;
pub use form::FormKey;
pub use permission::{Admin, Anyone, Contributor, Editor, IngestToken, Permission, Viewer, Who, Writer};
pub use says_who::SaysWho;
pub use set_up_code::SetUpCode;

pub(crate) use cookies::Cookies;
pub(crate) use headers::secure;
pub(crate) use next::Next;
pub(crate) use set_up_code::readable_secret;
pub(crate) use throttle::{Pause, Throttle};

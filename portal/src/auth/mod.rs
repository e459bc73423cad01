//! Who may do what.
//!
//! A handler's first extractor is a [`Permission`]: it says who may call, and yields the caller.

mod permission;

pub use permission::{Anyone, Permission, SaysWho, Who};

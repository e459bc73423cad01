//! The pages of accounts: sign-in, set-up, invitation, account, tokens and people.
//!
//! All are plain forms. Bad input changes nothing: the form comes back with what was typed, save passwords, and says
//! beside each field what is wrong with it.

pub(crate) mod account;
pub(crate) mod invitation;
pub(crate) mod people;
pub(crate) mod set_up;
pub(crate) mod sign_in;
pub(crate) mod tokens;

mod errors;
mod password_check;
mod session_cookie;

use errors::Errors;

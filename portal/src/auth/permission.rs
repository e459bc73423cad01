//! Permissions as extractors: a handler cannot be written without saying who may call it.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::state::App;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// Everybody, signed in or not.
    Anyone,
    /// A program with a token of scope `ingest`.
    IngestToken,
    /// A signed-in person, or a program with a token of scope `read`.
    Reader,
    /// A signed-in person.
    Viewer,
    /// A signed-in editor or admin.
    Editor,
    /// A signed-in admin.
    Admin,
}

/// An extractor that lets a request through or refuses it.
pub trait Permission: FromRequestParts<App> {
    /// Whom it lets through.
    const WHO: Who;
}

/// Lets everybody through.
#[derive(Clone, Copy, Debug)]
pub struct Anyone;

impl Permission for Anyone {
    const WHO: Who = Who::Anyone;
}

impl FromRequestParts<App> for Anyone {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

/// The arguments of a handler whose first one is a [`Permission`].
///
/// axum describes a handler's arguments by a tuple that begins with a marker of its own.
#[diagnostic::on_unimplemented(
    message = "this handler does not say who may call it",
    note = "its first argument must be a permission: Anyone, IngestToken, Reader, Viewer, Editor or Admin"
)]
pub trait SaysWho {
    /// Whom the permission lets through.
    const WHO: Who;
}

macro_rules! says_who {
    ($($argument:ident),*) => {
        impl<Marker, P: Permission, $($argument),*> SaysWho for (Marker, P, $($argument,)*) {
            const WHO: Who = P::WHO;
        }
    };
}
says_who!();
says_who!(A);
says_who!(A, B);
says_who!(A, B, C);
says_who!(A, B, C, D);
says_who!(A, B, C, D, E);
says_who!(A, B, C, D, E, F);

//! A handler cannot be made a route without saying who may call it.

use super::{Permission, Who};

/// The arguments of a handler whose first one is a [`Permission`].
///
/// axum describes a handler's arguments by a tuple that begins with a marker of its own.
#[diagnostic::on_unimplemented(
    message = "this handler does not say who may call it",
    note = "its first argument must be a permission: Anyone, IngestToken, Writer, Contributor, Reader, Viewer, Editor or Admin"
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

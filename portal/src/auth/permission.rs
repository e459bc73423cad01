//! Permissions as extractors.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use seaworthy_catalog::{Actor, Role, Scope, Token};

use super::{
    Caller, ClientAddress, Denied, Reader,
    caller::{bearer, person, token},
};
use crate::state::App;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// Everybody, signed in or not.
    Anyone,
    /// A program with a token of scope `ingest`.
    IngestToken,
    /// A program with a token of scope `write`.
    Writer,
    /// A signed-in editor or admin, or a program with a token of scope `write`.
    Contributor,
    /// A signed-in person, or a program with a token of scope `read` or `write`.
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

/// Lets programs through that hold a token of scope `ingest`.
#[derive(Clone, Debug)]
pub struct IngestToken(pub Token);

impl Permission for IngestToken {
    const WHO: Who = Who::IngestToken;
}

impl FromRequestParts<App> for IngestToken {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Denied> {
        let secret = bearer(parts).ok_or_else(|| Denied::token_missing(Scope::Ingest))?;
        token(app, secret, Scope::Ingest).await.map(Self)
    }
}

/// Lets programs through that hold a token of scope `write`.
#[derive(Clone, Debug)]
pub struct Writer {
    token: Token,
    address: String,
}

impl Writer {
    /// Who they are to the audit log.
    pub fn actor(&self) -> Actor {
        Actor { login: format!("token {}", self.token.name), address: self.address.clone() }
    }

    /// How who made the token signs in; none where no person did.
    pub fn made_by(&self) -> Option<&String> {
        self.token.created_by.as_ref()
    }
}

impl Permission for Writer {
    const WHO: Who = Who::Writer;
}

impl FromRequestParts<App> for Writer {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Denied> {
        let secret = bearer(parts).ok_or_else(|| Denied::token_missing(Scope::Write))?;
        let token = token(app, secret, Scope::Write).await?;
        let address = ClientAddress::of(&parts.headers, &parts.extensions, app).to_string();
        Ok(Self { token, address })
    }
}

/// Lets signed-in editors and admins through, and programs that hold a token of scope `write`.
#[derive(Clone, Debug)]
pub enum Contributor {
    /// A person.
    Person(Caller),
    /// A program.
    Program(Writer),
}

impl Contributor {
    /// Who they are to the audit log.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Person(caller) => caller.actor(),
            Self::Program(writer) => writer.actor(),
        }
    }
}

impl Permission for Contributor {
    const WHO: Who = Who::Contributor;
}

impl FromRequestParts<App> for Contributor {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Denied> {
        match bearer(parts) {
            Some(_) => Writer::from_request_parts(parts, app).await.map(Self::Program),
            None => person(parts, app, Role::Editor).await.map(Self::Person),
        }
    }
}

impl Permission for Reader {
    const WHO: Who = Who::Reader;
}

impl FromRequestParts<App> for Reader {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Denied> {
        match bearer(parts) {
            Some(secret) => token(app, secret, Scope::Read).await.map(Self::Program),
            None => person(parts, app, Role::Viewer).await.map(Self::Person),
        }
    }
}

macro_rules! person_with_role {
    ($name:ident, $role:expr, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Debug)]
        pub struct $name(pub Caller);

        impl Permission for $name {
            const WHO: Who = Who::$name;
        }

        impl FromRequestParts<App> for $name {
            type Rejection = Denied;

            async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Denied> {
                person(parts, app, $role).await.map(Self)
            }
        }
    };
}
person_with_role!(Viewer, Role::Viewer, "Lets every signed-in person through.");
person_with_role!(Editor, Role::Editor, "Lets signed-in editors and admins through.");
person_with_role!(Admin, Role::Admin, "Lets signed-in admins through.");

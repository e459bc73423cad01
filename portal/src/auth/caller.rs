//! Who is calling.

use axum::http::{header, request::Parts};
use seaworthy_catalog::{Actor, Person, Role, Scope, Session, Token};

use super::{ClientAddress, Cookies, Denied, form};
use crate::{state::App, view::readiness::work, web::Preferences};

/// A signed-in person.
#[derive(Clone, Debug)]
pub struct Caller {
    session: Session,
    form_token: String,
    address: String,
    preferences: Preferences,
    firing: u64,
    work: usize,
}

/// Whoever may read: a signed-in person, or a program with a token of scope `read` or `write`.
#[derive(Clone, Debug)]
pub enum Reader {
    /// A person.
    Person(Caller),
    /// A program.
    Program(Token),
}

impl Caller {
    /// Who it is.
    pub fn person(&self) -> &Person {
        &self.session.person
    }

    /// What they may do.
    pub fn role(&self) -> Role {
        self.session.person.role
    }

    /// The session with which they call.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What every form on a page for them must carry as the hidden field [`form::FIELD`].
    pub fn form_token(&self) -> &str {
        &self.form_token
    }

    /// How many alerts fire as they call: every page says so.
    pub(crate) fn firing(&self) -> u64 {
        self.firing
    }

    /// How much they have to see to: every page says so.
    pub(crate) fn work(&self) -> usize {
        self.work
    }

    /// The same person, of whom this has just become known.
    pub(crate) fn with_work(self, work: usize) -> Self {
        Self { work, ..self }
    }

    /// How they like to see pages.
    pub(crate) fn preferences(&self) -> &Preferences {
        &self.preferences
    }

    /// Who they are to the audit log.
    pub fn actor(&self) -> Actor {
        Actor { login: self.session.person.login.clone(), address: self.address.clone() }
    }
}

/// The person whose cookie came with the request, if they have at least this role.
pub(super) async fn person(parts: &Parts, app: &App, least: Role) -> Result<Caller, Denied> {
    let cookies = Cookies::of(app);
    let cookie = cookies.session(&parts.headers).ok_or_else(|| Denied::not_signed_in(parts))?;
    let session = app.catalog().session(cookie, app.clock().now()).await?;
    let session = session.ok_or_else(|| Denied::not_signed_in(parts))?;
    if session.person.role < least {
        return Err(Denied::role(session.person.role, least));
    }
    let address = ClientAddress::of(&parts.headers, &parts.extensions, app).to_string();
    let preferences = Preferences::of(&parts.headers);
    let firing = app.catalog().firing_alerts().await?;
    let work = work::count(app, &session.person.login, session.person.role).await;
    // A page without the count is better than none.
    let work = work.unwrap_or_default();
    Ok(Caller { session, form_token: form::token_for(cookie), address, preferences, firing, work })
}

/// The token with this secret, if it has this scope.
pub(super) async fn token(app: &App, secret: &str, scope: Scope) -> Result<Token, Denied> {
    let token = app.catalog().token(secret, app.clock().now()).await?;
    let token = token.ok_or_else(Denied::token_unknown)?;
    if token.scopes.allow(scope) { Ok(token) } else { Err(Denied::scope(scope)) }
}

/// What follows `Bearer` in the `Authorization` header.
pub(super) fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

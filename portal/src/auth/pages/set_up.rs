//! The first admin is made by whoever can read the terminal.

use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::{Actor, CatalogError};
use serde::Deserialize;

use super::{Errors, errors::WHOLE, password_check::too_many, session_cookie::begin};
use crate::{
    auth::{Anyone, ClientAddress, FormKey},
    problem::Problem,
    state::App,
    web::{
        field::{Field, form_token, whole},
        layout,
    },
};

const CODE: Field =
    Field::text("code", "Set-up code", "one-time-code").hint("The portal has printed it on its terminal.");
const NAME: Field = Field::text("name", "Your name", "name");
const LOGIN: Field = Field::text("login", "Name or e-mail to sign in with", "username");
const PASSWORD: Field =
    Field::password("password", "Password", "new-password").hint("At least 12 characters.");
const AGAIN: Field = Field::password("again", "The same password again", "new-password");

/// What the form holds, and what the link on the terminal fills in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SetUp {
    code: String,
    name: String,
    login: String,
    password: String,
    again: String,
}

/// What the link on the terminal fills in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Link {
    code: String,
}

/// Shows the form, while there is no admin.
pub(crate) async fn show(
    _: Anyone,
    State(app): State<App>,
    key: FormKey,
    Query(link): Query<Link>,
) -> Result<Response, Problem> {
    if !app.catalog().needs_set_up().await? {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    Ok(page(key, &SetUp { code: link.code, ..SetUp::default() }, Errors::default()))
}

/// Makes the first admin, and signs them in.
pub(crate) async fn set_up(
    _: Anyone,
    State(app): State<App>,
    key: FormKey,
    address: ClientAddress,
    headers: HeaderMap,
    Form(form): Form<SetUp>,
) -> Result<Response, Problem> {
    must_be_needed(&app).await?;
    let errors = checked(&app, &form, address);
    if !errors.is_empty() {
        // Another may have used the code up just now: that is the better answer.
        must_be_needed(&app).await?;
        return Ok(page(key, &form, errors));
    }
    match make(&app, &form, address).await {
        Ok(()) => {}
        Err(CatalogError::AlreadySetUp) => return Err(CatalogError::AlreadySetUp.into()),
        Err(error) => return Ok(page(key, &form, Errors::from_catalog(error)?)),
    }
    app.door().set_up_code.use_up();
    let made = app.catalog().credentials(&form.login).await?;
    let cookie = match &made {
        Some(made) => begin(&app, made, false, address, &headers).await?,
        None => None,
    };
    let cookie = cookie.map(|cookie| [(header::SET_COOKIE, cookie)]);
    Ok((cookie, Redirect::to("/")).into_response())
}

async fn must_be_needed(app: &App) -> Result<(), Problem> {
    if app.catalog().needs_set_up().await? { Ok(()) } else { Err(CatalogError::AlreadySetUp.into()) }
}

fn checked(app: &App, form: &SetUp, address: ClientAddress) -> Errors {
    let key = address.throttled_as();
    if let Err(pause) = app.door().addresses.attempt(&key, app.clock().now()) {
        return too_many(pause);
    }
    if !app.door().set_up_code.matches(&form.code) {
        return Errors::with_status(
            StatusCode::FORBIDDEN,
            CODE.name(),
            "This is not the code. Copy it from the portal's terminal; each start makes a new one.",
        );
    }
    app.door().addresses.undo(&key);
    let mut errors = Errors::default();
    errors.expect(form.password == form.again, AGAIN.name(), "The two passwords differ. Type both again.");
    errors
}

async fn make(app: &App, form: &SetUp, address: ClientAddress) -> Result<(), CatalogError> {
    let hash = app.door().passwords.hash(&form.password).await?;
    let actor = Actor { login: "terminal".to_owned(), address: address.to_string() };
    app.catalog().create_first_admin(&form.name, &form.login, &hash, &actor, app.clock().now()).await?;
    Ok(())
}

fn page(key: FormKey, form: &SetUp, errors: Errors) -> Response {
    let html = layout::door("Set up Seaworthy", || {
        view! {
            <form class="form" action="/set-up" method="post">
                {form_token(key.token())}
                {whole(errors.of(WHOLE))}
                {CODE.view(&form.code, errors.of(CODE.name()))}
                {NAME.view(&form.name, errors.of(NAME.name()))}
                {LOGIN.view(&form.login, errors.of(LOGIN.name()))}
                {PASSWORD.view("", errors.of(PASSWORD.name()))}
                {AGAIN.view("", errors.of(AGAIN.name()))}
                <button class="button primary wide" type="submit">"Make the first admin"</button>
            </form>
        }
    });
    (errors.status(), errors.headers(), key, html).into_response()
}

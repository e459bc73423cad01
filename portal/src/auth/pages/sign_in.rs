//! Signing in and out.

use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

use super::{
    Errors,
    errors::WHOLE,
    password_check::{Checked, check},
    session_cookie::begin,
};
use crate::{
    auth::{Anyone, ClientAddress, Cookies, FormKey, Next, Viewer},
    problem::Problem,
    state::App,
    web::{
        field::{Field, form_token, whole},
        layout,
    },
};

const LOGIN: Field = Field::text("login", "Name or e-mail", "username");
const PASSWORD: Field = Field::password("password", "Password", "current-password");

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    next: Next,
}

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SignIn {
    login: String,
    password: String,
    stay: Option<String>,
    next: Next,
}

/// Shows the form, to whoever is not signed in already.
pub(crate) async fn show(
    _: Anyone,
    State(app): State<App>,
    key: FormKey,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let cookie = Cookies::of(&app).session(&headers);
    if let Some(cookie) = cookie
        && app.catalog().session(cookie, app.clock().now()).await?.is_some()
    {
        return Ok(Redirect::to(wish.next.as_str()).into_response());
    }
    Ok(page(key, &SignIn { next: wish.next, ..SignIn::default() }, Errors::default()))
}

/// Signs in.
pub(crate) async fn sign_in(
    _: Anyone,
    State(app): State<App>,
    key: FormKey,
    address: ClientAddress,
    headers: HeaderMap,
    Form(form): Form<SignIn>,
) -> Result<Response, Problem> {
    let verified = match check(&app, &form.login, &form.password, address).await? {
        Checked::Right(verified) => verified,
        Checked::Wrong(errors) => return Ok(page(key, &form, errors)),
    };
    match begin(&app, &verified, form.stay.is_some(), address, &headers).await? {
        Some(cookie) => {
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to(form.next.as_str())).into_response())
        }
        None => {
            Ok(page(key, &form, Errors::one("password", "The password was just changed. Type the new one.")))
        }
    }
}

/// Signs out: ends the session for good, not only in this browser.
pub(crate) async fn sign_out(Viewer(caller): Viewer, State(app): State<App>) -> Result<Response, Problem> {
    let (person, session) = (caller.person().id, caller.session().id);
    app.catalog().end_session(person, session, &caller.actor(), app.clock().now()).await?;
    let cookie = Cookies::of(&app).clear_session()?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/sign-in")).into_response())
}

fn page(key: FormKey, form: &SignIn, errors: Errors) -> Response {
    let html = layout::door("Sign in to Seaworthy", || {
        view! {
            <form class="form" action="/sign-in" method="post">
                {form_token(key.token())}
                <input type="hidden" name="next" value=form.next.to_string()/>
                {whole(errors.of(WHOLE))}
                {LOGIN.view(&form.login, errors.of(LOGIN.name()))}
                {PASSWORD.view("", errors.of(PASSWORD.name()))}
                <label class="check">
                    <input type="checkbox" name="stay" checked=form.stay.is_some()/>
                    " Stay signed in on this device for 14 days"
                </label>
                <button class="button primary wide" type="submit">"Sign in"</button>
            </form>
            <p class="small faint">
                "No account? An admin of this portal can invite you. First start? The terminal shows a set-up link."
            </p>
        }
    });
    (errors.status(), errors.headers(), key, html).into_response()
}

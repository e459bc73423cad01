//! One's own account: password and sessions.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Session;
use serde::Deserialize;

use super::{
    Errors,
    errors::WHOLE,
    password_check::{Checked, check},
    session_cookie::begin,
};
use crate::{
    auth::{Caller, ClientAddress, Viewer},
    problem::Problem,
    state::App,
    web::{
        field::{Field, form_token, whole},
        layout,
        nav::Section,
        time,
    },
};

const CURRENT: Field = Field::password("current", "Current password", "current-password");
const PASSWORD: Field =
    Field::password("password", "New password", "new-password").hint("At least 12 characters.");
const AGAIN: Field = Field::password("again", "The new password again", "new-password");

/// What was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Done {
    password_changed: Option<String>,
}

/// What the form for the password holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewPassword {
    current: String,
    password: String,
    again: String,
}

/// Shows the account.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    page(&app, &caller, done.password_changed.is_some(), Errors::default()).await
}

/// Changes the password, and signs out everywhere but here.
pub(crate) async fn change_password(
    Viewer(caller): Viewer,
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    Form(form): Form<NewPassword>,
) -> Result<Response, Problem> {
    let login = &caller.person().login;
    let mut errors = Errors::default();
    errors.expect(form.password == form.again, AGAIN.name(), "The two passwords differ. Type both again.");
    if !errors.is_empty() {
        return page(&app, &caller, false, errors).await;
    }
    if let Checked::Wrong(errors) = check(&app, login, &form.current, address).await? {
        return page(&app, &caller, false, errors).await;
    }
    let hash = match app.door().passwords.hash(&form.password).await {
        Ok(hash) => hash,
        Err(error) => return page(&app, &caller, false, Errors::from_catalog(error)?).await,
    };
    app.catalog().change_password(caller.person().id, &hash, &caller.actor(), app.clock().now()).await?;
    let cookie = match app.catalog().credentials(login).await? {
        Some(changed) => begin(&app, &changed, false, address, &headers).await?,
        None => None,
    };
    let cookie = cookie.map(|cookie| [(header::SET_COOKIE, cookie)]);
    Ok((cookie, Redirect::to("/account?password_changed=yes")).into_response())
}

/// Ends one of one's own sessions.
pub(crate) async fn end_session(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(session): Path<i64>,
) -> Result<Redirect, Problem> {
    app.catalog().end_session(caller.person().id, session, &caller.actor(), app.clock().now()).await?;
    Ok(Redirect::to("/account"))
}

async fn page(app: &App, caller: &Caller, changed: bool, errors: Errors) -> Result<Response, Problem> {
    let sessions = app.catalog().sessions(caller.person().id, app.clock().now()).await?;
    let person = caller.person();
    let html = layout::titled(caller, Section::Account, "Account", || {
        view! {
            <div class="stack">
                <section class="card">
                    <header><h2>"Who you are"</h2></header>
                    <div class="body"><dl class="facts left">
                        <dt>"Name"</dt><dd>{person.name.clone()}</dd>
                        <dt>"You sign in as"</dt><dd>{person.login.clone()}</dd>
                        <dt>"Role"</dt><dd>{person.role.as_str()}</dd>
                    </dl></div>
                </section>
                <section class="card">
                    <header><h2>"Password"</h2></header>
                    <div class="body">{password_form(caller, changed, &errors)}</div>
                </section>
                <section class="card">
                    <header><h2>"Where you are signed in"</h2></header>
                    <ul class="list">
                        {sessions.iter().map(|session| session_line(caller, session)).collect_view()}
                    </ul>
                </section>
            </div>
        }
    });
    Ok((errors.status(), errors.headers(), html).into_response())
}

fn password_form(caller: &Caller, changed: bool, errors: &Errors) -> impl IntoView + use<> {
    view! {
        {changed.then(|| view! {
            <p role="status">"The password is changed, and every other browser is signed out."</p>
        })}
        <form class="form" action="/account/password" method="post">
            {form_token(caller.form_token())}
            {whole(errors.of(WHOLE))}
            // For password managers: whose password this is.
            <input type="text" name="login" autocomplete="username" value=caller.person().login.clone() readonly hidden/>
            {CURRENT.view("", errors.of(CURRENT.name()))}
            {PASSWORD.view("", errors.of(PASSWORD.name()))}
            {AGAIN.view("", errors.of(AGAIN.name()))}
            <button class="button primary" type="submit">"Change the password"</button>
        </form>
    }
}

fn session_line(caller: &Caller, session: &Session) -> impl IntoView + use<> {
    let here = session.id == caller.session().id;
    let user_agent =
        if session.user_agent.is_empty() { "unknown browser".to_owned() } else { session.user_agent.clone() };
    view! {
        <li>
            <div class="grow">
                {user_agent}
                <p class="sub">
                    {format!("from {}, last used ", session.address)}{time::moment(session.last_used_at)}
                    ", ends at the latest "{time::moment(session.expires_at)}
                    {here.then_some(" (this browser)")}
                </p>
            </div>
            <form action=format!("/account/sessions/{}/end", session.id) method="post">
                {form_token(caller.form_token())}
                <button class="button small" type="submit">{if here { "Sign out" } else { "End" }}</button>
            </form>
        </li>
    }
}

//! Tokens of programs.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::{Scope, Scopes, Secret, Token};
use serde::Deserialize;

use super::{Errors, errors::WHOLE};
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    state::App,
    web::{
        field::{Field, form_token, whole},
        layout,
        nav::Section,
        time,
    },
};

const NAME: Field =
    Field::text("name", "What it is for", "off").hint("A service, or a place: reception, CI.");

/// What the form for a new token holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewToken {
    name: String,
    ingest: Option<String>,
    read: Option<String>,
    write: Option<String>,
}

/// Lists tokens.
pub(crate) async fn show(Editor(caller): Editor, State(app): State<App>) -> Result<Response, Problem> {
    let form = NewToken { ingest: Some("on".to_owned()), ..NewToken::default() };
    page(&app, &caller, &form, None, Errors::default()).await
}

/// Makes a token, and shows it this once.
pub(crate) async fn create(
    Editor(caller): Editor,
    State(app): State<App>,
    Form(form): Form<NewToken>,
) -> Result<Response, Problem> {
    let chosen = [(Scope::Ingest, &form.ingest), (Scope::Read, &form.read), (Scope::Write, &form.write)];
    let chosen = chosen.into_iter().filter_map(|(scope, chosen)| chosen.as_ref().map(|_| scope));
    let made = match Scopes::new(chosen) {
        Ok(scopes) => {
            let (id, now) = (caller.person().id, app.clock().now());
            app.catalog().create_token(&form.name, scopes, Some(id), &caller.actor(), now).await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok((token, secret)) => {
            page(&app, &caller, &NewToken::default(), Some((token, secret)), Errors::default()).await
        }
        Err(error) => page(&app, &caller, &form, None, Errors::from_catalog(error)?).await,
    }
}

/// Ends a token for good.
pub(crate) async fn revoke(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(token): Path<i64>,
) -> Result<Redirect, Problem> {
    app.catalog().revoke_token(token, &caller.actor(), app.clock().now()).await?;
    Ok(Redirect::to("/settings/tokens"))
}

async fn page(
    app: &App,
    caller: &Caller,
    form: &NewToken,
    made: Option<(Token, Secret)>,
    errors: Errors,
) -> Result<Response, Problem> {
    let tokens = app.catalog().tokens().await?;
    let html = layout::titled(caller, Section::Tokens, "Tokens", || {
        view! {
            <div class="stack">
                {made.map(|(token, secret)| shown_once(&token, &secret))}
                <section class="card">
                    <header><h2>"Make a token"</h2></header>
                    <div class="body">{new_token_form(caller, form, &errors)}</div>
                </section>
                <section class="card">
                    <header><h2>"Tokens"</h2></header>
                    {tokens.is_empty().then(|| view! { <div class="body"><p class="muted">"There is none yet."</p></div> })}
                    <ul class="list">{tokens.iter().map(|token| token_line(caller, token)).collect_view()}</ul>
                </section>
            </div>
        }
    });
    Ok((errors.status(), html).into_response())
}

fn shown_once(token: &Token, secret: &Secret) -> impl IntoView + use<> {
    view! {
        <section class="card" role="status">
            <header><h2>{format!("The token for {}", token.name)}</h2></header>
            <div class="body">
                <p>"Copy it now. It is shown only this once."</p>
                <pre class="code" tabindex="0" id="new-token">{secret.reveal().to_owned()}</pre>
            </div>
        </section>
    }
}

fn new_token_form(caller: &Caller, form: &NewToken, errors: &Errors) -> impl IntoView + use<> {
    let scopes_error = errors.of("scopes");
    let described = scopes_error.is_some().then_some("scopes-error");
    view! {
        <form class="form" action="/settings/tokens" method="post">
            {form_token(caller.form_token())}
            {whole(errors.of(WHOLE))}
            {NAME.view(&form.name, errors.of(NAME.name()))}
            <fieldset class="field" aria-describedby=described>
                <legend>"What it may do"</legend>
                <label class="check">
                    <input type="checkbox" name="ingest" checked=form.ingest.is_some()/>
                    " send telemetry and check in (ingest)"
                </label>
                <label class="check">
                    <input type="checkbox" name="read" checked=form.read.is_some()/>
                    " read what the pages show (read)"
                </label>
                <label class="check">
                    <input type="checkbox" name="write" checked=form.write.is_some()/>
                    " change SLOs, and read (write)"
                </label>
                {scopes_error.map(|error| view! { <p class="error" id="scopes-error">{error}</p> })}
            </fieldset>
            <button class="button primary" type="submit">"Make the token"</button>
        </form>
    }
}

fn token_line(caller: &Caller, token: &Token) -> impl IntoView + use<> {
    let scopes = token.scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(" and ");
    let works = token.revoked_at.is_none();
    let by = token.created_by.as_deref().map(|by| format!(" by {by}")).unwrap_or_default();
    let used = token.last_used_at.map_or_else(
        || "; never used".into_any(),
        |at| view! { "; last used "{time::moment(at)} }.into_any(),
    );
    let revoked = token.revoked_at.map(|at| view! { "; revoked "{time::moment(at)} });
    view! {
        <li>
            <div class="grow">
                {token.name.clone()} " " <code>{format!("{}…", token.hint)}</code>
                <p class="sub">{scopes}"; made "{time::moment(token.created_at)}{by}{used}{revoked}</p>
            </div>
            {works.then(|| view! {
                <form action=format!("/settings/tokens/{}/revoke", token.id) method="post">
                    {form_token(caller.form_token())}
                    <button class="button small danger" type="submit">"Revoke"</button>
                </form>
            })}
        </li>
    }
}

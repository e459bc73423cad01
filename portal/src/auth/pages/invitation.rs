//! A person chooses a password, with the link that an admin gave them.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::{CatalogError, Person};
use serde::Deserialize;

use super::{Errors, errors::WHOLE};
use crate::{
    auth::{Anyone, ClientAddress, FormKey},
    problem::Problem,
    state::App,
    web::{
        field::{Field, form_token, whole},
        layout,
    },
};

const PASSWORD: Field =
    Field::password("password", "Password", "new-password").hint("At least 12 characters.");
const AGAIN: Field = Field::password("again", "The same password again", "new-password");

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    password: String,
    again: String,
}

/// Shows the form, while the link works.
pub(crate) async fn show(
    _: Anyone,
    State(app): State<App>,
    key: FormKey,
    Path(secret): Path<String>,
) -> Result<Response, Problem> {
    let person = invited(&app, &secret).await?;
    Ok(page(key, &secret, &person, Errors::default()))
}

/// Sets the password. The person signs in with it next.
pub(crate) async fn accept(
    _: Anyone,
    State(app): State<App>,
    key: FormKey,
    address: ClientAddress,
    Path(secret): Path<String>,
    Form(form): Form<Chosen>,
) -> Result<Response, Problem> {
    let person = invited(&app, &secret).await?;
    let mut errors = Errors::default();
    errors.expect(form.password == form.again, AGAIN.name(), "The two passwords differ. Type both again.");
    if !errors.is_empty() {
        return Ok(page(key, &secret, &person, errors));
    }
    let hash = match app.door().passwords.hash(&form.password).await {
        Ok(hash) => hash,
        Err(error) => return Ok(page(key, &secret, &person, Errors::from_catalog(error)?)),
    };
    let accepted =
        app.catalog().accept_invitation(&secret, &hash, &address.to_string(), app.clock().now()).await;
    match accepted {
        Ok(()) => Ok(Redirect::to("/sign-in").into_response()),
        Err(CatalogError::NotFound(_)) => Err(used_up()),
        Err(error) => Err(error.into()),
    }
}

async fn invited(app: &App, secret: &str) -> Result<Person, Problem> {
    app.catalog().invited(secret, app.clock().now()).await?.ok_or_else(used_up)
}

fn used_up() -> Problem {
    Problem::not_found(
        "This link does not work any more",
        "It was used already, or is older than a week. Ask an admin of this portal for a new one.",
    )
}

fn page(key: FormKey, secret: &str, person: &Person, errors: Errors) -> Response {
    let action = format!("/invitation/{secret}");
    let html = layout::door("Choose a password", || {
        view! {
            <p>{format!("{}, you sign in as ", person.name)}<b>{person.login.clone()}</b>"."</p>
            <form class="form" action=action method="post">
                {form_token(key.token())}
                {whole(errors.of(WHOLE))}
                // Tells password managers whose password this is.
                <input type="text" name="login" autocomplete="username" value=person.login.clone() readonly hidden/>
                {PASSWORD.view("", errors.of(PASSWORD.name()))}
                {AGAIN.view("", errors.of(AGAIN.name()))}
                <button class="button primary wide" type="submit">"Keep this password"</button>
            </form>
        }
    });
    (errors.status(), key, html).into_response()
}

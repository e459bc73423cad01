//! People: admins invite them, say what they may do, and bar them.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::{AuditEntry, CatalogError, Invitation, Person, Role};
use serde::Deserialize;

use super::{Errors, errors::WHOLE};
use crate::{
    auth::{Admin, Caller},
    problem::Problem,
    state::App,
    web::{
        field::{Field, form_token, whole},
        layout,
        nav::Section,
        time,
    },
};

const NAME: Field = Field::text("name", "Name", "off");
const LOGIN: Field = Field::text("login", "Name or e-mail to sign in with", "off");
/// Lines of the audit log on the page.
const LATEST: u64 = 50;

/// What the form for an invitation holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Invite {
    name: String,
    login: String,
    role: String,
}

/// What the form for a role holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewRole {
    role: String,
}

/// Lists people.
pub(crate) async fn show(Admin(caller): Admin, State(app): State<App>) -> Result<Response, Problem> {
    page(&app, &caller, &Invite::default(), None, Errors::default()).await
}

/// Invites a person, and shows the link this once.
pub(crate) async fn invite(
    Admin(caller): Admin,
    State(app): State<App>,
    Form(form): Form<Invite>,
) -> Result<Response, Problem> {
    let invited = match form.role.parse() {
        Ok(role) => {
            app.catalog().invite(&form.name, &form.login, role, &caller.actor(), app.clock().now()).await
        }
        Err(error) => Err(error),
    };
    match invited {
        Ok(invitation) => page(&app, &caller, &Invite::default(), Some(invitation), Errors::default()).await,
        Err(error) => page(&app, &caller, &form, None, Errors::from_catalog(error)?).await,
    }
}

/// Makes a new link for somebody who lost theirs or forgot the password.
pub(crate) async fn link(
    Admin(caller): Admin,
    State(app): State<App>,
    Path(person): Path<i64>,
) -> Result<Response, Problem> {
    let made = app.catalog().invite_again(person, &caller.actor(), app.clock().now()).await?;
    page(&app, &caller, &Invite::default(), Some(made), Errors::default()).await
}

/// Changes what a person may do.
pub(crate) async fn change_role(
    Admin(caller): Admin,
    State(app): State<App>,
    Path(person): Path<i64>,
    Form(form): Form<NewRole>,
) -> Result<Response, Problem> {
    let role = form.role.parse()?;
    let changed = app.catalog().change_role(person, role, &caller.actor(), app.clock().now()).await;
    done(&app, &caller, changed).await
}

/// Bars a person, and signs them out.
pub(crate) async fn disable(
    Admin(caller): Admin,
    State(app): State<App>,
    Path(person): Path<i64>,
) -> Result<Response, Problem> {
    let disabled = app.catalog().disable_person(person, &caller.actor(), app.clock().now()).await;
    done(&app, &caller, disabled).await
}

/// Lets a person in again.
pub(crate) async fn enable(
    Admin(caller): Admin,
    State(app): State<App>,
    Path(person): Path<i64>,
) -> Result<Response, Problem> {
    let enabled = app.catalog().enable_person(person, &caller.actor(), app.clock().now()).await;
    done(&app, &caller, enabled).await
}

async fn done(app: &App, caller: &Caller, outcome: Result<(), CatalogError>) -> Result<Response, Problem> {
    match outcome {
        Ok(()) => Ok(Redirect::to("/settings/people").into_response()),
        Err(error @ CatalogError::LastAdmin) => {
            let conflict = Problem::from(error);
            let errors = Errors::with_status(conflict.status(), WHOLE, conflict.detail());
            page(app, caller, &Invite::default(), None, errors).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    app: &App,
    caller: &Caller,
    form: &Invite,
    made: Option<Invitation>,
    errors: Errors,
) -> Result<Response, Problem> {
    let people = app.catalog().people().await?;
    let log = app.catalog().audit_log(None, LATEST).await?;
    let base = app.settings().public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
    let html = layout::titled(caller, Section::People, "People", || {
        view! {
            <div class="stack">
                {made.map(|made| shown_once(&made, base.as_deref()))}
                {whole(errors.of(WHOLE))}
                <section class="card">
                    <header><h2>"Invite somebody"</h2></header>
                    <div class="body">{invite_form(caller, form, &errors)}</div>
                </section>
                <section class="card">
                    <header><h2>"People"</h2></header>
                    <ul class="list">{people.iter().map(|person| person_line(caller, person)).collect_view()}</ul>
                </section>
                <section class="card">
                    <header><h2>"What was done to accounts"</h2></header>
                    <ul class="list">{log.iter().map(audit_line).collect_view()}</ul>
                </section>
            </div>
        }
    });
    Ok((errors.status(), html).into_response())
}

fn shown_once(made: &Invitation, base: Option<&str>) -> impl IntoView + use<> {
    let path = format!("/invitation/{}", made.secret.reveal());
    let link = format!("{}{path}", base.unwrap_or_default());
    view! {
        <section class="card" role="status">
            <header><h2>{format!("The link for {}", made.person.name)}</h2></header>
            <div class="body">
                <p>
                    "Send it to nobody else. It is shown only this once, and works once, until "
                    {time::moment(made.expires_at)}"."
                </p>
                <p><a id="new-link" href=path>{link}</a></p>
            </div>
        </section>
    }
}

fn invite_form(caller: &Caller, form: &Invite, errors: &Errors) -> impl IntoView + use<> {
    view! {
        <form class="form" action="/settings/people" method="post">
            {form_token(caller.form_token())}
            {NAME.view(&form.name, errors.of(NAME.name()))}
            {LOGIN.view(&form.login, errors.of(LOGIN.name()))}
            {role_field("role", &form.role, errors.of("role"))}
            <button class="button primary" type="submit">"Make the invitation"</button>
        </form>
    }
}

fn role_field(id: &str, chosen: &str, error: Option<String>) -> impl IntoView + use<> {
    let (id, error_id) = (id.to_owned(), format!("{id}-error"));
    let options = Role::ALL.map(|role| {
        view! { <option value=role.as_str() selected=role.as_str() == chosen>{role.as_str()}</option> }
    });
    view! {
        <div class="field">
            <label for=id.clone()>"Role"</label>
            <select
                class="select" id=id name="role"
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=error.is_some().then(|| error_id.clone())
            >
                {options.into_iter().collect_view()}
            </select>
            {error.map(|error| view! { <p class="error" id=error_id>{error}</p> })}
        </div>
    }
}

fn person_line(caller: &Caller, person: &Person) -> impl IntoView + use<> {
    let state = match (person.disabled_at, person.has_password, person.last_signed_in_at) {
        (Some(at), _, _) => view! { "disabled since "{time::moment(at)} }.into_any(),
        (None, false, _) => "invited, has not chosen a password yet".into_any(),
        (None, true, None) => "never signed in".into_any(),
        (None, true, Some(at)) => view! { "last signed in "{time::moment(at)} }.into_any(),
    };
    let path = format!("/settings/people/{}", person.id);
    let disabled = person.disabled_at.is_some();
    let token = caller.form_token();
    view! {
        <li>
            <div class="grow">
                {person.name.clone()} " " <span class="mono">{person.login.clone()}</span>
                <p class="sub">{format!("{}, ", person.role)}{state}</p>
            </div>
            <form class="row" action=format!("{path}/role") method="post">
                {form_token(token)}
                {role_field(&format!("role-{}", person.id), person.role.as_str(), None)}
                <button class="button small" type="submit">"Change"</button>
            </form>
            {(!disabled).then(|| view! {
                {button(token, format!("{path}/link"), "New link")}
                {button(token, format!("{path}/disable"), "Disable")}
            })}
            {disabled.then(|| button(token, format!("{path}/enable"), "Enable"))}
        </li>
    }
}

fn button(token: &str, action: String, label: &'static str) -> impl IntoView + use<> {
    view! {
        <form action=action method="post">
            {form_token(token)}
            <button class="button small" type="submit">{label}</button>
        </form>
    }
}

fn audit_line(entry: &AuditEntry) -> impl IntoView + use<> {
    let what = format!("{}: {} ({})", entry.actor, entry.action, entry.subject);
    let from = if entry.address.is_empty() { String::new() } else { format!(" from {}", entry.address) };
    view! { <li><div class="grow">{what}<p class="sub">{time::moment(entry.at)}{from}</p></div></li> }
}

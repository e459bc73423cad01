//! One template: its versions, what each says, and what changed between them.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use serde::Deserialize;

use super::in_use;
use crate::{
    auth::{Admin, Caller, Viewer},
    problem::Problem,
    state::App,
    view::templates::{self, TemplateView, VersionLine, VersionQuery, draft},
    web::{
        crumbs::Crumbs,
        field::form_token,
        format,
        icon::icon,
        layout::page,
        link,
        nav::Section,
        records::diff_view,
        table::{Column, column, row_head, table},
        time,
    },
};

const COLUMNS: [Column; 4] = [
    column("Version", "name-cell"),
    column("State", "two"),
    column("Added", "two"),
    column("Compare and use", "full"),
];

/// The form that puts a version into use, or takes the template out of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Used {
    /// Empty to take it out of use.
    version: String,
    /// The version in use that was seen; empty where none was.
    expected: String,
}

/// Shows a template.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<VersionQuery>,
) -> Result<Response, Problem> {
    let view = templates::one(&app, &id, &query).await?;
    Ok(render(&caller, &view).into_response())
}

/// Puts a version into use, or takes the template out of use.
pub(crate) async fn change_use(
    Admin(caller): Admin,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(used): Form<Used>,
) -> Result<Redirect, Problem> {
    draft::keep_built_in(&app, &id, &caller).await?;
    let filled = |text: &'_ str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let (version, expected) = (filled(&used.version), filled(&used.expected));
    let (actor, now) = (caller.actor(), app.clock().now());
    app.catalog().use_template(&id, version.as_deref(), expected.as_deref(), &actor, now).await?;
    Ok(Redirect::to(&link::template(&id)))
}

fn render(caller: &Caller, view: &TemplateView) -> Html<String> {
    let admin = caller.role() >= Role::Admin;
    page(caller, Section::Templates, &view.title, || {
        view! {
            {Crumbs::of("/settings/templates", "Templates").here(&view.title)}
            {head(caller, view, admin)}
            <div class="stack">{versions(caller, view, admin)}{diff(view)}{text(view)}</div>
        }
    })
}

fn head(caller: &Caller, view: &TemplateView, admin: bool) -> impl IntoView + use<> {
    let state = match &view.used {
        Some(version) => in_use(version).into_any(),
        None => view! { <span class="status muted">{icon("na")}"Out of use"</span> }.into_any(),
    };
    let built_in = view.built_in.then(|| view! { <span class="badge">"built in"</span> });
    let take_out = view.used.as_ref().map(|used| {
        view! { {use_form(caller, &view.id, "", Some(used), "button", "Take out of use")} }
    });
    let actions = admin.then(|| {
        view! {
            <div class="actions">
                {take_out}
                <a class="button primary" href=format!("{}/edit", link::template(&view.id))>"New version"</a>
            </div>
        }
    });
    let services = format::plural(view.services, "service");
    view! {
        <div class="page-head">
            <h1>{view.title.clone()}</h1>{built_in}{state}
            {actions}
            <p class="sub"><span class="mono">{view.id.clone()}</span><span class="dot">"·"</span>{services}" judged by it"</p>
        </div>
    }
}

fn use_form(
    caller: &Caller,
    id: &str,
    version: &str,
    expected: Option<&String>,
    class: &'static str,
    word: &'static str,
) -> impl IntoView + use<> {
    view! {
        <form method="post" action=format!("{}/use", link::template(id))>
            {form_token(caller.form_token())}
            <input type="hidden" name="version" value=version.to_owned()/>
            <input type="hidden" name="expected" value=expected.cloned().unwrap_or_default()/>
            <button class=class type="submit">{word}</button>
        </form>
    }
}

fn versions(caller: &Caller, view: &TemplateView, admin: bool) -> impl IntoView + use<> {
    let before = view.versions.iter().skip(1).map(Some).chain([None]);
    let rows: Vec<_> = view
        .versions
        .iter()
        .zip(before)
        .map(|(line, before)| version(caller, view, line, before, admin))
        .collect();
    view! {
        <section class="card"><header><h2>"Versions"</h2></header>{table("Versions, the latest first", &COLUMNS, rows)}</section>
    }
}

fn version(
    caller: &Caller,
    view: &TemplateView,
    line: &VersionLine,
    before: Option<&VersionLine>,
    admin: bool,
) -> impl IntoView + use<> {
    let [_, state, added, actions] = COLUMNS;
    let page = link::template(&view.id);
    let of =
        |version: &str, against: &str| link::with_query(&page, &[("version", version), ("against", against)]);
    let told = if line.in_use {
        view! { <span class="status is-pass">{icon("pass")}"In use"</span> }.into_any()
    } else {
        view! { <span class="muted">"kept"</span> }.into_any()
    };
    let by = match line.added.clone() {
        Some((at, by)) => view! { {time::minute(at)}<span class="sub">"by "{by}</span> }.into_any(),
        None => "with the portal".into_any(),
    };
    let before = before.map(|before| {
        let to = of(&line.version, &before.version);
        view! { <a href=to>{format!("changes since {}", before.version)}</a> }
    });
    let against_used = view.used.as_ref().filter(|used| **used != line.version).map(|used| {
        let to = of(&line.version, used);
        view! { <a href=to>"changes against the one in use"</a> }
    });
    let put = (admin && !line.in_use).then(|| {
        use_form(caller, &view.id, &line.version, view.used.as_ref(), "button small", "Put into use")
    });
    let here = (line.version == view.shown).then_some("true");
    view! {
        <tr role="row">
            {row_head(view! { <a href=of(&line.version, "") aria-current=here>{line.version.clone()}</a> })}
            {state.cell(told)}
            {added.cell(by)}
            {actions.cell(view! { <div class="row">{before}{against_used}{put}</div> })}
        </tr>
    }
}

fn diff(view: &TemplateView) -> Option<impl IntoView + use<>> {
    let (against, diff) = view.diff.as_ref()?;
    let title = format!("From {against} to {}", view.shown);
    let end = format!(
        "{} added, {} taken out",
        format::plural(diff.added, "line"),
        format::plural(diff.removed, "line")
    );
    Some(view! {
        <section class="card" id="diff">
            <header><h2>{title}</h2><div class="end">{end}</div></header>
            <div class="body">{diff_view(diff)}</div>
        </section>
    })
}

fn text(view: &TemplateView) -> impl IntoView + use<> {
    let invalid = view.invalid.as_ref().map(|invalid| {
        view! {
            <p class="notice fail">{icon("fail")}<span>"This portal cannot read it, and judges nobody by it: "<span class="wrap">{invalid.to_string()}</span></span></p>
        }
    });
    view! {
        <section class="card" id="yaml">
            <header><h2>{format!("Version {}", view.shown)}</h2></header>
            <div class="body stack">{invalid}<pre class="code" tabindex="0">{view.yaml.clone()}</pre></div>
        </section>
    }
}

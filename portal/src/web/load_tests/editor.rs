//! The form that enters a load test, by hand or from what a tool wrote, and changes it.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_records::{LoadTest, Mistake};
use serde::Deserialize;

use super::{
    PATH,
    one::asked as asked_card,
    typed::{FIELDS, Typed},
};
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    records::{self, Entry, Kept, NotTaken},
    state::App,
    view::{
        fleet,
        load_tests::{
            imported::{self, Told, title},
            within::{Asked, asked},
        },
        running,
    },
    web::{
        crumbs::Crumbs,
        field::{Area, Field, form_token, pressed_by_enter},
        icon::icon,
        layout::page,
        nav::Section,
        records::{Refusal, delete_card, saved_meanwhile, service_field},
        time,
    },
};

const RAN_AT: Field = Field::text("ran_at", "Ran at", "off").kind("datetime-local");
const BUILD: Field = Field::optional("build", "Build")
    .like("1.8.2")
    .hint("the version that was tested, as its instances report it");
const TOOL: Field = Field::text("tool", "Tool", "off").like("k6");
const TARGET: Field = Field::text("target", "Target", "off")
    .like("https://shop.example/orders")
    .hint("what the load was sent to");
const DURATION: Field =
    Field::text("duration", "Ran for", "off").like("5 min").hint("seconds, or with a unit");
const HIGHEST: Field = Field::optional("highest", "Highest rate within SLO")
    .like("120")
    .hint("requests per second; left empty it is the highest step that holds the SLOs, below the lowest that does not");
const STAGES: Area = Area {
    name: "stages",
    label: "Steps",
    hint: "a line each: requests/s, p50 ms, p95 ms, p99 ms, failed %; - for what nobody measured: 100, 12, 40, 85, 0.2",
};
const NOTE: Area = Area { name: "note", label: "Note", hint: "" };
const WARNING: &str = "It goes with all its versions, and proves nothing any more.";
const LINK: Field = Field::optional("link", "Link").kind("url").hint("where the whole result is");
const OUTPUT: Area = Area {
    name: "output",
    label: "Output",
    hint: "of k6 run --summary-export FILE, oha --output-format json, vegeta report -type=json, or wrk --latency",
};

/// What the form may be opened with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    service: String,
}

/// What is shown with the form.
#[derive(Default)]
struct Shown {
    refusal: Refusal,
    /// Of what was read from a tool's output: sentences about it.
    remarks: Option<Vec<String>>,
}

impl From<Refusal> for Shown {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, remarks: None }
    }
}

/// An empty form.
pub(crate) async fn new(
    Editor(caller): Editor,
    State(app): State<App>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let build = running::build(&app, wish.service.trim()).await?;
    let typed = Typed::new(wish.service, build, app.clock().now(), &caller.preferences().zone);
    form_page(&app, &caller, &typed, Shown::default()).await
}

/// The form with a load test as it is.
pub(crate) async fn edit(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let entry = records::find::<LoadTest>(&app, id).await?;
    form_page(&app, &caller, &Typed::of(&entry, &caller.preferences().zone), Shown::default()).await
}

/// Reads what a tool wrote into the form. Keeps nothing.
pub(crate) async fn look(
    Editor(caller): Editor,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let zone = &caller.preferences().zone;
    if let Err(mistake) = known(&app, typed.service.trim()).await? {
        return form_page(&app, &caller, &typed, Refusal::of(NotTaken::Wrong(vec![mistake]))?.into()).await;
    }
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let told = Told {
        build: some(&typed.build),
        target: typed.target.trim().to_owned(),
        ran_at: time::read(&typed.ran_at, zone),
        link: None,
    };
    match imported::read(&app, typed.service.trim(), &typed.output, told).await? {
        Ok(read) => {
            let filled = typed.with(&read.record, &read.remarks, zone);
            let shown = Shown { remarks: Some(read.remarks), ..Shown::default() };
            form_page(&app, &caller, &filled, shown).await
        }
        Err(mistake) => {
            let beside = if mistake.field == "target" { "target" } else { "output" };
            let mistake = Mistake { field: beside.to_owned(), message: mistake.to_string() };
            form_page(&app, &caller, &typed, Refusal::of(NotTaken::Wrong(vec![mistake]))?.into()).await
        }
    }
}

/// Enters it.
pub(crate) async fn create(
    Editor(caller): Editor,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    save(&app, &caller, &Typed { edits: 0, ..typed }).await
}

/// Changes it.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    save(&app, &caller, &Typed { edits: id, ..typed }).await
}

/// Deletes it.
pub(crate) async fn delete(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Redirect, Problem> {
    records::delete::<LoadTest>(&app, &caller.actor(), id).await?;
    Ok(Redirect::to(PATH))
}

async fn save(app: &App, caller: &Caller, typed: &Typed) -> Result<Response, Problem> {
    let before = match typed.edits {
        0 => None,
        id => Some(records::find::<LoadTest>(app, id).await?),
    };
    match write(app, caller, typed, before).await {
        Ok(entry) => Ok(Redirect::to(&entry.page()).into_response()),
        Err(error) => form_page(app, caller, typed, Refusal::of(error)?.into()).await,
    }
}

async fn write(
    app: &App,
    caller: &Caller,
    typed: &Typed,
    before: Option<Entry<LoadTest>>,
) -> Result<Entry<LoadTest>, NotTaken> {
    let service = typed.service.trim();
    let test = match (known(app, service).await?, typed.test(&caller.preferences().zone)) {
        (Ok(()), Ok(test)) => judged(test, &asked(app, service).await?),
        (known, test) => {
            return Err(NotTaken::Wrong(
                known.err().into_iter().chain(test.err().into_iter().flatten()).collect(),
            ));
        }
    };
    let (actor, title) = (caller.actor(), title(&test));
    match before {
        None => records::create(app, &actor, service, &title, &test).await,
        Some(before) => {
            let (service, version) = (service.to_owned(), typed.version);
            records::save(app, &actor, &Entry { version, service, title, body: test, ..before }).await
        }
    }
}

/// A rate that nobody has said follows from the steps.
fn judged(test: LoadTest, asked: &Asked) -> LoadTest {
    let from_steps = || asked.within.and_then(|within| test.highest_within(&within));
    let highest_rate_within_slo = test.highest_rate_within_slo.or_else(from_steps);
    LoadTest { highest_rate_within_slo, ..test }
}

/// Whether the portal knows the service: a slip would make a load test that nobody finds.
async fn known(app: &App, name: &str) -> Result<Result<(), Mistake>, Problem> {
    if !name.is_empty() && app.catalog().service(name).await?.is_some() {
        return Ok(Ok(()));
    }
    let message = match name {
        "" => "say which service was tested".to_owned(),
        name => {
            format!("the portal knows no service {name:?}; take one of the list, or let it check in first")
        }
    };
    Ok(Err(Mistake { field: "service".to_owned(), message }))
}

async fn form_page(app: &App, caller: &Caller, typed: &Typed, shown: Shown) -> Result<Response, Problem> {
    let services = fleet::named(app, "").await?;
    let asked = asked(app, typed.service.trim()).await?;
    let title = if typed.edits > 0 { "Change a load test" } else { "Enter a load test" };
    let theirs = match shown.refusal.is_conflict() {
        true => Some(records::find::<LoadTest>(app, typed.edits).await?),
        false => None,
    };
    // Who has been shown what others saved, and saves again, has seen their version.
    let seen = theirs.as_ref().map_or(typed.version, |entry| entry.version);
    let html = page(caller, Section::LoadTests, title, || {
        let zone = &caller.preferences().zone;
        let theirs = theirs
            .as_ref()
            .map(|entry| saved_meanwhile(&entry.updated_by, &Typed::of(entry, zone).whole(), &typed.whole()));
        view! {
            {Crumbs::of(PATH, "Load tests").here(if typed.edits > 0 { "Change" } else { "Enter" })}
            <div class="page-head"><h1>{title}</h1></div>
            <div class="with-side">
                <div class="stack">
                    {theirs}{shown.remarks.as_deref().map(recognised)}
                    <section class="card"><div class="body">{fields(caller, typed, &services, (&shown.refusal, seen))}</div></section>
                    {(typed.edits > 0).then(|| delete_card(caller, format!("{}/delete", LoadTest::page(typed.edits)), "load test", WARNING.to_owned()))}
                </div>
                <div class="stack">{asked_card(&asked.lines)}</div>
            </div>
        }
    });
    Ok((shown.refusal.status(), html).into_response())
}

/// What the importer has to say.
fn recognised(remarks: &[String]) -> impl IntoView + use<> {
    let remarks: Vec<_> = remarks.iter().map(|remark| view! { <li>{remark.clone()}</li> }).collect();
    view! {
        <section class="card" role="status">
            <header><h2>"Read, and not saved yet"</h2></header>
            <div class="body stack">
                <p>"The form is filled in from the output. Look at it, change what is wrong, then save."</p>
                <ul class="prose">{remarks}</ul>
            </div>
        </section>
    }
}

fn fields(
    caller: &Caller,
    typed: &Typed,
    services: &[String],
    (refusal, seen): (&Refusal, i64),
) -> impl IntoView + use<> {
    let of = |name: &str| refusal.at(name);
    let action = if typed.edits > 0 { LoadTest::page(typed.edits) } else { PATH.to_owned() };
    let open = of("output").is_some() || (typed.edits == 0 && typed.tool.is_empty());
    view! {
        <form class="form" action=action method="post">
            {pressed_by_enter()}
            {form_token(caller.form_token())}
            <input type="hidden" name="version" value=seen.to_string()/>
            <input type="hidden" name="edits" value=typed.edits.to_string()/>
            {refusal.elsewhere(&FIELDS)}
            {service_field(&typed.service, services, "the one that was tested", of("service"))}
            <details class="fields" open=open>
                <summary>{icon("download")}"Read what a tool wrote"</summary>
                {OUTPUT.view(&typed.output, of("output"))}
                <button class="button" type="submit" formaction="/load-tests/look" formnovalidate=true>"Read it into the form"</button>
            </details>
            {RAN_AT.view(&typed.ran_at, of("ran_at"))}
            {BUILD.view(&typed.build, of("build"))}
            {TOOL.view(&typed.tool, of("tool"))}
            {TARGET.view(&typed.target, of("target"))}
            {DURATION.view(&typed.duration, of("duration_s"))}
            {HIGHEST.view(&typed.highest, of("highest_rate_within_slo"))}
            {STAGES.view(&typed.stages, of("stages"))}
            {NOTE.view(&typed.note, of("note"))}
            {LINK.view(&typed.link, of("link"))}
            <button class="button primary" type="submit">"Save"</button>
        </form>
    }
}

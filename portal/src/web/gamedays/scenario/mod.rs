//! A scenario: added by hand or from a journal of the Chaos Toolkit, begun and ended by a button, and what happened.

mod typed;

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use leptos::prelude::*;
use seaworthy_records::{Gameday, Scenario, import};
use serde::Deserialize;

use self::typed::{Typed, both};
use super::{
    PATH,
    conclusion::{verdict, verdicts},
    merge::changed,
    part::{of_element, place},
};
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    records::{self, Entry, NotTaken},
    state::App,
    view::running::{self, Dependency},
    web::{
        crumbs::Crumbs,
        field::{Area, Field, form_token, pressed_by_enter, suggestions},
        icon::icon,
        layout::page,
        nav::Section,
        records::{Refusal, saved_meanwhile},
    },
};

const FIELDS: [&str; 8] =
    ["title", "expected", "taken_away", "started_at", "ended_at", "actual", "verdict", "journal"];
const TITLE: Field = Field::text("title", "What is done", "off").like("Take away the database for 5 min");
const EXPECTED: Area = Area {
    name: "expected",
    label: "What should happen then",
    hint: "orders are queued, nobody sees an error",
};
const TAKEN_AWAY: Field = Field::optional("taken_away", "Dependency that is taken away")
    .list("dependencies")
    .hint("by the name that the service reports it under; empty where none is");
const STARTED: Field = Field::optional("started_at", "Began").kind("datetime-local");
const ENDED: Field = Field::optional("ended_at", "Ended").kind("datetime-local");
const ACTUAL: Area = Area { name: "actual", label: "What happened", hint: "" };
const JOURNAL: Area = Area { name: "journal", label: "Journal", hint: "of chaos run --journal-path FILE" };

/// A button of a scenario.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Pressed {
    /// The title, as it was seen.
    title: String,
}

/// What the form is shown with.
struct Shown<'s> {
    entry: &'s Entry<Gameday>,
    /// The place of the scenario; none for a new one.
    index: Option<usize>,
    typed: &'s Typed,
    refusal: Refusal,
    /// Of what was read from a journal: sentences about it.
    remarks: Option<Vec<String>>,
}

/// An empty form.
pub(crate) async fn new(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let entry = records::find::<Gameday>(&app, id).await?;
    Shown::new(&entry, None, &Typed::default()).page(&app, &caller).await
}

/// Reads a journal into the form. Keeps nothing.
pub(crate) async fn look(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let entry = records::find::<Gameday>(&app, id).await?;
    match import::scenario(&typed.journal) {
        Ok(read) => {
            let taken_away = read.record.taken_away.clone().unwrap_or_else(|| typed.taken_away.clone());
            let filled = Typed { taken_away, ..Typed::filled(&read.record, &caller.preferences().zone) };
            let shown = Shown { remarks: Some(read.remarks), ..Shown::new(&entry, None, &filled) };
            shown.page(&app, &caller).await
        }
        Err(mistake) => {
            let refusal = Refusal::of(NotTaken::wrong("journal", mistake.to_string()))?;
            Shown { refusal, ..Shown::new(&entry, None, &typed) }.page(&app, &caller).await
        }
    }
}

/// Adds a scenario.
pub(crate) async fn add(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let added = match typed.scenario(&caller.preferences().zone) {
        Err(mistakes) => Err(NotTaken::Wrong(mistakes)),
        Ok(scenario) => {
            records::amend::<Gameday>(&app, &caller.actor(), id, |entry| {
                entry.body.scenarios.push(scenario.clone());
                Ok(())
            })
            .await
        }
    };
    match added {
        Ok(entry) => {
            Ok(Redirect::to(&at(&entry, entry.body.scenarios.len().saturating_sub(1))).into_response())
        }
        Err(error) => {
            let refusal = Refusal::of(of_element(error, "scenarios"))?;
            let entry = records::find::<Gameday>(&app, id).await?;
            Shown { refusal, ..Shown::new(&entry, None, &typed) }.page(&app, &caller).await
        }
    }
}

/// The form with a scenario as it is.
pub(crate) async fn edit(
    Editor(caller): Editor,
    State(app): State<App>,
    Path((id, index)): Path<(i64, usize)>,
) -> Result<Response, Problem> {
    let entry = records::find::<Gameday>(&app, id).await?;
    let scenario = entry.body.scenarios.get(index).ok_or_else(|| {
        Problem::not_found(
            format!("This gameday has no scenario {}, or not any more", index.saturating_add(1)),
            "Its page shows those that it has.",
        )
    })?;
    let typed = Typed::of(scenario, &caller.preferences().zone)?;
    Shown::new(&entry, Some(index), &typed).page(&app, &caller).await
}

/// Changes a scenario: its plan, or what happened.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path((id, index)): Path<(i64, usize)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let zone = &caller.preferences().zone;
    let saved = match (typed.scenario(zone), typed.was()) {
        (Err(mistakes), _) => Err(NotTaken::Wrong(mistakes)),
        (Ok(_), None) => {
            Err(NotTaken::wrong("", "the form does not say what it was opened with; open it again"))
        }
        (Ok(said), Some(was)) => {
            records::amend::<Gameday>(&app, &caller.actor(), id, |entry| {
                let index = place(entry, &titles(entry), (index, &was.title), WHAT)?;
                let merged =
                    both(&was, &entry.body.scenarios[index], &said).ok_or_else(|| changed(entry, WHAT))?;
                entry.body.scenarios[index] = merged;
                Ok(())
            })
            .await
        }
    };
    match saved {
        Ok(entry) => Ok(Redirect::to(&at(&entry, index)).into_response()),
        Err(error) => {
            let refusal = Refusal::of(of_element(error, "scenarios"))?;
            let entry = records::find::<Gameday>(&app, id).await?;
            Shown { refusal, ..Shown::new(&entry, Some(index), &typed) }.page(&app, &caller).await
        }
    }
}

/// It begins now. Twice is once.
pub(crate) async fn start(
    editor: Editor,
    app: State<App>,
    path: Path<(i64, usize)>,
    form: Form<Pressed>,
) -> Result<Redirect, Problem> {
    press(editor, app, path, form, |scenario, now| {
        scenario.started_at.get_or_insert(now);
    })
    .await
}

/// It ends now. Twice is once.
pub(crate) async fn end(
    editor: Editor,
    app: State<App>,
    path: Path<(i64, usize)>,
    form: Form<Pressed>,
) -> Result<Redirect, Problem> {
    press(editor, app, path, form, |scenario, now| {
        if let Some(started_at) = scenario.started_at {
            scenario.ended_at.get_or_insert(now.max(started_at));
        }
    })
    .await
}

/// Takes a scenario out of the gameday; the versions keep it.
pub(crate) async fn remove(
    Editor(caller): Editor,
    State(app): State<App>,
    Path((id, index)): Path<(i64, usize)>,
    Form(Pressed { title }): Form<Pressed>,
) -> Result<Redirect, Problem> {
    let entry = records::amend::<Gameday>(&app, &caller.actor(), id, |entry| {
        let index = place(entry, &titles(entry), (index, &title), WHAT)?;
        entry.body.scenarios.remove(index);
        Ok(())
    })
    .await?;
    Ok(Redirect::to(&entry.page()))
}

const WHAT: &str = "this scenario";

async fn press(
    Editor(caller): Editor,
    State(app): State<App>,
    Path((id, index)): Path<(i64, usize)>,
    Form(Pressed { title }): Form<Pressed>,
    what: impl Fn(&mut Scenario, Timestamp),
) -> Result<Redirect, Problem> {
    let now = app.clock().now();
    let mut found = index;
    let entry = records::amend::<Gameday>(&app, &caller.actor(), id, |entry| {
        found = place(entry, &titles(entry), (index, &title), WHAT)?;
        what(&mut entry.body.scenarios[found], now);
        Ok(())
    })
    .await?;
    Ok(Redirect::to(&at(&entry, found)))
}

fn titles(entry: &Entry<Gameday>) -> Vec<&str> {
    entry.body.scenarios.iter().map(|scenario| scenario.title.as_str()).collect()
}

/// A scenario on the page of its gameday.
fn at(entry: &Entry<Gameday>, index: usize) -> String {
    format!("{}#scenario-{index}", entry.page())
}

impl<'s> Shown<'s> {
    fn new(entry: &'s Entry<Gameday>, index: Option<usize>, typed: &'s Typed) -> Self {
        Self { entry, index, typed, refusal: Refusal::default(), remarks: None }
    }

    async fn page(self, app: &App, caller: &Caller) -> Result<Response, Problem> {
        let known = match self.entry.service.as_str() {
            "" => Vec::new(),
            service => running::dependencies(app, service).await?,
        };
        let theirs = match self.index.and_then(|index| self.entry.body.scenarios.get(index)) {
            Some(scenario) if self.refusal.is_conflict() => {
                Some(Typed::of(scenario, &caller.preferences().zone)?)
            }
            _ => None,
        };
        let entry = self.entry;
        let title = if self.index.is_some() { "A scenario" } else { "Add a scenario" };
        let html = page(caller, Section::Gamedays, title, || {
            // Who is shown what others saved has seen it.
            let was = theirs.as_ref().map_or(&self.typed.was, |theirs| &theirs.was).clone();
            let theirs = theirs
                .as_ref()
                .map(|theirs| saved_meanwhile(&entry.updated_by, &theirs.whole(), &self.typed.whole()));
            view! {
                {Crumbs::of(PATH, "Gamedays").then(&entry.page(), &entry.title).here(title)}
                <div class="page-head"><h1>{title}</h1></div>
                <div class="with-side">
                    <div class="stack">
                        {theirs}{self.remarks.as_deref().map(recognised)}
                        <section class="card"><div class="body">{self.form(caller, was, &known)}</div></section>
                        {self.index.map(|index| remove_card(caller, entry, index, self.typed))}
                    </div>
                    <div class="stack">{depends(entry, &known)}</div>
                </div>
            }
        });
        Ok((self.refusal.status(), html).into_response())
    }

    fn form(&self, caller: &Caller, was: String, known: &[Dependency]) -> impl IntoView + use<> {
        let (typed, refusal) = (self.typed, &self.refusal);
        let of = |name: &str| refusal.at(name);
        let own = self.entry.page();
        let action = match self.index {
            Some(index) => format!("{own}/scenarios/{index}"),
            None => format!("{own}/scenarios"),
        };
        let open = of("journal").is_some();
        let journal = self.index.is_none().then(|| {
            view! {
                <details class="fields" open=open>
                    <summary>{icon("download")}"Read a journal of the Chaos Toolkit"</summary>
                    {JOURNAL.view(&typed.journal, of("journal"))}
                    <button class="button" type="submit" formaction=format!("{own}/scenarios/look") formnovalidate=true>"Read it into the form"</button>
                </details>
            }
        });
        view! {
            <form class="form" action=action method="post">
                {pressed_by_enter()}
                {form_token(caller.form_token())}
                <input type="hidden" name="was" value=was/>
                {refusal.elsewhere(&FIELDS)}
                {journal}
                {TITLE.view(&typed.title, of("title"))}
                {EXPECTED.view(&typed.expected, of("expected"))}
                {TAKEN_AWAY.view(&typed.taken_away, of("taken_away"))}
                {suggestions("dependencies", known.iter().map(|one| &one.name))}
                {STARTED.view(&typed.started_at, of("started_at"))}
                {ENDED.view(&typed.ended_at, of("ended_at"))}
                {ACTUAL.view(&typed.actual, of("actual"))}
                {verdicts("Did the service do what was expected?", verdict(&typed.verdict), of("verdict"))}
                <button class="button primary" type="submit">"Save"</button>
            </form>
        }
    }
}

/// What the importer has to say.
fn recognised(remarks: &[String]) -> impl IntoView + use<> {
    let remarks: Vec<_> = remarks.iter().map(|remark| view! { <li>{remark.clone()}</li> }).collect();
    view! {
        <section class="card" role="status">
            <header><h2>"Read, and not saved yet"</h2></header>
            <div class="body stack">
                <p>"The form is filled in from the journal. Look at it, add what is missing, then save."</p>
                <ul class="prose">{remarks}</ul>
            </div>
        </section>
    }
}

/// What could be taken away.
fn depends(entry: &Entry<Gameday>, known: &[Dependency]) -> Option<impl IntoView + use<>> {
    let taken =
        |name: &str| entry.body.scenarios.iter().any(|scenario| scenario.taken_away.as_deref() == Some(name));
    let lines: Vec<_> = known
        .iter()
        .map(|one| {
            let critical = one.critical.then(|| view! { <span class="badge plain">"critical"</span> });
            let words = if taken(&one.name) { "a scenario takes it away" } else { "no scenario takes it away" };
            view! { <li><div class="grow wrap-anywhere"><span class="medium">{one.name.clone()}</span>" "{critical}<span class="sub">{words}</span></div></li> }
        })
        .collect();
    (!lines.is_empty()).then(|| {
        let title = format!("What {} depends on", entry.service);
        view! {
            <section class="card">
                <header><h2>{title}</h2></header><ul class="list">{lines}</ul>
            </section>
        }
    })
}

fn remove_card(
    caller: &Caller,
    entry: &Entry<Gameday>,
    index: usize,
    typed: &Typed,
) -> impl IntoView + use<> {
    let title = typed.was().map_or_else(|| typed.title.clone(), |was| was.title);
    view! {
        <section class="card">
            <header><h2>"Remove"</h2></header>
            <div class="body stack">
                <p class="muted">"The gameday goes on without this scenario. Versions of the gameday keep it."</p>
                <form action=format!("{}/scenarios/{index}/remove", entry.page()) method="post">
                    {form_token(caller.form_token())}
                    <input type="hidden" name="title" value=title/>
                    <button class="button danger" type="submit">"Remove this scenario"</button>
                </form>
            </div>
        </section>
    }
}

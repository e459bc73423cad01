//! Planning a gameday, and changing its plan.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use jiff::{Timestamp, tz::TimeZone};
use leptos::prelude::*;
use seaworthy_records::{Gameday, Mistake};
use serde::{Deserialize, Serialize};

use super::{
    PATH,
    merge::{changed, merged},
};
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    records::{self, Entry, NotTaken},
    state::App,
    view::fleet,
    web::{
        crumbs::Crumbs,
        field::{Field, form_token},
        layout::page,
        nav::Section,
        records::{Refusal, delete_card, saved_meanwhile, service_field},
        time,
    },
};

const SHOWN: [&str; 4] = ["title", "service", "planned_for", "participants"];
const TITLE: Field = Field::text("title", "Title", "off").like("Reception without barista");
const PLANNED: Field = Field::text("planned_for", "When", "off").kind("datetime-local");
const PARTICIPANTS: Field = Field::optional("participants", "Participants")
    .like("ines, ana")
    .hint("the names they sign in with, apart by commas; taking part counts as a drill for who is on call");
const WARNING: &str =
    "It goes with its report, its tickets and all its versions, and proves nothing any more.";

/// What the form may be opened with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    service: String,
}

/// What is planned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Plan {
    title: String,
    service: String,
    planned_for: Timestamp,
    participants: Vec<String>,
}

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    title: String,
    service: String,
    planned_for: String,
    participants: String,
    /// What it was opened with, as JSON.
    was: String,
}

/// An empty form.
pub(crate) async fn new(
    Editor(caller): Editor,
    State(app): State<App>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let typed = Typed { service: wish.service, ..Typed::default() };
    form_page(&app, &caller, None, &typed, &Refusal::default()).await
}

/// Plans a gameday. Its scenarios come next.
pub(crate) async fn create(
    Editor(caller): Editor,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let made = match typed.plan(&caller.preferences().zone, None) {
        Err(mistake) => Err(NotTaken::Wrong(vec![mistake])),
        Ok(plan) => {
            let gameday = Gameday {
                planned_for: plan.planned_for,
                participants: plan.participants,
                scenarios: Vec::new(),
                tickets: Vec::new(),
                verdict: None,
                report: String::new(),
            };
            records::create(&app, &caller.actor(), &plan.service, &plan.title, &gameday).await
        }
    };
    match made {
        Ok(entry) => Ok(Redirect::to(&entry.page()).into_response()),
        Err(error) => form_page(&app, &caller, None, &typed, &Refusal::of(error)?).await,
    }
}

/// The form with the plan as it is.
pub(crate) async fn edit(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let entry = records::find::<Gameday>(&app, id).await?;
    let typed = Typed::of(&Plan::of(&entry), &caller.preferences().zone)?;
    form_page(&app, &caller, Some(&entry), &typed, &Refusal::default()).await
}

/// Changes the plan.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let was: Option<Plan> = serde_json::from_str(&typed.was).ok();
    let changed = match typed.plan(&caller.preferences().zone, was.as_ref()) {
        Err(mistake) => Err(NotTaken::Wrong(vec![mistake])),
        Ok(plan) => {
            let was = was.unwrap_or_default();
            records::amend::<Gameday>(&app, &caller.actor(), id, |entry| plan.put_into(entry, &was)).await
        }
    };
    match changed {
        Ok(entry) => Ok(Redirect::to(&entry.page()).into_response()),
        Err(error) => {
            let entry = records::find::<Gameday>(&app, id).await?;
            form_page(&app, &caller, Some(&entry), &typed, &Refusal::of(error)?).await
        }
    }
}

/// Deletes it.
pub(crate) async fn delete(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Redirect, Problem> {
    records::delete::<Gameday>(&app, &caller.actor(), id).await?;
    Ok(Redirect::to(PATH))
}

impl Plan {
    fn of(entry: &Entry<Gameday>) -> Self {
        Self {
            title: entry.title.clone(),
            service: entry.service.clone(),
            planned_for: entry.body.planned_for,
            participants: entry.body.participants.clone(),
        }
    }

    fn put_into(&self, entry: &mut Entry<Gameday>, was: &Self) -> Result<(), NotTaken> {
        let theirs = Self::of(entry);
        let all = || {
            Some(Self {
                title: merged(&was.title, &theirs.title, &self.title)?,
                service: merged(&was.service, &theirs.service, &self.service)?,
                planned_for: merged(&was.planned_for, &theirs.planned_for, &self.planned_for)?,
                participants: merged(&was.participants, &theirs.participants, &self.participants)?,
            })
        };
        let Self { title, service, planned_for, participants } =
            all().ok_or_else(|| changed(entry, "the plan"))?;
        (entry.title, entry.service, entry.at) = (title, service, planned_for);
        (entry.body.planned_for, entry.body.participants) = (planned_for, participants);
        Ok(())
    }
}

impl Typed {
    fn of(plan: &Plan, zone: &TimeZone) -> Result<Self, Problem> {
        Ok(Self {
            title: plan.title.clone(),
            service: plan.service.clone(),
            planned_for: time::typed(plan.planned_for, zone),
            participants: plan.participants.join(", "),
            was: serde_json::to_string(plan).map_err(Problem::internal)?,
        })
    }

    fn plan(&self, zone: &TimeZone, was: Option<&Plan>) -> Result<Plan, Mistake> {
        // A field holds whole minutes; a time that nobody has touched stays what it was.
        let untouched =
            was.map(|was| was.planned_for).filter(|at| time::typed(*at, zone) == self.planned_for.trim());
        let planned_for =
            untouched.or_else(|| time::read(&self.planned_for, zone)).ok_or_else(|| Mistake {
                field: "planned_for".to_owned(),
                message: format!("{:?} is no time; write for example 2026-11-20T14:30", self.planned_for),
            })?;
        let people = self.participants.split([',', '\n']).map(str::trim).filter(|person| !person.is_empty());
        Ok(Plan {
            title: self.title.trim().to_owned(),
            service: self.service.trim().to_owned(),
            planned_for,
            participants: people.map(str::to_owned).collect(),
        })
    }

    fn whole(&self) -> String {
        let Self { title, service, planned_for, participants, .. } = self;
        format!("Title: {title}\nService: {service}\nWhen: {planned_for}\nParticipants: {participants}\n")
    }
}

async fn form_page(
    app: &App,
    caller: &Caller,
    entry: Option<&Entry<Gameday>>,
    typed: &Typed,
    refusal: &Refusal,
) -> Result<Response, Problem> {
    let services = fleet::named(app, "").await?;
    let theirs = match entry.filter(|_| refusal.is_conflict()) {
        Some(entry) => Some((entry, Typed::of(&Plan::of(entry), &caller.preferences().zone)?)),
        None => None,
    };
    // Who is shown what others saved has seen it.
    let was = theirs.as_ref().map_or(&typed.was, |(_, theirs)| &theirs.was).clone();
    let title = if entry.is_some() { "Edit the plan" } else { "Plan a gameday" };
    let action = entry.map_or(PATH.to_owned(), Entry::page);
    let html = page(caller, Section::Gamedays, title, || {
        let of = |name: &str| refusal.at(name);
        view! {
            {Crumbs::of(PATH, "Gamedays")
                .then_if(entry.map(|entry| (entry.page(), entry.title.as_str())))
                .here(if entry.is_some() { "Edit" } else { "Plan" })}
            <div class="page-head"><h1>{title}</h1></div>
            <div class="stack">
                {theirs.as_ref().map(|(entry, theirs)| saved_meanwhile(&entry.updated_by, &theirs.whole(), &typed.whole()))}
                <section class="card"><div class="body">
                    <form class="form" action=action method="post">
                        {form_token(caller.form_token())}
                        <input type="hidden" name="was" value=was/>
                        {refusal.elsewhere(&SHOWN)}
                        {TITLE.view(&typed.title, of("title"))}
                        {service_field(&typed.service, &services, "its SLIs are shown for each scenario; none means all services", of("service"))}
                        {PLANNED.view(&typed.planned_for, of("planned_for"))}
                        {PARTICIPANTS.view(&typed.participants, of("participants"))}
                        <button class="button primary" type="submit">{if entry.is_some() { "Save" } else { "Plan it" }}</button>
                    </form>
                </div></section>
                {entry.map(|entry| delete_card(caller, format!("{}/delete", entry.page()), "gameday", WARNING.to_owned()))}
            </div>
        }
    });
    Ok((refusal.status(), html).into_response())
}

//! The verdict of a gameday, and what was learnt.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_records::{Gameday, Verdict};
use serde::{Deserialize, Serialize};

use super::{
    PATH,
    merge::{changed, merged},
};
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    records::{self, Entry},
    state::App,
    web::{
        crumbs::Crumbs,
        field::{Area, form_token, select},
        layout::page,
        nav::Section,
        records::{Refusal, saved_meanwhile},
    },
};

const REPORT: Area = Area {
    name: "report",
    label: "Report",
    hint: "in Markdown: what happened, what was learnt, what is to be mended",
};

/// What is concluded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Conclusion {
    verdict: Option<Verdict>,
    report: String,
}

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    verdict: String,
    report: String,
    /// What it was opened with, as JSON.
    was: String,
}

/// The form with what is concluded.
pub(crate) async fn edit(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let entry = records::find::<Gameday>(&app, id).await?;
    let now = Conclusion::of(&entry);
    form_page(&caller, &entry, &now, &now, &Refusal::default()).await
}

/// Concludes.
pub(crate) async fn save(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let was: Conclusion = serde_json::from_str(&typed.was).unwrap_or_default();
    // Browsers end lines otherwise than what was kept.
    let said = Conclusion {
        verdict: verdict(&typed.verdict),
        report: typed.report.trim_end().replace("\r\n", "\n"),
    };
    let saved = records::amend::<Gameday>(&app, &caller.actor(), id, |entry| {
        let theirs = Conclusion::of(entry);
        let verdict = merged(&was.verdict, &theirs.verdict, &said.verdict);
        let report = merged(&was.report, &theirs.report, &said.report);
        let (Some(verdict), Some(report)) = (verdict, report) else {
            return Err(changed(entry, "the conclusion"));
        };
        (entry.body.verdict, entry.body.report) = (verdict, report);
        Ok(())
    })
    .await;
    match saved {
        Ok(entry) => Ok(Redirect::to(&format!("{}#report", entry.page())).into_response()),
        Err(error) => {
            let entry = records::find::<Gameday>(&app, id).await?;
            let refusal = Refusal::of(error)?;
            // Who is shown what others saved has seen it.
            let seen = if refusal.is_conflict() { Conclusion::of(&entry) } else { was };
            form_page(&caller, &entry, &said, &seen, &refusal).await
        }
    }
}

impl Conclusion {
    fn of(entry: &Entry<Gameday>) -> Self {
        Self { verdict: entry.body.verdict, report: entry.body.report.clone() }
    }

    fn whole(&self) -> String {
        format!("Verdict: {}\n\n{}\n", value(self.verdict), self.report)
    }
}

/// What a form says of a verdict; anything else is none.
pub(super) fn verdict(text: &str) -> Option<Verdict> {
    match text {
        "held" => Some(Verdict::Held),
        "failed" => Some(Verdict::Failed),
        _ => None,
    }
}

pub(super) fn value(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        None => "",
        Some(Verdict::Held) => "held",
        Some(Verdict::Failed) => "failed",
    }
}

/// A choice of verdicts.
pub(super) fn verdicts(
    label: &'static str,
    chosen: Option<Verdict>,
    error: Option<String>,
) -> impl IntoView + use<> {
    let options =
        [("", "not yet"), ("held", "held: it did what was expected"), ("failed", "failed: it did not")];
    let options = options.map(|(value, words)| (value.to_owned(), words.to_owned())).into();
    select("verdict", label, value(chosen), options, error)
}

async fn form_page(
    caller: &Caller,
    entry: &Entry<Gameday>,
    said: &Conclusion,
    seen: &Conclusion,
    refusal: &Refusal,
) -> Result<Response, Problem> {
    let was = serde_json::to_string(seen).map_err(Problem::internal)?;
    let html = page(caller, Section::Gamedays, "Verdict and report", || {
        let theirs = refusal
            .is_conflict()
            .then(|| saved_meanwhile(&entry.updated_by, &Conclusion::of(entry).whole(), &said.whole()));
        view! {
            {Crumbs::of(PATH, "Gamedays").then(&entry.page(), &entry.title).here("Verdict and report")}
            <div class="page-head"><h1>"Verdict and report"</h1></div>
            <div class="stack">
                {theirs}
                <section class="card"><div class="body">
                    <form class="form wide" action=format!("{}/conclusion", entry.page()) method="post">
                        {form_token(caller.form_token())}
                        <input type="hidden" name="was" value=was/>
                        {refusal.elsewhere(&["verdict", "report"])}
                        {verdicts("Did the service hold on the whole?", said.verdict, refusal.at("verdict"))}
                        {REPORT.view(&said.report, refusal.at("report"))}
                        <button class="button primary" type="submit">"Save"</button>
                    </form>
                </div></section>
            </div>
        }
    });
    Ok((refusal.status(), html).into_response())
}

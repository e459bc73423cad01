//! One load test: its figures, beside those of the build before, and how much room is left.

use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_records::LoadTest;

use super::{PATH, build_word, per_second};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    records::Kept,
    state::App,
    view::load_tests::{
        one::{self, Compared, Comparison, Headroom, LoadTestView, MOST_OF_CAPACITY, StageView, Unit},
        within::AskedLine,
    },
    web::{
        chart::meter,
        format,
        icon::icon,
        layout::page,
        link,
        nav::Section,
        status::{figure, nothing},
        table::{Column, column, row_head, table},
        time,
    },
};

const STEPS: [Column; 6] = [
    column("Rate", "name-cell"),
    column("p50", "num"),
    column("p95", "num"),
    column("p99", "num"),
    column("Failed", "num"),
    column("Within SLO", "two"),
];
const COMPARED: [Column; 4] =
    [column("Figure", "name-cell"), column("Before", "num"), column("This", "num"), column("Change", "two")];

/// Shows a load test.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let view = one::load(&app, id).await?;
    Ok(render(&caller, &view).into_response())
}

fn render(caller: &Caller, view: &LoadTestView) -> Html<String> {
    let title = format!("{} against {}", view.line.tool, view.service);
    page(caller, Section::LoadTests, &title, || {
        let own = link::with_query(PATH, &[("service", &view.service)]);
        let edit = (caller.role() >= Role::Editor)
            .then(|| view! { <a class="button primary" href=format!("{}/edit", LoadTest::page(view.line.id))>"Edit"</a> });
        view! {
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                <li><a href=PATH>"Load tests"</a></li><li><a href=own>{view.service.clone()}</a></li>
                <li aria-current="page">{time::minute(view.line.ran_at)}</li>
            </ol></nav>
            <div class="page-head">
                <h1>{title.clone()}</h1><div class="actions">{edit}</div>
                <p class="sub">
                    {time::moment(view.line.ran_at)}<span class="dot">"·"</span>
                    "build "{build_word(view.line.build.as_deref().unwrap_or_default()).to_owned()}
                    <span class="dot">"·"</span>{format::seconds(view.line.duration_s)}
                </p>
            </div>
            <div class="with-side">
                <div class="stack">{summary(view)}{steps(view)}{view.before.as_ref().map(before)}</div>
                <div class="stack">{asked(&view.asked)}{about(view)}</div>
            </div>
        }
    })
}

fn summary(view: &LoadTestView) -> impl IntoView + use<> {
    let highest = match view.line.highest_rate_within_slo {
        Some(rate) => view! { <p class="figure">{format::number(rate)}" "<small>"requests/s"</small></p> }.into_any(),
        None => view! {
            <p class="figure">"–"</p>
            <p class="muted">"Nobody has said at which rate the service held its SLOs, and no step held them. Test with less load, or say it by hand."</p>
        }
        .into_any(),
    };
    view! {
        <section class="card"><div class="body"><div class="budget-head">
            <div><span class="label">"Highest rate within SLO"</span>{highest}</div>
            <div class="stack"><span class="label">"Headroom"</span>{headroom(view)}</div>
        </div></div></section>
    }
}

fn headroom(view: &LoadTestView) -> AnyView {
    let Some(Headroom { peak, used_share, enough }) = view.headroom else {
        let why = match view.line.highest_rate_within_slo {
            None => "There is no capacity to compare the traffic with.",
            Some(_) => "No request of the service was counted in 7 d, so nothing can be compared.",
        };
        return view! { <p class="muted">{why}</p> }.into_any();
    };
    let (class, name, word) =
        if enough { ("status is-pass", "pass", "enough") } else { ("status is-fail", "fail", "too little") };
    let words = format!(
        "At the busiest minute of 7 d the service answered {}: {} of this; asked: at most {}.",
        per_second(peak.requests_per_second),
        format::percent(used_share),
        format::percent(MOST_OF_CAPACITY)
    );
    view! {
        <p><span class=class>{icon(name)}{word}</span></p>
        {meter(used_share, format::percent(used_share), words.clone())}
        <p class="muted">{words}" It began "{time::minute(peak.at)}"."</p>
    }
    .into_any()
}

fn steps(view: &LoadTestView) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = view.stages.iter().map(step).collect();
    (!rows.is_empty()).then(|| {
        view! { <section class="card"><header><h2>"Steps"</h2></header>{table("Steps", &STEPS, rows)}</section> }
    })
}

fn step(stage: &StageView) -> impl IntoView + use<> {
    let [_, p50, p95, p99, failed, within] = STEPS;
    let held = stage.within_slo.map_or_else(
        || nothing().into_any(),
        |held| {
            let (class, name, word) =
                if held { ("status is-pass", "pass", "yes") } else { ("status is-fail", "fail", "no") };
            view! { <span class=class>{icon(name)}{word}</span> }.into_any()
        },
    );
    view! {
        <tr role="row">
            {row_head(per_second(stage.rate))}
            {p50.cell(figure(stage.p50_ms, milliseconds))}
            {p95.cell(figure(stage.p95_ms, milliseconds))}
            {p99.cell(figure(stage.p99_ms, milliseconds))}
            {failed.cell(format::percent(stage.error_share))}
            {within.cell(held)}
        </tr>
    }
}

fn milliseconds(ms: f64) -> String {
    format::seconds(ms / 1e3)
}

fn before(comparison: &Comparison) -> impl IntoView + use<> {
    let test = &comparison.test;
    let rows: Vec<_> = comparison.figures.iter().map(compared).collect();
    let none = rows.is_empty().then(|| {
        view! { <p class="muted">"The two tests share no rate, and not both say the highest rate within SLO: nothing can be compared."</p> }
    });
    let other = (!comparison.same_target).then(|| {
        let words = format!("It was sent to {}: figures may differ for that.", test.target);
        view! { <p class="muted">{words}</p> }
    });
    let build = build_word(test.build.as_deref().unwrap_or_default()).to_owned();
    let figures = (!rows.is_empty()).then(|| table("Before and after", &COMPARED, rows));
    view! {
        <section class="card">
            <header>
                <h2>"Before and after"</h2>
                <div class="end">"against "<a href=LoadTest::page(test.id)>{build}</a>", "{time::minute(test.ran_at)}</div>
            </header>
            {(none.is_some() || other.is_some()).then(|| view! { <div class="body">{none}{other}</div> })}
            {figures}
        </section>
    }
}

fn compared(compared: &Compared) -> impl IntoView + use<> {
    let [_, before, now, change] = COMPARED;
    let told = |value: f64| match compared.unit {
        Unit::RequestsPerSecond => per_second(value),
        Unit::Milliseconds => milliseconds(value),
        Unit::Share => format::percent(value),
    };
    let (class, name, word) = match compared.better {
        None => ("status is-na", "na", "alike"),
        Some(true) => ("status is-pass", "pass", "better"),
        Some(false) => ("status is-fail", "fail", "worse"),
    };
    let by = (compared.better.is_some() && compared.before > 0.0).then(|| {
        let share = compared.now / compared.before - 1.0;
        format!(" by {}", format::percent(share.abs()))
    });
    view! {
        <tr role="row">
            {row_head(compared.what.clone())}
            {before.cell(told(compared.before))}
            {now.cell(told(compared.now))}
            {change.cell(view! { <span class=class>{icon(name)}{word}{by}</span> })}
        </tr>
    }
}

/// What counts as within SLO.
pub(super) fn asked(lines: &[AskedLine]) -> impl IntoView + use<> {
    let rows: Vec<_> = lines
        .iter()
        .map(|line| view! { <li><div class="grow"><a href=link::slo(&line.slo)>{line.slo.clone()}</a><span class="sub">{line.words.clone()}</span></div></li> })
        .collect();
    let content = match rows.is_empty() {
        true => view! { <div class="body"><p class="muted">"The service has no SLO, so nothing says which rate counts. "<a href="/slos/new">"Set an SLO"</a>", or say the highest rate by hand."</p></div> }.into_any(),
        false => view! { <ul class="list">{rows}</ul> }.into_any(),
    };
    view! {
        <section class="card">
            <header><h2>"What counts as within SLO"</h2></header>
            {content}
        </section>
    }
}

fn about(view: &LoadTestView) -> impl IntoView + use<> {
    let link = view.link.clone().map(|href| {
        let words = href.clone();
        view! { <dt>"Result"</dt><dd><a href=href rel="noopener noreferrer">{words}</a></dd> }
    });
    let note = (!view.note.is_empty()).then(|| view! { <p class="wrap">{view.note.clone()}</p> });
    view! {
        <section class="card"><header><h2>"About"</h2></header><div class="body stack">
            <dl class="facts left">
                <dt>"Tool"</dt><dd>{view.line.tool.clone()}</dd>
                <dt>"Target"</dt><dd class="wrap">{view.line.target.clone()}</dd>
                {link}
                <dt>"Entered by"</dt><dd>{view.line.created_by.clone()}</dd>
                <dt>"Last change"</dt><dd>{view.updated_by.clone()}", "{time::minute(view.updated_at)}</dd>
            </dl>
            {note}
        </div></section>
    }
}

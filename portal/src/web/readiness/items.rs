//! All items, by point.

use leptos::prelude::*;
use seaworthy_checklist::{By, Verdict};
use serde::Deserialize;

use super::parts::{badge, level, pips, verdict};
use crate::{
    view::readiness::{ItemView, PointView, ReadinessView},
    web::{icon::icon, link, time},
};

/// Which items are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Show {
    /// All.
    #[default]
    All,
    /// Those that do not hold.
    Open,
    /// Those that pass by a person's word.
    Claimed,
    /// Those that are waived or do not apply.
    Exempt,
}

impl Show {
    const ALL: [(Self, &'static str); 4] =
        [(Self::All, "All"), (Self::Open, "Open"), (Self::Claimed, "Claimed"), (Self::Exempt, "Exempt")];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Open => "open",
            Self::Claimed => "claimed",
            Self::Exempt => "exempt",
        }
    }

    fn admits(self, item: &ItemView) -> bool {
        let judged = &item.judged;
        match self {
            Self::All => true,
            Self::Open => !judged.verdict.holds(),
            Self::Claimed => judged.is(Verdict::Pass, By::Answer),
            Self::Exempt => matches!(judged.verdict, Verdict::Waived | Verdict::NotApplicable),
        }
    }
}

pub(super) fn card(view: &ReadinessView, show: Show) -> impl IntoView + use<> {
    let count = |show: Show| view.items().filter(|item| show.admits(item)).count();
    let path = link::readiness(&view.service);
    let choices: Vec<_> = Show::ALL
        .into_iter()
        .map(|(of, word)| {
            let to = link::with_query(&path, &[("template", &view.template.id), ("show", of.as_str())]);
            let here = (of == show).then_some("true");
            view! { <a href=format!("{to}#items") aria-current=here>{format!("{word} {}", count(of))}</a> }
        })
        .collect();
    let groups: Vec<_> = view.points.iter().filter_map(|point| group(point, view, show)).collect();
    let none = groups.is_empty().then(|| view! { <div class="empty"><p>"No item is like that."</p></div> });
    view! {
        <section class="card" id="items">
            <header>
                <h2>{format!("All {} items", view.items().count())}</h2>
                <div class="end"><div class="row"><div class="segments" role="group" aria-label="Show">{choices}</div></div></div>
            </header>
            {groups}{none}
            <footer>"Unknown is never pass. A waiver counts towards the level and shows as waived. Not applicable counts neither way."</footer>
        </section>
    }
}

fn group(point: &PointView, view: &ReadinessView, show: Show) -> Option<impl IntoView + use<>> {
    let shown: Vec<_> =
        point.items.iter().filter(|item| show.admits(item)).map(|item| row(item, view)).collect();
    if shown.is_empty() {
        return None;
    }
    let verdicts: Vec<Verdict> = point.items.iter().map(|item| item.judged.verdict).collect();
    let open = show != Show::All || point.items.iter().any(|item| item.blocks);
    Some(view! {
        <details class="group" id=format!("point-{}", point.number) open=open>
            <summary>
                <span class="chevron">{icon("chevron")}</span>
                <h3><span class="n">{point.number}</span>{point.title.clone()}</h3>
                <span class="small muted">{format!("{} of {} pass", point.passing(), point.applicable().count())}</span>
                {pips(&verdicts, false)}
            </summary>
            <ul class="items">{shown}</ul>
        </details>
    })
}

fn row(item: &ItemView, view: &ReadinessView) -> impl IntoView + use<> {
    let judged = &item.judged;
    let page = link::readiness_item(&view.service, &view.template.id, &judged.item);
    let class = if item.blocks { "item blocks" } else { "item" };
    let of_build =
        item.of_build.then(|| view! { <span title="Evidence belongs to a build">"this build only"</span> });
    let seen = judged.seen_at().map(|at| view! { "seen "{time::ago(at, view.assessed_at)} });
    let first = judged.evidence.iter().find_map(|evidence| evidence.link.clone());
    let evidence = first.map(|href| {
        view! { " · "<a href=href>"Evidence"<span class="hidden-text">" for "{judged.item.clone()}</span></a> }
    });
    let action = match item.action.clone() {
        Some(action) => {
            let class = if item.blocks { "button small primary" } else { "button small" };
            view! { <a class=class href=action.href>{action.label}</a> }.into_any()
        }
        None => view! { <a href=page.clone()>"Details"<span class="hidden-text">" of "{judged.item.clone()}</span></a> }.into_any(),
    };
    view! {
        <li class=class id=judged.item.clone()>
            {verdict(judged.verdict, None)}
            <div>
                <div class="q"><a href=page>{item.question.clone()}</a></div>
                <div class="id"><span class="mono">{judged.item.clone()}</span>{level(Some(judged.level))}{of_build}</div>
            </div>
            <div class="behind">{judged.words.clone()}<span class="seen">{seen}{evidence}</span></div>
            <div class="how">{badge(judged)}</div>
            <div class="do">{action}</div>
        </li>
    }
}

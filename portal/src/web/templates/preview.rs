//! What a template would change, for its author to see before.

use std::collections::BTreeMap;

use leptos::prelude::*;
use seaworthy_checklist::{Changes, ItemChange, Level, Template};

use crate::{
    readiness::preview::{ItemPreview, Preview, Previewed, Stand},
    web::{
        format,
        icon::icon,
        link,
        readiness::parts::level,
        status::nothing,
        table::{Column, column, row_head, table},
    },
};

const COLUMNS: [Column; 4] = [
    column("Service", "name-cell"),
    column("Has", "two"),
    column("Would have", "two"),
    column("By all templates together", "full"),
];
/// Services that are shown one by one; those that change come first.
const SHOWN: usize = 200;

/// What it would change.
pub(super) fn view(template: &Template, preview: &Preview) -> impl IntoView + use<> {
    view! { {summary(template, preview)}{services(preview)}{items(preview)} }
}

fn summary(template: &Template, preview: &Preview) -> impl IntoView + use<> {
    let sentences = sentences(preview);
    let class = if sentences.iter().any(|(worse, _)| *worse) { "notice warn" } else { "notice info" };
    let name = if class == "notice warn" { "warn" } else { "info" };
    let sentences: Vec<_> = sentences.into_iter().map(|(_, words)| view! { <li>{words}</li> }).collect();
    let title = format!("{} {} is right, and would change this:", template.id, template.version);
    view! {
        <div class=class role="status" id="preview">{icon(name)}<div><b>{title}</b><ul>{sentences}</ul></div></div>
    }
}

/// What becomes of services in sentences, each with whether it is for the worse.
fn sentences(preview: &Preview) -> Vec<(bool, String)> {
    let mut drops: BTreeMap<Option<Level>, usize> = BTreeMap::new();
    let mut rises: BTreeMap<Option<Level>, usize> = BTreeMap::new();
    let mut first: BTreeMap<Option<Level>, usize> = BTreeMap::new();
    let (mut gone, mut same, mut shares) = (0, 0, 0);
    for service in &preview.services {
        match (service.now, service.then) {
            (Some(now), Some(then)) if then.level < now.level => *drops.entry(then.level).or_default() += 1,
            (Some(now), Some(then)) if then.level > now.level => *rises.entry(then.level).or_default() += 1,
            (Some(now), Some(then)) if now.share != then.share => shares += 1,
            (Some(_), Some(_)) => same += 1,
            (None, Some(then)) => *first.entry(then.level).or_default() += 1,
            (_, None) => gone += 1,
        }
    }
    let count = |count: usize| format::plural(count, "service");
    let mut told: Vec<(bool, String)> = Vec::new();
    for (level, services) in drops {
        let to = level.map_or("below bronze".to_owned(), |level| format!("to {}", level.as_str()));
        told.push((true, format!("{} would drop {to}", count(services))));
    }
    for (level, services) in rises {
        told.push((false, format!("{} would rise to {}", count(services), name(level))));
    }
    for (level, services) in first {
        told.push((
            false,
            format!("{} would be judged by it for the first time: {}", count(services), name(level)),
        ));
    }
    let others = [
        (gone, "would not be judged by it any more"),
        (shares, "would keep the level, with another share"),
        (same, "would stay as they are"),
    ];
    told.extend(
        others
            .into_iter()
            .filter(|(services, _)| *services > 0)
            .map(|(services, words)| (false, format!("{} {words}", count(services)))),
    );
    if told.is_empty() {
        told.push((false, "No service would be judged by it: none is of a kind that it names.".to_owned()));
    }
    told
}

fn name(level: Option<Level>) -> &'static str {
    level.map_or("below bronze", Level::as_str)
}

fn services(preview: &Preview) -> Option<impl IntoView + use<>> {
    let mut services: Vec<&Previewed> = preview.services.iter().collect();
    services.sort_by_key(|service| (effect(service), service.service.clone()));
    let rows: Vec<_> = services.iter().take(SHOWN).map(|service| row(service)).collect();
    let more = services.len().checked_sub(SHOWN).filter(|more| *more > 0).map(|more| {
        view! { <footer>{format!("{} more", format::plural(more, "service"))}</footer> }
    });
    (!services.is_empty()).then(|| {
        view! {
            <section class="card">
                <header><h2>"Services, on what is known now"</h2></header>
                {table("What each service has and would have", &COLUMNS, rows)}
                {more}
            </section>
        }
    })
}

/// Drops come first, then what is new, rises, other changes, and what stays.
fn effect(service: &Previewed) -> u8 {
    match (service.now, service.then) {
        (Some(now), Some(then)) if then.level < now.level => 0,
        (None, Some(_)) | (Some(_), None) => 1,
        (Some(now), Some(then)) if then.level > now.level => 2,
        (now, then) if now != then => 3,
        _ => 4,
    }
}

fn row(service: &Previewed) -> impl IntoView + use<> {
    let [_, has, would, all] = COLUMNS;
    let stand = |stand: Option<Stand>| match stand {
        Some(Stand { level: of, share }) => {
            let share = format!("{} of {} pass", share.passing, share.applicable);
            view! { {level(of)}<span class="sub">{share}</span> }.into_any()
        }
        None => nothing().into_any(),
    };
    let together = match (service.lowest_now, service.lowest_then) {
        (now, then) if now == then => view! { <span class="muted">"stays "{name(now)}</span> }.into_any(),
        (now, then) => {
            let class = (then < now).then_some("t-fail medium");
            view! { <span class=class>{format!("{} → {}", name(now), name(then))}</span> }.into_any()
        }
    };
    view! {
        <tr role="row">
            {row_head(view! { <a href=link::readiness(&service.service)>{service.service.clone()}</a> })}
            {has.cell(stand(service.now))}
            {would.cell(stand(service.then))}
            {all.cell(together)}
        </tr>
    }
}

fn items(preview: &Preview) -> impl IntoView + use<> {
    let changed = |id: &str| {
        let changes = preview.changes.as_ref()?;
        changes.changed.iter().find(|change| change.item == id)
    };
    let mut rows: Vec<AnyView> =
        preview.items.iter().map(|item| item_row(item, changed(&item.item)).into_any()).collect();
    let went = preview.changes.iter().flat_map(|changes: &Changes| &changes.went);
    rows.extend(went.map(|item| {
        view! {
            <li><span class="status is-fail">{icon("x")}"Goes"</span><div class="grow"><span class="mono">{item.clone()}</span></div></li>
        }
        .into_any()
    }));
    let of_template = preview.changes.iter().flat_map(|changes| &changes.template).map(|field| {
        let words = format!("{}: {} → {}", field.field, shown(&field.from), shown(&field.to));
        view! { <li><span class="status is-info">{icon("info")}"Template"</span><div class="grow wrap-anywhere">{words}</div></li> }.into_any()
    });
    rows.extend(of_template);
    let none = rows.is_empty().then(|| {
        view! { <div class="body"><p class="muted">"It asks the same as the version in use."</p></div> }
    });
    view! {
        <section class="card">
            <header><h2>"Items that come, change and go"</h2></header>
            {none}
            <ul class="list">{rows}</ul>
        </section>
    }
}

fn item_row(item: &ItemPreview, change: Option<&ItemChange>) -> impl IntoView + use<> {
    let (class, mark, word) = match item.is_new {
        true => ("status is-pass", "plus", "Comes"),
        false => ("status is-info", "info", "Changes"),
    };
    let fields: Vec<_> = change
        .iter()
        .flat_map(|change| &change.fields)
        .map(|field| {
            let words = format!("{}: {} → {}", field.field, shown(&field.from), shown(&field.to));
            view! { <span class="sub wrap-anywhere">{words}</span> }
        })
        .collect();
    let stands = match item.applies {
        0 => "applies to no service".to_owned(),
        all => format!(
            "passes in {} of {all}, fails in {}, unknown in {}",
            item.passes, item.fails, item.unknown
        ),
    };
    view! {
        <li>
            <span class=class>{icon(mark)}{word}</span>
            <div class="grow"><span class="medium">{item.question.clone()}</span>" "<span class="mono small faint">{item.item.clone()}</span>{fields}</div>
            <span class="small muted">{stands}</span>
        </li>
    }
}

fn shown(text: &str) -> String {
    if text.is_empty() { "nothing".to_owned() } else { format!("“{text}”") }
}

//! What the budget was spent by.

use leptos::prelude::*;

use crate::{
    view::slo::{SloView, SpentBy},
    web::{format, time},
};

pub(super) fn card(slo: &SloView) -> Option<impl IntoView + use<>> {
    if slo.worst_minutes.is_empty() {
        return None;
    }
    let by = &slo.spent_by;
    let since = time::told(by.since, "since %-d %b");
    let builds = group("Builds", "the newest that ran".to_owned(), &by.builds);
    let routes = group("Routes", since.clone(), &by.routes);
    let instances = group("Instances", since, &by.instances);
    let load_tests = (by.load_test_events > 0).then(|| {
        let told = format!(
            "{} of load tests are left out (user_agent.synthetic.type is test).",
            format::plural(usize::try_from(by.load_test_events).unwrap_or(usize::MAX), "request")
        );
        view! { <div class="body"><p class="muted">{told}</p></div> }
    });
    let worst = slo.worst_minutes.iter().map(|minute| {
        let named = time::minute(minute.at).into_any();
        (named, minute.bad, minute.total)
    });
    Some(view! {
        <section class="card">
            <header><h2>"Spent by"</h2><div class="end">"most failures first"</div></header>
            <div class="body spent-groups">
                {routes}{builds}{instances}
                {lines("Worst minutes", "single minutes".to_owned(), worst.collect())}
            </div>
            {load_tests}
        </section>
    })
}

/// One that spent all of it needs no list.
fn group(title: &'static str, note: String, spent: &[SpentBy]) -> Option<impl IntoView + use<>> {
    if spent.len() < 2 {
        return None;
    }
    let rows = spent.iter().map(|by| {
        let named = view! { <span class="wrap-anywhere">{by.name.clone()}</span> }.into_any();
        (named, by.bad, by.total)
    });
    Some(lines(title, note, rows.collect()))
}

fn lines(title: &'static str, note: String, rows: Vec<(AnyView, u64, u64)>) -> impl IntoView {
    let most = rows.iter().map(|(_, bad, _)| *bad).max().unwrap_or_default().max(1);
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(named, bad, total)| {
            let width = format!("{:.2}%", bad as f64 / most as f64 * 100.0);
            view! {
                <li>
                    <span class="clip">{named}</span>
                    <svg class="meter thin" role="img" aria-label=format!("{bad} of {total}")>
                        <rect class="track" width="100%" height="6" rx="3"/>
                        <rect class="fill fail" width=width height="6" rx="3"/>
                    </svg>
                    <span class="num">{format::count(bad)}" "<span class="faint">{format!("of {}", format::count(total))}</span></span>
                </li>
            }
        })
        .collect();
    view! { <div><h3>{title}" "<span class="faint">{note}</span></h3><ul class="spent">{rows}</ul></div> }
}

//! Profiles of a service: the list, what is captured now, one profile, and the difference of two.

pub(crate) mod diff;
pub(crate) mod list;
pub(crate) mod one;

mod captures;
mod causes;
mod flame;
mod functions;
mod tasks;

use leptos::prelude::*;

use super::{crumbs::Crumbs, format, link};
use crate::view::profiles::{ProfileLine, one::WHOLE};

/// Kinds, as they are written and as people read them.
const KINDS: [(&str, &str); 3] = [("cpu", "CPU"), ("heap", "Heap"), ("tasks", "Tasks")];

/// `CPU`.
fn kind(name: &str) -> &str {
    KINDS.iter().find(|(known, _)| *known == name).map_or(name, |(_, label)| label)
}

/// A value in its unit: `10.05 s`, `412 MiB`, `1,302`.
fn value(value: i64, unit: &str) -> String {
    let sign = if value < 0 { "−" } else { "" };
    let size = value.unsigned_abs();
    let text = match unit {
        "nanoseconds" => format::nanos(size),
        "bytes" => format::bytes(size as f64),
        _ => format::count(size),
    };
    format!("{sign}{text}")
}

/// `+4.2 %`, in points of the whole.
fn signed(change: f64) -> String {
    let sign = if change < 0.0 { "−" } else { "+" };
    format!("{sign}{}", format::percent(change.abs()))
}

/// The choice of where stacks begin; none where they begin with the code of the service. `to` makes the address for it.
fn stacks(is_led_to_service: bool, from_service: bool, to: impl Fn(&str) -> String) -> Option<impl IntoView> {
    let way = |label: &'static str, name: &str, is_here: bool| {
        view! { <a href=to(name) aria-current=is_here.then_some("true")>{label}</a> }
    };
    is_led_to_service.then(|| {
        view! {
            <div class="segments" role="group" aria-label="Where stacks begin">
                {way("From the service's code", "", from_service)}{way("Whole stacks", WHOLE, !from_service)}
            </div>
        }
    })
}

/// What a type of value is called by people.
fn type_label(name: &str) -> String {
    match name {
        "cpu" => "CPU time".to_owned(),
        "samples" => "Samples".to_owned(),
        "inuse_space" => "In use, bytes".to_owned(),
        "inuse_objects" => "In use, objects".to_owned(),
        "alloc_space" => "Allocated, bytes".to_owned(),
        "alloc_objects" => "Allocated, objects".to_owned(),
        "tasks" => "Tasks".to_owned(),
        "wait" => "Time waited".to_owned(),
        other => other.to_owned(),
    }
}

/// What a profile shows in all: `10.05 s of CPU`, `412 MiB in use`, `1,302 tasks`.
fn amount(profile: &ProfileLine) -> String {
    let value = value(profile.total, &profile.unit);
    match profile.kind.as_str() {
        "cpu" => format!("{value} of CPU"),
        "heap" => format!("{value} in use"),
        "tasks" => format!("{value} tasks"),
        _ => value,
    }
}

/// `10 s`, or `a moment`.
fn length(profile: &ProfileLine) -> String {
    if profile.seconds > 0.0 { format::seconds(profile.seconds) } else { "a moment".to_owned() }
}

/// Of a page below the profiles of a service.
fn crumbs(service: &str) -> Crumbs {
    Crumbs::of_service(service).then(&link::profiles(service), "Profiles")
}

//! Errors, and whether people look after them.

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::{ErrorGroup, ErrorState};
use seaworthy_checklist::{Fact, Source};

use super::{Found, count, names};
use crate::{readiness::known::Known, web::link};

/// For so long an error may wait to be looked after.
const PATIENCE: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(super) fn add(known: &Known, found: &mut Found) {
    let open: Vec<&ErrorGroup> =
        known.errors.iter().filter(|group| group.state == ErrorState::Open).collect();
    let left_alone = open.iter().filter(|group| is_left_alone(group, known.now));
    let page = link::with_query("/errors", &[("service", &known.service)]);
    let left_alone = names(left_alone.map(|group| name(group)));
    let fact = |value| Fact::new(value, known.now, Source::Telemetry).link(page.as_str());
    found.add("errors_to_see_to", fact(count(open.len())));
    found.add("errors_left_alone_7d", fact(left_alone));
}

/// Whether it has been open for long, and still comes: what came no more needs nobody.
fn is_left_alone(group: &ErrorGroup, now: Timestamp) -> bool {
    let open_since = group.regressed.as_ref().map_or(group.first_seen_at, |regression| regression.at);
    now.duration_since(open_since) >= PATIENCE && now.duration_since(group.last_seen_at) < PATIENCE
}

fn name(group: &ErrorGroup) -> String {
    format!("{} at {}", group.kind, if group.place.is_empty() { "an unknown place" } else { &group.place })
}

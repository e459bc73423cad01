//! Says which alerts change, and where each goes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use seaworthy_catalog::{Alert, AlertState, Silence};
use seaworthy_slo::Severity;

use super::Open;
use crate::alerts::{
    details::Details,
    machine::{Around, Standing, Step, step},
    rules::{Behind, Condition},
};

/// An alert, what was found of it, and where it goes.
pub(super) struct Decision {
    pub(super) alert: Option<Alert>,
    pub(super) condition: Condition,
    pub(super) step: Step,
}

/// What is to be changed. Pages are decided first: they keep others back.
pub(super) fn decide(
    mut open: Open,
    mut conditions: Vec<Condition>,
    silences: &[Silence],
    now: Timestamp,
) -> Vec<Decision> {
    conditions.sort_by_key(|condition| std::cmp::Reverse(condition.severity));
    let mut loud: BTreeSet<String> = BTreeSet::new();
    let mut paged: BTreeSet<String> = BTreeSet::new();
    let mut decided = Vec::new();
    for condition in conditions {
        let alert = open.remove(&condition.key);
        let around = Around {
            silenced: silences
                .iter()
                .any(|silence| silence.covers(&condition.service, condition.slo.as_deref(), now)),
            held_back: match &condition.behind {
                Behind::Nothing => false,
                Behind::Alert(key) => loud.contains(key),
                Behind::PagesOfService => paged.contains(&condition.service),
            },
        };
        let step = step(alert.as_ref().map(standing), condition.finding, around, now);
        let state = step.map(|step| step.state).or(alert.as_ref().map(|alert| alert.status.state));
        if state.is_some_and(|state| !matches!(state, AlertState::Pending | AlertState::Resolved)) {
            loud.insert(condition.key.clone());
            if condition.severity == Severity::Page {
                paged.insert(condition.service.clone());
            }
        }
        decided.extend(step.map(|step| Decision { alert, condition, step }));
    }
    decided
}

fn standing(alert: &Alert) -> Standing {
    Standing { state: alert.status.state, started_at: alert.origin.started_at, told: Details::of(alert).told }
}

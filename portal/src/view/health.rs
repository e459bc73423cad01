//! How an instance and a service are, as far as the portal knows.

use jiff::Timestamp;
use seaworthy_catalog::Instance;
use seaworthy_protocol::{CheckResult, HealthStatus, InstanceState};
use serde::Serialize;
use utoipa::ToSchema;

use super::range::seconds_since;
use crate::ingest::INTERVAL_SECONDS;

/// An instance that misses three check-ins is lost; one more second for the way.
const LOST_AFTER_SECONDS: u64 = 3 * INTERVAL_SECONDS as u64 + 1;

/// How an instance is. From the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InstanceHealth {
    /// It stopped in an orderly way.
    Stopped,
    /// All checks pass.
    Ok,
    /// It finishes its work and will stop.
    Draining,
    /// A check fails that is not critical.
    PartiallyAvailable,
    /// It does not check in any more and did not say that it stops.
    Lost,
    /// A critical check fails.
    Unavailable,
}

impl InstanceHealth {
    pub(crate) fn of(instance: &Instance, now: Timestamp) -> Self {
        let check_in = &instance.check_in;
        if check_in.state == InstanceState::Stopped {
            return Self::Stopped;
        }
        if seconds_since(instance.last_seen_at, now) > LOST_AFTER_SECONDS {
            return Self::Lost;
        }
        match (check_in.state, check_in.health.status) {
            (_, HealthStatus::Unavailable) => Self::Unavailable,
            (_, HealthStatus::PartiallyAvailable) => Self::PartiallyAvailable,
            (InstanceState::Draining, _) => Self::Draining,
            (_, HealthStatus::Ok) => Self::Ok,
        }
    }

    /// Whether it checks in.
    pub(crate) const fn is_alive(self) -> bool {
        matches!(self, Self::Ok | Self::Draining | Self::PartiallyAvailable | Self::Unavailable)
    }

    /// The word shown to people.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Stopped => "Stopped",
            Self::Ok => "OK",
            Self::Draining => "Draining",
            Self::PartiallyAvailable => "Partially Available",
            Self::Lost => "Agent lost",
            Self::Unavailable => "Unavailable",
        }
    }
}

/// How a service is: the worst of its instances, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct HealthView {
    /// The worst of the instances; none for a service without the agent.
    pub(crate) status: Option<InstanceHealth>,
    /// What is wrong, in words; empty where nothing is.
    pub(crate) reason: String,
    /// Instances that check in.
    pub(crate) instances_alive: usize,
    /// Instances that check in or should.
    pub(crate) instances_expected: usize,
}

impl HealthView {
    pub(crate) fn of(instances: &[&Instance], now: Timestamp) -> Self {
        let states: Vec<InstanceHealth> =
            instances.iter().map(|instance| InstanceHealth::of(instance, now)).collect();
        let status = states.iter().copied().max();
        let alive = states.iter().filter(|state| state.is_alive()).count();
        let expected = states.iter().filter(|state| **state != InstanceHealth::Stopped).count();
        let affected = states.iter().filter(|state| Some(**state) == status).count();
        let reason = match status {
            Some(InstanceHealth::Lost) => lost(instances, &states, now),
            Some(InstanceHealth::Unavailable | InstanceHealth::PartiallyAvailable) => {
                let failing = failing_checks(instances, &states, status);
                if expected > 1 { format!("{failing} on {affected} of {expected}") } else { failing }
            }
            _ => String::new(),
        };
        Self { status, reason, instances_alive: alive, instances_expected: expected }
    }

    /// The word shown to people.
    pub(crate) fn word(&self) -> &'static str {
        self.status.map_or("No agent", InstanceHealth::word)
    }
}

fn lost(instances: &[&Instance], states: &[InstanceHealth], now: Timestamp) -> String {
    let silent = instances
        .iter()
        .zip(states)
        .filter(|(_, state)| **state == InstanceHealth::Lost)
        .map(|(instance, _)| seconds_since(instance.last_seen_at, now))
        .min()
        .unwrap_or_default();
    let count = states.iter().filter(|state| **state == InstanceHealth::Lost).count();
    let alive = states.iter().filter(|state| state.is_alive()).count();
    let silence = if silent < 120 { format!("{silent} s") } else { format!("{} min", silent / 60) };
    match alive {
        0 => format!("no check-in for {silence}"),
        _ => format!("no check-in of {count} of {} for {silence}", count + alive),
    }
}

fn failing_checks(
    instances: &[&Instance],
    states: &[InstanceHealth],
    status: Option<InstanceHealth>,
) -> String {
    let mut names: Vec<&str> = instances
        .iter()
        .zip(states)
        .filter(|(_, state)| Some(**state) == status)
        .flat_map(|(instance, _)| &instance.check_in.health.checks)
        .filter(|check| matches!(check.result, CheckResult::Fail { .. }))
        .map(|check| check.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [] => "a health check fails".into(),
        [one] => format!("{one} fails"),
        [first, rest @ ..] => format!("{first} and {} more fail", rest.len()),
    }
}

//! How an instance and a service are, as far as the portal knows.

use jiff::Timestamp;
use seaworthy_catalog::Instance;
use seaworthy_protocol::{CheckResult, HealthStatus, InstanceState};
use serde::Serialize;
use utoipa::ToSchema;

use super::range::seconds_since;
use crate::ingest::INTERVAL_SECONDS;

/// An instance that misses three check-ins is lost; one more second for the way.
pub(crate) const LOST_AFTER_SECONDS: u64 = 3 * INTERVAL_SECONDS as u64 + 1;

/// How an instance is. What a later one says weighs more for its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InstanceHealth {
    /// It stopped in an orderly way.
    Stopped,
    /// It went without saying so, and another has started in its place since.
    Replaced,
    /// It finishes its work and will stop.
    Draining,
    /// All checks pass.
    Ok,
    /// A check fails that is not critical.
    PartiallyAvailable,
    /// It does not check in any more and did not say that it stops.
    Lost,
    /// A critical check fails.
    Unavailable,
}

impl InstanceHealth {
    /// How each instance of a service is.
    pub(crate) fn of_all(instances: &[&Instance], now: Timestamp) -> Vec<Self> {
        let mut states: Vec<Self> = instances.iter().map(|instance| Self::of(instance, now)).collect();
        let mut successors: Vec<Timestamp> = instances
            .iter()
            .zip(&states)
            .filter(|(_, state)| state.is_alive())
            .map(|(instance, _)| instance.first_seen_at)
            .collect();
        successors.sort_unstable();
        let mut lost: Vec<usize> = (0..states.len()).filter(|index| states[*index] == Self::Lost).collect();
        lost.sort_by_key(|index| instances[*index].last_seen_at);
        // Each takes the place of one at most, the earliest of the one that has been gone for longest.
        for index in lost {
            let gone = instances[index].last_seen_at;
            if let Some(place) = successors.iter().position(|came| *came >= gone) {
                successors.remove(place);
                states[index] = Self::Replaced;
            }
        }
        states
    }

    /// How an instance is by itself.
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
            Self::Replaced => "Replaced",
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
        let states = InstanceHealth::of_all(instances, now);
        let status = states.iter().copied().max();
        let alive = states.iter().filter(|state| state.is_alive()).count();
        let expected = states.iter().filter(|state| **state > InstanceHealth::Replaced).count();
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

#[cfg(test)]
pub(crate) mod tests {
    use seaworthy_protocol::{Build, CheckIn, Figures, Health, Observations, Process};

    use super::*;

    const NOW: &str = "2026-11-20T12:00:00Z";

    pub(crate) fn ago(seconds: i64) -> Timestamp {
        NOW.parse::<Timestamp>().unwrap() - jiff::SignedDuration::from_secs(seconds)
    }

    /// An instance that started and was last seen so many seconds ago.
    pub(crate) fn instance(started: i64, seen: i64, state: InstanceState) -> Instance {
        let process =
            Process { host: String::new(), pid: 1, started_at: ago(started), admin_address: String::new() };
        let check_in = CheckIn {
            service: "reception".into(),
            instance: format!("{started}"),
            environment: String::new(),
            agent: String::new(),
            sequence: 1,
            sent_at: ago(seen),
            build: Build::default(),
            process,
            state,
            health: Health::default(),
            figures: Figures::default(),
            losses: vec![],
            observations: Observations::default(),
            commands: Vec::new(),
            now: None,
            drain: None,
        };
        Instance { check_in, last_seen_at: ago(seen), first_seen_at: ago(started) }
    }

    #[test]
    fn a_crashed_instance_is_lost_until_another_has_taken_its_place() {
        use InstanceHealth::{Draining, Lost, Ok, Replaced, Stopped};
        use InstanceState::{Draining as Drains, Running, Stopped as Ended};
        for (instances, expected, status, alive) in [
            (vec![(900, 300, Running)], vec![Lost], Lost, (0, 1)),
            (vec![(900, 300, Running), (290, 1, Running)], vec![Replaced, Ok], Ok, (1, 1)),
            // One came, two had gone.
            (
                vec![(900, 310, Running), (900, 300, Running), (290, 1, Running)],
                vec![Replaced, Lost, Ok],
                Lost,
                (1, 2),
            ),
            // Who was there before takes nobody's place.
            (vec![(900, 300, Running), (800, 1, Running)], vec![Lost, Ok], Lost, (1, 2)),
            (vec![(900, 1, Drains), (10, 1, Running)], vec![Draining, Ok], Ok, (2, 2)),
            (vec![(900, 1, Drains)], vec![Draining], Draining, (1, 1)),
            (vec![(900, 300, Ended)], vec![Stopped], Stopped, (0, 0)),
        ] {
            let instances: Vec<Instance> =
                instances.iter().map(|(started, seen, state)| instance(*started, *seen, *state)).collect();
            let all: Vec<&Instance> = instances.iter().collect();
            assert_eq!(InstanceHealth::of_all(&all, ago(0)), expected);
            let view = HealthView::of(&all, ago(0));
            assert_eq!(
                (view.status, view.instances_alive, view.instances_expected),
                (Some(status), alive.0, alive.1)
            );
        }
    }
}

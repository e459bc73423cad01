//! A service that has gone, and one that has fallen silent.
//!
//! **Unavailable**: no instance has checked in for a minute, and not all of them said that they stop. A portal that has just
//! begun to listen, or stood still, waits for two minutes first: nobody could check in meanwhile.
//!
//! **Absent**: nothing that tells of the service's SLOs has come for ten minutes, though in the hour before it came in nine
//! minutes of ten, and the service is not known to have stopped. One that is unavailable is told of as that.

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::Instance;
use seaworthy_protocol::InstanceState;
use seaworthy_slo::{Exclusions, Ledger, Minute, Severity};

use super::{Behind, Condition, Measured, Watched, key_of};
use crate::{alerts::machine::Finding, listening::Listening, view::health::InstanceHealth, web::format};

const UNAVAILABLE_AFTER: SignedDuration = SignedDuration::from_mins(1);
const ABSENT_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// So many minutes without a word, and it is looked at.
const SILENT_MINUTES: i64 = 3;
/// In the hour before, so many minutes were told of.
const TOLD_MINUTES: u64 = 54;
/// Names told in a sentence.
const NAMES: usize = 3;

/// The key of the alert that no instance checks in.
pub(crate) fn unavailable_key(service: &str) -> String {
    key_of("unavailable", service)
}

/// The key of the alert that no telemetry comes.
pub(crate) fn absent_key(service: &str) -> String {
    key_of("absent", service)
}

/// Whether a service is there; none where it is and no alert is open.
pub(crate) fn unavailable(
    service: &str,
    instances: &[&Instance],
    listening: Listening,
    open: bool,
) -> Option<Condition> {
    let (finding, summary) = match attendance(instances, listening.now) {
        Attendance::Some { count: 1, .. } => (not_so(listening), "1 instance checks in.".to_owned()),
        Attendance::Some { count, .. } => (not_so(listening), format!("{count} instances check in.")),
        Attendance::Stopped => {
            (not_so(listening), "Every instance has stopped in an orderly way.".to_owned())
        }
        Attendance::Forgotten => {
            let told = "Nothing has checked in for a day: its instances are forgotten, and none is expected.";
            (not_so(listening), told.to_owned())
        }
        Attendance::Lost { .. } if !listening.long_enough() => (Finding::Unknown, String::new()),
        Attendance::Lost { count, last_seen } => {
            let so = Finding::So { since: last_seen, wait: UNAVAILABLE_AFTER };
            (so, lost(count, last_seen, listening))
        }
    };
    let nothing = !open && !matches!(finding, Finding::So { .. });
    (!nothing).then(|| Condition {
        key: unavailable_key(service),
        name: "ServiceUnavailable",
        severity: Severity::Page,
        service: service.to_owned(),
        slo: None,
        finding,
        title: format!("{service}: no instance checks in"),
        summary,
        behind: Behind::Nothing,
        runbook: None,
        look: None,
    })
}

/// Which of its instances are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attendance {
    /// So many check in, the first of them since a time.
    Some { count: usize, since: Timestamp },
    /// None does, and all said that they stop.
    Stopped,
    /// None does, and so many did not say so.
    Lost { count: usize, last_seen: Timestamp },
    /// Nothing is known of any.
    Forgotten,
}

/// The instances that check in.
pub(super) fn alive<'i>(instances: &[&'i Instance], now: Timestamp) -> impl Iterator<Item = &'i Instance> {
    instances.iter().copied().filter(move |instance| InstanceHealth::of(instance, now).is_alive())
}

/// Whether none checks in, and not all said that they stop.
pub(super) fn is_lost(instances: &[&Instance], now: Timestamp) -> bool {
    matches!(attendance(instances, now), Attendance::Lost { .. })
}

fn attendance(instances: &[&Instance], now: Timestamp) -> Attendance {
    if let Some(since) = alive(instances, now).map(|instance| instance.first_seen_at).min() {
        return Attendance::Some { count: alive(instances, now).count(), since };
    }
    let lost = without_successor(instances);
    match lost.iter().map(|instance| instance.last_seen_at).max() {
        Some(last_seen) => Attendance::Lost { count: lost.len(), last_seen },
        None if instances.is_empty() => Attendance::Forgotten,
        None => Attendance::Stopped,
    }
}

/// Of instances that are all gone, those that did not say so and whose place no other took, whatever became of that one.
/// One that fell silent while it drained was killed before it could say that it is done.
fn without_successor<'i>(instances: &[&'i Instance]) -> Vec<&'i Instance> {
    let is_running = |instance: &&Instance| instance.check_in.state == InstanceState::Running;
    let mut lost: Vec<&Instance> = instances.iter().copied().filter(is_running).collect();
    lost.sort_by_key(|instance| instance.last_seen_at);
    let mut successors: Vec<&Instance> = instances.to_vec();
    successors.sort_by_key(|instance| instance.first_seen_at);
    lost.retain(|gone| {
        let takes = |other: &&Instance| {
            other.first_seen_at >= gone.last_seen_at && other.check_in.instance != gone.check_in.instance
        };
        successors.iter().position(takes).map(|place| successors.remove(place)).is_none()
    });
    lost
}

fn not_so(listening: Listening) -> Finding {
    Finding::NotSo { since: listening.now }
}

fn lost(count: usize, last_seen: Timestamp, listening: Listening) -> String {
    let silence = span(last_seen, listening.now);
    let of =
        if count == 1 { "The instance has".to_owned() } else { format!("None of {count} instances has") };
    let not = if count == 1 { " not" } else { "" };
    let listened = if listening.since > last_seen {
        format!(" The portal itself has listened again for {}.", span(listening.since, listening.now))
    } else {
        String::new()
    };
    format!("{of}{not} checked in for {silence}, without a word that it stops.{listened}")
}

fn span(from: Timestamp, to: Timestamp) -> String {
    format::span(u64::try_from(to.duration_since(from).as_secs()).unwrap_or_default())
}

/// Whether nothing has come lately that tells of a service's SLOs.
pub(crate) fn is_silent(slos: &[&Watched<'_>]) -> bool {
    let known = || slos.iter().filter_map(|slo| slo.measured.as_ref());
    let told = |known: &Measured<'_>| told_minutes(known.ledger, known.end, SILENT_MINUTES) > 0;
    known().next().is_some() && !known().any(told)
}

/// Whether telemetry of a service's SLOs comes; none where it does and no alert is open. `had_agent` says whether any
/// instance of it ever checked in.
pub(crate) fn absent(
    service: &str,
    slos: &[&Watched<'_>],
    instances: &[&Instance],
    had_agent: bool,
    listening: Listening,
    open: bool,
) -> Option<Condition> {
    let (finding, summary) = if !is_silent(slos) {
        (not_so(listening), "Telemetry comes again.".to_owned())
    } else {
        match attendance(instances, listening.now) {
            Attendance::Stopped => {
                (not_so(listening), "The service has stopped in an orderly way.".to_owned())
            }
            Attendance::Forgotten if had_agent => {
                (not_so(listening), "No instance checks in any more, and none is expected.".to_owned())
            }
            Attendance::Lost { .. } => (Finding::Unknown, String::new()),
            Attendance::Some { count, since } => silence(slos, Some((count, since)), listening),
            Attendance::Forgotten => silence(slos, None, listening),
        }
    };
    let nothing = !open && !matches!(finding, Finding::So { .. });
    (!nothing).then(|| Condition {
        key: absent_key(service),
        name: "AbsentTelemetry",
        severity: Severity::Ticket,
        service: service.to_owned(),
        slo: None,
        finding,
        title: format!("{service}: no telemetry comes"),
        summary,
        behind: Behind::Alert(unavailable_key(service)),
        runbook: None,
        look: None,
    })
}

/// A silence of SLOs that were told of before.
fn silence(
    slos: &[&Watched<'_>],
    alive: Option<(usize, Timestamp)>,
    listening: Listening,
) -> (Finding, String) {
    let last = slos
        .iter()
        .filter_map(|slo| slo.measured.as_ref())
        .filter_map(|known| Some((last_told(known.ledger, known.end)?, known)))
        .max_by_key(|(last, _)| *last);
    let Some((last, known)) = last else { return (Finding::Unknown, String::new()) };
    let after = Minute(last.0 + 1);
    if told_minutes(known.ledger, after, 60) < TOLD_MINUTES {
        return (Finding::Unknown, String::new());
    }
    // A process that came later is silent only since then.
    let there = alive.map_or(listening.since, |(_, since)| since.max(listening.since));
    let since = after.begins().max(there);
    if listening.now.duration_since(since) < SignedDuration::from_mins(SILENT_MINUTES) {
        return (Finding::Unknown, String::new());
    }
    let though = match alive {
        Some((1, _)) => ", though 1 instance checks in".to_owned(),
        Some((count, _)) => format!(", though {count} instances check in"),
        None => String::new(),
    };
    let summary = format!(
        "Nothing that tells of {} has come for {}{though}. Its minutes are missing, neither good nor bad.",
        names(slos),
        span(since, listening.now),
    );
    (Finding::So { since, wait: ABSENT_AFTER }, summary)
}

fn names(slos: &[&Watched<'_>]) -> String {
    let named: Vec<&str> = slos.iter().take(NAMES).map(|slo| slo.name).collect();
    match slos.len().saturating_sub(NAMES) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn told_minutes(ledger: &Ledger, end: Minute, minutes: i64) -> u64 {
    ledger.tally(Minute(end.0 - minutes)..end, &Exclusions::default()).covered_minutes
}

/// The last minute before `end` that was told of, as far as minutes are at hand.
fn last_told(ledger: &Ledger, end: Minute) -> Option<Minute> {
    const HOURS_AT_HAND: usize = 73;
    let hours = std::iter::successors(Some(end.0), |to| Some((to - 1).div_euclid(60) * 60));
    let hour = hours.take(HOURS_AT_HAND).find(|to| told_minutes(ledger, Minute(*to), 60) > 0)?;
    (hour - 60..hour).rev().map(Minute).find(|minute| told_minutes(ledger, Minute(minute.0 + 1), 1) > 0)
}

#[cfg(test)]
mod tests {
    use seaworthy_slo::{AlertSpec, Budgeting, Counts, Slo, SloSpec};

    use super::*;
    use crate::view::health::tests::{ago, instance};

    fn listening(since: i64) -> Listening {
        Listening { now: ago(0), since: ago(since) }
    }

    #[test]
    fn a_service_is_unavailable_when_nobody_checks_in_who_should() {
        use InstanceState::{Draining, Running, Stopped};
        let so = |since: i64| Some(Finding::So { since: ago(since), wait: UNAVAILABLE_AFTER });
        let not = Some(Finding::NotSo { since: ago(0) });
        for (what, instances, since, expected) in [
            ("it is there", vec![(900, 1, Running)], 900, not),
            ("lost", vec![(900, 90, Running)], 900, so(90)),
            ("the last of two", vec![(900, 300, Running), (800, 90, Running)], 900, so(90)),
            ("one is left", vec![(900, 300, Running), (800, 1, Running)], 900, not),
            ("the rest stopped", vec![(900, 300, Running), (800, 90, Stopped)], 900, so(300)),
            ("stopped", vec![(900, 300, Stopped)], 900, not),
            ("lost, and the next one stopped", vec![(900, 600, Running), (500, 90, Stopped)], 900, not),
            ("lost, and the next one too", vec![(900, 600, Running), (500, 90, Running)], 900, so(90)),
            ("killed while it drained", vec![(900, 300, Draining)], 900, not),
            ("forgotten", vec![], 900, not),
            ("nobody could be heard", vec![(900, 300, Running)], 60, Some(Finding::Unknown)),
            ("nobody is heard either", vec![(900, 300, Running)], 120, so(300)),
        ] {
            let instances: Vec<Instance> =
                instances.iter().map(|(started, seen, state)| instance(*started, *seen, *state)).collect();
            let all: Vec<&Instance> = instances.iter().collect();
            let found =
                |open| unavailable("reception", &all, listening(since), open).map(|found| found.finding);
            assert_eq!(found(true), expected, "{what}");
            assert_eq!(found(false), expected.filter(|found| matches!(found, Finding::So { .. })), "{what}");
        }
    }

    /// Minutes of two hours, of which `told` says whether anything was told.
    fn ledger(told: impl Fn(i64) -> bool) -> Ledger {
        let mut ledger = Ledger::new(Budgeting::Occurrences);
        let end = Minute::of(ago(0)).0;
        for back in (1..=120).filter(|back| told(*back)) {
            ledger.record(Minute(end - back), Counts::default());
        }
        ledger
    }

    fn slo() -> Slo {
        let spec: SloSpec = serde_json::from_str(
            r#"{"sli":{"kind":"availability"},"objective_percent":99.9,"window":{"kind":"rolling","minutes":43200}}"#,
        )
        .unwrap();
        SloSpec { alerts: AlertSpec::recommended(), ..spec }.check().unwrap()
    }

    #[test]
    fn telemetry_is_absent_when_what_came_regularly_has_ceased() {
        use InstanceState::{Running, Stopped};
        let (there, lost) = (vec![(7_200, 1, Running)], vec![(7_200, 90, Running)]);
        let so = |minutes: i64| Some(Finding::So { since: ago(minutes * 60), wait: ABSENT_AFTER });
        let (not, unknown) = (Some(Finding::NotSo { since: ago(0) }), Some(Finding::Unknown));
        let silent_for = |minutes: i64| ledger(move |back| back > minutes);
        for (what, ledger, instances, had_agent, expected) in [
            ("it comes", silent_for(0), &there, true, not),
            ("it is late", silent_for(2), &there, true, not),
            ("silent", silent_for(3), &there, true, so(3)),
            ("silent for long", silent_for(50), &there, true, so(50)),
            ("another came meanwhile", silent_for(50), &vec![(1_200, 1, Running)], true, so(20)),
            ("without an agent", silent_for(20), &vec![], false, so(20)),
            ("gone for long", silent_for(20), &vec![], true, not),
            ("stopped", silent_for(20), &vec![(900, 300, Stopped)], true, not),
            ("unavailable is told instead", silent_for(20), &lost, true, unknown),
            ("it never came regularly", ledger(|back| back > 20 && back % 5 == 0), &there, true, unknown),
            ("it never came", ledger(|_| false), &there, true, unknown),
        ] {
            let slo = slo();
            let end = Minute::of(ago(0));
            let measured = Measured { slo: &slo, ledger: &ledger, end, exclusions: Exclusions::default() };
            let watched =
                Watched { name: "orders", title: "", service: "reception", measured: Some(measured) };
            let instances: Vec<Instance> =
                instances.iter().map(|(started, seen, state)| instance(*started, *seen, *state)).collect();
            let all: Vec<&Instance> = instances.iter().collect();
            let found = absent("reception", &[&watched], &all, had_agent, listening(7_200), true);
            assert_eq!(found.map(|found| found.finding), expected, "{what}");
        }
    }

    #[test]
    fn what_could_not_be_heard_is_no_silence() {
        let (slo, ledger) = (slo(), ledger(|back| back > 30));
        let measured = Measured {
            slo: &slo,
            ledger: &ledger,
            end: Minute::of(ago(0)),
            exclusions: Exclusions::default(),
        };
        let watched = Watched { name: "orders", title: "", service: "reception", measured: Some(measured) };
        let alive = instance(900, 1, InstanceState::Running);
        let found = absent("reception", &[&watched], &[&alive], true, listening(240), false).unwrap();
        assert_eq!(found.finding, Finding::So { since: ago(240), wait: ABSENT_AFTER });
        assert_eq!(
            found.summary,
            "Nothing that tells of orders has come for 4 min, though 1 instance checks in. Its minutes are missing, \
             neither good nor bad."
        );
    }
}

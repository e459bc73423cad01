//! A resource of a service runs out. The resources are CPU and memory, each against the limit that instances tell of.
//!
//! | | begins | is over |
//! |---|---|---|
//! | the trend of weeks reaches the limit | in 30 days or sooner; told at once | in more than 35 days, or never |
//! | an instance that checks in uses | more than 90 % of its limit; told after 10 minutes | 80 % of it or less |
//!
//! The first leaves time to act, the second is the edge itself, also of a service that is too young for a trend. Both are one
//! alert, which is over when neither is so. It is a ticket: whom it hurts already the burn rates wake.
//!
//! Where no forecast was read yet, or no instance that checks in tells what it uses, an open alert stays open unless the other
//! of the two says that it is so. A resource that has no trend runs out by none.

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::Instance;
use seaworthy_slo::Severity;

use super::{Behind, Condition, key_of};
use crate::{
    alerts::machine::Finding,
    capacity::{Forecast, Resource, RunsOut, SOON_DAYS, Use, fullest},
    view::health::InstanceHealth,
    web::format,
};

/// The kind of alert.
pub(crate) const NAME: &str = "CapacityRunsOut";
const KIND: &str = "capacity";
/// An open alert is over when the trend reaches the limit later.
const FAR_DAYS: f64 = 35.0;
/// The share of a limit above which an instance is at the edge, and up to which one that was is not any more.
const EDGE: f64 = 0.9;
const CLEAR: f64 = 0.8;
/// Full for a moment is nothing that anybody has to act on.
const WAIT: SignedDuration = SignedDuration::from_mins(10);

/// A resource that runs out, and in how many days.
type Soon = (Resource, RunsOut, f64);
/// A resource that is near its limit, and the instances of which it is, the fullest first.
type Full<'i> = (Resource, Vec<Use<'i>>);

/// The key of the alert of a service.
pub(crate) fn key(service: &str) -> String {
    key_of(KIND, service)
}

/// Whether there is anything to watch: an instance that tells use and limit of a resource.
pub(crate) fn watches<'i>(instances: impl IntoIterator<Item = &'i Instance>) -> bool {
    let tells = |instance: &Instance| Resource::ALL.into_iter().any(|of| Use::of(of, instance).is_some());
    instances.into_iter().any(tells)
}

/// Whether a resource runs out; none where none does and no alert is open. `forecast` is none where nobody has read it yet,
/// `open` for an alert that is pending or fires already.
pub(crate) fn judge(
    service: &str,
    forecast: Option<&Forecast>,
    instances: &[&Instance],
    now: Timestamp,
    open: bool,
) -> Option<Condition> {
    let alive = instances.iter().copied().filter(|one| InstanceHealth::of(one, now).is_alive());
    let alive: Vec<&Instance> = alive.collect();
    let soon = forecast.map(|forecast| soon(forecast, now, if open { FAR_DAYS } else { SOON_DAYS }));
    let full = watches(alive.iter().copied()).then(|| full(&alive, if open { CLEAR } else { EDGE }));
    let known = soon.is_some() && full.is_some();
    let (soon, full) = (soon.unwrap_or_default(), full.unwrap_or_default());
    let (finding, title, summary) = match (soon.first(), full.first()) {
        (Some(first), _) => {
            let so = Finding::So { since: now, wait: SignedDuration::ZERO };
            (so, title_of_soon(service, first), sentences(&soon, &full, now))
        }
        (None, Some((resource, of_instances))) => {
            let so = Finding::So { since: now, wait: WAIT };
            (so, title_of_full(service, *resource, of_instances), sentences(&soon, &full, now))
        }
        (None, None) if !open => return None,
        (None, None) if known => (Finding::NotSo { since: now }, String::new(), over()),
        (None, None) => (Finding::Unknown, String::new(), String::new()),
    };
    Some(Condition {
        key: key(service),
        name: NAME,
        severity: Severity::Ticket,
        service: service.to_owned(),
        slo: None,
        finding,
        title,
        summary,
        behind: Behind::Nothing,
        runbook: None,
        look: None,
    })
}

/// What the trend uses up within so many days, the soonest first.
fn soon(forecast: &Forecast, now: Timestamp, within_days: f64) -> Vec<Soon> {
    let mut soon: Vec<Soon> = forecast
        .resources
        .iter()
        .filter_map(|one| Some((one.resource, one.runs_out?)))
        .map(|(resource, found)| (resource, found, days(found.expected, now)))
        .filter(|(_, _, days)| *days <= within_days)
        .collect();
    soon.sort_by(|(.., a), (.., b)| a.total_cmp(b));
    soon
}

/// The resources of which an instance uses more than a share, the fullest first.
fn full<'i>(instances: &[&'i Instance], above: f64) -> Vec<Full<'i>> {
    let each = Resource::ALL.into_iter().map(|resource| {
        let mut uses = fullest(resource, instances.iter().copied());
        uses.retain(|one| one.share() > above);
        (resource, uses)
    });
    let mut full: Vec<Full<'_>> = each.filter(|(_, uses)| !uses.is_empty()).collect();
    let highest = |(_, uses): &Full<'_>| uses.first().map_or(0.0, Use::share);
    full.sort_by(|a, b| highest(b).total_cmp(&highest(a)));
    full
}

fn days(at: Timestamp, now: Timestamp) -> f64 {
    (at.duration_since(now).as_secs_f64() / 86_400.0).max(0.0)
}

fn title_of_soon(service: &str, (resource, _, days): &Soon) -> String {
    format!("{service}: {} runs out in {} d", resource.as_str(), days.floor())
}

fn title_of_full(service: &str, resource: Resource, uses: &[Use<'_>]) -> String {
    let share = uses.first().map_or(0.0, Use::share);
    format!("{service}: {} of the {} limit is in use", format::percent(share), resource.as_str())
}

fn sentences(soon: &[Soon], full: &[Full<'_>], now: Timestamp) -> String {
    let trends = soon.iter().map(|one| trend(one, now));
    let edges = full.iter().filter_map(|(resource, uses)| edge(*resource, uses));
    trends.chain(edges).collect::<Vec<_>>().join(" ")
}

fn trend((resource, found, expected): &Soon, now: Timestamp) -> String {
    let latest = found.latest.map_or("never".to_owned(), |at| format!("in {} d", days(at, now).floor()));
    format!(
        "By the trend of its highest hours {} reaches its limit in {} d: at the fastest in {} d, at the slowest {latest}.",
        resource.as_str(),
        expected.floor(),
        days(found.earliest, now).floor(),
    )
}

fn edge(resource: Resource, uses: &[Use<'_>]) -> Option<String> {
    let (first, others) = uses.split_first()?;
    let others = match others.len() {
        0 => String::new(),
        count => format!(", {} likewise", format::plural(count, "other")),
    };
    Some(format!(
        "{} uses {} of {} of {} ({}){others}; above {} for {} min there is an alert.",
        first.instance,
        resource.amount(first.used),
        resource.amount(first.limit),
        resource.as_str(),
        format::percent(first.share()),
        format::percent(EDGE),
        WAIT.as_mins(),
    ))
}

fn over() -> String {
    format!(
        "No trend reaches a limit within {FAR_DAYS} d, and no instance uses more than {} of one.",
        format::percent(CLEAR)
    )
}

#[cfg(test)]
mod tests {
    use seaworthy_protocol::{Figures, InstanceState};
    use seaworthy_records::{NoTrend, Trend};

    use super::*;
    use crate::{
        capacity::{NoForecast, Outlook},
        view::health::tests::{ago, instance},
    };

    /// A trend by which memory runs out in so many days; none where it does not.
    fn forecast(in_days: Option<i64>) -> Forecast {
        let ahead = |hours: i64| ago(0) + SignedDuration::from_hours(hours);
        let runs_out = in_days.map(|days| RunsOut {
            expected: ahead(days * 24 + 12),
            earliest: ahead(days * 12),
            latest: None,
        });
        let trend = Ok(Trend {
            per_day: 0.01,
            per_day_range: (0.0, 0.02),
            level: 0.5,
            spread: (0.0, 0.0),
            days: 14,
            until: ago(0),
        });
        Forecast { read_at: ago(0), resources: vec![Outlook { resource: Resource::Memory, trend, runs_out }] }
    }

    fn too_young() -> Forecast {
        let trend = Err(NoForecast::NoTrend(NoTrend::TooFewDays(2)));
        let outlook = Outlook { resource: Resource::Memory, trend, runs_out: None };
        Forecast { read_at: ago(0), resources: vec![outlook] }
    }

    /// An instance that uses so many of 1,000 bytes, and half of its CPU.
    fn using(bytes: u64, seen: i64) -> Instance {
        let mut one = instance(900, seen, InstanceState::Running);
        one.check_in.figures = Figures {
            cpu_cores: Some(1.0),
            cpu_limit_cores: Some(2.0),
            memory_bytes: Some(bytes),
            memory_limit_bytes: Some(1_000),
            ..Figures::default()
        };
        one
    }

    #[test]
    fn it_begins_and_is_over_where_the_rule_says() {
        let at_once = Some(Finding::So { since: ago(0), wait: SignedDuration::ZERO });
        let waits = Some(Finding::So { since: ago(0), wait: WAIT });
        let over = Some(Finding::NotSo { since: ago(0) });
        let unknown = Some(Finding::Unknown);
        for (what, forecast, used, closed, open) in [
            ("nobody has looked", None, Some(100), None, unknown),
            ("nobody has looked, and it is full", None, Some(901), waits, waits),
            ("nobody tells", Some(forecast(None)), None, None, unknown),
            ("nobody tells, and it runs out", Some(forecast(Some(12))), None, at_once, at_once),
            ("all is well", Some(forecast(None)), Some(800), None, over),
            ("too young", Some(too_young()), Some(800), None, over),
            ("too young and full", Some(too_young()), Some(901), waits, waits),
            ("not above the edge", Some(too_young()), Some(900), None, waits),
            ("not clear of it", Some(too_young()), Some(801), None, waits),
            ("in 29 days and a half", Some(forecast(Some(29))), Some(100), at_once, at_once),
            ("in 30 days and a half", Some(forecast(Some(30))), Some(100), None, at_once),
            ("in 34 days and a half", Some(forecast(Some(34))), Some(100), None, at_once),
            ("in 35 days and a half", Some(forecast(Some(35))), Some(100), None, over),
            ("both", Some(forecast(Some(3))), Some(999), at_once, at_once),
        ] {
            let instances: Vec<Instance> = used.map(|used| using(used, 1)).into_iter().collect();
            let all: Vec<&Instance> = instances.iter().collect();
            let found = |open| {
                judge("till", forecast.as_ref(), &all, ago(0), open).map(|condition| condition.finding)
            };
            assert_eq!((found(false), found(true)), (closed, open), "{what}");
        }
    }

    #[test]
    fn who_is_gone_or_tells_no_limit_is_not_judged() {
        let gone = using(999, 600);
        assert_eq!(judge("till", Some(&too_young()), &[&gone], ago(0), false).map(|one| one.key), None);
        let mut unlimited = using(999, 1);
        unlimited.check_in.figures.memory_limit_bytes = None;
        assert!(watches([&unlimited]), "its CPU has a limit");
        unlimited.check_in.figures.cpu_limit_cores = Some(0.0);
        assert!(!watches([&unlimited]));
        assert_eq!(judge("till", Some(&too_young()), &[&unlimited], ago(0), false).map(|one| one.key), None);
    }

    #[test]
    fn the_words_have_the_numbers_and_the_fullest_comes_first() {
        let (less, more) = (using(910, 1), using(950, 1));
        let found = judge("till", Some(&forecast(Some(12))), &[&less, &more], ago(0), false).unwrap();
        assert_eq!((found.key.as_str(), found.severity), ("capacity/till", Severity::Ticket));
        assert_eq!(found.title, "till: memory runs out in 12 d");
        let name = &more.check_in.instance;
        assert_eq!(
            found.summary,
            format!(
                "By the trend of its highest hours memory reaches its limit in 12 d: at the fastest in 6 d, at the slowest \
                 never. {name} uses 950 B of 1,000 B of memory (95 %), 1 other likewise; above 90 % for \
                 10 min there is an alert."
            )
        );
        let found = judge("till", None, &[&less], ago(0), false).unwrap();
        assert_eq!(found.title, "till: 91 % of the memory limit is in use");
    }
}

//! A service does not answer from outside, whether its instances check in or not.
//!
//! | begins | is over |
//! |---|---|
//! | the portal's probes of its URL have not been answered with 2xx or 3xx for three minutes | at the first that is |
//!
//! It is a page. The three minutes are counted from probe to probe. Where the latest probe is older than five minutes nothing
//! is known. A probe of another URL than the service has now is none: the alert of it ends.
//!
//! One outage pages once: while no instance checks in that should, the service is unavailable, and told of as that. Once that
//! is over the three minutes begin anew, for a process that is back is not reached at once.

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::{Instance, UptimeProbe};
use seaworthy_slo::Severity;

use super::{
    Behind, Condition, key_of,
    presence::{alive, is_lost, unavailable_key},
};
use crate::{alerts::machine::Finding, uptime, web::format};

/// The kind of alert.
pub(crate) const NAME: &str = "ServiceUnreachable";
const KIND: &str = "unreachable";
const WAIT: SignedDuration = SignedDuration::from_mins(3);

/// The key of the alert of a service.
pub(crate) fn key(service: &str) -> String {
    key_of(KIND, service)
}

/// What bears on it besides the probe.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around<'i> {
    pub(crate) instances: &'i [&'i Instance],
    /// Until when the service was last told of as unavailable; now, while it is.
    pub(crate) unavailable_until: Option<Timestamp>,
    /// When the alert began that is open.
    pub(crate) began: Option<Timestamp>,
}

/// Whether a service answers; none where it does and no alert is open.
pub(crate) fn judge(probe: &UptimeProbe, around: Around<'_>, now: Timestamp) -> Option<Condition> {
    let service = &probe.service;
    let (finding, summary) = match probe.failing_since {
        _ if uptime::is_old(probe, now) => (Finding::Unknown, String::new()),
        None => (Finding::NotSo { since: probe.at }, answered(probe)),
        Some(_) if is_lost(around.instances, now) => (Finding::Unknown, String::new()),
        Some(failing_since) => {
            let since = around.unavailable_until.map_or(failing_since, |until| until.max(failing_since));
            (so(probe, since, around.began, now), silent(probe, failing_since, around.instances, now))
        }
    };
    let nothing = around.began.is_none() && !matches!(finding, Finding::So { .. });
    (!nothing).then(|| Condition {
        key: key(service),
        name: NAME,
        severity: Severity::Page,
        service: service.clone(),
        slo: None,
        finding,
        title: format!("{service}: it does not answer from outside"),
        summary,
        behind: Behind::Alert(unavailable_key(service)),
        runbook: None,
        look: None,
    })
}

/// That it is so, and due once the latest probe is three minutes later than `since`. An alert that is open counts from its
/// own beginning to now, which the wait makes up for.
fn so(probe: &UptimeProbe, since: Timestamp, began: Option<Timestamp>, now: Timestamp) -> Finding {
    let counted_from = began.unwrap_or(since);
    let wait = WAIT + now.duration_since(probe.at) + since.duration_since(counted_from);
    Finding::So { since, wait }
}

fn answered(probe: &UptimeProbe) -> String {
    let status = probe.status.map(|status| format!(" {status}")).unwrap_or_default();
    format!("It answers again:{status} in {}.", format::seconds(probe.took_ms as f64 / 1e3))
}

fn silent(probe: &UptimeProbe, since: Timestamp, instances: &[&Instance], now: Timestamp) -> String {
    let silence = u64::try_from(now.duration_since(since).as_secs()).unwrap_or_default();
    let why = probe.error.as_deref().unwrap_or("nobody knows why");
    let there = match alive(instances, now).count() {
        0 => "No instance checks in.".to_owned(),
        1 => "1 instance checks in.".to_owned(),
        count => format!("{count} instances check in."),
    };
    format!("Asked for its URL it has not answered for {}: {why}. {there}", format::span(silence))
}

#[cfg(test)]
mod tests {
    use seaworthy_catalog::AlertState;
    use seaworthy_protocol::InstanceState::{Running, Stopped};

    use super::*;
    use crate::{
        alerts::machine::{self, Standing, step},
        view::health::tests::{ago, instance},
    };

    /// A probe of so many seconds ago, which is one of those that have failed since.
    fn probe(asked: i64, failing_since: Option<i64>) -> UptimeProbe {
        UptimeProbe {
            service: "reception".into(),
            url: "https://shop.example/livez?key=secret".into(),
            at: ago(asked),
            answered: failing_since.is_none(),
            status: failing_since.map_or(Some(204), |_| None),
            took_ms: 12,
            error: failing_since.map(|_| "shop.example did not answer within 10 s".into()),
            failing_since: failing_since.map(ago),
        }
    }

    fn judged(
        probe: &UptimeProbe,
        instances: &[Instance],
        until: Option<i64>,
        began: Option<i64>,
    ) -> Option<Condition> {
        let instances: Vec<&Instance> = instances.iter().collect();
        let around =
            Around { instances: &instances, unavailable_until: until.map(ago), began: began.map(ago) };
        judge(probe, around, ago(0))
    }

    /// What becomes of an alert that is not told of yet; `began` says whether one is pending, and since when.
    fn becomes(found: Option<Condition>, began: Option<i64>) -> Option<AlertState> {
        let pending =
            began.map(|at| Standing { state: AlertState::Pending, started_at: ago(at), told: false });
        step(pending, found?.finding, machine::Around::default(), ago(0)).map(|step| step.state)
    }

    #[test]
    fn three_minutes_of_probes_without_an_answer_page() {
        let there = vec![instance(900, 1, Running)];
        let lost = vec![instance(900, 90, Running)];
        let (pending, firing) = (Some(AlertState::Pending), Some(AlertState::Firing));
        let over = Some(AlertState::Resolved);
        for (what, asked, failing_since, instances, until, began, expected) in [
            ("it answers", 20, None, &there, None, None, None),
            ("it answers again", 20, None, &there, None, Some(80), over),
            ("its first failure", 20, Some(20), &there, None, None, pending),
            ("its failures of two minutes", 20, Some(140), &there, None, Some(140), None),
            ("of three", 20, Some(200), &there, None, Some(200), firing),
            ("of three, seen only now", 20, Some(200), &there, None, None, firing),
            ("one failure, and three minutes without a probe", 200, Some(200), &there, None, Some(200), None),
            ("three minutes of which two are probed", 90, Some(210), &there, None, None, pending),
            ("the latest is just fresh", 300, Some(480), &there, None, Some(480), firing),
            ("the latest is old", 301, Some(900), &there, None, Some(900), None),
            ("an old answer ends nothing", 301, None, &there, None, Some(900), None),
            ("nobody has an agent", 20, Some(200), &vec![], None, None, firing),
            ("all stopped", 20, Some(200), &vec![instance(900, 90, Stopped)], None, None, firing),
            ("lost: it is told of as unavailable", 20, Some(900), &lost, None, None, None),
            ("lost, and pending before", 20, Some(900), &lost, None, Some(900), None),
            ("unavailable until now", 20, Some(900), &there, Some(0), None, pending),
            ("until a minute ago", 20, Some(900), &there, Some(60), None, pending),
            ("until a minute ago, and pending before", 20, Some(900), &there, Some(60), Some(900), None),
            ("until long ago", 20, Some(900), &there, Some(200), Some(900), firing),
            ("before it began", 20, Some(200), &there, Some(4_000), None, firing),
        ] {
            let found = judged(&probe(asked, failing_since), instances, until, began);
            assert_eq!(becomes(found, began), expected, "{what}");
        }
    }

    #[test]
    fn it_says_what_was_answered_and_whether_instances_are_there() {
        let there = [instance(900, 1, Running), instance(800, 1, Running)];
        let found = judged(&probe(20, Some(200)), &there, None, None).unwrap();
        assert_eq!(found.title, "reception: it does not answer from outside");
        let words = "Asked for its URL it has not answered for 3 min 20 s: shop.example did not answer within 10 s. \
                     2 instances check in.";
        assert_eq!(found.summary, words);
        let without = judged(&probe(20, Some(200)), &[], None, None).unwrap();
        assert!(without.summary.ends_with("10 s. No instance checks in."), "{}", without.summary);
        let over = judged(&probe(20, None), &there, None, Some(200)).unwrap();
        assert_eq!(over.summary, "It answers again: 204 in 12 ms.");
    }
}

//! What alerts, in and out.
//!
//! An alert policy whose condition is a burn rate above a threshold is evaluated as a [`BurnRule`](seaworthy_slo::BurnRule)
//! over its lookback window and a shorter one, which ends the alert soon after the burning ends. OpenSLO has no field for
//! the shorter one; it stands in the annotation `seaworthy/short-window` of the condition and is a twelfth of the longer
//! one where it does not, as in the SRE Workbook.

use seaworthy_slo::{AlertSpec, Severity};
use seaworthy_yaml::shown;

use super::{
    findings::{At, Findings},
    names::Names,
};
use crate::v1::{
    AlertCondition, AlertPolicy, Condition, ConditionKind, Duration, Metadata, NotificationTarget, Operator,
    Resource, Use,
};

/// The annotation of a condition that gives the shorter window.
const SHORT_WINDOW: &str = "seaworthy/short-window";

/// A policy with everything that it refers to written out, and where its parts stand.
pub(crate) struct Resolved<'d> {
    /// The policy.
    pub(crate) policy: Resource<AlertPolicy>,
    /// Where it stands.
    pub(crate) at: At<'d>,
    /// Where its condition stands.
    pub(crate) condition_at: At<'d>,
}

/// A policy with everything that it refers to written out; none if something is missing.
pub(crate) fn resolve<'d>(
    used: &Use<AlertPolicy>,
    at: &At<'d>,
    names: &Names<'d>,
    findings: &mut Findings,
) -> Option<Resolved<'d>> {
    let (mut policy, at) = names.resolve(used, at, findings)?;
    check(&policy.spec, &at.field("spec"), findings);
    let mut condition_at = at.field("spec.conditions");
    for (index, used) in policy.spec.conditions.iter_mut().enumerate() {
        let (condition, place) = names.resolve(used, &at.field("spec.conditions").item(index), findings)?;
        *used = Use::Inline(condition);
        condition_at = place;
    }
    for (index, used) in policy.spec.notification_targets.iter_mut().enumerate() {
        let at = at.field("spec.notificationTargets").item(index);
        *used = Use::Inline(names.resolve(used, &at, findings)?.0);
    }
    Some(Resolved { policy, at, condition_at })
}

/// What is wrong with a policy, whoever evaluates it.
fn check(policy: &AlertPolicy, at: &At<'_>, findings: &mut Findings) {
    let at = at.field("conditions");
    match policy.conditions.len() {
        1 => {}
        0 => findings.error(&at, "is missing; one condition is needed").unwrap_or_default(),
        many => {
            let message = format!("has {many} conditions; OpenSLO v1 allows one, so write a policy for each");
            findings.error(&at, message).unwrap_or_default()
        }
    }
}

/// The alert that Seaworthy evaluates over a period; none where it does not, with the reason among the findings.
pub(crate) fn read(
    resolved: &Resolved<'_>,
    period_minutes: u32,
    findings: &mut Findings,
) -> Option<AlertSpec> {
    let Resolved { policy, at, condition_at } = resolved;
    let Some(Use::Inline(condition)) = policy.spec.conditions.first() else { return None };
    let at = at.field("spec");
    if policy.spec.alert_when_no_data == Some(true) {
        findings.warn(&at.field("alertWhenNoData"), "is kept, but not evaluated");
    }
    if policy.spec.alert_when_breaching == Some(false) {
        findings.warn(&at.field("alertWhenBreaching"), "is false: the policy is kept, but not evaluated");
        return None;
    }
    if policy.spec.alert_when_resolved == Some(false) {
        findings.warn(&at.field("alertWhenResolved"), "is kept; the end of an alert is told of all the same");
    }
    burn_rate(condition, condition_at, period_minutes, findings)
}

fn burn_rate(
    resource: &Resource<AlertCondition>,
    at: &At<'_>,
    period_minutes: u32,
    findings: &mut Findings,
) -> Option<AlertSpec> {
    let Condition { kind: ConditionKind::BurnRate, op, threshold, lookback_window, alert_after } =
        resource.spec.condition;
    let condition = at.field("spec.condition");
    match op {
        Operator::Gt => {}
        Operator::Gte => {
            findings.warn(&condition.field("op"), "is kept; an alert fires strictly above the threshold")
        }
        Operator::Lt | Operator::Lte => {
            let message = "asks for a low burn rate: the policy is kept, but not evaluated; gt is";
            findings.warn(&condition.field("op"), message);
            return None;
        }
    }
    let lookback = condition.field("lookbackWindow");
    let Some(long_minutes) = lookback_window.minutes().filter(|minutes| *minutes > 1) else {
        let message = format!("is {lookback_window}: the policy is kept, but not evaluated; 2m to 366d are");
        findings.warn(&lookback, message);
        return None;
    };
    if let Some(after) = alert_after {
        let message = format!(
            "is kept; an alert fires at once, not after {after}, and its short window keeps it from flapping"
        );
        findings.warn(&condition.field("alertAfter"), message);
    }
    let short_minutes = short_minutes(&resource.metadata, long_minutes, at, findings)?;
    let severity = severity(&resource.spec.severity, &at.field("spec.severity"), findings);
    let budget_percent = budget_percent(threshold, long_minutes, period_minutes);
    Some(AlertSpec { budget_percent, long_minutes, short_minutes, severity })
}

fn short_minutes(
    metadata: &Metadata,
    long_minutes: u32,
    at: &At<'_>,
    findings: &mut Findings,
) -> Option<u32> {
    let Some(text) = metadata.annotations.get(SHORT_WINDOW) else {
        let minutes = (long_minutes / 12).max(1);
        let message = format!(
            "must be above its threshold over {} as well; the annotation {SHORT_WINDOW} says another length",
            Duration::of_minutes(minutes)
        );
        findings.warn(&at.field("spec.condition"), message);
        return Some(minutes);
    };
    let at = at.field("metadata.annotations").field(SHORT_WINDOW);
    let duration = findings.checked(&at, text.parse::<Duration>())?;
    match duration.minutes() {
        Some(minutes) => Some(minutes),
        None => findings.error(&at, format!("{duration} is not always as long; write for example 5m")),
    }
}

fn severity(text: &str, at: &At<'_>, findings: &mut Findings) -> Severity {
    match text.to_lowercase().as_str() {
        "page" => Severity::Page,
        "ticket" => Severity::Ticket,
        _ => {
            findings.warn(
                at,
                format!("is {:?}: kept, and treated as a page; page and ticket are known", shown(text)),
            );
            Severity::Page
        }
    }
}

/// To a millionth of the budget, which is what burn rules count in.
fn budget_percent(threshold: f64, long_minutes: u32, period_minutes: u32) -> f64 {
    let percent = threshold * f64::from(long_minutes) / f64::from(period_minutes.max(1)) * 100.0;
    (percent * 1e4).round() / 1e4
}

/// An alert as OpenSLO says it. Whom it tells is decided by Seaworthy's channels, which stand there as one target, because
/// OpenSLO wants one.
pub(crate) fn write(alert: &AlertSpec, period_minutes: u32) -> Use<AlertPolicy> {
    let AlertSpec { budget_percent, long_minutes, short_minutes, severity } = *alert;
    let severity = match severity {
        Severity::Page => "page",
        Severity::Ticket => "ticket",
    };
    let [long, short] = [long_minutes, short_minutes].map(Duration::of_minutes);
    let name = format!("{severity}-{long}-{short}");
    let mut metadata = Metadata::named(&name);
    metadata.annotations.insert(SHORT_WINDOW.to_owned(), short.to_string());
    let condition = AlertCondition {
        description: None,
        severity: severity.to_owned(),
        condition: Condition {
            kind: ConditionKind::BurnRate,
            op: Operator::Gt,
            threshold: budget_percent * f64::from(period_minutes) / f64::from(long_minutes.max(1)) / 100.0,
            lookback_window: long,
            alert_after: None,
        },
    };
    let target = NotificationTarget { target: "seaworthy".to_owned(), description: None };
    let policy = AlertPolicy {
        alert_when_breaching: Some(true),
        alert_when_resolved: Some(true),
        conditions: vec![Use::Inline(Resource { metadata, spec: condition })],
        notification_targets: vec![Use::Inline(Resource {
            metadata: Metadata::named("seaworthy"),
            spec: target,
        })],
        ..AlertPolicy::default()
    };
    Use::Inline(Resource { metadata: Metadata::named(name), spec: policy })
}

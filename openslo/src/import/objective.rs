//! How much must be good and how that is counted, in and out.

use seaworthy_slo::BudgetingSpec;

use super::findings::{At, Findings};
use crate::v1::{BudgetingMethod, Duration, Objective, Slo};

/// What is wrong with objectives, whoever evaluates them.
pub(crate) fn check(slo: &Slo, at: &At<'_>, findings: &mut Findings) {
    let at = at.field("objectives");
    if slo.objectives.is_empty() {
        findings.error::<()>(&at, "is empty; one objective is needed");
    }
    for (index, objective) in slo.objectives.iter().enumerate() {
        let at = at.item(index);
        if let Some((field, target)) = target(objective, &at, findings) {
            let range = if field == "target" { 1.0 } else { 100.0 };
            within(target, range, &at.field(field), findings);
        }
        check_slices(slo.budgeting_method, objective, &at, findings);
        if objective.composite_weight.is_some_and(|weight| weight <= 0.0) {
            findings.error::<()>(&at.field("compositeWeight"), "must be above 0");
        }
    }
}

fn target(objective: &Objective, at: &At<'_>, findings: &mut Findings) -> Option<(&'static str, f64)> {
    match (objective.target, objective.target_percent) {
        (Some(target), None) => Some(("target", target)),
        (None, Some(percent)) => Some(("targetPercent", percent)),
        (Some(_), Some(_)) => findings.error(at, "has both target and targetPercent; leave one of them out"),
        (None, None) => findings.error(at, "has neither target nor targetPercent; one is needed"),
    }
}

fn within(target: f64, whole: f64, at: &At<'_>, findings: &mut Findings) {
    if target <= 0.0 || target >= whole {
        let example = if whole > 1.0 { "99.9" } else { "0.999" };
        let message =
            format!("{target} is out of range; it must be above 0 and below {whole}, for example {example}");
        findings.error::<()>(at, message);
    }
}

fn check_slices(method: BudgetingMethod, objective: &Objective, at: &At<'_>, findings: &mut Findings) {
    let (window, target) = match method {
        BudgetingMethod::Occurrences => return,
        BudgetingMethod::Timeslices => (true, true),
        BudgetingMethod::RatioTimeslices => (true, false),
    };
    if window && objective.time_slice_window.is_none() {
        findings.error::<()>(
            &at.field("timeSliceWindow"),
            "is missing; give the length of a slice, for example 1m",
        );
    }
    match objective.time_slice_target {
        None if target => {
            let message = "is missing; give the share of a slice that must be good, for example 0.95";
            findings.error::<()>(&at.field("timeSliceTarget"), message);
        }
        Some(share) if !(share > 0.0 && share <= 1.0) => {
            let message = format!("{share} is out of range; it must be above 0 and at most 1");
            findings.error::<()>(&at.field("timeSliceTarget"), message);
        }
        _ => {}
    }
}

/// The objective that Seaworthy evaluates, in percent.
pub(crate) fn read(slo: &Slo, at: &At<'_>, findings: &mut Findings) -> Option<(f64, BudgetingSpec)> {
    let at = at.field("objectives");
    let [objective] = slo.objectives.as_slice() else {
        let message = format!(
            "has {} objectives; Seaworthy evaluates one in an SLO, so write an SLO for each",
            slo.objectives.len()
        );
        return if slo.objectives.is_empty() { None } else { findings.error(&at, message) };
    };
    let at = at.item(0);
    for (field, given) in [("op", objective.op.is_some()), ("value", objective.value.is_some())] {
        if given {
            findings.warn(&at.field(field), "is kept; it is for a thresholdMetric and means nothing here");
        }
    }
    let percent = match (objective.target_percent, objective.target) {
        (Some(percent), _) => percent,
        (None, target) => percent_of(target?),
    };
    Some((percent, budgeting(slo.budgeting_method, objective, &at, findings)?))
}

fn budgeting(
    method: BudgetingMethod,
    objective: &Objective,
    at: &At<'_>,
    findings: &mut Findings,
) -> Option<BudgetingSpec> {
    match method {
        BudgetingMethod::Occurrences => Some(BudgetingSpec::Occurrences),
        BudgetingMethod::Timeslices => {
            let (window, target) = (objective.time_slice_window?, objective.time_slice_target?);
            let Some(minutes) = window.minutes().and_then(|minutes| u8::try_from(minutes).ok()) else {
                let message = format!("a slice of {window} is too long; at most 1h is counted");
                return findings.error(&at.field("timeSliceWindow"), message);
            };
            Some(BudgetingSpec::Slices { minutes, target_percent: percent_of(target) })
        }
        BudgetingMethod::RatioTimeslices => {
            let message = "is kept, but the SLO is not evaluated: an average of the slices' ratios says something else than the share of good events; Occurrences and Timeslices are evaluated";
            findings.warn(at, format!("RatioTimeslices {message}"));
            None
        }
    }
}

/// To the seven decimals that objectives have.
fn percent_of(share: f64) -> f64 {
    (share * 1e9).round() / 1e7
}

/// An objective as OpenSLO says it; whatever else `kept` says of it stays.
pub(crate) fn write(
    percent: f64,
    budgeting: &BudgetingSpec,
    kept: Objective,
) -> (BudgetingMethod, Objective) {
    let objective = Objective {
        target: None,
        target_percent: Some(percent),
        time_slice_target: None,
        time_slice_window: None,
        ..kept
    };
    match budgeting {
        BudgetingSpec::Occurrences => (BudgetingMethod::Occurrences, objective),
        BudgetingSpec::Slices { minutes, target_percent } => (
            BudgetingMethod::Timeslices,
            Objective {
                time_slice_target: Some(share_of(*target_percent)),
                time_slice_window: Some(Duration::of_minutes(u32::from(*minutes))),
                ..objective
            },
        ),
    }
}

fn share_of(percent: f64) -> f64 {
    (percent * 1e7).round() / 1e9
}

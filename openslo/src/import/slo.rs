//! From an SLO of OpenSLO to a definition.

use seaworthy_slo::{Mistake, SloSpec};
use seaworthy_yaml::shown;

use super::{
    alerts,
    findings::{At, Findings},
    indicator,
    names::Names,
    objective, window,
};
use crate::{
    definition::Definition,
    v1::{DataSource, Indicator, Metric, Resource, Slo, Use},
};

/// The annotation of an SLO that says where its runbook is.
pub(crate) const RUNBOOK: &str = "seaworthy/runbook";
/// The annotation of an SLO that says how many failures an alert needs.
pub(crate) const LEAST_FAILURES: &str = "seaworthy/least-failures";
/// How many it needs where nothing says so.
pub(crate) const USUAL_LEAST_FAILURES: u64 = 5;

/// An SLO with all that it refers to written out, and what Seaworthy evaluates of it.
pub(crate) fn read<'d>(
    slo: &Resource<Slo>,
    at: &At<'d>,
    names: &Names<'d>,
    findings: &mut Findings,
) -> Option<Definition> {
    let errors = findings.errors.len();
    let mut slo = slo.clone();
    let reader = Reader { at: at.clone(), names };
    let indicator_at = reader.write_out(&mut slo.spec, findings);
    let policies = reader.policies(&mut slo.spec, findings);
    let spec_at = at.field("spec");
    window::check(&slo.spec.time_window, &spec_at.field("timeWindow"), findings);
    objective::check(&slo.spec, &spec_at, findings);
    let faulty = findings.errors.len() > errors;
    let spec = reader.evaluated(&slo, indicator_at.as_ref(), &policies, faulty, findings);
    (findings.errors.len() == errors).then_some(Definition { slo, spec })
}

struct Reader<'r, 'd> {
    at: At<'d>,
    names: &'r Names<'d>,
}

impl<'d> Reader<'_, 'd> {
    /// Puts referenced indicators where they are referred to. Returns where the SLO's own one stands, if it has one.
    fn write_out(&self, slo: &mut Slo, findings: &mut Findings) -> Option<At<'d>> {
        let at = self.at.field("spec");
        let composite = slo.objectives.iter().any(|o| o.indicator.is_some() || o.indicator_ref.is_some());
        let own = slo.indicator.is_some() || slo.indicator_ref.is_some();
        match (own, composite) {
            (true, true) => {
                let message = "is given, and in objectives as well; leave it out here or there";
                return findings.error(&at.field("indicator"), message);
            }
            (false, false) => {
                return findings.error(&at.field("indicator"), "is missing; give it, or an indicatorRef");
            }
            (true, false) => {
                return self.indicator(&mut slo.indicator, &mut slo.indicator_ref, &at, findings);
            }
            (false, true) => {}
        }
        for (index, objective) in slo.objectives.iter_mut().enumerate() {
            let at = at.field("objectives").item(index);
            self.indicator(&mut objective.indicator, &mut objective.indicator_ref, &at, findings);
        }
        let message = "are a composite SLO: kept, but not evaluated";
        findings.warn(&at.field("objectives"), message);
        None
    }

    fn indicator(
        &self,
        inline: &mut Option<Resource<Indicator>>,
        reference: &mut Option<String>,
        at: &At<'d>,
        findings: &mut Findings,
    ) -> Option<At<'d>> {
        let found = match (&inline, reference.take()) {
            (Some(_), None) => Some(at.field("indicator")),
            (None, Some(name)) => {
                let (object, place) = self.names.refer(&name, &at.field("indicatorRef"), findings)?;
                *inline = Some(object.clone());
                Some(place)
            }
            (Some(_), Some(_)) => {
                findings.error(at, "has both an indicator and an indicatorRef; leave one of them out")
            }
            (None, None) => findings.error(at, "has neither an indicator nor an indicatorRef; one is needed"),
        };
        if let Some(indicator) = inline {
            self.name_sources(&mut indicator.spec);
        }
        found
    }

    /// Gives each source the type that its data source has, so that the indicator says it by itself.
    fn name_sources(&self, indicator: &mut Indicator) {
        let ratio = indicator.ratio_metric.as_mut();
        let of_ratio = ratio.into_iter().flat_map(|ratio| {
            [&mut ratio.good, &mut ratio.bad, &mut ratio.total, &mut ratio.raw].into_iter().flatten()
        });
        for Metric { metric_source } in of_ratio.chain(&mut indicator.threshold_metric) {
            if let (None, Some(name)) = (&metric_source.source_type, &metric_source.metric_source_ref) {
                let source = self.names.find::<DataSource>(name);
                metric_source.source_type = source.map(|(source, _)| source.spec.source_type.clone());
            }
        }
    }

    fn policies(&self, slo: &mut Slo, findings: &mut Findings) -> Vec<alerts::Resolved<'d>> {
        let at = self.at.field("spec.alertPolicies");
        let mut policies = Vec::new();
        for (index, used) in slo.alert_policies.iter_mut().enumerate() {
            if let Some(resolved) = alerts::resolve(used, &at.item(index), self.names, findings) {
                *used = Use::Inline(resolved.policy.clone());
                policies.push(resolved);
            }
        }
        policies
    }

    /// What Seaworthy evaluates; none where it cannot, with the reason among the findings. Of a faulty SLO only the
    /// indicator is looked at, lest a mistake be told twice.
    fn evaluated(
        &self,
        slo: &Resource<Slo>,
        indicator_at: Option<&At<'d>>,
        policies: &[alerts::Resolved<'d>],
        faulty: bool,
        findings: &mut Findings,
    ) -> Option<SloSpec> {
        let errors = findings.errors.len();
        let (at, indicator_at) = (self.at.field("spec"), indicator_at?);
        let indicator = &slo.spec.indicator.as_ref()?.spec;
        let sli = indicator::read(indicator, &indicator_at.field("spec"), self.names, findings)?;
        if faulty {
            return None;
        }
        let window = window::read(&slo.spec.time_window, &at.field("timeWindow"), findings);
        let objective = objective::read(&slo.spec, &at, findings);
        let least_failures = self.least_failures(slo, findings)?;
        let (window, (objective_percent, budgeting)) = (window?, objective?);
        if findings.errors.len() > errors {
            return None;
        }
        let runbook = slo.metadata.annotations.get(RUNBOOK).cloned();
        let mut spec = SloSpec {
            sli,
            objective_percent,
            window,
            budgeting,
            alerts: Vec::new(),
            least_failures,
            runbook,
        };
        let period = match spec.check() {
            Ok(slo) => slo.period.minutes(),
            Err(mistakes) => return self.refuse(mistakes, slo, indicator_at, &[], findings),
        };
        let read: Vec<_> = policies
            .iter()
            .filter_map(|policy| Some((alerts::read(policy, period, findings)?, &policy.condition_at)))
            .collect();
        spec.alerts = read.iter().map(|(alert, _)| *alert).collect();
        match spec.check() {
            Ok(_) => Some(spec),
            Err(mistakes) => {
                let conditions: Vec<_> = read.into_iter().map(|(_, at)| at).collect();
                self.refuse(mistakes, slo, indicator_at, &conditions, findings)
            }
        }
    }

    fn least_failures(&self, slo: &Resource<Slo>, findings: &mut Findings) -> Option<u64> {
        let Some(text) = slo.metadata.annotations.get(LEAST_FAILURES) else {
            return Some(USUAL_LEAST_FAILURES);
        };
        let at = self.at.field("metadata.annotations").field(LEAST_FAILURES);
        let read = text.parse().map_err(|_| format!("{:?} is no number; write for example 5", shown(text)));
        findings.checked(&at, read)
    }

    /// Mistakes in a definition, at the fields that made it.
    fn refuse(
        &self,
        mistakes: Vec<Mistake>,
        slo: &Resource<Slo>,
        indicator_at: &At<'d>,
        conditions: &[&At<'d>],
        findings: &mut Findings,
    ) -> Option<SloSpec> {
        let at = self.at.field("spec");
        let objective = at.field("objectives").item(0);
        let target =
            slo.spec.objectives.first().map_or("targetPercent", |objective| match objective.target {
                Some(_) => "target",
                None => "targetPercent",
            });
        for Mistake { field, message } in mistakes {
            let at = match field.as_str() {
                "objective_percent" => objective.field(target),
                "window.minutes" => at.field("timeWindow[0].duration"),
                "window.zone" => at.field("timeWindow[0].calendar.timeZone"),
                "budgeting.minutes" => objective.field("timeSliceWindow"),
                "runbook" => self.at.field("metadata.annotations").field(RUNBOOK),
                "budgeting.target_percent" => objective.field("timeSliceTarget"),
                field if field.starts_with("alerts[") => {
                    let condition = alert_index(field).and_then(|index| conditions.get(index));
                    let part = if field.ends_with("_minutes") { "lookbackWindow" } else { "threshold" };
                    condition
                        .map_or_else(|| at.clone(), |condition| condition.field("spec.condition").field(part))
                }
                _ => indicator_at.field("spec.ratioMetric"),
            };
            findings.error::<()>(&at, message);
        }
        None
    }
}

/// The number in `alerts[3].budget_percent`.
fn alert_index(field: &str) -> Option<usize> {
    field.strip_prefix("alerts[")?.split(']').next()?.parse().ok()
}

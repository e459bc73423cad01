//! An SLO as Seaworthy and OpenSLO both say it.

use std::collections::BTreeMap;

use seaworthy_slo::{AlertSpec, Sli, SloSpec};

use crate::{
    import::{
        alerts,
        findings::{At, Findings},
        indicator,
        names::Names,
        objective,
        slo::{LEAST_FAILURES, RUNBOOK, USUAL_LEAST_FAILURES},
        window,
    },
    v1::{AlertPolicy, BudgetingMethod, Label, Metadata, Object, Resource, Slo, Use},
};

/// An SLO with all that OpenSLO says of it, and what Seaworthy evaluates of that.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// As OpenSLO says it, with its indicator, alert policies, conditions and targets written out.
    pub(crate) slo: Resource<Slo>,
    /// What Seaworthy evaluates.
    pub(crate) spec: Option<SloSpec>,
}

impl Definition {
    /// What OpenSLO has to say of an SLO that Seaworthy evaluates.
    pub fn new(name: impl Into<String>, service: impl Into<String>, spec: SloSpec) -> Self {
        let slo = Slo {
            description: None,
            service: service.into(),
            indicator: None,
            indicator_ref: None,
            time_window: Vec::new(),
            budgeting_method: BudgetingMethod::Occurrences,
            objectives: Vec::new(),
            alert_policies: Vec::new(),
        };
        Self { slo: Resource { metadata: Metadata::named(name), spec: slo }, spec: None }.with_spec(spec)
    }

    /// The same of an SLO that was kept as an object, together with what is evaluated of it now.
    pub fn of(slo: Resource<Slo>, spec: SloSpec) -> Self {
        Self { slo, spec: None }.with_spec(spec)
    }

    /// What it is called: unique, lowercase letters, digits and hyphens.
    pub fn name(&self) -> &str {
        &self.slo.metadata.name
    }

    /// The service that it is of.
    pub fn service(&self) -> &str {
        &self.slo.spec.service
    }

    /// What people read.
    pub fn title(&self) -> Option<&str> {
        self.slo.metadata.display_name.as_deref()
    }

    /// What it is for.
    pub fn description(&self) -> Option<&str> {
        self.slo.spec.description.as_deref()
    }

    /// For finding and grouping.
    pub fn labels(&self) -> &BTreeMap<String, Label> {
        &self.slo.metadata.labels
    }

    /// For whatever reads it.
    pub fn annotations(&self) -> &BTreeMap<String, String> {
        &self.slo.metadata.annotations
    }

    /// What alerts, each with its condition and targets written out, evaluated or not.
    pub fn policies(&self) -> impl Iterator<Item = &Resource<AlertPolicy>> {
        self.slo.spec.alert_policies.iter().filter_map(|used| match used {
            Use::Inline(policy) => Some(policy),
            Use::Reference(_) => None,
        })
    }

    /// What Seaworthy evaluates; none of what is only kept.
    pub fn spec(&self) -> Option<&SloSpec> {
        self.spec.as_ref()
    }

    /// As an object of OpenSLO that refers to no other.
    pub fn object(&self) -> Object {
        Object::Slo(Box::new(self.slo.clone()))
    }

    /// The same of another service.
    #[must_use]
    pub fn with_service(mut self, service: &str) -> Self {
        service.clone_into(&mut self.slo.spec.service);
        self
    }

    /// The same with another title, and none for an empty one.
    #[must_use]
    pub fn with_title(mut self, title: &str) -> Self {
        self.slo.metadata.display_name = Some(title.to_owned()).filter(|title| !title.is_empty());
        self
    }

    /// The same with another description, and none for an empty one.
    #[must_use]
    pub fn with_description(mut self, description: &str) -> Self {
        self.slo.spec.description = Some(description.to_owned()).filter(|text| !text.is_empty());
        self
    }

    /// The same with labels added.
    #[must_use]
    pub fn with_labels(mut self, labels: BTreeMap<String, Label>) -> Self {
        self.slo.metadata.labels.extend(labels);
        self
    }

    /// The same with one label as given, or without it.
    #[must_use]
    pub fn with_label(mut self, name: &str, label: Option<Label>) -> Self {
        let labels = &mut self.slo.metadata.labels;
        match label {
            Some(label) => _ = labels.insert(name.to_owned(), label),
            None => _ = labels.remove(name),
        }
        self
    }

    /// The same with annotations added.
    #[must_use]
    pub fn with_annotations(mut self, annotations: BTreeMap<String, String>) -> Self {
        self.slo.metadata.annotations.extend(annotations);
        self
    }

    /// The same, of which another is evaluated. Whatever says what is evaluated already stays as it is, names, labels and
    /// targets with it; the rest is written anew.
    #[must_use]
    pub fn with_spec(mut self, spec: SloSpec) -> Self {
        let period = minutes(&spec);
        self.set_indicator(&spec.sli);
        self.set_window(&spec);
        self.set_objective(&spec);
        self.set_least_failures(spec.least_failures);
        self.set_runbook(spec.runbook.as_deref());
        self.slo.spec.alert_policies = policies(&self.slo.spec.alert_policies, &spec.alerts, period);
        self.spec = Some(spec);
        self
    }

    fn set_indicator(&mut self, sli: &Sli) {
        let kept = self.slo.spec.indicator.take();
        let mut indicator = kept.unwrap_or_else(|| Resource {
            metadata: Metadata::named(self.name()),
            spec: crate::v1::Indicator::default(),
        });
        let says =
            indicator::read(&indicator.spec, &At::nowhere(), &Names::default(), &mut Findings::default());
        if says.as_ref() != Some(sli) {
            let description = indicator.spec.description.take();
            indicator.spec = crate::v1::Indicator { description, ..indicator::write(sli) };
        }
        self.slo.spec.indicator = Some(indicator);
        self.slo.spec.indicator_ref = None;
    }

    fn set_window(&mut self, spec: &SloSpec) {
        let says = window::read(&self.slo.spec.time_window, &At::nowhere(), &mut Findings::default());
        if says.as_ref() != Some(&spec.window) {
            self.slo.spec.time_window = vec![window::write(&spec.window)];
        }
    }

    fn set_objective(&mut self, spec: &SloSpec) {
        let says = objective::read(&self.slo.spec, &At::nowhere(), &mut Findings::default());
        if says.as_ref() != Some(&(spec.objective_percent, spec.budgeting.clone())) {
            let mut kept = self.slo.spec.objectives.drain(..).next().unwrap_or_default();
            (kept.indicator, kept.indicator_ref, kept.composite_weight) = (None, None, None);
            let (method, objective) = objective::write(spec.objective_percent, &spec.budgeting, kept);
            (self.slo.spec.budgeting_method, self.slo.spec.objectives) = (method, vec![objective]);
        }
    }

    fn set_runbook(&mut self, runbook: Option<&str>) {
        let annotations = &mut self.slo.metadata.annotations;
        match runbook {
            Some(runbook) => _ = annotations.insert(RUNBOOK.to_owned(), runbook.to_owned()),
            None => _ = annotations.remove(RUNBOOK),
        }
    }

    fn set_least_failures(&mut self, least_failures: u64) {
        let annotations = &mut self.slo.metadata.annotations;
        let says = annotations.get(LEAST_FAILURES).map(|text| text.parse::<u64>());
        match (says, least_failures) {
            (Some(Ok(says)), _) if says == least_failures => {}
            (None, USUAL_LEAST_FAILURES) => {}
            _ => _ = annotations.insert(LEAST_FAILURES.to_owned(), least_failures.to_string()),
        }
    }
}

/// The minutes of its window; those of none are as good as any for what is refused anyway.
fn minutes(spec: &SloSpec) -> u32 {
    SloSpec { alerts: Vec::new(), ..spec.clone() }.check().map_or(1, |slo| slo.period.minutes())
}

/// The policies that say these alerts, in their order: those that were kept where they do, others written anew. Kept ones
/// that are not evaluated stay; those of alerts that are no more go.
fn policies(kept: &[Use<AlertPolicy>], alerts: &[AlertSpec], period: u32) -> Vec<Use<AlertPolicy>> {
    let mut policies = Vec::new();
    let mut next = 0;
    for used in kept {
        match alert_of(used, period) {
            None => policies.push(used.clone()),
            Some(says) => {
                let Some(found) = alerts[next..].iter().position(|alert| *alert == says) else { continue };
                policies.extend(alerts[next..next + found].iter().map(|alert| alerts::write(alert, period)));
                policies.push(used.clone());
                next += found + 1;
            }
        }
    }
    policies.extend(alerts[next..].iter().map(|alert| alerts::write(alert, period)));
    policies
}

fn alert_of(used: &Use<AlertPolicy>, period: u32) -> Option<AlertSpec> {
    let (names, mut findings) = (Names::default(), Findings::default());
    let resolved = alerts::resolve(used, &At::nowhere(), &names, &mut findings)?;
    alerts::read(&resolved, period, &mut findings)
}

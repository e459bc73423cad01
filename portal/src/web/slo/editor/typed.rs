//! What the form of an SLO holds, as it was typed.

use seaworthy_catalog::SloDefinition;
use seaworthy_slo::{AlertSpec, BudgetingSpec, Calendar, Counter, Mistake, Scope, Sli, SloSpec, WindowSpec};
use serde::Deserialize;

/// The fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    pub(super) name: String,
    pub(super) service: String,
    pub(super) team: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) kind: String,
    pub(super) routes: String,
    pub(super) methods: String,
    pub(super) threshold_ms: String,
    pub(super) bad_statuses: String,
    pub(super) part_metric: String,
    pub(super) part_attributes: String,
    pub(super) total_metric: String,
    pub(super) total_attributes: String,
    pub(super) objective: String,
    pub(super) window: String,
    pub(super) zone: String,
    pub(super) slices: String,
    pub(super) slice_target: String,
    pub(super) page_1h: Option<String>,
    pub(super) page_6h: Option<String>,
    pub(super) ticket_1d: Option<String>,
    pub(super) ticket_3d: Option<String>,
    pub(super) least_failures: String,
    pub(super) runbook: String,
    pub(super) version: String,
    /// The SLO that is being changed, for a preview.
    pub(super) edits: String,
}

impl Typed {
    pub(super) fn of(name: &str, definition: &SloDefinition, spec: &SloSpec, version: i64) -> Self {
        let (window, zone) = match &spec.window {
            WindowSpec::Rolling { minutes } => (length(*minutes), String::new()),
            WindowSpec::Calendar { unit, zone } => (unit_name(*unit).to_owned(), zone.clone()),
        };
        let (slices, slice_target) = match &spec.budgeting {
            BudgetingSpec::Occurrences => (String::new(), String::new()),
            BudgetingSpec::Slices { minutes, target_percent } => {
                (minutes.to_string(), target_percent.to_string())
            }
        };
        let recommended = AlertSpec::recommended();
        let chosen = |index: usize| {
            let rule = recommended.get(index).filter(|rule| spec.alerts.contains(rule));
            rule.map(|_| "on".to_owned())
        };
        let typed = Self {
            name: name.to_owned(),
            service: definition.service.clone(),
            team: definition.team.clone().unwrap_or_default(),
            title: definition.title.clone(),
            description: definition.description.clone(),
            objective: spec.objective_percent.to_string(),
            window,
            zone,
            slices,
            slice_target,
            page_1h: chosen(0),
            page_6h: chosen(1),
            ticket_1d: chosen(2),
            ticket_3d: chosen(3),
            least_failures: spec.least_failures.to_string(),
            runbook: spec.runbook.clone().unwrap_or_default(),
            version: version.to_string(),
            ..Self::default()
        };
        typed.with_sli(&spec.sli)
    }

    fn with_sli(mut self, sli: &Sli) -> Self {
        let (kind, scope) = match sli {
            Sli::Availability { scope, bad_statuses } => {
                let ranges = bad_statuses.iter().map(|(from, to)| format!("{from}-{to}"));
                self.bad_statuses = ranges.collect::<Vec<_>>().join(" ");
                ("availability", Some(scope))
            }
            Sli::Latency { scope, threshold_ms } => {
                self.threshold_ms = threshold_ms.to_string();
                ("latency", Some(scope))
            }
            Sli::Ratio { good: part, total } | Sli::Failures { bad: part, total } => {
                (self.part_metric, self.part_attributes) = (part.metric.clone(), attributes(part));
                (self.total_metric, self.total_attributes) = (total.metric.clone(), attributes(total));
                (if matches!(sli, Sli::Ratio { .. }) { "ratio" } else { "failures" }, None)
            }
        };
        self.kind = kind.to_owned();
        if let Some(scope) = scope {
            (self.routes, self.methods) = (scope.routes.join("\n"), scope.methods.join(" "));
        }
        self
    }

    /// What was typed, for the catalog. `before` holds what the form does not show.
    pub(super) fn definition(&self, before: &SloSpec) -> Result<SloDefinition, Vec<Mistake>> {
        let spec = self.spec(before)?;
        spec.check()?;
        let spec = serde_json::to_string(&spec)
            .map_err(|error| vec![Mistake { field: String::new(), message: error.to_string() }])?;
        Ok(SloDefinition {
            service: self.service.clone(),
            title: if self.title.trim().is_empty() { self.name.clone() } else { self.title.clone() },
            description: self.description.clone(),
            team: Some(self.team.clone()).filter(|team| !team.trim().is_empty()),
            spec,
            openslo: None,
        })
    }

    pub(super) fn spec(&self, before: &SloSpec) -> Result<SloSpec, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut number = |field: &str, text: &str, example: &str| {
            let text = text.trim().trim_end_matches('%').trim();
            text.parse::<f64>().unwrap_or_else(|_| {
                let message = format!("{text:?} is not a number; write for example {example}");
                mistakes.push(Mistake { field: field.to_owned(), message });
                0.0
            })
        };
        let objective_percent = number("objective_percent", &self.objective, "99.9");
        let budgeting = match self.slices.trim() {
            "" => BudgetingSpec::Occurrences,
            minutes => BudgetingSpec::Slices {
                minutes: number("budgeting.minutes", minutes, "5") as u8,
                target_percent: number("budgeting.target_percent", &self.slice_target, "99"),
            },
        };
        let least_failures = number("least_failures", &self.least_failures, "5").max(0.0) as u64;
        let runbook = Some(self.runbook.trim()).filter(|runbook| !runbook.is_empty()).map(str::to_owned);
        let window = self.window().map_err(|mistake| mistakes.push(mistake)).ok();
        let sli = self.sli().map_err(|found| mistakes.extend(found)).ok();
        let alerts = self.alerts(before);
        match (window, sli) {
            (Some(window), Some(sli)) if mistakes.is_empty() => {
                Ok(SloSpec { sli, objective_percent, window, budgeting, alerts, least_failures, runbook })
            }
            _ => Err(mistakes),
        }
    }

    fn sli(&self) -> Result<Sli, Vec<Mistake>> {
        let lines = self.routes.lines().map(str::trim).filter(|line| !line.is_empty());
        let scope = Scope {
            routes: lines.map(str::to_owned).collect(),
            methods: self.methods.split_whitespace().map(str::to_uppercase).collect(),
        };
        match self.kind.as_str() {
            "latency" => {
                let threshold_ms = self.threshold_ms.trim().parse().map_err(|_| {
                    wrong("sli.threshold_ms", &self.threshold_ms, "a number of milliseconds", "250")
                })?;
                Ok(Sli::Latency { scope, threshold_ms })
            }
            kind @ ("ratio" | "failures") => {
                let (bad, field) =
                    (kind == "failures", if kind == "failures" { "sli.bad" } else { "sli.good" });
                let part = counter(&self.part_metric, &self.part_attributes, field)?;
                let total = counter(&self.total_metric, &self.total_attributes, "sli.total")?;
                Ok(if bad { Sli::Failures { bad: part, total } } else { Sli::Ratio { good: part, total } })
            }
            _ => Ok(Sli::Availability { scope, bad_statuses: self.statuses()? }),
        }
    }

    /// `500-599 429`.
    fn statuses(&self) -> Result<Vec<(u16, u16)>, Vec<Mistake>> {
        self.bad_statuses
            .split([' ', ',', '\n', '\t', '\r'])
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (from, to) = part.split_once('-').unwrap_or((part, part));
                let both = from.trim().parse().ok().zip(to.trim().parse().ok());
                both.ok_or_else(|| {
                    wrong("sli.bad_statuses[0]", part, "a status or a range of them", "500-599")
                })
            })
            .collect()
    }

    /// The recommended ones that are chosen, and those that the form does not show.
    fn alerts(&self, before: &SloSpec) -> Vec<AlertSpec> {
        let chosen = [&self.page_1h, &self.page_6h, &self.ticket_1d, &self.ticket_3d];
        let recommended = AlertSpec::recommended();
        let others = before.alerts.iter().filter(|rule| !recommended.contains(rule)).copied();
        let chosen = recommended.iter().zip(chosen).filter(|(_, chosen)| chosen.is_some());
        chosen.map(|(rule, _)| *rule).chain(others).collect()
    }

    /// `30d`, or a unit of the calendar.
    fn window(&self) -> Result<WindowSpec, Mistake> {
        let text = self.window.trim();
        let unit = [Calendar::Week, Calendar::Month, Calendar::Quarter, Calendar::Year]
            .into_iter()
            .find(|unit| unit_name(*unit) == text);
        if let Some(unit) = unit {
            let zone = if self.zone.trim().is_empty() { "UTC" } else { self.zone.trim() };
            return Ok(WindowSpec::Calendar { unit, zone: zone.to_owned() });
        }
        let of = |suffix: &str, minutes: u32| {
            text.strip_suffix(suffix)?.trim().parse::<u32>().ok()?.checked_mul(minutes)
        };
        of("min", 1)
            .or_else(|| of("h", 60))
            .or_else(|| of("d", 24 * 60))
            .map(|minutes| WindowSpec::Rolling { minutes })
            .ok_or_else(|| Mistake {
                field: "window.minutes".to_owned(),
                message: format!("{text:?} is not a window; choose one of the list"),
            })
    }
}

/// The longest unit that it is a whole number of.
fn length(minutes: u32) -> String {
    match minutes {
        days if days % (24 * 60) == 0 => format!("{}d", days / (24 * 60)),
        hours if hours % 60 == 0 => format!("{}h", hours / 60),
        minutes => format!("{minutes}min"),
    }
}

fn counter(metric: &str, attributes: &str, field: &'static str) -> Result<Counter, Vec<Mistake>> {
    let pair = |line: &str| {
        let (key, value) =
            line.split_once('=').ok_or_else(|| wrong(field, line, "an attribute", "result=ok"))?;
        Ok((key.trim().to_owned(), value.trim().to_owned()))
    };
    let lines = attributes.lines().map(str::trim).filter(|line| !line.is_empty());
    let attributes = lines.map(pair).collect::<Result<_, Vec<Mistake>>>()?;
    Ok(Counter { metric: metric.trim().to_owned(), attributes })
}

fn attributes(counter: &Counter) -> String {
    let lines: Vec<String> = counter.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
    lines.join("\n")
}

fn wrong(field: &str, text: &str, what: &str, example: &str) -> Vec<Mistake> {
    vec![Mistake {
        field: field.to_owned(),
        message: format!("{text:?} is not {what}; write for example {example}"),
    }]
}

pub(super) const fn unit_name(unit: Calendar) -> &'static str {
    match unit {
        Calendar::Week => "week",
        Calendar::Month => "month",
        Calendar::Quarter => "quarter",
        Calendar::Year => "year",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(spec: &SloSpec) -> SloSpec {
        Typed::of("orders", &SloDefinition::default(), spec, 1).spec(spec).unwrap()
    }

    fn counter(metric: &str, attributes: &[(&str, &str)]) -> Counter {
        let attributes =
            attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Counter { metric: metric.to_owned(), attributes }
    }

    #[test]
    fn what_nobody_touches_stays_as_it_was() {
        let usual = super::super::super::usual();
        let custom = AlertSpec { budget_percent: 7.0, ..AlertSpec::recommended()[0] };
        let scope =
            Scope { routes: vec!["/orders/{id}".into(), "/menu".into()], methods: vec!["POST".into()] };
        let (ok, all) = (counter("orders", &[("result", "ok=1")]), counter("orders", &[]));
        for spec in [
            usual.clone(),
            SloSpec { window: WindowSpec::Rolling { minutes: 90 }, alerts: vec![], ..usual.clone() },
            SloSpec { alerts: vec![AlertSpec::recommended()[2], custom], ..usual.clone() },
            SloSpec { sli: Sli::Ratio { good: ok.clone(), total: all.clone() }, ..usual.clone() },
            SloSpec { sli: Sli::Failures { bad: ok, total: all }, ..usual.clone() },
            SloSpec { sli: Sli::Latency { scope: scope.clone(), threshold_ms: 0.5 }, ..usual.clone() },
            SloSpec {
                sli: Sli::Availability { scope, bad_statuses: vec![(500, 599), (429, 429)] },
                runbook: Some("/runbooks/orders".into()),
                ..usual
            },
        ] {
            assert_eq!(round_trip(&spec), spec);
        }
    }

    #[test]
    fn mistakes_name_the_field_and_what_would_be_right() {
        let usual = super::super::super::usual();
        let good = Typed::of("orders", &SloDefinition::default(), &usual, 1);
        for (typed, field, told) in [
            (Typed { window: "soon".into(), ..good.clone() }, "window.minutes", "choose one"),
            (Typed { bad_statuses: "5xx".into(), ..good.clone() }, "sli.bad_statuses[0]", "500-599"),
            (Typed { kind: "latency".into(), ..good.clone() }, "sli.threshold_ms", "250"),
            (
                Typed { kind: "ratio".into(), part_attributes: "ok".into(), ..good.clone() },
                "sli.good",
                "result=ok",
            ),
        ] {
            let mistakes = typed.spec(&usual).unwrap_err();
            assert!(mistakes[0].field == field && mistakes[0].message.contains(told), "{mistakes:?}");
        }
    }
}

//! What counts as within SLO in a load test: what the service's SLOs ask, as far as a load test can tell.
//!
//! A tool tells the share of failures, and percentiles of durations at 50, 95 and 99 % at most. An SLO on latency is judged by
//! the lowest of these that is no lower than its objective: p95 within the threshold holds 90 % within it, too. Above 99 %
//! only p99 can be looked at, which is said.

use seaworthy_catalog::StoredSlo;
use seaworthy_records::Within;
use seaworthy_slo::{Objective, Scope, Sli, SloSpec};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{problem::Problem, state::App, web::format};

/// What the SLOs of a service ask of a load test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// The limits; none where no SLO can be judged by a load test.
    pub(crate) within: Option<Within>,
    /// The same in words, an SLO each.
    pub(crate) lines: Vec<AskedLine>,
}

/// What one SLO asks of a load test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AskedLine {
    /// Its name.
    pub(crate) slo: String,
    /// `p99 within 250 ms`, or why a load test says nothing of it.
    pub(crate) words: String,
}

/// What the SLOs of a service ask now.
pub(crate) async fn asked(app: &App, service: &str) -> Result<Asked, Problem> {
    let slos = app.catalog().slos().await?;
    Ok(Asked::of(slos.iter().filter(|slo| slo.definition.service == service).filter_map(spec)))
}

fn spec(stored: &StoredSlo) -> Option<(&str, Sli, Objective)> {
    let spec: SloSpec = serde_json::from_str(&stored.definition.spec).ok()?;
    let slo = spec.check().ok()?;
    Some((&stored.name, slo.sli, slo.objective))
}

impl Asked {
    fn of<'s>(slos: impl Iterator<Item = (&'s str, Sli, Objective)>) -> Self {
        let mut asked = Self::default();
        for (name, sli, objective) in slos {
            let words = asked.add(&sli, objective);
            asked.lines.push(AskedLine { slo: name.to_owned(), words });
        }
        asked
    }

    fn add(&mut self, sli: &Sli, objective: Objective) -> String {
        match sli {
            Sli::Availability { scope, .. } => {
                let within = self.within.get_or_insert_default();
                tighten(&mut within.error_share, objective.budget_ratio());
                format!("at most {} failed{}", format::percent(objective.budget_ratio()), of(scope))
            }
            Sli::Latency { scope, threshold_ms } => {
                let within = self.within.get_or_insert_default();
                let (name, limit) = match objective.ratio() {
                    ..=0.5 => ("p50", &mut within.p50_ms),
                    ..=0.95 => ("p95", &mut within.p95_ms),
                    _ => ("p99", &mut within.p99_ms),
                };
                tighten(limit, *threshold_ms);
                let threshold = format::seconds(threshold_ms / 1e3);
                let doubt = match objective.ratio() > 0.99 {
                    true => "; tools tell no higher percentile, so that more may be too slow stays unseen",
                    false => "",
                };
                format!("{name} within {threshold}{} (the SLO asks {objective}){doubt}", of(scope))
            }
            Sli::Ratio { .. } | Sli::Failures { .. } => {
                "counts other things than requests; a load test says nothing of it".to_owned()
            }
        }
    }
}

fn tighten(limit: &mut Option<f64>, asked: f64) {
    *limit = Some(limit.map_or(asked, |limit| limit.min(asked)));
}

/// ` of POST /orders`.
fn of(scope: &Scope) -> String {
    let words: Vec<&str> = scope.methods.iter().chain(&scope.routes).map(String::as_str).collect();
    if words.is_empty() { String::new() } else { format!(" of {}", words.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latency(threshold_ms: f64) -> Sli {
        Sli::Latency { scope: Scope::default(), threshold_ms }
    }

    fn objective(text: &str) -> Objective {
        text.parse().unwrap()
    }

    #[test]
    fn slos_become_limits_that_are_at_least_as_strict() {
        let orders = Scope { routes: vec!["/orders".into()], methods: vec!["POST".into()] };
        let slos = [
            ("up", Sli::Availability { scope: orders, bad_statuses: Vec::new() }, objective("99.5")),
            ("half", latency(50.0), objective("50")),
            ("most", latency(200.0), objective("90")),
            ("more", latency(180.0), objective("95")),
            ("nearly all", latency(900.0), objective("99.9")),
        ];
        let asked = Asked::of(slos.into_iter());
        let within = asked.within.unwrap();
        assert!((within.error_share.unwrap() - 0.005).abs() < 1e-9, "{within:?}");
        assert_eq!((within.p50_ms, within.p95_ms, within.p99_ms), (Some(50.0), Some(180.0), Some(900.0)));
        let words: Vec<&str> = asked.lines.iter().map(|line| line.words.as_str()).collect();
        assert_eq!(words[0], "at most 0.50 % failed of POST /orders");
        assert_eq!(words[2], "p95 within 200 ms (the SLO asks 90 %)");
        assert!(
            words[4].starts_with("p99 within 900 ms (the SLO asks 99.9 %); tools tell no higher"),
            "{}",
            words[4]
        );
    }

    #[test]
    fn without_slos_that_a_test_can_tell_nothing_is_asked() {
        assert_eq!(Asked::of([].into_iter()).within, None);
        let counter =
            |metric: &str| seaworthy_slo::Counter { metric: metric.into(), attributes: Default::default() };
        let counters = Sli::Ratio { good: counter("good"), total: counter("all") };
        let asked = Asked::of([("jobs", counters, objective("99"))].into_iter());
        assert_eq!((asked.within, asked.lines.len()), (None, 1));
    }
}

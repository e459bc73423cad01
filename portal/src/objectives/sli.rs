//! Good and total events by minute, from the series of a service. Pure.

use std::collections::BTreeMap;

use seaworthy_slo::{Counter, Counts, Minute, Scope, Sli};
use seaworthy_telemetry::{
    metric::{CellValue, Series},
    model::{Attributes, SpanMinute, UnixNanos},
    observed::is_load_test,
};

use crate::signals::{Route, Source, failed_without_answer, status};

const MINUTE: UnixNanos = 60_000_000_000;

/// What a service told, in cells of one minute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence<'t> {
    /// All its series that could matter.
    pub(crate) series: &'t [Series],
    /// Its requests by spans, for a service without a metric of requests.
    pub(crate) spans: &'t [SpanMinute],
}

/// Events by minute. A minute of which the service told anything at all is in it, be it with 0 of 0 events; of any other
/// minute nothing is known.
pub(crate) fn events(sli: &Sli, evidence: Evidence<'_>) -> BTreeMap<Minute, Counts> {
    let mut minutes = covered(evidence);
    match sli {
        Sli::Availability { scope, bad_statuses } => match Source::among(evidence.series) {
            Some(source) => {
                let bad = |attributes: &Attributes| is_bad(attributes, bad_statuses);
                for_each(source, scope, evidence, |minute, attributes, cell| {
                    let total = count(cell);
                    add(&mut minutes, minute, if bad(attributes) { 0 } else { total }, total);
                });
            }
            // Spans are summed up by minute without their routes and statuses.
            None if *scope == Scope::default() && bad_statuses.is_empty() => {
                for span in evidence.spans {
                    add(
                        &mut minutes,
                        of(span.minute),
                        span.requests - span.errors.min(span.requests),
                        span.requests,
                    );
                }
            }
            None => {}
        },
        Sli::Latency { scope, threshold_ms } => match Source::among(evidence.series) {
            Some(source) => {
                let threshold = threshold_ms / 1e3 / source.unit_in_seconds();
                for_each(source, scope, evidence, |minute, _, cell| {
                    add(&mut minutes, minute, at_most(cell, threshold), count(cell));
                });
            }
            None if *scope == Scope::default() => {
                for span in evidence.spans {
                    let found = span.durations.count_at_most(threshold_ms / 1e3);
                    add(
                        &mut minutes,
                        of(span.minute),
                        found.certain + found.uncertain,
                        span.durations.count(),
                    );
                }
            }
            None => {}
        },
        Sli::Ratio { good, total } => {
            for (minute, good, total) in pairs(good, total, evidence.series) {
                add(&mut minutes, minute, good, total);
            }
        }
        Sli::Failures { bad, total } => {
            for (minute, bad, total) in pairs(bad, total, evidence.series) {
                add(&mut minutes, minute, total - bad, total);
            }
        }
    }
    minutes
}

fn covered(evidence: Evidence<'_>) -> BTreeMap<Minute, Counts> {
    let cells = evidence.series.iter().flat_map(|series| &series.cells).map(|cell| of(cell.at));
    let spans = evidence.spans.iter().map(|span| of(span.minute));
    cells.chain(spans).map(|minute| (minute, Counts::default())).collect()
}

fn of(at: UnixNanos) -> Minute {
    Minute(i64::try_from(at / MINUTE).unwrap_or(i64::MAX))
}

fn for_each(
    source: Source,
    scope: &Scope,
    evidence: Evidence<'_>,
    mut take: impl FnMut(Minute, &Attributes, &CellValue),
) {
    let counts = |series: &&Series| source.has(series) && !is_load_test(&series.attributes);
    for series in evidence.series.iter().filter(counts) {
        let Route { method, route } = Route::of(&series.attributes);
        let named =
            |names: &[String], name: &str| names.is_empty() || names.iter().any(|known| known == name);
        if named(&scope.routes, &route) && named(&scope.methods, &method) {
            for cell in &series.cells {
                take(of(cell.at), &series.attributes, &cell.value);
            }
        }
    }
}

/// Requests by minute of which a histogram cannot say on which side of the threshold they were; they count as good.
pub(super) fn uncertain(sli: &Sli, series: &[Series]) -> BTreeMap<Minute, u64> {
    let mut minutes = BTreeMap::new();
    let Sli::Latency { scope, threshold_ms } = sli else { return minutes };
    let Some(source) = Source::among(series) else { return minutes };
    let threshold = threshold_ms / 1e3 / source.unit_in_seconds();
    for_each(source, scope, Evidence { series, spans: &[] }, |minute, _, cell| {
        let found = match cell {
            CellValue::Explicit(histogram) => histogram.count_at_most(threshold),
            CellValue::Exponential(histogram) => histogram.count_at_most(threshold),
            CellValue::Increase(_) | CellValue::Level { .. } => return,
        };
        *minutes.entry(minute).or_default() += found.uncertain;
    });
    minutes
}

/// Events of a series of durations.
pub(super) fn observed(series: &Series) -> u64 {
    series.cells.iter().map(|cell| count(&cell.value)).sum()
}

fn is_bad(attributes: &Attributes, bad_statuses: &[(u16, u16)]) -> bool {
    match status(attributes) {
        Some(status) if bad_statuses.is_empty() => status >= 500,
        Some(status) => bad_statuses.iter().any(|(from, to)| (*from..=*to).contains(&status)),
        None => failed_without_answer(attributes),
    }
}

fn count(cell: &CellValue) -> u64 {
    match cell {
        CellValue::Explicit(histogram) => histogram.count(),
        CellValue::Exponential(histogram) => histogram.count(),
        CellValue::Increase(_) | CellValue::Level { .. } => 0,
    }
}

/// Values in the bucket in which the threshold lies count as good: the threshold is in effect the upper edge of its
/// bucket, and exact where it is one.
fn at_most(cell: &CellValue, threshold: f64) -> u64 {
    let found = match cell {
        CellValue::Explicit(histogram) => histogram.count_at_most(threshold),
        CellValue::Exponential(histogram) => histogram.count_at_most(threshold),
        CellValue::Increase(_) | CellValue::Level { .. } => return 0,
    };
    found.certain + found.uncertain
}

/// By how much each of two counters grew in each minute in which the second one did.
fn pairs(part: &Counter, total: &Counter, series: &[Series]) -> Vec<(Minute, u64, u64)> {
    let (part, total) = (increases(part, series), increases(total, series));
    let pair = |(minute, total): (Minute, f64)| {
        // Counters that are read at different moments may disagree by a few; a part is never more than the whole.
        let part = part.get(&minute).copied().unwrap_or_default().min(total);
        (minute, part.round() as u64, total.round() as u64)
    };
    total.into_iter().map(pair).collect()
}

fn increases(counter: &Counter, series: &[Series]) -> BTreeMap<Minute, f64> {
    let mut sums: BTreeMap<Minute, f64> = BTreeMap::new();
    for series in series.iter().filter(|series| series.name == counter.metric && has(series, counter)) {
        for cell in &series.cells {
            let by = match &cell.value {
                CellValue::Increase(by) => *by,
                CellValue::Explicit(_) | CellValue::Exponential(_) => count(&cell.value) as f64,
                CellValue::Level { .. } => continue,
            };
            *sums.entry(of(cell.at)).or_default() += by;
        }
    }
    sums
}

fn has(series: &Series, counter: &Counter) -> bool {
    counter.attributes.iter().all(|(key, wanted)| {
        let mut found = series.attributes.iter().filter(|(known, _)| known == key);
        found.any(|(_, value)| value.as_text().is_some_and(|text| text == wanted.as_str()))
    })
}

fn add(minutes: &mut BTreeMap<Minute, Counts>, minute: Minute, good: u64, total: u64) {
    *minutes.entry(minute).or_default() += Counts::new(good.min(total), total).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use seaworthy_telemetry::{
        histogram::ExplicitHistogram,
        metric::{Cell, MetricKind},
        model::Value,
    };

    use super::*;

    fn text(pairs: &[(&str, &str)]) -> Attributes {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), Value::String((*value).to_owned()))).collect()
    }

    fn series(name: &str, attributes: &[(&str, &str)], cells: Vec<(u64, CellValue)>) -> Series {
        Series {
            service: "reception".into(),
            instance: "1".into(),
            name: name.into(),
            unit: "s".into(),
            kind: MetricKind::ExplicitHistogram,
            attributes: text(attributes),
            cells: cells.into_iter().map(|(minute, value)| Cell { at: minute * MINUTE, value }).collect(),
        }
    }

    /// Requests that took at most 0.1 s, at most 0.3 s, and longer.
    fn requests(status: &str, route: &str, cells: &[(u64, [u64; 3])]) -> Series {
        let histogram = |counts: [u64; 3]| {
            CellValue::Explicit(ExplicitHistogram {
                bounds: vec![0.1, 0.3],
                counts: counts.to_vec(),
                ..ExplicitHistogram::default()
            })
        };
        series(
            "http.server.request.duration",
            &[("http.request.method", "POST"), ("http.route", route), ("http.response.status_code", status)],
            cells.iter().map(|(minute, counts)| (*minute, histogram(*counts))).collect(),
        )
    }

    fn told(sli: &Sli, series: &[Series]) -> Vec<(i64, u64, u64)> {
        let evidence = Evidence { series, spans: &[] };
        events(sli, evidence)
            .into_iter()
            .map(|(minute, counts)| (minute.0, counts.good(), counts.total()))
            .collect()
    }

    fn service() -> Vec<Series> {
        vec![
            requests("201", "/orders", &[(1, [90, 5, 1]), (2, [10, 0, 0])]),
            requests("503", "/orders", &[(1, [4, 0, 0])]),
            requests("429", "/orders", &[(1, [2, 0, 0])]),
            requests("200", "/menu", &[(1, [50, 0, 0])]),
            series("process.cpu.time", &[], vec![(3, CellValue::Increase(0.5))]),
        ]
    }

    #[test]
    fn availability_is_by_status_of_the_chosen_routes() {
        let all = Sli::Availability { scope: Scope::default(), bad_statuses: vec![] };
        // In minute 3 the service lived and nobody asked anything of it.
        assert_eq!(told(&all, &service()), [(1, 148, 152), (2, 10, 10), (3, 0, 0)]);
        let orders = Scope { routes: vec!["/orders".into()], methods: vec!["POST".into()] };
        let strict = Sli::Availability { scope: orders, bad_statuses: vec![(400, 599)] };
        assert_eq!(told(&strict, &service()), [(1, 96, 102), (2, 10, 10), (3, 0, 0)]);
        let nobody = Scope { routes: vec!["/nowhere".into()], methods: vec![] };
        let none = Sli::Availability { scope: nobody, bad_statuses: vec![] };
        assert_eq!(told(&none, &service()), [(1, 0, 0), (2, 0, 0), (3, 0, 0)]);
    }

    #[test]
    fn load_tests_count_nowhere() {
        let mut series = service();
        for series in &mut series {
            series
                .attributes
                .push(("user_agent.synthetic.type".to_owned(), Value::String("test".to_owned())));
        }
        let all = Sli::Availability { scope: Scope::default(), bad_statuses: vec![] };
        assert_eq!(told(&all, &series), [(1, 0, 0), (2, 0, 0), (3, 0, 0)]);
        assert_eq!(observed(&series[0]), 106);
        assert!(is_load_test(&series[0].attributes) && !is_load_test(&service()[0].attributes));
    }

    #[test]
    fn latency_is_exact_at_a_bound_and_takes_the_bucket_of_the_threshold_as_good() {
        let of = |threshold_ms| Sli::Latency { scope: Scope::default(), threshold_ms };
        assert_eq!(told(&of(100.0), &service())[0], (1, 146, 152));
        assert_eq!(told(&of(200.0), &service())[0], (1, 151, 152));
        // Of five requests nobody can say whether they took 200 ms or up to 300.
        assert_eq!(uncertain(&of(200.0), &service())[&Minute(1)], 5);
        assert_eq!(uncertain(&of(100.0), &service())[&Minute(1)], 0);
        assert_eq!(told(&of(300.0), &service())[0], (1, 151, 152));
    }

    #[test]
    fn any_two_counters_make_a_ratio_that_never_exceeds_one() {
        let counter = |result: &str, by: f64| {
            series(
                "orders",
                &[("result", result)],
                vec![(1, CellValue::Increase(by)), (2, CellValue::Increase(1.0))],
            )
        };
        let named = |attributes: &[(&str, &str)]| Counter {
            metric: "orders".into(),
            attributes: attributes
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        };
        let ratio = Sli::Ratio { good: named(&[("result", "ok")]), total: named(&[]) };
        assert_eq!(told(&ratio, &[counter("ok", 95.0), counter("failed", 5.0)]), [(1, 95, 100), (2, 1, 2)]);
        let failures = Sli::Failures { bad: named(&[("result", "failed")]), total: named(&[]) };
        assert_eq!(
            told(&failures, &[counter("ok", 95.0), counter("failed", 5.0)]),
            [(1, 95, 100), (2, 1, 2)]
        );
        let turned = Sli::Ratio { good: named(&[]), total: named(&[("result", "ok")]) };
        assert_eq!(told(&turned, &[counter("ok", 95.0), counter("failed", 5.0)])[0], (1, 95, 95));
    }

    #[test]
    fn spans_stand_in_where_there_is_no_metric() {
        let spans =
            [SpanMinute { minute: 60 * MINUTE, requests: 10, errors: 3, durations: Default::default() }];
        let evidence = Evidence { series: &[], spans: &spans };
        let all = Sli::Availability { scope: Scope::default(), bad_statuses: vec![] };
        assert_eq!(events(&all, evidence)[&Minute(60)], Counts::new(7, 10).unwrap());
    }
}

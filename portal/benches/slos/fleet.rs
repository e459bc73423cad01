//! 100 services with 10 SLOs each. Every service has two instances, which tell every minute of ten routes and of themselves.

use std::{sync::Arc, time::Duration};

use seaworthy_catalog::SloDefinition;
use seaworthy_slo::{AlertSpec, BudgetingSpec, Scope, Sli, SloSpec, WindowSpec};
use seaworthy_telemetry::{
    histogram::ExponentialHistogram,
    metric::{MetricKind, MetricPoint, PointValue, Temporality},
    model::{Resource, Value},
};

use crate::{
    evaluate,
    portal::{Portal, actor, report},
};

const SERVICES: usize = 100;
const SLOS: usize = 10;
const INSTANCES: usize = 2;
const ROUTES: usize = 10;
/// One service in so many fails, and burns its budgets.
const FAILING: usize = 20;
/// Minutes of metrics before the SLOs are made, and minutes measured.
const BEFORE: usize = 30;
const ROUNDS: usize = 15;

pub(crate) async fn measure(portal: &Portal, cookie: &str) {
    for _ in 0..BEFORE {
        tell(portal).await;
        portal.pass_a_minute();
    }
    for service in 0..SERVICES {
        for number in 0..SLOS {
            make(portal, &name(service), &format!("s-{service:03}-{number}"), sli(number)).await;
        }
    }
    report("the first round of 1,000 new SLOs, 30 days back", vec![evaluate(portal).await], None);
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        tell(portal).await;
        portal.pass_a_minute();
        rounds.push(evaluate(portal).await);
    }
    report("a round of 1,000 SLOs of 100 services", rounds, Some(Duration::from_secs(2)));
    let visits = portal.visit("/slos", cookie, 5, &["1,001 SLOs", "1001 SLOs"]).await;
    report("the page of all of them, with an hour of minutes each", visits, None);
}

fn name(service: usize) -> String {
    format!("service-{service:03}")
}

/// Half of availability, half of latency; one of each for the whole service, the others for two routes.
fn sli(number: usize) -> Sli {
    let routes = match number {
        0 | 1 => Vec::new(),
        _ => [number, number + 1].map(|route| format!("/route-{}", route % ROUTES)).into(),
    };
    let scope = Scope { routes, methods: Vec::new() };
    match number % 2 {
        0 => Sli::Availability { scope, bad_statuses: Vec::new() },
        _ => Sli::Latency { scope, threshold_ms: 250.0 },
    }
}

/// Makes an SLO of 99.9 % over 30 days with the recommended alerts.
pub(crate) async fn make(portal: &Portal, service: &str, name: &str, sli: Sli) {
    let spec = SloSpec {
        sli,
        objective_percent: 99.9,
        window: WindowSpec::Rolling { minutes: 30 * 24 * 60 },
        budgeting: BudgetingSpec::Occurrences,
        alerts: AlertSpec::recommended(),
        least_failures: 5,
        runbook: None,
    };
    let definition = SloDefinition {
        service: service.to_owned(),
        title: name.to_owned(),
        description: String::new(),
        team: None,
        spec: serde_json::to_string(&spec).unwrap(),
        openslo: None,
    };
    portal.catalog().create_slo(name, &definition, &actor(), portal.now()).await.unwrap();
}

/// What every instance tells of the present minute.
async fn tell(portal: &Portal) {
    let minute = portal.minute();
    for service in 0..SERVICES {
        let refusal = if service % FAILING == 0 { 500 } else { 404 };
        let instances =
            (0..INSTANCES).flat_map(|instance| points(&name(service), instance, ROUTES, refusal, minute));
        portal.server.app().telemetry().append_points(instances.collect()).await.unwrap();
    }
}

/// What an instance tells of a minute: of each route 50 requests answered with 200 and one with `refusal`; its CPU time.
pub(crate) fn points(
    service: &str,
    instance: usize,
    routes: usize,
    refusal: i64,
    minute: i64,
) -> Vec<MetricPoint> {
    let instance = format!("{service}-7c9d5b6f4-{instance:05}");
    let attributes =
        [("service.name", service), ("service.instance.id", &instance), ("host.name", "node-07")];
    let resource = Arc::new(Resource {
        service: service.to_owned(),
        attributes: attributes.map(|(key, value)| (key.to_owned(), text(value))).into(),
        instance,
    });
    let point = |name: &str, unit: &str, kind, value, attributes| MetricPoint {
        resource: resource.clone(),
        name: name.into(),
        unit: unit.into(),
        kind,
        temporality: Some(Temporality::Delta),
        attributes,
        start: nanos(minute),
        time: nanos(minute + 1) - 1,
        value,
    };
    let requests = (0..routes).flat_map(|route| [(route, 200, 50), (route, refusal, 1)]);
    let mut points: Vec<MetricPoint> = requests
        .map(|(route, status, count)| {
            let attributes = vec![
                ("http.request.method".to_owned(), text("GET")),
                ("http.route".to_owned(), text(&format!("/route-{route}"))),
                ("http.response.status_code".to_owned(), Value::Int(status)),
            ];
            let value = PointValue::Exponential(durations(route as i64 + minute, count));
            let kind = MetricKind::ExponentialHistogram;
            point("http.server.request.duration", "s", kind, value, attributes)
        })
        .collect();
    let cpu = PointValue::Number(0.5);
    points.push(point("process.cpu.time", "s", MetricKind::Counter, cpu, Vec::new()));
    points
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn nanos(minute: i64) -> u64 {
    u64::try_from(minute).unwrap() * 60_000_000_000
}

/// Durations from 5 ms to about half a second, always the same for the same seed.
fn durations(seed: i64, count: i64) -> ExponentialHistogram {
    let mut histogram = ExponentialHistogram::empty(5);
    for number in 0..count {
        let spread = (seed * 7_919 + number * 104_729).rem_euclid(1_000) as f64 / 1_000.0;
        histogram.record(0.005 * (4.6 * spread).exp());
    }
    histogram
}

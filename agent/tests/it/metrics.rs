//! Metrics on their way to the portal.

use std::time::Duration;

use opentelemetry_proto::tonic::metrics::v1::{NumberDataPoint, metric::Data, number_data_point::Value};
use seaworthy_agent::metrics::Temporality;

use crate::{
    Portal, agent, eventually,
    portal::{METRICS, Reply},
};

/// Points of the counter, in the order in which they were taken.
fn cups(portal: &Portal) -> Vec<NumberDataPoint> {
    let memory = portal.memory();
    let resources = memory.metrics.iter().flat_map(|request| &request.resource_metrics);
    let metrics = resources.flat_map(|it| &it.scope_metrics).flat_map(|it| &it.metrics);
    let points = metrics.filter(|it| it.name == "coffee.cups").flat_map(|it| match &it.data {
        Some(Data::Sum(sum)) => sum.data_points.clone(),
        other => panic!("{other:?}"),
    });
    points.collect()
}

fn value(point: &NumberDataPoint) -> i64 {
    match point.value {
        Some(Value::AsInt(value)) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn deltas_are_neither_lost_nor_doubled_by_a_portal_that_stumbles() {
    let portal = Portal::start();
    let stumbles = [Reply::Status(503), Reply::Take, Reply::Status(429), Reply::Status(502), Reply::Take];
    portal.script(METRICS, stumbles);
    let agent = agent(&portal).metric_interval(Duration::from_millis(50)).start().unwrap();
    let cups_served = agent.counter("coffee.cups", "{cup}", "Cups served.").series([("drink", "latte")]);
    for _ in 0..40 {
        cups_served.add(3);
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(agent);
    let points = cups(&portal);
    assert_eq!(points.iter().map(value).sum::<i64>(), 120, "{points:?}");
    assert!(points.len() > 1);
    // Each begins where the one before ended.
    for pair in points.windows(2) {
        assert_eq!(pair[0].time_unix_nano, pair[1].start_time_unix_nano);
    }
}

#[test]
fn totals_grow_from_the_start_of_the_process() {
    let portal = Portal::start();
    let agent = agent(&portal)
        .metric_interval(Duration::from_millis(30))
        .temporality(Temporality::Cumulative)
        .start()
        .unwrap();
    let cups_served = agent.counter("coffee.cups", "{cup}", "Cups served.").series([("drink", "latte")]);
    cups_served.add(1);
    eventually("a first total", || !cups(&portal).is_empty());
    cups_served.add(1);
    drop(agent);
    let points = cups(&portal);
    assert_eq!((value(&points[0]), value(points.last().unwrap())), (1, 2));
    assert!(points.iter().all(|point| point.start_time_unix_nano == points[0].start_time_unix_nano));
}

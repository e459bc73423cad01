//! Routes that are made from data.

use std::collections::HashSet;

use axum::{Router, body::Body, routing::get};
use http::{Request, StatusCode};
use seaworthy_protocol::{LossReason, Signal};
use tower::ServiceExt;

use crate::{Portal, agent};

const ATTEMPTED: usize = 10_000;
/// Series that an agent keeps of a metric, and one for what is beyond.
const KEPT: usize = 2_000 + 1;

#[tokio::test]
async fn of_ten_thousand_routes_some_are_kept_and_the_rest_is_counted() {
    let portal = Portal::start();
    let agent = agent(&portal).start().unwrap();
    let routes = (0..ATTEMPTED).map(|number| format!("/orders/of/customer-{number}"));
    let router = routes.clone().fold(Router::new(), |router, route| router.route(&route, get(|| async {})));
    let router = router.layer(agent.layer());
    let ask = async |path: String| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    };
    for route in routes {
        assert_eq!(ask(route).await, StatusCode::OK);
    }
    let losses = |agent: &seaworthy_agent::Agent| {
        let all = agent.losses();
        all.iter()
            .filter(|loss| loss.reason == LossReason::Limit && loss.signal == Signal::Metrics)
            .map(|loss| loss.count)
            .sum::<u64>()
    };
    let lost = losses(&agent);
    assert!(lost > 0, "{:?}", agent.losses());
    // Paths that no route matches are one series however many there are.
    for number in 0..100 {
        assert_eq!(ask(format!("/nothing/{number}")).await, StatusCode::NOT_FOUND);
    }
    agent.stop().await;
    let metrics = portal.memory().metrics.clone();
    let series: HashSet<String> = metrics
        .iter()
        .flat_map(|request| &request.resource_metrics)
        .flat_map(|resource| &resource.scope_metrics)
        .flat_map(|scope| &scope.metrics)
        .filter(|metric| metric.name == "http.server.request.duration")
        .flat_map(|metric| match &metric.data {
            Some(opentelemetry_proto::tonic::metrics::v1::metric::Data::ExponentialHistogram(data)) => {
                data.data_points.iter().map(|point| format!("{:?}", point.attributes)).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(series.len(), KEPT);
    assert!(series.iter().any(|attributes| attributes.contains("otel.metric.overflow")));
}

//! Metrics as OTLP.

use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    metrics::v1::{Metric, ResourceMetrics, ScopeMetrics, metric::Data},
    resource::v1::Resource,
};

use super::resource::scope;

/// Metrics of this resource.
pub(crate) fn request(resource: &Resource, metrics: Vec<Metric>) -> ExportMetricsServiceRequest {
    let scope = Some(scope(env!("CARGO_PKG_NAME")));
    let scope_metrics = vec![ScopeMetrics { scope, metrics, schema_url: String::new() }];
    let resource = Some(resource.clone());
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics { resource, scope_metrics, schema_url: String::new() }],
    }
}

/// How many points.
pub(crate) fn points(metrics: &[Metric]) -> u64 {
    metrics.iter().map(|metric| metric.data.as_ref().map_or(0, points_of)).sum::<usize>() as u64
}

fn points_of(data: &Data) -> usize {
    match data {
        Data::Gauge(gauge) => gauge.data_points.len(),
        Data::Sum(sum) => sum.data_points.len(),
        Data::Histogram(histogram) => histogram.data_points.len(),
        Data::ExponentialHistogram(histogram) => histogram.data_points.len(),
        Data::Summary(summary) => summary.data_points.len(),
    }
}

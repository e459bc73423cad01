//! The body of a request, made once and kept until it is delivered.

use std::{io::Write, sync::Arc};

use bytes::Bytes;
use flate2::{Compression as Level, write::GzEncoder};
use opentelemetry_proto::tonic::{metrics::v1::Metric, resource::v1::Resource};
use prost::Message;

use super::{Compression, metrics, spans};
use crate::{errors::Report, logs, mask::Mask, sink::Gathered, trace::Batch};

/// Who sends, and what of it is kept secret.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sender {
    pub(crate) resource: Resource,
    pub(crate) mask: Arc<Mask>,
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Protobuf,
    Json,
    /// A profile, which is compressed in itself.
    Pprof,
}

impl Content {
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
            Self::Pprof => "application/octet-stream",
        }
    }
}

/// An encoded request. Encoded once: a delta that was taken from its instruments must be delivered as it is, however
/// often that is tried, or counted as lost.
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    pub(crate) body: Bytes,
    pub(crate) content: Content,
    pub(crate) compression: Compression,
    /// Spans, metric points or log records in it.
    pub(crate) items: u64,
}

impl Payload {
    pub(crate) fn spans(sender: &Sender, batches: &[Batch], compression: Compression) -> Self {
        let items = batches.iter().map(Gathered::len).sum::<usize>() as u64;
        Self::protobuf(spans::request(&sender.resource, batches, &sender.mask), items, compression)
    }

    pub(crate) fn metrics(sender: &Sender, metrics: Vec<Metric>, compression: Compression) -> Self {
        let items = metrics::points(&metrics);
        let request = metrics::request(&sender.resource, metrics);
        Self::protobuf(request.encode_to_vec(), items, compression)
    }

    pub(crate) fn logs(sender: &Sender, batches: &[logs::Batch], compression: Compression) -> Self {
        let items = batches.iter().map(Gathered::len).sum::<usize>() as u64;
        Self::protobuf(super::logs::request(&sender.resource, batches, &sender.mask), items, compression)
    }

    /// Errors, each with the text of its stack.
    pub(crate) fn errors(
        sender: &Sender,
        reports: &[(Arc<Report>, Arc<str>)],
        compression: Compression,
    ) -> Self {
        let request = super::errors::request(&sender.resource, reports, &sender.mask);
        Self::protobuf(request, reports.len() as u64, compression)
    }

    pub(crate) fn json(body: Vec<u8>) -> Self {
        Self { body: body.into(), content: Content::Json, compression: Compression::None, items: 1 }
    }

    /// A profile as `go tool pprof` reads it.
    pub(crate) fn pprof(profile: Vec<u8>) -> Self {
        Self { body: profile.into(), content: Content::Pprof, compression: Compression::None, items: 1 }
    }

    fn protobuf(plain: Vec<u8>, items: u64, wanted: Compression) -> Self {
        let compressed = (wanted == Compression::Gzip).then(|| gzip(&plain)).flatten();
        let compression = if compressed.is_some() { Compression::Gzip } else { Compression::None };
        Self { body: compressed.unwrap_or(plain).into(), content: Content::Protobuf, compression, items }
    }
}

/// The fastest level: most of what can be saved is saved by it, at a third of the time.
fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Level::fast());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use opentelemetry_proto::tonic::{
        collector::metrics::v1::ExportMetricsServiceRequest,
        metrics::v1::{Gauge, NumberDataPoint, metric::Data},
    };

    use super::*;

    fn payload(compression: Compression) -> Payload {
        let points = vec![NumberDataPoint::default(); 7];
        let gauge = Some(Data::Gauge(Gauge { data_points: points }));
        let metric = Metric { name: "coffee.temperature".into(), data: gauge, ..Metric::default() };
        Payload::metrics(&Sender::default(), vec![metric.clone(), metric], compression)
    }

    #[test]
    fn a_compressed_body_holds_the_same_request() {
        let (plain, compressed) = (payload(Compression::None), payload(Compression::Gzip));
        assert_eq!((plain.items, compressed.items), (14, 14));
        assert_eq!((plain.compression, compressed.compression), (Compression::None, Compression::Gzip));
        let mut inflated = Vec::new();
        GzDecoder::new(&*compressed.body).read_to_end(&mut inflated).unwrap();
        assert_eq!(inflated, plain.body);
        let request = ExportMetricsServiceRequest::decode(plain.body).unwrap();
        assert_eq!(request.resource_metrics[0].scope_metrics[0].metrics.len(), 2);
    }
}

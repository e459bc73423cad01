//! Gathers the fields of ended spans.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, Mutex},
    time::Duration,
};

use tracing::{
    Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::trace::{Filter, Limits, Recorder, Sampler, Sink, TracingLayer};

pub(super) type Fields = BTreeMap<String, String>;

/// The spans of HTTP that have ended.
#[derive(Clone, Default)]
pub(super) struct Spans(Arc<Mutex<Vec<Fields>>>);

impl Spans {
    /// Listens on this thread, beside a real layer of an agent that samples everything.
    pub(super) fn listen() -> (Self, DefaultGuard) {
        let (sink, batches) = Sink::new(10_000, 512, Arc::default());
        let filter = Filter::Level(LevelFilter::INFO);
        let recorder = Recorder::new(filter, Sampler::default(), Limits::default(), sink);
        // The queue must outlive the test.
        std::mem::forget(batches);
        let (spans, real) = (Self::default(), TracingLayer::new(Some(Arc::new(recorder)), None));
        let guard = tracing_subscriber::registry().with(real).with(spans.clone()).set_default();
        (spans, guard)
    }

    /// The next so many spans, once they have ended, within 5 s.
    pub(super) async fn take(&self, count: usize) -> Vec<Fields> {
        for _ in 0..1_000 {
            if self.0.lock().unwrap().len() >= count {
                return std::mem::take(&mut *self.0.lock().unwrap());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("only these spans have ended: {:?}", self.0.lock().unwrap())
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Visitor::default();
        attributes.record(&mut fields);
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        values.record(span.extensions_mut().get_mut::<Visitor>().unwrap());
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        if span.metadata().target() == "seaworthy::http" {
            let fields = span.extensions_mut().remove::<Visitor>().unwrap();
            self.0.lock().unwrap().push(fields.0);
        }
    }
}

#[derive(Default)]
struct Visitor(Fields);

impl Visit for Visitor {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

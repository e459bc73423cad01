//! The senders of spans: every instance gathers its own spans and sends them when it has enough, as an SDK does. So the
//! spans of a trace arrive in several requests.

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{InstrumentationScope, KeyValue},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use prost::Message;
use tokio::sync::mpsc::Sender;

use super::{
    attributes::{int, text},
    generator::{Generator, Trace, instances},
    options::Options,
    topology::{SERVICES, Service},
};

const NANOS_PER_HOUR: u64 = 3_600_000_000_000;
/// Traces that questions can be asked about.
const REMEMBERED: u64 = 2_000;
/// What a trace has on the average, to spread them over the time; the tests of the generator know better.
const SPANS_OF_TRACE: u64 = 10;

/// Spans that one instance sends in one request.
pub(super) struct Batch {
    pub(super) resource: Vec<KeyValue>,
    pub(super) spans: Vec<Span>,
}

/// What is remembered of a trace that was sent.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) id: [u8; 16],
    pub(super) spans: usize,
    /// Its `order.id`, if a span has it.
    pub(super) order: Option<String>,
    /// Its `customer.id`, if a span has it.
    pub(super) customer: Option<String>,
}

/// Makes traces and hands their spans over in batches until there are enough, or nobody takes them any more. Says what
/// it remembers.
pub(super) fn run(options: &Options, now: u64, batches: &Sender<Batch>) -> Vec<Sample> {
    let mut generator = Generator::new(options.seed);
    let mut agents: Vec<Agent> =
        instances().into_iter().map(|(service, number)| Agent::new(service, number)).collect();
    let (spread, batch) = (u64::from(options.hours) * NANOS_PER_HOUR, options.batch as usize);
    let every = (options.spans / SPANS_OF_TRACE / REMEMBERED).max(1);
    let (mut made, mut traces, mut samples) = (0, 0_u64, Vec::new());
    while made < options.spans {
        let at = (u128::from(spread) * u128::from(made) / u128::from(options.spans)) as u64;
        let trace = generator.trace(now - spread + at);
        made += trace.spans.len() as u64;
        if traces % every == 0 {
            samples.push(Sample::of(&trace));
        }
        traces += 1;
        for (instance, span) in trace.spans {
            let agent = &mut agents[instance];
            agent.spans.push(span);
            if agent.spans.len() >= batch && batches.blocking_send(agent.take()).is_err() {
                return samples;
            }
        }
    }
    for agent in agents.iter_mut().filter(|agent| !agent.spans.is_empty()) {
        let _ = batches.blocking_send(agent.take());
    }
    samples
}

impl Sample {
    fn of(trace: &Trace) -> Self {
        let has = |key: &str| {
            trace.spans.iter().any(|(_, span)| span.attributes.iter().any(|attribute| attribute.key == key))
        };
        Self {
            id: trace.id,
            spans: trace.spans.len(),
            order: has("order.id").then(|| trace.errand.order.clone()),
            customer: has("customer.id").then(|| trace.errand.customer.clone()),
        }
    }
}

struct Agent {
    resource: Vec<KeyValue>,
    spans: Vec<Span>,
}

impl Agent {
    fn new(service: Service, number: usize) -> Self {
        let name = SERVICES[service].0;
        let resource = vec![
            text("service.name", name),
            text("service.namespace", "coffee"),
            text("service.version", "2026.47.1"),
            text("service.instance.id", &format!("{name}-7c9d5b6f4-{number:05}")),
            text("deployment.environment.name", "production"),
            text("host.name", &format!("node-{:02}", (service * 7 + number) % 12)),
            int("process.pid", 7),
            text("telemetry.sdk.language", "rust"),
            text("telemetry.sdk.name", "seaworthy"),
        ];
        Self { resource, spans: Vec::new() }
    }

    fn take(&mut self) -> Batch {
        Batch { resource: self.resource.clone(), spans: std::mem::take(&mut self.spans) }
    }
}

impl Batch {
    /// The body of the request.
    pub(super) fn encode(self) -> Vec<u8> {
        let scope =
            InstrumentationScope { name: "shop".into(), version: "2.4.0".into(), ..Default::default() };
        let scope_spans =
            vec![ScopeSpans { scope: Some(scope), spans: self.spans, schema_url: String::new() }];
        let resource = Some(Resource { attributes: self.resource, ..Default::default() });
        let resource_spans = vec![ResourceSpans { resource, scope_spans, schema_url: String::new() }];
        ExportTraceServiceRequest { resource_spans }.encode_to_vec()
    }
}

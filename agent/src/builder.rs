//! Describes an agent before it starts.

use std::{
    io::{self, IsTerminal},
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, PoisonError, atomic::Ordering::Relaxed},
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    Agent, StartError, admin,
    drain::{Drain, InFlight},
    errors::{self, Errors},
    export::Client,
    figures::Sampler,
    health::{Checks, HealthCheck},
    http::{Outgoing, Server},
    identity::Identity,
    logs::{self, Format, Lines, LogFilter, LogFormat, Writer},
    losses::Losses,
    mask::Mask,
    metrics::{Registry, Temporality},
    now::Now,
    observed::{Observed, log_lines::LogLines, panics},
    settings::{Code, Environment, Settings},
    shared::Shared,
    subscriber, tasks,
    trace::{Recorder, Sink, TracingLayer},
    worker::{Queues, Worker},
};

/// Describes an agent before it starts. What is said here wins over the environment.
#[must_use = "an agent runs once it is started"]
#[derive(Debug)]
pub struct Builder {
    code: Code,
    installs_subscriber: bool,
    checks: Vec<HealthCheck>,
}

/// What runs.
impl Builder {
    pub(crate) fn new(service: Option<String>) -> Self {
        let code = Code { service, ..Code::default() };
        Self { code, installs_subscriber: true, checks: Vec::new() }
    }

    /// OpenTelemetry's `service.version`; `env!("CARGO_PKG_VERSION")` is a good one.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.code.version = Some(version.into());
        self
    }

    /// The commit that was built.
    pub fn commit(mut self, commit: impl Into<String>) -> Self {
        self.code.commit = Some(commit.into());
        self
    }

    /// When it was built.
    pub fn built_at(mut self, built_at: Timestamp) -> Self {
        self.code.built_at = Some(built_at);
        self
    }

    /// OpenTelemetry's `deployment.environment.name`: `production`.
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.code.environment = Some(environment.into());
        self
    }

    /// Adds an attribute to all telemetry of this instance: `cloud.region`.
    pub fn resource_attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.code.resource.push((name.into(), value.into()));
        self
    }

    /// Adds a health check.
    pub fn health_check(mut self, check: HealthCheck) -> Self {
        self.checks.push(check);
        self
    }
}

/// Where it is sent.
impl Builder {
    /// The portal: `https://seaworthy.example.com`. `http://127.0.0.1:4680` by default.
    pub fn portal(mut self, url: impl Into<String>) -> Self {
        self.code.endpoints.portal = Some(url.into());
        self
    }

    /// A token of the portal for sending telemetry. It is sent to the portal only.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.code.endpoints.token = Some(token.into());
        self
    }

    /// Another OTLP backend for traces, metrics and logs, such as Jaeger: `http://jaeger:4318`. The portal by default.
    pub fn otlp_endpoint(mut self, url: impl Into<String>) -> Self {
        self.code.endpoints.otlp_endpoint = Some(url.into());
        self
    }

    /// Where the admin endpoints listen, or `None` to have none. A free port of 127.0.0.1 by default.
    pub fn admin_address(mut self, address: impl Into<Option<SocketAddr>>) -> Self {
        self.code.admin_address = Some(address.into());
        self
    }

    /// Marks requests that carry this header, whatever its value, as a load test: `user_agent.synthetic.type` is `test`
    /// on their spans and in their metrics, and SLOs leave them out. Off by default: whoever can reach the service can
    /// send a header, so let the edge strip it.
    pub fn load_test_header(mut self, name: impl Into<String>) -> Self {
        self.code.load_test_header = Some(name.into());
        self
    }

    /// What opens the admin endpoints. Without it they may listen on a loopback address only.
    pub fn admin_token(mut self, token: impl Into<String>) -> Self {
        self.code.admin_token = Some(token.into());
        self
    }

    /// From one check-in to the next, while the portal asks for no other interval. 5 s by default.
    pub fn check_in_interval(mut self, interval: Duration) -> Self {
        self.code.check_in_interval = Some(interval);
        self
    }
}

/// Traces, metrics, logs and panics.
impl Builder {
    /// What part of the traces that begin here is recorded, from 0 to 1; a trace that began elsewhere is recorded if it is
    /// there. 1 by default.
    pub fn sample_ratio(mut self, ratio: f64) -> Self {
        self.code.telemetry.sample_ratio = Some(ratio);
        self
    }

    /// Which spans and events are recorded, as directives of levels and targets: `info,hyper=warn`. `info` by default.
    pub fn trace_filter(mut self, directives: impl Into<String>) -> Self {
        self.code.telemetry.trace_filter = Some(directives.into());
        self
    }

    /// How long a span may wait for others to be sent with. 1 s by default.
    pub fn span_interval(mut self, interval: Duration) -> Self {
        self.code.telemetry.span_interval = Some(interval);
        self
    }

    /// How many spans may wait while the portal is away; beyond that the oldest are dropped and counted. 100,000 by
    /// default.
    pub fn max_waiting_spans(mut self, spans: usize) -> Self {
        self.code.telemetry.max_waiting_spans = Some(spans);
        self
    }

    /// How long a log record may wait for others to be sent with. 1 s by default.
    pub fn log_interval(mut self, interval: Duration) -> Self {
        self.code.telemetry.log_interval = Some(interval);
        self
    }

    /// How many log records may wait while the portal is away; beyond that the oldest are dropped and counted. 100,000 by
    /// default.
    pub fn max_waiting_log_records(mut self, records: usize) -> Self {
        self.code.telemetry.max_waiting_lines = Some(records);
        self
    }

    /// From one sending of metrics to the next. 10 s by default.
    pub fn metric_interval(mut self, interval: Duration) -> Self {
        self.code.telemetry.metric_interval = Some(interval);
        self
    }

    /// Whether metrics are sent as deltas, the default, or as totals.
    pub fn temporality(mut self, temporality: Temporality) -> Self {
        self.code.telemetry.temporality = Some(temporality);
        self
    }

    /// Which lines are logged: sent to the portal and, by the subscriber that the agent installs, written to standard error:
    /// `info,sqlx=warn`. What `RUST_LOG` says, else `info`, by default.
    pub fn log_filter(mut self, directives: impl Into<String>) -> Self {
        self.code.log_filter = Some(directives.into());
        self
    }

    /// How the subscriber that the agent installs writes lines to standard error. For people by default.
    pub fn log_format(mut self, format: LogFormat) -> Self {
        self.code.log_format = Some(format);
        self
    }

    /// Masks what has this in its name, besides the usual secrets, in everything that is told: `email` masks the field
    /// `user.email` and the text `email=…`. A usual name is taken out by `-`: `-cookie`.
    pub fn mask(mut self, name: impl Into<String>) -> Self {
        self.code.mask.push(name.into());
        self
    }

    /// Whether panics are captured: counted by their place in the code as the metric `seaworthy.panics`, and those within a
    /// request logged and recorded with it. The hook of the service goes on to be called, unless it is set after the start and
    /// does not call the one before it. On by default.
    pub fn capture_panics(mut self, capture: bool) -> Self {
        self.code.capture_panics = Some(capture);
        self
    }

    /// Whether the portal may ask this instance for profiles, and change its log filter for a while. Where it may not, whoever asks is
    /// told so; the admin endpoints do both still. On by default.
    pub fn commands(mut self, take: bool) -> Self {
        self.code.commands = Some(take);
        self
    }

    /// Leaves it to the service to install a `tracing` subscriber, with
    /// [`Handle::tracing_layer`](crate::Handle::tracing_layer) in it.
    pub fn without_subscriber(mut self) -> Self {
        self.installs_subscriber = false;
        self
    }
}

/// How it ends.
impl Builder {
    /// How long dropping the [`Agent`] may take to send what is waiting. 5 s by default.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.code.shutdown_timeout = Some(timeout);
        self
    }

    /// From SIGTERM until servers stop accepting connections: time for load balancers to notice that the instance is
    /// not ready. 1 s by default.
    pub fn drain_delay(mut self, delay: Duration) -> Self {
        self.code.drain_delay = Some(delay);
        self
    }

    /// From SIGTERM until requests that still run are broken off. 25 s by default, so that with the
    /// [shutdown timeout](Self::shutdown_timeout) the process ends within the 30 s that Kubernetes allows.
    pub fn drain_deadline(mut self, deadline: Duration) -> Self {
        self.code.drain_deadline = Some(deadline);
        self
    }

    /// Turns everything off, as `OTEL_SDK_DISABLED` does: no thread, no connection, no recording. The service runs as it
    /// would without an agent.
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.code.disabled = Some(disabled);
        self
    }
}

impl Builder {
    /// Starts the agent.
    ///
    /// # Errors
    /// When a setting is wrong, or the system gives no thread. Never because the portal cannot be reached.
    pub fn start(self) -> Result<Agent, StartError> {
        let settings = Settings::resolve(self.code, &Environment::of_process())?;
        let losses = Arc::<Losses>::default();
        let traces = &settings.traces;
        let (sink, batches) = Sink::new(traces.max_waiting, traces.max_of_request, losses.clone());
        let filter = traces.filter.clone();
        let recorder = Recorder::new(filter, traces.sampler, traces.limits, sink);
        let log_filter = log_filter(&settings.log_filter)?;
        let logs = &settings.logs;
        let (sink, line_batches) = logs::Sink::new(logs.max_waiting, logs.max_of_request, losses.clone());
        let lines = Lines { filter: log_filter.clone(), limits: logs.limits, sink };
        let client = Client::new(&settings.endpoints.all(), settings.certificate.as_deref());
        let client = client.map_err(|error| StartError::Setting {
            setting: "OTEL_EXPORTER_OTLP_CERTIFICATE",
            value: settings.certificate.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
            expected: error.to_string(),
        })?;
        let disabled = settings.disabled;
        let checks = if disabled { Vec::new() } else { self.checks };
        let listener = match settings.admin_address.filter(|_| !disabled) {
            Some(address) => Some(admin::bind(address, settings.admin_token.as_ref())?),
            None => None,
        };
        let recorder = (!disabled).then(|| Arc::new(recorder));
        let lines = (!disabled && settings.endpoints.logs.is_some()).then(|| Arc::new(lines));
        let (errors, reports) = Errors::new(losses.clone());
        let errors = lines.as_ref().map(|_| errors);
        let recording = Recording { recorder, log_filter, lines, errors };
        let shared = Arc::new(shared(settings, losses, recording, checks, listener.as_ref())?);
        let agent = Agent::new(shared.clone());
        shared.observed.runtime();
        if self.installs_subscriber {
            install_subscriber(&shared);
        }
        if !disabled {
            capture_panics(&shared);
            shared.figures.export(&shared.metrics);
            shared.losses.export(&shared.metrics);
            tasks::export(&shared.metrics);
            let queues = Queues { spans: batches, lines: line_batches, reports };
            let worker = Worker::start(shared.clone(), client, queues, listener)?;
            *shared.worker.lock().unwrap_or_else(PoisonError::into_inner) = Some(worker);
            errors::listen(&shared);
        }
        if let Some(address) = agent.admin_address() {
            tracing::info!(target: "seaworthy", "admin endpoints on http://{address}/status");
        }
        agent.set_ready(true);
        Ok(agent)
    }
}

/// Counts the lines that are logged, where it is the agent that logs them.
fn install_subscriber(shared: &Shared) {
    let settings = &shared.settings;
    let recording = TracingLayer::new(shared.recorder.clone(), shared.lines.clone());
    let lines = Arc::<LogLines>::default();
    let colours = settings.log_format == LogFormat::Pretty && io::stderr().is_terminal();
    let writer = Writer {
        filter: shared.log_filter.clone(),
        format: Format { format: settings.log_format, mask: shared.mask.clone(), colours },
        lines: lines.clone(),
        to: logs::stderr(),
    };
    if subscriber::install(recording, writer) && !settings.disabled {
        lines.export(&shared.metrics, &settings.environment);
        shared.observed.counts_log_lines.store(true, Relaxed);
    }
}

fn capture_panics(shared: &Shared) {
    if shared.settings.capture_panics && panics::capture() {
        panics::export(&shared.metrics);
        shared.observed.captures_panics.store(true, Relaxed);
    }
}

/// The settings have been checked before; what is wrong all the same is said.
fn log_filter(directives: &str) -> Result<Arc<LogFilter>, StartError> {
    let wrong = |expected| StartError::Setting {
        setting: "Builder::log_filter",
        value: directives.to_owned(),
        expected,
    };
    LogFilter::new(directives).map(Arc::new).map_err(wrong)
}

/// What layers record and send by.
struct Recording {
    recorder: Option<Arc<Recorder>>,
    log_filter: Arc<LogFilter>,
    lines: Option<Arc<Lines>>,
    errors: Option<Errors>,
}

fn shared(
    settings: Settings,
    losses: Arc<Losses>,
    recording: Recording,
    checks: Vec<HealthCheck>,
    listener: Option<&TcpListener>,
) -> Result<Shared, StartError> {
    let admin_address =
        listener.and_then(|listener| listener.local_addr().ok()).map(|address| address.to_string());
    let identity = Identity::new(&settings, admin_address.unwrap_or_default());
    let in_flight = Arc::<InFlight>::default();
    let now = Arc::<Now>::default();
    let load_test_header = settings.load_test_header.clone();
    let mask = Arc::new(Mask::new(settings.mask.iter().map(String::as_str)));
    let started = identity.process.started_at.into();
    let metrics = Registry::new(started, settings.metrics.series_limit, losses.clone());
    Ok(Shared {
        server: Arc::new(Server::new(
            &metrics,
            in_flight.clone(),
            now.clone(),
            load_test_header,
            mask.clone(),
        )),
        now,
        outgoing: Arc::new(Outgoing::new(&metrics, mask.clone())),
        metrics,
        identity,
        losses,
        recorder: recording.recorder,
        log_filter: recording.log_filter,
        lines: recording.lines,
        errors: recording.errors,
        health: Checks::start(checks, mask.clone())?,
        mask,
        figures: Arc::new(Sampler::new(in_flight.clone())),
        observed: Observed::default(),
        drain: Arc::new(Drain::new(in_flight.clone(), settings.drain_terms())),
        settings,
        in_flight,
        worker: Mutex::default(),
    })
}

//! How an agent is set up: what the code says, else the environment, else the default.

mod code;
mod endpoints;
mod environment;
mod list;
mod telemetry;
#[cfg(test)]
mod tests;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use http::HeaderName;
use jiff::Timestamp;
use seaworthy_protocol::Build;

pub(crate) use code::Code;
pub(crate) use endpoints::Endpoints;
pub(crate) use environment::Environment;
pub(crate) use telemetry::{Logs, Metrics, Traces};

use crate::{
    StartError,
    admin::Token,
    drain::Terms,
    logs::{LogFilter, LogFormat},
    trace::Filter,
};

const FILTER_EXPECTED: &str = "directives such as info,hyper=warn";

/// How an agent is set up.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Whether the agent does nothing at all.
    pub(crate) disabled: bool,
    /// OpenTelemetry's `service.name`.
    pub(crate) service: String,
    /// OpenTelemetry's `service.instance.id`, where it is not to be made up.
    pub(crate) instance: Option<String>,
    /// What is running.
    pub(crate) build: Build,
    /// OpenTelemetry's `deployment.environment.name`, empty where none is set.
    pub(crate) environment: String,
    /// Further attributes of the OTLP resource.
    pub(crate) resource: Vec<(String, String)>,
    /// Where everything is sent.
    pub(crate) endpoints: Endpoints,
    /// Certificates to trust instead of the system's.
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) traces: Traces,
    pub(crate) metrics: Metrics,
    pub(crate) logs: Logs,
    /// From one check-in to the next, while the portal does not ask for another interval.
    pub(crate) check_in_interval: Duration,
    /// Where the admin endpoints listen; none when they are off.
    pub(crate) admin_address: Option<SocketAddr>,
    /// What opens the admin endpoints; none where everybody who reaches them may read them.
    pub(crate) admin_token: Option<Token>,
    /// Requests with this header are a load test.
    pub(crate) load_test_header: Option<HeaderName>,
    /// From the signal until servers stop accepting.
    pub(crate) drain_delay: Duration,
    /// From the signal until what still runs is broken off.
    pub(crate) drain_deadline: Duration,
    /// How long dropping the agent may take.
    pub(crate) shutdown_timeout: Duration,
    /// Which lines are logged: by the agent's own subscriber, and to the portal.
    pub(crate) log_filter: String,
    /// How the agent's own subscriber writes lines.
    pub(crate) log_format: LogFormat,
    /// Names of secrets, besides the usual ones; `-name` takes a usual one out.
    pub(crate) mask: Vec<String>,
    /// Whether panics of the process are captured.
    pub(crate) capture_panics: bool,
    /// Whether what the portal asks of the instance is done.
    pub(crate) commands: bool,
}

impl Settings {
    /// Settles every setting. Whatever the environment says, an agent that is disabled by it does not fail by it.
    pub(crate) fn resolve(code: Code, environment: &Environment<'_>) -> Result<Self, StartError> {
        let disabled = or(code.disabled, || environment.flag("OTEL_SDK_DISABLED"))?.unwrap_or(false);
        if disabled {
            Self::settle(true, code, &environment.only(&["OTEL_SERVICE_NAME", "RUST_LOG"]))
        } else {
            Self::settle(false, code, environment)
        }
    }

    fn settle(disabled: bool, code: Code, environment: &Environment<'_>) -> Result<Self, StartError> {
        let resource = environment.list("OTEL_RESOURCE_ATTRIBUTES")?.unwrap_or_default();
        let of_resource =
            |name: &str| resource.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let text = |code: &Option<String>, variable: &str, attribute: &str| {
            code.clone().or_else(|| environment.text(variable)).or_else(|| of_resource(attribute))
        };
        let interval = |code: Option<Duration>, variable| or(code, || environment.interval(variable));
        let duration = |code: Option<Duration>, variable| or(code, || environment.duration(variable));
        let seconds = Duration::from_secs;
        Ok(Self {
            disabled,
            service: text(&code.service, "OTEL_SERVICE_NAME", "service.name").unwrap_or_else(unknown_service),
            instance: of_resource("service.instance.id"),
            build: Build {
                version: text(&code.version, "SEAWORTHY_VERSION", "service.version").unwrap_or_default(),
                commit: text(&code.commit, "SEAWORTHY_COMMIT", "vcs.ref.head.revision").unwrap_or_default(),
                built_at: or(code.built_at, || built_at(environment))?,
            },
            environment: text(&code.environment, "SEAWORTHY_ENVIRONMENT", "deployment.environment.name")
                .unwrap_or_default(),
            endpoints: Endpoints::resolve(&code.endpoints, environment)?,
            certificate: environment.text("OTEL_EXPORTER_OTLP_CERTIFICATE").map(PathBuf::from),
            traces: Traces::resolve(&code.telemetry, environment)?,
            metrics: Metrics::resolve(&code.telemetry, environment)?,
            logs: Logs::resolve(&code.telemetry, environment)?,
            check_in_interval: interval(code.check_in_interval, "SEAWORTHY_CHECK_IN_INTERVAL")?
                .unwrap_or(seconds(5)),
            admin_address: match code.admin_address {
                Some(address) => address,
                None => admin_address(environment)?,
            },
            admin_token: code.admin_token.or(environment.text("SEAWORTHY_ADMIN_TOKEN")).and_then(Token::new),
            load_test_header: load_test_header(code.load_test_header, environment)?,
            drain_delay: duration(code.drain_delay, "SEAWORTHY_DRAIN_DELAY")?.unwrap_or(seconds(1)),
            drain_deadline: duration(code.drain_deadline, "SEAWORTHY_DRAIN_DEADLINE")?.unwrap_or(seconds(25)),
            shutdown_timeout: duration(code.shutdown_timeout, "SEAWORTHY_SHUTDOWN_TIMEOUT")?
                .unwrap_or(seconds(5)),
            log_filter: log_filter(code.log_filter, environment)?,
            log_format: or(code.log_format, || log_format(environment))?.unwrap_or_default(),
            mask: masked(code.mask, environment),
            capture_panics: or(code.capture_panics, || environment.flag("SEAWORTHY_CAPTURE_PANICS"))?
                .unwrap_or(true),
            commands: or(code.commands, || environment.flag("SEAWORTHY_COMMANDS"))?.unwrap_or(true),
            resource: without_doubles(code.resource, resource),
        })
    }

    pub(crate) fn drain_terms(&self) -> Terms {
        Terms { delay: self.drain_delay, deadline: self.drain_deadline, flush: self.shutdown_timeout }
    }
}

/// What the code says, else what the environment says. The environment is not even looked at where the code says it:
/// a wrong value there does no harm then.
fn or<T>(
    code: Option<T>,
    environment: impl FnOnce() -> Result<Option<T>, StartError>,
) -> Result<Option<T>, StartError> {
    match code {
        Some(value) => Ok(Some(value)),
        None => environment(),
    }
}

/// The attributes of the code, and those of the environment that the code does not set.
fn without_doubles(code: Vec<(String, String)>, environment: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for (name, value) in code.into_iter().chain(environment) {
        if all.iter().all(|(known, _)| *known != name) {
            all.push((name, value));
        }
    }
    all
}

fn built_at(environment: &Environment<'_>) -> Result<Option<Timestamp>, StartError> {
    environment.parsed("SEAWORTHY_BUILT_AT", "a time in RFC 3339 form such as 2026-03-01T12:00:00Z")
}

/// A free port of the loopback interface unless it is said otherwise: several instances run on one machine.
fn admin_address(environment: &Environment<'_>) -> Result<Option<SocketAddr>, StartError> {
    const NAME: &str = "SEAWORTHY_ADMIN_ADDRESS";
    match environment.text(NAME) {
        None => Ok(Some(SocketAddr::from(([127, 0, 0, 1], 0)))),
        Some(off) if off.eq_ignore_ascii_case("off") => Ok(None),
        Some(_) => environment.parsed(NAME, "an IP address with a port such as 127.0.0.1:9090, or off"),
    }
}

fn load_test_header(
    code: Option<String>,
    environment: &Environment<'_>,
) -> Result<Option<HeaderName>, StartError> {
    const NAME: &str = "SEAWORTHY_LOAD_TEST_HEADER";
    let (setting, value) = match code {
        Some(name) => ("Builder::load_test_header", Some(name)),
        None => (NAME, environment.text(NAME)),
    };
    let Some(value) = value else { return Ok(None) };
    let expected = "the name of a header such as x-load-test".to_owned();
    value.parse().map(Some).map_err(|_| StartError::Setting { setting, value, expected })
}

fn log_filter(code: Option<String>, environment: &Environment<'_>) -> Result<String, StartError> {
    let (setting, directives) = match code {
        Some(directives) => ("Builder::log_filter", directives),
        None => ("RUST_LOG", environment.text("RUST_LOG").unwrap_or_else(|| "info".into())),
    };
    match LogFilter::new(&directives) {
        Ok(_) => Ok(directives),
        Err(_) => Err(StartError::Setting { setting, value: directives, expected: FILTER_EXPECTED.into() }),
    }
}

fn log_format(environment: &Environment<'_>) -> Result<Option<LogFormat>, StartError> {
    environment.checked("SEAWORTHY_LOG_FORMAT", "pretty or json", LogFormat::parse)
}

/// What the code names, and what the environment does: whoever runs a service may keep more of it secret.
fn masked(code: Vec<String>, environment: &Environment<'_>) -> Vec<String> {
    let named = environment.text("SEAWORTHY_MASK").unwrap_or_default();
    let named = named.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
    code.into_iter().chain(named).collect()
}

/// As OpenTelemetry wants a service without a name to be called.
fn unknown_service() -> String {
    let program =
        std::env::current_exe().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    program.map_or_else(|| "unknown_service".into(), |program| format!("unknown_service:{program}"))
}

/// Which spans are recorded, in the form of `tracing`'s target directives.
fn recorded(setting: &'static str, value: &str) -> Result<Filter, StartError> {
    value.parse().map_err(|_| StartError::Setting {
        setting,
        value: value.to_owned(),
        expected: FILTER_EXPECTED.into(),
    })
}

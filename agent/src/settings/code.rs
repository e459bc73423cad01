//! What the code says.

use std::{net::SocketAddr, time::Duration};

use jiff::Timestamp;

use crate::{logs::LogFormat, metrics::Temporality};

/// What the code says through the [`Builder`](crate::Builder). What is none is left to the environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Code {
    pub(crate) disabled: Option<bool>,
    pub(crate) service: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) commit: Option<String>,
    pub(crate) built_at: Option<Timestamp>,
    pub(crate) environment: Option<String>,
    pub(crate) resource: Vec<(String, String)>,
    pub(crate) endpoints: EndpointsInCode,
    pub(crate) telemetry: TelemetryInCode,
    pub(crate) check_in_interval: Option<Duration>,
    /// Said to be none when it is off.
    pub(crate) admin_address: Option<Option<SocketAddr>>,
    pub(crate) admin_token: Option<String>,
    pub(crate) load_test_header: Option<String>,
    pub(crate) drain_delay: Option<Duration>,
    pub(crate) drain_deadline: Option<Duration>,
    pub(crate) shutdown_timeout: Option<Duration>,
    pub(crate) log_filter: Option<String>,
    pub(crate) log_format: Option<LogFormat>,
    pub(crate) mask: Vec<String>,
    pub(crate) capture_panics: Option<bool>,
    pub(crate) commands: Option<bool>,
}

/// What the code says about where things are sent.
#[derive(Clone, Default)]
pub(crate) struct EndpointsInCode {
    pub(crate) portal: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) otlp_endpoint: Option<String>,
}

/// What the code says about traces, metrics and logs.
#[derive(Clone, Debug, Default)]
pub(crate) struct TelemetryInCode {
    pub(crate) sample_ratio: Option<f64>,
    pub(crate) trace_filter: Option<String>,
    pub(crate) span_interval: Option<Duration>,
    pub(crate) max_waiting_spans: Option<usize>,
    pub(crate) metric_interval: Option<Duration>,
    pub(crate) temporality: Option<Temporality>,
    pub(crate) log_interval: Option<Duration>,
    pub(crate) max_waiting_lines: Option<usize>,
}

/// The token must not get into a log.
impl std::fmt::Debug for EndpointsInCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointsInCode")
            .field("portal", &self.portal)
            .field("token", &self.token.as_ref().map(|_| "…"))
            .field("otlp_endpoint", &self.otlp_endpoint)
            .finish()
    }
}

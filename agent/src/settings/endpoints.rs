//! Where the agent sends what.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use seaworthy_protocol::CHECK_IN_PATH;
use url::Url;

use super::{Environment, code::EndpointsInCode, or};
use crate::{
    StartError,
    export::{Compression, Endpoint, is_loopback},
};

const DEFAULT_PORTAL: &str = "http://127.0.0.1:4680";
const TIMEOUT: Duration = Duration::from_secs(10);
const URL_EXPECTED: &str = "an http or https URL such as https://seaworthy.example.com";

/// Where the agent sends what; none where it does not.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    pub(crate) traces: Option<Endpoint>,
    pub(crate) metrics: Option<Endpoint>,
    pub(crate) logs: Option<Endpoint>,
    pub(crate) check_in: Option<Endpoint>,
}

/// The variables of one signal. Each has a general form too, which the special one overrides.
struct Signal {
    exporter: &'static str,
    endpoint: &'static str,
    headers: &'static str,
    timeout: &'static str,
    /// The variable of OpenTelemetry's own exporter with the same meaning.
    export_timeout: &'static str,
    compression: &'static str,
    protocol: &'static str,
    path: &'static str,
}

const TRACES: Signal = Signal {
    exporter: "OTEL_TRACES_EXPORTER",
    endpoint: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    headers: "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    timeout: "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    export_timeout: "OTEL_BSP_EXPORT_TIMEOUT",
    compression: "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    protocol: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    path: "v1/traces",
};
const METRICS: Signal = Signal {
    exporter: "OTEL_METRICS_EXPORTER",
    endpoint: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    headers: "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
    timeout: "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
    export_timeout: "OTEL_METRIC_EXPORT_TIMEOUT",
    compression: "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
    protocol: "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    path: "v1/metrics",
};
const LOGS: Signal = Signal {
    exporter: "OTEL_LOGS_EXPORTER",
    endpoint: "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    headers: "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
    timeout: "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
    export_timeout: "OTEL_BLRP_EXPORT_TIMEOUT",
    compression: "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",
    protocol: "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
    path: "v1/logs",
};
const GENERAL: Signal = Signal {
    exporter: "",
    endpoint: "OTEL_EXPORTER_OTLP_ENDPOINT",
    headers: "OTEL_EXPORTER_OTLP_HEADERS",
    timeout: "OTEL_EXPORTER_OTLP_TIMEOUT",
    export_timeout: "",
    compression: "OTEL_EXPORTER_OTLP_COMPRESSION",
    protocol: "OTEL_EXPORTER_OTLP_PROTOCOL",
    path: "",
};

/// What all endpoints have in common.
struct Common {
    portal: Option<Url>,
    token: Option<HeaderValue>,
    /// Where OTLP goes, before the path of the signal.
    otlp: Url,
}

impl Endpoints {
    pub(super) fn resolve(code: &EndpointsInCode, environment: &Environment<'_>) -> Result<Self, StartError> {
        let common = Common::resolve(code, environment)?;
        Ok(Self {
            traces: common.signal(&TRACES, environment)?,
            metrics: common.signal(&METRICS, environment)?,
            logs: common.signal(&LOGS, environment)?,
            check_in: common.check_in(environment)?,
        })
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<&Endpoint> {
        [&self.traces, &self.metrics, &self.logs, &self.check_in].into_iter().flatten().collect()
    }
}

impl Common {
    fn resolve(code: &EndpointsInCode, environment: &Environment<'_>) -> Result<Self, StartError> {
        let named = or(said_url("Builder::portal", code.portal.as_deref())?, || {
            url(environment, "SEAWORTHY_PORTAL")
        })?;
        let said = said_url("Builder::otlp_endpoint", code.otlp_endpoint.as_deref())?;
        let otlp = or(said, || url(environment, GENERAL.endpoint))?;
        let default = || said_url("SEAWORTHY_PORTAL", Some(DEFAULT_PORTAL));
        // Who names another OTLP backend and no portal has none: nobody there would understand a check-in.
        let portal = if named.is_none() && otlp.is_none() { default()? } else { named };
        let otlp = match otlp.or_else(|| portal.clone()) {
            Some(url) => url,
            None => return Err(wrong("SEAWORTHY_PORTAL", "", URL_EXPECTED)),
        };
        Ok(Self { portal, token: token(code.token.as_deref(), environment)?, otlp })
    }

    fn signal(&self, signal: &Signal, environment: &Environment<'_>) -> Result<Option<Endpoint>, StartError> {
        let exporter = |value: &str| ["otlp", "none"].contains(&value).then(|| value == "otlp");
        if environment.checked(signal.exporter, "otlp or none", exporter)? == Some(false) {
            return Ok(None);
        }
        for name in [signal.protocol, GENERAL.protocol] {
            let known = |value: &str| (value == "http/protobuf").then_some(());
            environment.checked(name, "http/protobuf, the only protocol that the agent speaks", known)?;
        }
        let url = match url(environment, signal.endpoint)? {
            Some(url) => url,
            None => join(&self.otlp, signal.path),
        };
        let timeout = or(environment.interval(signal.timeout)?, || environment.interval(GENERAL.timeout))?;
        let timeout = or(timeout, || environment.interval(signal.export_timeout))?;
        let general = || compression(environment, GENERAL.compression);
        let compression = or(compression(environment, signal.compression)?, general)?;
        Ok(Some(Endpoint {
            headers: self.headers(&url, signal, environment)?,
            timeout: timeout.unwrap_or(TIMEOUT),
            // On one machine there is no wire to save on, and the processor is the service's.
            compression: compression.unwrap_or(if is_loopback(&url) {
                Compression::None
            } else {
                Compression::Gzip
            }),
            url,
        }))
    }

    fn check_in(&self, environment: &Environment<'_>) -> Result<Option<Endpoint>, StartError> {
        let Some(portal) = &self.portal else { return Ok(None) };
        // `OTEL_EXPORTER_OTLP_HEADERS` may hold the token, but it is meant for the place that OTLP goes to.
        let same_place = portal.origin() == self.otlp.origin();
        let mut headers = if same_place { headers(environment, GENERAL.headers)? } else { HeaderMap::new() };
        self.authorize(portal, &mut headers);
        let url = join(portal, CHECK_IN_PATH.trim_start_matches('/'));
        let timeout = environment.interval(GENERAL.timeout)?.unwrap_or(TIMEOUT);
        Ok(Some(Endpoint { url, headers, timeout, compression: Compression::None }))
    }

    fn headers(
        &self,
        url: &Url,
        signal: &Signal,
        environment: &Environment<'_>,
    ) -> Result<HeaderMap, StartError> {
        let mut all = headers(environment, GENERAL.headers)?;
        all.extend(headers(environment, signal.headers)?);
        self.authorize(url, &mut all);
        Ok(all)
    }

    /// The token is for the portal and for nobody else.
    fn authorize(&self, url: &Url, headers: &mut HeaderMap) {
        if let (Some(token), Some(portal)) = (&self.token, &self.portal)
            && portal.origin() == url.origin()
        {
            headers.insert(AUTHORIZATION, token.clone());
        }
    }
}

/// Adds to the path, which may be more than `/`: the portal may be behind a proxy that serves other things as well.
fn join(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

fn url(environment: &Environment<'_>, name: &'static str) -> Result<Option<Url>, StartError> {
    environment.checked(name, URL_EXPECTED, parse_url)
}

fn said_url(setting: &'static str, value: Option<&str>) -> Result<Option<Url>, StartError> {
    value.map(|value| parse_url(value).ok_or_else(|| wrong(setting, value, URL_EXPECTED))).transpose()
}

fn parse_url(value: &str) -> Option<Url> {
    Url::parse(value).ok().filter(|url| ["http", "https"].contains(&url.scheme()) && url.has_host())
}

fn token(code: Option<&str>, environment: &Environment<'_>) -> Result<Option<HeaderValue>, StartError> {
    let (setting, token) = match code {
        Some(token) => ("Builder::token", Some(token.to_owned())),
        None => ("SEAWORTHY_TOKEN", environment.text("SEAWORTHY_TOKEN")),
    };
    let Some(token) = token else { return Ok(None) };
    // The token itself must not get into an error, which ends up in a log.
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| wrong(setting, "…", "a token as the portal shows it, without spaces or line breaks"))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn headers(environment: &Environment<'_>, name: &'static str) -> Result<HeaderMap, StartError> {
    let expected = "name=value pairs separated by commas, special characters percent-encoded";
    let parse = |value: &str| super::list::parse(value)?.into_iter().map(header).collect();
    // As with the token, what may be secret must not get into a log.
    environment
        .checked(name, expected, parse)
        .map_err(|_| wrong(name, "…", expected))
        .map(Option::unwrap_or_default)
}

fn header((name, value): (String, String)) -> Option<(HeaderName, HeaderValue)> {
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    Some((HeaderName::try_from(name).ok()?, value))
}

fn compression(environment: &Environment<'_>, name: &'static str) -> Result<Option<Compression>, StartError> {
    let parse = |value: &str| match value {
        "gzip" => Some(Compression::Gzip),
        "none" => Some(Compression::None),
        _ => None,
    };
    environment.checked(name, "gzip or none", parse)
}

fn wrong(setting: &'static str, value: &str, expected: &str) -> StartError {
    StartError::Setting { setting, value: value.to_owned(), expected: expected.to_owned() }
}

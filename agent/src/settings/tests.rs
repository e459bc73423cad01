use super::{
    code::{EndpointsInCode, TelemetryInCode},
    *,
};
use crate::{
    export::Compression,
    metrics::Temporality,
    trace::{Limits, Ratio, Sampler},
};

fn resolve(variables: &[(&str, &str)]) -> Result<Settings, StartError> {
    Settings::resolve(Code::default(), &Environment::of(variables))
}

/// Settings by these variables, of which nothing is wrong.
fn settings(variables: &[(&str, &str)]) -> Settings {
    resolve(variables).unwrap_or_else(|error| panic!("{variables:?}: {error}"))
}

fn urls(endpoints: &Endpoints) -> [Option<&str>; 3] {
    [&endpoints.traces, &endpoints.metrics, &endpoints.check_in]
        .map(|it| it.as_ref().map(|it| it.url.as_str()))
}

#[test]
fn without_a_word_everything_goes_to_a_portal_on_this_machine() {
    let settings = settings(&[]);
    insta::assert_debug_snapshot!(settings.endpoints, @r#"
    Endpoints {
        traces: Some(
            Endpoint {
                url: "http://127.0.0.1:4680/v1/traces",
                headers: [],
                timeout: 10s,
                compression: None,
            },
        ),
        metrics: Some(
            Endpoint {
                url: "http://127.0.0.1:4680/v1/metrics",
                headers: [],
                timeout: 10s,
                compression: None,
            },
        ),
        logs: Some(
            Endpoint {
                url: "http://127.0.0.1:4680/v1/logs",
                headers: [],
                timeout: 10s,
                compression: None,
            },
        ),
        check_in: Some(
            Endpoint {
                url: "http://127.0.0.1:4680/api/v1/check-in",
                headers: [],
                timeout: 10s,
                compression: None,
            },
        ),
    }
    "#);
    assert!(settings.service.starts_with("unknown_service:"), "{}", settings.service);
    assert_eq!(settings.admin_address, Some(SocketAddr::from(([127, 0, 0, 1], 0))));
    assert_eq!(settings.traces.sampler, Sampler { parent_based: true, ratio: Ratio::ALL });
    assert_eq!(settings.metrics.temporality, Temporality::Delta);
    assert!(!settings.disabled);
}

#[test]
fn endpoints_follow_opentelemetry_and_the_portal() {
    type Case = (&'static [(&'static str, &'static str)], [Option<&'static str>; 3]);
    let cases: &[Case] = &[
        (
            &[("SEAWORTHY_PORTAL", "https://portal.example.com/seaworthy/")],
            [
                Some("https://portal.example.com/seaworthy/v1/traces"),
                Some("https://portal.example.com/seaworthy/v1/metrics"),
                Some("https://portal.example.com/seaworthy/api/v1/check-in"),
            ],
        ),
        // Somebody else's backend would not understand a check-in.
        (
            &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://jaeger:4318")],
            [Some("http://jaeger:4318/v1/traces"), Some("http://jaeger:4318/v1/metrics"), None],
        ),
        (
            &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://jaeger:4318"), ("SEAWORTHY_PORTAL", "http://portal")],
            [
                Some("http://jaeger:4318/v1/traces"),
                Some("http://jaeger:4318/v1/metrics"),
                Some("http://portal/api/v1/check-in"),
            ],
        ),
        // The endpoint of one signal is taken as it is.
        (
            &[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://jaeger:4318/")],
            [
                Some("http://jaeger:4318/"),
                Some("http://127.0.0.1:4680/v1/metrics"),
                Some("http://127.0.0.1:4680/api/v1/check-in"),
            ],
        ),
        (
            &[("OTEL_TRACES_EXPORTER", "none"), ("OTEL_METRICS_EXPORTER", "otlp")],
            [None, Some("http://127.0.0.1:4680/v1/metrics"), Some("http://127.0.0.1:4680/api/v1/check-in")],
        ),
        // Empty is not set.
        (
            &[
                ("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
                ("OTEL_METRICS_EXPORTER", " "),
                ("SEAWORTHY_PORTAL", "http://p"),
            ],
            [Some("http://p/v1/traces"), Some("http://p/v1/metrics"), Some("http://p/api/v1/check-in")],
        ),
    ];
    for (variables, want) in cases {
        assert_eq!(urls(&settings(variables).endpoints), *want, "{variables:?}");
    }
}

#[test]
fn logs_have_the_same_settings_as_traces() {
    let logs = |variables: &[(&str, &str)]| settings(variables).endpoints.logs;
    assert!(logs(&[("OTEL_LOGS_EXPORTER", "none")]).is_none());
    let portal = [("SEAWORTHY_PORTAL", "http://p/sea"), ("SEAWORTHY_TOKEN", "secret")];
    let to_portal = logs(&portal).unwrap();
    assert_eq!(to_portal.url.as_str(), "http://p/sea/v1/logs");
    assert_eq!(to_portal.headers["authorization"], "Bearer secret");
    let to_loki = logs(&[
        portal[0],
        portal[1],
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://loki/otlp/v1/logs"),
        ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "x-scope=shop"),
        ("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "none"),
        ("OTEL_BLRP_EXPORT_TIMEOUT", "3000"),
    ])
    .unwrap();
    assert_eq!(to_loki.url.as_str(), "http://loki/otlp/v1/logs");
    assert_eq!(to_loki.headers["x-scope"], "shop");
    assert!(!to_loki.headers.contains_key("authorization"), "the token is for the portal");
    assert_eq!((to_loki.timeout, to_loki.compression), (Duration::from_secs(3), Compression::None));
    let settings = settings(&[
        ("OTEL_BLRP_SCHEDULE_DELAY", "100"),
        ("OTEL_BLRP_MAX_QUEUE_SIZE", "1000"),
        ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "5000"),
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "9"),
        ("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "77"),
    ])
    .logs;
    assert_eq!(settings.interval, Duration::from_millis(100));
    assert_eq!((settings.max_waiting, settings.max_of_request), (1000, 1000));
    assert_eq!((settings.limits.event_attributes, settings.limits.text_chars), (9, 77));
}

#[test]
fn the_token_goes_to_the_portal_and_to_nobody_else() {
    let authorized = |variables: &[(&str, &str)]| {
        let Endpoints { traces, metrics, check_in, .. } = settings(variables).endpoints;
        [traces, metrics, check_in].map(|endpoint| {
            let headers = endpoint?.headers;
            headers.get("authorization").map(|value| value.to_str().unwrap().to_owned())
        })
    };
    let own = || Some("Bearer secret".to_owned());
    let token = ("SEAWORTHY_TOKEN", "secret");
    let jaeger = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://jaeger:4318/v1/traces");
    assert_eq!(authorized(&[token]), [own(), own(), own()]);
    assert_eq!(authorized(&[token, jaeger]), [None, own(), own()]);
    // The standard variable carries it too.
    let header = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20secret,x-tenant=7");
    assert_eq!(authorized(&[header]), [own(), own(), own()]);
    let portal = ("SEAWORTHY_PORTAL", "http://portal");
    let otlp = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://jaeger:4318");
    assert_eq!(authorized(&[header, portal, otlp]), [own(), own(), None]);
    let special = ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "Authorization=Basic%20eA==");
    assert_eq!(authorized(&[header, special]), [own(), Some("Basic eA==".into()), own()]);
}

#[test]
fn secrets_stay_out_of_logs_and_errors() {
    let variables = [("SEAWORTHY_TOKEN", "hunter2"), ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=hunter2")];
    let shown = format!("{:?}", settings(&variables));
    assert!(!shown.contains("hunter2"), "{shown}");
    let code = EndpointsInCode { token: Some("hunter2".into()), ..EndpointsInCode::default() };
    assert!(!format!("{code:?}").contains("hunter2"));
    for wrong in [("SEAWORTHY_TOKEN", "hunter2\nx"), ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2")] {
        let error = resolve(&[wrong]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

#[test]
fn a_wrong_setting_is_named_with_its_value_and_what_is_accepted() {
    let wrong = [
        ("OTEL_SDK_DISABLED", "maybe"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://portal"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "no spaces allowed=1"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zip"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
        ("OTEL_BSP_SCHEDULE_DELAY", "0"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "-1"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "many"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "0"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "hourly"),
        ("SEAWORTHY_PORTAL", "portal"),
        ("SEAWORTHY_ADMIN_ADDRESS", "9090"),
        ("SEAWORTHY_BUILT_AT", "yesterday"),
        ("SEAWORTHY_CHECK_IN_INTERVAL", "0"),
        ("SEAWORTHY_TRACE_FILTER", "hyper=loud"),
    ];
    let said: Vec<String> = wrong.map(|it| resolve(&[it]).map(|_| it.0).unwrap_err().to_string()).into();
    insta::assert_snapshot!(said.join("\n"), @r#"
    OTEL_SDK_DISABLED is "maybe", but must be true or false
    OTEL_RESOURCE_ATTRIBUTES is "team", but must be key=value pairs separated by commas, special characters percent-encoded
    OTEL_EXPORTER_OTLP_ENDPOINT is "localhost:4318", but must be an http or https URL such as https://seaworthy.example.com
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is "ftp://portal", but must be an http or https URL such as https://seaworthy.example.com
    OTEL_EXPORTER_OTLP_HEADERS is "…", but must be name=value pairs separated by commas, special characters percent-encoded
    OTEL_EXPORTER_OTLP_TIMEOUT is "10s", but must be a number of milliseconds, at least 1
    OTEL_EXPORTER_OTLP_COMPRESSION is "zip", but must be gzip or none
    OTEL_EXPORTER_OTLP_PROTOCOL is "grpc", but must be http/protobuf, the only protocol that the agent speaks
    OTEL_TRACES_EXPORTER is "zipkin", but must be otlp or none
    OTEL_TRACES_SAMPLER is "sometimes", but must be always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio
    OTEL_TRACES_SAMPLER_ARG is "1.5", but must be a number from 0 to 1
    OTEL_BSP_SCHEDULE_DELAY is "0", but must be a number of milliseconds, at least 1
    OTEL_BSP_MAX_QUEUE_SIZE is "-1", but must be a whole number, at least 1
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT is "many", but must be a whole number
    OTEL_METRIC_EXPORT_INTERVAL is "0", but must be a number of milliseconds, at least 1
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE is "hourly", but must be delta, cumulative or lowmemory
    SEAWORTHY_PORTAL is "portal", but must be an http or https URL such as https://seaworthy.example.com
    SEAWORTHY_ADMIN_ADDRESS is "9090", but must be an IP address with a port such as 127.0.0.1:9090, or off
    SEAWORTHY_BUILT_AT is "yesterday", but must be a time in RFC 3339 form such as 2026-03-01T12:00:00Z
    SEAWORTHY_CHECK_IN_INTERVAL is "0", but must be a number of milliseconds, at least 1
    SEAWORTHY_TRACE_FILTER is "hyper=loud", but must be directives such as info,hyper=warn
    "#);
}

#[test]
fn samplers_are_opentelemetrys() {
    let half = Ratio::new(0.5).unwrap();
    let cases = [
        ("always_on", false, Ratio::ALL),
        ("always_off", false, Ratio::NONE),
        ("traceidratio", false, half),
        ("parentbased_always_on", true, Ratio::ALL),
        ("parentbased_always_off", true, Ratio::NONE),
        ("parentbased_traceidratio", true, half),
    ];
    for (name, parent_based, ratio) in cases {
        let settings = settings(&[("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", "0.5")]);
        assert_eq!(settings.traces.sampler, Sampler { parent_based, ratio }, "{name}");
    }
}

#[test]
fn what_the_code_says_wins_over_the_environment_even_where_that_is_wrong() {
    let code = Code {
        disabled: Some(false),
        service: Some("reception".into()),
        version: Some("2".into()),
        environment: Some("production".into()),
        endpoints: EndpointsInCode { portal: Some("http://code".into()), ..EndpointsInCode::default() },
        telemetry: TelemetryInCode {
            sample_ratio: Some(0.25),
            trace_filter: Some("warn".into()),
            ..TelemetryInCode::default()
        },
        admin_address: Some(None),
        check_in_interval: Some(Duration::from_secs(1)),
        ..Code::default()
    };
    let environment = Environment::of(&[
        ("OTEL_SDK_DISABLED", "maybe"),
        ("OTEL_SERVICE_NAME", "barista"),
        ("SEAWORTHY_VERSION", "1"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,service.version=0,team=bar%20staff"),
        ("SEAWORTHY_PORTAL", "nonsense"),
        ("OTEL_TRACES_SAMPLER", "nonsense"),
        ("SEAWORTHY_TRACE_FILTER", "a=b=c"),
        ("SEAWORTHY_ADMIN_ADDRESS", "nonsense"),
        ("SEAWORTHY_CHECK_IN_INTERVAL", "nonsense"),
    ]);
    let settings = Settings::resolve(code, &environment).unwrap();
    assert_eq!((settings.service.as_str(), settings.build.version.as_str()), ("reception", "2"));
    assert_eq!(settings.environment, "production");
    assert_eq!(urls(&settings.endpoints)[2], Some("http://code/api/v1/check-in"));
    assert_eq!(settings.traces.sampler, Sampler { parent_based: true, ratio: Ratio::new(0.25).unwrap() });
    assert_eq!(settings.admin_address, None);
    assert!(settings.resource.contains(&("team".into(), "bar staff".into())));
}

#[test]
fn an_agent_that_the_environment_disables_does_not_fail_by_it() {
    let settings = settings(&[
        ("OTEL_SDK_DISABLED", "TRUE"),
        ("OTEL_SERVICE_NAME", "barista"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("SEAWORTHY_PORTAL", "nonsense"),
        ("RUST_LOG", "warn"),
    ]);
    assert!(settings.disabled);
    assert_eq!((settings.service.as_str(), settings.log_filter.as_str()), ("barista", "warn"));
}

#[test]
fn an_attribute_of_the_resource_is_there_once_and_the_code_wins() {
    let code = Code { resource: vec![("team".into(), "bar".into())], ..Code::default() };
    let environment = Environment::of(&[("OTEL_RESOURCE_ATTRIBUTES", "team=kitchen,floor=1,floor=2")]);
    let resource = Settings::resolve(code, &environment).unwrap().resource;
    assert_eq!(resource, [("team".to_owned(), "bar".to_owned()), ("floor".to_owned(), "1".to_owned())]);
}

#[test]
fn timeouts_have_three_names() {
    let seconds = |variables: &[(&str, &str)]| {
        let endpoints = settings(variables).endpoints;
        [endpoints.traces, endpoints.metrics].map(|endpoint| endpoint.unwrap().timeout.as_secs())
    };
    let export = [("OTEL_BSP_EXPORT_TIMEOUT", "3000"), ("OTEL_METRIC_EXPORT_TIMEOUT", "4000")];
    assert_eq!(seconds(&export), [3, 4]);
    assert_eq!(seconds(&[export[0], export[1], ("OTEL_EXPORTER_OTLP_TIMEOUT", "5000")]), [5, 5]);
    assert_eq!(
        seconds(&[("OTEL_EXPORTER_OTLP_TIMEOUT", "5000"), ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "6000")]),
        [6, 5]
    );
}

#[test]
fn everything_else_can_be_said_by_the_environment() {
    let settings = settings(&[
        ("OTEL_SDK_DISABLED", "FALSE"),
        ("OTEL_SERVICE_NAME", "barista"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=x,service.instance.id=barista-1,service.version=3"),
        ("SEAWORTHY_COMMIT", "abc"),
        ("SEAWORTHY_BUILT_AT", "2026-03-01T12:00:00Z"),
        ("SEAWORTHY_ADMIN_ADDRESS", "0.0.0.0:9090"),
        ("SEAWORTHY_SHUTDOWN_TIMEOUT", "250"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000"),
        ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "3000"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "none"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "Cumulative"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "1000"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5000"),
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "9"),
        ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "4"),
        ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "77"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "5"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "0"),
    ]);
    assert!(!settings.disabled);
    assert_eq!((settings.service.as_str(), settings.instance.as_deref()), ("barista", Some("barista-1")));
    assert_eq!((settings.build.version.as_str(), settings.build.commit.as_str()), ("3", "abc"));
    assert_eq!(settings.build.built_at.unwrap().to_string(), "2026-03-01T12:00:00Z");
    assert_eq!(settings.admin_address.unwrap().to_string(), "0.0.0.0:9090");
    assert_eq!(settings.shutdown_timeout, Duration::from_millis(250));
    let (traces, metrics) = (settings.endpoints.traces.unwrap(), settings.endpoints.metrics.unwrap());
    assert_eq!((traces.timeout, traces.compression), (Duration::from_secs(2), Compression::Gzip));
    assert_eq!((metrics.timeout, metrics.compression), (Duration::from_secs(3), Compression::None));
    assert_eq!(settings.metrics.temporality, Temporality::Cumulative);
    assert_eq!(settings.traces.interval, Duration::from_millis(100));
    // A request cannot hold more than may wait.
    assert_eq!((settings.traces.max_waiting, settings.traces.max_of_request), (1000, 1000));
    let limits = Limits { attributes: 9, event_attributes: 4, events: 5, links: 0, text_chars: 77 };
    assert_eq!(settings.traces.limits, limits);
}

#[test]
fn what_leaves_the_machine_is_compressed_unless_said_otherwise() {
    let compression =
        |portal: &str| settings(&[("SEAWORTHY_PORTAL", portal)]).endpoints.traces.unwrap().compression;
    for near in ["http://127.0.0.1:1", "http://localhost", "http://[::1]:1"] {
        assert_eq!(compression(near), Compression::None, "{near}");
    }
    for far in ["http://10.0.0.1", "https://portal.example.com", "http://localhost.example.com"] {
        assert_eq!(compression(far), Compression::Gzip, "{far}");
    }
}

#[test]
fn commands_are_taken_unless_somebody_says_no() {
    assert!(settings(&[]).commands);
    assert!(!settings(&[("SEAWORTHY_COMMANDS", "false")]).commands);
    let code = Code { commands: Some(false), ..Code::default() };
    assert!(!Settings::resolve(code, &Environment::of(&[("SEAWORTHY_COMMANDS", "true")])).unwrap().commands);
}

#[test]
fn panics_are_captured_unless_somebody_says_no() {
    assert!(settings(&[]).capture_panics);
    assert!(!settings(&[("SEAWORTHY_CAPTURE_PANICS", "False")]).capture_panics);
    let said = |capture| Code { capture_panics: Some(capture), ..Code::default() };
    let no = Environment::of(&[("SEAWORTHY_CAPTURE_PANICS", "no")]);
    assert!(Settings::resolve(said(true), &no).unwrap().capture_panics, "the code wins");
    let error = Settings::resolve(Code::default(), &no).unwrap_err().to_string();
    assert!(error.contains("SEAWORTHY_CAPTURE_PANICS") && error.contains("true or false"), "{error}");
}

#[test]
fn names_of_secrets_add_up() {
    let code = Code { mask: vec!["email".into()], ..Code::default() };
    let environment = Environment::of(&[("SEAWORTHY_MASK", " phone,-cookie,, ")]);
    assert_eq!(Settings::resolve(code, &environment).unwrap().mask, ["email", "phone", "-cookie"]);
    assert!(settings(&[]).mask.is_empty());
}

#[test]
fn lines_have_a_format() {
    let format = |variables: &[(&str, &str)]| settings(variables).log_format;
    assert_eq!(format(&[]), crate::LogFormat::Pretty);
    assert_eq!(format(&[("SEAWORTHY_LOG_FORMAT", "JSON")]), crate::LogFormat::Json);
    let error = resolve(&[("SEAWORTHY_LOG_FORMAT", "xml")]).unwrap_err().to_string();
    assert_eq!(error, "SEAWORTHY_LOG_FORMAT is \"xml\", but must be pretty or json");
}

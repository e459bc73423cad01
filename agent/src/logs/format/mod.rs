//! How lines are written to standard error: for people, or as one JSON object each. Every line tells the request and the trace that
//! it belongs to; secrets are masked.

mod json;
mod pretty;

use std::sync::Arc;

use tracing::Event;
use tracing_subscriber::fmt::{
    format::Writer,
    time::{FormatTime, SystemTime},
};

use super::Origin;
use crate::{mask::Mask, trace::record::Record};

/// How lines are written to standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogFormat {
    /// For people, with colours on a terminal:
    /// `2026-03-01T12:00:00.000000Z  INFO order{table=7}: shop::till: paid cups=2 request_id=… trace_id=…`.
    #[default]
    Pretty,
    /// One JSON object a line, with `timestamp`, `level`, `target`, `message`, `fields`, `spans` from the outermost to the innermost, and
    /// `request_id`, `trace_id` and `span_id` where there are any.
    Json,
}

impl LogFormat {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "pretty" => Some(Self::Pretty),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// How lines look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Format {
    pub(crate) format: LogFormat,
    pub(crate) mask: Arc<Mask>,
    /// Of lines for people.
    pub(crate) colours: bool,
}

impl Format {
    /// One line, with its end. `spans` are names and [fields](Self::fields) of those that the event is within, the outermost first.
    pub(super) fn line(
        &self,
        event: &Event<'_>,
        spans: impl Iterator<Item = (&'static str, String)>,
        origin: &Origin,
    ) -> String {
        let mut time = String::new();
        // Into a String writing never fails.
        let _ = SystemTime.format_time(&mut Writer::new(&mut time));
        match self.format {
            LogFormat::Pretty => pretty::line(&time, event, spans, origin, &self.mask, self.colours),
            LogFormat::Json => json::line(&time, event, spans, origin, &self.mask),
        }
    }

    /// The fields of a span, to be shown in lines within it.
    pub(super) fn fields(&self, fields: &Record) -> String {
        match self.format {
            LogFormat::Pretty => pretty::fields(fields, &self.mask, self.colours),
            LogFormat::Json => json::fields(fields, &self.mask),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, routing::get};
    use http_body_util::BodyExt;
    use serde_json::Value;
    use tower::ServiceExt;
    use tracing::{debug, error, info, info_span, warn};

    use super::*;
    use crate::{Agent, Builder, logs::Writer, subscriber::compose, trace::TracingLayer};

    /// The lines of what is done here.
    fn lines(
        format: LogFormat,
        logged: &str,
        set_up: fn(Builder) -> Builder,
        work: fn(&Agent),
    ) -> Vec<String> {
        let agent = set_up(Agent::builder("shop").without_subscriber().admin_address(None).mask("shoe_size"));
        let agent = agent.shutdown_timeout(std::time::Duration::ZERO).start().unwrap();
        let shared = &agent.shared;
        let format = Format { format, mask: shared.mask.clone(), colours: false };
        let (writer, log) = Writer::into_memory(logged, format);
        let subscriber = compose(TracingLayer::new(shared.recorder.clone(), shared.lines.clone()), writer);
        tracing::subscriber::with_default(subscriber, || work(&agent));
        let log = String::from_utf8(log.lock().unwrap().clone()).unwrap();
        log.lines().map(str::to_owned).collect()
    }

    fn usual(builder: Builder) -> Builder {
        builder
    }

    /// Every kind of field.
    fn write(_: &Agent) {
        info!("the doors are open");
        let order = info_span!("order", table = 7, password = "hush", late = tracing::field::Empty);
        let _order = order.enter();
        order.record("late", true);
        let _brew = info_span!("brew").entered();
        warn!(
            drink = "flat \"white\"",
            cups = 2,
            share = 0.5,
            token = 17,
            shoe_size = 42,
            "few beans\u{1b}[2J"
        );
        error!(error = &"x".parse::<u8>().unwrap_err() as &dyn std::error::Error, list = ?["a"], "sent Bearer hush12345");
    }

    fn request(agent: &Agent) {
        async fn brew() -> &'static str {
            debug!("in the handler");
            "espresso"
        }
        async fn fails() -> http::StatusCode {
            http::StatusCode::SERVICE_UNAVAILABLE
        }
        let router: Router =
            Router::new().route("/brews/{id}", get(brew)).route("/fails", get(fails)).layer(agent.layer());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for path in ["/brews/7?q=1", "/fails"] {
            let request = http::Request::builder().uri(path).header("x-request-id", "order-7");
            let answer = router.clone().oneshot(request.body(Body::empty()).unwrap());
            runtime.block_on(async { answer.await.unwrap().into_body().collect().await.unwrap() });
        }
    }

    /// Without what differs from run to run.
    fn stable(line: &str) -> String {
        let line = line.split_once(' ').map_or(line, |(_, rest)| rest);
        let words = line.split(' ').map(|word| match word.split_once('=') {
            Some((name @ ("trace_id" | "seconds"), _)) => format!("{name}=…"),
            _ => word.to_owned(),
        });
        words.collect::<Vec<_>>().join(" ").trim_start().to_owned()
    }

    #[test]
    fn lines_for_people() {
        let written = lines(LogFormat::Pretty, "info", usual, write);
        assert!(written[0].split_once(' ').unwrap().0.parse::<jiff::Timestamp>().is_ok(), "{written:?}");
        let written: Vec<_> = written.iter().map(|line| stable(line)).collect();
        insta::assert_snapshot!(written.join("\n"), @r#"
        INFO seaworthy_agent::logs::format::tests: the doors are open
        WARN order{table=7 password=REDACTED late=true}:brew: seaworthy_agent::logs::format::tests: few beans\u{1b}[2J drink="flat \"white\"" cups=2 share=0.5 token=REDACTED shoe_size=REDACTED trace_id=…
        ERROR order{table=7 password=REDACTED late=true}:brew: seaworthy_agent::logs::format::tests: sent Bearer REDACTED error=invalid digit found in string list=["a"] trace_id=…
        "#);
    }

    #[test]
    fn lines_for_programs() {
        let written = lines(LogFormat::Json, "info", usual, write);
        let mut values: Vec<Value> = written.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(values[1]["trace_id"].as_str().unwrap().len(), 32);
        assert_eq!(values[1]["span_id"].as_str().unwrap().len(), 16);
        assert!(values[0].get("trace_id").is_none());
        for value in &mut values {
            let members = value.as_object_mut().unwrap();
            assert!(members.remove("timestamp").unwrap().as_str().unwrap().ends_with('Z'));
            members.remove("trace_id");
            members.remove("span_id");
        }
        let written: Vec<_> = values.iter().map(Value::to_string).collect();
        insta::assert_snapshot!(written.join("\n"), @r#"
        {"message":"the doors are open","level":"INFO","target":"seaworthy_agent::logs::format::tests"}
        {"spans":[{"name":"order","table":7,"password":"REDACTED","late":true},{"name":"brew"}],"level":"WARN","target":"seaworthy_agent::logs::format::tests","message":"few beans\u001b[2J","fields":{"drink":"flat \"white\"","cups":2,"share":0.5,"token":"REDACTED","shoe_size":"REDACTED"}}
        {"spans":[{"name":"order","table":7,"password":"REDACTED","late":true},{"name":"brew"}],"level":"ERROR","target":"seaworthy_agent::logs::format::tests","message":"sent Bearer REDACTED","fields":{"error":"invalid digit found in string","list":"[\"a\"]"}}
        "#);
    }

    #[test]
    fn a_span_shows_so_much_and_no_more() {
        fn write(_: &Agent) {
            let large = "x".repeat(100_000);
            let order = info_span!("order", note = large, more = ?large, cups = 1).entered();
            for cups in 0..=200 {
                order.record("cups", cups);
            }
            warn!("few beans");
        }
        for format in [LogFormat::Pretty, LogFormat::Json] {
            let written = lines(format, "info", usual, write);
            let [line] = &written[..] else { panic!("{} lines", written.len()) };
            assert!((8_192..9_000).contains(&line.len()), "{}", line.len());
            let cups: Vec<_> = line.split("cups").skip(1).map(|rest| &rest[..8]).collect();
            assert!(cups.len() == 1 && cups[0].contains("200"), "{cups:?}");
        }
    }

    #[test]
    fn what_a_span_shows_does_not_depend_on_whether_it_is_recorded_or_has_ended() {
        fn write(_: &Agent) {
            let order =
                info_span!("order", table = 7, total = u64::MAX, drink = "mocha", otel.name = "an order");
            let _order = order.enter();
            crate::trace::end(&order);
            warn!("after its end");
            order.record("drink", "latte");
            warn!("and later");
        }
        let seldom = |builder: Builder| builder.sample_ratio(0.0);
        for set_up in [usual, seldom, |builder: Builder| builder.trace_filter("off")] {
            let written = lines(LogFormat::Json, "info", set_up, write);
            let values: Vec<Value> = written.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
            let of_span = |line: &Value| line["spans"][0].to_string();
            let span = |drink| {
                format!(r#"{{"name":"order","table":7,"total":18446744073709551615,"drink":"{drink}"}}"#)
            };
            assert_eq!(values.iter().map(of_span).collect::<Vec<_>>(), [span("mocha"), span("latte")]);
        }
    }

    #[test]
    fn requests_begin_and_end_in_lines_that_are_asked_for() {
        let debug = "info,seaworthy_agent=debug";
        for set_up in [usual, |builder: Builder| builder.sample_ratio(0.0)] {
            let written = lines(LogFormat::Pretty, debug, set_up, request);
            let written: Vec<_> = written.iter().map(|line| stable(line)).collect();
            insta::allow_duplicates! {
                insta::assert_snapshot!(written.join("\n"), @r#"
                DEBUG seaworthy_agent::request: request begins http.request.method="GET" url.path="/brews/7" request_id=order-7 trace_id=…
                DEBUG seaworthy_agent::logs::format::tests: in the handler request_id=order-7 trace_id=…
                DEBUG seaworthy_agent::request: request ends http.request.method="GET" http.route="/brews/{id}" http.response.status_code=200 seconds=… request_id=order-7 trace_id=…
                DEBUG seaworthy_agent::request: request begins http.request.method="GET" url.path="/fails" request_id=order-7 trace_id=…
                WARN seaworthy_agent::request: request fails http.request.method="GET" http.route="/fails" http.response.status_code=503 error.type="503" seconds=… request_id=order-7 trace_id=…
                "#);
            }
        }
        let written = lines(LogFormat::Json, "info", |builder| builder.trace_filter("off"), request);
        let [failed] = &written[..] else { panic!("{written:?}") };
        let failed: Value = serde_json::from_str(failed).unwrap();
        assert_eq!((&failed["message"], &failed["request_id"]), (&"request fails".into(), &"order-7".into()));
        assert_eq!(failed["fields"]["http.response.status_code"], 503);
        assert!(failed.get("trace_id").is_none(), "there is no trace: {failed}");
    }
}

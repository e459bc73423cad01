//! What becomes of log lines.

use axum::{Router, body::Body, routing::get};
use seaworthy_agent::Builder;
use seaworthy_protocol::{LossReason, Signal};
use tower::ServiceExt;
use tracing::{Instrument, Span, debug, error, info, info_span, trace as finest, warn};
use tracing_subscriber::prelude::*;

use crate::{
    Portal, agent, eventually,
    portal::{LOGS, Reply},
    shown, trace,
};

/// What the portal gets of the lines written here.
fn logged(set_up: impl FnOnce(Builder) -> Builder, write: impl FnOnce()) -> Portal {
    let portal = Portal::start();
    let agent = set_up(agent(&portal)).start().unwrap();
    {
        let _traced = trace(&agent);
        write();
    }
    drop(agent);
    portal
}

#[test]
fn a_line_is_a_log_record() {
    let portal = logged(
        |agent| agent.log_filter("info,it::logs=debug,quiet=off"),
        || {
            info!(cups = 2, drink = "latte", strong = true, share = 0.5, "order taken");
            info_span!("brew").in_scope(|| warn!(left_g = -3, "few beans"));
            debug!(target: "it::logs::fine", beans = ?["arabica"], "fine");
            info!(cups = 1);
            let error = "x".parse::<u8>().unwrap_err();
            error!(error = &error as &dyn std::error::Error, "brewing {}", "failed");
            finest!("too fine");
            debug!(target: "elsewhere", "too fine");
            error!(target: "quiet", "off");
        },
    );
    let memory = portal.memory();
    insta::assert_snapshot!(shown::lines(&memory.logs), @r#"
    INFO it::logs "order taken" cups=2 drink="latte" strong=true share=0.5
    WARN it::logs (traced) "few beans" left_g=-3
    DEBUG it::logs::fine "fine" beans="[\"arabica\"]"
    INFO it::logs  cups=1
    ERROR it::logs "brewing failed" error="invalid digit found in string"
    "#);
    let (_, record) = shown::records(&memory.logs).swap_remove(1);
    let span = shown::spans(&memory.traces).swap_remove(0);
    assert_eq!((&record.trace_id, &record.span_id), (&span.trace_id, &span.span_id));
    assert_eq!((record.flags, record.severity_number), (1, 13));
    assert!((span.start_time_unix_nano..=span.end_time_unix_nano).contains(&record.time_unix_nano));
    assert!(shown::attribute(&record, "code.file.path").unwrap().ends_with("logs.rs"));
    assert!(shown::attribute(&record, "code.line.number").is_some());
    let resource = memory.logs[0].resource_logs[0].resource.as_ref().unwrap();
    assert!(resource.attributes.iter().any(|attribute| attribute.key == "service.instance.id"));
}

#[test]
fn lines_that_are_too_fine_for_spans_are_told_of_their_span() {
    let portal = logged(
        |agent| agent.log_filter("debug").trace_filter("info"),
        || {
            let _order = info_span!("order").entered();
            let _finer = tracing::debug_span!("finer").entered();
            debug!("grinding");
        },
    );
    let memory = portal.memory();
    let (_, record) = shown::records(&memory.logs).swap_remove(0);
    let span = shown::spans(&memory.traces).swap_remove(0);
    assert_eq!(span.name, "order");
    assert_eq!((record.trace_id, record.span_id), (span.trace_id, span.span_id));
    assert!(span.events.is_empty());
}

async fn handler() -> &'static str {
    warn!("in the handler");
    tokio::spawn(async { warn!("in a task") }.instrument(Span::current())).await.unwrap();
    "espresso"
}

#[test]
fn lines_of_a_request_tell_it_whether_it_is_sampled_or_not() {
    for (ratio, flags) in [(1.0, 1), (0.0, 0)] {
        // The span of the request is finer than the lines that are wanted.
        let set_up = |agent: Builder| agent.sample_ratio(ratio).log_filter("warn");
        let portal = Portal::start();
        let agent = set_up(agent(&portal)).start().unwrap();
        let _traced = trace(&agent);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let router: Router = Router::new().route("/", get(handler)).layer(agent.layer());
            for id in ["order-1", "order-2"] {
                let request = http::Request::builder().header("x-request-id", id);
                router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            }
            warn!("outside");
        });
        drop(agent);
        let records = shown::records(&portal.memory().logs);
        let ids: Vec<_> =
            records.iter().map(|(_, record)| shown::attribute(record, "seaworthy.request.id")).collect();
        let id = |id: &str| Some(id.to_owned());
        assert_eq!(ids, [id("order-1"), id("order-1"), id("order-2"), id("order-2"), None], "{ratio}");
        let traces: Vec<_> = records.iter().map(|(_, record)| record.trace_id.clone()).collect();
        assert!(traces[0] == traces[1] && traces[2] == traces[3] && traces[0] != traces[2], "{ratio}");
        assert!(traces[0].len() == 16 && traces[4].is_empty(), "{ratio}");
        assert_eq!(records[0].1.flags, flags);
    }
}

#[test]
fn a_filter_by_spans_counts_for_lines_that_are_sent() {
    let portal = logged(
        |agent| agent.log_filter("warn,[order{vip=true}]=debug"),
        || {
            info_span!("order", vip = false).in_scope(|| debug!("of anybody"));
            info_span!("order", vip = true).in_scope(|| debug!("of somebody"));
            warn!("of nobody");
        },
    );
    insta::assert_snapshot!(shown::lines(&portal.memory().logs), @r#"
    DEBUG it::logs (traced) "of somebody"
    WARN it::logs "of nobody"
    "#);
}

#[test]
fn the_layer_sends_lines_beside_layers_of_the_service() {
    let portal = Portal::start();
    let agent = agent(&portal).log_filter("info").trace_filter("off").start().unwrap();
    let own = tracing_subscriber::fmt::layer()
        .with_writer(std::io::sink)
        .with_filter(tracing_subscriber::filter::LevelFilter::TRACE);
    let subscriber = tracing_subscriber::registry().with(agent.tracing_layer()).with(own);
    tracing::subscriber::with_default(subscriber, || {
        info!("sent");
        debug!("not sent");
    });
    assert!(agent.flush(std::time::Duration::from_secs(5)));
    assert_eq!(shown::records(&portal.memory().logs).len(), 1);
}

#[test]
fn what_cannot_be_sent_is_counted_as_logs() {
    let portal = Portal::start();
    portal.always(LOGS, Reply::Status(401));
    let agent = agent(&portal).start().unwrap();
    {
        let _traced = trace(&agent);
        (0..300).for_each(|cup| info!(cup, "brewed"));
    }
    let lost = || agent.losses().iter().find(|loss| loss.signal == Signal::Logs).copied();
    eventually("they are refused", || lost().is_some_and(|loss| loss.count >= 300));
    assert_eq!(lost().map(|loss| loss.reason), Some(LossReason::Refused));
}

#[test]
fn secrets_are_masked_in_spans_lines_and_errors() {
    let portal = Portal::start();
    let agent = agent(&portal).mask("shoe_size").start().unwrap();
    {
        let _traced = trace(&agent);
        let login = info_span!(
            "login",
            otel.name = "login password=hush-1",
            user.password = "hush-2",
            db = "postgres://shop:hush-3@db/shop",
            shoe_size = 42,
            user = "ada",
            otel.status_message = tracing::field::Empty,
            otel.status_code = tracing::field::Empty,
        );
        login.in_scope(|| info!(api_key = "hush-4", cups = 2, "sent Authorization: Bearer hush-5"));
        login.record("otel.status_code", "error").record("otel.status_message", "token=hush-6");
        let refused: Box<dyn std::error::Error> = "refused with password: \"hush-7\"".into();
        agent.capture(&*refused);
    }
    drop(agent);
    let memory = portal.memory();
    let shown = format!("{:?} {:?}", memory.traces, memory.logs);
    assert!(!shown.contains("hush"), "{shown}");
    insta::assert_snapshot!(shown::tree(&memory.traces), @r#"
    login password=REDACTED (internal root) ERROR "token=REDACTED" user.password="REDACTED" db="postgres://REDACTED:REDACTED@db/shop" shoe_size="REDACTED" user="ada"
      * sent Authorization: REDACTED level="INFO" target="it::logs" api_key="REDACTED" cups=2
    "#);
    let record = &shown::records(&memory.logs)[0].1;
    assert_eq!(shown::attribute(record, "api_key").as_deref(), Some("REDACTED"));
    assert_eq!(shown::attribute(record, "cups").as_deref(), Some("2"));
}

#[test]
fn what_a_health_check_says_is_masked() {
    let portal = Portal::start();
    let check = seaworthy_agent::health::HealthCheck::new("db", || async {
        Err::<(), _>("cannot connect to postgres://shop:hush@db/shop")
    });
    let agent = agent(&portal).health_check(check).check_in_interval(std::time::Duration::from_millis(20));
    let agent = agent.start().unwrap();
    let told = || format!("{:?}", portal.memory().check_ins.last().map(|last| last.health.checks.clone()));
    eventually("the check has failed", || told().contains("cannot connect"));
    assert!(told().contains("postgres://REDACTED:REDACTED@db/shop"), "{}", told());
    drop(agent);
}

//! What becomes of `tracing` spans.

use std::{fmt, thread, time::Duration};

use seaworthy_agent::{Agent, trace as traces, trace::propagation};
use tracing::{Span, debug, error, error_span, field::Empty, info, info_span, warn};

use crate::{Portal, agent, portal::TRACES, shown, trace};

/// What the portal gets of the spans made here.
fn recorded(
    set_up: impl FnOnce(seaworthy_agent::Builder) -> seaworthy_agent::Builder,
    make: impl FnOnce(),
) -> Portal {
    let portal = Portal::start();
    let agent = set_up(agent(&portal)).start().unwrap();
    {
        let _traced = trace(&agent);
        make();
    }
    drop(agent);
    portal
}

fn tree(make: impl FnOnce()) -> String {
    shown::tree(&recorded(|agent| agent, make).memory().traces)
}

#[derive(Debug)]
struct Spilled(std::num::ParseIntError);

impl fmt::Display for Spilled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the coffee was spilled")
    }
}

impl std::error::Error for Spilled {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn spans_fields_and_events_become_otlp() {
    let shown = tree(|| {
        let _order = info_span!(
            "order",
            otel.name = "POST /orders",
            otel.kind = "SERVER",
            http.route = "/orders",
            cups = 2_u64
        )
        .entered();
        info!(table = 7, "order taken");
        {
            let _brew =
                info_span!("brew", strength = 0.5, decaf = false, drink = ?Some("latte"), huge = u64::MAX)
                    .entered();
            warn!(left_g = -3, "few beans");
        }
        info_span!("pay").in_scope(|| info!("paid"));
    });
    insta::assert_snapshot!(shown, @r#"
    POST /orders (server root) http.route="/orders" cups=2
      * order taken level="INFO" target="it::spans" table=7
      brew (internal) strength=0.5 decaf=false drink="Some(\"latte\")" huge="18446744073709551615"
        * few beans level="WARN" target="it::spans" left_g=-3
      pay (internal)
        * paid level="INFO" target="it::spans"
    "#);
}

#[test]
fn fields_recorded_later_replace_those_before() {
    let shown = tree(|| {
        let span =
            info_span!("brew", drink = "latte", cups = Empty, otel.name = Empty, otel.status_code = Empty);
        span.record("drink", "flat white").record("cups", 1).record("cups", 2);
        span.record("otel.name", "brew a flat white").record("otel.status_code", "OK");
        span.in_scope(|| error!("spilled"));
    });
    insta::assert_snapshot!(shown, @r#"
    brew a flat white (internal root) OK drink="flat white" cups=2
      * exception level="ERROR" target="it::spans" exception.message="spilled"
    "#);
}

#[test]
fn an_error_is_an_exception_and_marks_its_span_alone() {
    let spilled = || Spilled("x".parse::<u8>().unwrap_err());
    let shown = tree(|| {
        let _order = info_span!("order").entered();
        info_span!("by value")
            .in_scope(|| error!(error = &spilled() as &dyn std::error::Error, cup = 3, "brewing failed"));
        info_span!("by display").in_scope(|| error!(err = %spilled(), "brewing failed"));
        info_span!("by message").in_scope(|| error!("no {} left", "milk"));
        info_span!("without a word").in_scope(|| error!(cup = 3));
        info_span!("said itself", otel.status_code = "error", otel.status_message = "closed")
            .in_scope(|| error!("no milk"));
    });
    insta::assert_snapshot!(shown, @r#"
    order (internal root)
      by value (internal) ERROR "the coffee was spilled: invalid digit found in string"
        * exception level="ERROR" target="it::spans" message="brewing failed" exception.message="the coffee was spilled: invalid digit found in string" cup=3
      by display (internal) ERROR "the coffee was spilled"
        * exception level="ERROR" target="it::spans" message="brewing failed" exception.message="the coffee was spilled"
      by message (internal) ERROR "no milk left"
        * exception level="ERROR" target="it::spans" exception.message="no milk left"
      without a word (internal) ERROR ""
        * exception level="ERROR" target="it::spans" cup=3
      said itself (internal) ERROR "closed"
        * exception level="ERROR" target="it::spans" exception.message="no milk"
    "#);
}

#[test]
fn only_what_the_filter_names_is_recorded() {
    let portal = recorded(
        |agent| agent.trace_filter("warn,it::spans=info"),
        || {
            let _outer = info_span!("outer").entered();
            debug!("too fine");
            let _other = info_span!(target: "hyper", "not named").entered();
            error_span!(target: "hyper", "named").in_scope(|| info!("recorded"));
        },
    );
    insta::assert_snapshot!(shown::tree(&portal.memory().traces), @r#"
    outer (internal root)
      named (internal)
        * recorded level="INFO" target="it::spans"
    "#);
}

#[test]
fn what_exceeds_a_limit_is_dropped_and_counted_in_the_span() {
    let shown = tree(|| {
        let span = info_span!("many", text = "x".repeat(5000));
        let first = info_span!("first");
        for _ in 0..130 {
            span.in_scope(|| info!("event"));
            span.follows_from(&first);
        }
    });
    assert!(shown.contains("dropped: 0 attributes, 2 events, 2 links"), "{shown}");
    assert!(shown.contains(&format!(" text={:?}\n", "x".repeat(4096))), "cut at 4096 characters");
    assert_eq!(shown.matches("-> first").count(), 128);
}

#[test]
fn texts_of_a_span_are_bounded_however_many_there_are() {
    let portal = recorded(
        |agent| agent,
        || {
            let span = info_span!("chatty");
            for _ in 0..100 {
                span.in_scope(|| info!(text = "y".repeat(4096), "said"));
            }
        },
    );
    let spans = shown::spans(&portal.memory().traces);
    let texts: usize = portal.attempts(TRACES).iter().map(|attempt| attempt.body.len()).sum();
    assert!(texts < 100 << 10, "{texts} bytes");
    assert_eq!(spans[0].events.len(), 100);
    assert!(spans[0].events[99].dropped_attributes_count == 1);
}

#[test]
fn a_link_names_the_span_it_follows_from() {
    let shown = tree(|| {
        let cause = info_span!("cause");
        let effect = info_span!(parent: None, "effect");
        effect.follows_from(&cause);
    });
    insta::assert_snapshot!(shown, @r#"
    cause (internal root)
    effect (internal root)
      -> cause
    "#);
}

#[test]
fn times_are_exact_and_nested() {
    let portal = recorded(
        |agent| agent,
        || {
            let _outer = info_span!("outer").entered();
            thread::sleep(Duration::from_millis(20));
            let _inner = info_span!("inner").entered();
            info!("in between");
            thread::sleep(Duration::from_millis(30));
        },
    );
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    let spans = shown::spans(&portal.memory().traces);
    let [inner, outer] = &spans[..] else { panic!("{spans:?}") };
    let took = |span: &opentelemetry_proto::tonic::trace::v1::Span| {
        span.end_time_unix_nano - span.start_time_unix_nano
    };
    assert!((30_000_000..1_000_000_000).contains(&took(inner)), "{}", took(inner));
    assert!(took(outer) >= took(inner) + 20_000_000, "{}", took(outer));
    assert!(inner.start_time_unix_nano >= outer.start_time_unix_nano + 20_000_000);
    assert!(inner.end_time_unix_nano <= outer.end_time_unix_nano);
    let event = inner.events[0].time_unix_nano;
    assert!(event >= inner.start_time_unix_nano && event <= inner.end_time_unix_nano);
    assert!(now >= outer.end_time_unix_nano && now - outer.end_time_unix_nano < 10_000_000_000);
}

#[test]
fn the_resource_says_who_sent() {
    let portal = recorded(
        |agent| {
            agent
                .version("1.8.2")
                .commit("abc")
                .environment("test")
                .resource_attribute("team", "bar")
                .resource_attribute("service.version", "cannot be overruled")
        },
        || drop(info_span!("work")),
    );
    let resource = portal.memory().traces[0].resource_spans[0].resource.clone().unwrap();
    let named = |name: &str| resource.attributes.iter().filter(move |it| it.key == name).collect::<Vec<_>>();
    for (name, value) in [
        ("service.name", "reception"),
        ("service.version", "1.8.2"),
        ("vcs.ref.head.revision", "abc"),
        ("deployment.environment.name", "test"),
        ("team", "bar"),
        ("telemetry.sdk.language", "rust"),
    ] {
        let shown = format!("{:?}", named(name));
        assert!(
            named(name).len() == 1 && shown.contains(&format!("StringValue({value:?})")),
            "{name}: {shown}"
        );
    }
    for name in ["service.instance.id", "host.name", "process.pid"] {
        assert_eq!(named(name).len(), 1, "{name}");
    }
    let scope = portal.memory().traces[0].resource_spans[0].scope_spans[0].scope.clone().unwrap();
    assert_eq!(scope.name, "it::spans");
}

#[test]
fn a_trace_that_begins_here_and_is_not_recorded_has_one_context() {
    let portal = recorded(
        |agent| agent.sample_ratio(0.0),
        || {
            let (first, second) = (info_span!("first"), info_span!("second"));
            let below = first.in_scope(|| info_span!("below", expensive = ?Panics));
            let contexts = [&below, &first, &second].map(|span| traces::context_of(span).unwrap());
            assert!(contexts.iter().all(|context| !context.is_sampled()));
            assert_eq!(contexts[0], contexts[1]);
            assert_ne!(contexts[0].trace_id, contexts[2].trace_id);
            assert_eq!(
                thread::spawn(move || traces::context_of(&below)).join().unwrap().as_ref(),
                Some(&contexts[0])
            );
        },
    );
    assert_eq!(portal.attempts(TRACES).len(), 0);
}

#[test]
fn spans_that_only_others_want_do_not_break_a_trace() {
    use tracing_subscriber::{filter::LevelFilter, prelude::*};
    for ratio in [0.0, 1.0] {
        let portal = Portal::start();
        let agent = agent(&portal).sample_ratio(ratio).start().unwrap();
        // Another layer wants everything.
        let others =
            tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(LevelFilter::TRACE);
        let subscriber = tracing_subscriber::registry().with(others).with(agent.tracing_layer());
        tracing::subscriber::with_default(subscriber, || {
            let _finer = tracing::debug_span!("finer").entered();
            let _outer = info_span!("outer").entered();
            let _between = tracing::trace_span!("between").entered();
            info!("inside");
            assert_eq!(traces::current().unwrap().is_sampled(), ratio > 0.5);
            info_span!("inner").in_scope(|| debug!("not recorded"));
        });
        drop(agent);
        if ratio > 0.5 {
            insta::assert_snapshot!(shown::tree(&portal.memory().traces), @r#"
            outer (internal root)
              * inside level="INFO" target="it::spans"
              inner (internal)
            "#);
        } else {
            assert_eq!(portal.attempts(TRACES).len(), 0);
        }
    }
}

fn incoming(traceparent: &str) -> traces::SpanContext {
    let headers = [("traceparent", traceparent), ("tracestate", "vendor=1")];
    let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    propagation::extract(&headers.into_iter().collect()).unwrap()
}

#[test]
fn a_trace_from_elsewhere_goes_on_and_further() {
    let parent = incoming("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let mut sent_on = None;
    let portal = recorded(
        |agent| agent.sample_ratio(0.0),
        || {
            let _unrelated = info_span!("unrelated").entered();
            let server = traces::with_remote_parent(parent, || info_span!("server", otel.kind = "server"));
            assert_eq!(
                traces::context_of(&server).unwrap().trace_id.to_string(),
                "0af7651916cd43dd8448eb211c80319c"
            );
            server.in_scope(|| info_span!("client").in_scope(|| sent_on = traces::current()));
        },
    );
    insta::assert_snapshot!(shown::tree(&portal.memory().traces), @r#"
    server (server from elsewhere)
      client (internal)
    "#);
    let spans = shown::spans(&portal.memory().traces);
    let [client, server] = &spans[..] else { panic!("{spans:?}") };
    let sent_on = sent_on.unwrap();
    assert_eq!(sent_on.span_id.to_bytes().to_vec(), client.span_id);
    assert_eq!((sent_on.trace_state.as_str(), sent_on.is_sampled()), ("vendor=1", true));
    assert_eq!((server.flags, client.flags), (0x301, 0x101), "the parent of the first is remote");
    assert_eq!(server.trace_state, "vendor=1");
    assert_eq!(server.parent_span_id, [0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31]);
}

#[test]
fn a_trace_that_is_not_recorded_elsewhere_is_not_recorded_here_but_passed_on() {
    let parent = incoming("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
    let portal = recorded(
        |agent| agent.log_filter("off"),
        || {
            let server = traces::with_remote_parent(parent.clone(), || info_span!("server"));
            let (outer, inner) = server.in_scope(|| {
                let inner = info_span!("client", expensive = ?Panics).in_scope(|| {
                    error!(expensive = ?Panics);
                    traces::current()
                });
                (traces::current().unwrap(), inner.unwrap())
            });
            assert_eq!((outer.trace_id, outer.is_sampled()), (parent.trace_id, false));
            assert_eq!(outer.trace_state.as_str(), "vendor=1");
            assert_ne!(outer.span_id, parent.span_id);
            assert_eq!(outer, inner);
        },
    );
    assert_eq!(portal.attempts(TRACES).len(), 0);
}

/// A field that must not be looked at.
struct Panics;

impl fmt::Debug for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("the field of a span that is not recorded was looked at")
    }
}

#[test]
fn a_field_that_traces_while_it_is_formatted_does_no_harm() {
    struct Traces(Span);
    impl fmt::Debug for Traces {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.record("cups", 3);
            self.0.in_scope(|| info!(cups = 4, "formatting"));
            info_span!("format").in_scope(|| f.write_str("done"))
        }
    }
    let shown = tree(|| {
        let span = info_span!("order", cups = Empty, odd = Empty);
        span.record("odd", tracing::field::debug(Traces(span.clone())));
        span.in_scope(|| info!(odd = ?Traces(span.clone()), "served"));
    });
    insta::assert_snapshot!(shown, @r#"
    order (internal root) cups=3 odd="done"
      * formatting level="INFO" target="it::spans" cups=4
      * served level="INFO" target="it::spans" odd="done"
    format (internal root)
    "#);
}

#[test]
fn a_span_may_be_ended_before_those_below_it() {
    let portal = recorded(
        |agent| agent,
        || {
            let request = info_span!("request");
            let task = info_span!(parent: &request, "task");
            traces::end(&request);
            thread::sleep(Duration::from_millis(20));
            drop((task, request));
        },
    );
    let spans = shown::spans(&portal.memory().traces);
    assert_eq!(spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>(), ["request", "task"]);
    assert!(spans[0].end_time_unix_nano + 20_000_000 <= spans[1].end_time_unix_nano);
}

#[test]
fn threads_that_end_leave_nothing_behind() {
    let portal = Portal::start();
    let agent = agent(&portal).start().unwrap();
    for _ in 0..20 {
        let handle = agent.handle();
        let thread = thread::spawn(move || {
            let _traced = trace(&handle);
            drop(info_span!("short"));
        });
        thread.join().unwrap();
    }
    assert!(agent.flush(Duration::from_secs(5)));
    assert_eq!(portal.names().len(), 20);
}

#[test]
fn a_quiet_thread_keeps_nothing_for_itself() {
    let portal = Portal::start();
    let agent = agent(&portal).start().unwrap();
    let _traced = trace(&agent);
    drop(info_span!("alone"));
    crate::eventually("the span arrives without another one coming", || portal.names() == ["alone"]);
}

#[test]
fn without_an_agent_there_is_no_context() {
    assert_eq!(traces::current(), None);
    assert_eq!(traces::context_of(&info_span!("nobody listens")), None);
    traces::end(&info_span!("nobody listens"));
}

#[test]
fn a_disabled_agent_records_and_sends_nothing() {
    let portal = Portal::start();
    let agent: Agent = agent(&portal).disabled(true).start().unwrap();
    {
        let _traced = trace(&agent);
        info_span!("off", expensive = ?Panics).in_scope(|| assert_eq!(traces::current(), None));
    }
    assert!(!agent.flush(Duration::from_secs(1)));
    drop(agent);
    assert_eq!(portal.memory().attempts.len(), 0);
}

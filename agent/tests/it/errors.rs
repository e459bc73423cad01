//! What becomes of errors and panics.

use std::{
    error::Error,
    panic::{AssertUnwindSafe, catch_unwind},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use axum::{Router, body::Body, routing::get};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use seaworthy_agent::{Agent, spawn_named};
use seaworthy_protocol::{LossReason, Signal};
use tower::ServiceExt;
use tracing::{Instrument, info_span};

use crate::{Portal, agent, shown, trace};

/// The exceptions among the log records that the portal got.
fn exceptions(portal: &Portal) -> Vec<LogRecord> {
    let records = shown::records(&portal.memory().logs).into_iter().map(|(_, record)| record);
    records.filter(|record| record.event_name == "exception").collect()
}

/// What the portal gets of the errors made here.
fn reported(make: impl FnOnce(&Agent)) -> Portal {
    let portal = Portal::start();
    let agent = agent(&portal).shutdown_timeout(Duration::from_secs(30)).start().unwrap();
    {
        let _traced = trace(&agent);
        make(&agent);
    }
    drop(agent);
    portal
}

fn told(record: &LogRecord, key: &str) -> String {
    shown::attribute(record, key).unwrap_or_else(|| panic!("{key} is not in {record:?}"))
}

/// The functions of the stack, the innermost first.
fn functions(record: &LogRecord) -> Vec<String> {
    let stack = told(record, "exception.stacktrace");
    let lines = stack.lines().filter(|line| !line.trim_start().starts_with("at "));
    let name = |line: &str| {
        line.trim_start().trim_start_matches(char::is_numeric).trim_start_matches(": ").to_owned()
    };
    lines.map(name).collect()
}

#[inline(never)]
fn brew() -> Result<(), std::num::ParseIntError> {
    "x".parse::<u8>().map(drop)
}

#[inline(never)]
fn serve_somebody() {
    if let Err(error) = brew() {
        seaworthy_agent::capture(&error);
    }
}

#[test]
fn an_error_that_is_captured_is_an_exception() {
    let portal = reported(|agent| {
        let _order = info_span!("order").entered();
        serve_somebody();
        agent.capture::<dyn Error>(&brew().unwrap_err());
    });
    let found = exceptions(&portal);
    let [free, of_agent] = &found[..] else { panic!("{found:?}") };
    assert_eq!(told(free, "exception.type"), "core::num::error::ParseIntError");
    assert_eq!(told(of_agent, "exception.type"), "ParseIntError");
    for record in [free, of_agent] {
        assert_eq!(told(record, "exception.message"), "invalid digit found in string");
        assert_eq!(told(record, "seaworthy.error.origin"), "capture");
        assert!(told(record, "code.file.path").ends_with("errors.rs"));
        assert_eq!((record.severity_number, record.severity_text.as_str()), (17, "ERROR"));
        let span = &shown::spans(&portal.memory().traces)[0];
        assert_eq!((&record.trace_id, &record.span_id), (&span.trace_id, &span.span_id));
    }
    let stack = functions(free);
    assert!(stack[0].ends_with("it::errors::serve_somebody"), "{stack:#?}");
}

#[inline(never)]
fn spill() {
    let milk: Option<u8> = std::hint::black_box(None);
    milk.unwrap();
}

#[test]
fn a_panic_is_told_of_with_its_stack_and_where_it_happened() {
    let portal = reported(|agent| {
        let handle = agent.handle();
        let spiller = move || {
            let _traced = trace(&handle);
            let _order = info_span!("order").entered();
            let _brew = info_span!("brew").entered();
            spill();
        };
        thread::Builder::new().name("barista".into()).spawn(spiller).unwrap().join().unwrap_err();
    });
    let found = exceptions(&portal);
    let [record] = &found[..] else { panic!("{found:?}") };
    assert_eq!(told(record, "exception.type"), "panic");
    assert_eq!(told(record, "exception.message"), "called `Option::unwrap()` on a `None` value");
    assert_eq!(told(record, "seaworthy.error.origin"), "panic");
    assert_eq!(told(record, "thread.name"), "barista");
    assert_eq!((record.severity_number, record.severity_text.as_str()), (21, "FATAL"));
    let stack = functions(record);
    assert!(stack[0].ends_with("it::errors::spill"), "{stack:#?}");
    assert!(stack[1].contains("a_panic_is_told_of"), "{stack:#?}");
    let spans = shown::spans(&portal.memory().traces);
    let brew = spans.iter().find(|span| span.name == "brew").unwrap();
    assert_eq!((&record.trace_id, &record.span_id), (&brew.trace_id, &brew.span_id));
}

#[test]
fn a_panic_of_a_request_is_of_that_request_whoever_catches_it() {
    async fn caught() -> &'static str {
        catch_unwind(|| panic!("caught")).unwrap_err();
        "espresso"
    }
    async fn not_caught() {
        tokio::task::yield_now().await;
        panic!("not caught")
    }
    let portal = reported(|agent| {
        let router: Router =
            Router::new().route("/caught", get(caught)).route("/not", get(not_caught)).layer(agent.layer());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for path in ["/caught", "/not"] {
            let request = http::Request::builder().uri(path).header("x-request-id", path);
            let answer = router.clone().oneshot(request.body(Body::empty()).unwrap());
            let _ = catch_unwind(AssertUnwindSafe(|| runtime.block_on(answer)));
        }
    });
    let found = exceptions(&portal);
    let requests: Vec<_> = found.iter().map(|record| told(record, "seaworthy.request.id")).collect();
    assert_eq!(requests, ["/caught", "/not"]);
    assert!(found.iter().all(|record| told(record, "seaworthy.error.origin") == "panic"), "{found:?}");
    let records = shown::records(&portal.memory().logs);
    let told = records.iter().filter(|(_, record)| shown::attribute(record, "exception.type").is_some());
    assert_eq!(told.count(), 2, "each is told once");
    let spans = shown::spans(&portal.memory().traces);
    let names: Vec<_> = found
        .iter()
        .map(|record| spans.iter().find(|span| span.span_id == record.span_id).unwrap().name.as_str())
        .collect();
    assert_eq!(names, ["GET /caught", "GET /not"]);
}

#[test]
fn a_task_that_panics_is_told_by_its_name() {
    let portal = reported(|_| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let task = async { panic!("no milk") }.instrument(info_span!("restocking"));
            spawn_named::<_>("restock", task).await.unwrap_err();
            tokio::spawn(seaworthy_agent::tasks::instrument("a part", async { panic!("no cups") }))
                .await
                .unwrap_err();
        });
    });
    let found = exceptions(&portal);
    let [task, part] = &found[..] else { panic!("{found:?}") };
    assert_eq!(told(task, "seaworthy.error.origin"), "task");
    assert_eq!(told(task, "seaworthy.task.name"), "restock");
    assert_eq!(task.trace_id, shown::spans(&portal.memory().traces)[0].trace_id);
    assert_eq!(told(part, "seaworthy.error.origin"), "task");
}

#[test]
fn of_one_place_only_so_many_are_told_and_the_next_counts_the_rest() {
    let mut lost = None;
    let portal = reported(|agent| {
        (0..200).for_each(|_| serve_somebody());
        lost = agent.losses().iter().find(|loss| loss.reason == LossReason::Limit).copied();
        // One more every 6 s.
        std::thread::sleep(Duration::from_millis(6_100));
        serve_somebody();
    });
    let exceptions = exceptions(&portal);
    let suppressed = |record| shown::attribute(record, "seaworthy.error.suppressed");
    assert_eq!(exceptions.len(), 11);
    assert!(exceptions[..10].iter().all(|record| suppressed(record).is_none()), "{exceptions:?}");
    assert_eq!(suppressed(&exceptions[10]).as_deref(), Some("190"));
    let lost = lost.unwrap();
    assert_eq!((lost.signal, lost.count), (Signal::Logs, 190));
}

#[test]
fn without_logs_nothing_is_captured_and_nothing_breaks() {
    serve_somebody();
    let agent = Agent::builder("reception").without_subscriber().disabled(true).start().unwrap();
    agent.capture(&brew().unwrap_err());
    assert!(agent.losses().is_empty());
}

/// Started once more as a process of its own.
#[test]
fn a_panic_that_aborts_the_process_arrives_all_the_same() {
    const PORTAL: &str = "SEAWORTHY_PORTAL";
    const NAME: &str = "errors::a_panic_that_aborts_the_process_arrives_all_the_same";
    if std::env::var_os(PORTAL).is_some() {
        let agent = Agent::builder("doomed").without_subscriber().admin_address(None).start().unwrap();
        dies();
        drop(agent);
        return;
    }
    let portal = Portal::start();
    let begun = Instant::now();
    let mut itself = Command::new(std::env::current_exe().unwrap());
    let ended = itself.args(["--exact", NAME, "--nocapture"]).env(PORTAL, portal.url()).output().unwrap();
    assert_eq!(ended.status.code(), None, "it ends by a signal: {ended:?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let messages: Vec<_> =
        exceptions(&portal).iter().map(|record| told(record, "exception.message")).collect();
    assert_eq!(messages, ["the very last words", "panic in a function that cannot unwind"]);
}

extern "C" fn dies() {
    panic!("the very last words");
}

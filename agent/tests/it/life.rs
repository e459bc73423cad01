//! Every kind of host.

use std::{thread, time::Duration};

use seaworthy_agent::Agent;
use tracing::info_span;

use crate::{Portal, agent, trace};

fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_host_without_a_runtime() {
    let portal = Portal::start();
    let agent = agent(&portal).start().unwrap();
    let traced = trace(&agent);
    drop(info_span!("plain"));
    drop(traced);
    drop(agent);
    assert_eq!(portal.names(), ["plain"]);
}

#[test]
fn a_host_on_one_thread() {
    let portal = Portal::start();
    current_thread().block_on(async {
        let agent = agent(&portal).start().unwrap();
        let traced = trace(&agent);
        tokio::task::yield_now().await;
        drop(info_span!("async"));
        drop(traced);
        agent.stop().await;
    });
    assert_eq!(portal.names(), ["async"]);
}

#[test]
fn a_guard_dropped_inside_a_runtime() {
    let portal = Portal::start();
    current_thread().block_on(async {
        let agent = agent(&portal).start().unwrap();
        let _traced = trace(&agent);
        drop(info_span!("async"));
    });
    assert_eq!(portal.names(), ["async"]);
}

#[test]
fn a_runtime_that_ends_before_the_agent_and_begins_after_it() {
    let portal = Portal::start();
    let agent = agent(&portal).start().unwrap();
    let _traced = trace(&agent);
    drop(info_span!("before"));
    current_thread().block_on(async { drop(info_span!("during")) });
    drop(info_span!("after"));
    drop(agent);
    assert_eq!(portal.names(), ["before", "during", "after"]);
    // The agent is gone, its layer is not.
    drop(info_span!("too late"));
    assert_eq!(portal.names().len(), 3);
}

#[test]
fn a_span_that_is_open_when_the_agent_ends_is_counted() {
    use seaworthy_protocol::{Loss, LossReason, Signal};
    let portal = Portal::start();
    let agent = agent(&portal).start().unwrap();
    let handle = agent.handle();
    let _traced = trace(&agent);
    let open = info_span!("open");
    drop(agent);
    drop(open);
    assert_eq!(handle.losses(), [Loss { signal: Signal::Spans, reason: LossReason::Shutdown, count: 1 }]);
}

#[test]
fn two_agents_keep_their_spans_apart() {
    let (first, second) = (Portal::start(), Portal::start());
    let (one, two) = (agent(&first).start().unwrap(), agent(&second).start().unwrap());
    for round in 0..3 {
        let traced = trace(&one);
        info_span!("one", round).in_scope(|| drop(info_span!("one below")));
        drop(traced);
        let traced = trace(&two);
        info_span!("two", round).in_scope(|| drop(info_span!("two below")));
        drop(traced);
    }
    drop((one, two));
    assert!(first.names().len() == 6 && first.names().iter().all(|name| name.starts_with("one")));
    assert!(second.names().len() == 6 && second.names().iter().all(|name| name.starts_with("two")));
}

#[test]
fn two_agents_in_one_subscriber_share_without_doubling() {
    use tracing_subscriber::prelude::*;
    let (first, second) = (Portal::start(), Portal::start());
    let (one, two) = (agent(&first).start().unwrap(), agent(&second).start().unwrap());
    let both = tracing_subscriber::registry().with(one.tracing_layer()).with(two.tracing_layer());
    tracing::subscriber::with_default(both, || {
        info_span!("above").in_scope(|| drop(info_span!("below")));
    });
    drop((one, two));
    assert_eq!(first.names(), ["below", "above"]);
    assert_eq!(second.names(), [] as [String; 0]);
}

#[test]
fn an_agent_after_another() {
    for _ in 0..3 {
        let portal = Portal::start();
        let agent = agent(&portal).start().unwrap();
        let _traced = trace(&agent);
        drop(info_span!("again"));
        drop(agent);
        assert_eq!(portal.names(), ["again"]);
    }
}

#[test]
fn a_subscriber_is_installed_once_and_that_of_the_host_is_kept() {
    let (first, second) = (Portal::start(), Portal::start());
    let start = |portal: &Portal| Agent::builder("x").portal(portal.url()).log_filter("off").start().unwrap();
    let (one, two) = (start(&first), start(&second));
    drop(info_span!("global"));
    drop(tracing::debug_span!("too fine"));
    thread::spawn(|| drop(info_span!("global too"))).join().unwrap();
    assert!(one.flush(Duration::from_secs(5)) && two.flush(Duration::from_secs(5)));
    assert_eq!(first.names().len(), 2);
    assert_eq!(second.names().len(), 0);
}

#[test]
fn wrong_settings_are_errors_and_start_nothing() {
    let errors = [
        Agent::builder("x").portal("portal").start(),
        Agent::builder("x").sample_ratio(2.0).start(),
        Agent::builder("x").trace_filter("hyper=loud").start(),
        Agent::builder("x").log_filter("hyper=loud").start(),
        Agent::builder("x").token("two\nlines").start(),
    ];
    let said: Vec<String> = errors.map(|it| it.map(drop).unwrap_err().to_string()).into();
    insta::assert_snapshot!(said.join("\n"), @r#"
    Builder::portal is "portal", but must be an http or https URL such as https://seaworthy.example.com
    Builder::sample_ratio is "2", but must be a number from 0 to 1
    Builder::trace_filter is "hyper=loud", but must be directives such as info,hyper=warn
    Builder::log_filter is "hyper=loud", but must be directives such as info,hyper=warn
    Builder::token is "…", but must be a token as the portal shows it, without spaces or line breaks
    "#);
}

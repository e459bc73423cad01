//! A portal that talks nonsense.

use std::time::{Duration, Instant};

use crate::{
    Portal, agent, eventually,
    portal::{CHECK_IN, METRICS, Reply, TRACES},
    trace,
};

#[test]
fn whatever_a_portal_answers_the_agent_goes_on() {
    let deep = "[".repeat(100_000);
    let endless = "x".repeat(3 << 20);
    for nonsense in [
        "",
        "\0\u{ff}",
        "<html>",
        "{\"next_in_seconds\":-5}",
        "{\"next_in_seconds\":0,\"commands\":[{\"id\":\"a\",\"order\":{\"self_destruct\":true}}]}",
        "{\"next_in_seconds\":99999999999999999999}",
        &deep,
        &endless,
    ] {
        let portal = Portal::start();
        for path in [CHECK_IN, METRICS, TRACES] {
            portal.always(path, Reply::TakeSaying(nonsense.into()));
        }
        let agent = agent(&portal).check_in_interval(Duration::from_millis(20)).start().unwrap();
        let traced = trace(&agent);
        drop(tracing::info_span!("on"));
        eventually("it checks in again", || portal.memory().check_ins.len() >= 3);
        drop(tracing::info_span!("and on"));
        drop(traced);
        let begun = Instant::now();
        drop(agent);
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
        assert_eq!(portal.names().len(), 2);
    }
}

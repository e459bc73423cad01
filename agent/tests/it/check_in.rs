//! What the agent tells about its instance.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use seaworthy_protocol::{AdminAccess, CheckIn, InstanceState, Now, Observations};

use crate::{
    Portal, agent, eventually,
    portal::{CHECK_IN, Reply},
};

fn check_ins(portal: &Portal) -> Vec<CheckIn> {
    portal.memory().check_ins.clone()
}

#[test]
fn an_instance_tells_who_it_is_from_start_to_end() {
    let portal = Portal::start();
    let agent = agent(&portal)
        .version("1.8.2")
        .commit("abc")
        .environment("test")
        .check_in_interval(Duration::from_millis(30))
        .start()
        .unwrap();
    eventually("three check-ins", || check_ins(&portal).len() >= 3);
    drop(agent);
    let all = check_ins(&portal);
    assert_eq!(
        all.iter().map(|it| it.sequence).collect::<Vec<_>>(),
        (1..=all.len() as u64).collect::<Vec<_>>()
    );
    let (last, before) = all.split_last().unwrap();
    assert_eq!(last.state, InstanceState::Stopped);
    assert!(before.iter().all(|it| it.state == InstanceState::Running));
    let first = &all[0];
    assert_eq!((first.service.as_str(), first.environment.as_str()), ("reception", "test"));
    assert_eq!((first.build.version.as_str(), first.build.commit.as_str()), ("1.8.2", "abc"));
    assert_eq!(first.process.pid, std::process::id());
    assert!(first.agent.starts_with("seaworthy-agent/"));
    assert!(first.instance.len() == 32 && all.iter().all(|it| it.instance == first.instance));
    assert!(first.process.started_at <= first.sent_at);
}

#[test]
fn every_start_is_an_instance_of_its_own() {
    let portal = Portal::start();
    drop(agent(&portal).start().unwrap());
    drop(agent(&portal).start().unwrap());
    let all = check_ins(&portal);
    assert_ne!(all.first().unwrap().instance, all.last().unwrap().instance);
}

#[test]
fn the_portal_sets_the_interval() {
    let portal = Portal::start();
    portal.always(CHECK_IN, Reply::TakeSaying(br#"{"next_in_seconds":1,"new_field":{}}"#.to_vec()));
    let agent = agent(&portal).check_in_interval(Duration::from_secs(3600)).start().unwrap();
    eventually("a second check-in", || check_ins(&portal).len() >= 2);
    let attempts = portal.attempts(CHECK_IN);
    assert!(attempts[1].at - attempts[0].at >= Duration::from_millis(990));
    drop(agent);
}

#[test]
fn a_portal_that_stumbles_hears_from_the_instance_again() {
    let portal = Portal::start();
    portal.script(CHECK_IN, [Reply::Status(503), Reply::Status(503)]);
    let agent = agent(&portal).check_in_interval(Duration::from_millis(10)).start().unwrap();
    eventually("a check-in is taken", || !check_ins(&portal).is_empty());
    assert_eq!(check_ins(&portal)[0].sequence, 3, "those that were not heard are gone, not kept");
    drop(agent);
}

#[test]
fn losses_are_told() {
    let portal = Portal::start();
    portal.script(crate::portal::TRACES, [Reply::Status(400)]);
    let agent = agent(&portal).start().unwrap();
    {
        let _traced = crate::trace(&agent);
        drop(tracing::info_span!("refused"));
    }
    assert!(agent.flush(Duration::from_secs(5)));
    let losses = agent.losses();
    drop(agent);
    assert_eq!(losses.len(), 1);
    assert_eq!(check_ins(&portal).last().unwrap().losses, losses);
}

#[test]
fn what_was_noticed_in_the_process_is_told() {
    let portal = Portal::start();
    let agent = agent(&portal).admin_address(SocketAddr::from(([127, 0, 0, 1], 0))).start().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).build().unwrap();
    // The layer is made where the service runs.
    runtime.block_on(async { drop(agent.layer()) });
    let address = agent.admin_address().unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    connection.read_to_end(&mut Vec::new()).unwrap();
    drop(agent);
    let last = check_ins(&portal).pop().unwrap();
    let Observations { worker_threads, recommended_worker_threads, admin, runs_as_root, probes, .. } =
        last.observations;
    assert_eq!(worker_threads, Some(3));
    let recommended = u32::try_from(seaworthy_agent::worker_threads().get()).unwrap();
    assert_eq!((recommended_worker_threads, admin), (Some(recommended), Some(AdminAccess::Loopback)));
    assert_eq!(last.now, Some(Now::default()), "nothing goes on");
    assert_eq!(runs_as_root.is_some(), cfg!(target_os = "linux"));
    let probes = probes.unwrap();
    assert!(probes.liveness_asked_at.is_some_and(|at| at <= last.sent_at), "{probes:?}");
    assert_eq!(probes.readiness_asked_at, None);
}

#[test]
fn what_the_agent_does_not_watch_it_does_not_claim_to() {
    for (captures, counts) in [(true, false), (false, false)] {
        let portal = Portal::start();
        drop(agent(&portal).capture_panics(captures).start().unwrap());
        let observations = check_ins(&portal).pop().unwrap().observations;
        assert_eq!(observations.captures_panics, Some(captures));
        assert_eq!(observations.counts_log_lines, Some(counts), "the service has a subscriber of its own");
    }
}

#[test]
fn the_log_filter_in_force_is_told() {
    let portal = Portal::start();
    drop(agent(&portal).log_filter("info,sqlx=warn").start().unwrap());
    let told = check_ins(&portal).pop().unwrap().observations.log_filter.unwrap();
    assert_eq!((told.filter.as_str(), told.until, told.usual), ("info,sqlx=warn", None, None));
}

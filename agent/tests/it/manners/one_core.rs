//! A machine that has one core for the process.

use std::{fs, io::Read, process::Command};

use crate::kiosk::{Kiosk, path_of};

/// The first of the cores that this process may run on.
fn a_core() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let cores = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap().trim();
    cores.split([',', '-']).next().unwrap().to_owned()
}

#[test]
fn on_one_core_everything_works_with_one_worker() {
    let mut command = Command::new("taskset");
    command.args(["-c", &a_core()]).arg(path_of("axum_serve"));
    // The number of workers is the agent's to say here.
    command.env_remove("TOKIO_WORKER_THREADS");
    let mut kiosk = Kiosk::open_by(command);
    let observed = kiosk.portal.memory().check_ins[0].observations.clone();
    assert_eq!(observed.recommended_worker_threads, Some(1));
    // Longer than a dump may wait for a slow poll, such as one that something else took the core from.
    let mut order = kiosk.order(8_000);
    for (path, expected) in [
        ("/debug/pprof/profile?seconds=1", "HTTP/1.1 200"),
        ("/debug/pprof/tasks?debug=2", "GET /brew/{ms}"),
        ("/connections", "\"route\":\"/brew/{ms}\""),
        ("/metrics", "http_server_active_requests"),
    ] {
        // A profile is no text.
        let answer = String::from_utf8_lossy(&kiosk.ask_bytes(path)).into_owned();
        assert!(answer.contains(expected), "{path}: {answer}");
    }
    let mut answer = String::new();
    order.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("espresso"), "{answer}");
    kiosk.signal("TERM");
    assert_eq!(kiosk.wait().0, Some(0));
    assert_eq!(kiosk.goodbye().observations.worker_threads, Some(1));
}

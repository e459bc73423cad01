//! Checks on their real thread.

use std::{
    future::pending,
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    thread,
    time::Duration,
};

use super::*;

fn start(checks: Vec<HealthCheck>) -> Result<Checks, StartError> {
    Checks::start(checks, Arc::default())
}

fn check<F: Future<Output = Result<(), String>> + 'static>(
    name: &str,
    run: impl Fn() -> F + Send + 'static,
) -> HealthCheck {
    HealthCheck::new(name, run).every(Duration::from_millis(20)).timeout(Duration::from_millis(50))
}

/// The first snapshot that satisfies, within 5 s.
fn wait_for(checks: &Checks, satisfies: impl Fn(&Health) -> bool) -> Health {
    let start = Instant::now();
    loop {
        let health = checks.snapshot();
        if satisfies(&health) {
            return health;
        }
        assert!(start.elapsed() < Duration::from_secs(5), "{health:?}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn is_known(health: &Health) -> bool {
    health.checks.iter().all(|check| check.result != CheckResult::Pending)
}

fn reason(check: &Check) -> &str {
    match &check.result {
        CheckResult::Fail { reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_way_to_fail_has_its_words_and_others_pass_all_the_same() {
    let checks = start(vec![
        check("passes", || async { Ok(()) }),
        check("fails", || async { Err("no route to host".to_owned()) }),
        check("hangs", pending),
        check("panics", || async { panic!("on purpose") }),
        check("panics early", || -> std::future::Ready<_> { panic!("on purpose") }),
    ])
    .unwrap();
    let health = wait_for(&checks, is_known);
    assert_eq!(health.checks[0].result, CheckResult::Pass);
    assert_eq!(reason(&health.checks[1]), "no route to host");
    assert_eq!(reason(&health.checks[2]), "timed out after 50ms");
    assert_eq!(reason(&health.checks[3]), "the check panicked: on purpose");
    assert_eq!(reason(&health.checks[4]), "the check panicked");
    assert_eq!(health.status, HealthStatus::PartiallyAvailable);
    assert_eq!(obstacles(&health), [""; 0]);
}

#[test]
fn a_critical_check_decides_over_status_and_readiness() {
    for (fails, status, ready) in [(false, HealthStatus::Ok, true), (true, HealthStatus::Unavailable, false)]
    {
        let run = move || async move { if fails { Err("gone".to_owned()) } else { Ok(()) } };
        let checks = start(vec![check("db", run).critical()]).unwrap();
        let health = wait_for(&checks, is_known);
        assert_eq!((health.status, obstacles(&health).is_empty()), (status, ready));
    }
}

#[test]
fn a_pending_critical_check_is_no_failure_but_not_ready() {
    let checks = start(vec![check("db", pending).critical().timeout(Duration::from_secs(60))]).unwrap();
    let health = checks.snapshot();
    assert_eq!((health.status, obstacles(&health).is_empty()), (HealthStatus::Ok, false));
}

#[test]
fn a_check_that_blocks_its_thread_reads_as_timed_out() {
    let block = || async {
        thread::sleep(Duration::from_secs(3));
        Ok(())
    };
    let checks = start(vec![check("blocks", block).critical()]).unwrap();
    let health = wait_for(&checks, |health| health.status == HealthStatus::Unavailable);
    assert_eq!(reason(&health.checks[0]), "timed out after 50ms, and blocks the thread of the checks");
}

#[test]
fn a_check_that_timed_out_is_cancelled_and_runs_again() {
    struct Count(Arc<AtomicU32>);
    impl Drop for Count {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    let dropped = Arc::new(AtomicU32::new(0));
    let guard = dropped.clone();
    let run = move || {
        let guard = Count(guard.clone());
        async move {
            let _guard = guard;
            pending().await
        }
    };
    let checks = start(vec![check("hangs", run)]).unwrap();
    wait_for(&checks, |_| dropped.load(SeqCst) >= 2);
}

#[test]
fn two_checks_of_one_name_are_refused() {
    let twice = vec![check("db", pending), check("db", pending)];
    let error = start(twice).unwrap_err();
    assert_eq!(error.to_string(), "health_check is \"db\", but must be a name that no other check has");
}

#[test]
fn no_checks_need_no_thread() {
    let checks = start(Vec::new()).unwrap();
    assert_eq!(checks.snapshot(), Health::default());
}

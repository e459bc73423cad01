use std::{fs, time::Instant};

use tokio::{
    task::yield_now,
    time::{sleep, timeout},
};

use super::*;

const SOON: Duration = Duration::from_secs(2);

fn misbehaving(faults: Faults) -> FaultSwitch {
    let switch = FaultSwitch::default();
    tokio::spawn(switch.clone().misbehave_besides());
    switch.set(faults);
    switch
}

#[tokio::test(start_paused = true)]
async fn who_needs_beans_waits_behind_the_deadlock_until_it_is_switched_off() {
    let switch = misbehaving(Faults { deadlock: true, ..Faults::NONE });
    sleep(SOON).await;
    assert!(timeout(SOON, switch.stock.take_a_bag()).await.is_err());
    switch.set(Faults::NONE);
    timeout(SOON, switch.stock.take_a_bag()).await.unwrap();
}

#[tokio::test]
async fn a_core_is_burnt_for_as_long_as_it_is_switched_on() {
    let switch = misbehaving(Faults { busy: true, ..Faults::NONE });
    becomes(|| forecasts() == 1).await;
    switch.set(Faults::NONE);
    becomes(|| forecasts() == 0).await;
}

/// Threads of this process that have the name.
fn forecasts() -> usize {
    let threads = fs::read_dir("/proc/self/task").unwrap().flatten();
    threads
        .filter(|it| fs::read_to_string(it.path().join("comm")).is_ok_and(|name| name == "forecast\n"))
        .count()
}

async fn becomes(holds: impl Fn() -> bool) {
    let wait = async {
        while !holds() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(10 * SOON, wait).await.expect("it never became so");
}

#[tokio::test]
async fn a_task_that_blocks_keeps_others_from_the_thread() {
    misbehaving(Faults { blocking: true, ..Faults::NONE });
    let (start, mut longest, mut last) = (Instant::now(), Duration::ZERO, Instant::now());
    while longest < Duration::from_millis(390) && start.elapsed() < 10 * SOON {
        yield_now().await;
        longest = longest.max(last.elapsed());
        last = Instant::now();
    }
    assert!(longest >= Duration::from_millis(390), "{longest:?}");
}

#[tokio::test]
async fn receipts_are_forgotten_when_the_leak_is_stopped() {
    let switch = misbehaving(Faults { leak: true, ..Faults::NONE });
    for _ in 0..3 {
        switch.receipts.remember();
    }
    assert_eq!(switch.receipts.kept(), 3);
    switch.set(Faults::NONE);
    assert_eq!(switch.receipts.kept(), 0);
}

//! As many tasks as a busy service has.

use std::{
    sync::{Arc, atomic::AtomicUsize, atomic::Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use tokio::{runtime::Builder, sync::Notify};

use super::{dumped, dumped_bytes, named};
use crate::tasks::{dump::Form, spawn_named};

const MANY: usize = 100_000;

/// How many tasks the groups of this name have together.
fn in_groups(text: &str, name: &str) -> usize {
    let name = format!("  name: {name}\n");
    let groups = text.split("\n\n").filter(|group| format!("{group}\n").contains(&name));
    groups.map(|group| group.trim_start().split(' ').next().unwrap().parse::<usize>().unwrap()).sum()
}

/// Bytes that the process has in memory, where the system tells.
fn memory() -> u64 {
    #[cfg(target_os = "linux")]
    return procfs::process::Process::myself().unwrap().statm().unwrap().resident * procfs::page_size();
    #[cfg(not(target_os = "linux"))]
    0
}

#[test]
fn a_hundred_thousand_tasks_are_dumped_in_bounded_time_and_memory() {
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let (notify, polled) = (Arc::<Notify>::default(), Arc::<AtomicUsize>::default());
    let _context = runtime.enter();
    for _ in 0..MANY {
        let (notify, polled) = (Arc::clone(&notify), Arc::clone(&polled));
        spawn_named("one of many", async move {
            polled.fetch_add(1, Relaxed);
            notify.notified().await;
        });
    }
    let begun = Instant::now();
    while polled.load(Relaxed) < MANY {
        assert!(begun.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(10));
    }
    let before = memory();
    let begun = Instant::now();
    let grouped = dumped(Form::Grouped);
    let took = begun.elapsed();
    // At most 3 s of asking and 10 s of naming, and what else runs on this machine.
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert_eq!(in_groups(&grouped, "one of many"), MANY, "{grouped}");
    #[cfg(unix)]
    assert!(grouped.contains("tokio::sync::notify"), "{grouped}");
    assert!(grouped.len() < 100_000, "{}", grouped.len());
    let blocks = dumped(Form::Blocks);
    assert!(blocks.len() < 20 << 20, "{}", blocks.len());
    assert_eq!(blocks.matches("name: one of many").count(), 10_000);
    let left_out: usize = blocks.lines().last().unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(left_out >= MANY - 10_000, "{left_out}");
    assert!(dumped_bytes(Form::Profile).len() < 100_000);
    // Debug information of this program included.
    assert!(memory().saturating_sub(before) < 256 << 20, "{before} {}", memory());
    notify.notify_waiters();
    drop(runtime);
    assert!(named("one of many").is_empty());
}

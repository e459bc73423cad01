//! Where tasks are that are in a poll for long.

use std::{
    hint::black_box,
    sync::{Arc, Mutex, Weak},
    thread,
    time::{Duration, Instant},
};

use tokio::{runtime::Builder, time::sleep};

use super::{dumped, only, paragraph, stacks::polled};
use crate::{
    aside::aside,
    tasks::{
        clock,
        dump::{Form, dump},
        instrument,
    },
};

#[inline(never)]
fn counts_the_till(till: &Mutex<()>) {
    drop(till.lock().unwrap());
    black_box(());
}

#[inline(never)]
fn roasts_for(guests: &Weak<()>) {
    while guests.strong_count() > 0 {
        black_box(0.5_f64.sqrt());
    }
}

async fn opens_the_till(till: Arc<Mutex<()>>) {
    counts_the_till(&till);
}

/// Waits until the poll of this task goes on for long.
fn is_slow(name: &str) {
    let begun = Instant::now();
    while only(name).slow_poll(clock::now()).is_none() {
        assert!(begun.elapsed() < Duration::from_secs(10));
        thread::sleep(Duration::from_millis(5));
    }
}

/// The paragraph of a dump that tells where this task runs. On a busy machine a thread may not answer in time.
fn runs_at(name: &str, dumped: impl Fn() -> Option<String>) -> String {
    let begun = Instant::now();
    loop {
        match dumped().map(|text| paragraph(&text, name)) {
            Some(told) if told.contains("  runs at\n") => return told,
            other => assert!(begun.elapsed() < Duration::from_secs(30), "{other:?}"),
        }
    }
}

/// The functions at which a task runs, the innermost first.
fn functions(paragraph: &str) -> Vec<&str> {
    let stack = paragraph.lines().skip_while(|line| *line != "  runs at").skip(1);
    let stack = stack.take_while(|line| line.starts_with("    "));
    stack.filter(|line| !line.starts_with("      ")).map(str::trim).collect()
}

#[test]
fn a_poll_that_waits_and_one_that_computes_are_shown_where_they_are() {
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let (till, guests) = (Arc::new(Mutex::new(())), Arc::new(()));
    let locked = till.lock().unwrap();
    let part = instrument("a part that blocks", opens_the_till(Arc::clone(&till)));
    let whole = runtime.spawn(instrument("the whole of it", async move {
        part.await;
        black_box(());
    }));
    let are_here = Arc::downgrade(&guests);
    let roasts = runtime.spawn(instrument("computes", async move { roasts_for(&are_here) }));
    ["a part that blocks", "the whole of it", "computes"].iter().for_each(|name| is_slow(name));
    for form in [Form::Blocks, Form::Grouped] {
        for (name, innermost, outermost) in [
            ("a part that blocks", "counts_the_till", "opens_the_till"),
            ("the whole of it", "counts_the_till", "a_poll_that_waits_and_one_that_computes"),
            ("computes", "roasts_for", "a_poll_that_waits_and_one_that_computes"),
        ] {
            let told = runs_at(name, || Some(dumped(form)));
            let functions = functions(&told);
            assert!(functions.iter().any(|name| name.contains(innermost)), "{told}");
            assert!(functions.last().is_some_and(|name| name.contains(outermost)), "{told}");
            assert!(!functions.iter().any(|name| name.contains("runtime::")), "{told}");
            assert!(told.contains("src/tasks/tests/running.rs:"), "{told}");
        }
    }
    drop(locked);
    drop(guests);
    runtime.block_on(async {
        whole.await.unwrap();
        roasts.await.unwrap();
    });
}

#[test]
fn where_polls_were_slow_the_next_is_waited_for() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let blocks = runtime.spawn(instrument("blocks now and then", async {
        loop {
            thread::sleep(Duration::from_millis(300));
            sleep(Duration::from_millis(300)).await;
        }
    }));
    polled("blocks now and then");
    let told = runs_at("blocks now and then", || {
        let dump = aside("dump", |waiting| dump(Form::Blocks, true, Some(waiting)));
        Some(String::from_utf8(runtime.block_on(dump).flatten()?.body).unwrap())
    });
    assert!(functions(&told).iter().any(|name| name.contains("where_polls_were_slow")), "{told}");
    assert!(told.contains("[running, ") && told.contains("sleep"), "{told}");
    blocks.abort();
    assert!(runtime.block_on(blocks).unwrap_err().is_cancelled());
}

//! Where tasks are that are in a poll for long.

use std::{
    hint::black_box,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::{runtime::Builder, time::sleep};

use super::{doings, dumped, named, paragraph};
use crate::{
    aside::aside,
    tasks::{
        dump::{Form, dump},
        instrument, spawn_named,
        task::State,
    },
};

#[inline(never)]
fn counts_the_till(till: &Mutex<()>) {
    drop(till.lock().unwrap());
    black_box(());
}

#[inline(never)]
fn roasts_until(done: &AtomicBool) {
    while !done.load(Relaxed) {
        black_box(0.5_f64.sqrt());
    }
}

async fn opens_the_till(till: Arc<Mutex<()>>) {
    counts_the_till(&till);
}

/// Waits until the poll of this task goes on for long.
fn is_slow(name: &str) {
    let begun = Instant::now();
    let slow = || matches!(doings(name), doings if doings.state == State::Running && doings.since >= Duration::from_millis(120));
    while !slow() {
        assert!(begun.elapsed() < Duration::from_secs(10));
        thread::sleep(Duration::from_millis(5));
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
    let (till, done) = (Arc::new(Mutex::new(())), Arc::new(AtomicBool::new(false)));
    let locked = till.lock().unwrap();
    let part = instrument("a part that blocks", opens_the_till(Arc::clone(&till)));
    let whole = runtime.spawn(instrument("the whole of it", async move {
        part.await;
        black_box(());
    }));
    let is_done = Arc::clone(&done);
    let roasts = runtime.spawn(instrument("computes", async move { roasts_until(&is_done) }));
    ["a part that blocks", "the whole of it", "computes"].iter().for_each(|name| is_slow(name));
    for form in [Form::Blocks, Form::Grouped] {
        let text = dumped(form);
        for (name, innermost, outermost) in [
            ("a part that blocks", "counts_the_till", "opens_the_till"),
            ("the whole of it", "counts_the_till", "a_poll_that_waits_and_one_that_computes"),
            ("computes", "roasts_until", "a_poll_that_waits_and_one_that_computes"),
        ] {
            let told = paragraph(&text, name);
            let functions = functions(&told);
            assert!(functions.iter().any(|name| name.contains(innermost)), "{told}");
            assert!(functions.last().is_some_and(|name| name.contains(outermost)), "{told}");
            assert!(!functions.iter().any(|name| name.contains("runtime::")), "{told}");
            assert!(told.contains("src/tasks/tests/running.rs:"), "{told}");
        }
    }
    drop(locked);
    done.store(true, Relaxed);
    runtime.block_on(async {
        whole.await.unwrap();
        roasts.await.unwrap();
    });
}

#[test]
fn where_polls_were_slow_the_next_is_waited_for() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let blocks = spawn_named("blocks now and then", async {
            for _ in 0..20 {
                thread::sleep(Duration::from_millis(250));
                sleep(Duration::from_millis(300)).await;
            }
        });
        while doings("blocks now and then").polls < 1 {
            sleep(Duration::from_millis(10)).await;
        }
        let text = aside("dump", |waiting| dump(Form::Blocks, true, waiting)).await.flatten().unwrap();
        let text = String::from_utf8(text).unwrap();
        let told = paragraph(&text, "blocks now and then");
        assert!(functions(&told).iter().any(|name| name.contains("where_polls_were_slow")), "{text}");
        assert!(told.contains("[running, ") && told.contains("sleep"), "{told}");
        blocks.abort();
        let _ = blocks.await;
        assert!(named("blocks now and then").is_empty());
    });
}

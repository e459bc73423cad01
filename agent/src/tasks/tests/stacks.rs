//! Where tasks are suspended, told by real primitives on real runtimes.

use std::{
    future::{pending, poll_fn},
    sync::{Arc, mpsc},
    task::{Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use tokio::{
    io::AsyncReadExt,
    runtime::Builder,
    sync::{Barrier, Mutex, Notify, RwLock, Semaphore, broadcast, oneshot, watch},
    time::sleep,
};

use super::{current_thread, doings, dumped, named, paragraph};
use crate::tasks::{dump::Form, instrument, spawn_named, task::State};

const LONG: Duration = Duration::from_secs(3600);

/// Runs a dump beside the runtime that the caller is on.
async fn dumped_beside(form: Form) -> String {
    let (tell, told) = oneshot::channel();
    thread::spawn(move || tell.send(dumped(form)));
    told.await.unwrap()
}

/// Lets tasks that were spawned get to where they wait.
async fn settled() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// Waits until another thread has polled a task.
pub(super) fn polled(name: &str) {
    let begun = Instant::now();
    while doings(name).polls < 1 {
        assert!(begun.elapsed() < Duration::from_secs(10));
        thread::sleep(Duration::from_millis(1));
    }
}

/// The functions of the paragraph's first stack, the innermost first.
fn functions(paragraph: &str) -> Vec<&str> {
    let stack = paragraph.lines().skip_while(|line| *line != "  waits at").skip(1);
    let stack = stack.take_while(|line| line.starts_with("    "));
    stack.filter(|line| !line.starts_with("      ")).map(str::trim).collect()
}

#[inline(never)]
async fn takes_till_then_drawer(till: Arc<Mutex<()>>, drawer: Arc<Mutex<()>>, both: Arc<Barrier>) {
    let _till = till.lock().await;
    both.wait().await;
    let _drawer = drawer.lock().await;
}

#[inline(never)]
async fn takes_drawer_then_till(till: Arc<Mutex<()>>, drawer: Arc<Mutex<()>>, both: Arc<Barrier>) {
    let _drawer = drawer.lock().await;
    both.wait().await;
    let _till = till.lock().await;
}

#[test]
fn two_tasks_that_wait_for_each_other_are_shown_where_they_do() {
    for workers in [0, 2] {
        let runtime = match workers {
            0 => current_thread(),
            _ => Builder::new_multi_thread().worker_threads(workers).build().unwrap(),
        };
        let (till, drawer, both) = (Arc::default(), Arc::default(), Arc::new(Barrier::new(2)));
        runtime.block_on(async {
            spawn_named(
                "closes the day",
                takes_till_then_drawer(Arc::clone(&till), Arc::clone(&drawer), Arc::clone(&both)),
            );
            spawn_named("counts cash", takes_drawer_then_till(till, drawer, both));
            let begun = Instant::now();
            // Who comes to the barrier first is polled once more.
            while doings("closes the day").polls + doings("counts cash").polls < 3 {
                assert!(begun.elapsed() < Duration::from_secs(10));
                tokio::task::yield_now().await;
                thread::sleep(Duration::from_millis(1));
            }
            let text = dumped_beside(Form::Blocks).await;
            for (name, function) in
                [("closes the day", "takes_till_then_drawer"), ("counts cash", "takes_drawer_then_till")]
            {
                let block = paragraph(&text, name);
                assert!(block.contains(" [idle, "), "{block}");
                let functions = functions(&block);
                assert!(functions[0].contains("tokio::sync::batch_semaphore"), "{block}");
                assert!(functions.iter().any(|name| name.contains("tokio::sync::mutex::Mutex")), "{block}");
                assert!(
                    functions.last().unwrap().contains(function),
                    "the task's own future is the outermost: {block}"
                );
                let foreign = |name: &&str| {
                    ["runtime::", "tasks::tracked", "stack::capture", "backtrace::"]
                        .iter()
                        .any(|part| name.contains(part))
                };
                assert!(!functions.iter().any(foreign), "{block}");
                assert!(block.contains("src/tasks/tests/stacks.rs:"), "{block}");
            }
        });
    }
}

/// Spawns a task of this name for each of these futures, and says where each waits.
macro_rules! waits {
    ($($name:literal: $future:expr => $function:literal,)*) => {{
        $(spawn_named($name, async move { let _done = $future.await; });)*
        settled().await;
        sleep(Duration::from_millis(20)).await;
        let text = dumped_beside(Form::Blocks).await;
        $({
            let block = paragraph(&text, $name);
            assert!(functions(&block).iter().any(|name| name.contains($function)), "{}: {block}", $name);
        })*
    }};
}

#[test]
fn whatever_tokio_has_to_wait_for_is_told() {
    current_thread().block_on(async {
        let (_broadcast, mut received) = broadcast::channel::<u8>(1);
        let (_sent, one) = oneshot::channel::<u8>();
        let (_watched, mut watch) = watch::channel(0_u8);
        let (_queued, mut queue) = tokio::sync::mpsc::channel::<u8>(1);
        let (full, _queue) = tokio::sync::mpsc::channel::<u8>(1);
        full.send(1).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
        let _server = listener.accept().await.unwrap();
        let never = || tokio::spawn(pending::<()>());
        waits! {
            "a sleep": sleep(LONG) => "tokio::time::sleep::Sleep",
            "an interval": async { tokio::time::interval_at(tokio::time::Instant::now() + LONG, LONG).tick().await } => "Interval",
            "a timeout": tokio::time::timeout(LONG, pending::<()>()) => "tokio::time::timeout::Timeout",
            "another task": never() => "JoinHandle",
            "a blocking task": tokio::task::spawn_blocking(|| thread::sleep(Duration::from_millis(500))) => "JoinHandle",
            "a set": async move {
                let mut set = tokio::task::JoinSet::new();
                set.spawn(pending::<()>());
                set.join_next().await
            } => "join_set::JoinSet",
            "a oneshot": one => "tokio::sync::oneshot::Receiver",
            "a broadcast": received.recv() => "tokio::sync::broadcast",
            "a watch": watch.changed() => "tokio::sync::watch",
            "a queue": queue.recv() => "tokio::sync::mpsc",
            "room in a queue": full.send(2) => "tokio::sync::batch_semaphore",
            "a permit": async { Semaphore::new(0).acquire().await.map(drop) } => "Semaphore",
            "a write lock": async { let lock = RwLock::new(0); let _read = lock.read().await; *lock.write().await } => "RwLock",
            "a notice": async { Notify::new().notified().await } => "tokio::sync::notify",
            "a barrier": async { Barrier::new(2).wait().await } => "tokio::sync::barrier",
            "a connection": listener.accept() => "TcpListener",
            "bytes": async move { client.read_u8().await } => "TcpStream",
            "all of two": async { tokio::join!(sleep(LONG), sleep(2 * LONG)) } => "Sleep",
            "one of two": async { tokio::select! { () = sleep(LONG) => 1, () = pending() => 2 } } => "Sleep",
            "one of many": async {
                use futures_util::StreamExt;
                let mut many: futures_util::stream::FuturesUnordered<_> = (0..3).map(|_| sleep(LONG)).collect();
                many.next().await
            } => "FuturesUnordered",
        }
        let both = paragraph(&dumped_beside(Form::Blocks).await, "all of two");
        assert!(both.contains("  waits at\n") && both.contains("  and at\n"), "{both}");
    });
}

#[test]
fn who_leaves_no_waker_is_told_apart_from_who_does_not_answer() {
    let (go_on, wait) = mpsc::channel::<()>();
    let blocked = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    blocked.block_on(async {
        spawn_named("forgotten", pending::<()>());
        polled("forgotten");
        let text = dumped_beside(Form::Blocks).await;
        assert!(paragraph(&text, "forgotten").contains("  left no waker anywhere"), "{text}");
    });
    blocked.spawn(async move { wait.recv().unwrap() });
    thread::sleep(Duration::from_millis(20));
    let begun = Instant::now();
    let text = dumped(Form::Blocks);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(paragraph(&text, "forgotten").contains("  has not told where it waits"), "{text}");
    go_on.send(()).unwrap();
}

#[test]
fn dumps_leave_no_trace_in_what_they_tell() {
    current_thread().block_on(async {
        spawn_named("undisturbed", async { sleep(LONG).await });
        settled().await;
        let before = doings("undisturbed");
        assert_eq!((before.polls, before.state), (1, State::Idle));
        sleep(Duration::from_millis(30)).await;
        for _ in 0..3 {
            let text = dumped_beside(Form::Grouped).await;
            assert!(paragraph(&text, "undisturbed").contains("Sleep"), "{text}");
        }
        let after = doings("undisturbed");
        assert_eq!((after.polls, after.state, after.busy), (1, State::Idle, before.busy));
        assert!(after.since >= Duration::from_millis(30), "{after:?}");
    });
}

#[test]
fn a_part_of_a_task_and_the_whole_both_tell() {
    current_thread().block_on(async {
        let whole = async { instrument("the part", async { sleep(LONG).await }).await };
        spawn_named("the whole", whole);
        settled().await;
        let text = dumped_beside(Form::Blocks).await;
        let (part, whole) = (paragraph(&text, "the part"), paragraph(&text, "the whole"));
        let (inner, outer) = (functions(&part), functions(&whole));
        assert!(inner.iter().any(|name| name.contains("tokio::time::sleep::Sleep")), "{part}");
        assert!(inner.len() < outer.len(), "{part}{whole}");
        assert_eq!(inner, &outer[..inner.len()], "{part}{whole}");
        assert_eq!((doings("the part").polls, doings("the whole").polls), (1, 1));
    });
}

#[test]
fn tasks_of_one_kind_are_grouped_by_where_they_wait() {
    current_thread().block_on(async {
        let lock = Arc::<Mutex<()>>::default();
        let held = Arc::clone(&lock).lock_owned().await;
        for number in 0..5 {
            let lock = Arc::clone(&lock);
            spawn_named("one of five", async move {
                match number {
                    0 | 1 => sleep(LONG).await,
                    _ => drop(lock.lock().await),
                }
            });
        }
        settled().await;
        let text = dumped_beside(Form::Grouped).await;
        let groups = text.split("\n\n").filter(|group| group.contains("name: one of five"));
        let mut counts: Vec<_> = groups.map(|group| group.trim_start().chars().next().unwrap()).collect();
        counts.sort_unstable();
        assert_eq!(counts, ['2', '3'], "{text}");
        drop(held);
    });
}

#[test]
fn wakers_that_were_lent_or_kept_go_on_to_work() {
    let (keep, kept) = mpsc::channel::<Waker>();
    let mut polls = 0;
    let lends = poll_fn(move |cx| {
        polls += 1;
        // A waker is Sync: while it is polled, a task may let other threads clone it.
        thread::scope(|scope| {
            for _ in 0..4 {
                let (waker, keep) = (cx.waker(), keep.clone());
                scope.spawn(move || keep.send(waker.clone()).unwrap());
            }
        });
        if polls < 4 { Poll::Pending } else { Poll::Ready(polls) }
    });
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let task = runtime.spawn(instrument("lends", lends));
    polled("lends");
    let text = dumped(Form::Blocks);
    // Other threads' stacks are not where the task is.
    assert!(paragraph(&text, "lends").contains("  left no waker anywhere"), "{text}");
    // Until the task has ended, and with it who keeps them.
    kept.iter().for_each(Waker::wake);
    let done = runtime.block_on(task).unwrap();
    assert_eq!(done, 4);
}

#[test]
fn a_panic_and_an_end_while_asked_are_the_hosts() {
    let mut polls = 0;
    let panics = poll_fn(move |_| {
        polls += 1;
        if polls == 2 {
            panic!("on purpose")
        }
        Poll::<()>::Pending
    });
    let mut rounds = 0;
    let ends = poll_fn(move |_| {
        rounds += 1;
        if rounds == 2 { Poll::Ready("done") } else { Poll::Pending }
    });
    current_thread().block_on(async {
        let (panics, ends) = (spawn_named("panics when asked", panics), spawn_named("ends when asked", ends));
        settled().await;
        let text = dumped_beside(Form::Blocks).await;
        for name in ["panics when asked", "ends when asked"] {
            assert!(named(name).is_empty(), "{name}: {text}");
        }
        assert!(panics.await.unwrap_err().is_panic());
        assert_eq!(ends.await.unwrap(), "done");
        // What was watched on this thread is not any more.
        spawn_named("after it", async { sleep(LONG).await });
        settled().await;
        assert!(paragraph(&dumped_beside(Form::Blocks).await, "after it").contains("Sleep"));
    });
}

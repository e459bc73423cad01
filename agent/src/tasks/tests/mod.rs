//! Tasks on real runtimes. The registry is one for the process, in which other tests run: each looks for names of its own.

mod many;
mod profile;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod running;
#[cfg(unix)]
mod stacks;

use std::{
    future::{pending, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{Arc, mpsc},
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Builder, Runtime},
    sync::{Notify, oneshot},
};

use super::{
    clock,
    dump::{Form, dump},
    instrument,
    registry::TASKS,
    spawn, spawn_named,
    task::{Doings, State, Task},
};

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn named(name: &str) -> Vec<Arc<Task>> {
    let is_named = |task: &Arc<Task>| task.description.name.as_deref() == Some(name);
    TASKS.all().into_iter().filter(is_named).collect()
}

fn only(name: &str) -> Arc<Task> {
    let [task] = named(name).try_into().unwrap();
    task
}

fn doings(name: &str) -> Doings {
    only(name).doings(clock::now())
}

fn dumped(form: Form) -> String {
    String::from_utf8(dumped_bytes(form)).unwrap()
}

/// Once no other test writes one.
fn dumped_bytes(form: Form) -> Vec<u8> {
    let begun = Instant::now();
    loop {
        match dump(form, true, None) {
            Some(dump) => return dump.body,
            None => assert!(begun.elapsed() < Duration::from_secs(30)),
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// The paragraph of a dump that tells of this name.
fn paragraph(text: &str, name: &str) -> String {
    let name = format!("name: {name}\n");
    text.split("\n\n").map(|part| format!("{part}\n")).find(|part| part.contains(&name)).unwrap()
}

#[test]
fn a_task_is_there_from_its_start_to_its_end() {
    current_thread().block_on(async {
        let (end, ended) = oneshot::channel::<()>();
        let line = line!() + 1;
        let task = spawn_named("from start to end", ended);
        let before = doings("from start to end");
        assert_eq!((before.state, before.polls), (State::Woken, 0));
        tokio::task::yield_now().await;
        let after = doings("from start to end");
        assert_eq!((after.state, after.polls), (State::Idle, 1));
        let known = only("from start to end");
        let at = known.description.spawned_at.unwrap();
        assert_eq!((at.file(), at.line()), (file!(), line));
        assert_eq!(known.description.type_name, "tokio::sync::oneshot::Receiver<()>");
        end.send(()).unwrap();
        assert_eq!(doings("from start to end").state, State::Woken);
        task.await.unwrap().unwrap();
        assert!(named("from start to end").is_empty());
    });
}

#[test]
fn without_a_name_a_task_is_known_by_its_line() {
    current_thread().block_on(async {
        let line = line!() + 1;
        let task = spawn(pending::<()>());
        let is_that = |task: &Arc<Task>| {
            task.description.spawned_at.is_some_and(|at| at.line() == line && at.file() == file!())
        };
        assert!(TASKS.all().iter().any(is_that));
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert!(!TASKS.all().iter().any(is_that));
    });
}

#[test]
fn tasks_of_a_set_are_tracked() {
    current_thread().block_on(async {
        let mut set = super::JoinSet::new();
        let line = line!() + 1;
        set.spawn_named("of a set", async { 1 });
        set.spawn(async { 2 });
        assert_eq!(only("of a set").description.spawned_at.unwrap().line(), line);
        assert_eq!(set.len(), 2);
        let mut all = set.join_all().await;
        all.sort_unstable();
        assert_eq!((all, named("of a set").len()), (vec![1, 2], 0));
    });
}

#[test]
fn no_runtime_is_needed() {
    let mut future = pin!(instrument("without a runtime", async { thread::sleep(Duration::from_millis(2)) }));
    let before = doings("without a runtime");
    assert_eq!((before.state, before.polls), (State::Idle, 0));
    assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    // It has ended, though it is still held.
    assert!(named("without a runtime").is_empty());
}

#[test]
fn to_spawn_without_a_runtime_panics_as_tokio_does_and_leaves_nothing() {
    let panicked = catch_unwind(|| drop(spawn_named("never started", pending::<()>())));
    let theirs = catch_unwind(|| drop(tokio::spawn(pending::<()>())));
    let message =
        |panic: Box<dyn std::any::Any + Send>| panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    assert_eq!(message(panicked.unwrap_err()), message(theirs.unwrap_err()));
    assert!(named("never started").is_empty());
}

#[test]
fn busy_time_is_that_of_its_polls() {
    let work = poll_fn(|cx| {
        thread::sleep(Duration::from_millis(5));
        cx.waker().wake_by_ref();
        Poll::<()>::Pending
    });
    let mut future = pin!(instrument("busy", work));
    for polls in 1..=3 {
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let doings = doings("busy");
        assert_eq!((doings.state, doings.polls), (State::Woken, polls));
        assert!(doings.busy >= Duration::from_millis(5) * polls as u32, "{doings:?}");
        assert!(doings.busy <= doings.age, "{doings:?}");
    }
}

#[test]
fn who_polls_may_change() {
    let notify = Arc::<Notify>::default();
    let wait = Arc::clone(&notify);
    let mut future = Box::pin(instrument("handed over", async move { wait.notified().await }));
    current_thread().block_on(async {
        tokio::select! { biased; () = &mut future => unreachable!(), () = tokio::task::yield_now() => {} }
    });
    current_thread().block_on(async {
        let task = spawn_named("the new host", future);
        tokio::task::yield_now().await;
        assert_eq!(doings("handed over").state, State::Idle);
        notify.notify_one();
        assert_eq!((doings("handed over").state, doings("the new host").state), (State::Woken, State::Woken));
        task.await.unwrap();
    });
}

#[test]
fn a_panic_is_the_hosts_and_the_task_is_gone() {
    current_thread().block_on(async {
        let task = spawn_named("panics", async { panic!("on purpose") });
        assert!(task.await.unwrap_err().is_panic());
        assert!(named("panics").is_empty());
    });
    let mut held = Box::pin(instrument("panics and is held", async { panic!("on purpose") }));
    let poll = || held.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(catch_unwind(AssertUnwindSafe(poll)).is_err());
    let after = doings("panics and is held");
    assert_eq!((after.state, after.polls), (State::Idle, 1), "a poll that panicked is over");
    drop(held);
    assert!(named("panics and is held").is_empty());
}

#[test]
fn what_a_future_does_when_it_is_dropped_is_still_of_a_task() {
    struct Looks(mpsc::Sender<usize>);
    impl Drop for Looks {
        fn drop(&mut self) {
            self.0.send(named("dropped").len()).unwrap();
        }
    }
    let (tell, told) = mpsc::channel();
    let looks = Looks(tell);
    let future = instrument("dropped", async move {
        let _looks = looks;
        pending::<()>().await;
    });
    current_thread().block_on(async {
        let task = tokio::spawn(future);
        tokio::task::yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
    assert_eq!((told.recv().unwrap(), named("dropped").len()), (1, 0));
}

#[test]
fn tasks_end_with_their_runtime_whoever_still_holds_their_wakers() {
    let runtime = current_thread();
    let (tell, told) = mpsc::channel();
    let task = runtime.spawn(instrument(
        "keeps its waker",
        poll_fn(move |cx| {
            tell.send(cx.waker().clone()).unwrap();
            Poll::<()>::Pending
        }),
    ));
    runtime.block_on(tokio::task::yield_now());
    let waker = told.recv().unwrap();
    assert_eq!(named("keeps its waker").len(), 1);
    drop((runtime, task));
    assert!(named("keeps its waker").is_empty());
    waker.wake_by_ref();
    thread::spawn(move || drop(waker)).join().unwrap();
}

#[test]
fn a_poll_that_blocks_is_running_since_and_told_of_afterwards() {
    let (go_on, wait) = mpsc::channel::<()>();
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let line = line!() + 1;
    let task = runtime.spawn(instrument("blocks", async move { wait.recv().unwrap() }));
    let begun = Instant::now();
    while !paragraph(&dumped(Form::Grouped), "blocks").contains("1 running")
        || begun.elapsed() < Duration::from_millis(150)
    {
        assert!(begun.elapsed() < Duration::from_secs(10));
        thread::sleep(Duration::from_millis(5));
    }
    let registry = crate::metrics::Registry::new(std::time::SystemTime::now(), 100, Arc::default());
    super::export(&registry);
    let blocked = |page: &str| -> u32 {
        let line = page.lines().find(|line| line.starts_with("seaworthy_tasks_blocked ")).unwrap();
        line.rsplit_once(' ').unwrap().1.parse().unwrap()
    };
    assert!(blocked(&registry.exposition(&[])) >= 1);
    let now = doings("blocks");
    assert!(now.state == State::Running && now.since >= Duration::from_millis(100), "{now:?}");
    go_on.send(()).unwrap();
    runtime.block_on(task).unwrap();
    let place = format!(": blocks, spawned at {}:{line}:", file!());
    let text = dumped(Form::Grouped);
    let told = text.lines().find(|line| line.contains(&place)).unwrap_or_else(|| panic!("{text}"));
    assert!(told.starts_with("  1, longest "), "{told}");
    assert!(told.contains(", the latest ") && told.ends_with(" ago"), "{told}");
    let page = registry.exposition(&[]);
    let of_place = format!("{{code_file_path=\"{}\",code_line_number=\"{line}\"}} ", file!());
    assert!(page.contains(&format!("seaworthy_task_slow_polls_total{of_place}1\n")), "{page}");
    assert!(page.contains(&format!("seaworthy_task_longest_poll_seconds{of_place}0.")), "{page}");
}

#[test]
fn a_dump_tells_tasks_of_one_origin_together_and_one_by_one() {
    current_thread().block_on(async {
        let spawned: Vec<_> = (0..3).map(|_| spawn_named("brews", pending::<()>())).collect();
        tokio::task::yield_now().await;
        let grouped = paragraph(&dumped(Form::Grouped), "brews");
        let at = only_line(&grouped, "  spawned at ");
        assert!(at.starts_with(&format!("  spawned at {}:", file!())), "{at}");
        assert!(grouped.starts_with("3 idle, longest "), "{grouped}");
        assert!(grouped.contains("; 3 polls, busy "), "{grouped}");
        assert_eq!(only_line(&grouped, "  type: "), "  type: core::future::pending::Pending<()>");
        let blocks = dumped(Form::Blocks);
        let of_these = blocks.split("\n\n").filter(|block| block.contains("name: brews"));
        let heads: Vec<_> = of_these.map(|block| block.lines().next().unwrap().to_owned()).collect();
        assert_eq!(heads.len(), 3);
        let expected = format!("task {} [idle, ", named("brews").iter().map(|task| task.id).min().unwrap());
        assert!(heads.iter().any(|head| head.starts_with(&expected)), "{heads:?}");
        assert!(heads.iter().all(|head| head.contains("]: alive for ") && head.contains(", 1 polls, busy ")));
        drop(spawned);
    });
}

fn only_line<'a>(text: &'a str, start: &str) -> &'a str {
    text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}: {text}"))
}

#[test]
fn coverage_is_what_is_tracked_of_what_is_alive() {
    let coverage = |name: &str| super::coverage::Coverage::of(&named(name)).to_string();
    assert_eq!(coverage("covered"), "no runtime is known");
    current_thread().block_on(async {
        for _ in 0..3 {
            spawn_named("covered", async {
                // A part of the same task.
                instrument("covered", pending::<()>()).await;
            });
        }
        tokio::spawn(pending::<()>());
        tokio::task::yield_now().await;
        assert_eq!(named("covered").len(), 6);
        assert_eq!(coverage("covered"), "3 of 4 tokio tasks (75.0 %)");
    });
}

#[test]
fn a_task_knows_the_trace_it_was_started_in() {
    use tracing_subscriber::prelude::*;
    let agent = crate::Agent::builder("reception")
        .without_subscriber()
        .admin_address(None)
        .shutdown_timeout(Duration::ZERO)
        .start()
        .unwrap();
    let _recording =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(agent.tracing_layer()));
    let future = {
        let _span = tracing::info_span!("order").entered();
        let trace = crate::trace::current().unwrap().trace_id;
        let future = instrument("of a trace", pending::<()>());
        assert_eq!(only("of a trace").description.trace_id(), Some(trace));
        assert!(paragraph(&dumped(Form::Blocks), "of a trace").contains(&format!("  trace {trace}\n")));
        future
    };
    drop(future);
    let _outside = instrument("of no trace", pending::<()>());
    assert_eq!(only("of no trace").description.trace_id(), None);
}

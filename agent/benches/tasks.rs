//! What tracking tasks costs, beside await-tree and tokio-metrics: a poll, a task from start to end, and a dump of 100,000.
//!
//! `cargo bench -p seaworthy-agent --bench tasks`. Of several rounds the quickest is told: others were disturbed. The dumps are
//! the answers of the admin endpoint, over TCP; tokio-metrics has none.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench ends where it fails, and is no library")]

use std::{
    future::{Future, pending},
    hint::black_box,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use await_tree::{Config, InstrumentAwait, Registry};
use seaworthy_agent::{Agent, tasks};
use tokio::{runtime::Builder, sync::Notify};
use tokio_metrics::TaskMonitor;

const ROUNDS: usize = 9;
const POLLS: u32 = 1_000_000;
const STARTS: u32 = 200_000;
const TASKS: usize = 100_000;

fn main() {
    println!("a poll that finds nothing to do");
    polls();
    println!("\na future that is wrapped, polled once and dropped");
    starts();
    println!("\n{TASKS} tasks that wait, three calls deep");
    dumps();
}

/// Never ready, and keeps no waker: what is measured is the wrapper.
struct Waits;

impl Future for Waits {
    type Output = ();

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        black_box(cx);
        Poll::Pending
    }
}

fn polls() {
    let (monitor, registry) = (TaskMonitor::new(), Registry::new(Config::default()));
    poll("not wrapped", Waits);
    poll("seaworthy", tasks::instrument("waits", Waits));
    poll("tokio-metrics", monitor.instrument(Waits));
    poll("await-tree, the task alone", registry.register_anonymous("task").instrument(Waits));
    let with_a_call = async { Waits.instrument_await("call").await };
    poll("await-tree, and one await", registry.register_anonymous("task").instrument(with_a_call));
}

fn poll(name: &str, future: impl Future<Output = ()>) {
    let (mut future, mut cx) = (pin!(future), Context::from_waker(Waker::noop()));
    let nanoseconds = quickest(|| {
        for _ in 0..POLLS {
            _ = black_box(future.as_mut().poll(&mut cx));
        }
    });
    tell(name, nanoseconds / f64::from(POLLS));
}

fn starts() {
    let (monitor, registry) = (TaskMonitor::new(), Registry::new(Config::default()));
    start("not wrapped", || Waits);
    start("seaworthy", || tasks::instrument("waits", Waits));
    start("tokio-metrics", || monitor.instrument(Waits));
    start("await-tree", || registry.register_anonymous("task").instrument(Waits));
}

fn start<F: Future<Output = ()>>(name: &str, make: impl Fn() -> F) {
    let nanoseconds = quickest(|| {
        for _ in 0..STARTS {
            _ = black_box(pin!(make()).poll(&mut Context::from_waker(Waker::noop())));
        }
    });
    tell(name, nanoseconds / f64::from(STARTS));
}

async fn outer(notify: Arc<Notify>) {
    middle(&notify).await;
    pending::<()>().await;
}

async fn middle(notify: &Notify) {
    inner(notify).await;
}

async fn inner(notify: &Notify) {
    notify.notified().await;
}

fn dumps() {
    let agent =
        Agent::builder("bench").without_subscriber().shutdown_timeout(Duration::ZERO).start().unwrap();
    let address = agent.admin_address().unwrap();
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let notify = Arc::<Notify>::default();
    let _context = runtime.enter();
    for _ in 0..TASKS {
        tasks::spawn_named("waits", outer(notify.clone()));
    }
    settle(&runtime);
    for query in ["debug=1&stacks=false", "debug=1", "debug=2", "debug=0"] {
        dump(&format!("seaworthy, {query}"), || get(address, query));
    }
    drop(runtime);

    let (runtime, registry) =
        (Builder::new_multi_thread().worker_threads(2).build().unwrap(), Registry::new(Config::default()));
    for number in 0..TASKS {
        let task = registry.register(number, "waits");
        let notify = notify.clone();
        let calls = async move {
            async {
                async { notify.notified().instrument_await("notified").await }.instrument_await("inner").await
            }
            .instrument_await("middle")
            .await;
        };
        runtime.spawn(task.instrument(calls));
    }
    settle(&runtime);
    dump("await-tree, collected and written", || {
        registry.collect::<usize>().iter().map(|(number, tree)| format!("{number} {tree}").len()).sum()
    });
}

/// Until every task has been polled: a task that is spawned last is polled last, or nearly so.
fn settle(runtime: &tokio::runtime::Runtime) {
    runtime.block_on(runtime.spawn(async {})).unwrap();
    std::thread::sleep(Duration::from_secs(1));
}

fn dump(name: &str, take: impl Fn() -> usize) {
    let mut bytes = 0;
    let nanoseconds = quickest(|| bytes = take());
    println!("  {name:36} {:8.1} ms  {:8.1} KiB", nanoseconds / 1e6, bytes as f64 / 1024.0);
}

/// Bytes of the answer.
fn get(address: SocketAddr, query: &str) -> usize {
    let mut connection = TcpStream::connect(address).unwrap();
    write!(
        connection,
        "GET /debug/pprof/tasks?{query} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{query}");
    answer.len()
}

fn quickest(mut work: impl FnMut()) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        work();
        began.elapsed().as_nanos() as f64
    });
    rounds.fold(f64::INFINITY, f64::min)
}

fn tell(name: &str, nanoseconds: f64) {
    println!("  {name:36} {nanoseconds:8.1} ns");
}

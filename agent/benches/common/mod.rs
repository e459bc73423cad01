//! What the benches have in common: contestants run in processes of their own, by turns, and of several rounds the quickest is
//! told, since others were disturbed.

#![allow(dead_code, reason = "no bench needs all of it")]

pub(crate) mod nowhere;
pub(crate) mod peer;

use std::{collections::BTreeMap, env, fs, process::Command, time::Instant};

const ROUNDS: usize = 30;
const TURNS: usize = 5;
const CONTESTANT: &str = "SEAWORTHY_BENCH_CONTESTANT";

/// Nanoseconds of the quickest of several rounds.
pub(crate) fn quickest(mut work: impl FnMut()) -> f64 {
    quickest_with_pauses(&mut work, || {})
}

/// The same, with something after each round that is not measured.
pub(crate) fn quickest_with_pauses(mut work: impl FnMut(), mut pause: impl FnMut()) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        work();
        let took = began.elapsed().as_nanos() as f64;
        pause();
        took
    });
    rounds.fold(f64::INFINITY, f64::min)
}

/// Shows one figure.
pub(crate) fn tell(name: &str, nanoseconds: f64) {
    println!("  {name:44} {nanoseconds:8.1} ns");
}

/// Says how busy the machine is, for whoever reads the figures later.
pub(crate) fn tell_load() {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, Into::into);
    println!("{cores} cores, load {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
}

/// Of one contestant: what was measured, and nanoseconds.
pub(crate) type Figures = Vec<(&'static str, f64)>;
/// Name, and what it does.
pub(crate) type Contestant = (&'static str, fn() -> Figures);

/// Runs every contestant in a process of its own, several times by turns, and shows the best of each. A contestant returns
/// what it has measured by name, in nanoseconds.
pub(crate) fn contest(contestants: &[Contestant]) {
    if let Ok(name) = env::var(CONTESTANT) {
        let contestant = contestants.iter().find(|(known, _)| *known == name).unwrap();
        contestant.1().iter().for_each(|(what, nanoseconds)| println!("{what}\t{nanoseconds}"));
        return;
    }
    tell_load();
    let mut best = BTreeMap::<String, BTreeMap<usize, f64>>::new();
    for _ in 0..TURNS {
        for (number, (name, _)) in contestants.iter().enumerate() {
            for (what, nanoseconds) in measured(name) {
                let best = best.entry(what).or_default().entry(number).or_insert(f64::INFINITY);
                *best = best.min(nanoseconds);
            }
        }
    }
    for (what, figures) in best {
        println!("{what}");
        let first = figures.values().next().copied();
        for (number, nanoseconds) in figures {
            let times = first.map_or(1.0, |first| nanoseconds / first);
            println!("  {:36} {nanoseconds:9.1} ns  x {times:.2}", contestants[number].0);
        }
    }
    tell_load();
}

/// Nobody takes what a contestant records: it is thrown away on the thread that would send it.
fn measured(contestant: &str) -> Vec<(String, f64)> {
    let output = Command::new(env::current_exe().unwrap())
        .env(CONTESTANT, contestant)
        .env("OTEL_TRACES_EXPORTER", "none")
        .env("OTEL_METRICS_EXPORTER", "none")
        .output()
        .unwrap();
    assert!(output.status.success(), "{contestant}: {}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let figure =
        |line: &str| line.split_once('\t').map(|(what, figure)| (what.to_owned(), figure.parse().unwrap()));
    lines.lines().filter_map(figure).collect()
}

//! The allocator of this test process is the sampling one.

use std::{
    hint::black_box,
    io::Write,
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use super::{agent, alone, get, go_tool_pprof, profile, values};
use crate::eventually;

const MIB: usize = 1 << 20;

/// Keeps 64 MiB in small pieces.
#[inline(never)]
fn fill_the_cellar() -> Vec<Vec<u8>> {
    (0..64 * 256).map(|_| black_box(vec![1; MIB / 256])).collect()
}

/// Allocates 256 MiB and keeps nothing.
#[inline(never)]
fn rinse_cups() {
    (0..256 * 16).for_each(|_| drop(black_box(vec![1_u8; MIB / 16])));
}

/// The same for the other test: both may run in one process.
#[inline(never)]
fn rinse_glasses() {
    (0..256 * 16).for_each(|_| drop(black_box(vec![2_u8; MIB / 16])));
}

fn top(profile: &[u8], kind: &str) -> String {
    go_tool_pprof(profile, &["-top", "-cum", "-unit=mb", &format!("-sample_index={kind}")])
}

#[test]
fn what_is_in_use_is_told_apart_from_what_was_allocated() {
    let _alone = alone();
    let agent = agent().start().unwrap();
    let cellar = fill_the_cellar();
    rinse_cups();
    let profile = profile(&agent, "/debug/pprof/heap");
    let in_use = top(&profile, "inuse_space");
    let (_, kept) = values(&in_use, "heap::fill_the_cellar");
    // Five standard deviations of 128 samples, and of 512.
    assert!((kept / 64.0 - 1.0).abs() < 0.45, "{in_use}");
    assert!(!in_use.contains("heap::rinse_cups"), "{in_use}");
    for own in ["__rust_alloc", "trace_unsynchronized", "heap::allocator", "heap::recorder", "<unknown>"] {
        assert!(!in_use.contains(own), "{own} {in_use}");
    }
    let allocated = top(&profile, "alloc_space");
    let (_, rinsed) = values(&allocated, "heap::rinse_cups");
    assert!((rinsed / 256.0 - 1.0).abs() < 0.23, "{allocated}");
    let objects = go_tool_pprof(&profile, &["-top", "-cum", "-sample_index=inuse_objects"]);
    let (_, kept) = values(&objects, "heap::fill_the_cellar");
    assert!((kept / (64.0 * 256.0) - 1.0).abs() < 0.45, "{objects}");
    drop(cellar);
}

#[test]
fn a_change_is_of_its_time_alone() {
    let _alone = alone();
    let agent = agent().start().unwrap();
    let before = fill_the_cellar();
    let rinsing = thread::spawn(|| {
        thread::sleep(Duration::from_millis(300));
        rinse_glasses();
    });
    let profile = profile(&agent, "/debug/pprof/heap?seconds=2");
    rinsing.join().unwrap();
    let allocated = top(&profile, "alloc_space");
    assert!(values(&allocated, "heap::rinse_glasses").1 > 100.0, "{allocated}");
    assert!(!allocated.contains("heap::fill_the_cellar"), "{allocated}");
    drop(before);
}

#[test]
fn only_one_is_taken_at_a_time() {
    let _alone = alone();
    let agent = agent().start().unwrap();
    let address = agent.admin_address().unwrap();
    let first = thread::spawn(move || get(address, "/debug/pprof/heap?seconds=2", "").0);
    thread::sleep(Duration::from_millis(500));
    assert_eq!(get(address, "/debug/pprof/heap", "").0, 409);
    assert_eq!(first.join().unwrap(), 200);
    assert_eq!(get(address, "/debug/pprof/heap", "").0, 200);
}

#[test]
fn who_goes_away_gives_up_the_turn() {
    let _alone = alone();
    let agent = agent().start().unwrap();
    let address = agent.admin_address().unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "GET /debug/pprof/heap?seconds=600 HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    eventually("the turn is taken", || get(address, "/debug/pprof/heap", "").0 == 409);
    drop(connection);
    eventually("the turn is free", || get(address, "/debug/pprof/heap", "").0 == 200);
}

/// Of a size that is almost surely sampled.
#[inline(never)]
fn on_a_thread_that_ends() -> Vec<u8> {
    vec![black_box(7); 2 * MIB]
}

#[test]
fn what_another_thread_frees_is_no_longer_in_use() {
    let _alone = alone();
    let agent = agent().start().unwrap();
    for _ in 0..50 {
        let threads: Vec<_> = (0..8).map(|_| thread::spawn(on_a_thread_that_ends)).collect();
        let kept: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        thread::spawn(move || drop(kept)).join().unwrap();
    }
    let profile = profile(&agent, "/debug/pprof/heap");
    assert!(values(&top(&profile, "alloc_space"), "heap::on_a_thread_that_ends").1 > 700.0);
    let in_use = top(&profile, "inuse_space");
    assert!(!in_use.contains("on_a_thread_that_ends"), "{in_use}");
}

/// A child has one thread, that which forked, and all that the others were in the midst of.
#[test]
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "a fork is, and is what the allocator must survive")]
fn a_process_forks_while_its_threads_allocate() {
    let _alone = alone();
    let stop = AtomicBool::new(false);
    let ended = thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(Relaxed) {
                    drop(black_box(vec![1_u8; MIB]));
                }
            });
        }
        let ended = (0..30).filter(|_| {
            // SAFETY: the child allocates, which the C library allows it, and ends without a destructor.
            let child = unsafe { libc::fork() };
            if child == 0 {
                let kept: Vec<_> = (0..50).map(|_| black_box(Vec::<u8>::with_capacity(MIB))).collect();
                drop(kept);
                // SAFETY: ends the process.
                unsafe { libc::_exit(17) };
            }
            has_ended(child)
        });
        let ended = ended.count();
        stop.store(true, Relaxed);
        ended
    });
    assert_eq!(ended, 30);
}

/// Within 10 s, by itself.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "std waits for no process that it did not start")]
fn has_ended(child: i32) -> bool {
    let (mut status, begun) = (0, Instant::now());
    while begun.elapsed() < Duration::from_secs(10) {
        // SAFETY: the call writes the status, and nothing else.
        if unsafe { libc::waitpid(child, &mut status, libc::WNOHANG) } == child {
            return libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 17;
        }
        thread::sleep(Duration::from_millis(2));
    }
    // SAFETY: it is our child, and nobody has waited for it.
    unsafe { libc::kill(child, libc::SIGKILL) };
    false
}

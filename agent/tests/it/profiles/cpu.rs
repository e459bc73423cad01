//! Profiles of what runs, and what the sampling must survive.
#![cfg(target_os = "linux")]
#![allow(unsafe_code, reason = "loading a library is, and is what the sampling must survive")]

use std::{
    ffi::CStr,
    hint::black_box,
    io::Write,
    net::TcpStream,
    panic::{catch_unwind, set_hook, take_hook},
    sync::{
        atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use super::{agent, alone, get, go_tool_pprof, profile, values};
use crate::eventually;

#[inline(never)]
fn grind_beans(until: Instant) -> u64 {
    let mut ground = 1;
    while Instant::now() < until {
        (0..100_000).for_each(|bean| ground = black_box(ground ^ bean) << 1 | 1);
    }
    ground
}

#[inline(never)]
fn wait_for_guests(until: Instant) {
    thread::sleep(until - Instant::now());
}

#[test]
fn who_works_is_named_and_who_waits_is_not() {
    let _alone = alone();
    let agent = agent().start().unwrap();
    let until = Instant::now() + Duration::from_secs(4);
    let mill = thread::Builder::new().name("mill".into()).spawn(move || grind_beans(until)).unwrap();
    let door = thread::spawn(move || wait_for_guests(until));
    let profile = profile(&agent, "/debug/pprof/profile?seconds=3");
    mill.join().unwrap();
    door.join().unwrap();
    let top = go_tool_pprof(&profile, &["-top", "-cum", "-unit=s"]);
    let (_, grinding) = values(&top, "cpu::grind_beans");
    let total: f64 = top.split("of ").nth(1).unwrap().split('s').next().unwrap().parse().unwrap();
    assert!(grinding > 0.8 * total && total < 4.0, "{top}");
    assert!(!top.contains("wait_for_guests"), "{top}");
    assert!(top.contains("Duration: 3"), "{top}");
    let tags = go_tool_pprof(&profile, &["-tags"]);
    assert!(tags.contains("mill"), "{tags}");
    let raw = go_tool_pprof(&profile, &["-raw"]);
    assert!(raw.contains("PeriodType: cpu nanoseconds\nPeriod: 10000000"), "{raw}");
}

#[test]
fn one_at_a_time_and_with_sense() {
    let _alone = alone();
    let agent = agent().start().unwrap();
    let address = agent.admin_address().unwrap();
    for query in ["seconds=0", "seconds=61", "hz=0", "hz=1000", "seconds=many"] {
        let (status, body) = get(address, &format!("/debug/pprof/profile?{query}"), "");
        let body = String::from_utf8(body).unwrap();
        assert!(status == 400 && body.contains(query.split('=').next().unwrap()), "{query}: {status} {body}");
    }
    let first = thread::spawn(move || get(address, "/debug/pprof/profile?seconds=2", "").0);
    thread::sleep(Duration::from_millis(500));
    assert_eq!(get(address, "/debug/pprof/profile?seconds=1", "").0, 409);
    assert_eq!(first.join().unwrap(), 200);
}

/// What the profiler of somebody else has as its handler.
extern "C" fn of_another(_: libc::c_int) {}

#[test]
fn the_handler_of_another_profiler_is_left_alone() {
    let _alone = alone();
    let agent = agent().start().unwrap();
    let handler: extern "C" fn(libc::c_int) = of_another;
    // SAFETY: the handler does nothing, which is always safe.
    let before = unsafe { libc::signal(libc::SIGPROF, handler as *const () as libc::sighandler_t) };
    let (status, body) = get(agent.admin_address().unwrap(), "/debug/pprof/profile?seconds=1", "");
    // SAFETY: it is what was there before.
    let after = unsafe { libc::signal(libc::SIGPROF, before) };
    assert_eq!(after, handler as *const () as libc::sighandler_t);
    let body = String::from_utf8(body).unwrap();
    assert!(status == 409 && body.contains("SIGPROF"), "{status} {body}");
}

/// As a service does what blocks a thread of its runtime.
fn with_a_blocked_task(look: impl FnOnce()) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (end, is_over) = mpsc::channel::<()>();
    let blocked = runtime.spawn(seaworthy_agent::tasks::instrument("stands in the way", async move {
        let _ = is_over.recv();
    }));
    look();
    drop(end);
    runtime.block_on(blocked).unwrap();
}

#[test]
fn where_a_task_blocks_is_told_unless_the_signal_is_in_use() {
    let _alone = alone();
    let agent = agent().start().unwrap();
    let address = agent.admin_address().unwrap();
    let tasks = || {
        let (status, body) = get(address, "/debug/pprof/tasks?debug=2", "");
        assert_eq!(status, 200);
        String::from_utf8(body).unwrap()
    };
    with_a_blocked_task(|| {
        let runs_at = || {
            eventually("it is told where it blocks", || {
                let told = tasks();
                told.contains("  runs at\n") && told.contains("with_a_blocked_task")
            });
        };
        runs_at();
        let profile = thread::spawn(move || get(address, "/debug/pprof/profile?seconds=2", "").0);
        let why = "  where it runs is not known: a profile of the CPU is being taken";
        eventually("the profile is in the way", || tasks().contains(why));
        assert_eq!(profile.join().unwrap(), 200);
        runs_at();

        let handler: extern "C" fn(libc::c_int) = of_another;
        // SAFETY: the handler does nothing, which is always safe.
        let before = unsafe { libc::signal(libc::SIGPROF, handler as *const () as libc::sighandler_t) };
        let told = tasks();
        // SAFETY: it is what was there before.
        let after = unsafe { libc::signal(libc::SIGPROF, before) };
        assert_eq!(after, handler as *const () as libc::sighandler_t);
        assert!(told.contains("  where it runs is not known: something else in this process"), "{told}");
    });
}

#[test]
fn who_goes_away_ends_the_profile() {
    let _alone = alone();
    let agent = agent().start().unwrap();
    let address = agent.admin_address().unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "GET /debug/pprof/profile?seconds=60 HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let take = || get(address, "/debug/pprof/profile?seconds=1", "").0;
    eventually("the turn is taken", || take() == 409);
    drop(connection);
    eventually("the turn is free", || take() == 200);
}

#[inline(never)]
fn panic_deep_down(depth: u32) {
    if depth == 0 {
        panic!("on purpose");
    }
    panic_deep_down(depth - 1);
    black_box(depth);
}

/// Two parts of the C library that nothing here has loaded.
const LIBRARIES: [&CStr; 2] = [c"libresolv.so.2", c"libBrokenLocale.so.1"];

#[inline(never)]
fn load_and_unload(name: &CStr) {
    // SAFETY: these libraries have no constructors that could do harm, and nothing of them is used.
    unsafe {
        let library = libc::dlopen(name.as_ptr(), libc::RTLD_NOW);
        assert!(!library.is_null() && libc::dlclose(library) == 0);
        let is_gone = libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_NOLOAD).is_null();
        assert!(is_gone, "{name:?} stays loaded: then this loads nothing");
    }
}

#[inline(never)]
fn allocate_and_spawn() {
    let pieces: Vec<Vec<u8>> = (0..2_000).map(|n| vec![0; n * 37 % 5_000]).collect();
    black_box(&pieces);
    // In threads that begin and end, some of the signals find one that hardly is.
    (0..20).for_each(|n| drop(thread::spawn(move || black_box(vec![n; 100])).join().unwrap()));
}

/// Kernels have 100 to 1000 ticks in a second, and send no more signals than that by their timer: this sends 999.
fn send_signals(threads: &[AtomicI32], stop: &AtomicBool) {
    for thread in threads.iter().cycle() {
        if stop.load(Relaxed) {
            return;
        }
        thread::sleep(Duration::from_micros(1_001));
        // SAFETY: the call has numbers for arguments, and a thread that is gone is none of this process's.
        unsafe { libc::syscall(libc::SYS_tgkill, std::process::id(), thread.load(Relaxed), libc::SIGPROF) };
    }
}

/// All that takes locks which a handler could wait for: for 8 s, or as many as `SEAWORTHY_TORTURE_SECONDS` says.
#[test]
fn panics_loading_and_allocating_go_on_while_they_are_sampled() {
    let _alone = alone();
    let seconds: u32 = std::env::var("SEAWORTHY_TORTURE_SECONDS").map_or(8, |text| text.parse().unwrap());
    let agent = agent().start().unwrap();
    let (stop, rounds) = (AtomicBool::new(false), [const { AtomicU64::new(0) }; 6]);
    let threads = [const { AtomicI32::new(0) }; 6];
    let told = take_hook();
    set_hook(Box::new(|_| {}));
    // From then on there is a handler: without one the signal would end the process.
    profile(&agent, "/debug/pprof/profile?seconds=1");
    let (status, profile) = thread::scope(|scope| {
        for (number, (rounds, thread)) in rounds.iter().zip(&threads).enumerate() {
            let stop = &stop;
            scope.spawn(move || {
                // SAFETY: the call has no arguments.
                thread.store(unsafe { libc::gettid() }, Relaxed);
                while !stop.load(Relaxed) {
                    match number % 3 {
                        0 => assert!(catch_unwind(|| panic_deep_down(20)).is_err()),
                        1 => load_and_unload(LIBRARIES[number / 3]),
                        _ => allocate_and_spawn(),
                    }
                    rounds.fetch_add(1, Relaxed);
                }
            });
        }
        scope.spawn(|| send_signals(&threads, &stop));
        // Not until its end may one fail: the threads would go on.
        let address = agent.admin_address().unwrap();
        let answer =
            catch_unwind(|| get(address, &format!("/debug/pprof/profile?seconds={seconds}&hz=999"), ""));
        stop.store(true, Relaxed);
        answer.unwrap()
    });
    set_hook(told);
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&profile));
    let rounds = rounds.map(AtomicU64::into_inner);
    assert!(rounds.iter().all(|rounds| *rounds > 0), "{rounds:?}");
    let top = go_tool_pprof(&profile, &["-top", "-cum", "-nodefraction=0", "-sample_index=samples"]);
    let of = |name: &str| values(&top, name).1;
    let (panics, loads, allocations) =
        (of("cpu::panic_deep_down"), of("cpu::load_and_unload"), of("cpu::allocate_and_spawn"));
    let total: f64 = top.split("of ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let cut_off = if top.contains("[callers unknown]") { of("[callers unknown]") } else { 0.0 };
    println!(
        "{seconds} s, {total} samples, {cut_off} of them cut off; in panics {panics}, in loading {loads}, in allocating {allocations}; rounds {rounds:?}"
    );
    println!("{}", top.lines().take(8).collect::<Vec<_>>().join("\n"));
    assert!(total > 100.0 * f64::from(seconds), "{top}");
    assert!(panics > 0.0 && loads > 0.0 && allocations > 0.0, "{top}");
    assert!(cut_off < 0.1 * total, "{cut_off} of {total}\n{top}");
}

//! A clock that jumps.

use std::{io::Read, process::Command, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::rustc::compile;
use crate::{
    kiosk::{Kiosk, path_of},
    shown,
};

/// Stands between the process and the C library: a second after the start it is tomorrow, a second later yesterday, and
/// then today again.
const SOURCE: &str = r#"
#[repr(C)]
pub struct Time { seconds: i64, nanoseconds: i64 }

unsafe extern "C" { fn syscall(number: i64, ...) -> i64; }

#[cfg(target_arch = "x86_64")]
const CLOCK_GETTIME: i64 = 228;
#[cfg(target_arch = "aarch64")]
const CLOCK_GETTIME: i64 = 113;

static START: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);

fn milliseconds() -> i64 {
    let mut time = Time { seconds: 0, nanoseconds: 0 };
    unsafe { syscall(CLOCK_GETTIME, 1_i32, &raw mut time) };
    time.seconds * 1_000 + time.nanoseconds / 1_000_000
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: i32, to: *mut Time) -> i32 {
    let result = unsafe { syscall(CLOCK_GETTIME, clock, to) };
    let now = milliseconds();
    let start = match START.compare_exchange(0, now, std::sync::atomic::Ordering::Relaxed, std::sync::atomic::Ordering::Relaxed) {
        Ok(_) => now,
        Err(start) => start,
    };
    if clock == 0 && result == 0 {
        unsafe { (*to).seconds += match now - start { 1_000..2_000 => 86_400, 2_000..3_000 => -86_400, _ => 0 } };
    }
    result as i32
}
"#;

#[test]
fn a_clock_that_jumps_a_day_and_back_stretches_nothing_and_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clock = folder.path().join("libclock.so");
    compile(SOURCE, &["--crate-type", "cdylib"], &clock);
    let mut command = Command::new(path_of("serve"));
    command.env("LD_PRELOAD", &clock).env("SEAWORTHY_CHECK_IN_INTERVAL", "50");
    let mut kiosk = Kiosk::open_by(command);
    let mut order = kiosk.order(3_500);
    order.read_to_string(&mut String::new()).unwrap();
    kiosk.signal("TERM");
    assert_eq!(kiosk.wait().0, Some(0));

    let check_ins = kiosk.portal.memory().check_ins.clone();
    let (now, day) = (Timestamp::now(), SignedDuration::from_hours(20));
    let jumped = |back: bool| {
        let off = check_ins.iter().map(|it| it.sent_at.duration_since(now));
        off.filter(|off| if back { *off < -day } else { *off > day }).count()
    };
    assert!(
        jumped(false) > 3 && jumped(true) > 3,
        "{} {} of {}",
        jumped(false),
        jumped(true),
        check_ins.len()
    );
    let open =
        check_ins.iter().filter_map(|it| Some((it.sent_at, it.now.as_ref()?.requests.oldest.first()?.since)));
    let ages: Vec<_> = open.map(|(sent_at, since)| sent_at.duration_since(since).as_millis()).collect();
    assert!(ages.len() > 20 && ages.iter().all(|age| (-5..20_000).contains(age)), "{ages:?}");
    let spans = shown::spans(&kiosk.portal.memory().traces);
    let [request] = &spans[..] else { panic!("{} spans", spans.len()) };
    let took = Duration::from_nanos(request.end_time_unix_nano - request.start_time_unix_nano);
    assert!((Duration::from_millis(3_500)..Duration::from_secs(20)).contains(&took), "{took:?}");
    let drained = kiosk.goodbye().drain.unwrap();
    assert!(drained.took_ms < 20_000, "{drained:?}");
}

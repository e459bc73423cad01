//! Counts the panics of the process by their place in the code, and tells of those within a request.
//!
//! A process has one hook, whatever number of agents it has. It is set once and stays: nobody can take it out again from
//! under hooks that were set later. It runs at the worst of times, so it keeps little, and calls nothing of the service's but
//! the hook that was there before.

use std::{any::Any, cell::Cell, panic, sync::Once, thread};

use crate::{
    errors::{self, Place, Places, Told, message_of},
    metrics::{Attributes, Registry},
};

static CAPTURE: Once = Once::new();
static PANICS: Places = Places::new();
/// All panics of a place are of one kind.
const PANIC: u64 = 1;

thread_local! {
    static LATEST: Cell<Option<&'static Place>> = const { Cell::new(None) };
}

/// From now on counts panics and tells of them, and then calls the hook that was there before. Says whether they are counted;
/// done before, it does nothing more.
pub(crate) fn capture() -> bool {
    // A thread cannot change the hook while it panics.
    if thread::panicking() {
        return CAPTURE.is_completed();
    }
    CAPTURE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let at = info.location();
            let noted = at.map(|at| PANICS.note(at.file(), at.line(), PANIC));
            let noted = noted.unwrap_or_else(|| PANICS.note_elsewhere());
            LATEST.set(noted.place);
            let at_last = errors::panicked(info, noted.suppressed_before);
            before(info);
            at_last();
        }));
    });
    true
}

/// Lets every reading of the metrics have the panics in it.
pub(crate) fn export(registry: &Registry) {
    let metric = registry.counter("seaworthy.panics", "{panic}", "Panics of the process.");
    registry.before_reading(move || {
        for (place, count) in PANICS.counts() {
            metric.series(place.map(attributes).unwrap_or_default()).advance_to(count);
        }
    });
}

fn attributes(place: &Place) -> Attributes {
    Attributes::default()
        .with("code.file.path", String::from(&*place.file))
        .with("code.line.number", i64::from(place.line))
}

/// Forgets where this thread has panicked, so that no later panic is taken for that one.
#[inline]
pub(crate) fn forget_latest() {
    LATEST.set(None);
    errors::forget();
}

/// Logs a panic that was caught, with the place where this thread has panicked since it was [forgotten](forget_latest): none
/// of a panic that was only passed on. Does nothing where panics are not captured.
pub(crate) fn tell(payload: &(dyn Any + Send)) {
    if !CAPTURE.is_completed() {
        return;
    }
    let place = LATEST.take();
    let (file, line) = (place.map(|place| &*place.file), place.map(|place| place.line));
    // By its origin others know that there is a record of it besides.
    tracing::error!(
        target: "seaworthy",
        { exception.type = "panic", code.file.path = file, code.line.number = line, seaworthy.error.origin = "panic" },
        "{}",
        message_of(format_args!("{}", Told(payload)))
    );
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicU64, Ordering::Relaxed},
        },
        time::SystemTime,
    };

    use super::*;

    #[test]
    fn a_panic_is_counted_where_it_was_and_told_to_the_hook_before() {
        let told = Arc::new(AtomicU64::new(0));
        let before = panic::take_hook();
        let hears = Arc::clone(&told);
        panic::set_hook(Box::new(move |info| {
            hears.fetch_add(1, Relaxed);
            before(info);
        }));
        assert!(capture() && capture());
        let line = line!() + 1;
        let panicked = panic::catch_unwind(|| panic!("on purpose"));
        assert!(panicked.is_err());
        assert_eq!(LATEST.get().map(|place| (&*place.file, place.line)), Some((file!(), line)));
        // Other tests of the same process may panic at the same time.
        assert!(told.load(Relaxed) >= 1, "the hook before is called");
        let registry = Registry::new(SystemTime::now(), 100, Arc::default());
        export(&registry);
        let page = registry.exposition(&[]);
        let labels = format!("{{code_file_path=\"{}\",code_line_number=\"{line}\"}} 1\n", file!());
        assert!(page.contains(&format!("seaworthy_panics_total{labels}")), "{page}");
    }

    #[test]
    fn whoever_starts_an_agent_while_panicking_does_not_abort_the_process() {
        struct StartsLate;
        impl Drop for StartsLate {
            fn drop(&mut self) {
                capture();
            }
        }
        let panicked = panic::catch_unwind(|| {
            let _late = StartsLate;
            panic!("on purpose");
        });
        assert!(panicked.is_err());
    }
}

//! Counts the panics of the process by their place in the code, and tells of those within a request.
//!
//! A process has one hook, whatever number of agents it has. It is set once and stays: nobody can take it out again from
//! under hooks that were set later. It runs at the worst of times, so it keeps little, and calls nothing of the service's but
//! the hook that was there before.

use std::{
    any::Any,
    cell::Cell,
    panic::{self, PanicHookInfo},
    sync::{
        Once, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
};

use crate::metrics::{Attributes, Registry};

/// Panics at further places are counted together.
const MOST_PLACES: usize = 64;
/// Characters of a panic's message that are told.
const MOST_CHARACTERS: usize = 1_000;

static CAPTURE: Once = Once::new();
static PANICS: Panics = Panics::new();

thread_local! {
    static LATEST: Cell<Option<&'static Place>> = const { Cell::new(None) };
}

/// From now on counts panics, and then calls the hook that was there before. Says whether they are counted; done before, it
/// does nothing more.
pub(crate) fn capture() -> bool {
    // A thread cannot change the hook while it panics.
    if thread::panicking() {
        return CAPTURE.is_completed();
    }
    CAPTURE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            LATEST.set(PANICS.note(info));
            before(info);
        }));
    });
    true
}

/// Lets every reading of the metrics have the panics in it.
pub(crate) fn export(registry: &Registry) {
    let metric = registry.counter("seaworthy.panics", "{panic}", "Panics of the process.");
    registry.before_reading(move || {
        for (attributes, count) in PANICS.read() {
            metric.series(attributes).advance_to(count);
        }
    });
}

/// Forgets where this thread has panicked, so that no later panic is taken for that one.
pub(crate) fn forget_latest() {
    LATEST.set(None);
}

/// Logs a panic that was caught, with the place where this thread has panicked since it was [forgotten](forget_latest): none
/// of a panic that was only passed on. Does nothing where panics are not captured.
pub(crate) fn tell(payload: &(dyn Any + Send)) {
    if !CAPTURE.is_completed() {
        return;
    }
    let place = LATEST.take();
    let (file, line) = (place.map(|place| &*place.file), place.map(|place| place.line));
    tracing::error!(
        target: "seaworthy",
        { exception.type = "panic", code.file.path = file, code.line.number = line },
        "{}",
        message(payload)
    );
}

fn message(payload: &(dyn Any + Send)) -> &str {
    let owned = || payload.downcast_ref::<String>().map(String::as_str);
    let text = payload.downcast_ref::<&str>().copied().or_else(owned).unwrap_or("a panic without a text");
    text.char_indices().nth(MOST_CHARACTERS).map_or(text, |(end, _)| &text[..end])
}

/// How many panics there were. Only ever grows, to a bound.
struct Panics {
    /// Filled from the front.
    places: [OnceLock<Place>; MOST_PLACES],
    elsewhere: AtomicU64,
}

struct Place {
    file: Box<str>,
    line: u32,
    count: AtomicU64,
}

impl Panics {
    const fn new() -> Self {
        Self { places: [const { OnceLock::new() }; MOST_PLACES], elsewhere: AtomicU64::new(0) }
    }

    fn note(&self, info: &PanicHookInfo<'_>) -> Option<&Place> {
        let place = info.location().and_then(|location| self.place(location.file(), location.line()));
        place.map_or(&self.elsewhere, |place| &place.count).fetch_add(1, Relaxed);
        place
    }

    /// The place, which is remembered while there is room.
    fn place(&self, file: &str, line: u32) -> Option<&Place> {
        let new = || Place { file: file.into(), line, count: AtomicU64::new(0) };
        // What is free is taken. That another thread takes it just then is seen by what it holds.
        let mut places = self.places.iter().map(|place| place.get_or_init(new));
        places.find(|place| place.line == line && *place.file == *file)
    }

    fn read(&self) -> Vec<(Attributes, u64)> {
        let places = self.places.iter().map_while(OnceLock::get).map(|place| {
            let attributes = Attributes::default()
                .with("code.file.path", String::from(&*place.file))
                .with("code.line.number", i64::from(place.line));
            (attributes, place.count.load(Relaxed))
        });
        let elsewhere = (Attributes::default(), self.elsewhere.load(Relaxed));
        places.chain([elsewhere]).filter(|(_, count)| *count > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Barrier},
        time::SystemTime,
    };

    use super::*;

    impl Panics {
        fn count(&self, file: &str, line: u32) {
            self.place(file, line).map_or(&self.elsewhere, |place| &place.count).fetch_add(1, Relaxed);
        }
    }

    fn counts(panics: &Panics) -> Vec<u64> {
        panics.read().into_iter().map(|(_, count)| count).collect()
    }

    #[test]
    fn places_are_told_apart_and_bounded() {
        let panics = Panics::new();
        for (file, line) in [("a.rs", 1), ("a.rs", 2), ("b.rs", 1), ("a.rs", 1)] {
            panics.count(file, line);
        }
        assert_eq!(counts(&panics), [2, 1, 1]);
        for line in 10..1_000 {
            panics.count("generated.rs", line);
        }
        let all = counts(&panics);
        assert_eq!((all.len(), all.iter().sum::<u64>()), (MOST_PLACES + 1, 4 + 990));
    }

    #[test]
    fn of_many_at_once_none_is_missed() {
        let (panics, barrier) = (Panics::new(), Barrier::new(8));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    barrier.wait();
                    (0..40).for_each(|line| panics.count("a.rs", line));
                });
            }
        });
        assert_eq!(counts(&panics), [8; 40]);
    }

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
    fn a_message_is_a_text_of_bounded_length() {
        let long = "é".repeat(MOST_CHARACTERS);
        for (payload, expected) in [
            (Box::new("short") as Box<dyn Any + Send>, "short"),
            (Box::new("owned".to_owned()), "owned"),
            (Box::new(format!("{long}é")), long.as_str()),
            (Box::new(7), "a panic without a text"),
        ] {
            assert_eq!(message(&*payload), expected);
        }
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

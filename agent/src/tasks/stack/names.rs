//! Names for the addresses of stacks, without what the tracking itself puts there.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use super::capture;
use crate::{
    pprof::{Symbol, Symbols},
    tasks::{task, tracked, waker},
};

/// How long names are looked for. Addresses that come later stay without.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ours. Where a function was inlined, debug information may tell its file but not its module.
const OWN_FILES: [&str; 4] = [capture::FILE, task::FILE, tracked::FILE, waker::FILE];
const OWN_FUNCTIONS: [&str; 4] = [
    "seaworthy_agent::tasks::stack::capture::",
    "seaworthy_agent::tasks::task::",
    "seaworthy_agent::tasks::tracked::",
    "seaworthy_agent::tasks::waker::",
];
/// `Pin<P>`, `Box<F>`, `&mut F`, `PollFn<F>`, `FnOnce::call_once` and what catches panics.
const PASSED_THROUGH: [&str; 6] = [
    "__rust_try",
    "alloc::boxed::Box",
    "core::",
    "mut F as core::future",
    "std::panic::",
    "std::panicking::",
];
const PASSED_THROUGH_FILES: [&str; 3] =
    ["/library/alloc/src/boxed.rs", "/library/core/src/", "/library/std/src/panic"];
/// How a waker is cloned.
const WAKER_FILE: &str = "core/src/task/wake.rs";
const WAKER_FUNCTION: &str = "core::task::wake::";

/// One frame of a stack.
#[derive(Clone, Debug)]
pub(in crate::tasks) struct Frame {
    /// To which the call returns.
    pub(in crate::tasks) address: usize,
    /// The function, after those that were inlined into it; none where they are not known.
    pub(in crate::tasks) symbols: Arc<[Symbol]>,
    /// Whether some of the functions are left out.
    pub(in crate::tasks) is_cut: bool,
}

/// Finds names. Reads files: not for a thread of a runtime.
pub(in crate::tasks) struct Names {
    symbols: Symbols,
    known: HashMap<usize, Arc<[Symbol]>>,
    until: Instant,
}

impl Names {
    pub(in crate::tasks) fn new() -> Self {
        let symbols = Symbols::of_this_process();
        Self { symbols, known: HashMap::new(), until: Instant::now() + PATIENCE }
    }

    /// The frames of a stack that are of the task, the innermost first. One that `runs` was not asked: its stack does not begin with
    /// the answer.
    pub(in crate::tasks) fn of(&mut self, addresses: &[usize], runs: bool) -> Vec<Frame> {
        let frames = addresses.iter().map(|address| Frame {
            address: *address,
            symbols: self.at(*address),
            is_cut: false,
        });
        let frames = frames.collect();
        told(if runs { own_left_out(frames) } else { trimmed(frames) })
    }

    fn at(&mut self, address: usize) -> Arc<[Symbol]> {
        if let Some(known) = self.known.get(&address) {
            return Arc::clone(known);
        }
        if Instant::now() > self.until {
            return Arc::default();
        }
        // Within the call, which may be the last of its function.
        let found: Arc<[Symbol]> = self.symbols.at(address.saturating_sub(1) as u64).into();
        self.known.insert(address, Arc::clone(&found));
        found
    }
}

/// Without our frames, what they call to look at the stack, which comes before them, and those of cloning a waker, which
/// come next.
fn trimmed(frames: Vec<Frame>) -> Vec<Frame> {
    let has = |is: fn(&Symbol) -> bool| move |frame: &Frame| frame.symbols.iter().any(is);
    let head = frames.iter().position(has(is_of_own_waker)).unwrap_or_default();
    let mut frames = own_left_out(frames.into_iter().skip(head));
    let clones = frames.iter().take_while(|frame| has(is_of_waker)(frame)).count();
    let rest = frames.split_off(clones);
    frames.into_iter().filter_map(|frame| without(frame, is_of_waker)).chain(rest).collect()
}

fn own_left_out(frames: impl IntoIterator<Item = Frame>) -> Vec<Frame> {
    frames.into_iter().filter_map(|frame| without(frame, is_own)).collect()
}

/// Without functions that do nothing but call the next; all of them where there is nothing else.
fn told(frames: Vec<Frame>) -> Vec<Frame> {
    let told: Vec<_> = frames.iter().cloned().filter_map(|frame| without(frame, is_passed_through)).collect();
    if told.is_empty() { frames } else { told }
}

/// None where nothing is left.
fn without(frame: Frame, is: fn(&Symbol) -> bool) -> Option<Frame> {
    if !frame.symbols.iter().any(is) {
        return Some(frame);
    }
    let symbols: Arc<[Symbol]> = frame.symbols.iter().filter(|symbol| !is(symbol)).cloned().collect();
    (!symbols.is_empty()).then_some(Frame { symbols, is_cut: true, ..frame })
}

fn is_passed_through(symbol: &Symbol) -> bool {
    let function = symbol.function.trim_start_matches(['<', '&']);
    PASSED_THROUGH.iter().any(|start| function.starts_with(start))
        || PASSED_THROUGH_FILES.iter().any(|part| symbol.file.contains(part))
}

fn is_own(symbol: &Symbol) -> bool {
    let function = symbol.function.trim_start_matches('<');
    OWN_FUNCTIONS.iter().any(|own| function.starts_with(own))
        || OWN_FILES.iter().any(|own| symbol.file.ends_with(own))
}

fn is_of_own_waker(symbol: &Symbol) -> bool {
    symbol.function.starts_with("seaworthy_agent::tasks::waker::") || symbol.file.ends_with(waker::FILE)
}

fn is_of_waker(symbol: &Symbol) -> bool {
    symbol.function.trim_start_matches('<').starts_with(WAKER_FUNCTION) || symbol.file.ends_with(WAKER_FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(functions: &[(&str, &str)]) -> Frame {
        let symbol = |(function, file): &(&str, &str)| Symbol {
            function: (*function).to_owned(),
            file: (*file).to_owned(),
            ..Symbol::default()
        };
        Frame { address: 1, symbols: functions.iter().map(symbol).collect(), is_cut: false }
    }

    fn functions(frames: &[Frame]) -> Vec<(&str, bool)> {
        let pairs = frames.iter().flat_map(|frame| frame.symbols.iter().map(|symbol| (symbol, frame.is_cut)));
        pairs.map(|(symbol, is_cut)| (symbol.function.as_str(), is_cut)).collect()
    }

    #[test]
    fn what_is_left_is_of_the_task() {
        let frames = vec![
            frame(&[("backtrace::trace", "")]),
            frame(&[("note", capture::FILE), ("watched_clone", waker::FILE)]),
            frame(&[("<core::task::wake::Waker as core::clone::Clone>::clone", ""), ("tokio::register", "")]),
            frame(&[("tokio::sleep", "")]),
            frame(&[("<core::pin::Pin<P> as core::future::future::Future>::poll", "")]),
            frame(&[("shop::brew::{{closure}}", "shop.rs")]),
            frame(&[("<seaworthy_agent::tasks::tracked::Tracked<F> as Future>::poll", "")]),
            frame(&[("poll<shop::brew::{async_fn_env#0}>", "/rustc/1/library/core/src/future/poll_fn.rs")]),
        ];
        let left = told(trimmed(frames));
        let expected =
            [("tokio::register", true), ("tokio::sleep", false), ("shop::brew::{{closure}}", false)];
        assert_eq!(functions(&left), expected);
    }

    #[test]
    fn without_names_all_addresses_are_left() {
        let frames = vec![frame(&[]), frame(&[])];
        assert_eq!(told(trimmed(frames)).len(), 2);
        let only_passed_through = vec![frame(&[("core::future::ready", "")])];
        assert_eq!(told(only_passed_through).len(), 1);
    }
}

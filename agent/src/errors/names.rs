//! The stack of an error as a text.

use std::{collections::HashMap, fmt::Write, sync::Arc};

use super::Report;
use crate::pprof::{Symbol, Symbols};

/// Stacks whose text is remembered: the same error comes again.
const REMEMBERED: usize = 256;
/// Bytes of a text.
const LONGEST: usize = 32 << 10;

/// What raises a panic. The frames before it are those of the hook.
const RAISES: [&str; 4] =
    ["rust_begin_unwind", "begin_panic", "__rust_end_short_backtrace", "rust_panic_with_hook"];
/// What the standard library calls to panic.
const MACHINERY: [&str; 7] = [
    "core::cell::panic_already",
    "core::option::",
    "core::panicking::",
    "core::result::unwrap_failed",
    "core::slice::index::slice_",
    "core::str::slice_error_fail",
    "std::panicking::",
];
/// The same where it was inlined: debug information may tell its file but not its module.
const MACHINERY_FILES: [&str; 6] = [
    "/library/core/src/cell.rs",
    "/library/core/src/option.rs",
    "/library/core/src/panicking.rs",
    "/library/core/src/result.rs",
    "/library/core/src/slice/index.rs",
    "/library/std/src/panicking.rs",
];
/// Ours, and what we call.
const OWN: [&str; 5] = [
    "backtrace::",
    "seaworthy_agent::errors::<impl",
    "seaworthy_agent::errors::capture",
    "seaworthy_agent::errors::report::",
    "seaworthy_agent::heap::capture::",
];
/// Outside of it is what starts a thread.
const OUTERMOST: &str = "__rust_begin_short_backtrace";

/// Finds the text of stacks. Reads files: not for a thread of a runtime.
#[derive(Default)]
pub(crate) struct Names {
    texts: HashMap<Box<[usize]>, Arc<str>>,
}

struct Frame {
    symbols: Vec<Symbol>,
    /// Where it is, if its function is not known: `reception+0x1f2c3`.
    place: String,
}

impl Names {
    /// In the form of the standard library's. `symbols` is made where one is needed.
    pub(crate) fn text(&mut self, stack: &[usize], symbols: &mut Option<Symbols>) -> Arc<str> {
        if let Some(known) = self.texts.get(stack) {
            return known.clone();
        }
        let symbols = symbols.get_or_insert_with(Symbols::of_this_process);
        let frames = stack.iter().map(|address| frame(symbols, *address)).collect();
        let text: Arc<str> = written(&trimmed(frames)).into();
        if self.texts.len() >= REMEMBERED {
            self.texts.clear();
        }
        self.texts.insert(stack.into(), text.clone());
        text
    }
}

/// Every call by its place alone. Takes no time to speak of.
pub(crate) fn without_names(reports: Vec<Arc<Report>>) -> Vec<(Arc<Report>, Arc<str>)> {
    let mut symbols = Symbols::of_this_process();
    let text = |report: Arc<Report>| {
        let place = |address: &usize| place(&mut symbols, address.saturating_sub(1) as u64);
        let frames = report.stack.iter().map(place).map(|place| Frame { symbols: Vec::new(), place });
        let text = written(&frames.collect::<Vec<_>>()).into();
        (report, text)
    };
    reports.into_iter().map(text).collect()
}

fn frame(symbols: &mut Symbols, address: usize) -> Frame {
    // Within the call, which may be the last of its function.
    let address = address.saturating_sub(1) as u64;
    let found = symbols.at(address);
    let place = if found.is_empty() { place(symbols, address) } else { String::new() };
    Frame { symbols: found, place }
}

/// The same in every process of a build, wherever that lies in memory.
fn place(symbols: &mut Symbols, address: u64) -> String {
    let number = symbols.mapping_of(address);
    let Some((mapping, Some(image))) = number.and_then(|number| symbols.mapping(number)) else {
        return "<unknown>".to_owned();
    };
    let file = mapping.name.rsplit('/').next().unwrap_or_default();
    format!("{file}+{:#x}", address.wrapping_sub(image.bias))
}

/// Without the frames of capturing and panicking, and those that start a thread.
fn trimmed(mut frames: Vec<Frame>) -> Vec<Frame> {
    if let Some(end) = frames.iter().position(|frame| frame.is(|name| name.contains(OUTERMOST))) {
        frames.truncate(end);
    }
    let begin = frames.iter().position(|frame| frame.is(raises)).unwrap_or_default();
    let mut kept: Vec<_> = frames.drain(begin..).skip_while(Frame::is_machinery).collect();
    // What was inlined into the function that is at fault.
    if let Some(first) = kept.first_mut() {
        let inlined = first.symbols.iter().take_while(|symbol| is_machinery(symbol)).count();
        first.symbols.drain(..inlined);
    }
    if kept.is_empty() { frames } else { kept }
}

fn raises(name: &str) -> bool {
    RAISES.iter().any(|part| name.contains(part))
}

fn is_machinery(symbol: &Symbol) -> bool {
    let name = symbol.function.trim_start_matches('<');
    raises(name)
        || MACHINERY.iter().chain(&OWN).any(|part| name.starts_with(part))
        || MACHINERY_FILES.iter().any(|file| symbol.file.ends_with(file))
}

impl Frame {
    fn is(&self, is: impl Fn(&str) -> bool) -> bool {
        self.symbols.iter().any(|symbol| is(&symbol.function))
    }

    fn is_machinery(&self) -> bool {
        self.is(raises) || !self.symbols.is_empty() && self.symbols.iter().all(is_machinery)
    }
}

fn written(frames: &[Frame]) -> String {
    let mut text = String::new();
    for (number, frame) in frames.iter().enumerate() {
        if frame.symbols.is_empty() {
            let _ = writeln!(text, "{number:4}: {}", frame.place);
        }
        for (inlined, symbol) in frame.symbols.iter().enumerate() {
            let _ = match inlined {
                0 => writeln!(text, "{number:4}: {}", symbol.function),
                _ => writeln!(text, "      {}", symbol.function),
            };
            if !symbol.file.is_empty() {
                let _ = writeln!(text, "             at {}:{}", symbol.file, symbol.line);
            }
        }
        if text.len() > LONGEST {
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(functions: &[&str]) -> Frame {
        let symbol = |function: &&str| Symbol { function: (*function).to_owned(), ..Symbol::default() };
        Frame { symbols: functions.iter().map(symbol).collect(), place: "shop+0x10".to_owned() }
    }

    fn of(functions: &[&str]) -> String {
        written(&trimmed(functions.iter().map(|function| frame(&[function])).collect()))
    }

    #[test]
    fn a_panic_begins_where_it_was_called_for() {
        let text = of(&[
            "seaworthy_agent::heap::capture::stack",
            "seaworthy_agent::observed::panics::capture::{{closure}}",
            "std::panicking::rust_panic_with_hook",
            "std::panicking::begin_panic_handler::{{closure}}",
            "std::sys::backtrace::__rust_end_short_backtrace",
            "__rustc::rust_begin_unwind",
            "core::panicking::panic_fmt",
            "core::option::unwrap_failed",
            "shop::brew",
            "std::panicking::catch_unwind",
            "shop::main",
            "std::sys::backtrace::__rust_begin_short_backtrace",
            "main",
        ]);
        insta::assert_snapshot!(text, @r"
        0: shop::brew
        1: std::panicking::catch_unwind
        2: shop::main
        ");
    }

    #[test]
    fn what_is_inlined_into_the_function_at_fault_does_not_hide_it() {
        let frames = vec![
            frame(&["__rustc::rust_begin_unwind"]),
            frame(&["core::option::Option<T>::unwrap", "shop::Till::take", "shop::brew"]),
            frame(&["shop::main"]),
        ];
        insta::assert_snapshot!(written(&trimmed(frames)), @r"
        0: shop::Till::take
           shop::brew
        1: shop::main
        ");
    }

    #[test]
    fn an_error_begins_at_who_captured_it() {
        let text = of(&[
            "seaworthy_agent::errors::report::stack",
            "seaworthy_agent::errors::capture",
            "<shop::Till as shop::Desk>::take",
        ]);
        insta::assert_snapshot!(text, @"0: <shop::Till as shop::Desk>::take");
    }

    #[test]
    fn without_names_every_frame_is_told_by_its_place() {
        let text = written(&trimmed(vec![frame(&[]), frame(&["shop::brew", "shop::main"])]));
        insta::assert_snapshot!(text, @r"
        0: shop+0x10
        1: shop::brew
           shop::main
        ");
    }

    #[test]
    fn the_stack_of_this_process_has_names() {
        let mut frames = [0; 64];
        let length = crate::heap::stack(&mut frames);
        let (mut names, mut symbols) = (Names::default(), None);
        let text = names.text(&frames[..length], &mut symbols);
        assert!(text.contains("the_stack_of_this_process_has_names"), "{text}");
        assert!(text.contains("errors/names.rs:"), "{text}");
        let mut none = None;
        assert_eq!(names.text(&frames[..length], &mut none), text);
        assert!(none.is_none(), "what is known is not looked up again");
    }
}

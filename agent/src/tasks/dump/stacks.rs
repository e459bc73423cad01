//! Stacks as text.

use std::{collections::HashMap, fmt::Write, rc::Rc, sync::Arc};

use super::{Asked, Seen, State};
use crate::tasks::{
    slow_polls::SLOW,
    stack::{Frame, Names, SUPPORTED, Stacks},
};

/// The stacks of tasks as text. Most are the same as others, so each is put into words once.
pub(super) struct StackTexts<'a> {
    asked: &'a Asked,
    are_wanted: bool,
    names: Option<Names>,
    texts: HashMap<*const Stacks, Rc<str>>,
}

impl<'a> StackTexts<'a> {
    pub(super) fn new(asked: &'a Asked, are_wanted: bool) -> Self {
        Self { asked, are_wanted, names: None, texts: HashMap::new() }
    }

    pub(super) fn asked(&self) -> &'a Asked {
        self.asked
    }

    /// Where a task is suspended or runs, or why that is not known. Empty where nobody wants to know, or nobody could.
    pub(super) fn of(&mut self, seen: &Seen) -> Rc<str> {
        let runs = seen.doings.state == State::Running;
        match self.asked.of(&seen.task) {
            Some(stacks) => self.text(stacks, runs),
            None if !self.are_wanted => "".into(),
            None if runs && seen.doings.since.as_nanos() < u128::from(SLOW) => "".into(),
            None if runs => match &self.asked.running_unknown {
                Some(why) => format!("  where it runs is not known: {why}\n").into(),
                None => "  has not told where it runs: the poll ended, or its thread did not answer\n".into(),
            },
            None if seen.doings.polls == 0 => "".into(),
            None if !SUPPORTED => "  stacks are not captured on this platform\n".into(),
            None => "  has not told where it waits: it ended, or its thread is busy\n".into(),
        }
    }

    fn text(&mut self, stacks: &Arc<Stacks>, runs: bool) -> Rc<str> {
        if let Some(text) = self.texts.get(&Arc::as_ptr(stacks)) {
            return Rc::clone(text);
        }
        let text: Rc<str> = written(stacks, runs, self.names.get_or_insert_with(Names::new)).into();
        self.texts.insert(Arc::as_ptr(stacks), Rc::clone(&text));
        text
    }
}

fn written(stacks: &Stacks, runs: bool, names: &mut Names) -> String {
    let mut text = String::new();
    for (number, addresses) in stacks.iter().enumerate() {
        text.push_str(match number {
            0 if runs => "  runs at\n",
            0 => "  waits at\n",
            _ => "  and at\n",
        });
        names.of(addresses, runs).iter().for_each(|frame| write_frame(&mut text, frame));
    }
    if stacks.left_out > 0 {
        let _ = writeln!(text, "  and at {} more", stacks.left_out);
    }
    if text.is_empty() {
        text.push_str("  left no waker anywhere when it was polled: nothing new will wake it\n");
    }
    text
}

fn write_frame(text: &mut String, frame: &Frame) {
    if frame.symbols.is_empty() {
        let _ = writeln!(text, "    {:#x}", frame.address);
    }
    for symbol in frame.symbols.iter() {
        let _ = writeln!(text, "    {}", symbol.function);
        if !symbol.file.is_empty() {
            let _ = writeln!(text, "      {}:{}", shortened(&symbol.file), symbol.line);
        }
    }
}

/// From the crate on, for files of crates and of the standard library: where those lie on a machine tells nothing.
fn shortened(file: &str) -> &str {
    let of_crate = || file.split_once("/registry/src/")?.1.split_once('/').map(|(_, rest)| rest);
    let of_library = || file.strip_prefix("/rustc/")?.split_once('/').map(|(_, rest)| rest);
    of_crate().or_else(of_library).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_crates_are_named_from_the_crate_on() {
        for (file, expected) in [
            (
                "/home/ines/.cargo/registry/src/index.crates.io-1949/axum-0.8.9/src/lib.rs",
                "axum-0.8.9/src/lib.rs",
            ),
            ("/rustc/5980761/library/std/src/thread/mod.rs", "library/std/src/thread/mod.rs"),
            ("/home/ines/reception/src/till.rs", "/home/ines/reception/src/till.rs"),
            ("src/till.rs", "src/till.rs"),
        ] {
            assert_eq!(shortened(file), expected);
        }
    }
}

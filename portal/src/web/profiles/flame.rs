//! Frames as a picture: each a link that zooms in.

use leptos::prelude::*;

use crate::profiles::Code;

/// Height of a frame, with the line below it.
const ROW: usize = 24;

/// A frame as it is drawn.
pub(super) struct Drawn {
    pub(super) href: String,
    pub(super) name: String,
    /// What is told of it, below its name.
    pub(super) told: String,
    pub(super) class: String,
    pub(super) depth: usize,
    /// From 0 to 1.
    pub(super) left: f64,
    pub(super) width: f64,
    pub(super) found: bool,
}

/// The class of a frame by whose code it is. Every other row is a bit lighter.
pub(super) fn class(code: Code, depth: usize) -> String {
    let own = match code {
        Code::Own => "f-own",
        Code::Dependency => "f-dep",
        Code::Standard => "f-std",
        Code::Runtime => "f-rt",
    };
    if depth % 2 == 1 { format!("{own} alt") } else { own.to_owned() }
}

/// The picture. `sentence` says in words what it shows.
pub(super) fn picture(frames: Vec<Drawn>, depth: usize, sentence: String) -> impl IntoView {
    let frames: Vec<_> = frames.into_iter().map(frame).collect();
    view! {
        <div class="flame-scroll" role="region" aria-label="Flame graph" tabindex="0">
            <svg class="flame" height=(depth * ROW).to_string() role="group" aria-label=sentence>{frames}</svg>
        </div>
    }
}

fn frame(frame: Drawn) -> impl IntoView {
    let share = |part: f64| format!("{}%", (part * 1e6).round() / 1e4);
    let (x, width, y) = (share(frame.left), share(frame.width), (frame.depth * ROW).to_string());
    let label = format!("{}, {}", frame.name, frame.told);
    let title = format!("{}\n{}", frame.name, frame.told);
    // Narrower, no letter would be seen.
    let text = (frame.width > 0.012).then(|| {
        view! {
            <svg x=x.clone() y=y.clone() width=width.clone() height="23"><text x="6" y="16">{short(&frame.name)}</text></svg>
        }
    });
    view! {
        <a href=frame.href class=frame.found.then_some("found") aria-label=label data-name=frame.name data-depth=frame.depth.to_string()>
            <title>{title}</title>
            <rect class=frame.class x=x y=y width=width height="23" rx="2"/>
            {text}
        </a>
    }
}

/// A name without what generics and closures add to it: the whole one is told when the frame is pointed at.
pub(super) fn short(name: &str) -> String {
    let (mut short, mut depth) = (String::new(), 0_usize);
    let mut before = ' ';
    for (index, letter) in name.char_indices() {
        match letter {
            '<' if index > 0 && before != ' ' => depth += 1,
            // The arrow of a function's type is no bracket.
            '>' if depth > 0 && before != '-' => depth -= 1,
            _ if depth == 0 => short.push(letter),
            _ => {}
        }
        before = letter;
    }
    let plain = short.replace("::{{closure}}", "").replace("::::", "::");
    plain.trim_end_matches("::").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_without_what_hides_them() {
        for (name, expected) in [
            ("reception::orders::create::{{closure}}", "reception::orders::create"),
            ("alloc::vec::Vec<T,A>::push", "alloc::vec::Vec::push"),
            (
                "tokio::runtime::task::core::Core<T,S>::poll::{{closure}}",
                "tokio::runtime::task::core::Core::poll",
            ),
            ("core::ops::function::FnOnce::call_once", "core::ops::function::FnOnce::call_once"),
            (
                "<alloc::vec::Vec<T> as core::iter::Extend<T>>::extend",
                "<alloc::vec::Vec as core::iter::Extend>::extend",
            ),
            ("call<fn(u8) -> u8>", "call"),
            ("__libc_start_main", "__libc_start_main"),
        ] {
            assert_eq!(short(name), expected);
        }
    }
}

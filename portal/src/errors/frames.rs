//! Frames in the texts of stacks: of Rust, Python, the JVM, JavaScript, Go, .NET and Ruby.

use serde::Serialize;
use utoipa::ToSchema;

/// Frames that are read of a stack. A recursion that ran out of stack has thousands.
const MOST: usize = 400;

/// One call in a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Frame {
    /// The function, as the language writes it; empty where unknown.
    pub(crate) function: String,
    /// The file, empty where unknown.
    pub(crate) file: String,
    /// The line in it.
    pub(crate) line: Option<u32>,
    /// Whether it is of the service itself, as far as names tell: neither of a library nor of the language.
    pub(crate) own: bool,
}

/// The frames of a stack, the innermost first; none where the text is no stack that is known.
pub(crate) fn frames(stack: &str) -> Vec<Frame> {
    let mut frames = if is_python(stack) {
        python(stack)
    } else if is_rust(stack) {
        rust(stack)
    } else if stack.lines().any(|line| line.starts_with('\t') && line.contains(".go:")) {
        go(stack)
    } else {
        at_lines(stack)
    };
    frames.dedup();
    frames.truncate(MOST);
    for frame in &mut frames {
        frame.own = !is_library(frame);
    }
    frames
}

fn is_python(stack: &str) -> bool {
    stack.lines().any(|line| line.trim_start().starts_with("File \"") && line.contains(", line "))
}

/// The outermost exception is told last, and its innermost frame last of all.
fn python(stack: &str) -> Vec<Frame> {
    let last = stack.rfind("Traceback (most recent call last)").unwrap_or_default();
    let frame = |line: &str| {
        let (file, rest) = line.trim().strip_prefix("File \"")?.split_once("\", line ")?;
        let (number, function) = rest.split_once(", in ").unwrap_or((rest, ""));
        Some(Frame {
            function: function.trim().to_owned(),
            file: file.to_owned(),
            line: number.trim().parse().ok(),
            own: false,
        })
    };
    let mut frames: Vec<Frame> = stack[last..].lines().filter_map(frame).collect();
    frames.reverse();
    frames
}

fn is_rust(stack: &str) -> bool {
    stack.lines().any(|line| numbered(line).is_some())
}

/// `  12: shop::brew`
fn numbered(line: &str) -> Option<&str> {
    let (number, function) = line.trim_start().split_once(": ")?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then(|| function.trim())
}

/// A frame, and what was inlined into it, each with `at file:line:column` below.
fn rust(stack: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in stack.lines() {
        let trimmed = line.trim();
        if let Some(place) = trimmed.strip_prefix("at ") {
            if let Some(frame) = frames.last_mut() {
                (frame.file, frame.line) = place_of(place);
            }
        } else if let Some(function) = numbered(line) {
            // `0x55d0a1b2c3d4 - shop::brew`, in the long form.
            let function = match function.split_once(" - ") {
                Some((address, function)) if address.trim_start().starts_with("0x") => function,
                _ => function,
            };
            frames.push(Frame { function: without_hash(function.trim()).to_owned(), ..Frame::default() });
        } else if !frames.is_empty() && line.starts_with("      ") && !trimmed.is_empty() {
            frames.push(Frame { function: trimmed.to_owned(), ..Frame::default() });
        }
    }
    frames
}

/// `shop::brew`, of `shop::brew::h0123456789abcdef`.
fn without_hash(function: &str) -> &str {
    match function.rsplit_once("::h") {
        Some((before, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            before
        }
        _ => function,
    }
}

/// A line with the function, and one below with its place.
fn go(stack: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    let mut function = "";
    for line in stack.lines() {
        match line.strip_prefix('\t') {
            Some(place) => {
                let place = place.split_once(" +0x").map_or(place, |(place, _)| place);
                let (file, line) = place_of(place);
                let function = function.strip_prefix("created by ").unwrap_or(function);
                // Without its arguments, which are addresses.
                let name = function.rfind('(').map_or(function, |at| &function[..at]);
                frames.push(Frame { function: name.to_owned(), file, line, own: false });
            }
            None => function = line.trim(),
        }
    }
    frames.retain(|frame| !frame.function.is_empty());
    frames
}

/// Lines that begin with `at`, as on the JVM, in JavaScript and .NET, or with `from`, as in Ruby. What caused the rest is told
/// last on the JVM.
fn at_lines(stack: &str) -> Vec<Frame> {
    let cause = stack.rfind("\nCaused by: ").unwrap_or_default();
    let frames: Vec<Frame> = stack[cause..].lines().filter_map(at_line).collect();
    if frames.is_empty() { stack.lines().filter_map(at_line).collect() } else { frames }
}

fn at_line(line: &str) -> Option<Frame> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix("from ") {
        let (place, function) = rest.split_once(":in ")?;
        let (file, line) = place_of(place);
        return Some(Frame {
            function: function.trim_matches(['`', '\'']).to_owned(),
            file,
            line,
            own: false,
        });
    }
    let rest = line.strip_prefix("at ")?;
    if let Some((function, place)) = rest.split_once(" in ")
        && let Some((file, number)) = place.rsplit_once(":line ")
    {
        let name = function.find('(').map_or(function, |at| &function[..at]);
        return Some(Frame {
            function: name.to_owned(),
            file: file.to_owned(),
            line: number.parse().ok(),
            own: false,
        });
    }
    match rest.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
        Some((function, place)) => {
            let (file, line) = place_of(place);
            Some(Frame { function: function.trim().to_owned(), file, line, own: false })
        }
        // JavaScript has no more than a place for a function without a name.
        None => {
            let (file, line) = place_of(rest);
            line.map(|line| Frame { function: String::new(), file, line: Some(line), own: false })
        }
    }
}

/// `file:line` or `file:line:column`.
fn place_of(place: &str) -> (String, Option<u32>) {
    let number = |text: &str| text.parse::<u32>().ok();
    let Some((before, last)) = place.rsplit_once(':') else { return (place.to_owned(), None) };
    let Some(last) = number(last) else { return (place.to_owned(), None) };
    match before.rsplit_once(':').and_then(|(file, line)| Some((file, number(line)?))) {
        Some((file, line)) => (file.to_owned(), Some(line)),
        None => (before.to_owned(), Some(last)),
    }
}

/// Whose code lies in such places.
const LIBRARY_PLACES: [&str; 16] = [
    "/.cargo/registry/",
    "/.cargo/git/",
    "/rustc/",
    "/library/std/",
    "/library/core/",
    "/library/alloc/",
    "site-packages/",
    "dist-packages/",
    "/lib/python3",
    "<frozen ",
    "node_modules/",
    "node:",
    "/usr/local/go/src/",
    "/pkg/mod/",
    "/gems/",
    "/lib/ruby/",
];

/// Whose functions are called such.
const LIBRARY_FUNCTIONS: [&str; 36] = [
    "std::",
    "core::",
    "alloc::",
    "tokio::",
    "hyper::",
    "hyper_util::",
    "axum::",
    "tower::",
    "futures_util::",
    "futures_core::",
    "tracing::",
    "seaworthy_agent::",
    "__rust",
    "_start",
    "__libc_",
    "clone3",
    "start_thread",
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "com.sun.",
    "jakarta.",
    "kotlin.",
    "kotlinx.",
    "scala.",
    "org.springframework.",
    "org.apache.",
    "org.eclipse.jetty.",
    "org.hibernate.",
    "io.netty.",
    "reactor.",
    "System.",
    "Microsoft.",
    "runtime.",
    "net/http.",
];

fn is_library(frame: &Frame) -> bool {
    // `<T as core::Trait>::call` is of whoever T is; `<core::…>` is of the library.
    let function = frame.function.trim_start_matches(['<', '&']);
    LIBRARY_PLACES.iter().any(|place| frame.file.contains(place))
        || LIBRARY_FUNCTIONS.iter().any(|name| function.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(stack: &str) -> Vec<String> {
        let line = |frame: &Frame| {
            let place = match frame.line {
                Some(line) => format!("{}:{line}", frame.file),
                None => frame.file.clone(),
            };
            format!("{} {} {place}", if frame.own { "own" } else { "lib" }, frame.function)
        };
        frames(stack).iter().map(line).collect()
    }

    const RUST: &str = "   0: core::option::unwrap_failed\n             at /rustc/5980/library/core/src/option.rs:2040:5\n   1: shop::brew::grind\n             at ./src/brew.rs:17:9\n      shop::brew::pour\n             at ./src/brew.rs:30:5\n   2: <tokio::task::Task as core::future::Future>::poll\n             at /root/.cargo/registry/src/index/tokio-1.54.1/src/task.rs:10:1\n   3: reception+0x1f2c3\n";
    const PYTHON: &str = "Traceback (most recent call last):\n  File \"/app/shop.py\", line 3, in look_up\n    return beans[kind]\nKeyError: 'oat'\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"/usr/lib/python3.12/site-packages/flask/app.py\", line 880, in full_dispatch_request\n    rv = self.dispatch_request()\n  File \"/app/shop.py\", line 12, in order\n    raise NoMilk(kind)\n    ~~~~~~\nNoMilk: oat\n";
    const JAVA: &str = "com.shop.OrderFailed: order 17\n\tat com.shop.Orders.take(Orders.java:41)\n\tat java.base/java.lang.Thread.run(Thread.java:840)\nCaused by: java.lang.NullPointerException: milk\n\tat com.shop.Fridge.milk(Fridge.java:7)\n\tat org.springframework.aop.Proxy.invoke(Proxy.java:12)\n\t... 12 more\n";

    #[test]
    fn stacks_of_many_languages_are_read() {
        let cases: [(&str, &[&str]); 9] = [
            (
                RUST,
                &[
                    "lib core::option::unwrap_failed /rustc/5980/library/core/src/option.rs:2040",
                    "own shop::brew::grind ./src/brew.rs:17",
                    "own shop::brew::pour ./src/brew.rs:30",
                    "lib <tokio::task::Task as core::future::Future>::poll /root/.cargo/registry/src/index/tokio-1.54.1/src/task.rs:10",
                    "own reception+0x1f2c3 ",
                ],
            ),
            ("   0: shop::brew::h0123456789abcdef\n", &["own shop::brew "]),
            (
                PYTHON,
                &[
                    "own order /app/shop.py:12",
                    "lib full_dispatch_request /usr/lib/python3.12/site-packages/flask/app.py:880",
                ],
            ),
            (
                JAVA,
                &[
                    "own com.shop.Fridge.milk Fridge.java:7",
                    "lib org.springframework.aop.Proxy.invoke Proxy.java:12",
                ],
            ),
            (
                "TypeError: x is undefined\n    at brew (/app/brew.js:10:5)\n    at /app/shop.js:3:4\n    at process.emit (node:events:514:28)",
                &["own brew /app/brew.js:10", "own  /app/shop.js:3", "lib process.emit node:events:514"],
            ),
            (
                "goroutine 1 [running]:\nmain.brew(0xc000012345)\n\t/src/shop/brew.go:12 +0x1d\nnet/http.HandlerFunc.ServeHTTP(0x1)\n\t/usr/local/go/src/net/http/server.go:2136 +0x2f",
                &[
                    "own main.brew /src/shop/brew.go:12",
                    "lib net/http.HandlerFunc.ServeHTTP /usr/local/go/src/net/http/server.go:2136",
                ],
            ),
            (
                "System.Exception: no milk\n   at Shop.Fridge.Milk(Int32 n) in /src/Fridge.cs:line 7\n   at System.Threading.Run(Object o)",
                &["own Shop.Fridge.Milk /src/Fridge.cs:7", "lib System.Threading.Run Object o"],
            ),
            (
                "shop.rb:3:in `brew': no milk (RuntimeError)\n\tfrom shop.rb:9:in `order'",
                &["own order shop.rb:9"],
            ),
            ("no stack at all", &[]),
        ];
        for (stack, expected) in cases {
            assert_eq!(shown(stack), expected, "{stack}");
        }
    }

    #[test]
    fn a_recursion_is_read_within_bounds() {
        let stack: String = (0..5_000).map(|n| format!("   {n}: shop::f{n}\n")).collect();
        assert_eq!(frames(&stack).len(), MOST);
        let same: String = (0..5_000).map(|n| format!("   {n}: shop::again\n")).collect();
        assert_eq!(frames(&same).len(), 1);
    }
}

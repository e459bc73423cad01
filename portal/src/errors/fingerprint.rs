//! What makes two errors alike.

use sha2::{Digest, Sha256};

use super::{
    frames::{Frame, frames},
    mask::masked,
};

/// So many of the innermost frames tell errors apart.
const FRAMES: usize = 5;

/// What an error says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told<'a> {
    /// The service that it is of.
    pub(crate) service: &'a str,
    /// The type of the exception.
    pub(crate) kind: &'a str,
    /// What it says.
    pub(crate) message: &'a str,
    /// The text of the stack, empty where there is none.
    pub(crate) stack: &'a str,
    /// File or logger that it comes from, empty where unknown.
    pub(crate) place: &'a str,
}

/// Sixteen hexadecimal digits, the same for errors of a service that are alike: of one type and with the same innermost
/// frames, those of the service itself where there are any. Lines, addresses and hashes do not count, for they change with
/// every build. Without a stack, message and place count, the message without numbers, ids and quoted text.
pub(crate) fn fingerprint(told: &Told<'_>) -> String {
    let frames = frames(told.stack);
    let own: Vec<&Frame> = frames.iter().filter(|frame| frame.own).collect();
    let telling: Vec<&Frame> = if own.is_empty() { frames.iter().collect() } else { own };
    let mut names: Vec<String> = telling.into_iter().map(name).filter(|name| !name.is_empty()).collect();
    names.dedup();
    names.truncate(FRAMES);
    if names.is_empty() {
        names = vec![masked(told.message), told.place.to_owned()];
    }
    let mut hasher = Sha256::new();
    for part in [told.service, told.kind].into_iter().chain(names.iter().map(String::as_str)) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hex::encode(&hasher.finalize()[..8])
}

/// A frame without what changes from build to build, and from host to host.
fn name(frame: &Frame) -> String {
    let function = frame.function.as_str();
    // `reception+0x1f2c3`: a binary without symbols, whose addresses every build moves.
    if function.contains("+0x") {
        return String::new();
    }
    let mut told = without_numbers(function);
    let is_qualified = function.contains("::") || function.contains('.');
    if !is_qualified || function.is_empty() {
        let file = frame.file.rsplit(['/', '\\']).next().unwrap_or_default();
        told = format!("{told} {}", without_numbers(file)).trim().to_owned();
    }
    told
}

/// Numbers of closures, lambdas and generated classes, and addresses.
fn without_numbers(text: &str) -> String {
    let mut told = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        if !is_number {
            told.push_str(word);
        }
        let next = after.chars().next();
        told.extend(next);
        rest = &after[next.map_or(0, char::len_utf8)..];
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(build: u32) -> String {
        format!(
            "   0: core::option::unwrap_failed\n             at /rustc/{build}/library/core/src/option.rs:{build}:5\n   1: shop::brew::{{{{closure}}}}::h{build:016x}\n             at ./src/brew.rs:{build}:9\n   2: shop::serve::{{closure#{build}}}\n"
        )
    }

    fn python(line: u32, home: &str) -> String {
        format!(
            "Traceback (most recent call last):\n  File \"{home}/shop.py\", line {line}, in order\n    x\nNoMilk: {line}\n"
        )
    }

    fn java(number: u32) -> String {
        format!(
            "com.shop.NoMilk: {number}\n\tat com.shop.Fridge.lambda$milk${number}(Fridge.java:{number})\n\tat com.shop.Orders$$Lambda${number}/0x0{number}.run(Unknown Source)\n"
        )
    }

    fn of(kind: &str, message: &str, stack: &str) -> String {
        fingerprint(&Told { service: "shop", kind, message, stack, place: "src/brew.rs" })
    }

    #[test]
    fn builds_hosts_and_values_do_not_tell_errors_apart() {
        let cases = [
            (of("panic", "a", &rust(17)), of("panic", "b", &rust(2040))),
            (of("NoMilk", "a", &python(3, "/app")), of("NoMilk", "b", &python(12, "/home/ines"))),
            (of("NoMilk", "1", &java(14)), of("NoMilk", "2", &java(7))),
            (of("NoMilk", "order 17 of 'ines'", ""), of("NoMilk", "order 18 of 'otto'", "")),
        ];
        for (one, other) in cases {
            assert_eq!(one, other);
            assert_eq!(one.len(), 16);
        }
    }

    #[test]
    fn types_functions_messages_places_and_services_do() {
        let told = Told { service: "shop", kind: "NoMilk", message: "none left", stack: "", place: "a.rs" };
        let at = |function: &str| format!("   0: shop::{function}\n");
        let all = [
            fingerprint(&told),
            fingerprint(&Told { kind: "NoBeans", ..told }),
            fingerprint(&Told { message: "none at all", ..told }),
            fingerprint(&Told { place: "b.rs", ..told }),
            fingerprint(&Told { service: "till", ..told }),
            fingerprint(&Told { stack: &at("brew"), ..told }),
            fingerprint(&Told { stack: &at("pour"), ..told }),
            fingerprint(&Told { stack: &java(1), ..told }),
            fingerprint(&Told { stack: &python(1, "/app"), ..told }),
            fingerprint(&Told { kind: "NoMilkbrew", stack: "   0: shop::\n", ..told }),
        ];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len(), "{all:?}");
    }

    #[test]
    fn library_frames_count_where_there_are_no_others() {
        let within = "   0: core::option::unwrap_failed\n   1: tokio::task::poll\n";
        let other = "   0: core::option::unwrap_failed\n   1: hyper::server::poll\n";
        assert_ne!(of("panic", "a", within), of("panic", "a", other));
        let stripped = |at: u32| format!("   0: shop+0x{at:x}\n   1: libc.so.6+0x{at:x}\n");
        assert_eq!(of("panic", "a", &stripped(1)), of("panic", "a", &stripped(2)));
        assert_ne!(of("panic", "a", &stripped(1)), of("panic", "b", &stripped(1)));
        let own = "   0: core::option::unwrap_failed\n   1: shop::brew\n";
        let own_elsewhere = "   0: core::result::unwrap_failed\n   1: shop::brew\n   2: tokio::task::poll\n";
        assert_eq!(of("panic", "a", own), of("panic", "a", own_elsewhere));
    }
}

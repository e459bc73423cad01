//! Whose code a function is.

use serde::Serialize;
use utoipa::ToSchema;

/// Whose code a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    /// The service's.
    Own,
    /// Of a crate that it depends on.
    Dependency,
    /// Rust's standard library.
    Standard,
    /// What runs tasks, the system's libraries, and what has no name.
    Runtime,
}

const STANDARD: [&str; 5] = ["core", "alloc", "std", "hashbrown", "__rustc"];
const RUNTIME: [&str; 3] = ["tokio", "mio", "tokio_util"];

impl Code {
    /// By the function's name and the file that it is in, which are as the compiler wrote them.
    pub(crate) fn of(name: &str, file: &str) -> Self {
        let Some(krate) = krate(name) else { return Self::Runtime };
        let is_of = |crates: &[&str]| crates.contains(&krate);
        if is_of(&RUNTIME) {
            return Self::Runtime;
        }
        if file.contains("/.cargo/")
            || file.contains("/cargo/registry/")
            || krate.starts_with("seaworthy_agent")
            || name.contains(" as seaworthy_agent::")
        {
            return Self::Dependency;
        }
        if is_of(&STANDARD) || file.starts_with("/rustc/") || file.contains("/rustlib/src/") {
            return Self::Standard;
        }
        Self::Own
    }
}

/// The crate of a function, by its name: `tower` of `<tower::util::Oneshot as Future>::poll`, and `alloc` of
/// `<u8 as alloc::slice::ConvertVec>::to_vec`, since no crate but that of the trait can have written it.
pub(super) fn krate(name: &str) -> Option<&str> {
    let plain = name.trim_start_matches(['<', '&', '*', '(', '[']);
    let plain = plain.strip_prefix("mut ").or_else(|| plain.strip_prefix("dyn ")).unwrap_or(plain);
    let (first, _) = plain.split_once("::")?;
    Some(first.rsplit_once(" as ").map_or(first, |(_, of_trait)| of_trait))
}

/// The function that a closure is in, or itself.
pub(super) fn without_closures(name: &str) -> &str {
    let mut name = name;
    while let Some(outer) = name.strip_suffix("::{{closure}}") {
        name = outer;
    }
    name
}

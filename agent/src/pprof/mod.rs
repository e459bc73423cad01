//! Profiles in the format of `go tool pprof`, with functions, files and lines found in this process.
//!
//! Source: <https://github.com/google/pprof/tree/main/proto>.
//!
//! ```ignore
//! // Off the runtime: finding symbols reads files.
//! let profile = spawn_blocking(move || {
//!     let mut profile = Profile::new(&[Kind { name: "tasks", unit: "count" }]);
//!     for (stack, count) in stacks {
//!         let frames: Vec<_> = stack.iter().map(|ip| Frame::Return(*ip as u64)).collect();
//!         profile.sample(&frames, &[count], &[Label { key: "state", value: LabelValue::Text("idle") }]);
//!     }
//!     profile.encode()
//! });
//! ```
//!
//! Addresses stay in the profile beside the names, and the build id of each file, so that the names can be found later in a
//! binary that was kept when the one that runs was stripped. [`Symbols`] alone is for profiles as text.

mod builder;
mod mappings;
mod symbols;
#[cfg(test)]
mod tests;

pub(crate) use seaworthy_protocol::pprof as proto;

pub(crate) use self::{
    builder::{Frame, Kind, Label, LabelValue, Profile},
    mappings::{Mapping, executable},
    symbols::{Symbol, Symbols},
};

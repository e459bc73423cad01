//! YAML that strangers write, within [`Bounds`] that no text can burst, and with mistakes told by line and field.
//!
//! Anchors, aliases and merge keys are refused: they serve nobody here but those who write a short text that grows without end.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use seaworthy_yaml::Bounds;
//!
//! const MENU: Bounds = Bounds { what: "menu", bytes: 1_000, depth: 4, values: 100, documents: 1 };
//!
//! let prices: BTreeMap<String, u32> = MENU.read("espresso: 240\n").unwrap();
//! assert_eq!(prices["espresso"], 240);
//!
//! let fault = MENU.read::<BTreeMap<String, u32>>("espresso: 240\ntea: free\n").unwrap_err();
//! assert_eq!((fault.line, fault.field.as_str()), (2, "tea"));
//! ```

mod bounds;
mod fault;
mod text;

pub use bounds::Bounds;
pub use fault::Fault;
pub use text::{printable, quoted, shown};

//! YAML in and out.

mod parse;
mod problem;
mod tree;
mod write;

pub use parse::MAX_FILE_BYTES;
pub(crate) use parse::documents;
pub use problem::Problem;
pub(crate) use tree::{Node, Position};
pub use write::to_yaml;

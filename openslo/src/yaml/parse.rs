//! From YAML to trees.

use seaworthy_yaml::Bounds;

use super::{Node, problem::Problem};

/// How long a file may be, in bytes: some hundreds of SLOs.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// SLOs are plain trees.
const BOUNDS: Bounds =
    Bounds { what: "file", bytes: MAX_FILE_BYTES, depth: 32, values: 50_000, documents: 1_000 };

/// The documents of a file, without those in which nothing stands.
pub(crate) fn documents(file: &str, yaml: &str) -> Result<Vec<Node>, Problem> {
    let nodes: Vec<Node> = BOUNDS.read_all(yaml).map_err(|fault| Problem {
        file: file.to_owned(),
        line: fault.line,
        column: fault.column,
        field: fault.field,
        message: fault.message,
    })?;
    Ok(nodes.into_iter().filter(|node| !node.is_null()).collect())
}

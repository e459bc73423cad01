//! Small files of YAML. How long they are is bounded where they come in.

use seaworthy_openslo::MAX_FILE_BYTES;
use seaworthy_yaml::Bounds;
use serde::de::DeserializeOwned;

use super::plan::Finding;

const BOUNDS: Bounds =
    Bounds { what: "file", bytes: MAX_FILE_BYTES, depth: 16, values: 20_000, documents: 1 };

/// Reads a document. `before` is how many lines of the file come before it.
pub(super) fn read<T: DeserializeOwned>(file: &str, text: &str, before: u64) -> Result<T, Finding> {
    BOUNDS.read(text).map_err(|fault| Finding {
        file: file.to_owned(),
        line: fault.line + before,
        column: fault.column,
        field: fault.field,
        message: fault.message,
    })
}

//! From YAML to the shape of a template.

use seaworthy_yaml::Bounds;

use super::{problem::Problem, shape::TemplateShape};

/// How long the YAML of a template may be, in bytes: some forty times the default one.
pub const MAX_TEMPLATE_BYTES: usize = 1 << 20;

/// A template is a plain tree of a few thousand values.
const BOUNDS: Bounds =
    Bounds { what: "template", bytes: MAX_TEMPLATE_BYTES, depth: 16, values: 50_000, documents: 1 };

/// Reads the shape of a template; what its values say is not looked at.
pub(super) fn parse(yaml: &str) -> Result<TemplateShape, Problem> {
    BOUNDS.read(yaml).map_err(|fault| Problem {
        line: fault.line,
        field: fault.field,
        message: fault.message,
    })
}

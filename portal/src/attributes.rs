//! What attributes say, by the names that the semantic conventions of any age give them.

use std::borrow::Cow;

use seaworthy_telemetry::model::Attributes;

/// The text of the first attribute that has one of these names.
pub(crate) fn text<'a>(attributes: &'a Attributes, names: &[&str]) -> Option<Cow<'a, str>> {
    attributes.iter().find(|(key, _)| names.contains(&key.as_str())).and_then(|(_, value)| value.as_text())
}

/// `src/orders.rs`.
pub(crate) fn code_file(attributes: &Attributes) -> Option<Cow<'_, str>> {
    text(attributes, &["code.file.path", "code.filepath"])
}

/// `src/orders.rs:17`, or the file alone.
pub(crate) fn code_place(attributes: &Attributes) -> Option<String> {
    let file = code_file(attributes)?;
    Some(match text(attributes, &["code.line.number", "code.lineno"]) {
        Some(line) => format!("{file}:{line}"),
        None => file.into_owned(),
    })
}

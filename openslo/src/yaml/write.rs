//! Objects as YAML.

use serde_saphyr::ser_options;

use crate::v1::Object;

/// The objects as YAML, each a document. Reads back as the same objects.
///
/// # Errors
/// When an object holds what YAML cannot say; those that were read never do.
pub fn to_yaml(objects: &[Object]) -> Result<String, serde_saphyr::SerializeError> {
    // A text stands as it is, on one line or in quotes, so that none is bent by where lines are folded.
    let options = ser_options! { prefer_block_scalars: false };
    let mut yaml = String::new();
    for object in objects {
        if !yaml.is_empty() {
            yaml.push_str("---\n");
        }
        serde_saphyr::to_fmt_writer_with_options(&mut yaml, object, options.clone())?;
    }
    Ok(yaml)
}

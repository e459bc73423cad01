//! Texts from the network, made fit for a column of either database.

use crate::CatalogError;

const NAME_BYTES: usize = 255;
const DETAIL_BYTES: usize = 1024;

/// A text that identifies something: refused when it is empty, too long, or holds control characters.
pub(crate) fn name<'a>(field: &'static str, text: &'a str) -> Result<&'a str, CatalogError> {
    if text.trim().is_empty() || text.len() > NAME_BYTES {
        return Err(CatalogError::Refused { field, rule: "must be 1 to 255 bytes long and not blank" });
    }
    if text.chars().any(char::is_control) {
        return Err(CatalogError::Refused { field, rule: "must not hold control characters" });
    }
    Ok(text)
}

/// A text that is only shown: cut to length, and without the NUL that PostgreSQL cannot hold.
pub(crate) fn detail(text: &str) -> String {
    let end = text.floor_char_boundary(DETAIL_BYTES);
    text.get(..end).unwrap_or_default().replace('\0', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_refused_when_it_is_blank_too_long_or_holds_control_characters() {
        for bad in ["", "  ", "a\0b", "a\nb", "\u{7f}", &"x".repeat(256)] {
            assert!(name("service", bad).is_err(), "{bad:?}");
        }
        for good in ["reception", "Zürich Café", "a/b c", &"x".repeat(255)] {
            assert_eq!(name("service", good).unwrap(), good);
        }
    }

    #[test]
    fn a_detail_loses_nul_and_what_is_too_long_at_a_character_boundary() {
        assert_eq!(detail("a\0b"), "ab");
        assert_eq!(detail(&"é".repeat(600)).len(), 1024);
        assert_eq!(detail(&format!("x{}", "é".repeat(600))).len(), 1023);
    }
}

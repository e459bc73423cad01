//! Texts from the network, made fit for a column of either database.

use crate::CatalogError;

const NAME_BYTES: usize = 255;
const DETAIL_BYTES: usize = 1024;
const SLUG_BYTES: usize = 63;
const PROSE_BYTES: usize = 16 * 1024;
const DOCUMENT_BYTES: usize = 64 * 1024;
const LINK_BYTES: usize = 2048;
const LARGE_BYTES: usize = 1024 * 1024;
const BODY_BYTES: usize = 256 * 1024;

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

/// A name that people type and programs put into addresses, files and labels: what OpenSLO and DNS call a label.
pub(crate) fn slug<'a>(field: &'static str, text: &'a str) -> Result<&'a str, CatalogError> {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = (1..=SLUG_BYTES).contains(&text.len()) && text.bytes().all(known);
    if !fits || text.starts_with('-') || text.ends_with('-') {
        return Err(CatalogError::Refused {
            field,
            rule: "must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end",
        });
    }
    Ok(text)
}

/// An address of the web that people follow.
pub(crate) fn link<'a>(field: &'static str, text: &'a str) -> Result<&'a str, CatalogError> {
    let rest = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let is_address = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    let odd = |character: char| character.is_whitespace() || character.is_control();
    if !is_address || text.len() > LINK_BYTES || text.contains(odd) {
        let rule = "must start with https:// or http://, be at most 2,048 bytes long and hold no white space";
        return Err(CatalogError::Refused { field, rule });
    }
    Ok(text)
}

/// What people write at length. Never cut: it would be lost.
pub(crate) fn prose<'a>(field: &'static str, text: &'a str) -> Result<&'a str, CatalogError> {
    at_most(field, text, PROSE_BYTES, "must be at most 16 KiB long and hold no NUL")
}

/// JSON that is kept as it is.
pub(crate) fn document<'a>(field: &'static str, text: &'a str) -> Result<&'a str, CatalogError> {
    at_most(field, text, DOCUMENT_BYTES, "must be at most 64 KiB long and hold no NUL")
}

/// A text of which there are few, or that grows with what it tells of. Kept as it is.
pub(crate) fn large<'a>(field: &'static str, text: &'a str) -> Result<&'a str, CatalogError> {
    at_most(field, text, LARGE_BYTES, "must be at most 1 MiB long and hold no NUL")
}

/// The body of a record: JSON that is kept as it is.
pub(crate) fn body<'a>(field: &'static str, text: &'a str) -> Result<&'a str, CatalogError> {
    let text = at_most(field, text, BODY_BYTES, "must be at most 256 KiB long and hold no NUL")?;
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(text),
        Err(_) => Err(CatalogError::Refused { field, rule: "must be JSON" }),
    }
}

fn at_most<'a>(
    field: &'static str,
    text: &'a str,
    bytes: usize,
    rule: &'static str,
) -> Result<&'a str, CatalogError> {
    if text.len() > bytes || text.contains('\0') {
        return Err(CatalogError::Refused { field, rule });
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
    fn a_slug_is_a_label() {
        for bad in ["", "-a", "a-", "A", "a.b", "a b", "é", "a\n", &"x".repeat(64)] {
            assert!(slug("name", bad).is_err(), "{bad:?}");
        }
        for good in ["a", "7", "checkout-availability", &"x".repeat(63)] {
            assert_eq!(slug("name", good).unwrap(), good);
        }
    }

    #[test]
    fn a_link_leads_into_the_web() {
        let address = |bytes: usize| format!("https://{}", "x".repeat(bytes - 8));
        for bad in [
            "",
            "javascript:alert(1)",
            "example.org",
            "https://",
            "http:///a",
            "https://a b",
            &address(2_049),
        ] {
            assert!(link("link", bad).is_err(), "{bad:?}");
        }
        for good in
            ["https://wiki.example.org/on-call?team=bar#now", "http://127.0.0.1:4680/", &address(2_048)]
        {
            assert_eq!(link("link", good).unwrap(), good);
        }
    }

    #[test]
    fn long_texts_are_kept_whole_or_refused() {
        type Check = for<'a> fn(&'static str, &'a str) -> Result<&'a str, CatalogError>;
        for (check, bytes) in [(prose as Check, 16_384), (document, 65_536), (large, 1_048_576)] {
            for good in ["", "two\nlines\tand a tab", &*"x".repeat(bytes)] {
                assert_eq!(check("text", good).unwrap(), good);
            }
            for bad in ["a\0b", &*"x".repeat(bytes + 1), &*"é".repeat(bytes / 2 + 1)] {
                assert!(check("text", bad).is_err(), "{} bytes", bad.len());
            }
        }
    }

    #[test]
    fn a_body_is_json() {
        let longest = format!("\"{}\"", "x".repeat(262_142));
        for good in ["{}", "null", &*longest] {
            assert_eq!(body("body", good).unwrap(), good);
        }
        for bad in ["", "{", "{} {}", "\"a\0\"", &*format!("{longest} "), &*"[".repeat(100_000)] {
            assert!(body("body", bad).is_err(), "{} bytes", bad.len());
        }
    }

    #[test]
    fn a_detail_loses_nul_and_what_is_too_long_at_a_character_boundary() {
        assert_eq!(detail("a\0b"), "ab");
        assert_eq!(detail(&"é".repeat(600)).len(), 1024);
        assert_eq!(detail(&format!("x{}", "é".repeat(600))).len(), 1023);
    }
}

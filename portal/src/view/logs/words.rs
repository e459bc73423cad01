//! What people type into the field for words.

/// Far more than anybody types.
const MOST: usize = 20;

/// Words, and phrases in double quotes.
pub(crate) fn pieces(text: &str) -> Result<Vec<String>, String> {
    let mut pieces = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (piece, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(|| format!("a quote is not closed: {rest}"))?,
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        if !piece.trim().is_empty() {
            pieces.push(piece.to_owned());
        }
        rest = after.trim_start();
    }
    if pieces.len() > MOST {
        return Err(format!("{} words are more than the {MOST} that can be searched at once", pieces.len()));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_phrases() {
        let cases: [(&str, Result<&[&str], ()>); 6] = [
            ("", Ok(&[])),
            ("  no   milk ", Ok(&["no", "milk"])),
            ("\"no milk\" left", Ok(&["no milk", "left"])),
            ("order* \"\"", Ok(&["order*"])),
            ("it's", Ok(&["it's"])),
            ("\"no", Err(())),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
            assert_eq!(pieces(text).map_err(|_| ()), expected, "{text}");
        }
        assert!(pieces(&"a ".repeat(21)).is_err());
    }
}

//! Messages without what differs from one occurrence to the next.

/// Of a message this much tells errors apart.
const TELLING: usize = 400;
/// From so many hexadecimal letters on, a word without a digit is an id as well.
const LONG_HEX: usize = 8;

/// A message with numbers, ids and quoted text masked: `order # of "…" not found`.
pub(super) fn masked(message: &str) -> String {
    let message = &message[..message.floor_char_boundary(TELLING)];
    let mut masked = String::new();
    let mut rest = message;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = after_quoted(rest, &masked) {
            masked.push_str("\"…\"");
            rest = after;
        } else if c.is_alphanumeric() {
            let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if varies(word) {
                // `1.5`, `10:32` and `7f3e-…` are one number each.
                while masked.ends_with(['.', ':', '-', '+']) && masked[..masked.len() - 1].ends_with('#') {
                    masked.pop();
                }
                if !masked.ends_with('#') {
                    masked.push('#');
                }
            } else {
                masked.push_str(word);
            }
            rest = after;
        } else {
            if !c.is_whitespace() {
                masked.push(c);
            } else if !masked.ends_with(' ') {
                masked.push(' ');
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    masked.trim().to_owned()
}

fn varies(word: &str) -> bool {
    word.contains(|c: char| c.is_numeric())
        || (word.len() >= LONG_HEX && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What follows a quoted text, if one begins here. An apostrophe within a word is none.
fn after_quoted<'t>(rest: &'t str, before: &str) -> Option<&'t str> {
    let quote = rest.chars().next()?;
    let closing = match quote {
        '"' | '`' | '\'' => quote,
        '“' => '”',
        '‘' => '’',
        '«' => '»',
        _ => return None,
    };
    if quote == '\'' && before.ends_with(char::is_alphanumeric) {
        return None;
    }
    let inside = &rest[quote.len_utf8()..];
    let ends = |at: &usize| {
        let after = &inside[at + closing.len_utf8()..];
        closing != '\'' || !after.starts_with(char::is_alphanumeric)
    };
    let end = inside.match_indices(closing).map(|(at, _)| at).find(ends)?;
    Some(&inside[end + closing.len_utf8()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_one_to_the_next_is_masked() {
        let cases = [
            ("no milk", "no milk"),
            ("order 17 not found", "order # not found"),
            ("took 1.5 s at 10:32:07", "took # s at #"),
            ("user 'ines' is unknown", "user \"…\" is unknown"),
            ("can't open 'beans.db': it's locked", "can't open \"…\": it's locked"),
            ("key \"a b\" and `c`", "key \"…\" and \"…\""),
            ("id 7f3e0c2a-11d2-4f00-9b1c-0a0b0c0d0e0f gone", "id # gone"),
            ("at 0x7ffd1234", "at #"),
            ("hash deadbeef", "hash #"),
            ("a facade", "a facade"),
            ("10.0.0.7:5432 refused", "# refused"),
            ("two\n  lines", "two lines"),
            ("unclosed \"quote", "unclosed \"quote"),
            ("", ""),
        ];
        for (message, expected) in cases {
            assert_eq!(masked(message), expected, "{message}");
        }
    }
}

//! Numbers of payment cards.

use std::ops::RangeInclusive;

/// How many digits a number has (ISO/IEC 7812).
const LENGTHS: RangeInclusive<usize> = 13..=19;

/// The end of a card's number that begins at `start`, where one does: digits with single spaces or dashes between them, of a
/// range that is used for cards, and with the right check digit.
pub(super) fn end(text: &[u8], start: usize) -> Option<usize> {
    let mut digits = [0_u8; 20];
    let (mut count, mut end) = (0, start);
    for (at, byte) in text.iter().enumerate().skip(start) {
        match byte {
            b'0'..=b'9' => {
                *digits.get_mut(count)? = byte - b'0';
                count += 1;
                end = at + 1;
            }
            b' ' | b'-' if end == at => {}
            _ => break,
        }
    }
    let digits = digits.get(..count).filter(|_| LENGTHS.contains(&count))?;
    let goes_on = text.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    (!goes_on && is_of_card(digits) && has_check_digit(digits)).then_some(end)
}

/// Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay. Times and numbers of orders begin otherwise, mostly.
fn is_of_card(digits: &[u8]) -> bool {
    let [a, b, c, d, ..] = *digits else { return false };
    let two = a * 10 + b;
    let four = u16::from(two) * 100 + u16::from(c * 10 + d);
    match digits.len() {
        13 => a == 4,
        14 => matches!(two, 30 | 36 | 38 | 39),
        15 => matches!(two, 34 | 37),
        16 => a == 4 || matches!(two, 35 | 51..=55 | 62 | 65) || matches!(four, 2221..=2720 | 6011),
        _ => matches!(two, 62 | 65) || a == 4 && digits.len() == 19,
    }
}

/// By Luhn's algorithm.
fn has_check_digit(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 => u32::from(*digit),
            _ => u32::from(digit * 2 / 10 + digit * 2 % 10),
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_told_from_other_numbers() {
        for (text, expected) in [
            ("4111111111111111", Some(16)),
            ("4111 1111 1111 1111 and more", Some(19)),
            ("5500-0000-0000-0004.", Some(19)),
            ("378282246310005", Some(15)),
            ("6011000990139424,", Some(16)),
            ("4111111111111112", None),
            ("4111  1111 1111 1111", None),
            ("4111111111111111a", None),
            ("1763752500123456", None),
            ("1763752500123456789", None),
            ("41111111111111111111111", None),
            ("0000000000000000", None),
            ("12", None),
        ] {
            assert_eq!(end(text.as_bytes(), 0), expected, "{text}");
        }
    }
}

//! Values in words.

use jiff::{SignedDuration, Timestamp};

use super::time;
use crate::{Fact, KnownFact, Type, Unit, Value};

/// The decimals of a figure unless more are needed to tell it from its limit.
pub(super) const DECIMALS: usize = 2;

/// The most decimals of any figure.
pub(super) const MOST_DECIMALS: usize = 6;

/// The most entries of a list that are named.
const NAMED: usize = 3;

/// The value of a fact: `99.97 % of 48,211`.
pub(crate) fn of_fact(known: &KnownFact, fact: &Fact) -> String {
    let value = of_value(&fact.value, known.unit, DECIMALS);
    of_total(value, fact)
}

/// Beside a share, what it is a share of.
pub(super) fn of_total(value: String, fact: &Fact) -> String {
    match fact.of {
        Some(total) => format!("{value} of {}", grouped(total)),
        None => value,
    }
}

pub(super) fn of_value(value: &Value, unit: Unit, places: usize) -> String {
    match value {
        Value::Bool(value) => if *value { "yes" } else { "no" }.to_owned(),
        Value::Int(value) => of_int(*value, unit),
        Value::Float(value) => of_float(*value, unit, places),
        Value::Text(text) => one_line(text),
        Value::Timestamp(moment) => time::minute(*moment),
        Value::Duration(length) => time::length(*length),
        Value::List(list) => of_list(list),
        Value::Map(map) => of_list(
            &map.iter()
                .map(|(key, value)| format!("{key} {}", of_value(value, unit, places)))
                .collect::<Vec<_>>(),
        ),
    }
}

/// What the interpreter came to, of a type that was known before. None for what is no figure.
pub(super) fn of_result(value: &cel::Value, kind: Type, unit: Unit, places: usize) -> Option<String> {
    Some(match (value, kind) {
        (cel::Value::Int(micros), Type::Duration) => time::length(SignedDuration::from_micros(*micros)),
        (cel::Value::Int(micros), Type::Timestamp) => {
            time::minute(Timestamp::from_microsecond(*micros).ok()?)
        }
        (cel::Value::Int(value), _) => of_int(*value, unit),
        (cel::Value::Float(value), _) => of_float(*value, unit, places),
        (cel::Value::String(text), _) => format!("{text:?}"),
        (cel::Value::Bool(value), _) => if *value { "yes" } else { "no" }.to_owned(),
        _ => return None,
    })
}

/// The first of them, and how many more: `/menu, /orders, /beans and 4 more`.
pub(crate) fn of_list<T: AsRef<str>>(list: &[T]) -> String {
    let named: Vec<_> = list.iter().take(NAMED).map(|entry| one_line(entry.as_ref())).collect();
    match list.len().saturating_sub(NAMED) {
        0 if named.is_empty() => "none".to_owned(),
        0 => named.join(", "),
        more => format!("{} and {} more", named.join(", "), grouped(more as u64)),
    }
}

/// A text of somebody's on one line of bounded length, harmless on a terminal.
pub(crate) fn one_line(text: &str) -> String {
    const MOST: usize = 200;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.char_indices().nth(MOST).map(|(end, _)| end);
    let shown = line[..end.unwrap_or(line.len())]
        .chars()
        .map(|letter| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter });
    shown.chain(end.map(|_| '…')).collect()
}

pub(super) fn of_int(value: i64, unit: Unit) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}{}", grouped(value.unsigned_abs()), suffix(unit))
}

fn of_float(value: f64, unit: Unit, places: usize) -> String {
    let text = if unit == Unit::Share { percent(value, places) } else { decimals(value, places) };
    format!("{text}{}", suffix(unit))
}

/// With more decimals where rounding would make all, or nothing, of what is not quite so.
fn percent(share: f64, places: usize) -> String {
    let whole = |text: &String| (text == "100" && share < 1.0) || (text == "0" && share > 0.0);
    let mut texts = (places..=MOST_DECIMALS).map(|places| decimals(share * 100.0, places));
    texts
        .find(|text| !whole(text))
        .unwrap_or_else(|| if share < 0.5 { "nearly 0" } else { "nearly 100" }.to_owned())
}

const fn suffix(unit: Unit) -> &'static str {
    match unit {
        Unit::None => "",
        Unit::Share => " %",
        Unit::RequestsPerSecond => " requests/s",
        Unit::Minutes => " min",
        Unit::Days => " d",
    }
}

/// At most so many decimals, without zeros that say nothing, thousands apart.
pub(super) fn decimals(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let whole = digits.parse().map_or_else(|_| digits.to_owned(), grouped);
    match fraction.trim_end_matches('0') {
        "" if whole == "0" => whole,
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

/// `48211` as `48,211`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

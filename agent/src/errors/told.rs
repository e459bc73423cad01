//! What an error says of itself, within bounds.

use std::{any::Any, error::Error, fmt};

use crate::trace::{Limits, fields::Chain, text::Text};

/// Characters of a message that are told.
const MOST_CHARACTERS: usize = 4_000;

/// The text of a panic.
pub(crate) struct Told<'a>(pub(crate) &'a (dyn Any + Send));

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owned = || self.0.downcast_ref::<String>().map(String::as_str);
        let text = self.0.downcast_ref::<&str>().copied().or_else(owned);
        f.write_str(text.unwrap_or("a panic without a text"))
    }
}

/// The message of an error, and of what caused it, outermost first.
pub(super) fn chain<E: Error + ?Sized>(error: &E) -> String {
    message_of(format_args!("{}", Chain(error)))
}

/// What is formatted, which may run code of the service, cut where it gets too long.
pub(crate) fn message_of(what: fmt::Arguments<'_>) -> String {
    let (mut message, limits) = (String::new(), Limits { text_chars: MOST_CHARACTERS, ..Limits::default() });
    Text::format(&mut message, &limits, what);
    message
}

/// The type of an error: `core::num::error::ParseIntError`.
pub(super) fn type_name_of<E: Error + ?Sized>(error: &E) -> String {
    let name = std::any::type_name::<E>();
    if name.starts_with("dyn ") { debugged_type(error) } else { name.to_owned() }
}

/// What the derived form of `Debug` begins with: `ParseIntError { kind: InvalidDigit }`.
fn debugged_type<E: Error + ?Sized>(error: &E) -> String {
    const UNKNOWN: &str = "error";
    let limits = Limits { text_chars: 100, ..Limits::default() };
    let mut shown = String::new();
    Text::format(&mut shown, &limits, format_args!("{error:?}"));
    let end = shown.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(shown.len());
    let (name, rest) = shown.split_at(end);
    let is_type = name.starts_with(char::is_uppercase)
        && (rest.is_empty() || rest.starts_with('(') || rest.starts_with(" {"));
    if is_type { name.to_owned() } else { UNKNOWN.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Spilled(std::num::ParseIntError);

    impl fmt::Display for Spilled {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the coffee was spilled")
        }
    }

    impl Error for Spilled {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn a_type_is_found_behind_dyn_error_too() {
        let spilled = || Spilled("x".parse::<u8>().unwrap_err());
        assert_eq!(type_name_of(&spilled()), concat!(module_path!(), "::Spilled"));
        assert_eq!(type_name_of(&spilled() as &dyn Error), "Spilled");
        let boxed: Box<dyn Error + Send + Sync> = Box::new("x".parse::<u8>().unwrap_err());
        assert_eq!(type_name_of(&*boxed), "ParseIntError");
        assert_eq!(type_name_of(&fmt::Error as &dyn Error), "Error");
        let plain: Box<dyn Error> = "No milk".into();
        assert_eq!(type_name_of(&*plain), "error", "a text tells no type");
    }

    #[test]
    fn a_message_has_its_causes_and_a_bounded_length() {
        let spilled = Spilled("x".parse::<u8>().unwrap_err());
        assert_eq!(chain(&spilled), "the coffee was spilled: invalid digit found in string");
        let long: Box<dyn Error> = "é".repeat(MOST_CHARACTERS + 1).into();
        assert_eq!(chain(&*long), "é".repeat(MOST_CHARACTERS));
    }

    #[test]
    fn a_panic_has_a_text_or_none() {
        for (payload, expected) in [
            (Box::new("short") as Box<dyn Any + Send>, "short"),
            (Box::new("owned".to_owned()), "owned"),
            (Box::new(7), "a panic without a text"),
        ] {
            assert_eq!(Told(&*payload).to_string(), expected);
        }
    }
}

//! Errors.

use seaworthy_catalog::{ErrorGroup, ErrorState, Regression};
use seaworthy_checklist::Value;

use super::{DAY, nobody, value};
use crate::{readiness::known::Known, view::health::tests::ago};

/// A kind of error that was first and last seen so many days ago.
pub(super) fn error(first: i64, last: i64, state: ErrorState) -> ErrorGroup {
    ErrorGroup {
        id: "a".into(),
        service: "reception".into(),
        kind: "NoMilk".into(),
        message: String::new(),
        place: "src/brew.rs:17".into(),
        count: 1,
        first_seen_at: ago(first * DAY),
        last_seen_at: ago(last * DAY),
        state,
        regressed: None,
    }
}

#[test]
fn errors_are_looked_after_or_left_alone() {
    let muted = ErrorState::Muted { at: ago(0), by: "ines".into(), until: ago(-DAY) };
    let again = |days: i64| ErrorGroup {
        regressed: Some(Regression { at: ago(days * DAY), build: String::new() }),
        ..error(100, 0, ErrorState::Open)
    };
    for (errors, to_see_to, left_alone) in [
        (vec![], 0, 0),
        (vec![error(6, 0, ErrorState::Open)], 1, 0),
        (vec![error(7, 0, ErrorState::Open)], 1, 1),
        (vec![error(30, 7, ErrorState::Open)], 1, 0),
        (vec![error(30, 0, muted)], 0, 0),
        (vec![again(6), again(8)], 2, 1),
    ] {
        let known = Known { errors: errors.clone(), ..nobody() };
        assert_eq!(value(&known, "errors_to_see_to"), Some(Value::Int(to_see_to)), "{errors:?}");
        let Some(Value::List(left)) = value(&known, "errors_left_alone_7d") else { panic!("{errors:?}") };
        assert_eq!(left.len(), left_alone, "{errors:?}");
    }
}

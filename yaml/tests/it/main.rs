//! Each mistake is told with its place, in words for the author.

use std::collections::BTreeMap;

use seaworthy_yaml::{Bounds, Fault, quoted, shown};
use serde::Deserialize;

const MENU: Bounds = Bounds { what: "menu", bytes: 4_000, depth: 5, values: 50, documents: 1 };
const MENUS: Bounds = Bounds { documents: 3, ..MENU };

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only whether it can be read matters")]
struct Menu {
    shop: String,
    #[serde(default)]
    drinks: Vec<Drink>,
    #[serde(default)]
    notes: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only whether it can be read matters")]
struct Drink {
    size: Size,
    hot: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Size {
    Small,
    Large,
}

#[test]
fn a_mistake_is_told_with_its_line_and_field() {
    let too_many =
        format!("shop: a\nnotes:\n{}", (0..60).map(|n| format!("  k{n}: v\n")).collect::<String>());
    for (text, line, field, says) in [
        ("drinks: []\n", 1, "shop", "is missing"),
        ("shop: a\ncolour: red\n", 2, "colour", "is not known; the fields here are shop, drinks, notes"),
        (
            "shop: a\ndrinks:\n  - {size: huge, hot: true}\n",
            3,
            "drinks[0].size",
            "is \"huge\"; it may be small, large",
        ),
        ("shop: a\ndrinks:\n  - {size: small, hot: yes}\n", 3, "drinks[0].hot", "cannot be read"),
        ("shop: a\nshop: b\n", 2, "shop", "is given twice"),
        ("shop: a\ndrinks: none\n", 2, "drinks", "is not a list"),
        ("shop: ~\n", 1, "shop", "is empty"),
        ("- a\n", 1, "", "the menu is not a group of fields"),
        ("shop: a\n---\nshop: b\n", 2, "", "a second document begins; one menu is one document"),
        (
            "shop: &a a\nnotes: {b: *a}\n",
            1,
            "",
            "anchors (&), aliases (*) and merge keys (<<) are not accepted",
        ),
        (too_many.as_str(), 0, "", "the menu has more than 50 values; split it into several"),
        ("shop: [\n", 0, "", ""),
    ] {
        let fault = MENU.read::<Menu>(text).unwrap_err();
        if !says.is_empty() {
            assert_eq!(fault.field, field, "{text}: {fault:?}");
        }
        assert!(fault.message.contains(says), "{text}: {fault:?}");
        assert!(fault.line > 0 && (line == 0 || fault.line == line), "{text}: {fault:?}");
    }
}

#[test]
fn a_text_that_is_too_long_is_not_read_at_all() {
    let fault = MENU.read::<Menu>(&"#".repeat(4_001)).unwrap_err();
    let message = "the menu has 4001 bytes; at most 4000 are accepted".to_owned();
    assert_eq!(fault, Fault { line: 1, column: 1, field: String::new(), message });
}

#[test]
fn what_is_nested_too_deep_is_refused_whatever_it_is_read_as() {
    let fault = MENU.read::<serde_json::Value>("shop: a\ndrinks: [[[[[[[]]]]]]]\n").unwrap_err();
    assert_eq!((fault.line, fault.message.as_str()), (2, "the menu is nested more than 5 levels deep"));
}

#[test]
fn several_documents_are_read_up_to_the_bound() {
    let texts = |count: usize| (0..count).map(|n| format!("---\nshop: s{n}\n")).collect::<String>();
    let menus: Vec<Menu> = MENUS.read_all(&texts(3)).unwrap();
    assert_eq!(menus[2].shop, "s2");
    let fault = MENUS.read_all::<Menu>(&texts(4)).unwrap_err();
    assert_eq!(fault.message, "the menu has more than 3 documents; split it into several");
}

#[test]
fn what_is_repeated_is_short_and_harmless() {
    assert_eq!(shown("a\u{1b}[31mb"), "a\u{fffd}[31mb");
    assert_eq!(shown(&"ä".repeat(201)), "ä".repeat(200) + "…");
    assert_eq!(quoted("x"), "\"x\"");
}

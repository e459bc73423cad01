//! Every mistake in a template is named with its line and field, and what would be right.

use seaworthy_checklist::{MAX_ITEMS, Template};

/// A template of one item. Each case below spoils it in one way.
const GOOD: &str = r#"id: own
title: Our own
version: "3"
points:
  - title: Logs
    items:
      - id: no-debug
        level: bronze
        kind: evidence
        question: Is production free of debug lines?
        why: They cost money.
        how: Set the filter to info.
        rule: debug_lines_in_production_24h == 0
        max_age: 24h
        marks: [build]
"#;

#[test]
fn what_is_right_is_accepted() {
    let template = Template::from_yaml(GOOD).unwrap();
    insta::assert_debug_snapshot!(template, @r#"
    Template {
        id: "own",
        title: "Our own",
        version: "3",
        kinds: {},
        max_age: None,
        points: [
            Point {
                title: "Logs",
                items: [
                    Item {
                        id: "no-debug",
                        level: Bronze,
                        question: "Is production free of debug lines?",
                        why: "They cost money.",
                        how: "Set the filter to info.",
                        basis: Evidence(
                            Rule {
                                text: "debug_lines_in_production_24h == 0",
                                line: 13,
                                ..
                            },
                        ),
                        applies: None,
                        max_age: Some(
                            86400s,
                        ),
                        marks: {
                            Build,
                        },
                    },
                ],
            },
        ],
    }
    "#);
}

#[test]
fn what_is_wrong_is_named_with_line_and_field() {
    let cases = [
        // Shape.
        ("id: own\n", "", "line 3: id is missing"),
        ("id: own", "id: [own]", "line 1: id is not a text"),
        (
            "title: Our own",
            "titel: Our own",
            "line 2: titel is not known; the fields here are id, title, version, kinds, max_age, points",
        ),
        (
            "level: bronze",
            "level: platinum",
            "line 8: points[0].items[0].level is \"platinum\"; it may be bronze, silver, gold",
        ),
        (
            "level: bronze",
            "level: bronze\n        level: silver",
            "line 9: points[0].items[0].level is given twice",
        ),
        (
            "why: They cost money.",
            "because: They cost money.",
            "line 11: points[0].items[0].because is not known; the fields here are id, level, kind, question, why, how, rule, applies, max_age, marks",
        ),
        ("why: They cost money.", "why:", "line 11: points[0].items[0].why is empty"),
        ("        why: They cost money.\n", "", "line 14: points[0].items[0].why is missing"),
        ("marks: [build]", "marks: build", "line 15: points[0].items[0].marks is not a list"),
        (
            "marks: [build]",
            "marks: [built]",
            "line 15: points[0].items[0].marks[0] is \"built\"; it may be build, link, claim",
        ),
        (
            "kind: evidence",
            "kind: proof",
            "line 9: points[0].items[0].kind is \"proof\"; it may be evidence, answer",
        ),
        ("points:\n", "points: none\nothers:\n", "line 4: points is not a list"),
        // Values.
        (
            "id: own",
            "id: Own_1",
            "line 1: id is \"Own_1\"; an id is up to 64 lowercase letters and digits, in words joined by single hyphens",
        ),
        (
            "id: own",
            "id: own--1",
            "line 1: id is \"own--1\"; an id is up to 64 lowercase letters and digits, in words joined by single hyphens",
        ),
        ("title: Our own", "title: '  '", "line 2: title is empty"),
        ("rule: debug_lines_in_production_24h == 0", "rule: ''", "line 13: points[0].items[0].rule is empty"),
        (
            "        rule: debug_lines_in_production_24h == 0\n",
            "",
            "line 9: points[0].items[0].rule is missing; evidence is judged by a rule",
        ),
        (
            "kind: evidence",
            "kind: answer",
            "line 13: points[0].items[0].rule is not for an answer; leave it out, or make the kind evidence",
        ),
        (
            "marks: [build]",
            "marks: [build, link]",
            "line 15: points[0].items[0].marks[1] is \"link\", which is for answers; evidence brings its own",
        ),
        (
            "max_age: 24h",
            "max_age: soon",
            "line 14: points[0].items[0].max_age is \"soon\"; a length of time is wanted, such as 10m, 24h or 90d",
        ),
        (
            "max_age: 24h",
            "max_age: 3 months",
            "line 14: points[0].items[0].max_age is \"3 months\"; a length of time is wanted, such as 10m, 24h or 90d",
        ),
        (
            "max_age: 24h",
            "max_age: -24h",
            "line 14: points[0].items[0].max_age is \"-24h\"; a length of time is wanted, such as 10m, 24h or 90d",
        ),
        (
            "max_age: 24h",
            "max_age: 0s",
            "line 14: points[0].items[0].max_age is \"0s\"; a length of time is wanted, such as 10m, 24h or 90d",
        ),
        ("max_age: 24h", "applies: ' '", "line 14: points[0].items[0].applies is empty"),
        // YAML.
        (
            "title: Our own",
            "title: 'Our own",
            "line 3: the template cannot be read: invalid indentation in multiline quoted scalar",
        ),
        (
            "title: Our own",
            "\ttitle: Our own",
            "line 1: the template cannot be read: while scanning a plain scalar, found a tab",
        ),
        (
            "title: Our own",
            "title: Our own: really",
            "line 2: the template cannot be read: mapping values are not allowed in this context",
        ),
        (
            "title: Our own",
            "\"ti\\e[31mtle\": x",
            "line 2: ti�[31mtle is not known; the fields here are id, title, version, kinds, max_age, points",
        ),
        (
            "title: Our own",
            "value: x\ntitle: x",
            "line 2: value is not known; the fields here are id, title, version, kinds, max_age, points",
        ),
        ("title: Our own", "{}", "line 2: the template cannot be read: simple key expected ':'"),
        ("id: own\ntitle: Our own", "- id: own\n#", "line 1: the template is not a group of fields"),
        (
            "points:",
            "&a points:",
            "line 4: anchors (&), aliases (*) and merge keys (<<) are not accepted; write the text out",
        ),
        (
            "points:",
            "<<: {title: x}\npoints:",
            "line 4: anchors (&), aliases (*) and merge keys (<<) are not accepted; write the text out",
        ),
        (
            "    items:",
            "    items: []\n#",
            "line 8: points[0] cannot be read: while parsing a block mapping, did not find expected key",
        ),
        ("        marks: [build]\n", "      - {}\n---\n", "line 15: points[0].items[1].id is missing"),
        (
            "        marks: [build]\n",
            "---\nid: other\n",
            "line 15: a second document begins; one template is one document",
        ),
    ];
    for (from, to, expected) in cases {
        assert!(GOOD.contains(from), "{from:?} is not in the template");
        let wrong = GOOD.replacen(from, to, 1);
        let message = Template::from_yaml(&wrong).map_err(|error| error.to_string());
        assert_eq!(message, Err(expected.to_owned()), "{from:?} -> {to:?}");
    }
}

#[test]
fn a_template_asks_something() {
    let cases = [
        ("", "line 1: the template cannot be read: unexpected end of file"),
        ("id: a\ntitle: A\nversion: 1\npoints: []\n", "line 4: points is empty; at least one is needed"),
        (
            "id: a\ntitle: A\nversion: 1\npoints:\n  - title: B\n    items: []\n",
            "line 6: points[0].items is empty; at least one is needed",
        ),
    ];
    for (yaml, expected) in cases {
        assert_eq!(Template::from_yaml(yaml).unwrap_err().to_string(), expected, "{yaml:?}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let item = &GOOD[GOOD.find("      - id").unwrap()..];
    let wrong = format!("{GOOD}{item}").replacen("\"3\"", "\" \"", 1).replace("age: 24h", "age: often");
    insta::assert_snapshot!(Template::from_yaml(&wrong).unwrap_err(), @r#"
    line 3: version is empty
    line 14: points[0].items[0].max_age is "often"; a length of time is wanted, such as 10m, 24h or 90d
    line 16: points[0].items[1].id is "no-debug", which line 7 has already taken
    line 23: points[0].items[1].max_age is "often"; a length of time is wanted, such as 10m, 24h or 90d
    "#);
}

#[test]
fn the_rules_of_a_template_share_what_they_may_cost() {
    let rule = "versions.exists(v, v.startsWith('1.') || v.startsWith('2.') || v.startsWith('3.'))";
    let item = &GOOD[GOOD.find("      - id").unwrap()..];
    let items = |many| {
        let items = (0..many).map(|n| item.replace("id: no-debug", &format!("id: item-{n}")));
        let items: String = items.collect();
        GOOD.replace(item, &items.replace("debug_lines_in_production_24h == 0", rule))
    };
    assert_eq!(Template::from_yaml(&items(10)).map(|template| template.items().count()), Ok(10));
    let message = Template::from_yaml(&items(40)).unwrap_err().to_string();
    let expected = "rule brings the rules of the template to more than 500000 steps; go through fewer lists";
    assert!(message.ends_with(expected) && message.lines().count() == 1, "{message}");
}

#[test]
fn a_template_has_no_more_items_than_can_be_judged() {
    let item = &GOOD[GOOD.find("      - id").unwrap()..];
    let items = |many| {
        let items: String =
            (0..many).map(|n| item.replace("id: no-debug", &format!("id: item-{n}"))).collect();
        GOOD.replace(item, &items)
    };
    assert_eq!(
        Template::from_yaml(&items(MAX_ITEMS)).map(|template| template.items().count()),
        Ok(MAX_ITEMS)
    );
    let message = Template::from_yaml(&items(MAX_ITEMS + 1)).unwrap_err().to_string();
    assert_eq!(message, "line 5: points has 501 items; at most 500 are accepted");
}

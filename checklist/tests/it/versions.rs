//! A new version of a template, and several templates at once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_checklist::{
    Answer, Facts, FieldChange, Level, People, Subject, TWELVE_POINT, Template, Templates, Verdict, lowest,
};

const ONE: &str = "id: own
title: Our own
version: '1'
points:
  - title: First
    items:
      - {id: kept, level: bronze, kind: answer, question: Kept?, why: W., how: H.}
      - {id: gone, level: bronze, kind: answer, question: Gone?, why: W., how: H.}
      - {id: other, level: gold, kind: evidence, question: Other?, why: W., how: H., rule: runbooks > 0}
";

const TWO: &str = "id: own
title: Our very own
version: '2'
kinds: [batch]
points:
  - title: First
    items:
      - {id: new, level: bronze, kind: answer, question: New?, why: W., how: H.}
      - {id: kept, level: bronze, kind: answer, question: Still kept?, why: W., how: H., max_age: 90d, marks: [link]}
  - title: Second
    items:
      - {id: other, level: silver, kind: evidence, question: Other?, why: W., how: H., rule: runbooks > 1}
";

fn template(yaml: &str) -> Template {
    Template::from_yaml(yaml).unwrap()
}

fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

/// Yes to each of these.
fn people(items: &[&str]) -> People {
    let answer = Answer {
        yes: true,
        by: "ann".to_owned(),
        at: now(),
        note: String::new(),
        link: Some("https://wiki.example".to_owned()),
        build: None,
    };
    let answers = items.iter().map(|item| ((*item).to_owned(), answer.clone())).collect();
    People { answers, ..People::default() }
}

#[test]
fn what_came_went_and_changed_is_told() {
    let changes = template(TWO).changes_since(&template(ONE));
    let told = |fields: &[FieldChange]| {
        fields
            .iter()
            .map(|FieldChange { field, from, to }| format!("\n  {field}: {from:?} -> {to:?}"))
            .collect::<String>()
    };
    let changed = changes.changed.iter().map(|change| format!("{}{}", change.item, told(&change.fields)));
    let lines: Vec<_> = changed.chain([format!("the template{}", told(&changes.template))]).collect();
    assert_eq!(
        (changes.came.as_slice(), changes.went.as_slice()),
        (["new".to_owned()].as_slice(), ["gone".to_owned()].as_slice())
    );
    insta::assert_snapshot!(lines.join("\n"), @r#"
    kept
      question: "Kept?" -> "Still kept?"
      max_age: "" -> "90d"
      marks: "" -> "link"
    other
      point: "First" -> "Second"
      level: "gold" -> "silver"
      rule: "runbooks > 0" -> "runbooks > 1"
    the template
      title: "Our own" -> "Our very own"
      kinds: "" -> "batch"
      points: "First" -> "First, Second"
    "#);
    let back = template(ONE).changes_since(&template(TWO));
    assert_eq!((&back.came, &back.went), (&changes.went, &changes.came));
    assert!(template(ONE).changes_since(&template(ONE)).is_empty());
}

#[test]
fn answers_stay_with_the_items_that_stay() {
    let people = people(&["kept", "gone"]);
    let (facts, past) = (Facts::default(), BTreeMap::new());
    let subject = Subject { now: now(), build: None, facts: &facts, people: &people, past: &past };
    let verdicts = |yaml| {
        let assessment = template(yaml).assess(&subject);
        assessment
            .judgements
            .into_iter()
            .map(|judgement| (judgement.item, judgement.verdict))
            .collect::<Vec<_>>()
    };
    let of = |item: &str, verdict| (item.to_owned(), verdict);
    assert_eq!(
        verdicts(ONE),
        [of("kept", Verdict::Pass), of("gone", Verdict::Pass), of("other", Verdict::Unknown)]
    );
    assert_eq!(
        verdicts(TWO),
        [of("new", Verdict::Unknown), of("kept", Verdict::Pass), of("other", Verdict::Unknown)]
    );
    assert_eq!(people.left_behind(&template(ONE)).len(), 0);
    assert_eq!(people.left_behind(&template(TWO)), ["gone"].into());
}

#[test]
fn a_changed_template_needs_a_new_version() {
    let mut templates = Templates::default();
    assert_eq!(templates.put(template(ONE)), Ok(None));
    assert!(templates.put(template(ONE)).unwrap().is_some_and(|changes| changes.is_empty()));
    let same = templates.put(template(&TWO.replace("'2'", "'1'"))).unwrap_err();
    let message =
        "version 1 of own is there already, and is different; give the changed template another version";
    assert_eq!(same.to_string(), message);
    assert_eq!(templates.get("own").map(|template| template.title.as_str()), Some("Our own"));
    assert_eq!(
        templates.put(template(TWO)).unwrap().map(|changes| changes.came),
        Some(vec!["new".to_owned()])
    );
    assert_eq!(templates.iter().count(), 1);
    assert_eq!(templates.remove("own").map(|template| template.version), Some("2".to_owned()));
    assert!(templates.get("own").is_none());
}

#[test]
fn a_service_has_the_lowest_level_of_its_templates() {
    let mut templates = Templates::default();
    for yaml in [TWELVE_POINT, TWO] {
        templates.put(template(yaml)).unwrap();
    }
    templates.put(template(&ONE.replace("id: own", "id: all").replace("gold", "silver"))).unwrap();
    let ids = |kind| templates.of_kind(kind).map(|template| template.id.as_str()).collect::<Vec<_>>();
    assert_eq!(
        (ids("batch"), ids("http")),
        (vec!["all", "own", "twelve-point"], vec!["all", "twelve-point"])
    );

    let level = |items: &[&str], ids: &[&str]| {
        let (people, facts, past) = (people(items), Facts::default(), BTreeMap::new());
        let subject = Subject { now: now(), build: None, facts: &facts, people: &people, past: &past };
        let assessed: Vec<_> =
            ids.iter().filter_map(|id| templates.get(id)).map(|t| t.assess(&subject)).collect();
        lowest(&assessed)
    };
    assert_eq!(level(&["kept", "gone", "other"], &["all"]), Some(Level::Gold));
    assert_eq!(level(&["kept", "gone", "new"], &["all", "own"]), Some(Level::Bronze));
    assert_eq!(level(&["kept", "gone"], &["all", "own"]), None);
    assert_eq!(level(&["kept", "gone"], &[]), None);
}

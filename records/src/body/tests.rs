use jiff::{Timestamp, ToSpan as _, civil::date};
use serde_json::json;

use super::*;

fn at(minute: i64) -> Timestamp {
    "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap() + minute.minutes()
}

fn runbook() -> Runbook {
    Runbook { markdown: "- [ ] Look".into(), reviewed_at: Some(at(0)), reviewed_by: Some("ines".into()) }
}

fn done(text: &str, minute: i64) -> RunStep {
    RunStep { state: State::Done, by: Some("ines".into()), at: Some(at(minute)), ..RunStep::open(text) }
}

fn run() -> Run {
    Run {
        runbook: 3,
        runbook_version: 7,
        context: Context::Alert { id: 12 },
        started_at: at(0),
        started_by: "ines".into(),
        steps: vec![done("Acknowledge", 1), RunStep::open("Roll back")],
        hand_overs: vec![],
        finished_at: None,
        outcome: String::new(),
    }
}

fn scenario() -> Scenario {
    Scenario {
        title: "Take away the database".into(),
        expected: "Orders are queued".into(),
        taken_away: Some("postgres".into()),
        started_at: Some(at(0)),
        ended_at: Some(at(5)),
        actual: "They were".into(),
        verdict: Some(Verdict::Held),
    }
}

fn ticket() -> Ticket {
    Ticket { title: "Add a timeout".into(), link: None, opened_at: at(0), closed_at: None }
}

fn gameday() -> Gameday {
    Gameday {
        planned_for: at(0),
        participants: vec!["ines".into(), "tomas".into()],
        scenarios: vec![scenario()],
        tickets: vec![Ticket { link: Some("https://tickets.example/SEA-12".into()), ..ticket() }],
        verdict: Some(Verdict::Held),
        report: "All went well.".into(),
    }
}

fn stage(rate: f64, p99_ms: f64, error_share: f64) -> Stage {
    Stage { rate, p50_ms: Some(1.0), p95_ms: None, p99_ms: Some(p99_ms), error_share }
}

fn load_test() -> LoadTest {
    LoadTest {
        ran_at: at(0),
        build: Some("1.8.2".into()),
        tool: "k6".into(),
        target: "POST /orders".into(),
        duration_s: 300.0,
        highest_rate_within_slo: Some(120.0),
        stages: vec![stage(100.0, 50.0, 0.0), stage(120.0, 90.0, 0.001)],
        note: String::new(),
        link: None,
    }
}

fn incident() -> Incident {
    Incident {
        started_at: at(0),
        detected_by: DetectedBy::Alert,
        alert: Some(12),
        commander: Some("ines".into()),
        severity: Severity::Sev2,
        timeline: vec![Entry { at: at(3), by: "tomas".into(), text: "Rolled back".into() }],
        resolved_at: Some(at(20)),
        action_items: vec![ActionItem {
            text: "Add a timeout".into(),
            owner: Some("tomas".into()),
            due: Some(date(2026, 4, 1)),
            done_at: None,
        }],
        postmortem: String::new(),
    }
}

fn rota() -> Rota {
    Rota {
        primary: "ines".into(),
        secondary: Some("tomas".into()),
        escalation: vec!["head of platform".into(), "ines".into()],
        training: vec![Training {
            who: "ines".into(),
            what: "debugging".into(),
            until: Some(date(2026, 9, 1)),
        }],
        commander: Some("ines".into()),
    }
}

/// What is kept is read back the same, and an unknown field is refused wherever it stands.
fn is_kept<B: Body + std::fmt::Debug + PartialEq>(body: &B, within: &str) {
    let json = body.to_json().unwrap();
    assert_eq!(&B::from_json(&json).unwrap(), body);
    for pointer in ["", within] {
        let mut value: serde_json::Value = serde_json::from_str(&json).unwrap();
        value.pointer_mut(pointer).unwrap()["surprise"] = json!(1);
        let mistakes = B::from_json(&value.to_string()).unwrap_err();
        assert!(mistakes[0].message.contains("unknown field `surprise`"), "{pointer}: {mistakes:?}");
    }
}

#[test]
fn every_kind_is_read_as_it_was_written_and_nothing_more() {
    is_kept(&runbook(), "");
    is_kept(&run(), "/steps/0");
    is_kept(&run(), "/context");
    is_kept(&gameday(), "/scenarios/0");
    is_kept(&gameday(), "/tickets/0");
    is_kept(&load_test(), "/stages/0");
    is_kept(&incident(), "/timeline/0");
    is_kept(&incident(), "/action_items/0");
    is_kept(&rota(), "/training/0");
}

#[test]
fn days_and_what_is_open_are_told() {
    assert_eq!((run().at(), run().is_open()), (Some(at(0)), true));
    assert!(!Run { finished_at: Some(at(9)), ..run() }.is_open());
    assert_eq!((gameday().at(), gameday().is_open()), (Some(at(0)), false));
    assert!(Gameday { verdict: None, ..gameday() }.is_open());
    assert_eq!((incident().at(), incident().is_open()), (Some(at(0)), false));
    assert!(Incident { resolved_at: None, ..incident() }.is_open());
    assert_eq!((rota().at(), rota().is_open()), (None, false));
    assert_eq!(run().settled(), 1);
    assert_eq!(incident().participants().into_iter().collect::<Vec<_>>(), ["ines", "tomas"]);
    assert_eq!(incident().open_items().count(), 1);
    assert_eq!(rota().on_call(), ["ines", "tomas", "head of platform"]);
    assert!(
        rota().training[0].counts_on(date(2026, 9, 1)) && !rota().training[0].counts_on(date(2026, 9, 2))
    );
}

/// Fields and a part of what is told of each.
type Told<'a> = &'a [(&'a str, &'a str)];

fn tells(checked: Result<(), Vec<Mistake>>, expected: Told<'_>) {
    let mistakes = checked.unwrap_err();
    let fields: Vec<&str> = mistakes.iter().map(|mistake| mistake.field.as_str()).collect();
    assert_eq!(fields, expected.iter().map(|(field, _)| *field).collect::<Vec<_>>(), "{mistakes:?}");
    for (mistake, (_, told)) in mistakes.iter().zip(expected) {
        assert!(mistake.message.contains(told), "{mistake:?}");
    }
}

#[test]
fn runbooks_and_runs_tell_what_is_wrong() {
    tells(Runbook { markdown: " ".into(), ..runbook() }.check(), &[("markdown", "empty")]);
    tells(Runbook { markdown: "x".repeat(131_073), ..runbook() }.check(), &[("markdown", "131072")]);
    tells(Runbook { markdown: "> ".repeat(200), ..runbook() }.check(), &[("markdown", "100 levels deep")]);
    tells(Runbook { reviewed_by: None, ..runbook() }.check(), &[("reviewed_by", "by whom")]);
    tells(Runbook { reviewed_at: None, ..runbook() }.check(), &[("reviewed_at", "say when")]);
    let wrong = Run {
        runbook: 0,
        runbook_version: 0,
        context: Context::Incident { id: -1 },
        started_by: "a\nb".into(),
        finished_at: Some(at(-1)),
        ..run()
    };
    tells(
        wrong.check(),
        &[
            ("runbook", "no runbook"),
            ("runbook_version", "from 1"),
            ("context.id", "-1"),
            ("started_by", "line break"),
            ("finished_at", "before started_at"),
            ("outcome", "how it ended"),
        ],
    );
    let steps = vec![
        RunStep { by: None, ..done("Look", 1) },
        RunStep { state: State::Open, ..done("Look", 1) },
        done(" ", -1),
        RunStep { state: State::Skipped, ..done("Look", 1) },
    ];
    tells(
        Run { steps, ..run() }.check(),
        &[
            ("steps[0].by", "by whom"),
            ("steps[1].by", "open"),
            ("steps[1].at", "open"),
            ("steps[2].text", "empty"),
            ("steps[2].at", "before the run"),
            ("steps[3].note", "say why"),
        ],
    );
    tells(Run { steps: vec![RunStep::open("a"); 201], ..run() }.check(), &[("steps", "201 are too many")]);
}

#[test]
fn gamedays_tell_what_is_wrong() {
    tells(Gameday { scenarios: vec![], ..gameday() }.check(), &[("verdict", "nothing was tried")]);
    let open = Scenario { verdict: None, ..scenario() };
    tells(Gameday { scenarios: vec![open, scenario()], ..gameday() }.check(), &[("verdict", "1 of 2")]);
    let backwards = Scenario { ended_at: Some(at(-1)), actual: " ".into(), ..scenario() };
    let endless = Scenario { started_at: None, title: "x".repeat(201), ..scenario() };
    tells(
        Gameday { scenarios: vec![backwards, endless], ..gameday() }.check(),
        &[
            ("scenarios[0].ended_at", "before its start"),
            ("scenarios[0].actual", "write that first"),
            ("scenarios[1].title", "200 characters"),
            ("scenarios[1].ended_at", "without its start"),
        ],
    );
    for link in ["javascript:alert(1)", "//evil.example", "https://a b", "https://", "", "mailto:a@b.example"]
    {
        let tickets = vec![Ticket { link: Some(link.into()), closed_at: Some(at(-1)), ..ticket() }];
        tells(
            Gameday { tickets, participants: vec![String::new()], ..gameday() }.check(),
            &[
                ("participants[0]", "empty"),
                ("tickets[0].link", "https://tickets.example"),
                ("tickets[0].closed_at", "before its opening"),
            ],
        );
    }
}

#[test]
fn load_tests_tell_what_is_wrong() {
    for number in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e12] {
        let wrong = LoadTest {
            duration_s: number,
            highest_rate_within_slo: Some(number),
            stages: vec![stage(number, 1.0, 0.0)],
            ..load_test()
        };
        tells(
            wrong.check(),
            &[
                ("duration_s", "no duration"),
                ("highest_rate_within_slo", "no rate"),
                ("stages[0].rate", "no rate"),
            ],
        );
    }
    tells(
        LoadTest { highest_rate_within_slo: None, stages: vec![], ..load_test() }.check(),
        &[("highest_rate_within_slo", "says nothing yet")],
    );
    let stages = vec![stage(1.0, 0.5, 1.1), stage(1.0, f64::NAN, f64::NAN), stage(1.0, -1.0, 0.0)];
    tells(
        LoadTest { stages, build: Some(String::new()), ..load_test() }.check(),
        &[
            ("build", "1.8.2"),
            ("stages[0].error_share", "1.1"),
            ("stages[0].p99_ms", "less than a lower percentile, 1 ms"),
            ("stages[1].error_share", "NaN"),
            ("stages[1].p99_ms", "NaN"),
            ("stages[2].p99_ms", "-1 ms is out of range"),
            ("stages[2].p99_ms", "less than"),
        ],
    );
}

#[test]
fn the_highest_rate_is_below_the_first_that_missed() {
    let slo = Within { error_share: Some(0.01), p99_ms: Some(100.0), ..Within::default() };
    let of = |stages: &[Stage]| LoadTest { stages: stages.to_vec(), ..load_test() }.highest_within(&slo);
    let (low, middle, high) = (stage(100.0, 50.0, 0.0), stage(200.0, 150.0, 0.0), stage(300.0, 90.0, 0.01));
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[low.clone(), high.clone()]), Some(300.0));
    // A rate that held above one that did not was luck.
    assert_eq!(of(&[high, middle.clone(), low.clone()]), Some(100.0));
    assert_eq!(of(&[middle]), None);
    let unmeasured = Stage { p99_ms: None, ..low.clone() };
    assert_eq!(of(&[unmeasured]), None);
    let nothing_asked = LoadTest { stages: vec![low], ..load_test() }.highest_within(&Within::default());
    assert_eq!(nothing_asked, None);
}

#[test]
fn incidents_and_rotas_tell_what_is_wrong() {
    let wrong = Incident {
        alert: Some(0),
        commander: Some(String::new()),
        timeline: vec![Entry { at: at(0), by: String::new(), text: "x".repeat(9_000) }],
        resolved_at: Some(at(-1)),
        action_items: vec![ActionItem { text: String::new(), owner: None, due: None, done_at: None }],
        postmortem: "a\0b".into(),
        ..incident()
    };
    tells(
        wrong.check(),
        &[
            ("alert", "no alert"),
            ("commander", "empty"),
            ("timeline[0].by", "empty"),
            ("timeline[0].text", "8192"),
            ("resolved_at", "before started_at"),
            ("action_items[0].text", "empty"),
            ("postmortem", "NUL"),
        ],
    );
    let training = vec![Training { who: String::new(), what: String::new(), until: None }];
    tells(
        Rota { secondary: Some("ines".into()), training, primary: "ines".into(), ..rota() }.check(),
        &[("secondary", "same as primary"), ("training[0].who", "empty"), ("training[0].what", "empty")],
    );
}

#[test]
fn json_of_another_shape_is_refused_by_field() {
    let too_long = format!("{{\"markdown\":\"{}\"}}", "x".repeat(MAX_BODY_BYTES));
    let deep = format!("{{\"markdown\":{}", "[".repeat(100_000));
    for (json, field, told) in [
        (too_long.as_str(), "", "262144"),
        (&deep, "markdown", "expected a string"),
        ("", "", "EOF"),
        ("{\"markdown\":\"a\"} x", "", "trailing"),
        ("{\"markdown\":7}", "markdown", "expected a string"),
        ("{\"markdown\":\"\"}", "markdown", "empty"),
        ("{\"markdown\":\"a\",\"reviewed_at\":\"yesterday\"}", "reviewed_at", "parse"),
    ] {
        let mistakes = Runbook::from_json(json).unwrap_err();
        assert_eq!(mistakes[0].field, field, "{mistakes:?}");
        assert!(mistakes[0].message.contains(told), "{mistakes:?}");
    }
    // Texts that are each short enough may be too long together.
    let entry = Entry { at: at(0), by: "ines".into(), text: "x".repeat(8_000) };
    let long = Incident { timeline: vec![entry; 40], ..incident() };
    assert!(long.check().is_ok());
    assert!(long.to_json().unwrap_err()[0].message.contains("link what is long"));
}

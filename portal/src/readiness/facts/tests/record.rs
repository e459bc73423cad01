//! What people record.

use seaworthy_records::{
    Context, DetectedBy, Gameday, Incident, LoadTest, Rota, Run, Runbook, Scenario, Severity, Ticket, Verdict,
};

use super::DAY;
use crate::{
    readiness::recorded::{Entry, Recorded},
    view::health::tests::ago,
};

pub(super) fn recorded() -> Recorded {
    let scenario = Scenario {
        title: "No database".into(),
        expected: "Orders wait".into(),
        taken_away: Some("orders.db".into()),
        started_at: None,
        ended_at: None,
        actual: "They did".into(),
        verdict: Some(Verdict::Held),
    };
    let ticket = Ticket { title: "Timeout".into(), link: None, opened_at: ago(95 * DAY), closed_at: None };
    let gameday = |planned_for, scenarios: Vec<Scenario>| Gameday {
        planned_for,
        participants: vec!["ines".into()],
        scenarios,
        tickets: vec![ticket.clone()],
        verdict: None,
        report: String::new(),
    };
    let incident = |days: i64, detected_by| Incident {
        started_at: ago(days * DAY),
        detected_by,
        alert: None,
        commander: None,
        severity: Severity::Sev3,
        timeline: vec![],
        resolved_at: None,
        action_items: vec![],
        postmortem: String::new(),
    };
    let run = |context| Run {
        runbook: 1,
        runbook_version: 1,
        context,
        started_at: ago(3 * DAY),
        started_by: "ines".into(),
        steps: vec![],
        hand_overs: vec![],
        finished_at: None,
        outcome: String::new(),
    };
    let load_test = |days: i64, rate: Option<f64>| LoadTest {
        ran_at: ago(days * DAY),
        build: Some("1.8.1".into()),
        tool: "k6".into(),
        target: "/".into(),
        duration_s: 60.0,
        highest_rate_within_slo: rate,
        stages: vec![],
        note: String::new(),
        link: None,
    };
    let rota = Rota {
        primary: "ines".into(),
        secondary: Some("tomas".into()),
        escalation: vec![],
        training: vec![],
        commander: None,
    };
    let runbook = |reviewed_at| Runbook { markdown: "x".into(), reviewed_at, reviewed_by: None };
    let untried = Scenario { verdict: None, ..scenario.clone() };
    Recorded {
        runbooks: vec![entry("a", false, runbook(Some(ago(DAY)))), entry("b", false, runbook(None))],
        runs: vec![entry("", true, run(Context::None)), entry("", true, run(Context::Incident { id: 1 }))],
        // The one that is planned has not been held.
        gamedays: vec![
            entry("", true, gameday(ago(-DAY), vec![])),
            entry("", true, gameday(ago(9 * DAY), vec![scenario, untried])),
        ],
        load_tests: vec![
            entry("", false, load_test(1, None)),
            entry("", false, load_test(2, Some(40.0))),
            entry("", false, load_test(3, Some(99.0))),
        ],
        incidents: vec![
            entry("No beans", true, incident(5, DetectedBy::User)),
            entry("", false, incident(6, DetectedBy::Alert)),
            entry("", false, incident(100, DetectedBy::Alert)),
        ],
        rotas: vec![entry("", false, rota)],
    }
}

fn entry<B>(title: &str, open: bool, body: B) -> Entry<B> {
    Entry { title: title.into(), open, updated_at: ago(200 * DAY), body }
}

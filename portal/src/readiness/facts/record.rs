//! What people have recorded: runbooks, gamedays, load tests, incidents, and who is on call.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use seaworthy_checklist::{Fact, Source, Value};
use seaworthy_records::{Context, DetectedBy, Gameday};

use super::{Found, count, names};
use crate::{readiness::known::Known, web::link};

const fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

pub(super) fn add(known: &Known, found: &mut Found) {
    incidents(known, found);
    load_tests(known, found);
    gamedays(known, found);
    runbooks(known, found);
    drills(known, found);
}

fn fact(known: &Known, value: Value, seen_at: Timestamp, page: &str) -> Fact {
    let page = link::with_query(page, &[("service", &known.service)]);
    Fact::new(value, seen_at, Source::Record).link(page)
}

fn age_in_days(known: &Known, since: Timestamp) -> i64 {
    (known.now.duration_since(since).as_hours() / 24).max(0)
}

fn incidents(known: &Known, found: &mut Found) {
    let fact = |value| fact(known, value, known.now, "/incidents");
    let since = known.now - days(90);
    let recent = || known.recorded.incidents.iter().filter(|incident| incident.body.started_at >= since);
    let open = known.recorded.incidents.iter().filter(|incident| incident.open);
    found.add("incidents_90d", fact(count(recent().count())));
    found.add("open_incidents", fact(names(open.map(|incident| &incident.title))));
    let by_alert = recent().filter(|incident| incident.body.detected_by == DetectedBy::Alert).count();
    if recent().count() > 0 {
        let share = by_alert as f64 / recent().count() as f64;
        let fact = fact(Value::Float(share)).of(recent().count() as u64);
        found.add("incidents_detected_by_alert_share_90d", fact);
    }
}

/// The latest that somebody has judged.
fn load_tests(known: &Known, found: &mut Found) {
    let tests = known.recorded.load_tests.iter().map(|test| &test.body);
    let judged = tests.filter_map(|test| Some((test.ran_at, test.highest_rate_within_slo?, &test.build)));
    let past = judged.filter(|(ran_at, ..)| *ran_at <= known.now);
    if let Some((ran_at, rate, build)) = past.max_by_key(|(ran_at, ..)| *ran_at) {
        let fact = fact(known, Value::Float(rate), ran_at, "/load-tests");
        found.add("capacity_requests_per_second", Fact { build: build.clone(), ..fact });
    }
}

fn gamedays(known: &Known, found: &mut Found) {
    let held = || held(known);
    let latest = held().max_by_key(|gameday| gameday.planned_for);
    let seen_at = latest.map_or(known.now, |gameday| gameday.planned_for);
    let of_latest =
        |figure: fn(&Gameday) -> usize| fact(known, count(latest.map_or(0, figure)), seen_at, "/gamedays");
    found.add("gameday_scenarios", of_latest(|gameday| gameday.scenarios.len()));
    found.add("gameday_scenarios_without_result", of_latest(Gameday::without_result));
    let now = |value| fact(known, value, known.now, "/gamedays");
    let speaking = known.speaking();
    if !speaking.is_empty() {
        let checks = speaking.iter().flat_map(|instance| &instance.check_in.health.checks);
        let critical: BTreeSet<&str> =
            checks.filter(|check| check.critical).map(|check| check.name.as_str()).collect();
        let scenarios = held().flat_map(|gameday| &gameday.scenarios);
        let taken: BTreeSet<&str> = scenarios
            .filter(|scenario| scenario.verdict.is_some())
            .filter_map(|scenario| scenario.taken_away.as_deref())
            .collect();
        let never = now(names(critical.difference(&taken)));
        found.add("critical_dependencies_never_taken_away", never);
    }
    let tickets = known.recorded.gamedays.iter().flat_map(|gameday| &gameday.body.tickets);
    let oldest = tickets.filter(|ticket| ticket.closed_at.is_none()).map(|ticket| ticket.opened_at).min();
    let age = oldest.map_or(0, |opened_at| age_in_days(known, opened_at));
    found.add("oldest_open_gameday_ticket_days", now(Value::Int(age)));
}

/// The gamedays whose day has come.
fn held(known: &Known) -> impl Iterator<Item = &Gameday> {
    let gamedays = known.recorded.gamedays.iter().map(|gameday| &gameday.body);
    gamedays.filter(|gameday| gameday.planned_for <= known.now)
}

fn runbooks(known: &Known, found: &mut Found) {
    let runbooks = &known.recorded.runbooks;
    let now = |value| fact(known, value, known.now, "/runbooks");
    found.add("runbooks", now(count(runbooks.len())));
    // Who writes it anew has reviewed it.
    let reviewed = runbooks
        .iter()
        .map(|runbook| runbook.body.reviewed_at.filter(|at| *at <= known.now).max(Some(runbook.updated_at)));
    if let Some(oldest) = reviewed.flatten().min() {
        found.add("oldest_runbook_review_days", now(Value::Int(age_in_days(known, oldest))));
    }
    let runs = known.recorded.runs.iter().map(|run| &run.body);
    let earnest = |context: &Context| matches!(context, Context::Incident { .. } | Context::Gameday { .. });
    let runs: Vec<Timestamp> = runs.filter(|run| earnest(&run.context)).map(|run| run.started_at).collect();
    let last = runs.iter().copied().max().unwrap_or(known.now).min(known.now);
    found.add("runbook_runs", fact(known, count(runs.len()), last, "/runbooks"));
}

/// Who is on call and took part in nothing for half a year; unknown where nobody has said who is on call.
fn drills(known: &Known, found: &mut Found) {
    let Some(_) = known.recorded.rotas.first() else { return };
    let since = known.now - days(180);
    let gamedays = held(known).filter(|gameday| gameday.planned_for >= since);
    let incidents = known.recorded.incidents.iter().map(|incident| &incident.body);
    let incidents = incidents.filter(|incident| incident.started_at >= since);
    let took_part: BTreeSet<&str> = gamedays
        .flat_map(|gameday| gameday.participants.iter().map(String::as_str))
        .chain(incidents.flat_map(|incident| incident.participants()))
        .collect();
    let on_call = known.recorded.rotas.iter().flat_map(|rota| rota.body.on_call());
    let without: BTreeSet<&str> = on_call.filter(|person| !took_part.contains(person)).collect();
    found.add("on_call_without_drill_180d", fact(known, names(without), known.now, "/training"));
}

//! A fleet is judged: 500 services by the default template and an own one of two items, on one core and on two.
//!
//! `cargo bench -p seaworthy-checklist`. Ends with an error where two cores take a second or more.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench ends where it fails, and is no library")]

use std::{
    collections::BTreeMap,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use seaworthy_checklist::{
    Answer, Assessment, Fact, Facts, KnownFact, Past, People, Subject, TWELVE_POINT, Template, Templates,
    Type, Value,
};

const SERVICES: u64 = 500;
const ROUNDS: usize = 9;
const ASKED: Duration = Duration::from_secs(1);

const OWN: &str = "id: own
title: Our own
version: '1'
points:
  - title: Speed
    items:
      - {id: fast, level: bronze, kind: evidence, question: Fast?, why: Users wait., how: Be fast.,
         rule: 'p99_24h <= duration(\"300ms\") && route_p99_24h.all(route, route_p99_24h[route] <= duration(\"1s\"))'}
      - {id: calm, level: silver, kind: evidence, question: Calm?, why: Nights., how: Mend it.,
         rule: error_share_24h < 0.001 && size(firing_alerts) == 0}
";

/// A service as the portal would know it.
struct Service {
    facts: Facts,
    people: People,
    past: BTreeMap<String, Past>,
}

fn main() -> ExitCode {
    let began = Instant::now();
    let mut templates = Templates::default();
    for yaml in [TWELVE_POINT, OWN] {
        templates.put(Template::from_yaml(yaml).unwrap()).unwrap();
    }
    let items: usize = templates.iter().map(|template| template.items().count()).sum();
    println!("{items} items read and their rules checked in {:.1?}", began.elapsed());

    let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
    let services: Vec<_> = (0..SERVICES).map(|number| service(number, now)).collect();
    let verdicts = assess(&services, &templates, now);
    println!("{SERVICES} services, {} verdicts: {}", SERVICES as usize * items, counted(&verdicts));

    let one = median(|| _ = assess(&services, &templates, now));
    let two = median(|| {
        let (first, second) = services.split_at(services.len() / 2);
        thread::scope(|scope| {
            scope.spawn(|| assess(first, &templates, now));
            assess(second, &templates, now);
        });
    });
    println!("on one core  {one:>8.1?}, {:.2?} a verdict", one / (SERVICES as u32 * items as u32));
    println!("on two cores {two:>8.1?}, asked: under {ASKED:?}");
    if two < ASKED { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn assess(services: &[Service], templates: &Templates, now: Timestamp) -> Vec<Assessment> {
    let judged = services.iter().flat_map(|Service { facts, people, past }| {
        let subject = Subject { now, build: Some("1.8.2"), facts, people, past };
        templates.of_kind("http").map(move |template| template.assess(&subject))
    });
    judged.collect()
}

/// The middle of several rounds.
fn median(mut run: impl FnMut()) -> Duration {
    let mut took: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            run();
            began.elapsed()
        })
        .collect();
    took.sort();
    took[ROUNDS / 2]
}

fn counted(assessments: &[Assessment]) -> String {
    let mut counts = BTreeMap::new();
    for judgement in assessments.iter().flat_map(|assessment| &assessment.judgements) {
        *counts.entry(judgement.word()).or_insert(0) += 1;
    }
    counts.into_iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// Every fact of it but one in ten, some of them old or of another build; half of the answers.
fn service(number: u64, now: Timestamp) -> Service {
    let mut facts = Facts::default();
    for (known, index) in KnownFact::all().zip(1_u64..) {
        let chance = scattered(number * 1_000 + index);
        if chance.is_multiple_of(10) {
            continue;
        }
        let hours = if chance % 10 == 1 { 24 * 200 } else { 0 };
        let build = if chance % 10 == 2 { "1.8.1" } else { "1.8.2" };
        let seen_at = now - SignedDuration::from_hours(hours);
        let fact =
            Fact::new(value(known.kind, chance), seen_at, known.source).build(build).link("/services/orders");
        facts.insert(known.name, fact).unwrap();
    }
    Service { facts, people: people(number, now), past: BTreeMap::new() }
}

fn value(kind: Type, chance: u64) -> Value {
    let few = (chance / 100 % 4) as usize;
    match kind {
        Type::Bool => Value::from(few != 0),
        Type::Int => Value::from(few as i64),
        Type::Float => Value::from(chance as f64 / u64::MAX as f64),
        Type::Text => Value::from("1.8.2"),
        Type::Timestamp => Value::from(Timestamp::UNIX_EPOCH),
        Type::Duration => Value::from(SignedDuration::from_millis((chance % 500) as i64)),
        Type::List(_) => Value::list((0..few * 7).map(|entry| format!("/orders/{entry}"))),
        Type::Map(of) => Value::map((0..12).map(|entry| (format!("/orders/{entry}"), value(*of, chance)))),
    }
}

fn people(number: u64, now: Timestamp) -> People {
    let template = Template::from_yaml(TWELVE_POINT).unwrap();
    let answered = template.items().filter(|item| scattered(number + item.id.len() as u64).is_multiple_of(2));
    let answer = Answer {
        yes: true,
        by: "ann".to_owned(),
        at: now,
        note: "As we do it.".to_owned(),
        link: Some("https://wiki.example/orders".to_owned()),
        build: None,
    };
    let answers = answered.map(|item| (item.id.clone(), answer.clone())).collect();
    People { answers, ..People::default() }
}

/// The same number for the same number, and no pattern (Steele, Lea and Flood: SplitMix64).
fn scattered(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

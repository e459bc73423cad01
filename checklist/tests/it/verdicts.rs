//! What is said of an item when facts, answers, waivers and time come together.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use seaworthy_checklist::{
    Answer, Approval, Assessment, By, Fact, Facts, Judgement, Level, NotApplicable, Past, People,
    RefusedWaiver, Share, Source, Subject, Template, Value, Verdict, Waiver, WaiverState,
};

/// One item of every sort.
const TEMPLATE: &str = r#"
id: own
title: Our own
version: "1"
max_age: 24h
points:
  - title: One of each
    items:
      - {id: slow, level: bronze, kind: evidence, question: Is it fast?, why: Users wait., how: Be fast.,
         rule: p99_24h <= duration("300ms")}
      - {id: limited, level: silver, kind: evidence, question: Is it limited?, why: Loops., how: Limit it.,
         rule: size(public_routes_without_limiter) == 0, marks: [claim]}
      - {id: profiled, level: silver, kind: evidence, question: Is it profiled?, why: Bad days., how: Profile it.,
         rule: "'cpu' in profile_kinds", marks: [build]}
      - {id: written, level: bronze, kind: answer, question: Is it written?, why: Nights., how: Write it.,
         max_age: 90d, marks: [link]}
      - {id: agreed, level: gold, kind: answer, question: Is it agreed?, why: Money., how: Agree., marks: [build]}
"#;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-21T10:00:00Z")
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

struct World {
    facts: Facts,
    people: People,
    past: BTreeMap<String, Past>,
    build: Option<&'static str>,
    now: Timestamp,
}

impl World {
    fn new() -> Self {
        let (facts, people, past) = (Facts::default(), People::default(), BTreeMap::new());
        Self { facts, people, past, build: Some("1.8.2"), now: now() }
    }

    fn fact(mut self, name: &str, value: impl Into<Value>, ago: SignedDuration, build: &str) -> Self {
        let fact = Fact::new(value, now() - ago, Source::Telemetry).build(build).link("/there");
        self.facts.insert(name, fact).unwrap();
        self
    }

    fn p99(self, millis: i64) -> Self {
        self.fact("p99_24h", SignedDuration::from_millis(millis), SignedDuration::ZERO, "1.8.2")
    }

    fn answer(mut self, item: &str, yes: bool, ago: SignedDuration) -> Self {
        let answer = Answer {
            yes,
            by: "ann".to_owned(),
            at: now() - ago,
            note: "So it is.".to_owned(),
            link: Some("https://wiki.example".to_owned()),
            build: Some("1.8.2".to_owned()),
        };
        self.people.answers.insert(item.to_owned(), answer);
        self
    }

    fn waiver(mut self, item: &str, approved_by: Option<&str>) -> Self {
        let mut waiver = Waiver::ask("In December.", "ann", now() - days(2), now() + days(20)).unwrap();
        waiver.approval = approved_by.map(|by| Approval { by: by.to_owned(), at: now() - days(1) });
        self.people.waivers.insert(item.to_owned(), waiver);
        self
    }

    fn assess(&self) -> Assessment {
        let Self { facts, people, past, build, now } = self;
        Template::from_yaml(TEMPLATE).unwrap().assess(&Subject {
            now: *now,
            build: *build,
            facts,
            people,
            past,
        })
    }

    fn judge(&self, item: &str) -> Judgement {
        self.assess().judgement(item).unwrap().clone()
    }

    /// The word of the page, what it was judged by, and the words behind it.
    fn told(&self, item: &str) -> String {
        let judgement = self.judge(item);
        format!("{} by {}: {}", judgement.word(), judgement.by.as_str(), judgement.words)
    }
}

#[test]
fn evidence_decides_and_a_claim_fills_in() {
    let none = || Value::list::<&str>([]);
    let hour = SignedDuration::from_hours(1);
    let limited = |routes: Value| World::new().fact("public_routes_without_limiter", routes, hour, "1.8.2");
    let cases = [
        (World::new().p99(412), "slow", "fail by evidence: p99 of 24 h: 412 ms (asked: at most 300 ms)"),
        (World::new().p99(300), "slow", "proved by evidence: p99 of 24 h: 300 ms (asked: at most 300 ms)"),
        (World::new(), "slow", "unknown by evidence: nobody has observed it yet: p99 of 24 h"),
        // A claim stands in for what is not known, not for what is.
        (
            World::new().answer("slow", true, days(3)),
            "slow",
            "claimed by answer: yes, says ann on 2026-11-18; nobody has observed it yet: p99 of 24 h",
        ),
        (
            World::new().answer("slow", false, days(3)),
            "slow",
            "fail by answer: no, says ann on 2026-11-18; nobody has observed it yet: p99 of 24 h",
        ),
        (
            World::new().answer("slow", true, days(181)),
            "slow",
            "stale by answer: yes, says ann on 2026-05-24; answered 181 d ago, counts for 180 d; nobody has observed it yet: p99 of 24 h",
        ),
        (
            World::new().p99(412).answer("slow", true, days(3)),
            "slow",
            "fail by evidence: p99 of 24 h: 412 ms (asked: at most 300 ms)",
        ),
        (
            World::new()
                .fact("p99_24h", SignedDuration::from_millis(200), days(2), "1.8.2")
                .answer("slow", true, hour),
            "slow",
            "stale by evidence: p99 of 24 h: 200 ms (asked: at most 300 ms); seen 2 d ago, counts for 24 h",
        ),
        (
            World::new().p99(200).answer("slow", false, hour),
            "slow",
            "proved by evidence: p99 of 24 h: 200 ms (asked: at most 300 ms)",
        ),
        // Where the item says that there may be more than is seen, it also stands in for a failure.
        (
            limited(Value::list(["/menu"])).answer("limited", true, days(3)),
            "limited",
            "claimed by answer: yes, says ann on 2026-11-18; public routes without a limiter: /menu (asked: none)",
        ),
        (
            limited(Value::list(["/menu"])).answer("limited", true, days(200)),
            "limited",
            "fail by evidence: public routes without a limiter: /menu (asked: none)",
        ),
        (
            limited(none()).answer("limited", true, days(3)),
            "limited",
            "proved by evidence: public routes without a limiter: none",
        ),
        (
            World::new(),
            "limited",
            "unknown by evidence: the agent does not report this yet: public routes without a limiter",
        ),
    ];
    for (world, item, expected) in cases {
        assert_eq!(world.told(item), expected);
    }
}

#[test]
fn evidence_of_a_build_counts_as_long_as_the_build_runs() {
    let world = |build, ago| World::new().fact("profile_kinds", Value::list(["cpu"]), days(ago), build);
    assert_eq!(world("1.8.2", 300).told("profiled"), "proved by evidence: kinds of profiles: cpu");
    let stale = world("1.8.1", 0);
    assert_eq!(
        stale.told("profiled"),
        "stale by evidence: kinds of profiles: cpu; seen on build 1.8.1; 1.8.2 runs now"
    );
    assert_eq!(stale.judge("profiled").next.as_deref(), Some("Do it again with build 1.8.2. Profile it."));
    let unknown = World { build: None, ..world("1.8.2", 0) };
    assert_eq!(
        unknown.told("profiled"),
        "stale by evidence: kinds of profiles: cpu; seen on build 1.8.2; which one runs now is not known"
    );
    let mut nowhere = World::new();
    nowhere.facts.insert("profile_kinds", Fact::new(Value::list(["cpu"]), now(), Source::Telemetry)).unwrap();
    for build in [None, Some("1.8.2")] {
        let told = World { build, facts: nowhere.facts.clone(), ..World::new() }.told("profiled");
        assert_eq!(told, "stale by evidence: kinds of profiles: cpu; seen on no known build");
    }
}

#[test]
fn answers_run_out_need_their_link_and_may_belong_to_a_build() {
    assert_eq!(World::new().told("written"), "unknown by answer: nobody has answered");
    assert_eq!(World::new().judge("written").next.as_deref(), Some("Answer it. Write it."));
    let answered = World::new().answer("written", true, days(90));
    assert_eq!(answered.told("written"), "claimed by answer: yes, says ann on 2026-08-23");
    assert_eq!(answered.judge("written").until, Some(now()));
    let stale = World::new().answer("written", true, days(91));
    assert_eq!(
        stale.told("written"),
        "stale by answer: yes, says ann on 2026-08-22; answered 91 d ago, counts for 90 d"
    );
    assert_eq!(stale.judge("written").next.as_deref(), Some("Answer it again. Write it."));
    let mut unlinked = World::new().answer("written", true, days(1));
    for link in [None, Some(" ".to_owned())] {
        unlinked.people.answers.get_mut("written").unwrap().link = link;
        let expected = "unknown by answer: yes, says ann on 2026-11-20, without the link that is asked for";
        assert_eq!(unlinked.told("written"), expected);
    }
    let agreed = World::new().answer("agreed", true, days(700));
    assert_eq!(agreed.told("agreed"), "claimed by answer: yes, says ann on 2024-12-21");
    let other = World { build: Some("1.9.0"), ..agreed };
    assert_eq!(
        other.told("agreed"),
        "stale by answer: yes, says ann on 2024-12-21; answered on build 1.8.2; 1.9.0 runs now"
    );
}

#[test]
fn an_answer_says_who_what_and_where() {
    let judgement = World::new().answer("written", true, days(1)).judge("written");
    let evidence = judgement.evidence.first().unwrap();
    assert_eq!((evidence.label.as_str(), evidence.words.as_str()), ("ann", "So it is."));
    assert_eq!((evidence.link.as_deref(), evidence.source), (Some("https://wiki.example"), Source::Person));
    let judgement = World::new().p99(412).judge("slow");
    let evidence = judgement.evidence.first().unwrap();
    assert_eq!((evidence.name, evidence.words.as_str(), evidence.stale), ("p99_24h", "412 ms", false));
    assert_eq!((evidence.link.as_deref(), evidence.build.as_deref()), (Some("/there"), Some("1.8.2")));
    assert_eq!(judgement.seen_at(), Some(now()));
    assert_eq!(judgement.until, Some(now() + days(1)));
}

#[test]
fn a_waiver_holds_once_another_approves_it_and_until_it_expires() {
    let failing = World::new().p99(412);
    let fail = "fail by evidence: p99 of 24 h: 412 ms (asked: at most 300 ms)";
    assert_eq!(failing.told("slow"), fail);
    assert_eq!(World::new().p99(412).waiver("slow", None).told("slow"), fail);
    assert_eq!(World::new().p99(412).waiver("slow", Some("ann")).told("slow"), fail);
    let waived = World::new().p99(412).waiver("slow", Some("ben"));
    assert_eq!(
        waived.told("slow"),
        "waived by evidence: In December. (asked by ann, approved by ben, until 2026-12-11); without it fail: p99 of 24 h: 412 ms (asked: at most 300 ms)"
    );
    let judgement = waived.judge("slow");
    assert_eq!((judgement.unwaived, judgement.until), (Some(Verdict::Fail), Some(now() + days(20))));
    assert_eq!(judgement.next.as_deref(), Some("Before 2026-12-11: Be fast."));
    let over = World { now: now() + days(20), ..waived };
    assert_eq!(over.judge("slow").verdict, Verdict::Stale);
    // It stands in for any verdict that is no pass, and for no pass.
    assert_eq!(World::new().waiver("written", Some("ben")).judge("written").unwaived, Some(Verdict::Unknown));
    let passing = World::new().p99(200).waiver("slow", Some("ben")).judge("slow");
    assert_eq!((passing.verdict, passing.unwaived), (Verdict::Pass, None));
}

#[test]
fn a_waiver_that_cannot_be_is_refused() {
    let ask =
        |reason, expires_at| Waiver::ask(reason, "ann", now(), expires_at).map_err(|error| error.to_string());
    let longest = ask("Later.", now() + days(180)).unwrap();
    assert_eq!(ask(" ", now() + days(1)).unwrap_err(), RefusedWaiver::NoReason.to_string());
    assert_eq!(
        ask("Later.", now() + days(181)).unwrap_err(),
        "a waiver ends after 2026-11-21 and at most 180 days later; 2027-05-21 was given"
    );
    assert!(ask("Later.", now()).is_err());
    assert_eq!(
        longest.clone().approve("ann", now()).unwrap_err().to_string(),
        "ann asked for the waiver; somebody else has to approve it"
    );
    assert_eq!(
        longest.clone().approve("ben", now() + days(180)).unwrap_err().to_string(),
        "the waiver expired on 2027-05-20; ask for a new one"
    );
    // However it came into a store: it holds no longer than it may, and not before it was approved.
    let approval = Some(Approval { by: "ben".to_owned(), at: now() + days(1) });
    let endless = Waiver { expires_at: now() + days(1_000), approval, ..longest };
    assert_eq!(endless.state(now()), WaiverState::Asked);
    assert_eq!(endless.state(now() + days(179)), WaiverState::Active);
    assert_eq!(endless.state(now() + days(180)), WaiverState::Expired);
}

#[test]
fn not_applicable_by_a_person_counts_neither_way() {
    let mut world = World::new().p99(412).waiver("slow", Some("ben"));
    let said = NotApplicable { reason: "A batch job.".to_owned(), by: "ann".to_owned(), at: now() };
    world.people.not_applicable.insert("slow".to_owned(), said);
    assert_eq!(world.told("slow"), "not applicable by answer: A batch job. (ann on 2026-11-21)");
    assert_eq!(world.assess().share.applicable, 4);
}

#[test]
fn since_when_is_kept_until_the_verdict_changes() {
    let mut world = World::new().p99(412);
    let first = world.assess();
    assert_eq!(first.changes().count(), 0, "what was never judged has not changed");
    world.past = first.past();
    world.now = now() + SignedDuration::from_hours(1);
    let second = world.assess();
    assert_eq!(second.judgement("slow").unwrap().since, now());
    assert_eq!(second.changes().count(), 0);
    world =
        World { past: second.past(), now: now() + SignedDuration::from_hours(2), ..World::new().p99(200) };
    let third = world.assess();
    let slow = third.judgement("slow").unwrap();
    assert_eq!(slow.since, now() + SignedDuration::from_hours(2));
    let was = Past { verdict: Verdict::Fail, by: By::Evidence, since: now() };
    assert_eq!(
        third.changes().map(|(now, was)| (now.item.as_str(), was)).collect::<Vec<_>>(),
        [("slow", was)]
    );
}

#[test]
fn a_level_is_reached_when_nothing_of_it_and_below_is_open() {
    let mut world = World::new().p99(412).answer("agreed", true, days(1));
    let blocking = |world: &World| {
        let assessment = world.assess();
        let blockers: Vec<_> = assessment.blockers().map(|judgement| judgement.item.clone()).collect();
        (assessment.level, assessment.next_level(), blockers.join(" "))
    };
    assert_eq!(blocking(&world), (None, Some(Level::Bronze), "slow written".to_owned()));
    world = world.p99(200).answer("written", true, days(1));
    assert_eq!(blocking(&world), (Some(Level::Bronze), Some(Level::Silver), "limited profiled".to_owned()));
    world = world.waiver("limited", Some("ben")).waiver("profiled", Some("ben"));
    assert_eq!(blocking(&world), (Some(Level::Gold), None, String::new()));
    let share = world.assess().share;
    assert_eq!((share.applicable, share.passing, share.proved, share.claimed, share.waived), (5, 3, 1, 2, 2));
    assert_eq!(share.percent(), Some(60));
}

#[test]
fn a_point_has_a_share_of_its_own() {
    let second = "\n  - title: Another\n    items:\n      - {id: owned, level: bronze, kind: answer, question: Q?, why: W., how: H.}\n";
    let template = Template::from_yaml(&format!("{}{second}", TEMPLATE.trim_end())).unwrap();
    let World { facts, people, past, build, now } = World::new().p99(200).answer("owned", true, days(1));
    let assessment = template.assess(&Subject { now, build, facts: &facts, people: &people, past: &past });
    let shares = [0, 1, 2].map(|point| Share::of(assessment.point(point)));
    assert_eq!(shares.map(|share| (share.passing, share.applicable)), [(1, 5), (1, 1), (0, 0)]);
    assert_eq!(shares.map(|share| share.percent()), [Some(20), Some(100), None]);
}

#[test]
fn an_assessment_goes_out_as_json() {
    let assessment = World::new().p99(412).assess();
    let json = serde_json::to_value(&assessment).unwrap();
    assert_eq!((&json["level"], &json["share"]["applicable"]), (&serde_json::Value::Null, &5.into()));
    let slow = &json["judgements"][0];
    assert_eq!(
        (&slow["verdict"], &slow["by"], &slow["level"]),
        (&"fail".into(), &"evidence".into(), &"bronze".into())
    );
    assert_eq!(slow["evidence"][0]["source"], "telemetry");
}

/// Words for a rule about shares, by what the share is.
fn share_in_words(rule: &str, share: f64) -> String {
    let yaml = TEMPLATE.replace("p99_24h <= duration(\"300ms\")", &format!("'{rule}'"));
    let template = Template::from_yaml(&yaml).unwrap();
    let mut world = World::new();
    let fact = Fact::new(share, now(), Source::Telemetry).of(48_211);
    world.facts.insert("request_trace_id_share_24h", fact).unwrap();
    let World { facts, people, past, build, now } = &world;
    let assessment = template.assess(&Subject { now: *now, build: *build, facts, people, past });
    assessment.judgements[0].words.replace("requests with a trace id in 24 h: ", "")
}

#[test]
fn no_rounding_hides_what_decides() {
    let cases = [
        (">= 0.99", 0.9997, "99.97 % of 48,211 (asked: at least 99 %)"),
        (">= 0.99", 0.989_999, "98.9999 % of 48,211 (asked: at least 99 %)"),
        (">= 0.99", 1.0, "100 % of 48,211 (asked: at least 99 %)"),
        (">= 0.99", 0.999_98, "99.998 % of 48,211 (asked: at least 99 %)"),
        (">= 0.99", 0.999_999_999_9, "nearly 100 % of 48,211 (asked: at least 99 %)"),
        (">= 0.999995", 0.99999, "99.999 % of 48,211 (asked: at least 99.9995 %)"),
        ("< 0.01", 0.000_02, "0.002 % of 48,211 (asked: less than 1 %)"),
        ("< 0.01", 0.0, "0 % of 48,211 (asked: less than 1 %)"),
        ("!= 0.5", 0.5, "50 % of 48,211 (asked: other than 50 %)"),
    ];
    for (rule, share, expected) in cases {
        assert_eq!(
            share_in_words(&format!("request_trace_id_share_24h {rule}"), share),
            expected,
            "{rule} {share}"
        );
    }
    assert_eq!(
        share_in_words("0.99 <= request_trace_id_share_24h", 0.5),
        "50 % of 48,211 (asked: at least 99 %)"
    );
    assert_eq!(
        share_in_words("!(request_trace_id_share_24h < 0.99)", 0.5),
        "50 % of 48,211 (asked: at least 99 %)"
    );
}

#[test]
fn texts_of_others_stay_on_one_harmless_line() {
    let hostile = format!("/a\u{1b}[31m\n{}", "x".repeat(900));
    let world = World::new().fact(
        "public_routes_without_limiter",
        Value::list([hostile]),
        SignedDuration::ZERO,
        "1.8.2",
    );
    let words = world.judge("limited").words;
    assert!(
        words.starts_with("public routes without a limiter: /a\u{fffd}[31m xxx") && words.len() < 300,
        "{words}"
    );
    let mut world = World::new();
    let said = NotApplicable { reason: "Two\nlines\u{7}.".to_owned(), by: "ann\r".to_owned(), at: now() };
    world.people.not_applicable.insert("slow".to_owned(), said);
    assert_eq!(world.judge("slow").words, "Two lines\u{fffd}. (ann on 2026-11-21)");
}

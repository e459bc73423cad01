//! What holds of levels and shares whatever the facts and the people say.

use std::{collections::BTreeMap, sync::LazyLock};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use seaworthy_checklist::{
    Answer, Approval, Assessment, By, Fact, Facts, KnownFact, NotApplicable, People, Subject, TWELVE_POINT,
    Template, Type, Value, Verdict, Waiver,
};

fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn template() -> &'static Template {
    static TEMPLATE: LazyLock<Template> = LazyLock::new(|| Template::from_yaml(TWELVE_POINT).unwrap());
    &TEMPLATE
}

/// Some value of a fact, small enough to pass one rule and fail another.
fn value(kind: Type) -> BoxedStrategy<Value> {
    match kind {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Int => (0_i64..8).prop_map(Value::from).boxed(),
        Type::Float => (0.0..1.2_f64).prop_map(Value::from).boxed(),
        Type::Text => "[a-c]".prop_map(Value::from).boxed(),
        Type::Timestamp => {
            (0_i64..100).prop_map(|hours| Value::from(now() - SignedDuration::from_hours(hours))).boxed()
        }
        Type::Duration => {
            (0_i64..900).prop_map(|millis| Value::from(SignedDuration::from_millis(millis))).boxed()
        }
        Type::List(_) => prop::collection::vec("cpu|heap|tasks", 0..4).prop_map(Value::list).boxed(),
        Type::Map(of) => prop::collection::btree_map("[a-c]", value(*of), 0..3).prop_map(Value::map).boxed(),
    }
}

fn facts() -> impl Strategy<Value = Facts> {
    let each: Vec<_> = KnownFact::all()
        .map(|known| {
            let fact = (value(known.kind), 0_i64..200 * 24, prop::sample::select(vec!["1.8.1", "1.8.2"]));
            prop::option::weighted(
                0.8,
                fact.prop_map(|(value, hours, build)| {
                    Fact::new(value, now() - SignedDuration::from_hours(hours / 20), known.source)
                        .build(build)
                }),
            )
        })
        .collect();
    each.prop_map(|each| {
        let mut facts = Facts::default();
        for (known, fact) in KnownFact::all().zip(each) {
            if let Some(fact) = fact {
                facts.insert(known.name, fact).unwrap();
            }
        }
        facts
    })
}

/// For each item an answer, a waiver and a declaration, or not.
fn people() -> impl Strategy<Value = People> {
    let ids: Vec<_> = template().items().map(|item| item.id.clone()).collect();
    let each = (
        prop::option::of((any::<bool>(), 0_i64..400)),
        prop::option::of(any::<bool>()),
        prop::bool::weighted(0.1),
    );
    prop::collection::vec(each, ids.len()).prop_map(move |each| {
        let mut people = People::default();
        for (id, (answer, waiver, not_applicable)) in ids.iter().zip(each) {
            if let Some((yes, days)) = answer {
                people.answers.insert(id.clone(), answered(yes, days));
            }
            if let Some(approved) = waiver {
                people.waivers.insert(id.clone(), waived(approved));
            }
            if not_applicable {
                let said = NotApplicable { reason: "No.".to_owned(), by: "ann".to_owned(), at: now() };
                people.not_applicable.insert(id.clone(), said);
            }
        }
        people
    })
}

fn answered(yes: bool, days: i64) -> Answer {
    let at = now() - SignedDuration::from_hours(24 * days);
    let link = Some("https://wiki.example".to_owned());
    Answer { yes, by: "ann".to_owned(), at, note: String::new(), link, build: Some("1.8.2".to_owned()) }
}

fn waived(approved: bool) -> Waiver {
    let ends = now() + SignedDuration::from_hours(24);
    let mut waiver = Waiver::ask("Later.", "ann", now(), ends).unwrap();
    waiver.approval = approved.then(|| Approval { by: "ben".to_owned(), at: now() });
    waiver
}

fn assess(facts: &Facts, people: &People) -> Assessment {
    template().assess(&Subject { now: now(), build: Some("1.8.2"), facts, people, past: &BTreeMap::new() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Whatever makes one more item pass lowers neither the level nor the share.
    #[test]
    fn one_more_pass_lowers_nothing(facts in facts(), people in people(), index in any::<prop::sample::Index>()) {
        let before = assess(&facts, &people);
        let open: Vec<_> = before.judgements.iter().filter(|judgement| judgement.by == By::Answer
            && !matches!(judgement.verdict, Verdict::Pass | Verdict::NotApplicable)).collect();
        prop_assume!(!open.is_empty());
        let mut better = people.clone();
        better.answers.insert(index.get(&open).item.clone(), answered(true, 0));
        let after = assess(&facts, &better);
        prop_assert_eq!(after.share.passing, before.share.passing + 1);
        prop_assert!(after.level >= before.level && after.share.percent() >= before.share.percent());
        prop_assert!(after.blockers().count() <= before.blockers().count() || after.level > before.level);
    }

    /// Waivers turn nothing into a pass, and take no pass away.
    #[test]
    fn a_waiver_never_proves(facts in facts(), people in people()) {
        let without = assess(&facts, &People { waivers: BTreeMap::new(), ..people.clone() });
        let with = assess(&facts, &people);
        prop_assert_eq!((without.share.proved, without.share.claimed), (with.share.proved, with.share.claimed));
        prop_assert!(without.level <= with.level);
        for (without, with) in without.judgements.iter().zip(&with.judgements) {
            match with.verdict {
                Verdict::Waived => prop_assert_eq!(with.unwaived, Some(without.verdict)),
                verdict => prop_assert_eq!(verdict, without.verdict),
            }
        }
    }

    /// A fact that is taken away proves nothing that it did not prove before, except where another rule did not apply.
    #[test]
    fn knowing_less_proves_no_more(facts in facts(), index in any::<prop::sample::Index>()) {
        let names: Vec<_> = facts.iter().map(|(name, _)| name).collect();
        prop_assume!(!names.is_empty());
        let mut fewer = facts.clone();
        fewer.remove(names[index.index(names.len())]);
        let people = People::default();
        let (more, less) = (assess(&facts, &people), assess(&fewer, &people));
        for (more, less) in more.judgements.iter().zip(&less.judgements) {
            if less.verdict.holds() {
                prop_assert_eq!(less.verdict, more.verdict, "{}", &less.item);
            }
        }
    }

    /// The level says what its definition says, and the share adds up.
    #[test]
    fn level_and_share_follow_from_the_verdicts(facts in facts(), people in people()) {
        let assessment = assess(&facts, &people);
        for judgement in &assessment.judgements {
            let covered = Some(judgement.level) <= assessment.level;
            prop_assert!(!covered || judgement.verdict.holds(), "{}", &judgement.item);
            prop_assert!(!judgement.words.is_empty());
            let done = matches!(judgement.verdict, Verdict::Pass | Verdict::NotApplicable);
            prop_assert_eq!(judgement.next.is_none(), done, "{}: {:?}", &judgement.item, &judgement.next);
            prop_assert!(judgement.until.is_none_or(|until| until >= now()));
        }
        prop_assert_eq!(assessment.blockers().count() == 0, assessment.next_level().is_none());
        let share = assessment.share;
        prop_assert_eq!(share.proved + share.claimed, share.passing);
        prop_assert!(share.passing + share.waived <= share.applicable && share.applicable <= 58);
    }
}

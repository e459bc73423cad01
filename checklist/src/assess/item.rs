//! Judging one item: does it apply, what does the evidence or the answer say, is it waived, and since when.

use jiff::{SignedDuration, Timestamp};

use super::{
    By, Evidence, Judgement, Subject, Verdict,
    answer::{self, Said},
    evidence::{self, Decision, Reading},
    freshness::{Freshness, Staleness},
};
use crate::{
    Basis, Item, Mark, Rule, WaiverState,
    words::{day, one_line},
};

/// What is said of an item, before waivers and the past.
struct Finding {
    verdict: Verdict,
    by: By,
    words: String,
    next: Option<String>,
    until: Option<Timestamp>,
    evidence: Vec<Evidence>,
}

/// Judges a service by one item; `default` is the template's limit of age for facts.
pub(super) fn judge(
    (point, item): (usize, &Item),
    default: Option<SignedDuration>,
    subject: &Subject<'_>,
) -> Judgement {
    let finding = not_applicable(item, subject)
        .or_else(|| not_known_to_apply(item, default, subject))
        .unwrap_or_else(|| match &item.basis {
            Basis::Evidence(rule) => by_evidence(item, rule, default, subject),
            Basis::Answer => by_answer(item, answer::asked(item, subject)),
        });
    dated((point, item), waived(item, finding, subject), subject)
}

fn not_applicable(item: &Item, subject: &Subject<'_>) -> Option<Finding> {
    let said = subject.people.not_applicable.get(&item.id)?;
    Some(Finding {
        verdict: Verdict::NotApplicable,
        by: By::Answer,
        words: format!("{} ({} on {})", one_line(&said.reason), one_line(&said.by), day(said.at)),
        next: None,
        until: None,
        evidence: Vec::new(),
    })
}

/// That the item does not apply, or that nobody knows; none where it does.
fn not_known_to_apply(
    item: &Item,
    default: Option<SignedDuration>,
    subject: &Subject<'_>,
) -> Option<Finding> {
    let rule = item.applies.as_ref()?;
    let reading = evidence::read(rule, Freshness::of_conditions(item, default, subject), subject);
    let verdict = match reading.decision {
        Decision::Is(true) => return None,
        Decision::Is(false) => Verdict::NotApplicable,
        Decision::Stale(_) => Verdict::Stale,
        Decision::Missing(_) | Decision::Failed => Verdict::Unknown,
    };
    let known = verdict == Verdict::NotApplicable;
    let words = if known { reading.words } else { format!("whether it applies: {}", reading.words) };
    let next = (!known).then(|| item.how.clone());
    Some(Finding { verdict, by: By::Evidence, words, next, until: reading.until, evidence: reading.evidence })
}

fn by_evidence(item: &Item, rule: &Rule, default: Option<SignedDuration>, subject: &Subject<'_>) -> Finding {
    let reading = evidence::read(rule, Freshness::of_facts(item, default, subject), subject);
    let found = finding(item, reading, subject);
    // What is out of sight of the evidence can be claimed; what the evidence sees cannot be claimed away, unless the item says
    // that there may be more than it sees.
    let may_claim = match found.verdict {
        Verdict::Unknown => true,
        Verdict::Fail => item.marks.contains(&Mark::Claim),
        _ => false,
    };
    match answer::claimed(item, subject).filter(|_| may_claim) {
        Some(said) if found.verdict == Verdict::Unknown || said.verdict == Verdict::Pass => {
            let (seen, evidence) = (found.words, found.evidence);
            let mut claimed = by_answer(item, said);
            claimed.words = format!("{}; {seen}", claimed.words);
            claimed.evidence.extend(evidence);
            claimed
        }
        _ => found,
    }
}

fn finding(item: &Item, reading: Reading, subject: &Subject<'_>) -> Finding {
    let (verdict, next) = match &reading.decision {
        Decision::Is(true) => (Verdict::Pass, None),
        Decision::Is(false) => (Verdict::Fail, Some(item.how.clone())),
        Decision::Failed => (Verdict::Unknown, Some(item.how.clone())),
        Decision::Stale(stale) => (Verdict::Stale, Some(again(item, stale, subject))),
        Decision::Missing(missing) => {
            let out_of_reach = missing.iter().any(|known| known.reported.why_not().is_some());
            let next = if out_of_reach {
                format!("{} Until it can be seen, answer by hand.", item.how)
            } else {
                item.how.clone()
            };
            (Verdict::Unknown, Some(next))
        }
    };
    let until = reading.until.filter(|_| matches!(verdict, Verdict::Pass | Verdict::Fail));
    Finding { verdict, by: By::Evidence, words: reading.words, next, until, evidence: reading.evidence }
}

fn by_answer(item: &Item, said: Said) -> Finding {
    let next = match said.verdict {
        Verdict::Pass => None,
        Verdict::Stale => Some(format!("Answer it again. {}", item.how)),
        Verdict::Unknown => Some(format!("Answer it. {}", item.how)),
        _ => Some(item.how.clone()),
    };
    Finding {
        verdict: said.verdict,
        by: By::Answer,
        words: said.words,
        next,
        until: said.until,
        evidence: said.evidence,
    }
}

fn again(item: &Item, stale: &Staleness, subject: &Subject<'_>) -> String {
    match (stale, subject.build) {
        (Staleness::OtherBuild { .. }, Some(build)) => {
            format!("Do it again with build {build}. {}", item.how)
        }
        _ => item.how.clone(),
    }
}

/// A waiver stands in for a pass that is not there, and for nothing else.
fn waived(item: &Item, finding: Finding, subject: &Subject<'_>) -> (Finding, Option<Verdict>) {
    let active = subject
        .people
        .waivers
        .get(&item.id)
        .filter(|waiver| waiver.state(subject.now) == WaiverState::Active);
    match active {
        Some(waiver) if !finding.verdict.holds() => {
            let ends = waiver.ends_at();
            let approved_by =
                waiver.approval.as_ref().map_or_else(String::new, |approval| one_line(&approval.by));
            let words = format!(
                "{} (asked by {}, approved by {approved_by}, until {}); without it {}: {}",
                one_line(&waiver.reason),
                one_line(&waiver.asked_by),
                day(ends),
                finding.verdict.as_str(),
                finding.words
            );
            let next = Some(format!("Before {}: {}", day(ends), item.how));
            let unwaived = Some(finding.verdict);
            (Finding { verdict: Verdict::Waived, words, next, until: Some(ends), ..finding }, unwaived)
        }
        _ => (finding, None),
    }
}

fn dated(
    (point, item): (usize, &Item),
    (finding, unwaived): (Finding, Option<Verdict>),
    subject: &Subject<'_>,
) -> Judgement {
    let past = subject.past.get(&item.id).copied();
    let same = past.filter(|past| (past.verdict, past.by) == (finding.verdict, finding.by));
    Judgement {
        item: item.id.clone(),
        point,
        level: item.level,
        verdict: finding.verdict,
        by: finding.by,
        words: finding.words,
        next: finding.next,
        since: same.map_or(subject.now, |past| past.since),
        was: if same.is_some() { None } else { past },
        unwaived,
        until: finding.until,
        evidence: finding.evidence,
    }
}

//! Judging by what a person says.

use jiff::{SignedDuration, Timestamp};

use super::{Evidence, Subject, Verdict, freshness::Freshness};
use crate::{
    Answer, Item, Mark, Source,
    words::{day, one_line},
};

/// How long an answer counts that is given where evidence is asked for, in days of 24 hours. An item's own limit is for facts.
pub const CLAIM_DAYS: i64 = 180;

/// What an answer comes to.
pub(super) struct Said {
    pub(super) verdict: Verdict,
    pub(super) words: String,
    pub(super) until: Option<Timestamp>,
    pub(super) evidence: Vec<Evidence>,
}

/// What was answered to an item that asks a person.
pub(super) fn asked(item: &Item, subject: &Subject<'_>) -> Said {
    match subject.people.answers.get(&item.id) {
        Some(answer) => said(answer, item, item.max_age, subject),
        None => Said {
            verdict: Verdict::Unknown,
            words: "nobody has answered".to_owned(),
            until: None,
            evidence: Vec::new(),
        },
    }
}

/// What somebody claims of an item that asks for evidence; none where nobody does.
pub(super) fn claimed(item: &Item, subject: &Subject<'_>) -> Option<Said> {
    let answer = subject.people.answers.get(&item.id)?;
    Some(said(answer, item, Some(SignedDuration::from_hours(24 * CLAIM_DAYS)), subject))
}

fn said(answer: &Answer, item: &Item, max_age: Option<SignedDuration>, subject: &Subject<'_>) -> Said {
    let freshness = Freshness::of_answer(item, max_age, subject);
    let stale = freshness.staleness(answer.at, answer.build.as_deref());
    let lacks_link =
        item.marks.contains(&Mark::Link) && answer.link.as_ref().is_none_or(|link| link.trim().is_empty());
    let yes = if answer.yes { "yes" } else { "no" };
    let whose = format!("{yes}, says {} on {}", one_line(&answer.by), day(answer.at));
    let (verdict, words) = match &stale {
        _ if !answer.yes => (Verdict::Fail, whose),
        Some(stale) => (Verdict::Stale, format!("{whose}; {}", stale.words("answered", subject.now))),
        None if lacks_link => (Verdict::Unknown, format!("{whose}, without the link that is asked for")),
        None => (Verdict::Pass, whose),
    };
    let evidence = Evidence {
        name: "",
        label: answer.by.clone(),
        words: answer.note.clone(),
        seen_at: answer.at,
        build: answer.build.clone(),
        source: Source::Person,
        link: answer.link.clone(),
        stale: stale.is_some(),
    };
    let until = (verdict == Verdict::Pass).then(|| freshness.until(answer.at)).flatten();
    Said { verdict, words, until, evidence: vec![evidence] }
}

//! From facts and answers to verdicts and a level.

mod answer;
mod evidence;
mod freshness;
mod item;
mod judgement;
mod standing;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

pub use answer::CLAIM_DAYS;
pub use judgement::{By, Evidence, Judgement, Past, Verdict};
pub use standing::{Share, lowest};

use crate::{Facts, Level, People, Template};

/// A service as it stands, to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The moment of the judgement. Ages and expiries are reckoned from it.
    pub now: Timestamp,
    /// The build that runs now: what [`Fact::build`](crate::Fact::build) is compared with. None where it is not known; then
    /// whatever belongs to a build is stale.
    pub build: Option<&'a str>,
    /// What was observed.
    pub facts: &'a Facts,
    /// What people said, by this template.
    pub people: &'a People,
    /// How its items stood before, by id; empty for one that was never judged.
    pub past: &'a BTreeMap<String, Past>,
}

/// How a service stands by a template.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessment {
    /// The id of the template.
    pub template: String,
    /// Its version.
    pub version: String,
    /// One for each item, in the template's order.
    pub judgements: Vec<Judgement>,
    /// The highest level of which, and of the lower ones, every applicable item passes or is waived; none below bronze.
    pub level: Option<Level>,
    /// How many items pass.
    pub share: Share,
}

impl Assessment {
    /// The judgement of the item of this id.
    pub fn judgement(&self, id: &str) -> Option<&Judgement> {
        self.judgements.iter().find(|judgement| judgement.item == id)
    }

    /// The judgements of the point at this position of the template, from 0.
    pub fn point(&self, position: usize) -> impl Iterator<Item = &Judgement> {
        self.judgements.iter().filter(move |judgement| judgement.point == position)
    }

    /// The level to reach next; none at the highest.
    pub fn next_level(&self) -> Option<Level> {
        Level::after(self.level)
    }

    /// What stands between the service and the next level, in the template's order. Empty at the highest.
    pub fn blockers(&self) -> impl Iterator<Item = &Judgement> {
        let next = self.next_level();
        let needed = move |judgement: &&Judgement| Some(judgement.level) <= next;
        self.judgements.iter().filter(needed).filter(|judgement| !judgement.verdict.holds())
    }

    /// What is not as it was: the judgements whose verdict, or by what it was reached, has changed.
    pub fn changes(&self) -> impl Iterator<Item = (&Judgement, Past)> {
        self.judgements.iter().filter_map(|judgement| Some((judgement, judgement.was?)))
    }

    /// How its items stand, to be the past of the next assessment.
    pub fn past(&self) -> BTreeMap<String, Past> {
        self.judgements.iter().map(|judgement| (judgement.item.clone(), judgement.past())).collect()
    }
}

impl Template {
    /// Judges a service by every item.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use seaworthy_checklist::{Fact, Facts, People, Source, Subject, TWELVE_POINT, Template, Verdict};
    ///
    /// let template = Template::from_yaml(TWELVE_POINT)?;
    /// let now = "2026-11-21T10:00:00Z".parse()?;
    /// let mut facts = Facts::default();
    /// let share = Fact::new(0.9997, now, Source::Telemetry).of(48_211);
    /// facts.insert("request_trace_id_share_24h", share)?;
    /// let (people, past) = (People::default(), BTreeMap::new());
    /// let subject = Subject { now, build: Some("1.8.2"), facts: &facts, people: &people, past: &past };
    ///
    /// let assessment = template.assess(&subject);
    /// let tracing = assessment.judgement("request-tracing").ok_or("no such item")?;
    /// assert_eq!(tracing.verdict, Verdict::Pass);
    /// assert_eq!(tracing.words, "requests with a trace id in 24 h: 99.97 % of 48,211 (asked: at least 99 %)");
    /// assert_eq!(assessment.level, None);
    /// assert_eq!((assessment.share.passing, assessment.share.applicable), (1, 58));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn assess(&self, subject: &Subject<'_>) -> Assessment {
        let judgements: Vec<_> =
            self.placed().map(|placed| item::judge(placed, self.max_age, subject)).collect();
        Assessment {
            template: self.id.clone(),
            version: self.version.clone(),
            level: standing::level(&judgements),
            share: Share::of(&judgements),
            judgements,
        }
    }
}

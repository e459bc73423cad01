//! What a list of many services shows of one, without the judgements of its items.

use jiff::Timestamp;
use seaworthy_checklist::{Assessment, Level, Share, Template, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a service stands, at a glance. Kept as JSON in the catalog.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct Glance {
    /// What the template is called.
    pub(crate) title: String,
    /// All items together.
    pub(crate) all: Tally,
    /// The points of the template, in its order.
    pub(crate) points: Vec<PointGlance>,
    /// That it has fallen from a level and not reached it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fell: Option<Fall>,
}

/// One point of the template.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct PointGlance {
    /// What it is called.
    pub(crate) title: String,
    /// Its items.
    pub(crate) items: Tally,
    /// Those of them that keep the service from its next level.
    pub(crate) blocking: Blocking,
}

/// How many items keep a service from its next level, by their verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct Blocking {
    /// Do not pass.
    pub(crate) fail: usize,
    /// Nobody knows any more.
    pub(crate) stale: usize,
    /// Nobody knows.
    pub(crate) unknown: usize,
}

/// How many items stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct Tally {
    /// Those that apply.
    pub(crate) applicable: usize,
    /// Pass by evidence.
    pub(crate) proved: usize,
    /// Pass by a person's answer.
    pub(crate) claimed: usize,
    /// Need not pass for a time.
    pub(crate) waived: usize,
    /// Do not pass.
    pub(crate) fail: usize,
    /// Nobody knows.
    pub(crate) unknown: usize,
    /// Nobody knows any more.
    pub(crate) stale: usize,
}

/// That a service has fallen from a level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Fall {
    /// The level that it had, and is to reach again.
    #[schema(value_type = String)]
    pub(crate) from: Level,
    /// When it was first judged to have it no more.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// The ids of the items that keep it from that level now; at most ten.
    pub(crate) because: Vec<String>,
}

/// Items named at most: the rest is on the page.
const NAMED: usize = 10;

impl Glance {
    pub(super) fn of(assessment: &Assessment, template: &Template, fell: Option<Fall>) -> Self {
        let points = template.points.iter().enumerate().map(|(position, point)| PointGlance {
            title: point.title.clone(),
            items: Tally::of(assessment.point(position)),
            blocking: Blocking::of(assessment, position),
        });
        let (title, all) = (template.title.clone(), Tally::of(&assessment.judgements));
        Self { title, all, points: points.collect(), fell }
    }

    /// What was kept in the catalog. What cannot be read is nothing.
    pub(crate) fn kept(points: &str) -> Self {
        serde_json::from_str(points).unwrap_or_default()
    }
}

impl Blocking {
    fn of(assessment: &Assessment, point: usize) -> Self {
        let mut blocking = Self::default();
        for judgement in assessment.blockers().filter(|judgement| judgement.point == point) {
            match judgement.verdict {
                Verdict::Fail => blocking.fail += 1,
                Verdict::Stale => blocking.stale += 1,
                Verdict::Unknown => blocking.unknown += 1,
                Verdict::Pass | Verdict::Waived | Verdict::NotApplicable => {}
            }
        }
        blocking
    }

    /// All of them.
    pub(crate) const fn count(self) -> usize {
        self.fail + self.stale + self.unknown
    }

    /// The worst of their verdicts.
    pub(crate) const fn worst(self) -> Option<Verdict> {
        match self {
            Self { fail: 1.., .. } => Some(Verdict::Fail),
            Self { stale: 1.., .. } => Some(Verdict::Stale),
            Self { unknown: 1.., .. } => Some(Verdict::Unknown),
            _ => None,
        }
    }
}

impl Tally {
    /// Whole percents of the applicable items that pass, rounded down; none where none applies.
    pub(crate) fn percent(self) -> Option<usize> {
        (self.passing() * 100).checked_div(self.applicable)
    }

    /// Those that pass.
    pub(crate) const fn passing(self) -> usize {
        self.proved + self.claimed
    }

    /// Those that neither pass nor are waived.
    pub(crate) const fn open(self) -> usize {
        self.fail + self.stale + self.unknown
    }

    fn of<'j>(judgements: impl IntoIterator<Item = &'j seaworthy_checklist::Judgement>) -> Self {
        let judgements: Vec<_> = judgements.into_iter().collect();
        let count = |verdict| judgements.iter().filter(|judgement| judgement.verdict == verdict).count();
        let share = Share::of(judgements.iter().copied());
        Self {
            applicable: share.applicable,
            proved: share.proved,
            claimed: share.claimed,
            waived: share.waived,
            fail: count(Verdict::Fail),
            unknown: count(Verdict::Unknown),
            stale: count(Verdict::Stale),
        }
    }
}

impl Fall {
    /// What there is to say of a level, after one was had and perhaps a fall was known already.
    pub(super) fn after(
        had: Option<Level>,
        known: Option<&Self>,
        assessment: &Assessment,
        now: Timestamp,
    ) -> Option<Self> {
        let (from, at) = match known {
            Some(fall) => (fall.from, fall.at),
            None => (had.filter(|had| assessment.level < Some(*had))?, now),
        };
        let blocks = |judgement: &&seaworthy_checklist::Judgement| {
            judgement.level <= from && !judgement.verdict.holds()
        };
        let blockers = assessment.judgements.iter().filter(blocks);
        let because: Vec<String> = blockers.map(|judgement| judgement.item.clone()).take(NAMED).collect();
        (assessment.level < Some(from)).then_some(Self { from, at, because })
    }
}

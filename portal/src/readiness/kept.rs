//! What is remembered of a judgement, and how it is kept.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_catalog::{Assessed, AssessmentSummary, ItemChange, StoredAssessment};
use seaworthy_checklist::{Assessment, Level, Past, Template};
use serde::Deserialize;

use super::glance::{Fall, Glance};

/// How a service stood by a template when it was judged last.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    pub(super) version: String,
    pub(super) build: Option<String>,
    pub(super) level: Option<Level>,
    pub(super) fell: Option<Fall>,
    /// How its items stood.
    pub(super) past: BTreeMap<String, Past>,
    /// When it was last recorded.
    pub(super) recorded_at: Option<Timestamp>,
}

/// As much of a kept judgement as the next one needs.
#[derive(Deserialize)]
struct KeptJudgement {
    item: String,
    #[serde(flatten)]
    past: Past,
}

impl Kept {
    /// What the catalog has kept. What cannot be read was not.
    pub(super) fn of(stored: &StoredAssessment) -> Self {
        let summary = &stored.summary;
        let judgements: Vec<KeptJudgement> = serde_json::from_str(&stored.judgements).unwrap_or_default();
        let glance = Glance::kept(&summary.points);
        Self {
            version: summary.template_version.clone(),
            build: summary.build.clone(),
            level: summary.level.as_deref().and_then(Level::named),
            fell: glance.fell,
            past: judgements.into_iter().map(|kept| (kept.item, kept.past)).collect(),
            recorded_at: Some(summary.assessed_at),
        }
    }
}

/// A service judged by a template.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) service: String,
    pub(super) build: Option<String>,
    pub(super) assessment: Assessment,
    pub(super) glance: Glance,
    pub(super) at: Timestamp,
}

impl Judged {
    pub(super) fn new(
        (service, build): (&str, Option<&str>),
        assessment: Assessment,
        template: &Template,
        kept: Option<&Kept>,
        at: Timestamp,
    ) -> Self {
        let had = kept.and_then(|kept| kept.level);
        let fell = Fall::after(had, kept.and_then(|kept| kept.fell.as_ref()), &assessment, at);
        Self {
            service: service.to_owned(),
            build: build.map(str::to_owned),
            glance: Glance::of(&assessment, template, fell),
            assessment,
            at,
        }
    }

    /// What the next judgement will need.
    pub(super) fn keep(&self, recorded_at: Option<Timestamp>) -> Kept {
        Kept {
            version: self.assessment.version.clone(),
            build: self.build.clone(),
            level: self.assessment.level,
            fell: self.glance.fell.clone(),
            past: self.assessment.past(),
            recorded_at,
        }
    }

    /// Whether something is not as it was, but for the words.
    pub(super) fn differs(&self, kept: &Kept) -> bool {
        let assessment = &self.assessment;
        let same = (&assessment.version, &self.build, assessment.level, &self.glance.fell)
            == (&kept.version, &kept.build, kept.level, &kept.fell);
        !same || assessment.past() != kept.past
    }

    /// For the catalog. The first judgement ever changes nothing.
    pub(super) fn record(&self, kept: Option<&Kept>) -> anyhow::Result<Assessed> {
        let assessment = &self.assessment;
        let summary = AssessmentSummary {
            service: self.service.clone(),
            template: assessment.template.clone(),
            template_version: assessment.version.clone(),
            build: self.build.clone(),
            level: assessment.level.map(|level| level.as_str().to_owned()),
            passing: u32::try_from(assessment.share.passing)?,
            applicable: u32::try_from(assessment.share.applicable)?,
            points: serde_json::to_string(&self.glance)?,
            assessed_at: self.at,
        };
        let judgements = serde_json::to_string(&assessment.judgements)?;
        let changes = kept.map(|kept| self.changes(&kept.past)).unwrap_or_default();
        Ok(Assessed { assessment: StoredAssessment { summary, judgements }, changes })
    }

    fn changes(&self, past: &BTreeMap<String, Past>) -> Vec<ItemChange> {
        let changed = self.assessment.judgements.iter().filter_map(|judgement| {
            let was = past.get(&judgement.item).map(|past| past.verdict.reached_by(past.by));
            let word = judgement.word();
            (was != Some(word)).then(|| ItemChange {
                item: judgement.item.clone(),
                from: was.map(str::to_owned),
                to: word.to_owned(),
                words: judgement.words.clone(),
            })
        });
        changed.collect()
    }
}

//! What is known of an SLO's window, and why not all of it.

use jiff::Timestamp;
use seaworthy_slo::{Coverage, Minute};
use serde::Serialize;
use utoipa::ToSchema;

use super::Figures;

/// Pieces that the window is cut into for a picture.
const PIECES: i64 = 120;

/// What is known of a piece of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CoverageKind {
    /// The service told of it, and something happened.
    Busy,
    /// The service told of it, and nothing happened.
    NoTraffic,
    /// A process was there, or may have been, and nothing came from its agent.
    AgentLost,
    /// No process ran.
    Down,
    /// Nothing is known, not even why: before the first evaluation, or of a service whose processes do not check in.
    Unknown,
    /// It does not count.
    Excluded,
}

/// Minutes of the window so far, by what is known of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CoverageView {
    /// Something happened.
    pub(crate) busy_minutes: u64,
    /// The service told of itself, and nothing happened.
    pub(crate) no_traffic_minutes: u64,
    /// A process was there, or may have been, and nothing came from its agent.
    pub(crate) agent_lost_minutes: u64,
    /// No process ran.
    pub(crate) down_minutes: u64,
    /// Nothing is known.
    pub(crate) unknown_minutes: u64,
    /// Do not count.
    pub(crate) excluded_minutes: u64,
    /// The same over time, earliest first, without a gap.
    pub(crate) stretches: Vec<Stretch>,
}

/// Time of which mostly the same is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Stretch {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) from: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) to: Timestamp,
    /// What is known.
    pub(crate) kind: CoverageKind,
}

impl Figures<'_> {
    pub(super) fn coverage(&self) -> CoverageView {
        let all = self.coverage_so_far();
        CoverageView {
            busy_minutes: all.busy,
            no_traffic_minutes: all.quiet,
            agent_lost_minutes: all.agent_lost,
            down_minutes: all.down,
            unknown_minutes: all.unknown,
            excluded_minutes: all.excluded,
            stretches: self.stretches(),
        }
    }

    fn stretches(&self) -> Vec<Stretch> {
        let from = self.window.start.0;
        let length = (self.window.end.min(Minute::of(self.now)).0 - from).max(0);
        let mut stretches: Vec<Stretch> = Vec::new();
        for piece in 0..PIECES.min(length) {
            let pieces = PIECES.min(length);
            let range = Minute(from + length * piece / pieces)..Minute(from + length * (piece + 1) / pieces);
            let kind = mostly(&self.ledger.coverage(range.clone(), &self.exclusions));
            match stretches.last_mut() {
                Some(last) if last.kind == kind => last.to = range.end.begins(),
                _ => stretches.push(Stretch { from: range.start.begins(), to: range.end.begins(), kind }),
            }
        }
        stretches
    }
}

/// What most of the minutes are; of equals what weighs more.
fn mostly(coverage: &Coverage) -> CoverageKind {
    let kinds = [
        (coverage.unknown, CoverageKind::Unknown),
        (coverage.busy, CoverageKind::Busy),
        (coverage.quiet, CoverageKind::NoTraffic),
        (coverage.excluded, CoverageKind::Excluded),
        (coverage.agent_lost, CoverageKind::AgentLost),
        (coverage.down, CoverageKind::Down),
    ];
    kinds.into_iter().max_by_key(|(minutes, _)| *minutes).map_or(CoverageKind::Unknown, |(_, kind)| kind)
}

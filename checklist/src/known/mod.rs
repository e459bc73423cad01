//! The facts that rules may refer to. Whoever gathers a fact and whoever writes a rule agree here on its name, its type
//! and what it says.

mod check_in;
mod record;
mod slo;
mod telemetry;

use std::{collections::HashMap, sync::LazyLock};

use crate::{Source, Type};

/// What is known of a fact before anybody has observed it.
///
/// ```
/// use seaworthy_checklist::{KnownFact, Type, Unit};
///
/// let share = KnownFact::named("request_trace_id_share_24h").ok_or("not known")?;
/// assert_eq!((share.kind, share.unit), (Type::Float, Unit::Share));
/// assert_eq!(share.label, "requests with a trace id in 24 h");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFact {
    /// What rules call it.
    pub name: &'static str,
    /// What it can be.
    pub kind: Type,
    /// What its figure counts.
    pub unit: Unit,
    /// What is shown before its value: `requests with a trace id in 24 h`.
    pub label: &'static str,
    /// What it says, in a sentence.
    pub about: &'static str,
    /// Where it comes from.
    pub source: Source,
    /// Whether anybody can observe it so far.
    pub reported: Reported,
}

/// Whether a fact can be observed so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported {
    /// It can.
    Yes,
    /// Agents do not tell it yet.
    NotByAgents,
}

impl Reported {
    /// Why nobody has observed it, in words; none where somebody could have.
    pub const fn why_not(self) -> Option<&'static str> {
        match self {
            Self::Yes => None,
            Self::NotByAgents => Some("the agent does not report this yet"),
        }
    }
}

/// What a figure counts. The names of facts say it as well, where it is not plain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things that the label names, or none.
    None,
    /// From 0.0 to 1.0; shown in percent.
    Share,
    /// Requests a second.
    RequestsPerSecond,
    /// Minutes.
    Minutes,
    /// Days of 24 hours.
    Days,
}

impl KnownFact {
    /// All of them, by source and then as they belong together.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        [check_in::FACTS, telemetry::FACTS, slo::FACTS, record::FACTS].into_iter().flatten()
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        static BY_NAME: LazyLock<HashMap<&str, &KnownFact>> =
            LazyLock::new(|| KnownFact::all().map(|known| (known.name, known)).collect());
        BY_NAME.get(name).copied()
    }

    /// The one whose name somebody may have meant.
    pub(crate) fn nearest(name: &str) -> Option<&'static Self> {
        const ALIKE: f64 = 0.85;
        let near = Self::all().map(|known| (strsim::jaro_winkler(known.name, name), known));
        near.filter(|(alike, _)| *alike >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
    }

    const fn of(
        source: Source,
        name: &'static str,
        kind: Type,
        label: &'static str,
        about: &'static str,
    ) -> Self {
        Self { name, kind, unit: Unit::None, label, about, source, reported: Reported::Yes }
    }

    const fn in_unit(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }

    const fn not_by_agents(self) -> Self {
        Self { reported: Reported::NotByAgents, ..self }
    }
}

/// The type of most lists: names of what is lacking or found.
const NAMES: Type = Type::List(&Type::Text);

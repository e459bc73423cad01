//! Rules: expressions over facts in the [Common Expression Language](https://cel.dev), checked before they are run.

mod bounds;
mod check;
mod literal;
mod lower;
mod parse;
mod run;

use std::{fmt, sync::Arc};

use cel::IdedExpr;

pub use bounds::{MAX_RULE_BYTES, MAX_RULE_COST, MAX_RULE_DEPTH};
pub(crate) use check::{facts_in, kind_of};
pub(crate) use literal::length_of_time;
pub(crate) use lower::lowered;
pub use run::Outcome;
pub(crate) use run::Reader;

use jiff::Timestamp;

use crate::{
    Facts, InvalidTemplate, KnownFact, Problem, Type,
    words::{self, Clause},
};

/// An expression over facts that is true or false, checked and ready to run.
///
/// It knows the facts of [`KnownFact::all`] and `now`; the operators of CEL; `size`, `in`, `has`, `startsWith`, `endsWith`,
/// `contains`, `int`, `double`; `all`, `exists` and `exists_one` over lists and maps; and constants such as
/// `duration("300ms")` and `timestamp("2026-01-31T00:00:00Z")`. Nothing in it can build a list or a text, so what it
/// costs is bounded by what it reads.
///
/// ```
/// use seaworthy_checklist::{TWELVE_POINT, Basis, Template};
///
/// let template = Template::from_yaml(TWELVE_POINT)?;
/// let item = template.item("request-tracing").ok_or("no such item")?;
/// let Basis::Evidence(rule) = &item.basis else { return Err("not judged by evidence".into()) };
/// assert_eq!(rule.text(), "request_trace_id_share_24h >= 0.99");
/// assert_eq!(rule.facts().map(|fact| fact.name).collect::<Vec<_>>(), ["request_trace_id_share_24h"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Rule {
    text: Arc<str>,
    line: u64,
    program: Arc<Program>,
}

struct Program {
    expression: IdedExpr,
    /// In the order in which the text names them first.
    facts: Vec<&'static KnownFact>,
    cost: u64,
    clauses: Vec<Clause>,
}

impl Rule {
    /// Checks a rule that stands by itself.
    ///
    /// # Errors
    /// What is wrong with it, as of a template: [`Template::from_yaml`](crate::Template::from_yaml).
    pub fn new(text: &str) -> Result<Self, InvalidTemplate> {
        let problem = |message| Problem { line: 1, field: "rule".to_owned(), message };
        Self::checked(text, 1).map_err(|message| problem(message).into())
    }

    /// Checks a rule, or says what is wrong with it, to follow the name of its field.
    pub(crate) fn checked(text: &str, line: u64) -> Result<Self, String> {
        let mut expression = parse::parse(text)?;
        bounds::within(&expression)?;
        let checked = check::check(&expression)?;
        if checked.kind != Type::Bool {
            return Err(format!("is {}; a rule is true or false", checked.kind));
        }
        if checked.facts.is_empty() {
            return Err("refers to no fact, and so says nothing about a service".to_owned());
        }
        let clauses = words::clauses(&expression);
        lower::lower(&mut expression);
        let program = Program { expression, facts: checked.facts, cost: checked.cost, clauses };
        Ok(Self { text: text.into(), line, program: Arc::new(program) })
    }

    /// Its text, as its author wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line of the template where it begins, from 1.
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// The facts that it reads, in the order in which it names them.
    pub fn facts(&self) -> impl Iterator<Item = &'static KnownFact> {
        self.program.facts.iter().copied()
    }

    /// Runs it over facts, whatever their age.
    ///
    /// ```
    /// use seaworthy_checklist::{Fact, Facts, Outcome, Rule, Source};
    ///
    /// let now = "2026-11-21T10:00:00Z".parse()?;
    /// let rule = Rule::new("health_checks > 0 || dependencies == 0")?;
    /// let mut facts = Facts::default();
    /// assert_eq!(rule.outcome(&facts, now), Outcome::Unknown);
    /// facts.insert("dependencies", Fact::new(0, now, Source::CheckIn))?;
    /// assert_eq!(rule.outcome(&facts, now), Outcome::Is(true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn outcome(&self, facts: &Facts, now: Timestamp) -> Outcome {
        Reader::new(self, now, |name| facts.get(name).map(|fact| &fact.value)).outcome(self)
    }

    /// What it sees, clause by clause; of facts that the reader cannot read nothing is said.
    pub(crate) fn words(&self, reader: &Reader<'_>, facts: &Facts) -> String {
        words::joined(&self.program.clauses, reader, facts)
    }

    /// The most steps that running it can take; at most [`MAX_RULE_COST`].
    pub fn cost(&self) -> u64 {
        self.program.cost
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("text", &self.text).field("line", &self.line).finish_non_exhaustive()
    }
}

/// A rule is its text; where it stands makes no other one of it.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Rule {}

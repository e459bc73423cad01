//! The maths of SLOs, as the [SRE Workbook](https://sre.google/workbook/alerting-on-slos/) and
//! [OpenSLO](https://openslo.com) define them. Pure: no I/O, and the clock is passed in.
//!
//! - [`Counts`] are good and total events; a [`Ledger`] keeps them by minute, exactly, for as long as a window is.
//! - An [`Objective`] says how many must be good, a [`Period`] over which time, [`Exclusions`] what does not count.
//! - A [`Budget`] is what may still fail; a [`BurnRule`] says when it is being spent too fast.
//!
//! An SLI over a window is the sum of its minutes, never an average of averages. No data is neither good nor bad: minutes
//! that nobody told of are left out, and how many were told of is the coverage.
//!
//! ```
//! use seaworthy_slo::{Budget, Budgeting, Counts, Exclusions, Ledger, Minute, Objective};
//!
//! let mut ledger = Ledger::new(Budgeting::Occurrences);
//! ledger.record(Minute(0), Counts::new(9_990, 10_000)?);
//! ledger.record(Minute(1), Counts::new(10_000, 10_000)?);
//! let objective: Objective = "99.9 %".parse()?;
//! let month = 30 * 24 * 60;
//! let budget = Budget::of(&ledger, Minute(0)..Minute(month), objective, &Exclusions::default());
//! assert_eq!((budget.allowed, budget.spent), (20.0, 10));
//! assert_eq!(budget.left(), Some(0.5));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod budget;
mod budgeting;
mod burn;
mod counts;
mod coverage;
mod exclusions;
mod forecast;
mod hour;
mod ledger;
mod minute;
mod objective;
mod packed;
mod period;
mod rehearsal;
mod spec;
#[cfg(test)]
mod workbook;

pub use budget::Budget;
pub use budgeting::{Budgeting, Slices};
pub use burn::{BurnRule, CannotFire, Severity};
pub use counts::{Counts, TooManyGood};
pub use coverage::Coverage;
pub use exclusions::Exclusions;
pub use forecast::Exhaustion;
pub use ledger::{Ledger, Tally};
pub use minute::Minute;
pub use objective::{NotAnObjective, Objective};
pub use packed::{Known, PackedHour, Unreadable};
pub use period::{Calendar, NotAPeriod, Period};
pub use rehearsal::Rehearsal;
pub use spec::{AlertSpec, BudgetingSpec, Counter, Mistake, Scope, Sli, Slo, SloSpec, WindowSpec};

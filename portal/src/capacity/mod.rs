//! How full the resources of services are, and when they run out.
//!
//! `usage` reads what instances say in their check-ins, `course` what telemetry tells of weeks, with its trend, and `forecasts`
//! keeps for an hour where that leads.

mod course;
mod forecasts;
mod usage;

use crate::web::format;

pub(crate) use course::{Course, NoForecast, RunsOut, courses};
pub(crate) use forecasts::{Forecast, Forecasts, Outlook};
pub(crate) use usage::{Use, fullest};

/// What runs out within so many days is told.
pub(crate) const SOON_DAYS: f64 = 30.0;

/// What a service has a limited amount of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource {
    Cpu,
    Memory,
}

impl Resource {
    pub(crate) const ALL: [Self; 2] = [Self::Cpu, Self::Memory];

    /// Its name inside a sentence: `CPU`, `memory`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Memory => "memory",
        }
    }

    /// An amount of it: `1.5 cores`, `412 MiB`.
    pub(crate) fn amount(self, amount: f64) -> String {
        match self {
            Self::Cpu => format!("{} cores", format::number(amount)),
            Self::Memory => format::bytes(amount),
        }
    }
}

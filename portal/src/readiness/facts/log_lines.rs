//! What is logged.
//!
//! Agents count the lines that they log themselves. Where any instance logs by other means, or where its metrics go elsewhere,
//! nobody knows of all lines; that one was logged which should not have been, is known all the same.

use seaworthy_catalog::Instance;
use seaworthy_checklist::{Fact, Source, Value};

use super::{Found, count_u64};
use crate::{
    readiness::{
        known::Known,
        observed::{LogRecords, Observed},
    },
    web::link,
};

pub(super) fn add(known: &Known, found: &mut Found) {
    let Some(observed) = &known.observed else { return };
    records(known, observed, found);
    let lines = observed.log_lines;
    let page = link::with_query(&link::service(&known.service), &[("range", "24h")]);
    let fact = |value: Value| Fact::new(value, observed.at, Source::Telemetry).link(page.as_str());
    let all_told = are_counted(known) && (lines.all > 0 || known.heard.saturation.is_some());
    if all_told || lines.debug_in_production > 0 {
        found.add("debug_lines_in_production_24h", fact(count_u64(lines.debug_in_production)));
    }
    let within = lines.told.saturating_add(lines.not_told);
    if all_told && within > 0 {
        let share = lines.told as f64 / within as f64;
        found.add("log_line_request_id_share_24h", fact(Value::Float(share)).of(within));
    }
}

/// What of it can be searched.
fn records(known: &Known, observed: &Observed, found: &mut Found) {
    let LogRecords { all, traced } = observed.log_records;
    let page = link::with_query("/logs", &[("service", &known.service), ("range", "24h")]);
    let fact = |value: Value| Fact::new(value, observed.at, Source::Telemetry).link(page.as_str());
    if all > 0 {
        found.add("log_records_24h", fact(count_u64(all)));
        found.add("log_record_trace_id_share_24h", fact(Value::Float(traced as f64 / all as f64)).of(all));
    }
}

/// Whether every instance says that its lines are counted.
fn are_counted(known: &Known) -> bool {
    let speaking = known.speaking();
    let is_counted = |one: &&Instance| one.check_in.observations.counts_log_lines == Some(true);
    !speaking.is_empty() && speaking.iter().all(is_counted)
}

//! SLOs as recording and alerting rules of Prometheus.
//!
//! For an SLO there is a group of rules, evaluated each minute:
//! - `slo:objective:ratio`: the objective;
//! - `slo:error_ratio:increase1h`: the share of events that failed in the last hour, and the same for every other window of
//!   its alerts; nothing where nothing happened, as 0 of 0 is no verdict;
//! - `slo:errors:increase1h`: how many failed, for the long windows of alerts;
//! - the alert `SloBurnRate`, once for each severity, with the thresholds of [`BurnRule`](seaworthy_slo::BurnRule).
//!
//! All of them carry the labels `slo` and `service`. Shares are taken of sums over whole windows, never of averages.
//!
//! Names are those that Prometheus gives to what OpenTelemetry sends, and that the agent's `/metrics` shows: the service is
//! the label `job`, requests are `http_server_request_duration_seconds`, attributes have `_` for what is neither letter nor
//! digit. Counters end in `_total`; their units are not known here, so one that has a unit must be renamed by hand.
//!
//! Where rules and the portal may differ in when they fire:
//! - Minutes of which nothing is known spend nothing in the portal. Prometheus takes the share of what it knows for the
//!   share of the window, so that it fires earlier after a gap, and while a service is younger than the window. Silence does
//!   not end an alert of the portal that fires; one of Prometheus ends when its short window is empty.
//! - A series that Prometheus sees for the first time counts from about its first sample on, not from zero. The first
//!   failures with a new status may be missing to it.
//! - Ends of windows between two samples are extrapolated, which matters when scrapes are few to a window.
//! - Slices of time slide with each evaluation, where the portal's begin with the hour or a part of it.
//! - Maintenance is no part of rules; silence alerts in Alertmanager. There, too, belongs that a page inhibits the ticket of
//!   the same SLO.

mod expression;
mod name;
mod rules;
mod select;

use serde_saphyr::ser_options;

use seaworthy_yaml::shown;

use crate::Definition;

/// How Prometheus keeps histograms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Histograms {
    /// As series of buckets (`_bucket`, `_count`): what is scraped from text, and what SDKs send unless told otherwise. The
    /// threshold of a latency SLI must be the bound of a bucket.
    #[default]
    Classic,
    /// As native histograms: what OpenTelemetry's exponential histograms become.
    Native,
}

/// The rules of SLOs as a file that Prometheus loads. SLOs that are not evaluated are named in a comment, and left out.
///
/// ```
/// use seaworthy_openslo::{Definition, Histograms, to_prometheus};
/// use seaworthy_slo::{AlertSpec, BudgetingSpec, Scope, Sli, SloSpec, WindowSpec};
///
/// let spec = SloSpec {
///     sli: Sli::Availability { scope: Scope::default(), bad_statuses: vec![] },
///     objective_percent: 99.9,
///     window: WindowSpec::Rolling { minutes: 30 * 24 * 60 },
///     budgeting: BudgetingSpec::Occurrences,
///     alerts: AlertSpec::recommended(),
///     least_failures: 5,
///     runbook: None,
/// };
/// let rules = to_prometheus(&[Definition::new("coffee", "barista", spec)], Histograms::Classic)?;
/// assert!(rules.contains("slo:error_ratio:increase1h{slo=\"coffee\"} > 0.0144"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When a text holds what YAML cannot say.
pub fn to_prometheus(
    definitions: &[Definition],
    histograms: Histograms,
) -> Result<String, serde_saphyr::SerializeError> {
    let (mut groups, mut notes) = (Vec::new(), Vec::new());
    for definition in definitions {
        match definition.spec().map(seaworthy_slo::SloSpec::check) {
            Some(Ok(slo)) => {
                groups.push(rules::group(definition, &slo, histograms));
                notes.extend(select::note(definition.name(), &slo.sli, histograms));
            }
            _ => {
                notes.push(format!(
                    "{} is left out: Seaworthy does not evaluate it.",
                    shown(definition.name())
                ));
            }
        }
    }
    let mut yaml = String::from("# Rules of Prometheus, made by Seaworthy. Evaluate them each minute.\n");
    for note in notes {
        yaml.push_str(&format!("# {note}\n"));
    }
    let options = ser_options! { prefer_block_scalars: false };
    serde_saphyr::to_fmt_writer_with_options(&mut yaml, &rules::File { groups }, options)?;
    Ok(yaml)
}

//! The search for traces.

use jiff::Timestamp;
use seaworthy_telemetry::model::{TraceQuery, TraceSummary, Window};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::range::{Range, last_minutes, nanos, timestamp};
use crate::{problem::Problem, state::App};

/// Traces listed at most.
const LIMIT: usize = 50;

/// What is asked of traces, as written in an address or a form. Empty fields ask nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TraceSearch {
    /// `service.name` of a span.
    #[serde(default)]
    pub(crate) service: String,
    /// Name of a span, exactly.
    #[serde(default)]
    pub(crate) operation: String,
    /// Shortest duration: `250ms`, `1.5s`.
    #[serde(default)]
    pub(crate) min: String,
    /// Longest duration: `250ms`, `1.5s`.
    #[serde(default)]
    pub(crate) max: String,
    /// Attributes, each as `key=value`, separated by spaces; a value with spaces stands in quotes.
    #[serde(default)]
    pub(crate) attributes: String,
    /// `1` for spans that failed only.
    #[serde(default)]
    pub(crate) errors: String,
    /// How far back to look.
    #[serde(default)]
    pub(crate) range: Range,
    /// From when on to look instead.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) from: Option<Timestamp>,
    /// And until when.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) to: Option<Timestamp>,
}

/// A search and what it found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TracesView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// What was asked.
    pub(crate) search: TraceSearch,
    /// What in it could not be understood, by field; then nothing was searched.
    pub(crate) mistakes: Vec<Mistake>,
    /// Services to choose from.
    pub(crate) services: Vec<String>,
    /// Operations of the chosen service.
    pub(crate) operations: Vec<String>,
    /// Traces found, latest first.
    pub(crate) traces: Vec<TraceRow>,
    /// Whether there may be more: the list is full, time ran out, or something is damaged on disk.
    pub(crate) more: bool,
}

/// A field that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Mistake {
    /// The field.
    pub(crate) field: &'static str,
    /// What was wrong, and what is accepted.
    pub(crate) message: String,
}

/// One trace in the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TraceRow {
    /// Its id.
    pub(crate) trace_id: String,
    /// Name of its root, or of its earliest span.
    pub(crate) name: String,
    /// Service of that span.
    pub(crate) service: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started_at: Timestamp,
    /// How long it took.
    pub(crate) duration_nanos: u64,
    /// Its spans.
    pub(crate) spans: usize,
    /// Of them, failed.
    pub(crate) errors: usize,
    /// Every service in it with its number of spans.
    pub(crate) services: Vec<(String, usize)>,
}

/// Searches as asked.
pub(crate) async fn load(app: &App, search: TraceSearch) -> Result<TracesView, Problem> {
    let now = app.clock().now();
    let window = match (search.from, search.to) {
        (Some(from), Some(to)) => Window { from: nanos(from), to: nanos(to) },
        _ => last_minutes(now, search.range.minutes()),
    };
    let services = app.telemetry().services(window).await?;
    let operations = match search.service.as_str() {
        "" => Vec::new(),
        service => app.telemetry().operations(service, window).await?,
    };
    let (found, mistakes) = match understood(&search, window) {
        Ok(query) => (app.telemetry().search(query).await?, Vec::new()),
        Err(mistakes) => (Default::default(), mistakes),
    };
    let more = found.incomplete || found.unreadable || found.traces.len() >= LIMIT;
    let traces = found.traces.into_iter().map(TraceRow::from).collect();
    Ok(TracesView { as_of: now, search, mistakes, services, operations, traces, more })
}

impl From<TraceSummary> for TraceRow {
    fn from(summary: TraceSummary) -> Self {
        Self {
            trace_id: summary.trace_id.to_string(),
            name: summary.name,
            service: summary.service,
            started_at: timestamp(summary.start),
            duration_nanos: summary.duration,
            spans: summary.spans,
            errors: summary.errors,
            services: summary.services,
        }
    }
}

fn understood(
    search: &TraceSearch,
    window: seaworthy_telemetry::model::Window,
) -> Result<TraceQuery, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut noted = |field, message: String| mistakes.push(Mistake { field, message });
    let min_duration = duration(&search.min).unwrap_or_else(|message| {
        noted("min", message);
        None
    });
    let max_duration = duration(&search.max).unwrap_or_else(|message| {
        noted("max", message);
        None
    });
    if let (Some(min), Some(max)) = (min_duration, max_duration)
        && min > max
    {
        noted("max", "the longest duration is below the shortest".into());
    }
    let attributes = attributes(&search.attributes).unwrap_or_else(|message| {
        noted("attributes", message);
        Vec::new()
    });
    if !["", "1"].contains(&search.errors.as_str()) {
        noted(
            "errors",
            format!("{:?} is not 1; leave it out to find traces without errors too", search.errors),
        );
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Ok(TraceQuery {
        window,
        service: given(&search.service),
        operation: given(&search.operation),
        min_duration,
        max_duration,
        errors_only: !search.errors.is_empty(),
        attributes,
        limit: LIMIT,
    })
}

/// Nanoseconds of a duration as people write it.
fn duration(text: &str) -> Result<Option<u64>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let refused = || format!("{text:?} is not a duration; write for example 250ms, 1.5s or 2min");
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..digits].parse().map_err(|_| refused())?;
    let unit = match text[digits..].trim() {
        "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "min" | "m" => 60e9,
        "h" => 3600e9,
        _ => return Err(refused()),
    };
    Ok(Some((number * unit) as u64))
}

/// `key=value` pairs, separated by spaces; values in double quotes may hold spaces.
pub(crate) fn attributes(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let refused = || format!("{rest:?} is not key=value; write for example http.route=/orders");
        let (key, after) = rest.split_once('=').ok_or_else(refused)?;
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(refused());
        }
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => {
                quoted.split_once('"').ok_or_else(|| format!("a quote is not closed: {after}"))?
            }
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        pairs.push((key.to_owned(), value.to_owned()));
        rest = after.trim_start();
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        let cases = [
            ("", Ok(None)),
            ("250ms", Ok(Some(250_000_000))),
            (" 1.5 s ", Ok(Some(1_500_000_000))),
            ("10 µs", Ok(Some(10_000))),
            ("2min", Ok(Some(120_000_000_000))),
            ("250", Err(())),
            ("ms", Err(())),
            ("-1s", Err(())),
            ("1.2.3s", Err(())),
            ("1 fortnight", Err(())),
        ];
        for (text, expected) in cases {
            assert_eq!(duration(text).map_err(|_| ()), expected, "{text:?}");
        }
    }

    #[test]
    fn mistakes_are_told_by_field() {
        let window = seaworthy_telemetry::model::Window { from: 0, to: 1 };
        let search = TraceSearch {
            min: "2s".into(),
            max: "1s".into(),
            attributes: "a".into(),
            errors: "0".into(),
            ..TraceSearch::default()
        };
        let fields = |search: &TraceSearch| match understood(search, window) {
            Ok(query) => Err(query.errors_only),
            Err(mistakes) => Ok(mistakes.iter().map(|mistake| mistake.field).collect::<Vec<_>>()),
        };
        assert_eq!(fields(&search), Ok(vec!["max", "attributes", "errors"]));
        assert_eq!(fields(&TraceSearch::default()), Err(false));
        assert_eq!(fields(&TraceSearch { errors: "1".into(), ..TraceSearch::default() }), Err(true));
    }

    #[test]
    fn attributes_are_pairs() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let cases = [
            ("", Ok(vec![])),
            ("a=b", Ok(vec![pair("a", "b")])),
            ("  a=b   c=\"d e\" ", Ok(vec![pair("a", "b"), pair("c", "d e")])),
            ("a=x=y", Ok(vec![pair("a", "x=y")])),
            ("a=", Ok(vec![pair("a", "")])),
            ("a", Err(())),
            ("=b", Err(())),
            ("a b=c", Err(())),
            ("a=\"b", Err(())),
        ];
        for (text, expected) in cases {
            assert_eq!(attributes(text).map_err(|_| ()), expected, "{text:?}");
        }
    }
}

//! The search for log lines.

pub(crate) mod line;
pub(crate) mod words;

use jiff::Timestamp;
use seaworthy_telemetry::{
    log::{Level, LinePosition, LogCount, LogQuery, LogsFound},
    model::{TraceId, Window},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub(crate) use line::LineRow;

use super::{
    range::{MINUTE, Range, timestamp},
    traces::{Mistake, attributes},
};
use crate::{problem::Problem, state::App};

/// Lines listed at most.
const LIMIT: usize = 200;

/// What is asked of lines, as written in an address or a form. Empty fields ask nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct LogSearch {
    /// `service.name`.
    pub(crate) service: String,
    /// The least severe level: `trace`, `debug`, `info`, `warn`, `error` or `fatal`.
    pub(crate) level: String,
    /// Words of the message or its fields; a phrase stands in quotes, and `*` for any characters: `order*`.
    pub(crate) text: String,
    /// Part of the program that wrote it (target, logger), or one that it lies within.
    pub(crate) target: String,
    /// Id of the trace during which it was written.
    pub(crate) trace: String,
    /// Fields, each as `key=value`, separated by spaces; a value with spaces stands in quotes.
    pub(crate) fields: String,
    /// How far back to look.
    pub(crate) range: Range,
    /// Only lines older than this one, by its `position`.
    pub(crate) before: String,
}

/// A search and what it found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LogsView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// What was asked.
    pub(crate) search: LogSearch,
    /// What in it could not be understood, by field; then nothing was searched.
    pub(crate) mistakes: Vec<Mistake>,
    /// Services to choose from.
    pub(crate) services: Vec<String>,
    /// Lines found, latest first.
    pub(crate) lines: Vec<LineRow>,
    /// `before` of the search for the lines that follow; none where there are no more.
    pub(crate) older: Option<String>,
    /// Whether there was no time to look through all of it: what follows may match too.
    pub(crate) incomplete: bool,
    /// Whether something that might have matched is damaged on disk.
    pub(crate) unreadable: bool,
    /// How many lines the service wrote, or all did, whatever else is asked.
    pub(crate) counts: Vec<LogStep>,
}

/// Lines of a step of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LogStep {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) from: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) to: Timestamp,
    /// Of level TRACE or DEBUG, or of none.
    pub(crate) debug: u64,
    /// Of level INFO.
    pub(crate) info: u64,
    /// Of level WARN.
    pub(crate) warn: u64,
    /// Of level ERROR or FATAL.
    pub(crate) error: u64,
}

/// Searches as asked.
pub(crate) async fn load(app: &App, search: LogSearch) -> Result<LogsView, Problem> {
    let now = app.clock().now();
    let window = search.range.window(now);
    let services = app.telemetry().services(window).await?;
    let (found, mistakes) = match understood(&search, window) {
        Ok(query) => (app.telemetry().logs(query).await?, Vec::new()),
        Err(mistakes) => (LogsFound::default(), mistakes),
    };
    let service = Some(search.service.as_str()).filter(|service| !service.is_empty());
    let counted = app.telemetry().log_counts(service, window, search.range.step_minutes()).await?;
    Ok(LogsView {
        as_of: now,
        counts: counts(&counted, window, search.range),
        search,
        mistakes,
        services,
        lines: found.lines.into_iter().map(LineRow::from).collect(),
        older: found.older.map(|position| position.to_string()),
        incomplete: found.incomplete,
        unreadable: found.unreadable,
    })
}

/// The lines of a trace, in order of time, the latest ones where there are too many; and whether there are more.
pub(crate) async fn of_trace(
    app: &App,
    trace: TraceId,
    most: usize,
) -> Result<(Vec<LineRow>, bool), Problem> {
    let always = Window { from: 0, to: i64::MAX as u64 };
    let query = LogQuery { trace: Some(trace), ..LogQuery::all(always, most) };
    let found = app.telemetry().logs(query).await?;
    Ok((found.lines.into_iter().rev().map(LineRow::from).collect(), found.older.is_some()))
}

fn understood(search: &LogSearch, window: Window) -> Result<LogQuery, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut note = |field, message: String| mistakes.push(Mistake { field, message });
    let given = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    let level = given(&search.level).and_then(|name| {
        let level = Level::named(&name);
        if level.is_none() {
            note("level", format!("{name:?} is no level; write trace, debug, info, warn, error or fatal"));
        }
        level
    });
    let text = words::pieces(&search.text).unwrap_or_else(|message| {
        note("text", message);
        Vec::new()
    });
    let attributes = attributes(&search.fields).unwrap_or_else(|message| {
        note("fields", message);
        Vec::new()
    });
    let trace = given(&search.trace).and_then(|id| {
        id.parse::<TraceId>().map_err(|error| note("trace", format!("{id:?} is no trace id: {error}"))).ok()
    });
    let before = given(&search.before).and_then(|position| {
        let read = position.parse::<LinePosition>();
        read.map_err(|error| note("before", format!("{position:?} is no position: {error}"))).ok()
    });
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    Ok(LogQuery {
        service: given(&search.service),
        least_severity: level.map_or(0, Level::least_severity),
        text,
        target: given(&search.target),
        trace,
        attributes,
        before,
        ..LogQuery::all(window, LIMIT)
    })
}

/// All steps of a range, those without lines too.
fn counts(counted: &[LogCount], window: Window, range: Range) -> Vec<LogStep> {
    let step = u64::from(range.step_minutes()) * MINUTE;
    let count = (window.to - window.from).div_ceil(step);
    let mut steps: Vec<LogStep> = (0..count)
        .map(|place| LogStep {
            from: timestamp(window.from + place * step),
            to: timestamp(window.from + (place + 1) * step),
            debug: 0,
            info: 0,
            warn: 0,
            error: 0,
        })
        .collect();
    for count in counted {
        let place = count.from.saturating_sub(window.from) / step;
        let Some(step) = usize::try_from(place).ok().and_then(|place| steps.get_mut(place)) else { continue };
        *match count.level {
            Level::Unspecified | Level::Trace | Level::Debug => &mut step.debug,
            Level::Info => &mut step.info,
            Level::Warn => &mut step.warn,
            Level::Error | Level::Fatal => &mut step.error,
        } += count.lines;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { from: 0, to: 3 * MINUTE };

    #[test]
    fn mistakes_are_told_by_field() {
        let search = LogSearch {
            level: "loud".into(),
            text: "\"no".into(),
            fields: "a".into(),
            trace: "7".into(),
            before: "x".into(),
            ..LogSearch::default()
        };
        let mistakes = understood(&search, WINDOW).unwrap_err();
        let fields: Vec<_> = mistakes.iter().map(|mistake| mistake.field).collect();
        assert_eq!(fields, ["level", "text", "fields", "trace", "before"]);
        let all = understood(&LogSearch::default(), WINDOW).unwrap();
        assert_eq!(all, LogQuery::all(WINDOW, LIMIT));
    }

    #[test]
    fn minutes_are_put_together_by_step_and_level() {
        let minute = |minute, level, lines| LogCount { from: minute * MINUTE, level, lines, traced: 0 };
        let minutes = [
            minute(0, Level::Info, 2),
            minute(0, Level::Fatal, 1),
            minute(2, Level::Error, 3),
            minute(2, Level::Debug, 4),
            minute(9, Level::Warn, 5),
        ];
        let steps = counts(&minutes, WINDOW, Range::Hour);
        let told: Vec<_> = steps.iter().map(|step| (step.debug, step.info, step.warn, step.error)).collect();
        assert_eq!(told, [(0, 2, 0, 1), (0, 0, 0, 0), (4, 0, 0, 3)]);
    }
}

//! Over which time, in and out.

use jiff::civil::{DateTime, Time, Weekday};
use seaworthy_slo::{Calendar, WindowSpec};
use seaworthy_yaml::shown;

use super::findings::{At, Findings};
use crate::v1::{Begin, Duration, TimeWindow, Unit};

/// Monday, and the first day of a month, a quarter and a year.
const FIRST: &str = "2024-01-01 00:00:00";

/// What is wrong with a window, whoever evaluates it.
pub(crate) fn check(windows: &[TimeWindow], at: &At<'_>, findings: &mut Findings) {
    match windows {
        [] => {}
        [window] => check_one(window, &at.item(0), findings),
        more => {
            let message = format!("has {} windows; an SLO has one, so leave the others out", more.len());
            findings.error(at, message).unwrap_or_default()
        }
    }
}

fn check_one(window: &TimeWindow, at: &At<'_>, findings: &mut Findings) {
    match (&window.calendar, window.is_rolling) {
        (Some(_), true) => findings.error(
            &at.field("calendar"),
            "is not for a rolling window; leave it out, or make isRolling false",
        ),
        (None, false) => findings.error(at, "has no calendar; add one, or make isRolling true"),
        (Some(begin), false) => {
            let zone = jiff::tz::TimeZone::get(&begin.time_zone).map_err(|_| {
                let zone = shown(&begin.time_zone);
                format!("there is no time zone {zone:?}; write for example Europe/Berlin or UTC")
            });
            findings.checked(&at.field("calendar.timeZone"), zone);
            findings.checked(&at.field("calendar.startTime"), start(begin)).map(drop)
        }
        (None, true) => None,
    }
    .unwrap_or_default()
}

fn start(begin: &Begin) -> Result<DateTime, String> {
    begin.start_time.parse().map_err(|_| {
        format!("{:?} is no date and time of day; write for example {FIRST}", shown(&begin.start_time))
    })
}

/// The window that Seaworthy evaluates.
pub(crate) fn read(windows: &[TimeWindow], at: &At<'_>, findings: &mut Findings) -> Option<WindowSpec> {
    let Some(window) = windows.first() else {
        return findings.error(at, "is missing; give one, for example a rolling one of 30d");
    };
    let at = at.item(0);
    match &window.calendar {
        None => rolling(window.duration, &at.field("duration"), findings),
        Some(begin) => {
            let unit = findings.checked(&at.field("duration"), unit(window.duration))?;
            let start = start(begin).ok()?;
            if !begins(unit, start) {
                let message = format!("is kept; windows are evaluated from {} on", first_of(unit));
                findings.warn(&at.field("calendar.startTime"), message);
            }
            Some(WindowSpec::Calendar { unit, zone: begin.time_zone.clone() })
        }
    }
}

fn rolling(duration: Duration, at: &At<'_>, findings: &mut Findings) -> Option<WindowSpec> {
    match (duration.minutes(), duration.unit) {
        (Some(minutes), _) => Some(WindowSpec::Rolling { minutes }),
        (None, Unit::Month | Unit::Quarter | Unit::Year) => findings.error(
            at,
            format!("a window of {duration} cannot roll, because months differ in length; 30d, 90d or 365d can, or give a calendar"),
        ),
        (None, _) => findings.error(at, format!("a window of {duration} is too long; at most 366 d are kept")),
    }
}

fn unit(duration: Duration) -> Result<Calendar, String> {
    match (duration.count, duration.unit) {
        (1, Unit::Week) | (7, Unit::Day) => Ok(Calendar::Week),
        (1, Unit::Month) => Ok(Calendar::Month),
        (1, Unit::Quarter) | (3, Unit::Month) => Ok(Calendar::Quarter),
        (1, Unit::Year) | (4, Unit::Quarter) | (12, Unit::Month) => Ok(Calendar::Year),
        _ => Err(format!(
            "a window of {duration} is no unit of the calendar; 1w, 1M, 1Q and 1Y are, or make isRolling true and leave out the calendar"
        )),
    }
}

/// Whether windows of a unit begin then.
fn begins(unit: Calendar, start: DateTime) -> bool {
    let (date, midnight) = (start.date(), start.time() == Time::midnight());
    midnight
        && match unit {
            Calendar::Week => date.weekday() == Weekday::Monday,
            Calendar::Month => date.day() == 1,
            Calendar::Quarter => date.day() == 1 && date.month() % 3 == 1,
            Calendar::Year => date.day_of_year() == 1,
        }
}

fn first_of(unit: Calendar) -> &'static str {
    match unit {
        Calendar::Week => "Monday, 00:00:00,",
        Calendar::Month => "the first of a month, 00:00:00,",
        Calendar::Quarter => "the first of January, April, July and October, 00:00:00,",
        Calendar::Year => "the first of January, 00:00:00,",
    }
}

/// A window as OpenSLO says it.
pub(crate) fn write(window: &WindowSpec) -> TimeWindow {
    match window {
        WindowSpec::Rolling { minutes } => {
            TimeWindow { duration: Duration::of_minutes(*minutes), calendar: None, is_rolling: true }
        }
        WindowSpec::Calendar { unit, zone } => {
            let unit = match unit {
                Calendar::Week => Unit::Week,
                Calendar::Month => Unit::Month,
                Calendar::Quarter => Unit::Quarter,
                Calendar::Year => Unit::Year,
            };
            let begin = Begin { start_time: FIRST.to_owned(), time_zone: zone.clone() };
            TimeWindow { duration: Duration { count: 1, unit }, calendar: Some(begin), is_rolling: false }
        }
    }
}

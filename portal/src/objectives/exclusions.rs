//! Time that does not count for a service: what people have planned, spelled out in minutes.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp, ToSpan, Zoned, tz::TimeZone};
use seaworthy_catalog::{CatalogError, Exclusion, ExclusionDefinition, ExclusionKind, Weekly};
use seaworthy_slo::{Exclusions, Minute};

use crate::state::App;

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Minutes that do not count, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExcludedTime {
    /// The exclusion of the catalog.
    pub(crate) id: i64,
    /// When; the parts of minutes at its edges count as whole ones.
    pub(crate) minutes: Range<Minute>,
    /// Maintenance, or a load test.
    pub(crate) kind: ExclusionKind,
    /// Why, in a sentence.
    pub(crate) reason: String,
}

/// What does not count for a service within a range, earliest first.
pub(crate) async fn of_service(
    app: &App,
    service: &str,
    range: Range<Minute>,
) -> Result<Vec<ExcludedTime>, CatalogError> {
    let within = range.start.begins()..range.end.begins();
    let planned = app.catalog().exclusions_within(within).await?;
    Ok(spelled_out(&planned, service, &range))
}

/// The repetitions of these exclusions that concern a service and touch a range, earliest first.
pub(crate) fn spelled_out(planned: &[Exclusion], service: &str, range: &Range<Minute>) -> Vec<ExcludedTime> {
    let concerns =
        |exclusion: &&Exclusion| exclusion.definition.service.as_deref().is_none_or(|only| only == service);
    let mut times: Vec<ExcludedTime> = planned
        .iter()
        .filter(concerns)
        .flat_map(|exclusion| {
            occurrences(&exclusion.definition, range).into_iter().map(|(start, end)| ExcludedTime {
                id: exclusion.id,
                minutes: Minute::of(start)..Minute::of(end - SignedDuration::from_nanos(1)).next(),
                kind: exclusion.definition.kind,
                reason: exclusion.definition.reason.clone(),
            })
        })
        .filter(|time| time.minutes.start < range.end && range.start < time.minutes.end)
        .collect();
    times.sort_by_key(|time| (time.minutes.start, time.minutes.end));
    times
}

/// The same for the maths.
pub(crate) fn minutes(times: &[ExcludedTime]) -> Exclusions {
    Exclusions::new(times.iter().map(|time| time.minutes.clone()))
}

/// Begin and end of each time that an exclusion comes within a range, or a little outside.
pub(crate) fn occurrences(
    definition: &ExclusionDefinition,
    range: &Range<Minute>,
) -> Vec<(Timestamp, Timestamp)> {
    let ExclusionDefinition { starts_at, ends_at, weekly, .. } = definition;
    let Some(Weekly { zone, until }) = weekly else { return vec![(*starts_at, *ends_at)] };
    // The catalog has checked the zone; a newer one may be unknown to this machine.
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let (first, over) = (starts_at.to_zoned(zone.clone()), ends_at.to_zoned(zone));
    let ahead = range.start.begins().duration_since(*starts_at).as_secs() / WEEK.as_secs();
    let end = until.map_or(range.end.begins(), |until| until.min(range.end.begins()));
    // One week more on either side: clocks change.
    (ahead.saturating_sub(1).max(0)..)
        .map_while(|weeks| Some((later(&first, weeks)?, later(&over, weeks)?)))
        .take_while(|(start, _)| *start < end)
        .collect()
}

/// So many weeks later, at the same hour of the clock on the wall.
fn later(at: &Zoned, weeks: i64) -> Option<Timestamp> {
    Some(at.checked_add(i32::try_from(weeks).ok()?.weeks()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exclusion(service: Option<&str>, times: [&str; 2], weekly: Option<(&str, Option<&str>)>) -> Exclusion {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let definition = ExclusionDefinition {
            kind: ExclusionKind::Maintenance,
            service: service.map(str::to_owned),
            starts_at: at(times[0]),
            ends_at: at(times[1]),
            weekly: weekly.map(|(zone, until)| Weekly { zone: zone.to_owned(), until: until.map(at) }),
            reason: "vacuum".to_owned(),
        };
        let by = "ines".to_owned();
        Exclusion {
            id: 1,
            definition,
            version: 1,
            created_at: at(times[0]),
            created_by: by.clone(),
            updated_at: at(times[0]),
            updated_by: by,
        }
    }

    fn found(exclusion: Exclusion, from: &str, to: &str) -> Vec<String> {
        let minute = |text: &str| Minute::of(text.parse().unwrap());
        spelled_out(&[exclusion], "reception", &(minute(from)..minute(to)))
            .into_iter()
            .map(|time| format!("{} {}", time.minutes.start.begins(), time.minutes.end.begins()))
            .collect()
    }

    #[test]
    fn once_and_of_whom_it_concerns() {
        let times = ["2026-11-20T12:00:30Z", "2026-11-20T12:10:30Z"];
        let day = ["2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"];
        for service in [None, Some("reception")] {
            let found = found(exclusion(service, times, None), day[0], day[1]);
            assert_eq!(found, ["2026-11-20T12:00:00Z 2026-11-20T12:11:00Z"], "parts of minutes are whole");
        }
        assert!(found(exclusion(Some("barista"), times, None), day[0], day[1]).is_empty());
        assert!(found(exclusion(None, times, None), "2026-11-20T12:11:00Z", day[1]).is_empty());
        assert_eq!(found(exclusion(None, times, None), "2026-11-20T12:10:00Z", day[1]).len(), 1);
    }

    #[test]
    fn every_week_at_the_same_hour_of_the_wall_though_clocks_change() {
        let weekly = |until| {
            let times = ["2026-10-18T01:00:00Z", "2026-10-18T02:00:00Z"];
            exclusion(None, times, Some(("Europe/Berlin", until)))
        };
        // 03:00 in Berlin; in the night to the 25th the clocks go back.
        let all = ["2026-10-18T01:00:00Z 2026-10-18T02:00:00Z", "2026-10-25T02:00:00Z 2026-10-25T03:00:00Z"];
        assert_eq!(found(weekly(None), "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"), all);
        let ended = weekly(Some("2026-10-20T00:00:00Z"));
        assert_eq!(found(ended, "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"), all[..1]);
        let years_later = found(weekly(None), "2030-06-01T00:00:00Z", "2030-06-08T00:00:00Z");
        assert_eq!(years_later, ["2030-06-02T01:00:00Z 2030-06-02T02:00:00Z"]);
    }
}

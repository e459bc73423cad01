//! What the form of a load test holds, as it was typed.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use seaworthy_records::{Body, LoadTest, Mistake, Stage};
use serde::Deserialize;

use crate::{records::Entry, web::time};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    pub(super) service: String,
    pub(super) ran_at: String,
    pub(super) build: String,
    pub(super) tool: String,
    pub(super) target: String,
    pub(super) duration: String,
    pub(super) highest: String,
    pub(super) stages: String,
    pub(super) note: String,
    pub(super) link: String,
    /// What a tool wrote, to be read.
    pub(super) output: String,
    pub(super) version: i64,
    /// The test that is changed; 0 for a new one.
    pub(super) edits: i64,
}

/// The fields of the form that tell of mistakes, by the names of the body.
pub(super) const FIELDS: [&str; 11] = [
    "service",
    "ran_at",
    "build",
    "tool",
    "target",
    "duration_s",
    "highest_rate_within_slo",
    "stages",
    "note",
    "link",
    "output",
];
const STAGE: &str = "rate, p50, p95, p99, failed %";

impl Typed {
    pub(super) fn new(service: String, build: Option<String>, now: Timestamp, zone: &TimeZone) -> Self {
        Self { service, build: build.unwrap_or_default(), ran_at: time::typed(now, zone), ..Self::default() }
    }

    pub(super) fn of(entry: &Entry<LoadTest>, zone: &TimeZone) -> Self {
        Self {
            service: entry.service.clone(),
            version: entry.version,
            edits: entry.id,
            ..Self::of_body(&entry.body, zone)
        }
    }

    fn of_body(test: &LoadTest, zone: &TimeZone) -> Self {
        Self {
            ran_at: time::typed(test.ran_at, zone),
            build: test.build.clone().unwrap_or_default(),
            tool: test.tool.clone(),
            target: test.target.clone(),
            duration: short(test.duration_s),
            highest: test.highest_rate_within_slo.map(short).unwrap_or_default(),
            stages: test.stages.iter().map(|stage| format!("{}\n", line(stage))).collect(),
            note: test.note.clone(),
            link: test.link.clone().unwrap_or_default(),
            ..Self::default()
        }
    }

    /// With what was read from a tool: what it told takes the place of what was typed, and its step comes after those that are there.
    pub(super) fn with(&self, test: &LoadTest, remarks: &[String], zone: &TimeZone) -> Self {
        let stages = [self.stages.trim_end(), &line_of(test)].join("\n");
        let note = [self.note.trim_end(), &remarks.join("\n")].join("\n");
        Self {
            service: self.service.clone(),
            stages: stages.trim_start().to_owned(),
            note: note.trim_start().to_owned(),
            link: self.link.clone(),
            version: self.version,
            edits: self.edits,
            ..Self::of_body(test, zone)
        }
    }

    /// Every field with its label, for who compares two.
    pub(super) fn whole(&self) -> String {
        let Self { service, ran_at, build, tool, target, duration, highest, stages, note, link, .. } = self;
        let stages = stages.trim_end();
        format!(
            "Service: {service}\nRan at: {ran_at}\nBuild: {build}\nTool: {tool}\nTarget: {target}\nRan for: {duration}\n\
             Highest rate within SLO: {highest}\nSteps:\n{stages}\nNote:\n{note}\nLink: {link}\n"
        )
    }

    /// The test that the form tells of.
    pub(super) fn test(&self, zone: &TimeZone) -> Result<LoadTest, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut wrong = |field: &str, message: String| {
            mistakes.push(Mistake { field: field.to_owned(), message });
        };
        let ran_at = time::read(&self.ran_at, zone).unwrap_or_else(|| {
            wrong("ran_at", format!("{:?} is no time; write for example 2026-11-20T14:30", self.ran_at));
            Timestamp::UNIX_EPOCH
        });
        let duration_s = seconds(&self.duration).unwrap_or_else(|| {
            wrong(
                "duration_s",
                format!("{:?} is no duration; write for example 300, or 5 min", self.duration),
            );
            1.0
        });
        let highest_rate_within_slo = optional(&self.highest).unwrap_or_else(|| {
            wrong("highest_rate_within_slo", format!("{:?} is no rate; write for example 120", self.highest));
            None
        });
        let stages = self.read_stages(&mut wrong);
        let text = |text: &str| text.trim().to_owned();
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let test = LoadTest {
            ran_at,
            build: some(&self.build),
            tool: text(&self.tool),
            target: text(&self.target),
            duration_s,
            highest_rate_within_slo,
            stages,
            note: text(&self.note),
            link: some(&self.link),
        };
        // What could not be read is told before what follows from it.
        let told = mistakes.len();
        if let Err(more) = test.check() {
            let unread: Vec<String> = mistakes.iter().map(|mistake| mistake.field.clone()).collect();
            mistakes.extend(more.into_iter().map(by_line).filter(|mistake| !unread.contains(&mistake.field)));
        }
        if told == 0 && mistakes.is_empty() { Ok(test) } else { Err(mistakes) }
    }

    fn read_stages(&self, wrong: &mut impl FnMut(&str, String)) -> Vec<Stage> {
        let lines = self.stages.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        lines
            .filter_map(|(index, line)| {
                let stage = stage(line);
                if stage.is_none() {
                    let shown: String = line.trim().chars().take(80).collect();
                    wrong(
                        "stages",
                        format!(
                            "line {}, {shown:?}, is no step; write {STAGE}, for example 100, 12, 40, 85, 0.2",
                            index + 1
                        ),
                    );
                }
                stage
            })
            .collect()
    }
}

/// `stages[1].rate` as people count lines.
fn by_line(mistake: Mistake) -> Mistake {
    let found = mistake.field.strip_prefix("stages[").and_then(|rest| rest.split_once(']'));
    let Some((index, part)) = found.and_then(|(index, part)| Some((index.parse::<usize>().ok()?, part)))
    else {
        return mistake;
    };
    let part = part.trim_start_matches('.').replace("_ms", "").replace("error_share", "failed");
    Mistake {
        field: "stages".to_owned(),
        message: format!("step {}, {part}: {}", index + 1, mistake.message),
    }
}

/// A line of the field of steps: `100, 12, 40, 85, 0.2`, with `-` for what nobody measured.
fn stage(line: &str) -> Option<Stage> {
    let parts: Vec<&str> = match line.contains([',', ';', '\t']) {
        true => line.split([',', ';', '\t']).map(str::trim).collect(),
        false => line.split_whitespace().collect(),
    };
    let [rate, p50, p95, p99, failed] = parts[..] else { return None };
    Some(Stage {
        rate: rate.parse().ok()?,
        p50_ms: optional(p50)?,
        p95_ms: optional(p95)?,
        p99_ms: optional(p99)?,
        error_share: failed.trim_end_matches('%').trim().parse::<f64>().ok()? / 100.0,
    })
}

fn line(stage: &Stage) -> String {
    let some = |value: Option<f64>| value.map_or("-".to_owned(), short);
    let Stage { rate, p50_ms, p95_ms, p99_ms, error_share } = *stage;
    [short(rate), some(p50_ms), some(p95_ms), some(p99_ms), short(error_share * 100.0)].join(", ")
}

fn line_of(test: &LoadTest) -> String {
    test.stages.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// None for what is no number; `Some(None)` for what is left out.
#[expect(clippy::option_option, reason = "left out and wrong are different things")]
fn optional(text: &str) -> Option<Option<f64>> {
    match text.trim() {
        "" | "-" | "–" => Some(None),
        text => text.parse().ok().map(Some),
    }
}

fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    text.parse().ok().or_else(|| Some(text.parse::<SignedDuration>().ok()?.as_secs_f64()))
}

/// Four places are finer than any tool measures.
fn short(value: f64) -> String {
    ((value * 1e4).round() / 1e4).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Typed {
        Typed {
            service: "reception".into(),
            ran_at: "2026-11-20T14:30".into(),
            tool: "k6".into(),
            target: "/orders".into(),
            duration: "5 min".into(),
            stages: "100, 12, 40, 85, 0.2\n\n 200  20 -  160 1.5%\n".into(),
            ..Typed::default()
        }
    }

    #[test]
    fn steps_are_read_as_people_write_them_and_written_again() {
        let test = typed().test(&TimeZone::UTC).unwrap();
        assert_eq!((test.duration_s, test.stages.len()), (300.0, 2));
        assert_eq!((test.stages[1].p50_ms, test.stages[1].p95_ms), (Some(20.0), None));
        assert!((test.stages[1].error_share - 0.015).abs() < 1e-12);
        let again = Typed::of_body(&test, &TimeZone::UTC);
        assert_eq!(again.stages, "100, 12, 40, 85, 0.2\n200, 20, -, 160, 1.5\n");
        assert_eq!(again.test(&TimeZone::UTC).unwrap(), test);
    }

    #[test]
    fn every_mistake_is_told_with_its_field() {
        let of = |typed: Typed| {
            let mistakes = typed.test(&TimeZone::UTC).unwrap_err();
            mistakes.into_iter().map(|mistake| mistake.to_string()).collect::<Vec<_>>().join("\n")
        };
        let told =
            of(Typed { ran_at: "soon".into(), duration: "long".into(), highest: "much".into(), ..typed() });
        for field in
            ["ran_at: \"soon\" is no time", "duration_s: \"long\"", "highest_rate_within_slo: \"much\""]
        {
            assert!(told.contains(field), "{told}");
        }
        assert!(
            of(Typed { stages: "100, 12, 40".into(), ..typed() })
                .contains("line 1, \"100, 12, 40\", is no step")
        );
        assert!(
            of(Typed { stages: "1,1,1,1,1\n0,1,1,1,1".into(), ..typed() })
                .contains("stages: step 2, rate: 0 requests/s")
        );
        assert!(of(Typed { stages: "nan,1,1,1,inf".into(), ..typed() }).contains("stages: step 1"));
        assert!(of(Typed { tool: " ".into(), ..typed() }).contains("tool: it is empty"));
    }
}

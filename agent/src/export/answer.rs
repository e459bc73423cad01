//! What an answer means, by the rules of OTLP/HTTP.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::RETRY_AFTER};

/// What an answer means. Source: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It was taken; the body may say that a part was not.
    Accepted(Bytes),
    /// It may be taken later.
    Later {
        /// How long the other side asked to wait.
        after: Option<Duration>,
        /// What happened.
        why: String,
    },
    /// It will never be taken.
    Refused {
        /// What happened.
        why: String,
    },
}

impl Answer {
    /// The meaning of a status, by its headers and the body.
    pub(crate) fn of(status: StatusCode, headers: &HeaderMap, body: Bytes, now: SystemTime) -> Self {
        if status.is_success() {
            return Self::Accepted(body);
        }
        let why = format!("it answered {status}{}", excerpt(&body));
        match status.as_u16() {
            429 | 502..=504 => Self::Later { after: retry_after(headers, now), why },
            _ => Self::Refused { why },
        }
    }
}

/// Both forms: seconds, and a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // A date that has passed asks for nothing.
    Some(httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default())
}

/// The beginning of a body, for a person; nothing of what is no text.
fn excerpt(body: &[u8]) -> String {
    const LONGEST: usize = 200;
    let Ok(text) = std::str::from_utf8(body) else { return String::new() };
    let line: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.trim().is_empty() { String::new() } else { format!(": {}", line.trim()) }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn answer(status: u16, retry_after: Option<&str>) -> Answer {
        let headers = retry_after.map(|value| (RETRY_AFTER, value.parse().unwrap())).into_iter().collect();
        // 1994-11-06 08:49:37 UTC
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
        Answer::of(StatusCode::from_u16(status).unwrap(), &headers, Bytes::from("no\nroom"), now)
    }

    #[test]
    fn statuses_mean_what_otlp_says() {
        let meaning = |status| match answer(status, None) {
            Answer::Accepted(_) => "accepted",
            Answer::Later { .. } => "later",
            Answer::Refused { .. } => "refused",
        };
        for status in [200, 202, 204] {
            assert_eq!(meaning(status), "accepted", "{status}");
        }
        for status in [429, 502, 503, 504] {
            assert_eq!(meaning(status), "later", "{status}");
        }
        for status in [301, 307, 400, 401, 403, 404, 408, 413, 415, 500, 501, 505] {
            assert_eq!(meaning(status), "refused", "{status}");
        }
    }

    #[test]
    fn both_forms_of_retry_after_are_understood() {
        let cases = [
            (None, None),
            (Some("0"), Some(0)),
            (Some("120"), Some(120)),
            (Some(" 7 "), Some(7)),
            (Some("Sun, 06 Nov 1994 08:50:37 GMT"), Some(60)),
            (Some("Sun, 06 Nov 1994 08:48:37 GMT"), Some(0)),
            (Some("-1"), None),
            (Some("1.5"), None),
            (Some("soon"), None),
        ];
        for (value, seconds) in cases {
            let Answer::Later { after, why } = answer(503, value) else { panic!("{value:?}") };
            assert_eq!(after, seconds.map(Duration::from_secs), "{value:?}");
            assert_eq!(why, "it answered 503 Service Unavailable: no room");
        }
    }
}

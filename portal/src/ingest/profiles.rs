//! `POST /api/v1/profiles`: takes in a profile, which is looked through at the door: what pages could not show is refused.

use axum::{
    Json,
    extract::{Query, Request, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use seaworthy_protocol::ProfileKind;
use seaworthy_telemetry::{AppendError, profile::ProfileInfo};
use serde::{Deserialize, Serialize};

use super::{bounds::TimeBounds, format::Refusal, payload::Intake};
use crate::{
    auth::IngestToken,
    problem::Problem,
    profiles::{self, LARGEST, Profile, Unreadable},
    state::App,
    view::range::nanos,
};

/// The longest text of the query, in bytes.
const LONGEST_TEXT: usize = 255;

/// What the profile is.
#[derive(Debug, Deserialize)]
pub(crate) struct Sent {
    service: String,
    instance: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    commit: String,
    #[serde(default)]
    environment: String,
    kind: ProfileKind,
    taken_at: Timestamp,
    #[serde(default)]
    command: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Kept {
    id: String,
}

/// Keeps a profile.
pub(crate) async fn upload(
    _: IngestToken,
    State(app): State<App>,
    sent: Result<Query<Sent>, QueryRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Query(sent) = sent.map_err(|rejection| refused(StatusCode::BAD_REQUEST, &rejection.body_text()))?;
    let now = app.clock().now();
    sent.check(TimeBounds::new(now, app.settings().retention_days))?;
    let (head, body) = request.into_parts();
    let payload = app.intake().read(&head.headers, body).await.map_err(told)?;
    let (intake, bytes) = (app.intake().clone(), payload.bytes.clone());
    let looked = tokio::task::spawn_blocking(move || look_through(&intake, &bytes)).await;
    let profile = looked.map_err(Problem::internal)??;
    let asked_by = asked_by(&app, &sent, now).await?;
    let of = (sent.service.clone(), sent.instance.clone(), sent.command);
    let info = sent.info(&profile, asked_by);
    let kept = app.telemetry().append_profile(info, payload.bytes.to_vec()).await.map_err(not_stored)?;
    let (service, instance, command) = of;
    if let Some(command) = command {
        app.catalog().note_profile(command, (&service, &instance), &kept.to_string(), now).await?;
    }
    app.catalog().note_services_seen(&[service], now).await?;
    Ok((StatusCode::CREATED, Json(Kept { id: kept.to_string() })).into_response())
}

impl Sent {
    fn check(&self, bounds: TimeBounds) -> Result<(), Problem> {
        let texts = [
            ("service", &self.service, true),
            ("instance", &self.instance, true),
            ("version", &self.version, false),
            ("commit", &self.commit, false),
            ("environment", &self.environment, false),
        ];
        for (name, text, is_needed) in texts {
            let is_blank = is_needed && text.trim().is_empty();
            if is_blank || text.len() > LONGEST_TEXT || text.chars().any(char::is_control) {
                let rule = format!("{name} must be at most {LONGEST_TEXT} bytes without control characters");
                return Err(refused(StatusCode::BAD_REQUEST, &rule));
            }
        }
        if !bounds.allow(nanos(self.taken_at)) {
            return Err(refused(StatusCode::BAD_REQUEST, TimeBounds::REASON));
        }
        Ok(())
    }

    fn info(self, profile: &Profile, asked_by: String) -> ProfileInfo {
        let of = profile.shown_first;
        ProfileInfo {
            service: self.service,
            instance: self.instance,
            version: self.version,
            commit: self.commit,
            environment: self.environment,
            kind: self.kind.as_str().to_owned(),
            taken_at: nanos(self.taken_at),
            duration: profile.duration_nanos,
            samples: profile.samples.len() as u64,
            total: profile.total(of),
            unit: profile.types.get(of).map(|of| of.unit.clone()).unwrap_or_default(),
            asked_by,
        }
    }
}

fn look_through(intake: &Intake, sent: &[u8]) -> Result<Profile, Problem> {
    let inflated = profiles::inflated(sent).map_err(unreadable)?;
    let _room = intake.room_to_decode(profiles::weight(&inflated).map_err(unreadable)?).map_err(told)?;
    profiles::read(&inflated).map_err(unreadable)
}

/// Who asked for it, where somebody did.
async fn asked_by(app: &App, sent: &Sent, now: Timestamp) -> Result<String, Problem> {
    let Some(id) = sent.command else { return Ok(String::new()) };
    let command = app.catalog().command(id, now).await?;
    let command =
        command.filter(|asked| (&asked.service, &asked.instance) == (&sent.service, &sent.instance));
    Ok(command.map(|command| command.asked_by).unwrap_or_default())
}

fn unreadable(why: Unreadable) -> Problem {
    let status = match why {
        Unreadable::TooLarge | Unreadable::InflatesTooFar | Unreadable::TooMany => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        _ => StatusCode::BAD_REQUEST,
    };
    refused(status, &why.to_string())
}

fn told(refusal: Refusal) -> Problem {
    refused(refusal.status, &refusal.message)
}

fn not_stored(error: AppendError) -> Problem {
    let status = match error {
        AppendError::Behind { .. } => StatusCode::TOO_MANY_REQUESTS,
        AppendError::Closed | AppendError::Failed(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    tracing::warn!(%error, "a profile was not stored");
    refused(status, "the telemetry store does not take it now; send it again")
}

fn refused(status: StatusCode, why: &str) -> Problem {
    let detail = format!("Nothing was kept: {why}. A profile has at most {} MiB.", LARGEST >> 20);
    Problem::new(status, "The profile was not taken", detail)
}

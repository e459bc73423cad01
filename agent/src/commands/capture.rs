//! Takes a profile and uploads it.

use std::time::Duration;

use jiff::Timestamp;
use seaworthy_protocol::{CHECK_IN_PATH, LossReason, PROFILES_PATH, ProfileKind, Signal};

use super::{Commands, known::Progress};
use crate::{
    export::{Answer, Backoff, Endpoint, Payload},
    profiles::{self, NotTaken, USUAL_HERTZ},
    tasks::Form,
};

/// Attempts at uploading one profile. It is of this moment, and whoever asked for it waits.
const MOST_ATTEMPTS: u32 = 6;

/// Where profiles go, by where check-ins go.
pub(super) fn endpoint(check_in: &Endpoint) -> Endpoint {
    let mut endpoint = check_in.clone();
    let base = endpoint.url.path().strip_suffix(CHECK_IN_PATH).unwrap_or_default();
    let path = format!("{base}{PROFILES_PATH}");
    endpoint.url.set_path(&path);
    endpoint
}

/// For how long it will be looked.
pub(super) fn length(kind: ProfileKind, seconds: u32) -> Duration {
    match kind {
        ProfileKind::Tasks => Duration::ZERO,
        ProfileKind::Cpu | ProfileKind::Heap => Duration::from_secs(seconds.into()),
    }
}

impl Commands {
    /// Takes a profile and uploads it, and notes how that goes.
    pub(super) async fn capture(&self, id: u64, kind: ProfileKind, seconds: u64) {
        let progress = match take(kind, seconds).await {
            Ok((taken_at, profile)) => {
                self.end(id, Progress::Sending);
                self.upload(&self.target(id, kind, taken_at, seconds), Payload::pprof(profile)).await
            }
            Err(why) => Progress::Failed(why.to_string()),
        };
        self.end(id, progress);
    }

    async fn upload(&self, target: &Endpoint, profile: Payload) -> Progress {
        let mut backoff = Backoff::default();
        let mut attempt = 1;
        let (reason, why) = loop {
            match self.client.post(target, &profile).await {
                Answer::Accepted(_) => return Progress::Done,
                Answer::Refused { why } => break (LossReason::Refused, why),
                Answer::Later { why, .. } if attempt == MOST_ATTEMPTS => {
                    break (LossReason::Unreachable, why);
                }
                Answer::Later { after, .. } => tokio::time::sleep(backoff.next(after)).await,
            }
            attempt += 1;
        };
        self.shared.losses.add(Signal::Profiles, reason, 1);
        Progress::Failed(format!("the profile was taken, but the portal did not take it: {why}"))
    }

    fn target(&self, id: u64, kind: ProfileKind, taken_at: Timestamp, seconds: u64) -> Endpoint {
        let (mut target, identity) = (self.profiles.clone(), &self.shared.identity);
        let (command, seconds) = (id.to_string(), seconds.to_string());
        target.url.query_pairs_mut().extend_pairs([
            ("service", identity.service.as_str()),
            ("instance", &identity.instance),
            ("version", &identity.build.version),
            ("commit", &identity.build.commit),
            ("environment", &identity.environment),
            ("kind", kind.as_str()),
            ("taken_at", &taken_at.to_string()),
            ("seconds", &seconds),
            ("command", &command),
        ]);
        target
    }
}

/// A profile, and the time that it begins with.
async fn take(kind: ProfileKind, seconds: u64) -> Result<(Timestamp, Vec<u8>), NotTaken> {
    let begun = Timestamp::now();
    match kind {
        ProfileKind::Cpu => Ok((begun, profiles::cpu(seconds, USUAL_HERTZ).await?)),
        ProfileKind::Heap => Ok((begun, profiles::heap(seconds).await?)),
        ProfileKind::Tasks => {
            profiles::tasks(Form::Profile, true).await.map(|dump| (dump.looked_at, dump.body))
        }
    }
}

//! What an agent has noticed in its process.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ProfileKind;

/// What an agent has noticed in its process. What it cannot see is absent, which is not the same as that it is not so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observations {
    /// Worker threads of the service's tokio runtime; of several runtimes, the most of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker_threads: Option<u32>,
    /// Worker threads that fit what the process may use: as many as cores, rounded up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommended_worker_threads: Option<u32>,
    /// Who reaches the admin endpoints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<AdminAccess>,
    /// Whether the process's effective user is number 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs_as_root: Option<bool>,
    /// Whether panics of the process are captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captures_panics: Option<bool>,
    /// Whether the lines that the service logs are counted, as the metric `seaworthy.log.lines`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts_log_lines: Option<bool>,
    /// Which lines are logged. Absent where no agent of the process logs any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_filter: Option<LogFilter>,
    /// The profiles that can be taken of it on command. Absent where it takes no commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profiles: Option<Vec<ProfileKind>>,
    /// When somebody last asked how the instance is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probes: Option<Probes>,
}

/// Which lines an instance logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFilter {
    /// The filter in force, as `RUST_LOG` has it: `info,sqlx=warn`.
    pub filter: String,
    /// By the instance's clock: when the filter of before is back, where this one is for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The filter of before, where another is in force for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<String>,
}

/// When somebody last asked how an instance is, by the instance's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probes {
    /// For `/livez`; absent where nobody has yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liveness_asked_at: Option<Timestamp>,
    /// For `/readyz`; absent where nobody has yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readiness_asked_at: Option<Timestamp>,
}

/// Who reaches the admin endpoints of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdminAccess {
    /// Nobody: they are off.
    Off,
    /// Who is on the machine: they listen on a loopback address.
    Loopback,
    /// Who has the token.
    Token,
    /// Whom the service lets through: it has mounted them in a server of its own.
    Mounted,
    /// Something that a later version tells.
    #[serde(other)]
    Unknown,
}

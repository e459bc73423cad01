//! The check-in and its reply.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Command, CommandReport, health::Health, now::Now, observations::Observations};

/// What an agent tells the portal about its instance every few seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckIn {
    /// OpenTelemetry's `service.name`.
    pub service: String,
    /// OpenTelemetry's `service.instance.id`: unique per process, new on every start.
    pub instance: String,
    /// OpenTelemetry's `deployment.environment.name`, empty where none is set.
    #[serde(default)]
    pub environment: String,
    /// The agent and its version: `seaworthy-agent/0.1.0`.
    #[serde(default)]
    pub agent: String,
    /// Counts the check-ins of this instance from 1; the portal ignores one that overtook another.
    pub sequence: u64,
    /// When it was made, by the instance's clock.
    pub sent_at: Timestamp,
    /// What is running.
    pub build: Build,
    /// Where it is running.
    pub process: Process,
    /// Where the instance stands in its life.
    pub state: InstanceState,
    /// Its health checks.
    #[serde(default)]
    pub health: Health,
    /// What it uses right now.
    #[serde(default)]
    pub figures: Figures,
    /// What the agent could not deliver since the process started. Only ever grows.
    #[serde(default)]
    pub losses: Vec<Loss>,
    /// What the agent has noticed in the process. Agents of before do not say.
    #[serde(default)]
    pub observations: Observations,
    /// What became of what the portal asked of it, as far as it has not been told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandReport>,
    /// What the instance is at right now. Agents of before do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Now>,
    /// How the shutdown went; present once the instance has [stopped](InstanceState::Stopped).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drain: Option<DrainReport>,
}

/// The portal's answer to a [`CheckIn`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckInReply {
    /// Seconds until the next check-in is expected.
    pub next_in_seconds: u32,
    /// What is asked of the instance. The same is asked again until it is reported of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Command>,
}

/// What is running: from the build, or from the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// OpenTelemetry's `service.version`: `1.8.2`.
    pub version: String,
    /// OpenTelemetry's `vcs.ref.head.revision`, empty where unknown.
    #[serde(default)]
    pub commit: String,
    /// When it was built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built_at: Option<Timestamp>,
}

/// Where an instance is running; does not change during its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// OpenTelemetry's `host.name`.
    pub host: String,
    /// OpenTelemetry's `process.pid`.
    pub pid: u32,
    /// When the process started.
    pub started_at: Timestamp,
    /// Where the agent's admin endpoints listen, empty when they are off: `127.0.0.1:41873`.
    #[serde(default)]
    pub admin_address: String,
}

/// Where an instance stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceState {
    /// It runs, and takes requests or soon will.
    Running,
    /// It was told to stop and finishes what it has begun.
    Draining,
    /// This is its last check-in.
    Stopped,
}

/// What an instance uses. A figure that the platform does not tell is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// CPU time used per second of wall time since the last check-in; 1.0 is one core.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_cores: Option<f64>,
    /// Cores the process may use: its cgroup's quota, else the machine's cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_limit_cores: Option<f64>,
    /// How often its CPU quota has made it stand still; absent where there is no quota.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_throttling: Option<Throttling>,
    /// Resident memory in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Bytes the process may use: its cgroup's limit, else the machine's memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limit_bytes: Option<u64>,
    /// Bytes that count against its cgroup's limit, with caches of files and with other processes in it; absent where it is in no
    /// cgroup that tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cgroup_memory_bytes: Option<u64>,
    /// Threads of the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// Requests that have begun and not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_in_flight: Option<u64>,
}

/// How often a cgroup's CPU quota was spent before its period was over. Counted by the kernel since the cgroup was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Throttling {
    /// Periods in which something ran: of 100 ms unless set otherwise.
    pub periods: u64,
    /// Periods in which the quota was spent, and everything stood still until the next.
    pub throttled_periods: u64,
    /// Seconds that it stood still, over all cores.
    pub throttled_seconds: f64,
}

/// How much of one signal was lost, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// What was lost.
    pub signal: Signal,
    /// Why it was lost.
    pub reason: LossReason,
    /// How many spans, metric points or log records since the process started.
    pub count: u64,
}

/// The kinds of telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Spans.
    Spans,
    /// Metric points.
    Metrics,
    /// Log records: lines and errors.
    Logs,
    /// Profiles that were asked for.
    Profiles,
}

/// Why telemetry was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossReason {
    /// The agent's bounded queue was full.
    QueueFull,
    /// The portal could not be reached, or was behind, for longer than the agent may keep data.
    Unreachable,
    /// The portal refused the data for good: wrong token, malformed or too large.
    Refused,
    /// The process ended before the data could be sent.
    Shutdown,
    /// A limit of the agent was reached: too many attributes, series or bytes.
    Limit,
}

/// How a shutdown went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrainReport {
    /// Requests in flight when the process was told to stop.
    pub in_flight_at_start: u64,
    /// Of them and of those that came after, how many ended properly.
    pub finished: u64,
    /// Requests that were still running at the deadline.
    pub aborted: u64,
    /// Milliseconds from the signal to the end.
    pub took_ms: u64,
    /// Milliseconds it was allowed to take.
    pub deadline_ms: u64,
}

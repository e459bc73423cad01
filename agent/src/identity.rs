//! Who this instance is; does not change during its life.

use jiff::Timestamp;
use seaworthy_protocol::{Build, Process};

use crate::{settings::Settings, trace::TraceId};

/// Who this instance is.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// OpenTelemetry's `service.name`.
    pub(crate) service: String,
    /// OpenTelemetry's `service.instance.id`.
    pub(crate) instance: String,
    /// OpenTelemetry's `deployment.environment.name`, empty where none is set.
    pub(crate) environment: String,
    /// What is running.
    pub(crate) build: Build,
    /// Where it is running.
    pub(crate) process: Process,
}

impl Identity {
    /// The identity that these settings give. Unless they name the instance, every start is a new one.
    pub(crate) fn new(settings: &Settings, admin_address: String) -> Self {
        Self {
            service: settings.service.clone(),
            instance: settings.instance.clone().unwrap_or_else(|| TraceId::random().to_string()),
            environment: settings.environment.clone(),
            build: settings.build.clone(),
            process: this_process(admin_address),
        }
    }
}

/// Where this process runs, and since when the agent knows it.
fn this_process(admin_address: String) -> Process {
    Process { host: host_name(), pid: std::process::id(), started_at: started_at(), admin_address }
}

fn host_name() -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name =
        kernel.or_else(|| std::env::var("HOSTNAME").ok()).or_else(|| std::env::var("COMPUTERNAME").ok());
    name.map(|name| name.trim().to_owned()).unwrap_or_default()
}

/// When the kernel started the process; where it does not tell, now, because the agent starts first thing in `main`.
fn started_at() -> Timestamp {
    let now = Timestamp::now();
    age_of_process().and_then(|age| now.checked_sub(age).ok()).unwrap_or(now)
}

/// Linux keeps the start of a process in ticks since boot, 100 a second on every platform that Rust knows.
fn age_of_process() -> Option<std::time::Duration> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in brackets and may itself hold spaces and brackets.
    let after_name = stat.rsplit_once(')')?.1;
    let started: f64 = after_name.split_whitespace().nth(19)?.parse().ok()?;
    let uptime: f64 =
        std::fs::read_to_string("/proc/uptime").ok()?.split_whitespace().next()?.parse().ok()?;
    std::time::Duration::try_from_secs_f64(uptime - started / TICKS_PER_SECOND).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_started_before_now_and_after_the_machine() {
        let process = this_process(String::new());
        let age = Timestamp::now().duration_since(process.started_at);
        assert!(age.as_secs() >= 0 && age.as_secs() < 3600, "{age:?}");
        assert_eq!(process.pid, std::process::id());
        assert!(!process.host.is_empty());
    }
}

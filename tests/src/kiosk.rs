//! Services under watch, as processes.

use std::path::Path;

use tempfile::TempDir;

use crate::{Portal, process::Process};

/// A running kiosk (`src/bin/kiosk.rs`); killed when it is dropped.
#[derive(Debug)]
pub struct Kiosk {
    process: Process,
    /// Where it serves: `http://127.0.0.1:41873`.
    pub url: String,
    /// Where its admin endpoints are.
    pub admin_url: String,
    _folder: TempDir,
}

impl Kiosk {
    /// Starts this binary as the service of this name, watched by `portal`. It passes orders on to `next`, if any.
    pub fn start(binary: &Path, name: &str, portal: &Portal, next: Option<&Kiosk>) -> Self {
        let folder = TempDir::new().unwrap();
        let environment = [
            ("OTEL_SERVICE_NAME", name),
            ("SEAWORTHY_PORTAL", portal.url()),
            ("SEAWORTHY_TOKEN", &portal.ingest_token),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "400"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
            ("SEAWORTHY_DRAIN_DELAY", "0"),
        ];
        let next = next.map(|next| next.url.as_str());
        let mut process = Process::start(binary, next, &environment, &folder.path().join("log"));
        let line = process.next_line();
        let (url, admin_url) = line.split_once(' ').expect("it says where it is");
        Self { url: url.into(), admin_url: admin_url.into(), process, _folder: folder }
    }

    /// Asks it to stop, and waits until it has: by then the portal has all that it has to tell.
    pub fn stop(mut self) {
        self.process.signal("TERM");
        let status = self.process.wait();
        assert!(status.success(), "{status}");
    }
}

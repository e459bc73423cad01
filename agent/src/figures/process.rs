//! What the platform tells about this process.

use super::CpuTime;

/// What the process uses.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) cpu: Option<CpuTime>,
    /// Resident memory.
    pub(crate) memory_bytes: Option<u64>,
    pub(crate) threads: Option<u32>,
}

#[cfg(target_os = "linux")]
impl Usage {
    pub(crate) fn read() -> Self {
        let Ok(stat) = procfs::process::Process::myself().and_then(|process| process.stat()) else {
            return Self::default();
        };
        let time =
            |ticks: u64| std::time::Duration::from_secs_f64(ticks as f64 / procfs::ticks_per_second() as f64);
        Self {
            cpu: Some(CpuTime { user: time(stat.utime), system: time(stat.stime) }),
            memory_bytes: Some(stat.rss * procfs::page_size()),
            threads: u32::try_from(stat.num_threads).ok(),
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Usage {
    pub(crate) fn read() -> Self {
        Self::default()
    }
}

/// Memory of the machine, in bytes.
#[cfg(target_os = "linux")]
pub(crate) fn memory_of_machine() -> Option<u64> {
    use procfs::Current;
    procfs::Meminfo::current().ok().map(|memory| memory.mem_total)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn memory_of_machine() -> Option<u64> {
    None
}

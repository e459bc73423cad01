//! What the cgroups of this process allow: version 1, version 2, or both side by side.
//!
//! Source: the Linux kernel's `cgroup-v2.rst` and `sched-bwc.rst`. A limit further up binds as well, so the smallest
//! on the way to the root counts.

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use seaworthy_protocol::Throttling;

/// Folders of the process's cgroups, each with those above it. Found once: a process hardly ever moves.
#[derive(Debug, Default)]
pub(crate) struct Cgroup {
    unified: Vec<PathBuf>,
    cpu_v1: Vec<PathBuf>,
    memory_v1: Vec<PathBuf>,
}

impl Cgroup {
    /// CPU quota in cores; none where there is no limit.
    pub(crate) fn cpu_cores(&self) -> Option<f64> {
        let unified = self.unified.iter().filter_map(|folder| quota_v2(&read(folder, "cpu.max")?));
        let v1 = self.cpu_v1.iter().filter_map(|folder| {
            quota(&read(folder, "cpu.cfs_quota_us")?, &read(folder, "cpu.cfs_period_us")?)
        });
        unified.chain(v1).min_by(f64::total_cmp)
    }

    /// Memory limit in bytes; none where there is no limit.
    pub(crate) fn memory_bytes(&self) -> Option<u64> {
        let unified = self.unified.iter().filter_map(|folder| parse::<u64>(&read(folder, "memory.max")?));
        let v1 = self.memory_v1.iter().filter_map(|folder| parse(&read(folder, "memory.limit_in_bytes")?));
        unified.chain(v1).min()
    }

    /// How often a quota has made the process stand still; none where there is no quota. Of several on the way to the root
    /// that which did so for the longest time.
    pub(crate) fn throttling(&self) -> Option<Throttling> {
        let of = |folders: &[PathBuf]| -> Vec<Throttling> {
            folders.iter().filter_map(|folder| throttling(&read(folder, "cpu.stat")?)).collect()
        };
        let all = of(&self.unified).into_iter().chain(of(&self.cpu_v1));
        all.max_by(|a, b| a.throttled_seconds.total_cmp(&b.throttled_seconds))
            .filter(|_| self.cpu_cores().is_some())
    }

    /// Bytes that count against the limit of the innermost cgroup that tells.
    pub(crate) fn memory_use_bytes(&self) -> Option<u64> {
        let unified = self.unified.iter().filter_map(|folder| parse(&read(folder, "memory.current")?));
        let v1 = self.memory_v1.iter().filter_map(|folder| parse(&read(folder, "memory.usage_in_bytes")?));
        unified.chain(v1).next()
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn of_this_process() -> Self {
        Self::default()
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn of_this_process() -> Self {
        let process = procfs::process::Process::myself();
        let found = process.and_then(|process| Ok((process.cgroups()?.0, process.mountinfo()?.0)));
        let Ok((cgroups, mounts)) = found else { return Self::default() };
        let folders = |controller: Option<&str>| {
            let cgroup = cgroups.iter().find(|cgroup| match controller {
                Some(name) => cgroup.controllers.iter().any(|known| known == name),
                None => cgroup.hierarchy == 0,
            })?;
            let mount = mounts.iter().find(|mount| match controller {
                Some(name) => mount.fs_type == "cgroup" && mount.super_options.contains_key(name),
                None => mount.fs_type == "cgroup2",
            })?;
            Some(folders_up_to(&mount.mount_point, &mount.root, &cgroup.pathname))
        };
        let folders = |controller| folders(controller).unwrap_or_default();
        Self { unified: folders(None), cpu_v1: folders(Some("cpu")), memory_v1: folders(Some("memory")) }
    }
}

/// The cgroup's folder and those above it, up to the mount point. In a container the mount may begin below the root
/// that the path is relative to.
fn folders_up_to(mount_point: &Path, mount_root: &str, cgroup: &str) -> Vec<PathBuf> {
    let below = Path::new(cgroup).strip_prefix(mount_root).unwrap_or(Path::new(""));
    let is_plain = below.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    let folder = if is_plain { mount_point.join(below) } else { mount_point.to_owned() };
    folder.ancestors().take_while(|above| above.starts_with(mount_point)).map(Path::to_owned).collect()
}

fn read(folder: &Path, file: &str) -> Option<String> {
    fs::read_to_string(folder.join(file)).ok()
}

fn quota_v2(cpu_max: &str) -> Option<f64> {
    let (allowed, period) = cpu_max.trim().split_once(' ')?;
    quota(allowed, period)
}

/// Microseconds of CPU per period as cores; none for `max` and for version 1's -1.
fn quota(allowed: &str, period: &str) -> Option<f64> {
    let (allowed, period) = (parse::<f64>(allowed)?, parse::<f64>(period)?);
    (allowed > 0.0 && period > 0.0).then(|| allowed / period)
}

/// Both versions name the periods alike; version 1 tells the time in nanoseconds, version 2 in microseconds.
fn throttling(cpu_stat: &str) -> Option<Throttling> {
    let number = |name: &str| {
        let mut lines = cpu_stat.lines().filter_map(|line| line.split_once(' '));
        lines.find(|(own, _)| *own == name).and_then(|(_, value)| parse::<u64>(value))
    };
    let seconds = number("throttled_usec")
        .map(|time| time as f64 / 1e6)
        .or_else(|| number("throttled_time").map(|time| time as f64 / 1e9));
    Some(Throttling {
        periods: number("nr_periods")?,
        throttled_periods: number("nr_throttled")?,
        throttled_seconds: seconds?,
    })
}

fn parse<T: FromStr>(text: &str) -> Option<T> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn the_smallest_limit_on_the_way_up_counts() {
        let root = files(&[
            ("cpu.max", "max 100000\n"),
            ("pod/cpu.max", "150000 100000\n"),
            ("pod/memory.max", "1000000\n"),
            ("pod/app/cpu.max", "200000 100000\n"),
            ("pod/app/memory.max", "max\n"),
        ]);
        let unified = folders_up_to(root.path(), "/", "/pod/app");
        let cgroup = Cgroup { unified, ..Cgroup::default() };
        assert_eq!((cgroup.cpu_cores(), cgroup.memory_bytes()), (Some(1.5), Some(1_000_000)));
    }

    #[test]
    fn version_1_says_no_limit_with_a_negative_quota() {
        for (quota, expected) in [("-1\n", None), ("50000\n", Some(0.5))] {
            let root = files(&[
                ("cpu.cfs_quota_us", quota),
                ("cpu.cfs_period_us", "100000\n"),
                ("memory.limit_in_bytes", "9223372036854771712\n"),
            ]);
            let folders = || folders_up_to(root.path(), "/", "/");
            let cgroup = Cgroup { cpu_v1: folders(), memory_v1: folders(), ..Cgroup::default() };
            assert_eq!(cgroup.cpu_cores(), expected);
            // Version 1 has no word for no limit; the machine's memory is smaller and wins.
            assert_eq!(cgroup.memory_bytes(), Some(9_223_372_036_854_771_712));
        }
    }

    #[test]
    fn a_container_sees_its_cgroup_at_the_mount_point() {
        let mount = Path::new("/sys/fs/cgroup/cpu");
        for (root, cgroup, expected) in [
            ("/docker/abc", "/docker/abc", vec!["/sys/fs/cgroup/cpu"]),
            ("/docker/abc", "/docker/abc/x", vec!["/sys/fs/cgroup/cpu/x", "/sys/fs/cgroup/cpu"]),
            ("/", "/../other", vec!["/sys/fs/cgroup/cpu"]),
            ("/elsewhere", "/docker/abc", vec!["/sys/fs/cgroup/cpu"]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(PathBuf::from).collect();
            assert_eq!(folders_up_to(mount, root, cgroup), expected, "{root} {cgroup}");
        }
    }

    #[test]
    fn throttling_is_told_by_both_versions_where_there_is_a_quota() {
        let v2 = files(&[
            ("cpu.stat", "usage_usec 9\n"),
            ("app/cpu.max", "50000 100000\n"),
            ("app/cpu.stat", "usage_usec 9\nnr_periods 40\nnr_throttled 7\nthrottled_usec 1500000\n"),
            ("app/memory.current", "4096\n"),
        ]);
        let v1 = files(&[
            ("cpu.cfs_quota_us", "50000\n"),
            ("cpu.cfs_period_us", "100000\n"),
            ("cpu.stat", "nr_periods 40\nnr_throttled 7\nthrottled_time 1500000000\n"),
            ("memory.usage_in_bytes", "4096\n"),
        ]);
        let root = || folders_up_to(v1.path(), "/", "/");
        let expected = Throttling { periods: 40, throttled_periods: 7, throttled_seconds: 1.5 };
        for cgroup in [
            Cgroup { unified: folders_up_to(v2.path(), "/", "/app"), ..Cgroup::default() },
            Cgroup { cpu_v1: root(), memory_v1: root(), ..Cgroup::default() },
        ] {
            assert_eq!((cgroup.throttling(), cgroup.memory_use_bytes()), (Some(expected), Some(4096)));
        }
        fs::write(v1.path().join("cpu.cfs_quota_us"), "-1").unwrap();
        assert_eq!(Cgroup { cpu_v1: root(), ..Cgroup::default() }.throttling(), None, "no quota");
    }

    #[test]
    fn nonsense_is_no_limit() {
        let root = files(&[("cpu.max", "lots"), ("memory.max", "-5")]);
        let cgroup = Cgroup { unified: folders_up_to(root.path(), "/", "/"), ..Cgroup::default() };
        assert_eq!((cgroup.cpu_cores(), cgroup.memory_bytes()), (None, None));
    }
}

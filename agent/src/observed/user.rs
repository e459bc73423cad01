//! As whom the process runs.

/// Whether the effective user is number 0. Asked again each time: many a service starts as root and gives that up.
#[cfg(target_os = "linux")]
pub(super) fn is_root() -> Option<bool> {
    let status = procfs::process::Process::myself().and_then(|process| process.status());
    Some(status.ok()?.euid == 0)
}

/// Elsewhere nobody tells without a call that is not safe.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_root() -> Option<bool> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn linux_tells() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let owner = file.as_file().metadata().unwrap().uid();
        assert_eq!(super::is_root(), Some(owner == 0));
    }
}

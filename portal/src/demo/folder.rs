//! Where the demo keeps what it writes.

use std::{
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use anyhow::Context;
use tempfile::TempDir;

/// The data folder of a demo.
#[derive(Debug)]
pub(super) enum Folder {
    /// Stays.
    Given(PathBuf),
    /// Goes with the demo, at the latest when it is dropped.
    Temporary(TempDir),
}

impl Folder {
    /// The given folder, or a temporary one.
    pub(super) fn open(given: Option<PathBuf>) -> anyhow::Result<Self> {
        match given {
            Some(path) => Ok(Self::Given(path)),
            None => {
                let made = tempfile::Builder::new().prefix("seaworthy-demo-").tempdir();
                Ok(Self::Temporary(made.context("could not make a temporary folder; name one with --data")?))
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }

    /// The folder, if it stays.
    pub(super) fn given(&self) -> Option<&Path> {
        match self {
            Self::Given(path) => Some(path),
            Self::Temporary(_) => None,
        }
    }

    /// Removes a temporary folder.
    pub(super) fn close(self) -> anyhow::Result<()> {
        let Self::Temporary(folder) = self else { return Ok(()) };
        // A demo that was stopped in a hurry may still be writing.
        for _ in 0..10 {
            if std::fs::remove_dir_all(folder.path()).is_ok() {
                break;
            }
            sleep(Duration::from_millis(100));
        }
        let path = folder.path().to_owned();
        match folder.close() {
            Err(error) if path.exists() => {
                Err(error).with_context(|| format!("could not remove {}; remove it by hand", path.display()))
            }
            _ => Ok(()),
        }
    }
}

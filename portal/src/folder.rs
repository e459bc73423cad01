//! The data folder: made if need be, readable by nobody else, and used by one portal at a time.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

/// A data folder, held until it is dropped.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    /// The system gives it up with the process, however that ends.
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if need be, and locks it.
    pub(crate) fn hold(path: &Path) -> anyhow::Result<Self> {
        make(path).with_context(|| {
            format!("could not make the data folder {}; choose another with --data", path.display())
        })?;
        let lock_path = path.join("portal.lock");
        let lock =
            File::options().create(true).truncate(false).write(true).open(&lock_path).with_context(|| {
                format!("could not write in the data folder {}; choose another with --data", path.display())
            })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!(
                "the data folder {} is used by another portal; stop that one, or choose another folder with --data",
                path.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("could not lock {}", lock_path.display()))
            }
        }
    }

    /// Where a file or folder of this name lies.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

fn make(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_by_one_until_it_lets_go() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a/b");
        let held = DataFolder::hold(&path).unwrap();
        let error = DataFolder::hold(&path).unwrap_err().to_string();
        assert!(error.contains("used by another portal") && error.contains("--data"), "{error}");
        drop(held);
        DataFolder::hold(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_look_into_it() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("data");
        let _held = DataFolder::hold(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_folder_that_cannot_be_is_told_by_name() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        let error = format!("{:#}", DataFolder::hold(&file.join("data")).unwrap_err());
        assert!(error.contains("file/data") && error.contains("--data"), "{error}");
    }
}

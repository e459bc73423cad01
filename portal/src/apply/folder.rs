//! Files of a folder.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use seaworthy_openslo::MAX_FILE_BYTES;

use crate::files::File;

/// Deeper is no folder that somebody made by hand.
const DEEPEST: usize = 32;

/// Every file of OpenSLO in a folder, at any depth, by name; or the one file that it is.
pub(super) fn read(dir: &Path) -> anyhow::Result<Vec<File>> {
    let about = fs::metadata(dir).with_context(|| format!("there is no folder or file {}", dir.display()))?;
    let mut paths = Vec::new();
    if about.is_dir() {
        find(dir, 0, &mut paths)?;
    } else {
        paths.push(dir.to_owned());
    }
    if paths.is_empty() {
        bail!("there are no files .yaml or .yml in {}", dir.display());
    }
    paths.sort();
    paths.iter().map(|path| one(path).with_context(|| format!("could not read {}", path.display()))).collect()
}

/// Hidden folders hold what belongs to tools, and links to folders may lead back.
fn find(dir: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if depth > DEEPEST {
        bail!("{} is nested more than {DEEPEST} folders deep", dir.display());
    }
    for entry in fs::read_dir(dir).with_context(|| format!("could not read {}", dir.display()))? {
        let entry = entry.with_context(|| format!("could not read {}", dir.display()))?;
        let (path, hidden) = (entry.path(), entry.file_name().to_string_lossy().starts_with('.'));
        let kind = entry.file_type().with_context(|| format!("could not read {}", path.display()))?;
        if hidden {
            continue;
        }
        if kind.is_dir() {
            find(&path, depth + 1, paths)?;
        } else if path.extension().is_some_and(|end| end == "yaml" || end == "yml") && path.is_file() {
            paths.push(path);
        }
    }
    Ok(())
}

/// No more of a file than can be accepted: what is longer is refused by its length.
fn one(path: &Path) -> anyhow::Result<File> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    let yaml = match String::from_utf8(bytes) {
        Ok(yaml) => yaml,
        Err(error) if error.as_bytes().len() > MAX_FILE_BYTES => {
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        }
        Err(_) => bail!("it is not UTF-8"),
    };
    Ok(File { name: path.display().to_string(), yaml })
}

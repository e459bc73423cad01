//! Files of a folder.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use seaworthy_openslo::MAX_FILE_BYTES;

use crate::files::{File, has_front_matter};

/// Deeper is no folder that somebody made by hand.
const DEEPEST: usize = 32;

/// Every file of a folder that could be for a portal, at any depth, by name; or the one file that it is. Markdown that does
/// not say that it is a runbook is left out, and told of.
pub(super) fn read(dir: &Path) -> anyhow::Result<Vec<File>> {
    let about = fs::metadata(dir).with_context(|| format!("there is no folder or file {}", dir.display()))?;
    let mut paths = Vec::new();
    if about.is_dir() {
        find(dir, 0, &mut paths)?;
    } else {
        paths.push(dir.to_owned());
    }
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let file = one(&path).with_context(|| format!("could not read {}", path.display()))?;
        if about.is_dir() && ends_with(&path, &["md"]) && !has_front_matter(&file.text) {
            eprintln!(
                "{} is left out: a runbook begins with a line ---, its title, and another line ---",
                file.name
            );
        } else {
            files.push(file);
        }
    }
    if files.is_empty() {
        bail!("there are no files .yaml or .yml and no runbooks .md in {}", dir.display());
    }
    Ok(files)
}

fn ends_with(path: &Path, ends: &[&str]) -> bool {
    path.extension().is_some_and(|end| ends.iter().any(|known| end.eq_ignore_ascii_case(known)))
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
        } else if ends_with(&path, &["yaml", "yml", "md"]) && path.is_file() {
            paths.push(path);
        }
    }
    Ok(())
}

/// No more of a file than can be accepted: what is longer is refused by its length.
fn one(path: &Path) -> anyhow::Result<File> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.as_bytes().len() > MAX_FILE_BYTES => {
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        }
        Err(_) => bail!("it is not UTF-8"),
    };
    Ok(File { name: path.display().to_string(), text })
}

//! Tells the compiler which commit it builds, and when, so that a running shop can say so.
//!
//! In a release build that is true of the whole program. In others every commit would have the shop, and the portal with it,
//! compiled once more; there it is true of the shop as it was compiled last.

use std::{
    error::Error,
    path::Path,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

/// What a build that can be done again takes for its time: <https://reproducible-builds.org/specs/source-date-epoch/>.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-env-changed={EPOCH}");
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        // Git notes every commit and every switch of branches there.
        let log = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| Path::new(log).exists());
        log.inspect(|log| println!("cargo::rerun-if-changed={log}"));
    }
    // A copy without Git builds as well.
    if let Some(commit) = git(&["rev-parse", "HEAD"]) {
        println!("cargo::rustc-env=COFFEE_SHOP_COMMIT={commit}");
    }
    let built_at = built_at(std::env::var(EPOCH).ok().as_deref(), SystemTime::now())?;
    println!("cargo::rustc-env=COFFEE_SHOP_BUILT_AT={built_at}");
    Ok(())
}

/// When it is built, in seconds since the Unix epoch: what was said, else now.
pub(crate) fn built_at(said: Option<&str>, now: SystemTime) -> Result<u64, String> {
    match said {
        Some(said) => {
            said.parse().map_err(|_| format!("{EPOCH} is {said:?}; it must be a whole number of seconds"))
        }
        None => Ok(now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())),
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let output =
        Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

//! Tells the compiler which commit it builds, and when, so that a running shop can say so.
//!
//! Only in release builds: it would have every commit compile the shop, and the portal with it, once more.

use std::{path::Path, process::Command, time::SystemTime};

fn main() {
    println!("cargo::rerun-if-changed=src");
    if std::env::var("PROFILE").as_deref() != Ok("release") {
        return;
    }
    // Git notes every commit and every switch of branches there. A copy without Git builds as well.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| Path::new(log).exists()) {
        println!("cargo::rerun-if-changed={log}");
    }
    if let Some(commit) = git(&["rev-parse", "HEAD"]) {
        println!("cargo::rustc-env=COFFEE_SHOP_COMMIT={commit}");
    }
    if let Ok(now) = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        println!("cargo::rustc-env=COFFEE_SHOP_BUILT_AT={}", now.as_secs());
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let output =
        Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

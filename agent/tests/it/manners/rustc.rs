//! Compiles what cargo would not: with other settings than the rest, against the agent as it was built for these tests.

use std::{env, fs, path::Path, path::PathBuf, process::Command};

/// Compiles a source into `to`.
pub(super) fn compile(source: &str, arguments: &[&str], to: &Path) {
    let folder = to.parent().unwrap();
    let file = folder.join("main.rs");
    fs::write(&file, source).unwrap();
    let libraries = env::current_exe().unwrap().parent().unwrap().to_owned();
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiled = Command::new(rustc)
        .args(["--edition", "2024", "-C", "prefer-dynamic=no"])
        .args(arguments)
        .arg("-L")
        .arg(format!("dependency={}", libraries.display()))
        .arg("--extern")
        .arg(format!("seaworthy_agent={}", agent(&libraries).display()))
        .arg("-o")
        .arg(to)
        .arg(&file)
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
}

/// The library that was built last: for these tests, or with the same sources.
fn agent(libraries: &Path) -> PathBuf {
    let files = fs::read_dir(libraries).unwrap().map(|entry| entry.unwrap().path());
    let is_agent = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("libseaworthy_agent-") && name.ends_with(".rlib")
    };
    files.filter(is_agent).max_by_key(|path| path.metadata().unwrap().modified().unwrap()).unwrap()
}

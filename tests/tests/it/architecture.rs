//! The numbered absences of ARCHITECTURE.md, held to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Who may import whom. A crate that is not here fails the test.
const IMPORTS: &[(&str, &[&str])] = &[
    ("agent", &["protocol"]),
    ("catalog", &["migrations", "protocol"]),
    ("checklist", &["yaml"]),
    ("coffee-shop", &["agent"]),
    ("migrations", &[]),
    ("openslo", &["slo", "yaml"]),
    (
        "portal",
        &[
            "agent",
            "catalog",
            "checklist",
            "coffee-shop",
            "openslo",
            "protocol",
            "records",
            "slo",
            "telemetry",
            "yaml",
        ],
    ),
    ("protocol", &[]),
    ("records", &[]),
    ("slo", &[]),
    ("telemetry", &[]),
    ("yaml", &[]),
    (
        "tests",
        &[
            "agent",
            "catalog",
            "checklist",
            "coffee-shop",
            "migrations",
            "openslo",
            "portal",
            "protocol",
            "records",
            "slo",
            "telemetry",
            "yaml",
        ],
    ),
];

/// Crates of others that only some may use.
const RESERVED: &[(&str, &[&str])] = &[
    ("sea-orm", &["catalog"]),
    ("sea-orm-migration", &["migrations"]),
    // The load tool measures the store against plain SQLite.
    ("rusqlite", &["telemetry", "tests"]),
    ("sqlx", &["catalog", "coffee-shop"]),
    ("leptos", &["portal"]),
];

/// Words that must not stand in the sources of a folder, outside its tests.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("checklist/src", &["std::fs", "std::net", "std::env", "std::process", "std::thread", "::now()"]),
    ("openslo/src", &["std::fs", "std::net", "std::env", "std::process", "std::thread", "::now()"]),
    ("records/src", &["std::fs", "std::net", "std::env", "std::process", "std::thread", "::now()"]),
    ("yaml/src", &["std::fs", "std::net", "std::env", "std::process", "std::thread", "::now()"]),
    ("slo/src", &["std::fs", "std::net", "std::env", "std::process", "std::thread", "::now()"]),
    ("portal/src/signals", &["App", "async ", "std::fs", "::now()"]),
    ("portal/src/view", &["sea_orm", "rusqlite", "::now()"]),
    ("catalog/src/accounts", &["Timestamp::now()"]),
    ("agent/src", &["panic!(", ".unwrap()", ".expect(", "unbounded_channel"]),
];

/// The modules of the agent that exist for what Rust calls unsafe: allocating, unwinding, signals, waking.
const UNSAFE: &[&str] = &[
    "cpu/linux/samples.rs",
    "cpu/linux/sys.rs",
    "heap/allocator.rs",
    "heap/capture.rs",
    "heap/jemalloc/control.rs",
    "tasks/stack/capture.rs",
    "tasks/waker.rs",
];

#[test]
fn unsafe_code_of_the_agent_stays_where_it_belongs() {
    let folder = root().join("agent/src");
    for file in sources(&folder) {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&folder).unwrap().to_str().unwrap();
        let has_unsafe = outside_tests(&text).any(|line| line.contains("unsafe "));
        assert_eq!(has_unsafe, UNSAFE.contains(&name), "{name}: mend the list, or the module");
    }
}

#[test]
fn imports_run_one_way() {
    let crates = crates();
    let known: BTreeSet<&str> = IMPORTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(crates.keys().map(String::as_str).collect::<BTreeSet<_>>(), known);
    for (name, allowed) in IMPORTS {
        let own = crates[*name].iter().filter_map(|dependency| dependency.strip_prefix("seaworthy-"));
        let more: Vec<_> = own.filter(|dependency| !allowed.contains(dependency)).collect();
        assert!(more.is_empty(), "{name} imports {more:?}; ARCHITECTURE.md says it does not");
    }
}

#[test]
fn only_stores_speak_to_databases() {
    for (name, dependencies) in crates() {
        for (reserved, users) in RESERVED {
            let uses = dependencies.contains(*reserved);
            assert!(
                !uses || users.contains(&name.as_str()),
                "{name} uses {reserved}, which is for {users:?}"
            );
        }
    }
}

#[test]
fn what_takes_minutes_to_compile_stays_out() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for name in ["aws-lc-rs", "openssl-sys"] {
        assert!(!lock.contains(&format!("name = \"{name}\"\n")), "{name} came in; see cargo tree -i {name}");
    }
}

#[test]
fn folders_keep_out_what_is_not_theirs() {
    for (folder, words) in FORBIDDEN {
        let files = sources(&root().join(folder));
        assert!(!files.is_empty(), "{folder} has no sources any more; mend this table");
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for (line, number) in outside_tests(&text).zip(1..) {
                let word = words.iter().find(|word| line.contains(**word));
                assert!(word.is_none(), "{}:{number} holds {word:?}: {line}", file.display());
            }
        }
    }
}

/// The crates of the workspace by folder, each with what it uses outside its tests.
fn crates() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().map(|package| (folder(package), uses(package))).collect()
}

fn folder(package: &Value) -> String {
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    manifest.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned()
}

fn uses(package: &Value) -> BTreeSet<String> {
    let dependencies = package["dependencies"].as_array().unwrap().iter();
    let outside_tests = dependencies.filter(|dependency| dependency["kind"] != "dev");
    outside_tests.map(|dependency| dependency["name"].as_str().unwrap().to_owned()).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match path.is_dir() {
            true if name != "tests" => sources(&path),
            false if name.ends_with(".rs") && name != "tests.rs" => vec![path],
            _ => Vec::new(),
        }
    });
    found.collect()
}

/// The code of a file up to its tests, which stand at its end, without comments.
fn outside_tests(text: &str) -> impl Iterator<Item = &str> {
    let code = text.split("\nmod tests {").next().unwrap_or_default();
    code.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line })
}

//! Deploys and shutdowns.

use seaworthy_catalog::{Deploy, DeployKind, DeployedBuild, Shutdown};

use crate::view::health::tests::ago;

/// A deploy that began so long ago, and took so many seconds.
pub(super) fn deploy(kind: DeployKind, started: i64, took: Option<i64>) -> Deploy {
    let build = DeployedBuild { version: "1.8.2".into(), commit: String::new() };
    Deploy {
        id: started,
        service: "reception".into(),
        environment: String::new(),
        kind,
        from: None,
        build,
        started_at: ago(started),
        ended_at: took.map(|took| ago(started - took)),
        seen_at: None,
        declared: None,
    }
}

pub(super) fn shutdown(clean: bool) -> Shutdown {
    Shutdown {
        service: "reception".into(),
        instance: String::new(),
        environment: String::new(),
        build: DeployedBuild { version: "1.8.1".into(), commit: String::new() },
        at: ago(7_200),
        lost: false,
        clean,
        aborted: 0,
        took_ms: None,
    }
}

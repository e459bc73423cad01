//! What check-ins say.

use seaworthy_catalog::Instance;
use seaworthy_checklist::Value;
use seaworthy_protocol::{Build, Check, CheckResult, Figures, InstanceState, Observations, Probes};

use super::{DAY, nobody, value};
use crate::{
    readiness::{facts::gather, known::Known},
    view::health::tests::{ago, instance},
};

pub(super) fn complete() -> Instance {
    let mut one = instance(900, 5, InstanceState::Running);
    let check_in = &mut one.check_in;
    check_in.environment = "production".into();
    check_in.build =
        Build { version: "1.8.2".into(), commit: "4f2c9ab".into(), built_at: Some(ago(10 * DAY)) };
    check_in.health.checks = vec![
        check("orders.db", true, CheckResult::Pass),
        check("mail", false, CheckResult::Fail { reason: "down".into() }),
    ];
    check_in.figures = Figures {
        cpu_cores: Some(0.5),
        cpu_limit_cores: Some(2.0),
        memory_bytes: Some(300),
        memory_limit_bytes: Some(400),
        ..Figures::default()
    };
    check_in.observations = Observations {
        worker_threads: Some(2),
        recommended_worker_threads: None,
        admin: None,
        runs_as_root: Some(false),
        captures_panics: Some(true),
        counts_log_lines: Some(true),
        log_filter: None,
        profiles: None,
        probes: Some(Probes { liveness_asked_at: Some(ago(7)), readiness_asked_at: Some(ago(9)) }),
    };
    one
}

fn check(name: &str, critical: bool, result: CheckResult) -> Check {
    Check { name: name.into(), critical, result, checked_at: None, took_ms: 0 }
}

#[test]
fn what_instances_lack_is_told_by_their_names() {
    let mut lacking = complete();
    lacking.check_in.instance = "lacking".into();
    lacking.check_in.build.commit.clear();
    lacking.check_in.figures.memory_limit_bytes = None;
    lacking.check_in.process.admin_address = "0.0.0.0:9000".into();
    let mut ours = complete();
    ours.check_in.agent = "seaworthy-agent/0.1.0".into();
    ours.check_in.process.admin_address = "0.0.0.0:9000".into();
    let mut gone = lacking.clone();
    gone.check_in.instance = "gone".into();
    gone.last_seen_at = ago(900);
    let known = Known { instances: vec![lacking, ours, gone.clone()], ..nobody() };
    for name in ["instances_without_build_info", "instances_without_limits", "instances_with_open_admin"] {
        assert_eq!(value(&known, name), Some(Value::list(["lacking"])), "{name}");
    }
    assert_eq!(value(&known, "instances"), Some(Value::Int(2)));
    // Of one that has gone, what it said last is known, and that it is long ago.
    let known = Known { instances: vec![gone], ..nobody() };
    assert_eq!(value(&known, "instances"), Some(Value::Int(0)));
    let fact = gather(&known).get("instances_without_limits").cloned().unwrap();
    assert_eq!((fact.value, fact.seen_at), (Value::list(["gone"]), ago(900)));
}

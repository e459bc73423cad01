//! Lines of logs.

use std::sync::Arc;

use seaworthy_catalog::Instance;
use seaworthy_checklist::Value;
use seaworthy_protocol::Observations;

use super::{observations::changed, telemetry::observed, value};
use crate::{
    readiness::{
        known::Known,
        log_lines::LogLines,
        observed::{Heard, Observed},
    },
    view::health::tests::ago,
};

#[test]
fn of_all_lines_nobody_knows_unless_every_instance_counts_them_and_they_arrive() {
    let counts = |_: &mut Instance| {};
    let logs_otherwise = |one: &mut Instance| one.check_in.observations.counts_log_lines = Some(false);
    let silent = |one: &mut Instance| one.check_in.observations = Observations::default();
    let told = |changes: &[fn(&mut Instance)], log_lines, metrics_arrive: bool| {
        let observed = Observed { log_lines, ..Observed::clone(&observed(None, 0)) };
        let heard = Heard { saturation: metrics_arrive.then(|| ago(63)), ..Heard::default() };
        let known = Known { observed: Some(Arc::new(observed)), heard, ..changed(changes) };
        ["log_line_request_id_share_24h", "debug_lines_in_production_24h"].map(|name| value(&known, name))
    };
    let (share, debug) = (|share| Some(Value::Float(share)), |lines| Some(Value::Int(lines)));
    let none = LogLines::default();
    let fine = LogLines { all: 9, told: 4, ..none };
    let lacking = LogLines { not_told: 1, debug_in_production: 2, ..fine };
    assert_eq!(told(&[counts], fine, false), [share(1.0), debug(0)]);
    assert_eq!(told(&[counts, counts], lacking, true), [share(0.8), debug(2)]);
    assert_eq!(
        told(&[counts], LogLines { all: 9, ..none }, false),
        [None, debug(0)],
        "none within a request"
    );
    assert_eq!(told(&[counts], none, true), [None, debug(0)], "it logs nothing, and would tell if it did");
    assert_eq!(told(&[counts], none, false), [None, None], "its metrics go elsewhere");
    assert_eq!(told(&[counts, logs_otherwise], fine, true), [None, None]);
    assert_eq!(told(&[counts, silent], lacking, true), [None, debug(2)]);
    assert_eq!(told(&[], fine, true), [None, None]);
}

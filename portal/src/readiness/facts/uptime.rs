//! Whether it answers from outside.

use seaworthy_checklist::{Fact, Source, Value};

use super::Found;
use crate::{readiness::known::Known, web::link};

pub(super) fn add(known: &Known, found: &mut Found) {
    let Some(probe) = &known.uptime else { return };
    let page = link::service_settings(&known.service);
    found.add(
        "uptime_probe_ran",
        Fact::new(Value::Bool(probe.answered), probe.at, Source::Telemetry).link(page),
    );
}

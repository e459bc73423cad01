//! SLOs.

use seaworthy_catalog::{SloDefinition, StoredSlo};
use seaworthy_checklist::Value;

use super::{DAY, known, value};
use crate::{objectives::Standing, view::health::tests::ago};

pub(super) fn slo(name: &str, sli: &str, runbook: Option<&str>, left: Option<f64>) -> StoredSlo {
    let spec = format!(
        r#"{{"sli":{sli},"objective_percent":99,"window":{{"kind":"rolling","minutes":43200}},"runbook":{},
        "alerts":[{{"budget_percent":2,"long_minutes":60,"short_minutes":5,"severity":"page"}},
                  {{"budget_percent":10,"long_minutes":4320,"short_minutes":360,"severity":"ticket"}}]}}"#,
        serde_json::to_string(&runbook).unwrap()
    );
    let standing = Standing { as_of: ago(30), budget_left: left, ..standing() };
    StoredSlo {
        id: 1,
        name: name.into(),
        definition: SloDefinition { service: "reception".into(), spec, ..SloDefinition::default() },
        version: 1,
        created_at: ago(40 * DAY),
        created_by: String::new(),
        updated_at: ago(40 * DAY),
        updated_by: String::new(),
        evaluated_to: Some(0),
        standing: Some(serde_json::to_string(&standing).unwrap()),
    }
}

fn standing() -> Standing {
    serde_json::from_str(
        r#"{"version":1,"as_of":"2026-11-20T12:00:00Z","state":"within","window":{"start":"2026-10-20T12:00:00Z","end":"2026-11-20T12:00:00Z"},
        "sli":null,"budget_left":null,"total":0,"allowed":0,"spent":0,"coverage":null,"burn":[]}"#,
    )
    .unwrap()
}

#[test]
fn a_budget_that_was_not_evaluated_lately_is_not_known() {
    let mut known = known();
    known.slos[1].standing = None;
    assert_eq!(value(&known, "slos_without_budget_left"), None);
    assert_eq!(value(&known, "latency_slos"), Some(Value::Int(1)));
}

//! Test alerts.

use seaworthy_catalog::{Acknowledgement, ChannelTest};
use seaworthy_checklist::Value;

use super::{nobody, value};
use crate::{
    alerts::{ChannelSettings, Hidden, Target},
    readiness::{
        facts::gather,
        known::{Known, Tested},
    },
    view::health::tests::ago,
};

/// A test alert that was sent and delivered so many seconds ago, and acknowledged perhaps, in a channel for these services.
pub(super) fn tested(sent: i64, acknowledged: Option<i64>, services: &[&str]) -> Tested {
    let (sent_at, acknowledged) = (ago(sent), acknowledged.map(ago));
    Tested {
        test: ChannelTest {
            channel_id: 1,
            sent_at,
            sent_by: "ines".into(),
            delivered_at: Some(sent_at),
            error: None,
            acknowledged: acknowledged.map(|at| Acknowledgement { by: "signed link in on-call".into(), at }),
        },
        settings: ChannelSettings {
            target: Target::Slack { url: Hidden::new("https://hooks.example/T0/B0") },
            least_severity: seaworthy_slo::Severity::Page,
            services: services.iter().map(|name| (*name).to_owned()).collect(),
        },
    }
}

#[test]
fn a_test_alert_counts_once_it_was_acknowledged_where_the_service_is_told_of() {
    let with = |tests: &[Tested]| Known { tested: tests.into(), ..nobody() };
    let acknowledged = tested(300, Some(200), &[]);
    let fact =
        gather(&with(std::slice::from_ref(&acknowledged))).get("test_alert_acknowledged").cloned().unwrap();
    assert_eq!((fact.value, fact.seen_at), (Value::Bool(true), ago(200)));
    // The latest counts, and only where pages of this service are told.
    for (tests, expected) in [
        (vec![], None),
        (vec![tested(300, None, &[])], Some(false)),
        (vec![acknowledged.clone(), tested(100, None, &[])], Some(false)),
        (vec![acknowledged.clone(), tested(100, None, &["barista"])], Some(true)),
        (vec![tested(300, Some(200), &["barista"])], None),
    ] {
        assert_eq!(value(&with(&tests), "test_alert_acknowledged"), expected.map(Value::Bool), "{tests:?}");
    }
}

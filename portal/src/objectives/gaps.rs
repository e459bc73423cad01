//! Why nothing is known of a minute, by the check-ins of a service's processes. Pure.

use seaworthy_catalog::{Instance, SeenBuild};
use seaworthy_protocol::InstanceState;
use seaworthy_slo::{Known, Minute};

/// Why a service told nothing of a minute: a process was there, by its own word or as far as anybody knows, or none was.
/// Nothing is known of services whose processes do not check in, and of the time before they did.
pub(super) fn why(instances: &[&Instance], checked_in: Option<Minute>, minute: Minute) -> Known {
    if checked_in.is_none_or(|first| minute < first) {
        return Known::Nothing;
    }
    let alive = instances.iter().any(|instance| lives(instance, instances, minute));
    if alive { Known::AgentLost } else { Known::Down }
}

/// Since when processes of a service have checked in; none where they never did. Instances are forgotten, builds are not.
pub(super) fn checked_in(builds: &[SeenBuild]) -> Option<Minute> {
    builds.iter().map(|build| Minute::of(build.first_seen_at)).min()
}

/// Whether a process was there in a minute. One that fell silent without a word is taken to live on until another starts.
fn lives(instance: &Instance, all: &[&Instance], minute: Minute) -> bool {
    let born = Minute::of(instance.check_in.process.started_at.min(instance.first_seen_at));
    let seen = Minute::of(instance.last_seen_at);
    if minute < born {
        return false;
    }
    let stopped = instance.check_in.state == InstanceState::Stopped;
    let replaced = || all.iter().any(|other| other.first_seen_at > instance.last_seen_at);
    minute <= seen || !(stopped || replaced())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Minute(minute).begins()
    }

    fn instance(born: i64, seen: i64, state: InstanceState) -> Instance {
        let check_in = serde_json::json!({
            "service": "reception", "instance": born.to_string(), "agent": "1", "sequence": 1, "sent_at": at(seen),
            "build": {"version": "1", "commit": "a"},
            "process": {"host": "h", "pid": 1, "started_at": at(born)},
            "state": state,
            "health": {"status": "OK"},
        });
        let check_in = serde_json::from_value(check_in).unwrap();
        Instance { check_in, first_seen_at: at(born), last_seen_at: at(seen) }
    }

    #[test]
    fn a_process_that_is_there_and_one_that_is_not_are_told_apart() {
        let long_ago = Some(Minute(1));
        let running = instance(10, 20, InstanceState::Running);
        for (minute, known) in [(9, Known::Down), (10, Known::AgentLost), (20, Known::AgentLost)] {
            assert_eq!(why(&[&running], long_ago, Minute(minute)), known, "{minute}");
        }
        assert_eq!(why(&[&running], long_ago, Minute(25)), Known::AgentLost, "it did not say that it stops");
        let stopped = instance(10, 20, InstanceState::Stopped);
        assert_eq!(why(&[&stopped], long_ago, Minute(21)), Known::Down);
        let after = instance(30, 40, InstanceState::Running);
        assert_eq!(why(&[&running, &after], long_ago, Minute(25)), Known::Down, "another had to be started");
        assert_eq!(why(&[&stopped, &after], long_ago, Minute(35)), Known::AgentLost);
        assert_eq!(why(&[], long_ago, Minute(5)), Known::Down, "all are gone and forgotten");
        assert_eq!(
            why(&[&running], Some(Minute(10)), Minute(9)),
            Known::Nothing,
            "it may have run without an agent"
        );
        assert_eq!(why(&[], None, Minute(5)), Known::Nothing);
    }
}

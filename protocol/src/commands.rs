//! What the portal asks of an instance, and what became of it.

use std::ops::RangeInclusive;

use serde::{Deserialize, Deserializer, Serialize};

/// Something that the portal asks of an instance, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// By which the instance reports of it.
    pub id: u64,
    /// What is asked.
    #[serde(deserialize_with = "lenient")]
    pub order: Order,
}

/// What is asked of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Order {
    /// Take a profile and upload it.
    Capture {
        /// What of.
        kind: ProfileKind,
        /// How long to look; of the heap, 0 is what is in use now, and of tasks it means nothing.
        seconds: u32,
    },
    /// Log by another filter for a while.
    LogFilter {
        /// As `RUST_LOG` has it: `info,sqlx=debug`.
        filter: String,
        /// After so long the filter of before is back.
        for_seconds: u32,
    },
    /// Something that this version does not know. It is reported as [`ReportedState::NotUnderstood`].
    #[serde(other)]
    Unknown,
}

/// What a profile is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileKind {
    /// Where CPU time goes.
    Cpu,
    /// What is allocated, and in use.
    Heap,
    /// Where tasks wait.
    Tasks,
}

/// What became of a [`Command`], told with a check-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandReport {
    /// Of the command.
    pub id: u64,
    /// How far it has come.
    pub state: ReportedState,
    /// How much of it is done, from 0 to 100, while that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// What is being done, or why it failed.
    #[serde(default)]
    pub detail: String,
}

/// How far a command has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportedState {
    /// It was heard, and is being done.
    Underway,
    /// It is done.
    Done,
    /// It could not be done.
    Failed,
    /// The instance does not know the order: its agent is older than the portal.
    NotUnderstood,
}

impl ProfileKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Cpu, Self::Heap, Self::Tasks];

    /// As it is written in messages and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Heap => "heap",
            Self::Tasks => "tasks",
        }
    }

    /// For how many seconds agents take one: beyond that, several profiles tell more. 0 of the heap is what is in use now; tasks are looked at
    /// once.
    pub const fn seconds(self) -> RangeInclusive<u32> {
        match self {
            Self::Cpu => 1..=60,
            Self::Heap => 0..=600,
            Self::Tasks => 0..=0,
        }
    }

    /// The kind that is written so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// An order that cannot be read is one that this version does not know: all else of the message stands.
fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Order, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Any {
        Known(Order),
        Other(serde::de::IgnoredAny),
    }
    Ok(match Any::deserialize(deserializer)? {
        Any::Known(order) => order,
        Any::Other(_) => Order::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CheckInReply;

    #[test]
    fn an_order_that_is_not_known_spoils_nothing_else() {
        let reply = r#"{"next_in_seconds":5,"commands":[
            {"id":1,"order":{"type":"capture","kind":"cpu","seconds":10}},
            {"id":2,"order":{"type":"capture","kind":"off_cpu","seconds":10}},
            {"id":3,"order":{"type":"sing","song":"shanty"}},
            {"id":4,"order":["sing"]},
            {"id":5,"order":{"type":"log_filter","filter":"debug","for_seconds":600,"by":"ines"}}]}"#;
        let reply: CheckInReply = serde_json::from_str(reply).unwrap();
        let orders: Vec<_> = reply.commands.into_iter().map(|command| (command.id, command.order)).collect();
        let expected = [
            (1, Order::Capture { kind: ProfileKind::Cpu, seconds: 10 }),
            (2, Order::Unknown),
            (3, Order::Unknown),
            (4, Order::Unknown),
            (5, Order::LogFilter { filter: "debug".into(), for_seconds: 600 }),
        ];
        assert_eq!(orders, expected);
    }

    #[test]
    fn a_command_is_read_as_it_was_written() {
        let command = Command { id: 7, order: Order::Capture { kind: ProfileKind::Tasks, seconds: 0 } };
        let json = serde_json::to_string(&command).unwrap();
        assert_eq!(json, r#"{"id":7,"order":{"type":"capture","kind":"tasks","seconds":0}}"#);
        assert_eq!(serde_json::from_str::<Command>(&json).unwrap(), command);
    }

    #[test]
    fn a_portal_of_before_asks_nothing() {
        let reply: CheckInReply = serde_json::from_str(r#"{"next_in_seconds":5}"#).unwrap();
        assert_eq!(reply.commands, []);
    }
}

//! Who is called, and who has been trained for what.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::Body;
use crate::{
    Mistake,
    mistake::{LIST, Mistakes},
};

/// The on-call people of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rota {
    /// Who is called first: a login, or the name of a schedule elsewhere.
    pub primary: String,
    /// Who is called when the first does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secondary: Option<String>,
    /// Who is called after both, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalation: Vec<String>,
    /// Who has been trained for what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub training: Vec<Training>,
    /// Who leads incidents, and has been trained for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commander: Option<String>,
}

/// A training that somebody has had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Who: a login.
    pub who: String,
    /// In what: `debugging in production`.
    pub what: String,
    /// The last day on which it counts; none where it counts for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Training {
    /// Whether it counts on that day.
    pub fn counts_on(&self, day: Date) -> bool {
        self.until.is_none_or(|until| day <= until)
    }
}

impl Rota {
    /// Everybody who may be called, each once, in their order.
    pub fn on_call(&self) -> Vec<&str> {
        let mut people: Vec<&str> = Vec::new();
        let all =
            [Some(&self.primary), self.secondary.as_ref()].into_iter().flatten().chain(&self.escalation);
        for person in all {
            if !people.contains(&person.as_str()) {
                people.push(person);
            }
        }
        people
    }
}

impl Body for Rota {
    const KIND: &'static str = "rota";

    fn check(&self) -> Result<(), Vec<Mistake>> {
        let mut mistakes = Mistakes::default();
        mistakes.line("primary", &self.primary, "ines");
        mistakes.some_line("secondary", self.secondary.as_deref(), "tomas");
        mistakes.expect(self.secondary.as_ref() != Some(&self.primary), "secondary", || {
            "it is the same as primary, who then has nobody behind; name somebody else, or leave it out"
                .to_owned()
        });
        mistakes.count("escalation", &self.escalation, LIST);
        for (index, person) in self.escalation.iter().enumerate() {
            mistakes.line(format!("escalation[{index}]"), person, "the head of the team");
        }
        mistakes.count("training", &self.training, LIST);
        for (index, training) in self.training.iter().enumerate() {
            mistakes.line(format!("training[{index}].who"), &training.who, "ines");
            mistakes.line(format!("training[{index}].what"), &training.what, "debugging in production");
        }
        mistakes.some_line("commander", self.commander.as_deref(), "ines");
        mistakes.done()
    }

    fn at(&self) -> Option<Timestamp> {
        None
    }

    fn is_open(&self) -> bool {
        false
    }
}

//! Running a rule that was checked.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use cel::{
    Context, Env, ExecutionError, IdedExpr,
    common::{
        types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelString},
        value::Val,
    },
};
use jiff::Timestamp;

use super::{Rule, check::NOW, literal};
use crate::Value;

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is true or false, whatever the facts are that could not be read.
    Is(bool),
    /// It depends on a fact that could not be read.
    Unknown,
    /// It has no value: it divides by zero, or takes an entry that is not there.
    Failed(String),
}

/// The facts that a rule may read, and the time.
pub(crate) struct Reader<'v> {
    context: Context<'v, 'v>,
}

impl<'v> Reader<'v> {
    /// One who can read the facts of the rule that `read` gives out.
    pub(crate) fn new(rule: &Rule, now: Timestamp, read: impl Fn(&'static str) -> Option<&'v Value>) -> Self {
        let mut context = Context::with_env(Arc::clone(&ENV));
        for fact in rule.facts() {
            if let Some(value) = read(fact.name) {
                context.add_variable_as_val(fact.name, lowered(value));
            }
        }
        context.add_variable_as_val(NOW, Box::new(CelInt::from(now.as_microsecond())));
        Self { context }
    }

    /// Whether it can read the fact.
    pub(crate) fn reads(&self, name: &str) -> bool {
        self.context.get_variable(name).is_some()
    }

    /// Runs the rule.
    pub(crate) fn outcome(&self, rule: &Rule) -> Outcome {
        match self.value(&rule.program.expression) {
            Ok(cel::Value::Bool(value)) => Outcome::Is(value),
            Ok(other) => Outcome::Failed(format!("it came to {other:?}")),
            Err(ExecutionError::UndeclaredReference(_)) => Outcome::Unknown,
            Err(error) => Outcome::Failed(in_words(&error)),
        }
    }

    /// Runs a part of it.
    pub(crate) fn value(&self, expression: &IdedExpr) -> Result<cel::Value, ExecutionError> {
        cel::Value::resolve(expression, &self.context)
    }
}

/// Building it takes longer than most rules.
static ENV: LazyLock<Arc<Env>> =
    LazyLock::new(|| Arc::new(Env::default().with_optional_support(false).with_stdlib()));

fn lowered<'v>(value: &'v Value) -> Box<dyn Val + 'v> {
    match value {
        Value::Bool(value) => Box::new(CelBool::from(*value)),
        Value::Int(value) => Box::new(CelInt::from(*value)),
        Value::Float(value) => Box::new(CelDouble::from(*value)),
        Value::Text(value) => Box::new(CelString::from(value.as_str())),
        Value::Timestamp(value) => Box::new(CelInt::from(value.as_microsecond())),
        Value::Duration(value) => Box::new(CelInt::from(literal::micros(*value))),
        Value::List(list) => Box::new(CelList::from(
            list.iter()
                .map(|text| Box::new(CelString::from(text.as_str())) as Box<dyn Val + 'v>)
                .collect::<Vec<_>>(),
        )),
        Value::Map(map) => Box::new(CelMap::from(
            map.iter()
                .map(|(key, value)| (CelMapKey::from(key.as_str()), lowered(value)))
                .collect::<HashMap<_, _>>(),
        )),
    }
}

fn in_words(error: &ExecutionError) -> String {
    match error {
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            "it divides by zero".to_owned()
        }
        ExecutionError::Overflow(..) => "a number in it grows too large".to_owned(),
        ExecutionError::NoSuchKey(key) => format!("it takes the entry {key}, which is not there"),
        ExecutionError::IndexOutOfBounds(_) => "it takes an entry that is not there".to_owned(),
        other => other.to_string(),
    }
}

//! The types and the costs of a rule, before it is run.

use cel::{
    IdedExpr,
    common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, SelectExpr, operators as op},
};

use super::{bounds::MAX_RULE_COST, literal};
use crate::{KnownFact, MAX_ENTRIES, Type};

/// What is known of a rule that has passed.
pub(super) struct Checked {
    pub(super) kind: Type,
    pub(super) facts: Vec<&'static KnownFact>,
    pub(super) cost: u64,
}

/// Checks every part of an expression, or says what is wrong with the first that is.
pub(super) fn check(expression: &IdedExpr) -> Result<Checked, String> {
    let mut checker = Checker { facts: Vec::new(), variables: Vec::new(), cost: 0, times: 1 };
    let kind = checker.kind(expression)?;
    if checker.cost > MAX_RULE_COST {
        return Err(format!(
            "may take {} steps on lists of {MAX_ENTRIES}; at most {MAX_RULE_COST} are accepted",
            checker.cost
        ));
    }
    Ok(Checked { kind, facts: checker.facts, cost: checker.cost })
}

/// The type of a part of a rule that was checked; none of a part that needs what stands around it.
pub(crate) fn kind_of(part: &IdedExpr) -> Option<Type> {
    check(part).ok().map(|checked| checked.kind)
}

/// The facts in a part of a rule, in the order in which it names them.
pub(crate) fn facts_in(part: &IdedExpr) -> Vec<&'static KnownFact> {
    let mut checker = Checker { facts: Vec::new(), variables: Vec::new(), cost: 0, times: 1 };
    // What is wrong with a part is said of the rule.
    _ = checker.kind(part);
    checker.facts
}

struct Checker<'a> {
    facts: Vec<&'static KnownFact>,
    /// Of the comprehensions around, the innermost last.
    variables: Vec<(&'a str, Type)>,
    cost: u64,
    /// How often the part that is looked at may be run.
    times: u64,
}

impl<'a> Checker<'a> {
    fn kind(&mut self, expression: &'a IdedExpr) -> Result<Type, String> {
        self.costs(1);
        match &expression.expr {
            Expr::Literal(literal) => kind_of_literal(literal),
            Expr::Ident(name) => self.ident(name),
            Expr::Select(select) => self.select(select),
            Expr::List(list) => self.list(&list.elements),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(over) => self.comprehension(over),
            Expr::Map(_) | Expr::Struct(_) => Err("builds a map, which rules cannot".to_owned()),
            Expr::Unspecified => Err("cannot be read".to_owned()),
        }
    }

    fn costs(&mut self, steps: u64) {
        self.cost = self.cost.saturating_add(self.times.saturating_mul(steps));
    }

    fn ident(&mut self, name: &str) -> Result<Type, String> {
        if let Some((_, kind)) = self.variables.iter().rev().find(|(variable, _)| *variable == name) {
            return Ok(*kind);
        }
        if name == NOW {
            return Ok(Type::Timestamp);
        }
        let known = KnownFact::named(name).ok_or_else(|| unknown_fact(name))?;
        if !self.facts.contains(&known) {
            self.facts.push(known);
        }
        Ok(known.kind)
    }

    /// `map.key`, and `has(map.key)`.
    fn select(&mut self, select: &'a SelectExpr) -> Result<Type, String> {
        match self.kind(&select.operand)? {
            Type::Map(_) if select.test => Ok(Type::Bool),
            Type::Map(of) => Ok(*of),
            other => Err(format!("takes .{} of {other}; only a map has such", quotable(&select.field))),
        }
    }

    fn list(&mut self, elements: &'a [IdedExpr]) -> Result<Type, String> {
        let Some((first, others)) = elements.split_first() else {
            return Err("has a list without entries; use size(…) == 0 to ask for one".to_owned());
        };
        let kind = self.kind(first)?;
        for other in others {
            let other = self.kind(other)?;
            if other != kind {
                return Err(format!("has a list of {kind} and {other}; its entries are of one type"));
            }
        }
        kind.listed().ok_or_else(|| "has a list of lists, which rules cannot read".to_owned())
    }

    fn call(&mut self, call: &'a CallExpr) -> Result<Type, String> {
        if let Some(time) = literal::of_time(call) {
            return time.map(|(kind, _)| kind);
        }
        let mut kinds = Vec::with_capacity(3);
        for part in call.target.as_deref().into_iter().chain(&call.args) {
            kinds.push(self.kind(part)?);
        }
        self.costs(extra_steps(call, &kinds));
        match call.target {
            None => result_of_call(&call.func_name, &kinds),
            Some(_) => result_of_method(&call.func_name, &kinds),
        }
    }

    /// What the macros `all`, `exists` and `exists_one` have become.
    fn comprehension(&mut self, over: &'a ComprehensionExpr) -> Result<Type, String> {
        let entry = match self.kind(&over.iter_range)? {
            Type::List(of) => *of,
            Type::Map(_) => Type::Text,
            other => return Err(format!("goes through {other}; only lists and maps have entries")),
        };
        let name = over.iter_var.as_str();
        if name == NOW || KnownFact::named(name).is_some() {
            return Err(format!("calls an entry {name}, which is the name of a fact"));
        }
        let condition = condition(over)?;
        let times = self.times;
        self.times = times.saturating_mul(entries(&over.iter_range));
        self.costs(3);
        self.variables.push((name, entry));
        let kind = self.kind(condition)?;
        self.variables.pop();
        self.times = times;
        if kind == Type::Bool {
            Ok(kind)
        } else {
            Err(format!("asks {kind} of each entry; true or false is wanted"))
        }
    }
}

/// The moment of the evaluation.
pub(super) const NOW: &str = "now";

fn unknown_fact(name: &str) -> String {
    let shown = quotable(name);
    match KnownFact::nearest(name) {
        Some(near) => format!("refers to {shown}, which is not a known fact; {} is", near.name),
        None => format!("refers to {shown}, which is not a known fact"),
    }
}

fn kind_of_literal(literal: &LiteralValue) -> Result<Type, String> {
    match literal {
        LiteralValue::Boolean(_) => Ok(Type::Bool),
        LiteralValue::Double(_) => Ok(Type::Float),
        LiteralValue::Int(_) => Ok(Type::Int),
        LiteralValue::String(_) => Ok(Type::Text),
        LiteralValue::UInt(_) => Err("has a number with the suffix u; leave it out".to_owned()),
        LiteralValue::Bytes(_) => Err("has bytes; no fact is made of them".to_owned()),
        LiteralValue::Null => {
            Err("has null; a fact that nobody has observed is unknown by itself".to_owned())
        }
    }
}

/// What the author asks of each entry. The loop around it is the parser's.
fn condition(over: &ComprehensionExpr) -> Result<&IdedExpr, String> {
    let condition = match (&over.accu_init.expr, &over.loop_step.expr) {
        (Expr::Literal(LiteralValue::Boolean(_)), Expr::Call(step)) => step.args.get(1),
        (Expr::Literal(LiteralValue::Int(_)), Expr::Call(step)) => step.args.first(),
        _ => None,
    };
    condition.filter(|_| over.iter_var2.is_none()).ok_or_else(|| {
        "builds a list with map or filter, which rules cannot; use all, exists or exists_one".to_owned()
    })
}

/// How many entries there can be.
fn entries(range: &IdedExpr) -> u64 {
    let most = match &range.expr {
        Expr::List(list) => list.elements.len(),
        _ => MAX_ENTRIES,
    };
    most as u64
}

/// What a call costs beyond itself: it may go through all of a list, or along a text.
fn extra_steps(call: &CallExpr, kinds: &[Type]) -> u64 {
    const ALONG_A_TEXT: u64 = 10;
    match call.func_name.as_str() {
        op::IN if matches!(kinds, [_, Type::List(_)]) => call.args.get(1).map_or(0, entries),
        op::EQUALS | op::NOT_EQUALS
            if kinds.iter().any(|kind| matches!(kind, Type::List(_) | Type::Map(_))) =>
        {
            MAX_ENTRIES as u64
        }
        "contains" | "startsWith" | "endsWith" => ALONG_A_TEXT,
        _ => 0,
    }
}

fn result_of_call(function: &str, kinds: &[Type]) -> Result<Type, String> {
    use Type::{Bool, Duration, Float, Int, List, Map, Text, Timestamp};
    Ok(match (function, kinds) {
        (op::LOGICAL_AND | op::LOGICAL_OR, [Bool, Bool]) | (op::LOGICAL_NOT, [Bool]) => Bool,
        (op::CONDITIONAL, [Bool, yes, no]) if yes == no => *yes,
        (op::EQUALS | op::NOT_EQUALS, [a, b]) if a == b || a.is_number() && b.is_number() => Bool,
        (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, [a, b])
            if a.is_number() && b.is_number() || a == b && matches!(a, Text | Timestamp | Duration) =>
        {
            Bool
        }
        (op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE, [a, b]) if a == b && a.is_number() => *a,
        (op::MODULO, [Int, Int]) => Int,
        (op::NEGATE, [kind @ (Int | Float | Duration)]) => *kind,
        (op::ADD | op::SUBSTRACT, [Duration, Duration]) | (op::SUBSTRACT, [Timestamp, Timestamp]) => Duration,
        (op::ADD | op::SUBSTRACT, [Timestamp, Duration]) | (op::ADD, [Duration, Timestamp]) => Timestamp,
        (op::INDEX, [List(of), Int]) | (op::INDEX, [Map(of), Text]) => **of,
        (op::IN, [entry, List(of)]) if entry == *of => Bool,
        (op::IN, [Text, Map(_)]) => Bool,
        ("size", [List(_) | Map(_) | Text]) | ("int", [Float | Int]) => Int,
        ("double", [Float | Int]) => Float,
        _ => return Err(no_such(function, kinds)),
    })
}

fn result_of_method(function: &str, kinds: &[Type]) -> Result<Type, String> {
    use Type::{Bool, Int, List, Map, Text};
    Ok(match (function, kinds) {
        ("size", [List(_) | Map(_) | Text]) => Int,
        ("startsWith" | "endsWith" | "contains", [Text, Text]) => Bool,
        _ => return Err(no_such(function, kinds)),
    })
}

fn no_such(function: &str, kinds: &[Type]) -> String {
    let written = function.replace(['_', '@'], "");
    let known = matches!(
        function,
        "size" | "int" | "double" | "startsWith" | "endsWith" | "contains" | op::IN | op::INDEX
    ) || function.contains('_') && !function.chars().any(char::is_alphabetic);
    if !known {
        return format!("calls {}, which rules do not know", quotable(&written));
    }
    let given: Vec<_> = kinds.iter().map(ToString::to_string).collect();
    let hint = match kinds {
        [.., Type::Int, Type::Float] | [.., Type::Float, Type::Int] => {
            "; write 2.0 for 2, or double(…) around a whole number"
        }
        _ => "",
    };
    format!("uses {written} on {}, which it is not for{hint}", given.join(" and "))
}

/// Names come from the author's text.
fn quotable(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(80).collect()
}

//! The parts of a rule that a person would tell one by one.

use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr, LiteralValue, operators as op},
};

use super::figure::{DECIMALS, MOST_DECIMALS, of_int, of_result, of_total, of_value};
use crate::{
    Facts, KnownFact, Type, Unit,
    rule::{Reader, kind_of, lowered},
};

/// One thing that a rule looks at, and what it asks of it.
pub(crate) struct Clause {
    label: String,
    shown: Shown,
    asked: Asked,
    /// Without these there is nothing to show.
    facts: Vec<&'static KnownFact>,
    /// Whether it may do instead of the one before it.
    instead: bool,
}

enum Shown {
    Fact(&'static KnownFact),
    Result(Figure),
}

enum Asked {
    /// Nothing that could be said in a word or two.
    Nothing,
    Words(String),
    /// The words before the limit, and the limit.
    Limit(&'static str, Figure),
}

/// An expression that comes to one value.
struct Figure {
    expression: IdedExpr,
    kind: Type,
    unit: Unit,
}

impl Clause {
    /// `p99 of 24 h: 412 ms (asked: at most 300 ms)`; none where one of its facts is not there.
    fn words(&self, reader: &Reader<'_>, facts: &Facts) -> Option<String> {
        if !self.facts.iter().all(|fact| reader.reads(fact.name)) {
            return None;
        }
        let shown = self.shown(reader, facts, DECIMALS)?;
        let Some(asked) = self.asked(reader) else {
            return Some(format!("{}: {shown}", self.label));
        };
        if asked == shown {
            return Some(format!("{}: {shown}", self.label));
        }
        Some(format!("{}: {} (asked: {asked})", self.label, self.told_apart(shown, &asked, reader, facts)))
    }

    /// With more decimals, where rounding would make 98.996 % the 99 % that was asked for.
    fn told_apart(&self, shown: String, asked: &str, reader: &Reader<'_>, facts: &Facts) -> String {
        let limit = asked
            .rsplit_once("at least ")
            .or(asked.rsplit_once("at most "))
            .map_or(asked, |(_, limit)| limit);
        if !shown.starts_with(limit) {
            return shown;
        }
        let precise = (DECIMALS + 1..=MOST_DECIMALS).filter_map(|places| self.shown(reader, facts, places));
        precise.into_iter().find(|precise| *precise != shown).unwrap_or(shown)
    }

    fn shown(&self, reader: &Reader<'_>, facts: &Facts, places: usize) -> Option<String> {
        match &self.shown {
            Shown::Fact(known) => {
                let fact = facts.get(known.name)?;
                Some(of_total(of_value(&fact.value, known.unit, places), fact))
            }
            Shown::Result(figure) => figure.words(reader, places),
        }
    }

    fn asked(&self, reader: &Reader<'_>) -> Option<String> {
        match &self.asked {
            Asked::Nothing => None,
            Asked::Words(words) => Some(words.clone()),
            Asked::Limit(before, figure) => {
                Some(format!("{before}{}", figure.words(reader, figure.places())?))
            }
        }
    }
}

impl Figure {
    /// What an author wrote is not rounded; what was worked out is.
    fn places(&self) -> usize {
        if facts_of(&self.expression).is_empty() { MOST_DECIMALS } else { DECIMALS }
    }

    fn words(&self, reader: &Reader<'_>, places: usize) -> Option<String> {
        of_result(&reader.value(&self.expression).ok()?, self.kind, self.unit, places)
    }
}

/// Clauses one after the other; those of which a fact is not there are left out.
pub(crate) fn joined(clauses: &[Clause], reader: &Reader<'_>, facts: &Facts) -> String {
    let mut text = String::new();
    for clause in clauses {
        let Some(words) = clause.words(reader, facts) else { continue };
        if !text.is_empty() {
            text.push_str(if clause.instead { " or " } else { ", " });
        }
        text.push_str(&words);
    }
    text
}

/// The clauses of a rule that was checked, before its times became numbers.
pub(crate) fn clauses(expression: &IdedExpr) -> Vec<Clause> {
    let mut clauses = Vec::new();
    gather(expression, true, &mut clauses);
    clauses
}

fn gather(expression: &IdedExpr, asked: bool, into: &mut Vec<Clause>) {
    match &expression.expr {
        Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
            (op::LOGICAL_AND | op::LOGICAL_OR, [a, b]) => {
                gather(a, asked, into);
                let second = into.len();
                gather(b, asked, into);
                if let Some(clause) = into.get_mut(second) {
                    clause.instead = (call.func_name == op::LOGICAL_OR) == asked;
                }
            }
            (op::LOGICAL_NOT, [inner]) => gather(inner, !asked, into),
            (op::IN, [entry, list]) if asked => membership(entry, list, into),
            (compared, [a, b]) => match comparison(compared, asked) {
                Some(words) => compare(a, b, words, into),
                None => others(expression, into),
            },
            _ => others(expression, into),
        },
        Expr::Ident(name) => {
            if let Some(known) = KnownFact::named(name) {
                into.push(of_fact(known, Asked::Words(if asked { "yes" } else { "no" }.to_owned())));
            }
        }
        _ => others(expression, into),
    }
}

fn of_fact(known: &'static KnownFact, asked: Asked) -> Clause {
    Clause {
        label: known.label.to_owned(),
        shown: Shown::Fact(known),
        asked,
        facts: vec![known],
        instead: false,
    }
}

/// The words of a comparison, and of the same from the other side.
type Compared = (&'static str, &'static str);

fn comparison(operator: &str, asked: bool) -> Option<Compared> {
    Some(match (operator, asked) {
        (op::EQUALS, true) | (op::NOT_EQUALS, false) => ("", ""),
        (op::NOT_EQUALS, true) | (op::EQUALS, false) => ("other than ", "other than "),
        (op::GREATER_EQUALS, true) | (op::LESS, false) => ("at least ", "at most "),
        (op::LESS_EQUALS, true) | (op::GREATER, false) => ("at most ", "at least "),
        (op::GREATER, true) | (op::LESS_EQUALS, false) => ("more than ", "less than "),
        (op::LESS, true) | (op::GREATER_EQUALS, false) => ("less than ", "more than "),
        _ => return None,
    })
}

fn compare(left: &IdedExpr, right: &IdedExpr, words: Compared, into: &mut Vec<Clause>) {
    let (left, right, words) =
        if facts_of(left).is_empty() { (right, left, words.1) } else { (left, right, words.0) };
    let mut facts = facts_of(left);
    facts.extend(facts_of(right));
    let unit = unit_of(left).unwrap_or(Unit::None);
    if let (Some(list), Some(count)) = (sized(left), whole(right)) {
        let none = matches!((words, count), ("" | "at most ", 0) | ("less than ", 1));
        into.push(of_fact(
            list,
            Asked::Words(if none { "none".to_owned() } else { counted(words, count, Unit::None) }),
        ));
        return;
    }
    let asked = match whole(right) {
        // Asked only of what has to be there at all.
        _ if words == "at least " && is_zero(right) => Asked::Nothing,
        Some(count) => Asked::Words(counted(words, count, unit)),
        None => match kind_of(right) {
            Some(kind) => Asked::Limit(words, Figure { expression: lowered(right), kind, unit }),
            None => Asked::Nothing,
        },
    };
    let shown = match (ident(left), kind_of(left)) {
        (Some(known), _) => Shown::Fact(known),
        (None, Some(kind)) => Shown::Result(Figure { expression: lowered(left), kind, unit }),
        (None, None) => return,
    };
    into.push(Clause { label: described(left), shown, asked, facts, instead: false });
}

/// More than 0 of what is counted is at least 1.
fn counted(words: &str, count: i64, unit: Unit) -> String {
    match (words, count) {
        ("more than ", count) if unit == Unit::None && count < i64::MAX => {
            format!("at least {}", of_int(count + 1, unit))
        }
        _ => format!("{words}{}", of_int(count, unit)),
    }
}

/// `"cpu" in profile_kinds && "heap" in profile_kinds` is one clause that asks for both.
fn membership(entry: &IdedExpr, list: &IdedExpr, into: &mut Vec<Clause>) {
    let (Expr::Literal(LiteralValue::String(entry)), Some(known)) = (&entry.expr, ident(list)) else {
        return others(list, into);
    };
    let same = into.iter_mut().find(|clause| matches!(clause.shown, Shown::Fact(shown) if shown == known));
    match same {
        Some(Clause { asked: Asked::Words(words), .. }) => {
            words.push_str(", ");
            words.push_str(entry.inner());
        }
        _ => into.push(of_fact(known, Asked::Words(entry.inner().to_owned()))),
    }
}

/// What cannot be said in words shows at least its facts.
fn others(expression: &IdedExpr, into: &mut Vec<Clause>) {
    into.extend(facts_of(expression).into_iter().map(|known| of_fact(known, Asked::Nothing)));
}

fn ident(expression: &IdedExpr) -> Option<&'static KnownFact> {
    match &expression.expr {
        Expr::Ident(name) => KnownFact::named(name),
        _ => None,
    }
}

/// The list whose entries are counted.
fn sized(expression: &IdedExpr) -> Option<&'static KnownFact> {
    let Expr::Call(call) = &expression.expr else { return None };
    let CallExpr { func_name, target, args } = call;
    let list = if let Some(target) = target { target } else { args.first()? };
    ident(list).filter(|known| func_name == "size" && matches!(known.kind, Type::List(_)))
}

fn whole(expression: &IdedExpr) -> Option<i64> {
    match &expression.expr {
        Expr::Literal(LiteralValue::Int(value)) => Some(*value.inner()),
        _ => None,
    }
}

fn is_zero(expression: &IdedExpr) -> bool {
    matches!(&expression.expr, Expr::Literal(LiteralValue::Double(value)) if *value.inner() == 0.0)
}

/// What a figure counts: that of the fact in it, where it has one only.
fn unit_of(expression: &IdedExpr) -> Option<Unit> {
    let mut units = facts_of(expression).into_iter().map(|known| known.unit);
    let first = units.next()?;
    units.all(|unit| unit == first).then_some(first)
}

fn described(expression: &IdedExpr) -> String {
    let labels: Vec<_> = facts_of(expression).into_iter().map(|known| known.label).collect();
    let joined_by = match &expression.expr {
        Expr::Call(call) if call.func_name == op::ADD => " and ",
        Expr::Call(call) if call.func_name == op::SUBSTRACT => " less ",
        _ => ", ",
    };
    if labels.is_empty() { "the rule".to_owned() } else { labels.join(joined_by) }
}

fn facts_of(expression: &IdedExpr) -> Vec<&'static KnownFact> {
    crate::rule::facts_in(expression)
}

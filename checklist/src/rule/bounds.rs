//! What a rule may be at most. Templates come from people who may err, or worse; a rule of theirs must neither exhaust the
//! stack nor take long, whatever it says.

use cel::{
    IdedExpr,
    common::ast::{EntryExpr, Expr},
};

/// The longest rule, in bytes.
pub const MAX_RULE_BYTES: usize = 1_000;

/// How deep a rule may be nested. An interpreter without optimisation takes 40 KiB of stack a level.
pub const MAX_RULE_DEPTH: u16 = 16;

/// The most steps a rule may take, with every list as long as a fact may be: some milliseconds.
pub const MAX_RULE_COST: u64 = 50_000;

/// That the expression is not too deep.
pub(super) fn within(expression: &IdedExpr) -> Result<(), String> {
    if depth(expression) > usize::from(MAX_RULE_DEPTH) { Err(too_deep()) } else { Ok(()) }
}

pub(super) fn too_deep() -> String {
    format!(
        "is nested more than {MAX_RULE_DEPTH} levels deep; use && and ||, which do not nest, or two items"
    )
}

fn depth(expression: &IdedExpr) -> usize {
    1 + children(expression).into_iter().map(depth).max().unwrap_or(0)
}

fn children(expression: &IdedExpr) -> Vec<&IdedExpr> {
    match &expression.expr {
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Comprehension(over) => {
            vec![&over.iter_range, &over.accu_init, &over.loop_cond, &over.loop_step, &over.result]
        }
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::Map(map) => map.entries.iter().flat_map(|entry| entries(&entry.expr)).collect(),
        Expr::Struct(fields) => fields.entries.iter().flat_map(|entry| entries(&entry.expr)).collect(),
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => Vec::new(),
    }
}

fn entries(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
        EntryExpr::StructField(field) => vec![&field.value],
    }
}

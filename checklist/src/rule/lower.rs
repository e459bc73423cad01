//! Times become microseconds. The interpreter knows them only with a second library of dates, and need not: their types were
//! checked, and what a whole number does they do as well.

use cel::{
    IdedExpr,
    common::{
        ast::{EntryExpr, Expr, LiteralValue},
        types::CelInt,
    },
};

use super::literal;

/// Puts microseconds in the place of constants of time.
pub(super) fn lower(expression: &mut IdedExpr) {
    match &mut expression.expr {
        Expr::Call(call) => {
            if let Some(Ok((_, micros))) = literal::of_time(call) {
                expression.expr = Expr::Literal(LiteralValue::Int(CelInt::from(micros)));
            } else {
                call.target.iter_mut().for_each(|target| lower(target));
                call.args.iter_mut().for_each(lower);
            }
        }
        Expr::Comprehension(over) => {
            lower(&mut over.iter_range);
            lower(&mut over.loop_step);
        }
        Expr::List(list) => list.elements.iter_mut().for_each(lower),
        Expr::Select(select) => lower(&mut select.operand),
        Expr::Map(map) => map.entries.iter_mut().for_each(|entry| {
            if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                lower(&mut entry.value);
            }
        }),
        Expr::Struct(_) | Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
    }
}

/// The same expression, lowered.
pub(crate) fn lowered(expression: &IdedExpr) -> IdedExpr {
    let mut expression = expression.clone();
    lower(&mut expression);
    expression
}

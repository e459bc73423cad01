//! What a rule has seen, in words: `p99 of 24 h: 412 ms (asked: at most 300 ms)`.

mod clause;
mod figure;
mod time;

pub(crate) use clause::{Clause, clauses, joined};
pub(crate) use figure::{of_fact, of_list, one_line};
pub(crate) use time::{ago, day, length};

//! The production-readiness checklist: what a service is asked before it is called ready.
//!
//! A [`Template`] is data: twelve points, or however many its author likes, each a list of [`Item`]s. An item is judged
//! either by evidence (a rule over facts) or by an answer that a person gives. The default one is [`TWELVE_POINT`]; teams
//! write their own as YAML, and [`Templates`] keeps several for services of different kinds.
//!
//! [`Facts`] are what has been observed of one service; [`KnownFact`] lists those that rules may refer to. A
//! [`Rule`] is checked when its template is read: its facts, its types and what it may cost.
//!
//! [`Template::assess`] judges a service: each item gets a [`Verdict`] with the number behind it and what to do next, and
//! together they make a [`Level`] and a [`Share`]. [`People`] answer what no rule can see, claim what none has seen, and
//! waive, with the approval of another, what is not there yet.
//!
//! This crate is pure: it reads no file, no clock and no network, and knows no other crate of the workspace.

mod assess;
mod fact;
mod known;
mod people;
mod rule;
mod template;
mod words;

pub use assess::{Assessment, By, CLAIM_DAYS, Evidence, Judgement, Past, Share, Subject, Verdict, lowest};
pub use fact::{Fact, Facts, MAX_ENTRIES, MAX_TEXT_BYTES, RefusedFact, Source, Type, Value};
pub use known::{KnownFact, Reported, Unit};
pub use people::{
    Answer, Approval, MAX_WAIVER_DAYS, NotApplicable, People, RefusedWaiver, Waiver, WaiverState,
};
pub use rule::{MAX_RULE_BYTES, MAX_RULE_COST, MAX_RULE_DEPTH, Outcome, Rule};
pub use template::{
    Basis, Changes, FieldChange, InvalidTemplate, Item, ItemChange, Level, MAX_ITEMS, MAX_TEMPLATE_BYTES,
    MAX_TEMPLATE_COST, Mark, Point, Problem, SameVersion, TWELVE_POINT, Template, Templates,
};

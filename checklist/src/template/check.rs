//! From the shape of a template to the template: what values must be, beyond their type.

use std::collections::HashMap;

use jiff::SignedDuration;
use seaworthy_yaml::quoted;
use serde_saphyr::Spanned;

use super::{
    Basis, InvalidTemplate, Item, Mark, Point, Problem, Template,
    shape::{ItemShape, Kind, PointShape, TemplateShape},
};
use crate::{Rule, rule::length_of_time};

const MAX_ID_LENGTH: usize = 64;

/// The most items of a template: every service is judged by each of them, again and again.
pub const MAX_ITEMS: usize = 500;

/// The most steps that all rules of a template may take together, with every list as long as a fact may be.
pub const MAX_TEMPLATE_COST: u64 = 500_000;

/// The template, or everything that is wrong with it.
pub(super) fn checked(shape: TemplateShape) -> Result<Template, InvalidTemplate> {
    let mut check = Check::default();
    let template = Template {
        id: check.id("id", shape.id),
        title: check.text("title", shape.title),
        version: check.text("version", shape.version),
        kinds: shape
            .kinds
            .into_iter()
            .enumerate()
            .map(|(index, kind)| check.id(&format!("kinds[{index}]"), kind))
            .collect(),
        max_age: shape.max_age.and_then(|age| check.age("max_age", &age)),
        points: check.points(shape.points),
    };
    if check.problems.is_empty() {
        return Ok(template);
    }
    check.problems.sort_by_key(|problem| problem.line);
    Err(InvalidTemplate { file: None, problems: check.problems })
}

/// Collects what is wrong, so that an author mends it in one go. A value that is wrong goes on as it stands.
#[derive(Default)]
struct Check {
    problems: Vec<Problem>,
    /// Ids of items, and the line that gave them first.
    item_ids: HashMap<String, u64>,
    /// Of the rules so far.
    cost: u64,
}

impl Check {
    fn points(&mut self, points: Spanned<Vec<PointShape>>) -> Vec<Point> {
        self.not_empty("points", &points);
        let items: usize = points.value.iter().map(|point| point.items.value.len()).sum();
        if items > MAX_ITEMS {
            let message = format!("has {items} items; at most {MAX_ITEMS} are accepted");
            self.wrong(points.referenced.line(), "points", message);
        }
        points
            .value
            .into_iter()
            .enumerate()
            .map(|(index, point)| self.point(&format!("points[{index}]"), point))
            .collect()
    }

    fn point(&mut self, at: &str, point: PointShape) -> Point {
        let title = self.text(&format!("{at}.title"), point.title);
        self.not_empty(&format!("{at}.items"), &point.items);
        let items = point.items.value.into_iter().enumerate();
        Point {
            title,
            items: items.map(|(index, item)| self.item(&format!("{at}.items[{index}]"), item)).collect(),
        }
    }

    fn item(&mut self, at: &str, item: ItemShape) -> Item {
        Item {
            id: self.item_id(&format!("{at}.id"), item.id),
            level: item.level,
            question: self.text(&format!("{at}.question"), item.question),
            why: self.text(&format!("{at}.why"), item.why),
            how: self.text(&format!("{at}.how"), item.how),
            basis: self.basis(&format!("{at}.rule"), &item.kind, item.rule),
            applies: item.applies.and_then(|applies| self.rule(&format!("{at}.applies"), applies)),
            max_age: item.max_age.and_then(|age| self.age(&format!("{at}.max_age"), &age)),
            marks: item
                .marks
                .iter()
                .enumerate()
                .map(|(index, mark)| self.mark(&format!("{at}.marks[{index}]"), mark, item.kind.value))
                .collect(),
        }
    }

    fn item_id(&mut self, field: &str, id: Spanned<String>) -> String {
        let line = id.referenced.line();
        let id = self.id(field, id);
        match self.item_ids.get(&id) {
            Some(first) => {
                self.wrong(line, field, format!("is {}, which line {first} has already taken", quoted(&id)))
            }
            None => _ = self.item_ids.insert(id.clone(), line),
        }
        id
    }

    fn id(&mut self, field: &str, id: Spanned<String>) -> String {
        if !is_id(&id.value) {
            let message = format!(
                "is {}; an id is up to {MAX_ID_LENGTH} lowercase letters and digits, in words joined by single hyphens",
                quoted(&id.value)
            );
            self.wrong(id.referenced.line(), field, message);
        }
        id.value
    }

    fn basis(&mut self, field: &str, kind: &Spanned<Kind>, rule: Option<Spanned<String>>) -> Basis {
        match (kind.value, rule) {
            (Kind::Evidence, Some(rule)) => self.rule(field, rule).map_or(Basis::Answer, Basis::Evidence),
            (Kind::Evidence, None) => {
                self.wrong(
                    kind.referenced.line(),
                    field,
                    "is missing; evidence is judged by a rule".to_owned(),
                );
                Basis::Answer
            }
            (Kind::Answer, Some(rule)) => {
                let message = "is not for an answer; leave it out, or make the kind evidence".to_owned();
                self.wrong(rule.referenced.line(), field, message);
                Basis::Answer
            }
            (Kind::Answer, None) => Basis::Answer,
        }
    }

    fn rule(&mut self, field: &str, rule: Spanned<String>) -> Option<Rule> {
        let line = rule.referenced.line();
        let text = self.text(field, rule);
        if text.is_empty() {
            return None;
        }
        match Rule::checked(&text, line) {
            Ok(rule) => {
                self.affords(line, field, rule.cost());
                Some(rule)
            }
            Err(message) => {
                self.wrong(line, field, message);
                None
            }
        }
    }

    /// Says once that the rules up to here cost too much.
    fn affords(&mut self, line: u64, field: &str, cost: u64) {
        let before = self.cost;
        self.cost += cost;
        if before <= MAX_TEMPLATE_COST && self.cost > MAX_TEMPLATE_COST {
            let message = format!(
                "brings the rules of the template to more than {MAX_TEMPLATE_COST} steps; go through fewer lists"
            );
            self.wrong(line, field, message);
        }
    }

    fn age(&mut self, field: &str, age: &Spanned<String>) -> Option<SignedDuration> {
        let length = length_of_time(&age.value).filter(SignedDuration::is_positive);
        if length.is_none() {
            let message =
                format!("is {}; a length of time is wanted, such as 10m, 24h or 90d", quoted(&age.value));
            self.wrong(age.referenced.line(), field, message);
        }
        length
    }

    fn mark(&mut self, field: &str, mark: &Spanned<Mark>, kind: Kind) -> Mark {
        let misplaced = match (mark.value, kind) {
            (Mark::Link, Kind::Evidence) => {
                Some("is \"link\", which is for answers; evidence brings its own")
            }
            (Mark::Claim, Kind::Answer) => {
                Some("is \"claim\", which is for evidence; an answer claims by itself")
            }
            _ => None,
        };
        if let Some(message) = misplaced {
            self.wrong(mark.referenced.line(), field, message.to_owned());
        }
        mark.value
    }

    fn text(&mut self, field: &str, text: Spanned<String>) -> String {
        let trimmed = text.value.trim();
        if trimmed.is_empty() {
            self.wrong(text.referenced.line(), field, "is empty".to_owned());
        }
        trimmed.to_owned()
    }

    fn not_empty<T>(&mut self, field: &str, list: &Spanned<Vec<T>>) {
        if list.value.is_empty() {
            self.wrong(list.referenced.line(), field, "is empty; at least one is needed".to_owned());
        }
    }

    fn wrong(&mut self, line: u64, field: &str, message: String) {
        self.problems.push(Problem { line, field: field.to_owned(), message });
    }
}

/// Words of lowercase ASCII letters and digits, joined by single hyphens.
fn is_id(text: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= MAX_ID_LENGTH && text.split('-').all(is_word)
}

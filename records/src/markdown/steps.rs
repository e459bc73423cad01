//! What a runbook asks to be done, step by step.

use comrak::{
    Arena, Node, Options,
    nodes::{ListType, NodeValue},
};

use super::{
    html::render,
    parse::{TooMuch, options, parse},
};

/// As many steps as anybody follows.
const MOST_STEPS: usize = 200;
/// The longest line of a step, in characters; the rest is in the runbook.
const LONGEST: usize = 500;

/// A step of a runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to do, in one line without marks.
    pub text: String,
    /// What is said about it: safe HTML, empty where nothing is.
    pub html: String,
}

/// The steps of a runbook: the items of its task lists; where it has none, those of its numbered lists; where it has none
/// either, its headings. At most 200.
///
/// # Errors
/// When the text cannot be read as Markdown.
pub fn steps(markdown: &str) -> Result<Vec<Step>, TooMuch> {
    let arena = Arena::new();
    let options = options();
    let root = parse(&arena, markdown, &options)?;
    let tasks = root.descendants().filter(|node| matches!(node.data().value, NodeValue::TaskItem(_)));
    let tasks: Vec<_> = tasks.take(MOST_STEPS).collect();
    if !tasks.is_empty() {
        return tasks.into_iter().map(|item| of_item(item, &options)).collect();
    }
    let numbered: Vec<_> =
        root.children().filter(|node| is_numbered(node)).flat_map(|list| list.children()).collect();
    if !numbered.is_empty() {
        return numbered.into_iter().take(MOST_STEPS).map(|item| of_item(item, &options)).collect();
    }
    let headings = headings(root);
    headings.into_iter().take(MOST_STEPS).map(|heading| of_heading(heading, &options)).collect()
}

fn is_numbered(node: &Node<'_>) -> bool {
    matches!(&node.data().value, NodeValue::List(list) if list.list_type == ListType::Ordered)
}

/// The first paragraph of an item is what to do, the rest is about it, apart from tasks that are steps of their own.
fn of_item(item: Node<'_>, options: &Options<'_>) -> Result<Step, TooMuch> {
    let first = item.first_child().filter(|child| matches!(child.data().value, NodeValue::Paragraph));
    let rest = item.children().skip(usize::from(first.is_some())).filter(|child| !holds_tasks(child));
    let html = render(rest, options)?;
    Ok(Step { text: line(first), html })
}

fn holds_tasks(node: &Node<'_>) -> bool {
    matches!(node.data().value, NodeValue::List(_))
        && node.descendants().any(|child| matches!(child.data().value, NodeValue::TaskItem(_)))
}

/// The headings that divide the text: those below the first level, or of the first where there are no others.
fn headings(root: Node<'_>) -> Vec<Node<'_>> {
    let all: Vec<_> = root.children().filter_map(|node| level(node).map(|level| (level, node))).collect();
    let below = all.iter().map(|(level, _)| *level).filter(|level| *level > 1).min();
    let divides = below.unwrap_or(1);
    all.into_iter().filter(|(level, _)| *level == divides).map(|(_, node)| node).collect()
}

fn level(node: Node<'_>) -> Option<u8> {
    match &node.data().value {
        NodeValue::Heading(heading) => Some(heading.level),
        _ => None,
    }
}

/// What stands under a heading, up to the next of its level or above, is about it.
fn of_heading(heading: Node<'_>, options: &Options<'_>) -> Result<Step, TooMuch> {
    let own = level(heading);
    let under =
        heading.following_siblings().skip(1).take_while(|node| level(node).is_none_or(|l| Some(l) > own));
    let html = render(under, options)?;
    Ok(Step { text: line(Some(heading)), html })
}

fn line(node: Option<Node<'_>>) -> String {
    let text = node.map(|node| node.collect_text()).unwrap_or_default();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None if text.is_empty() => "…".to_owned(),
        None => text,
    }
}

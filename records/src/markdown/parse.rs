//! From Markdown to a tree, within bounds.

use std::cell::Cell;

use comrak::{
    Arena, Node, Options,
    nodes::{NodeValue, Sourcepos},
    try_parse_document,
};

/// How long a text may be, in bytes.
pub const MAX_MARKDOWN_BYTES: usize = 256 * 1024;

/// How deep a text may be nested, in quotes, lists, emphasis and links together. A list in a list takes three.
const MAX_DEPTH: usize = 100;
/// Lines, pieces of text and nodes that may be worked through, in hundreds: far more than any text of that length asks for.
const MAX_EFFORT: u32 = 20_000;

/// Why a text is not read as Markdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// It is too long.
    #[error(
        "the text has {0} bytes; at most {MAX_MARKDOWN_BYTES} are shown, so split it or link what is long"
    )]
    Long(usize),
    /// It is nested too deep.
    #[error("the text is nested more than {MAX_DEPTH} levels deep; take out quotes (>), lists or brackets")]
    Deep,
    /// It is built so that reading it or showing it takes without end.
    #[error(
        "the text takes too long to read as Markdown; take out long runs of brackets, stars or table columns"
    )]
    Costly,
}

pub(super) fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.render.escape = true;
    options.render.tasklist_classes = true;
    options
}

pub(super) fn parse<'a>(
    arena: &'a Arena<'a>,
    markdown: &str,
    options: &Options<'_>,
) -> Result<Node<'a>, TooMuch> {
    if markdown.len() > MAX_MARKDOWN_BYTES {
        return Err(TooMuch::Long(markdown.len()));
    }
    // Every line goes through all the quotes that are open, so their depth is bounded before and not after.
    if markdown
        .lines()
        .any(|line| line.bytes().filter(|byte| *byte == b'>').count() > MAX_DEPTH && quotes(line))
    {
        return Err(TooMuch::Deep);
    }
    let effort = Cell::new(0);
    let spent = || {
        effort.set(effort.get() + 1);
        effort.get() > MAX_EFFORT
    };
    let root = try_parse_document(arena, markdown, options, &spent).map_err(|_| TooMuch::Costly)?;
    if depth_within(root, MAX_DEPTH) { Ok(mend_links(arena, root)) } else { Err(TooMuch::Deep) }
}

/// Whether a line opens more quotes than are let through.
fn quotes(line: &str) -> bool {
    let opening = line.bytes().take_while(|byte| b"> \t-+*0123456789.)".contains(byte));
    opening.filter(|byte| *byte == b'>').count() > MAX_DEPTH
}

fn depth_within(root: Node<'_>, most: usize) -> bool {
    let mut stack = vec![(root, 0)];
    while let Some((node, depth)) = stack.pop() {
        if depth > most {
            return false;
        }
        stack.extend(node.children().map(|child| (child, depth + 1)));
    }
    true
}

/// Makes links of images, because pages load none from elsewhere, and takes links out of links.
fn mend_links<'a>(arena: &'a Arena<'a>, root: Node<'a>) -> Node<'a> {
    let mut stack = vec![(root, false)];
    while let Some((node, within)) = stack.pop() {
        let value = node.data().value.clone();
        let link = matches!(value, NodeValue::Link(_) | NodeValue::Image(_));
        stack.extend(node.children().map(|child| (child, within || link)));
        match value {
            NodeValue::Link(_) | NodeValue::Image(_) if within => {
                for child in node.children().collect::<Vec<_>>() {
                    node.insert_before(child);
                }
                node.detach();
            }
            NodeValue::Image(image) => {
                if node.collect_text().trim().is_empty() {
                    node.append(text(arena, &image.url, node.data().sourcepos));
                }
                node.data_mut().value = NodeValue::Link(image);
            }
            _ => {}
        }
    }
    root
}

fn text<'a>(arena: &'a Arena<'a>, text: &str, at: Sourcepos) -> Node<'a> {
    let value = NodeValue::Text(text.to_owned().into());
    arena.alloc(comrak::nodes::Ast::new_with_sourcepos(value, at).into())
}

//! From Markdown to HTML that can do no harm.

use std::{
    collections::{HashMap, HashSet},
    fmt::{self, Write as _},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use ammonia::Builder;
use comrak::{
    Anchorizer, Arena, Node, Options,
    adapters::{HeadingAdapter, HeadingMeta},
    format_html_with_plugins,
    nodes::Sourcepos,
    options::Plugins,
};

use super::parse::{MAX_MARKDOWN_BYTES, TooMuch, options, parse};

/// How long the HTML of a text may be, in bytes.
const MAX_HTML_BYTES: usize = 2 * 1024 * 1024;
/// Escaped characters times the length of the text that they stand in: 0.1 s.
const MAX_ESCAPING: usize = 1_000_000_000;

/// A text as HTML: paragraphs, lists, tables and headings from `h2` on, to be put into a page as it is.
///
/// Ids of headings begin with `prefix`, which must be letters, digits and `-`, so that they meet none of the page's; links
/// within the text (`#roll-back`) lead to them. What cannot be read as Markdown ([`check`]) is shown as it was
/// typed, under a line that says why.
///
/// ```
/// let html = seaworthy_records::markdown::to_html("# Roll back\n<script>alert(1)</script>", "text-");
/// assert!(html.starts_with("<h2 id=\"text-roll-back\">Roll back</h2>"));
/// assert!(html.contains("&lt;script&gt;"));
/// ```
pub fn to_html(markdown: &str, prefix: &str) -> String {
    whole(markdown, prefix).map_or_else(|why| as_typed(markdown, why), |html| clean(&html))
}

/// Whether a text can be shown as Markdown.
///
/// # Errors
/// When it is too long, nested too deep, or built so that reading it takes without end.
pub fn check(markdown: &str) -> Result<(), TooMuch> {
    whole(markdown, "").map(|_| ())
}

fn whole(markdown: &str, prefix: &str) -> Result<String, TooMuch> {
    let of_links = prefix.to_owned();
    let mut options = options();
    options.extension.link_url_rewriter = Some(Arc::new(move |url: &str| match url.strip_prefix('#') {
        Some(id) => format!("#{of_links}{id}"),
        None => url.to_owned(),
    }));
    let arena = Arena::new();
    let root = parse(&arena, markdown, &options)?;
    write([root].into_iter(), &options, &Headings::with_ids(prefix))
}

/// HTML of some nodes, one after the other, as comrak writes it.
fn write<'a>(
    nodes: impl Iterator<Item = Node<'a>>,
    options: &Options<'_>,
    headings: &Headings,
) -> Result<String, TooMuch> {
    let mut plugins = Plugins::default();
    plugins.render.heading_adapter = Some(headings);
    let mut html = Bounded(String::new());
    for node in nodes {
        format_html_with_plugins(node, options, &mut html, &plugins).map_err(|_| TooMuch::Costly)?;
    }
    if costly(&html.0) { Err(TooMuch::Costly) } else { Ok(html.0) }
}

/// Whether cleaning would take without end: for each escaped character html5ever looks through the rest of its text.
fn costly(html: &str) -> bool {
    let escaped = |piece: &str| piece.bytes().filter(|byte| *byte == b'&').count();
    html.split('<').map(|piece| escaped(piece) * piece.len()).sum::<usize>() > MAX_ESCAPING
}

fn clean(html: &str) -> String {
    // One attribute is set there and one here, because two would come in any order.
    CLEAN.clean(html).to_string().replace(PRE, "<pre class=\"code\" tabindex=\"0\">")
}

/// Safe HTML of some nodes without ids, which may stand on a page beside the whole.
pub(super) fn render<'a>(
    nodes: impl Iterator<Item = Node<'a>>,
    options: &Options<'_>,
) -> Result<String, TooMuch> {
    write(nodes, options, &Headings::without_ids()).map(|html| clean(&html))
}

/// A text that grows to a bound and not beyond.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        if self.0.len() + more.len() > MAX_HTML_BYTES {
            return Err(fmt::Error);
        }
        self.0.push_str(more);
        Ok(())
    }
}

/// Headings below the page's own, with an id each or without.
struct Headings {
    prefix: String,
    ids: Option<Mutex<Anchorizer>>,
}

impl Headings {
    fn with_ids(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), ids: Some(Mutex::default()) }
    }

    fn without_ids() -> Self {
        Self { prefix: String::new(), ids: None }
    }

    fn level(heading: &HeadingMeta) -> u8 {
        (heading.level + 1).min(6)
    }
}

impl HeadingAdapter for Headings {
    fn enter(&self, html: &mut dyn fmt::Write, heading: &HeadingMeta, _: Option<Sourcepos>) -> fmt::Result {
        let level = Self::level(heading);
        match &self.ids {
            None => write!(html, "<h{level}>"),
            Some(ids) => {
                let id = ids.lock().unwrap_or_else(PoisonError::into_inner).anchorize(&heading.content);
                write!(html, "<h{level} id=\"{}{id}\">", self.prefix)
            }
        }
    }

    fn exit(&self, html: &mut dyn fmt::Write, heading: &HeadingMeta) -> fmt::Result {
        writeln!(html, "</h{}>", Self::level(heading))
    }
}

/// Code as ammonia leaves it. No text of an author can look like it: there `<` is escaped, and in attributes `"`.
const PRE: &str = "<pre tabindex=\"0\">";

/// What a text may consist of, and nothing else.
static CLEAN: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "input",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let attributes = [
        ("a", &["href", "title"][..]),
        ("h2", &["id"]),
        ("h3", &["id"]),
        ("h4", &["id"]),
        ("h5", &["id"]),
        ("h6", &["id"]),
        ("ol", &["start"]),
        ("td", &["align"]),
        ("th", &["align"]),
    ];
    let checkbox = [("type", "checkbox"), ("checked", ""), ("disabled", "")];
    let mut clean = Builder::empty();
    clean
        .tags(tags.into())
        .clean_content_tags(["script", "style"].into())
        .tag_attributes(attributes.map(|(tag, names)| (tag, names.iter().copied().collect())).into())
        .tag_attribute_values([("input", checkbox.map(|(name, value)| (name, [value].into())).into())].into())
        // A box that cannot be ticked still needs a name, and code that is scrolled must be reached by keyboard.
        .set_tag_attribute_value("input", "aria-label", "Step")
        .set_tag_attribute_value("pre", "tabindex", "0")
        .allowed_classes(HashMap::from([
            ("li", HashSet::from(["task-list-item"])),
            ("ul", HashSet::from(["contains-task-list"])),
        ]))
        .generic_attributes(HashSet::new())
        .url_schemes(["http", "https", "mailto"].into())
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(Some("noopener noreferrer"));
    clean
});

/// As it stands, so that nobody in need of it finds nothing.
fn as_typed(markdown: &str, why: TooMuch) -> String {
    let end = markdown.floor_char_boundary(MAX_MARKDOWN_BYTES);
    let escaped = |text: &str| {
        let mut html = String::with_capacity(text.len());
        // Writing into a text does not fail.
        let _ = comrak::html::escape(&mut html, text);
        html
    };
    let (why, text) = (escaped(&format!("Shown as it was typed: {why}.")), escaped(&markdown[..end]));
    let mut html = format!("<p>{why}</p>\n<pre class=\"code\" tabindex=\"0\">{text}</pre>\n");
    if end < markdown.len() {
        let _ = writeln!(html, "<p>{} more bytes are not shown.</p>", markdown.len() - end);
    }
    html
}

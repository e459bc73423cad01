//! Markdown as people write it, made safe to show.
//!
//! It is GitHub's: tables, task lists, strikethrough and bare links. HTML in it is shown as it was typed, never run. What comes
//! out has passed twice: comrak writes no raw HTML and no dangerous link, and ammonia lets through nothing but a short list
//! of tags and attributes.

mod html;
mod parse;
mod steps;

pub use html::{check, to_html};
pub use parse::{MAX_MARKDOWN_BYTES, TooMuch};
pub use steps::{Step, steps};

#[cfg(test)]
mod tests;

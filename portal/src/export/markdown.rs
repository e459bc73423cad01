//! As Markdown, for a wiki or a ticket.

use std::fmt::Write;

use super::word;
use crate::{
    view::readiness::{ItemView, PointView, ReadinessView},
    web::link,
};

/// A heading, what is reached, and a table for each point. Addresses begin with `portal`.
pub(crate) fn markdown(view: &ReadinessView, portal: &str) -> String {
    let mut text = format!("# Readiness of {}\n\n{}\n", plain(&view.service), summary(view));
    let page = |item: &ItemView| {
        format!("{portal}{}", link::readiness_item(&view.service, &view.template.id, &item.judged.item))
    };
    for point in &view.points {
        text.push_str(&table(point, &page));
    }
    text
}

fn summary(view: &ReadinessView) -> String {
    let level = view.level.map_or("Below bronze", |level| level.as_str());
    let since = view.level_since.map(|since| format!(" since {since}")).unwrap_or_default();
    let build = view.build.as_deref().map(|build| format!(" on build {}", plain(build))).unwrap_or_default();
    let share = &view.share;
    format!(
        "Level: **{level}**{since}. {} of {} items that apply pass: {} proved, {} claimed. {} waived.\n\n\
         By {} {}{build}, judged at {}.",
        share.passing,
        share.applicable,
        share.proved,
        share.claimed,
        share.waived,
        plain(&view.template.title),
        plain(&view.template.version),
        view.assessed_at,
    )
}

fn table(point: &PointView, page: &impl Fn(&ItemView) -> String) -> String {
    let mut text = format!(
        "\n## {}. {}\n\n| verdict | level | item | behind it | next |\n|---|---|---|---|---|\n",
        point.number,
        plain(&point.title)
    );
    for item in &point.items {
        let judged = &item.judged;
        let next = judged.next.as_deref().map(plain).unwrap_or_default();
        let (question, words, level) = (plain(&item.question), plain(&judged.words), judged.level.as_str());
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "| {} | {level} | [{question}](<{}>) | {words} | {next} |",
            word(judged),
            page(item)
        );
    }
    text
}

/// A text in one line in which nothing has a meaning. In CommonMark a backslash takes it from any ASCII punctuation.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            _ if letter.is_control() => plain.push(' '),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' | '&'
            | '$' => {
                plain.extend(['\\', letter]);
            }
            // Neither an address nor whom it names: a mention in a ticket calls people.
            '@' => plain.push_str("&#64;"),
            _ => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_a_meaning() {
        let hostile = "<script>*a*|[x](javascript:1)\n# y @ines";
        let markdown = format!("| a |\n|---|\n| {} |\n", plain(hostile));
        let html = seaworthy_records::markdown::to_html(&markdown, "x-");
        assert!(html.contains("&lt;script&gt;*a*|[x](javascript:1) # y @ines"), "{html}");
        assert!(!html.contains("<a") && !html.contains("<em"), "{html}");
    }
}

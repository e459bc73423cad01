//! As CSV (RFC 4180), for a spreadsheet.

use csv::{Terminator, WriterBuilder};

use super::word;
use crate::{
    problem::Problem,
    view::readiness::{ItemView, PointView, ReadinessView},
    web::link,
};

const HEAD: [&str; 13] = [
    "service", "template", "point", "item", "level", "verdict", "question", "words", "next", "since",
    "seen_at", "until", "link",
];

/// With these a spreadsheet begins a formula. <https://owasp.org/www-community/attacks/CSV_Injection>
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// An item a line. Addresses begin with `portal`.
pub(crate) fn csv(view: &ReadinessView, portal: &str) -> Result<String, Problem> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(HEAD).map_err(Problem::internal)?;
    for point in &view.points {
        for item in &point.items {
            let cells = cells(view, point, item, portal);
            writer.write_record(cells.map(harmless)).map_err(Problem::internal)?;
        }
    }
    let bytes = writer.into_inner().map_err(Problem::internal)?;
    String::from_utf8(bytes).map_err(Problem::internal)
}

fn cells(view: &ReadinessView, point: &PointView, item: &ItemView, portal: &str) -> [String; 13] {
    let judged = &item.judged;
    let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    [
        view.service.clone(),
        format!("{} {}", view.template.id, view.template.version),
        format!("{}. {}", point.number, point.title),
        judged.item.clone(),
        judged.level.as_str().to_owned(),
        word(judged).to_owned(),
        item.question.clone(),
        judged.words.clone(),
        judged.next.clone().unwrap_or_default(),
        judged.since.to_string(),
        time(judged.seen_at()),
        time(judged.until),
        format!("{portal}{}", link::readiness_item(&view.service, &view.template.id, &judged.item)),
    ]
}

/// A text that a spreadsheet takes for text: with an apostrophe before what would be a formula.
fn harmless(cell: String) -> String {
    // A spreadsheet may drop white space before it looks.
    let first = cell.trim_start_matches([' ', '\n', '\u{feff}']);
    if first.starts_with(FORMULA) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula() {
        for bad in
            ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "\n=1", "\u{feff}=1"]
        {
            assert_eq!(harmless(bad.to_owned()), format!("'{bad}"), "{bad:?}");
        }
        for good in ["", "1", "'=1", "a=1", "p99: 3 ms", "?"] {
            assert_eq!(harmless(good.to_owned()), good);
        }
    }
}

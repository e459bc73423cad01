//! Scenarios and tickets have no ids: a form names one by its place and its title.

use super::merge::changed;
use crate::records::{Entry, NotTaken};

/// The place of the part with this title: where the form saw it, or where it has come since.
pub(super) fn place<B>(
    entry: &Entry<B>,
    titles: &[&str],
    (index, title): (usize, &str),
    what: &str,
) -> Result<usize, NotTaken> {
    if titles.get(index) == Some(&title) {
        return Ok(index);
    }
    titles.iter().position(|found| *found == title).ok_or_else(|| changed(entry, what))
}

/// Mistakes of a list's element by the fields of its own form: `tickets[2].link` becomes `link`.
pub(super) fn of_element(error: NotTaken, list: &str) -> NotTaken {
    let NotTaken::Wrong(mut mistakes) = error else { return error };
    for mistake in &mut mistakes {
        let rest = mistake.field.strip_prefix(list).and_then(|rest| rest.strip_prefix('['));
        if let Some((_, field)) = rest.and_then(|rest| rest.split_once("].")) {
            mistake.field = field.to_owned();
        }
    }
    NotTaken::Wrong(mistakes)
}

//! What changed between two versions of a text, line by line.

use serde::Serialize;
use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices};

/// Lines around a change that are shown with it.
const CONTEXT: usize = 3;
/// The longest line that is shown, in characters.
const LONGEST: usize = 1_000;
/// As many lines as are compared one by one; where two versions have more together, what differs is shown as one block.
const MOST_COMPARED: usize = 4_000;
/// As many lines as are shown.
const MOST_SHOWN: usize = 2_000;

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Changes with the lines around them; none where nothing changed.
    pub hunks: Vec<Hunk>,
    /// Lines that were added.
    pub added: usize,
    /// Lines that were taken out.
    pub removed: usize,
    /// Lines that are not shown because there are too many.
    pub left_out: usize,
}

/// Changes that stand close together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hunk {
    /// Its first line in the old version, from 1.
    pub old_line: usize,
    /// Its first line in the new version, from 1.
    pub new_line: usize,
    /// Its lines in their order.
    pub lines: Vec<Line>,
}

/// A line of a diff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What became of it.
    pub change: Change,
    /// What it says, without its line break.
    pub text: String,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It stayed.
    Kept,
    /// It was taken out.
    Removed,
    /// It was added.
    Added,
}

impl Diff {
    /// From one version to another, by Myers' algorithm. A last line break more or less, and how lines are broken, is no change.
    pub fn between(old: &str, new: &str) -> Self {
        let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
        let ops = compare(&old, &new);
        let mut diff = Self::default();
        let mut room = MOST_SHOWN;
        for group in similar::group_diff_ops(ops, CONTEXT) {
            diff.add(&group, &old, &new, &mut room);
        }
        diff
    }

    fn add(&mut self, group: &[DiffOp], old: &[&str], new: &[&str], room: &mut usize) {
        let Some(first) = group.first() else { return };
        let mut hunk = Hunk {
            old_line: first.old_range().start + 1,
            new_line: first.new_range().start + 1,
            lines: Vec::new(),
        };
        for change in group.iter().flat_map(|op| op.iter_changes(old, new)) {
            let tag = Change::from(change.tag());
            match tag {
                Change::Added => self.added += 1,
                Change::Removed => self.removed += 1,
                Change::Kept => {}
            }
            if *room == 0 {
                self.left_out += 1;
                continue;
            }
            *room -= 1;
            hunk.lines.push(Line { change: tag, text: shown(change.value()) });
        }
        if !hunk.lines.is_empty() {
            self.hunks.push(hunk);
        }
    }
}

/// The steps from old to new. Lines that both begin and end with are set aside first, so that a change in a long text stays
/// cheap; what differs in too many lines is replaced as a whole, because comparing takes lines times changes.
fn compare(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let prefix = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let suffix = old[prefix..]
        .iter()
        .rev()
        .zip(new[prefix..].iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    let (old_len, new_len) = (old.len() - prefix - suffix, new.len() - prefix - suffix);
    if old_len + new_len <= MOST_COMPARED {
        return capture_diff_slices(Algorithm::Myers, old, new);
    }
    let mut ops = Vec::new();
    if prefix > 0 {
        ops.push(DiffOp::Equal { old_index: 0, new_index: 0, len: prefix });
    }
    ops.push(match (old_len, new_len) {
        (0, new_len) => DiffOp::Insert { old_index: prefix, new_index: prefix, new_len },
        (old_len, 0) => DiffOp::Delete { old_index: prefix, old_len, new_index: prefix },
        (old_len, new_len) => DiffOp::Replace { old_index: prefix, old_len, new_index: prefix, new_len },
    });
    if suffix > 0 {
        ops.push(DiffOp::Equal { old_index: prefix + old_len, new_index: prefix + new_len, len: suffix });
    }
    ops
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl From<ChangeTag> for Change {
    fn from(tag: ChangeTag) -> Self {
        match tag {
            ChangeTag::Equal => Self::Kept,
            ChangeTag::Delete => Self::Removed,
            ChangeTag::Insert => Self::Added,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    /// As `diff -u` prints it.
    fn printed(diff: &Diff) -> String {
        let sign = |line: &Line| match line.change {
            Change::Kept => ' ',
            Change::Removed => '-',
            Change::Added => '+',
        };
        let hunks = diff.hunks.iter().map(|hunk| {
            let lines: String =
                hunk.lines.iter().map(|line| format!("{}{}\n", sign(line), line.text)).collect();
            format!("@@ -{} +{} @@\n{lines}", hunk.old_line, hunk.new_line)
        });
        hunks.collect()
    }

    #[test]
    fn changes_are_shown_with_the_lines_around_them() {
        let old: String = (1..=20).map(|line| format!("line {line}\n")).collect();
        let new = old.replace("line 5\n", "line five\n").replace("line 18\n", "") + "line 21";
        let diff = Diff::between(&old, &new);
        assert_eq!(
            printed(&diff),
            "@@ -2 +2 @@\n line 2\n line 3\n line 4\n-line 5\n+line five\n line 6\n line 7\n line 8\n\
             @@ -15 +15 @@\n line 15\n line 16\n line 17\n-line 18\n line 19\n line 20\n+line 21\n"
        );
        assert_eq!((diff.added, diff.removed, diff.left_out), (2, 2, 0));
    }

    #[test]
    fn how_lines_are_broken_is_no_change() {
        for (old, new) in [("", ""), ("a\nb", "a\nb\n"), ("a\r\nb\r\n", "a\nb\n")] {
            assert_eq!(Diff::between(old, new), Diff::default(), "{old:?} {new:?}");
        }
        assert_eq!(printed(&Diff::between("", "a\n")), "@@ -1 +1 @@\n+a\n");
        assert_eq!(printed(&Diff::between("a\n", "")), "@@ -1 +1 @@\n-a\n");
    }

    #[test]
    fn long_texts_are_compared_soon_and_shown_in_part() {
        let began = Instant::now();
        let text = |word: &str| (0..60_000).map(|line| format!("{word}{line}\n")).collect::<String>();
        let diff = Diff::between(&text("a"), &text("b"));
        assert_eq!((diff.removed, diff.added, diff.left_out), (60_000, 60_000, 118_000));
        // Twice the same words in another order is the hardest for Myers' algorithm.
        let shuffled =
            |step: usize| (0..1_999).map(|line| format!("{}\n", line * step % 1_999)).collect::<String>();
        let diff = Diff::between(&shuffled(1), &shuffled(700));
        assert_eq!(diff.added, diff.removed);
        let one = text("a").replace("a30000\n", "b\n");
        assert_eq!(printed(&Diff::between(&text("a"), &one)).lines().count(), 9);
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        let line = Diff::between("", &"é".repeat(5_000)).hunks.swap_remove(0).lines.swap_remove(0).text;
        assert_eq!(line.chars().count(), 1_001);
    }

    proptest! {
        #[test]
        fn what_is_kept_and_added_is_the_new_text(
            old in proptest::collection::vec("[abc]", 0..40),
            new in proptest::collection::vec("[abc]", 0..40),
        ) {
            let ops = compare(&old.iter().map(String::as_str).collect::<Vec<_>>(), &new.iter().map(String::as_str).collect::<Vec<_>>());
            let side = |wanted: ChangeTag| -> Vec<String> {
                let changes = ops.iter().flat_map(|op| op.iter_changes(&old[..], &new[..]));
                let mine = changes.filter(|change| change.tag() == ChangeTag::Equal || change.tag() == wanted);
                mine.map(|change| change.value()).collect()
            };
            prop_assert_eq!(side(ChangeTag::Insert), new.clone());
            prop_assert_eq!(side(ChangeTag::Delete), old.clone());
            let diff = Diff::between(&old.join("\n"), &new.join("\n"));
            prop_assert_eq!(diff.hunks.is_empty(), diff.added + diff.removed == 0);
        }
    }
}

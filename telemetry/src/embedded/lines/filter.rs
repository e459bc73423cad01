//! The filter of a chunk: which words, fields, targets and kinds of events it may hold.

use std::collections::HashSet;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::{Line, text};
use crate::{
    embedded::bloom::{self, BloomBuilder},
    log::LogQuery,
    model::{Resource, Value},
};

// What each kind of entry begins with, so that a word does not pass for a target.
const WORD: u64 = 1;
const TARGET: u64 = 2;
const EVENT: u64 = 3;

/// The filter over some lines.
pub(super) fn build(lines: &[&Line]) -> Vec<u8> {
    let mut entries = BloomBuilder::default();
    let mut resources: HashSet<*const Resource> = HashSet::new();
    for Line { record, .. } in lines {
        add_words(&mut entries, &record.body);
        for (key, value) in &record.attributes {
            add_words(&mut entries, value);
            add_field(&mut entries, key, value);
        }
        for target in targets(&record.scope.name) {
            entries.insert(xxh3_64_with_seed(target.as_bytes(), TARGET));
        }
        entries.insert(xxh3_64_with_seed(record.event_name.as_bytes(), EVENT));
        if resources.insert(&raw const *record.resource) {
            for (key, value) in &record.resource.attributes {
                add_field(&mut entries, key, value);
            }
        }
    }
    entries.build()
}

/// What a chunk must hold to have a line that the query asks for.
pub(super) fn hashes_of(query: &LogQuery, pieces: &[text::Piece]) -> Vec<u64> {
    let words =
        pieces.iter().flat_map(text::Piece::words).map(|word| xxh3_64_with_seed(word.as_bytes(), WORD));
    let fields = query.attributes.iter().map(|(key, value)| field_hash(key, value));
    let target = query.target.as_deref().map(|target| xxh3_64_with_seed(target.as_bytes(), TARGET));
    let event = query.event_name.as_deref().map(|event| xxh3_64_with_seed(event.as_bytes(), EVENT));
    words.chain(fields).chain(target).chain(event).collect()
}

pub(super) fn may_hold(filter: &[u8], hashes: &[u64]) -> bool {
    hashes.iter().all(|hash| bloom::may_contain(filter, *hash))
}

fn add_words(entries: &mut BloomBuilder, value: &Value) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| add_words(entries, value)),
        Value::Map(values) => values.iter().for_each(|(_, value)| add_words(entries, value)),
        other => {
            if let Some(held) = other.as_text() {
                text::words(&held, |word| entries.insert(xxh3_64_with_seed(word.as_bytes(), WORD)));
            }
        }
    }
}

fn add_field(entries: &mut BloomBuilder, key: &str, value: &Value) {
    if let Some(text) = value.as_text() {
        entries.insert(field_hash(key, &text));
    }
}

fn field_hash(key: &str, value: &str) -> u64 {
    xxh3_64_with_seed(value.as_bytes(), xxh3_64(key.as_bytes()))
}

/// A target and all that it lies within: `shop::till` and `shop`.
fn targets(target: &str) -> impl Iterator<Item = &str> {
    let within = target.match_indices("::").map(|(at, _)| &target[..at]);
    let dotted = target.match_indices('.').map(|(at, _)| &target[..at]);
    within.chain(dotted).chain([target])
}

/// Whether a target is this one or lies within it. Loggers of other languages have points between their parts.
pub(super) fn lies_within(target: &str, asked: &str) -> bool {
    target
        .strip_prefix(asked)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::") || rest.starts_with('.'))
}

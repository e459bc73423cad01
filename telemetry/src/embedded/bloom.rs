//! A Bloom filter per chunk over what its spans can be searched by.

use std::collections::HashSet;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::model::{Resource, Span, TraceQuery, Value};

const PROBES: u64 = 5;
const BITS_PER_ENTRY: usize = 8;

/// Hashes what a chunk holds, then becomes the filter's bytes.
#[derive(Default)]
pub(super) struct BloomBuilder(HashSet<u64>);

impl BloomBuilder {
    /// Makes the service, and the attributes that all its spans share, findable.
    pub(super) fn add_resource(&mut self, resource: &Resource) {
        self.0.insert(service_hash(&resource.service));
        self.add_attributes(&resource.attributes);
    }

    /// Makes the name and the attributes of a span findable. Those of its resource are added once per chunk.
    pub(super) fn add_span(&mut self, span: &Span) {
        self.0.insert(operation_hash(&span.name));
        self.add_attributes(&span.attributes);
    }

    /// Makes whatever has this hash findable.
    pub(super) fn insert(&mut self, hash: u64) {
        self.0.insert(hash);
    }

    pub(super) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn add_attributes(&mut self, attributes: &[(String, Value)]) {
        for (key, value) in attributes {
            if let Some(text) = value.as_text() {
                self.0.insert(attribute_hash(key, &text));
            }
        }
    }

    /// 2^n bytes, about a byte an entry: 2 to 3 % of the chunks looked into are looked into for nothing.
    pub(super) fn build(&self) -> Vec<u8> {
        let bits = (self.0.len() * BITS_PER_ENTRY).next_power_of_two().max(64);
        let mut bytes = vec![0; bits / 8];
        for hash in &self.0 {
            for bit in bits_of(*hash, bits as u64) {
                bytes[(bit >> 3) as usize] |= 1 << (bit & 7);
            }
        }
        bytes
    }
}

/// Whether the filter may hold the hash. An empty filter says yes.
pub(super) fn may_contain(filter: &[u8], hash: u64) -> bool {
    let bits = filter.len() as u64 * 8;
    bits == 0 || bits_of(hash, bits).all(|bit| filter[(bit >> 3) as usize] & (1 << (bit & 7)) != 0)
}

fn bits_of(hash: u64, bits: u64) -> impl Iterator<Item = u64> {
    let step = (hash >> 32) | 1;
    (0..PROBES).map(move |probe| hash.wrapping_add(step.wrapping_mul(probe)) % bits)
}

/// What a chunk must hold to have a span that the query asks for.
pub(super) fn hashes_of(query: &TraceQuery) -> Vec<u64> {
    let attributes = query.attributes.iter().map(|(key, value)| attribute_hash(key, value));
    let operation = query.operation.as_deref().map(operation_hash);
    let service = query.service.as_deref().map(service_hash);
    attributes.chain(operation).chain(service).collect()
}

// Attributes hardly ever have such names, and where they do a filter merely lets more pass.
fn operation_hash(name: &str) -> u64 {
    attribute_hash("", name)
}

fn service_hash(name: &str) -> u64 {
    attribute_hash("\0", name)
}

fn attribute_hash(key: &str, value: &str) -> u64 {
    xxh3_64_with_seed(value.as_bytes(), xxh3_64(key.as_bytes()))
}

//! The compressed form of a batch of spans.
//!
//! A chunk is a [`stored::Header`] (its texts, resources and scopes once each, and the traces with their lengths), followed by
//! the spans of each trace. Keys, names and values refer to the texts by number, times to the trace's first start.
//! postcard writes it, zstd compresses it.

mod matching;
mod pack;
pub(super) mod stored;
mod unpack;

pub(super) use matching::matches;
pub(super) use pack::{Packer, compress, pack};
pub(super) use unpack::{Unpacker, inflate, unpack};

/// Spans of a chunk that grows no further. More compress better, fewer are found and unpacked faster.
pub(super) const FULL: usize = 512;
/// Bytes of a chunk, before compression, that grows no further.
pub(super) const LARGEST: usize = 2 << 20;
const COMPRESSION: i32 = 3;
/// A chunk of spans at their largest allowed size is far below this.
const MAX_INFLATED: usize = 1 << 30;

/// Why a chunk could not be made or read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChunkError {
    #[error("a chunk could not be compressed or inflated: {0}")]
    Compression(#[from] std::io::Error),
    #[error("a chunk is damaged: {0}")]
    Damaged(#[from] postcard::Error),
    #[error("a chunk is damaged: it refers to what it does not hold")]
    Dangling,
}

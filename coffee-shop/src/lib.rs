//! A small coffee shop: the sample that Seaworthy watches.

//! Embedded in a Rust service: shows what the process really does, and tells a Seaworthy portal.

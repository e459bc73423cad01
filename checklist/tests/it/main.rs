//! Templates as their authors meet them: from YAML to a template, or to what is wrong with it.

// The helpers of a test are a test too, though clippy cannot know.
#![allow(clippy::unwrap_used)]

mod bounds;
mod facts;
mod items;
mod levels;
mod refused;
mod rules;
mod twelve_point;
mod verdicts;
mod versions;

//! Templates as their authors meet them: from YAML to a template, or to what is wrong with it.

mod bounds;
mod facts;
mod refused;
mod twelve_point;

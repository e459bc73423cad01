//! Whole-system tests of Seaworthy.

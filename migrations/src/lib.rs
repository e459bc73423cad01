//! The migrations of the Seaworthy catalog, one change a file.

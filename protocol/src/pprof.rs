//! The messages of `profile.proto`: profiles as the agent writes and the portal reads them.
//!
//! Source: <https://github.com/google/pprof/blob/main/proto/profile.proto>. "A text" is an index into the table of strings.

/// A profile. Index 0 of the table of strings is the empty text.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Profile {
    /// What the values of samples mean, in their order.
    #[prost(message, repeated, tag = "1")]
    pub sample_type: Vec<ValueType>,
    /// The stacks.
    #[prost(message, repeated, tag = "2")]
    pub sample: Vec<Sample>,
    /// Files in memory.
    #[prost(message, repeated, tag = "3")]
    pub mapping: Vec<Mapping>,
    /// Instructions.
    #[prost(message, repeated, tag = "4")]
    pub location: Vec<Location>,
    /// Functions.
    #[prost(message, repeated, tag = "5")]
    pub function: Vec<Function>,
    /// Texts.
    #[prost(string, repeated, tag = "6")]
    pub string_table: Vec<String>,
    /// When it was begun, since the Unix epoch.
    #[prost(int64, tag = "9")]
    pub time_nanos: i64,
    /// Over how long it was taken.
    #[prost(int64, tag = "10")]
    pub duration_nanos: i64,
    /// Of what one sample was taken.
    #[prost(message, optional, tag = "11")]
    pub period_type: Option<ValueType>,
    /// Of how much of it.
    #[prost(int64, tag = "12")]
    pub period: i64,
    /// Texts.
    #[prost(int64, repeated, tag = "13")]
    pub comment: Vec<i64>,
    /// A text: the kind of value that is shown first.
    #[prost(int64, tag = "14")]
    pub default_sample_type: i64,
}

/// What a number in a sample means. Both are texts.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct ValueType {
    /// What is counted: `inuse_space`.
    #[prost(int64, tag = "1")]
    pub kind: i64,
    /// Its unit: `bytes`.
    #[prost(int64, tag = "2")]
    pub unit: i64,
}

/// A stack, the innermost location first, with one value for each kind.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Sample {
    /// The stack, by ids of locations.
    #[prost(uint64, repeated, tag = "1")]
    pub location_id: Vec<u64>,
    /// One for each kind.
    #[prost(int64, repeated, tag = "2")]
    pub value: Vec<i64>,
    /// What else is told of it.
    #[prost(message, repeated, tag = "3")]
    pub label: Vec<Label>,
}

/// Key, text and unit are texts.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Label {
    /// What it tells.
    #[prost(int64, tag = "1")]
    pub key: i64,
    /// Its value, where that is a text.
    #[prost(int64, tag = "2")]
    pub text: i64,
    /// Its value otherwise.
    #[prost(int64, tag = "3")]
    pub number: i64,
    /// Its unit: `bytes`.
    #[prost(int64, tag = "4")]
    pub unit: i64,
}

/// A file in memory. File name and build id are texts.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Mapping {
    /// By which others refer to it; not 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// Where it begins.
    #[prost(uint64, tag = "2")]
    pub memory_start: u64,
    /// Where it ends.
    #[prost(uint64, tag = "3")]
    pub memory_limit: u64,
    /// Of its beginning in the file.
    #[prost(uint64, tag = "4")]
    pub file_offset: u64,
    /// The file.
    #[prost(int64, tag = "5")]
    pub filename: i64,
    /// Of the file.
    #[prost(int64, tag = "6")]
    pub build_id: i64,
    /// Whether its functions are named.
    #[prost(bool, tag = "7")]
    pub has_functions: bool,
    /// Whether their files are.
    #[prost(bool, tag = "8")]
    pub has_filenames: bool,
    /// Whether lines are.
    #[prost(bool, tag = "9")]
    pub has_line_numbers: bool,
    /// Whether what was inlined is.
    #[prost(bool, tag = "10")]
    pub has_inline_frames: bool,
}

/// An instruction, with the functions that were inlined there, the innermost first.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Location {
    /// By which others refer to it; not 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// Where it lies; 0 for nowhere.
    #[prost(uint64, tag = "2")]
    pub mapping_id: u64,
    /// In memory.
    #[prost(uint64, tag = "3")]
    pub address: u64,
    /// The functions there.
    #[prost(message, repeated, tag = "4")]
    pub line: Vec<Line>,
}

/// A place in a function.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Line {
    /// Which function.
    #[prost(uint64, tag = "1")]
    pub function_id: u64,
    /// Of the file.
    #[prost(int64, tag = "2")]
    pub line: i64,
}

/// Names and file are texts.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Function {
    /// By which others refer to it; not 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// As people read it.
    #[prost(int64, tag = "2")]
    pub name: i64,
    /// As the linker has it.
    #[prost(int64, tag = "3")]
    pub system_name: i64,
    /// The file.
    #[prost(int64, tag = "4")]
    pub filename: i64,
}

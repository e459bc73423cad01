//! A profile being put together: every text, function and location once.

use std::{
    collections::HashMap,
    io::{self, Write},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use flate2::{Compression, write::GzEncoder};
use prost::Message;

use super::{
    proto,
    symbols::{Symbol, Symbols},
};

/// What a number in a profile counts, such as `alloc_space` in `bytes`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// `count`, `bytes`, `nanoseconds`.
    pub(crate) unit: &'static str,
}

/// One entry of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Frame {
    /// The instruction that ran.
    Instruction(u64),
    /// The instruction after the call that has not returned: what backtraces consist of.
    Return(u64),
    /// A place that is known without an address.
    Place(Symbol),
}

/// Something told of a sample, by which `go tool pprof -tagfocus` finds it.
#[derive(Clone, Debug)]
pub(crate) struct Label<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: LabelValue<'a>,
}

/// The value of a [`Label`].
#[derive(Clone, Debug)]
pub(crate) enum LabelValue<'a> {
    Text(&'a str),
    /// With its unit, such as `nanoseconds`.
    Number(i64, &'a str),
}

/// A location and whether all of it is left out.
#[derive(Clone, Copy)]
struct Place {
    id: u64,
    is_left_out: bool,
}

/// A profile being put together.
pub(crate) struct Profile {
    is_left_out: fn(&str) -> bool,
    message: proto::Profile,
    symbols: Symbols,
    texts: HashMap<String, i64>,
    functions: HashMap<(i64, i64, i64), u64>,
    locations: HashMap<Frame, Place>,
    /// By the number of the mapping in `symbols`.
    mappings: HashMap<usize, u64>,
}

impl Profile {
    /// An empty profile with these kinds of values, the last of which is shown first.
    pub(crate) fn new(kinds: &[Kind]) -> Self {
        let mut profile = Self {
            is_left_out: |_| false,
            message: proto::Profile::default(),
            symbols: Symbols::of_this_process(),
            texts: HashMap::new(),
            functions: HashMap::new(),
            locations: HashMap::new(),
            mappings: HashMap::new(),
        };
        profile.text("");
        profile.message.sample_type = kinds.iter().map(|kind| profile.value_type(*kind)).collect();
        // Readers take the first for the program, and that is at the lowest address.
        profile.add_mapping(0);
        profile
    }

    /// Of how much of what one sample was taken on average.
    pub(crate) fn set_period(&mut self, kind: Kind, period: i64) {
        self.message.period_type = Some(self.value_type(kind));
        self.message.period = period;
    }

    /// From when it is, and over how long it was taken.
    pub(crate) fn set_time(&mut self, began: SystemTime, duration: Duration) {
        self.message.time_nanos = nanos(began.duration_since(UNIX_EPOCH).unwrap_or_default());
        self.message.duration_nanos = nanos(duration);
    }

    /// Leaves out functions of which this is true, and what they call: they only tell how the sample was taken.
    pub(crate) fn leave_out(&mut self, is_left_out: fn(&str) -> bool) {
        self.is_left_out = is_left_out;
    }

    /// A line for whoever reads the profile, such as what it does not show.
    pub(crate) fn comment(&mut self, line: &str) {
        let line = self.text(line);
        self.message.comment.push(line);
    }

    /// Adds a stack, the innermost frame first, with one value for each kind.
    pub(crate) fn sample(&mut self, stack: &[Frame], values: &[i64], labels: &[Label<'_>]) {
        let places: Vec<_> = stack.iter().map(|frame| self.location(frame)).collect();
        let first = places.iter().rposition(|place| place.is_left_out).map_or(0, |last| last + 1);
        let location_id = places[first..].iter().map(|place| place.id).collect();
        let label = labels.iter().map(|label| self.label(label)).collect();
        self.message.sample.push(proto::Sample { location_id, value: values.to_vec(), label });
    }

    /// The profile as `go tool pprof` reads it: compressed by gzip.
    ///
    /// # Errors
    /// None but those of compressing into memory.
    pub(crate) fn encode(self) -> io::Result<Vec<u8>> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&self.message().encode_to_vec())?;
        gzip.finish()
    }

    /// The profile as it will be encoded.
    pub(super) fn message(mut self) -> proto::Profile {
        let mut texts: Vec<_> = self.texts.into_iter().collect();
        texts.sort_unstable_by_key(|(_, index)| *index);
        self.message.string_table = texts.into_iter().map(|(text, _)| text).collect();
        self.message
    }

    fn location(&mut self, frame: &Frame) -> Place {
        if let Some(place) = self.locations.get(frame) {
            return *place;
        }
        let (address, symbols) = match frame {
            Frame::Instruction(address) => (*address, self.symbols.at(*address)),
            // Within the call, so that the line is that of the call.
            Frame::Return(address) => (address.saturating_sub(1), self.symbols.at(address.saturating_sub(1))),
            Frame::Place(symbol) => (0, vec![symbol.clone()]),
        };
        let left_out = symbols.iter().rposition(|symbol| (self.is_left_out)(&symbol.function));
        let shown = &symbols[left_out.map_or(0, |last| last + 1)..];
        let is_left_out = shown.is_empty() && !symbols.is_empty();
        let place =
            Place { id: if is_left_out { 0 } else { self.add_location(address, shown) }, is_left_out };
        self.locations.insert(frame.clone(), place);
        place
    }

    fn add_location(&mut self, address: u64, symbols: &[Symbol]) -> u64 {
        let mapping_id = if address == 0 { 0 } else { self.mapping(address, symbols) };
        let line = symbols.iter().map(|symbol| self.line(symbol)).collect();
        let id = self.message.location.len() as u64 + 1;
        self.message.location.push(proto::Location { id, mapping_id, address, line });
        id
    }

    /// The mapping of an address; 0 when there is none.
    fn mapping(&mut self, address: u64, symbols: &[Symbol]) -> u64 {
        let Some(number) = self.symbols.mapping_of(address) else { return 0 };
        let id = match self.mappings.get(&number) {
            Some(id) => *id,
            None => self.add_mapping(number),
        };
        // Where we found no name, a reader may: by the build id, in a binary that was not stripped.
        if let Some(mapping) = self.message.mapping.get_mut(id.saturating_sub(1) as usize)
            && !symbols.is_empty()
        {
            mapping.has_functions = true;
            mapping.has_filenames |= symbols.iter().any(|symbol| !symbol.file.is_empty());
            mapping.has_line_numbers |= symbols.iter().any(|symbol| symbol.line > 0);
            mapping.has_inline_frames |= symbols.len() > 1;
        }
        id
    }

    fn add_mapping(&mut self, number: usize) -> u64 {
        let Some((mapping, image)) = self.symbols.mapping(number) else { return 0 };
        let build_id = image.map(|image| image.build_id.clone()).unwrap_or_default();
        let mapping = mapping.clone();
        let id = self.message.mapping.len() as u64 + 1;
        let entry = proto::Mapping {
            id,
            memory_start: mapping.start,
            memory_limit: mapping.limit,
            file_offset: mapping.offset,
            filename: self.text(&mapping.name),
            build_id: self.text(&build_id),
            ..proto::Mapping::default()
        };
        self.message.mapping.push(entry);
        self.mappings.insert(number, id);
        id
    }

    fn line(&mut self, symbol: &Symbol) -> proto::Line {
        let name = self.text(&symbol.function);
        let system_name = self.text(&symbol.linker_name);
        let filename = self.text(&symbol.file);
        let functions = &mut self.message.function;
        let function_id = *self.functions.entry((name, system_name, filename)).or_insert_with(|| {
            let id = functions.len() as u64 + 1;
            functions.push(proto::Function { id, name, system_name, filename });
            id
        });
        proto::Line { function_id, line: symbol.line.into() }
    }

    fn label(&mut self, label: &Label<'_>) -> proto::Label {
        let key = self.text(label.key);
        match label.value {
            LabelValue::Text(text) => proto::Label { key, text: self.text(text), ..Default::default() },
            LabelValue::Number(number, unit) => {
                proto::Label { key, number, unit: self.text(unit), ..Default::default() }
            }
        }
    }

    fn value_type(&mut self, kind: Kind) -> proto::ValueType {
        proto::ValueType { kind: self.text(kind.name), unit: self.text(kind.unit) }
    }

    fn text(&mut self, text: &str) -> i64 {
        if let Some(index) = self.texts.get(text) {
            return *index;
        }
        let index = self.texts.len() as i64;
        self.texts.insert(text.to_owned(), index);
        index
    }
}

fn nanos(duration: Duration) -> i64 {
    duration.as_nanos().try_into().unwrap_or(i64::MAX)
}

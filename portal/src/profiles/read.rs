//! Reads `profile.proto` within bounds. What it refers to is checked here, once: what comes out holds together.

use std::{borrow::Cow, collections::HashMap, io::Read};

use flate2::read::MultiGzDecoder;
use prost::{
    Message,
    encoding::{DecodeContext, decode_key, skip_field},
};
use seaworthy_protocol::pprof as proto;

use super::code::{Code, krate};

/// The largest profile, as it is sent.
pub(crate) const LARGEST: usize = 16 << 20;
/// And inflated.
const LARGEST_INFLATED: usize = 32 << 20;
/// Samples, locations, functions and texts together.
const MOST_ENTRIES: usize = 1_000_000;
/// Calls of a stack that are shown; of deeper ones the innermost.
const DEEPEST: usize = 512;
/// A value of each sample is of so many kinds at most.
const MOST_TYPES: usize = 16;

/// Why something is no profile that can be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("it is larger than {} MiB as sent; take a shorter profile", LARGEST >> 20)]
    TooLarge,
    #[error("it is larger than {} MiB when inflated; take a shorter profile", LARGEST_INFLATED >> 20)]
    InflatesTooFar,
    #[error(
        "it has more than {MOST_ENTRIES} samples, locations, functions and texts; take a shorter profile"
    )]
    TooMany,
    #[error("it is not valid gzip: {0}")]
    Gzip(String),
    #[error("it is no profile.proto: {0}; send what `/debug/pprof/…` answers")]
    Proto(String),
    #[error("it says nothing of what its values mean, or more than {MOST_TYPES} things")]
    Types,
    #[error("{0}; a profile must hold together")]
    Broken(String),
}

/// A profile that holds together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    /// What the values of samples mean.
    pub(crate) types: Vec<SampleType>,
    /// Which of them is shown unless another is asked for.
    pub(crate) shown_first: usize,
    pub(crate) functions: Vec<Function>,
    pub(crate) samples: Vec<Sample>,
    pub(crate) comments: Vec<String>,
    /// Whose code each function is.
    pub(super) codes: Vec<Code>,
    /// Over how long it was taken.
    pub(crate) duration_nanos: u64,
}

/// What the values of samples mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SampleType {
    /// `inuse_space`.
    pub(crate) name: String,
    /// `bytes`.
    pub(crate) unit: String,
}

/// A function, by name and file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Empty where unknown.
    pub(crate) file: String,
}

/// A place in a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Frame {
    /// Index of the function.
    pub(crate) function: u32,
    /// 0 where unknown.
    pub(crate) line: i64,
}

/// A stack and what was counted there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    /// The outermost call first.
    pub(crate) stack: Vec<Frame>,
    /// One for each type.
    pub(crate) values: Vec<i64>,
    pub(crate) labels: Vec<Label>,
}

/// Something told of a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) key: String,
    /// Empty where it is a number.
    pub(crate) text: String,
    pub(crate) number: i64,
}

impl Sample {
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.label(key).map(|label| label.text.as_str())
    }

    pub(crate) fn number(&self, key: &str) -> Option<i64> {
        self.label(key).map(|label| label.number)
    }

    fn label(&self, key: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.key == key)
    }
}

impl Profile {
    /// The sum of a type over all samples.
    pub(crate) fn total(&self, of: usize) -> i64 {
        let values = self.samples.iter().filter_map(|sample| sample.values.get(of));
        values.fold(0_i64, |sum, value| sum.saturating_add(*value))
    }

    pub(crate) fn function(&self, index: u32) -> &Function {
        // Every index is one of the table's: it was made with it.
        &self.functions[index as usize]
    }

    /// `src/orders.rs:52`, as far as it is known.
    pub(crate) fn place(&self, frame: &Frame) -> String {
        let file = &self.function(frame.function).file;
        match frame.line {
            _ if file.is_empty() => String::new(),
            0 => file.clone(),
            line => format!("{file}:{line}"),
        }
    }

    /// Whose code a function is.
    pub(crate) fn code(&self, index: u32) -> Code {
        self.codes.get(index as usize).copied().unwrap_or(Code::Runtime)
    }

    /// Finds out whose code functions are. Of one whose file is not known, others of its crate tell. Where files of the service are known, what
    /// has none was compiled otherwise than the service.
    fn learn_codes(&mut self) {
        let crates = self.crates();
        let knows_own = crates.values().any(|code| *code == Code::Own);
        let otherwise = if knows_own { Code::Dependency } else { Code::Own };
        let code = |Function { name, file }: &Function| match Code::of(name, file) {
            Code::Own if file.is_empty() => {
                krate(name).and_then(|krate| crates.get(krate)).copied().unwrap_or(otherwise)
            }
            code => code,
        };
        self.codes = self.functions.iter().map(code).collect();
    }

    /// Crates of which the file of some function is known, and whether that is the service's. Not from `<Type as Trait>`: it may stand in a file
    /// of the trait's crate, or of the service.
    fn crates(&self) -> HashMap<&str, Code> {
        let mut crates = HashMap::new();
        let is_plain = |function: &&Function| !function.file.is_empty() && !function.name.starts_with('<');
        for Function { name, file } in self.functions.iter().filter(is_plain) {
            let (code, Some(krate)) = (Code::of(name, file), krate(name)) else { continue };
            if code == Code::Dependency || code == Code::Own && !crates.contains_key(krate) {
                crates.insert(krate, code);
            }
        }
        crates
    }
}

/// The profile as it was before gzip, if it was compressed by that.
pub(crate) fn inflated(sent: &[u8]) -> Result<Cow<'_, [u8]>, Unreadable> {
    if sent.len() > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    if !sent.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(sent));
    }
    let mut inflated = Vec::new();
    let mut bounded = MultiGzDecoder::new(sent).take(LARGEST_INFLATED as u64 + 1);
    bounded.read_to_end(&mut inflated).map_err(|error| Unreadable::Gzip(error.to_string()))?;
    if inflated.len() > LARGEST_INFLATED {
        return Err(Unreadable::InflatesTooFar);
    }
    Ok(Cow::Owned(inflated))
}

/// Bytes that it may take once it is read, found without reading it: small messages grow the most.
pub(crate) fn weight(inflated: &[u8]) -> Result<usize, Unreadable> {
    const OF_ENTRY: usize = 128;
    const GROWTH: usize = 16;
    let broken = |error: prost::DecodeError| Unreadable::Proto(error.to_string());
    let (mut rest, mut entries) = (inflated, 0);
    while !rest.is_empty() {
        let (tag, wire_type) = decode_key(&mut rest).map_err(broken)?;
        skip_field(wire_type, tag, &mut rest, DecodeContext::default()).map_err(broken)?;
        entries += 1;
        if entries > MOST_ENTRIES {
            return Err(Unreadable::TooMany);
        }
    }
    Ok(inflated.len() * GROWTH + entries * OF_ENTRY)
}

/// Reads a profile.
pub(crate) fn read(inflated: &[u8]) -> Result<Profile, Unreadable> {
    let message = proto::Profile::decode(inflated).map_err(|error| Unreadable::Proto(error.to_string()))?;
    if message.sample_type.is_empty() || message.sample_type.len() > MOST_TYPES {
        return Err(Unreadable::Types);
    }
    Reader::new(&message)?.read()
}

struct Reader<'a> {
    message: &'a proto::Profile,
    functions: HashMap<u64, &'a proto::Function>,
    mappings: HashMap<u64, &'a proto::Mapping>,
    known: HashMap<Function, u32>,
    /// By the id of the location: its frames, the outermost first.
    places: HashMap<u64, Vec<Frame>>,
    profile: Profile,
}

impl<'a> Reader<'a> {
    fn new(message: &'a proto::Profile) -> Result<Self, Unreadable> {
        let mut reader = Self {
            message,
            functions: message.function.iter().map(|function| (function.id, function)).collect(),
            mappings: message.mapping.iter().map(|mapping| (mapping.id, mapping)).collect(),
            known: HashMap::new(),
            places: HashMap::new(),
            profile: Profile::default(),
        };
        for location in &message.location {
            let frames = reader.frames(location)?;
            reader.places.insert(location.id, frames);
        }
        Ok(reader)
    }

    fn read(mut self) -> Result<Profile, Unreadable> {
        let message = self.message;
        for of in &message.sample_type {
            let of =
                SampleType { name: self.text(of.kind)?.to_owned(), unit: self.text(of.unit)?.to_owned() };
            self.profile.types.push(of);
        }
        let first = self.text(message.default_sample_type)?;
        let named = self.profile.types.iter().position(|of| of.name == first);
        // As `go tool pprof` has it.
        self.profile.shown_first = named.unwrap_or(self.profile.types.len() - 1);
        for comment in &message.comment {
            let comment = self.text(*comment)?.to_owned();
            self.profile.comments.push(comment);
        }
        self.profile.duration_nanos = message.duration_nanos.try_into().unwrap_or_default();
        for sample in &message.sample {
            let sample = self.sample(sample)?;
            self.profile.samples.push(sample);
        }
        self.profile.learn_codes();
        Ok(self.profile)
    }

    fn sample(&self, sample: &proto::Sample) -> Result<Sample, Unreadable> {
        if sample.value.len() != self.profile.types.len() {
            let (is, must) = (sample.value.len(), self.profile.types.len());
            return Err(Unreadable::Broken(format!("a sample has {is} values for {must} types")));
        }
        let mut stack = Vec::new();
        for id in &sample.location_id {
            let place = self.places.get(id).ok_or_else(|| missing("location", *id))?;
            stack.extend(place.iter().rev());
            if stack.len() >= DEEPEST {
                stack.truncate(DEEPEST);
                break;
            }
        }
        stack.reverse();
        let labels = sample.label.iter().map(|label| self.label(label)).collect::<Result<_, _>>()?;
        Ok(Sample { stack, values: sample.value.clone(), labels })
    }

    fn label(&self, label: &proto::Label) -> Result<Label, Unreadable> {
        let key = self.text(label.key)?.to_owned();
        Ok(Label { key, text: self.text(label.text)?.to_owned(), number: label.number })
    }

    /// The frames of a location, the outermost first.
    fn frames(&mut self, location: &proto::Location) -> Result<Vec<Frame>, Unreadable> {
        if location.line.is_empty() {
            let function = self.nameless(location)?;
            return Ok(vec![Frame { function: self.number(function), line: 0 }]);
        }
        let mut frames = Vec::with_capacity(location.line.len());
        for line in location.line.iter().rev() {
            let id = line.function_id;
            let function = *self.functions.get(&id).ok_or_else(|| missing("function", id))?;
            let name = match self.text(function.name)? {
                "" => self.text(function.system_name)?,
                name => name,
            };
            let named = Function { name: name.to_owned(), file: self.text(function.filename)?.to_owned() };
            frames.push(Frame { function: self.number(named), line: line.line });
        }
        Ok(frames)
    }

    /// Where a name is not known, there is the file and the place in it. Of a library, whose insides nobody here can change, the file is enough.
    fn nameless(&self, location: &proto::Location) -> Result<Function, Unreadable> {
        let mapping = self.mappings.get(&location.mapping_id);
        let file = mapping.map(|mapping| self.text(mapping.filename)).transpose()?.unwrap_or_default();
        let start = mapping.map_or(0, |mapping| mapping.memory_start.wrapping_sub(mapping.file_offset));
        let short = file.rsplit('/').next().filter(|short| !short.is_empty()).unwrap_or("unknown");
        let name = if short.ends_with(".so") || short.contains(".so.") {
            format!("[{short}]")
        } else {
            format!("[{short}+{:#x}]", location.address.wrapping_sub(start))
        };
        Ok(Function { name, file: String::new() })
    }

    fn number(&mut self, function: Function) -> u32 {
        let functions = &mut self.profile.functions;
        *self.known.entry(function).or_insert_with_key(|function| {
            functions.push(function.clone());
            functions.len() as u32 - 1
        })
    }

    fn text(&self, index: i64) -> Result<&'a str, Unreadable> {
        // An empty table has the empty text nevertheless.
        if index == 0 {
            return Ok("");
        }
        let text = usize::try_from(index).ok().and_then(|index| self.message.string_table.get(index));
        text.map(String::as_str)
            .ok_or_else(|| Unreadable::Broken(format!("it has no text of number {index}")))
    }
}

fn missing(what: &str, id: u64) -> Unreadable {
    Unreadable::Broken(format!("it has no {what} of id {id}"))
}

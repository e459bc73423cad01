//! From addresses to functions, files and lines.

use std::collections::HashMap;

use addr2line::{Loader, demangle_auto};

use super::mappings::{self, Image, Mapping};

/// A function at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Symbol {
    /// As one writes it: `shop::orders::take`.
    pub(crate) function: String,
    /// As the linker knows it; empty when it is not known.
    pub(crate) linker_name: String,
    /// Empty when it is not known.
    pub(crate) file: String,
    /// From 1; 0 when it is not known.
    pub(crate) line: u32,
}

/// The symbols of this process, as its memory lies at the time this is made.
///
/// Looking up reads files, for tens to hundreds of milliseconds the first time: never on the thread of a runtime. What it
/// reads is held until it is dropped.
#[derive(Default)]
pub(crate) struct Symbols {
    files: Vec<MappedFile>,
    /// By the path: a file may be mapped in parts.
    loaders: HashMap<String, Option<Loader>>,
}

struct MappedFile {
    mapping: Mapping,
    /// Read when it is first wanted.
    image: Option<Option<Image>>,
}

impl Symbols {
    pub(crate) fn of_this_process() -> Self {
        let files = mappings::executable().into_iter();
        Self {
            files: files.map(|mapping| MappedFile { mapping, image: None }).collect(),
            loaders: HashMap::new(),
        }
    }

    /// In which mapping an instruction is, by its number from 0.
    pub(crate) fn mapping_of(&self, address: u64) -> Option<usize> {
        self.files.iter().position(|file| file.mapping.contains(address))
    }

    /// A mapping, and what its file says of itself.
    pub(crate) fn mapping(&mut self, number: usize) -> Option<(&Mapping, Option<&Image>)> {
        let file = self.files.get_mut(number)?;
        let image = file.image.get_or_insert_with(|| file.mapping.image());
        Some((&file.mapping, image.as_ref()))
    }

    /// The function that has the instruction at `address`, after those that were inlined there, the innermost first. Empty
    /// when it is not known, as in a binary that was stripped.
    ///
    /// Of an address to which a call returns, ask for the byte before it: the call may be the last of its function.
    pub(crate) fn at(&mut self, address: u64) -> Vec<Symbol> {
        let Some(number) = self.mapping_of(address) else { return Vec::new() };
        let Some((mapping, Some(image))) = self.mapping(number) else { return Vec::new() };
        let (in_file, name) = (address.wrapping_sub(image.bias), mapping.name.clone());
        let path = mapping.path.clone();
        let loader = self.loaders.entry(name).or_insert_with(|| Loader::new(path?).ok());
        loader.as_ref().map(|loader| symbols(loader, in_file)).unwrap_or_default()
    }
}

fn symbols(loader: &Loader, address: u64) -> Vec<Symbol> {
    let of_table = || loader.find_symbol(address).map(str::to_owned);
    let mut found = Vec::new();
    if let Ok(mut frames) = loader.find_frames(address) {
        while let Ok(Some(frame)) = frames.next() {
            let name = frame.function.as_ref().and_then(|name| Some(name.raw_name().ok()?.into_owned()));
            // Debug information of lines alone names no functions.
            let Some(name) = name.or_else(of_table) else { continue };
            let place = frame.location.as_ref();
            found.push(Symbol {
                file: place.and_then(|place| place.file).unwrap_or_default().to_owned(),
                line: place.and_then(|place| place.line).unwrap_or_default(),
                ..named(name)
            });
        }
    }
    // The function that was not inlined: debug information may have its last name alone, the table has all of it.
    if let Some(name) = of_table() {
        let place = found.pop().unwrap_or_default();
        found.push(Symbol { file: place.file, line: place.line, ..named(name) });
    }
    found
}

fn named(linker_name: String) -> Symbol {
    let function = demangle_auto(linker_name.as_str().into(), None).into_owned();
    Symbol { function, linker_name, ..Symbol::default() }
}

//! Which files lie where in the memory of this process, and how addresses there become addresses in the file.

use std::{fs::File, path::PathBuf};

use object::{Object, ObjectSegment, ReadCache};

/// A part of a file that is mapped for execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// The first address.
    pub(crate) start: u64,
    /// The first address after it.
    pub(crate) limit: u64,
    /// Where in the file it begins.
    pub(crate) offset: u64,
    /// The file as the system names it: a path, or a name such as `[vdso]`.
    pub(crate) name: String,
    /// From where the file can be read; none when it was replaced or is none.
    pub(crate) path: Option<PathBuf>,
}

/// What is read from a file in memory, apart from its symbols.
#[derive(Clone, Debug, Default)]
pub(crate) struct Image {
    /// In hexadecimal digits; empty when the linker wrote none.
    pub(crate) build_id: String,
    /// What to subtract from an address in memory to get that in the file.
    pub(crate) bias: u64,
}

impl Mapping {
    pub(crate) fn contains(&self, address: u64) -> bool {
        (self.start..self.limit).contains(&address)
    }

    /// Reads the headers of the file; none when it cannot be read or is no object file.
    pub(crate) fn image(&self) -> Option<Image> {
        let cache = ReadCache::new(File::open(self.path.as_ref()?).ok()?);
        let object = object::File::parse(&cache).ok()?;
        let mapped = self.offset..self.offset.saturating_add(self.limit - self.start);
        // What is mapped begins and ends at a page, and so may hold the ends of other segments.
        let segment = object.segments().filter(is_executable).find(|segment| {
            let (offset, size) = segment.file_range();
            offset < mapped.end && mapped.start < offset.saturating_add(size)
        })?;
        let in_file = self.offset.wrapping_sub(segment.file_range().0).wrapping_add(segment.address());
        let build_id = object.build_id().ok().flatten().unwrap_or_default();
        Some(Image { build_id: hex::encode(build_id), bias: self.start.wrapping_sub(in_file) })
    }
}

fn is_executable<'data>(segment: &impl ObjectSegment<'data>) -> bool {
    segment.permissions().executable()
}

/// Everything of this process that can be executed, in order. Empty where the system does not tell.
#[cfg(target_os = "linux")]
pub(crate) fn executable() -> Vec<Mapping> {
    use procfs::process::{MMPermissions, MMapPath, Process};

    let Ok(maps) = Process::myself().and_then(|process| process.maps()) else { return Vec::new() };
    let executable = maps.into_iter().filter(|map| map.perms.contains(MMPermissions::EXECUTE));
    executable
        .filter_map(|map| {
            let (name, path) = match map.pathname {
                MMapPath::Path(path) => (path.to_string_lossy().into_owned(), readable(&path)),
                MMapPath::Vdso => ("[vdso]".to_owned(), None),
                _ => return None,
            };
            Some(Mapping { start: map.address.0, limit: map.address.1, offset: map.offset, name, path })
        })
        .collect()
}

/// Everything of this process that can be executed, in order. Empty where the system does not tell.
#[cfg(not(target_os = "linux"))]
pub(crate) fn executable() -> Vec<Mapping> {
    Vec::new()
}

/// Linux says of a file that was replaced, as by a deploy, that it is deleted. The program itself is still found.
#[cfg(target_os = "linux")]
fn readable(path: &std::path::Path) -> Option<PathBuf> {
    const PROGRAM: &str = "/proc/self/exe";
    if !path.to_string_lossy().ends_with(" (deleted)") {
        return Some(path.to_owned());
    }
    let is_program = std::fs::read_link(PROGRAM).is_ok_and(|program| program == path);
    is_program.then(|| PathBuf::from(PROGRAM))
}

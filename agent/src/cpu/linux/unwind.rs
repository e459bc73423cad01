//! From a copy of registers and stack to the calls on it, by the tables in each file.

use std::{
    fs::File,
    ops::Range,
    time::{Duration, Instant},
};

use framehop::{
    CacheNative, Error, ExplicitModuleSectionInfo, FrameAddress, MayAllocateDuringUnwind, Module,
    Unwinder as _, UnwinderNative,
};
use object::{Object, ObjectSection, ReadCache, ReadRef};

use super::{samples::Sample, sys, tally::place};
use crate::pprof::{Frame, Mapping, executable};

/// Calls on a stack; those further out are cut off.
const MAX_FRAMES: usize = 256;
/// Between two looks at what was loaded since.
const REFRESH: Duration = Duration::from_secs(1);

/// Unwinds stacks of this process.
pub(super) struct Stacks {
    unwinder: UnwinderNative<Vec<u8>, MayAllocateDuringUnwind>,
    cache: CacheNative<MayAllocateDuringUnwind>,
    known: Vec<Mapping>,
    looked: Instant,
    /// Whether code was met that no known file has.
    met_unknown: bool,
}

impl Stacks {
    pub(super) fn of_this_process() -> Self {
        let mut stacks = Self {
            unwinder: UnwinderNative::new(),
            cache: CacheNative::new(),
            known: Vec::new(),
            looked: Instant::now(),
            met_unknown: false,
        };
        stacks.look();
        stacks
    }

    /// Looks for what was loaded since, when there is reason to, and not often.
    pub(super) fn refresh(&mut self) {
        if self.met_unknown && self.looked.elapsed() >= REFRESH {
            self.look();
        }
    }

    /// The calls, the innermost first. Ends with an entry that says so when not all could be found.
    pub(super) fn unwind(&mut self, sample: &Sample) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut is_cut = false;
        let is_whole = self.walk(sample, |address, _| {
            is_cut = frames.len() == MAX_FRAMES;
            if !is_cut {
                frames.push(match address {
                    FrameAddress::InstructionPointer(address) => Frame::Instruction(address),
                    FrameAddress::ReturnAddress(address) => Frame::Return(address.get()),
                });
            }
            !is_cut
        });
        if is_cut || !is_whole {
            self.met_unknown |= frames.last().is_some_and(|frame| !self.knows(frame));
            frames.push(place("[callers unknown]"));
        }
        frames
    }

    /// The addresses to which the calls return, the innermost first, up to the one in whose frame `root` lies.
    pub(super) fn calls(&mut self, sample: &Sample, root: usize) -> Vec<usize> {
        let mut calls = Vec::new();
        self.walk(sample, |address, top| {
            // The stack grows downwards.
            let is_within = top <= root as u64 && calls.len() < MAX_FRAMES;
            if is_within {
                calls.push(match address {
                    // As if it had been called from there.
                    FrameAddress::InstructionPointer(address) => address.saturating_add(1),
                    FrameAddress::ReturnAddress(address) => address.get(),
                } as usize);
            }
            is_within
        });
        calls
    }

    /// Goes through the calls, the innermost first, each with the top of its frame, for as long as `each` wants more. Says whether that
    /// was so, or the outer end was come to.
    fn walk(&mut self, sample: &Sample, mut each: impl FnMut(FrameAddress, u64) -> bool) -> bool {
        let (begin, stack) = (sample.registers.stack, &sample.stack);
        let mut read = |address: u64| {
            let offset = address.checked_sub(begin).ok_or(())? as usize;
            let bytes =
                stack.get(..sample.length).and_then(|stack| stack.get(offset..)?.first_chunk()).ok_or(())?;
            Ok(u64::from_le_bytes(*bytes))
        };
        let mut registers = sample.registers.to_unwind();
        let mut address = FrameAddress::from_instruction_pointer(sample.registers.instruction);
        while each(address, registers.sp()) {
            let next = self.unwinder.unwind_frame(address, &mut registers, &mut self.cache, &mut read);
            // A null is the outer end on some threads.
            match next.map(|next| next.and_then(FrameAddress::from_return_address)) {
                Ok(Some(next)) => address = next,
                Ok(None) | Err(Error::ReturnAddressIsNull) => return true,
                Err(_) => return false,
            }
        }
        true
    }

    fn knows(&self, frame: &Frame) -> bool {
        let (Frame::Instruction(address) | Frame::Return(address)) = frame else { return true };
        self.known.iter().any(|mapping| mapping.contains(*address))
    }

    fn look(&mut self) {
        let now = executable();
        for gone in self.known.iter().filter(|known| !now.contains(known)) {
            self.unwinder.remove_module(gone.start);
        }
        for new in now.iter().filter(|mapping| !self.known.contains(mapping)) {
            if let Some(module) = module(new) {
                self.unwinder.add_module(module);
            }
        }
        (self.known, self.looked, self.met_unknown) = (now, Instant::now(), false);
    }
}

/// A file in memory with its tables; none when it cannot be read.
fn module(mapping: &Mapping) -> Option<Module<Vec<u8>>> {
    let range = mapping.start..mapping.limit;
    let (bias, sections) = match &mapping.path {
        Some(path) => {
            let bias = mapping.image()?.bias;
            (bias, sections(&ReadCache::new(File::open(path).ok()?))?)
        }
        // The kernel's own, which is in memory alone, begins with its headers.
        None if mapping.name == "[vdso]" => {
            let mut image = vec![0; usize::try_from(mapping.limit - mapping.start).ok()?];
            let length = sys::read_memory(mapping.start as usize, &mut image);
            (mapping.start, sections(image.get(..length)?)?)
        }
        None => return None,
    };
    Some(Module::new(mapping.name.clone(), range, bias, sections))
}

fn sections<'data>(data: impl ReadRef<'data>) -> Option<ExplicitModuleSectionInfo<Vec<u8>>> {
    let object = object::File::parse(data).ok()?;
    let section = |name: &str| -> Option<(Range<u64>, Vec<u8>)> {
        let section = object.section_by_name(name)?;
        let range = section.address()..section.address().checked_add(section.size())?;
        Some((range, section.data().ok()?.to_vec()))
    };
    let range = |name: &str| {
        let section = object.section_by_name(name)?;
        Some(section.address()..section.address().checked_add(section.size())?)
    };
    let (frames, header) = (section(".eh_frame"), section(".eh_frame_hdr"));
    Some(ExplicitModuleSectionInfo {
        text_svma: range(".text"),
        got_svma: range(".got"),
        eh_frame_svma: frames.as_ref().map(|(range, _)| range.clone()),
        eh_frame: frames.map(|(_, data)| data),
        eh_frame_hdr_svma: header.as_ref().map(|(range, _)| range.clone()),
        eh_frame_hdr: header.map(|(_, data)| data),
        ..ExplicitModuleSectionInfo::default()
    })
}

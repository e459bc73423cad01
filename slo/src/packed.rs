//! The minutes of an hour, in a few bytes.

use crate::Counts;

const NOTHING: u8 = 0;
const EVENTS: u8 = 1;
const AGENT_LOST: u8 = 2;
const DOWN: u8 = 3;

/// What is known of a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    #[default]
    Nothing,
    /// That the service told of itself, and what happened in it; 0 of 0 events where nothing did.
    Events(Counts),
    /// That a process was there, or may have been, and nothing came from its agent.
    AgentLost,
    /// That no process of the service ran.
    Down,
}

impl Known {
    /// What happened, where the service told of it.
    pub fn events(self) -> Option<Counts> {
        match self {
            Self::Events(counts) => Some(counts),
            Self::Nothing | Self::AgentLost | Self::Down => None,
        }
    }
}

/// The minutes of an hour in a few bytes: for each, 0 where nothing is known, 2 where the agent was lost, 3 where no process
/// ran, else 1 and then total and bad events as LEB128; runs of minutes at the end of which nothing is known are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackedHour(Box<[u8]>);

/// Bytes that are not those of a packed hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an hour of good and total events")]
pub struct Unreadable;

impl PackedHour {
    /// From bytes that were kept.
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes to keep.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn pack(minutes: &[Known; 60]) -> Self {
        let known = minutes.iter().rposition(|known| *known != Known::Nothing).map_or(0, |last| last + 1);
        let mut bytes = Vec::with_capacity(known * 4);
        for known in &minutes[..known] {
            match known {
                Known::Nothing => bytes.push(NOTHING),
                Known::AgentLost => bytes.push(AGENT_LOST),
                Known::Down => bytes.push(DOWN),
                Known::Events(counts) => {
                    bytes.push(EVENTS);
                    write_number(&mut bytes, counts.total());
                    write_number(&mut bytes, counts.bad());
                }
            }
        }
        Self(bytes.into())
    }

    pub(crate) fn unpack(&self) -> Result<[Known; 60], Unreadable> {
        let mut minutes = [Known::Nothing; 60];
        let mut rest = &*self.0;
        let mut index = 0;
        while let Some((known, after)) = rest.split_first() {
            rest = after;
            let place = minutes.get_mut(index).ok_or(Unreadable)?;
            match *known {
                NOTHING => {}
                AGENT_LOST => *place = Known::AgentLost,
                DOWN => *place = Known::Down,
                EVENTS => {
                    let total = read_number(&mut rest)?;
                    let bad = read_number(&mut rest)?;
                    let good = total.checked_sub(bad).ok_or(Unreadable)?;
                    *place = Known::Events(Counts::new(good, total).map_err(|_| Unreadable)?);
                }
                _ => return Err(Unreadable),
            }
            index += 1;
        }
        Ok(minutes)
    }

    /// The minutes of an hour that this ledger has packed, or read before.
    pub(crate) fn unpack_known(&self) -> [Known; 60] {
        self.unpack().unwrap_or([Known::Nothing; 60])
    }
}

fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read_number(bytes: &mut &[u8]) -> Result<u64, Unreadable> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(Unreadable)?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift).ok_or(Unreadable)?;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Unreadable)
}

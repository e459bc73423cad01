//! Profiles: what a process was doing, as `profile.proto` tells it. The store keeps them as they come, and does not look inside.

use std::fmt;

use crate::model::{UnixNanos, Window};

/// Identifies a profile: the day it was taken on, and what it is of. Written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileId(pub u64);

impl fmt::Display for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl std::str::FromStr for ProfileId {
    type Err = InvalidProfileId;

    fn from_str(text: &str) -> Result<Self, InvalidProfileId> {
        let is_hexadecimal = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hexadecimal.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        number.map(Self).ok_or(InvalidProfileId)
    }
}

/// A text that is not the form of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a profile is 16 hexadecimal digits")]
pub struct InvalidProfileId;

/// What is known of a profile without looking into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileInfo {
    /// `service.name`.
    pub service: String,
    /// `service.instance.id`.
    pub instance: String,
    /// `service.version`.
    pub version: String,
    /// `vcs.ref.head.revision`, empty where unknown.
    pub commit: String,
    /// `deployment.environment.name`, empty where none is set.
    pub environment: String,
    /// `cpu`, `heap`, `tasks`.
    pub kind: String,
    /// When it was begun.
    pub taken_at: UnixNanos,
    /// Over how many nanoseconds; 0 for one of a moment.
    pub duration: u64,
    /// Samples in it.
    pub samples: u64,
    /// The sum of what it shows first.
    pub total: i64,
    /// Of what that is: `nanoseconds`, `bytes`, `count`.
    pub unit: String,
    /// Who asked for it, empty where nobody did.
    pub asked_by: String,
}

/// A profile that the store keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProfile {
    /// By which it is found again.
    pub id: ProfileId,
    /// What is known of it.
    pub info: ProfileInfo,
    /// Bytes of it as it came.
    pub bytes: u64,
}

/// Which profiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileQuery {
    /// Of this service.
    pub service: String,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this instance.
    pub instance: Option<String>,
    /// Of this version.
    pub version: Option<String>,
    /// Begun within it.
    pub window: Window,
    /// At most so many, the latest.
    pub limit: usize,
}

/// The latest profile of a kind and build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastProfile {
    /// `service.name`.
    pub service: String,
    /// `service.version`.
    pub version: String,
    /// `vcs.ref.head.revision`.
    pub commit: String,
    /// `cpu`, `heap`, `tasks`.
    pub kind: String,
    /// When it was begun.
    pub taken_at: UnixNanos,
}

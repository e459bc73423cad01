//! Waivers: approved, expiring exemptions.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::words::day;

/// The longest that a waiver may hold from when it was asked for, in days of 24 hours.
pub const MAX_WAIVER_DAYS: i64 = 180;

/// An exemption from an item for a time. It holds once somebody other than who asked for it has approved it.
///
/// ```
/// use seaworthy_checklist::{Waiver, WaiverState};
///
/// let (asked, approved) = ("2026-11-01T10:00:00Z".parse()?, "2026-11-02T10:00:00Z".parse()?);
/// let waiver = Waiver::ask("The gateway is replaced in December.", "ann", asked, "2026-12-31T00:00:00Z".parse()?)?;
/// assert_eq!(waiver.state(approved), WaiverState::Asked);
/// assert!(waiver.clone().approve("ann", approved).is_err());
/// let waiver = waiver.approve("ben", approved)?;
/// assert_eq!(waiver.state(approved), WaiverState::Active);
/// assert_eq!(waiver.state("2027-01-01T00:00:00Z".parse()?), WaiverState::Expired);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Why the item cannot be satisfied yet.
    pub reason: String,
    /// Who asked for it.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// From when on it no longer holds; at most [`MAX_WAIVER_DAYS`] after it was asked for.
    pub expires_at: Timestamp,
    /// Who approved it, and when; none as long as nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
}

/// That somebody has approved a waiver. Who may is for the portal to say; that it is another person is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Where a waiver stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaiverState {
    /// Nobody has approved it, or only who asked for it.
    Asked,
    /// It holds.
    Active,
    /// It no longer holds, or can no longer be approved.
    Expired,
}

/// Why a waiver cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedWaiver {
    /// It says nothing.
    #[error("a waiver needs a reason; say what stands in the way and until when")]
    NoReason,
    /// It ends too soon or too late.
    #[error("a waiver ends after {} and at most {MAX_WAIVER_DAYS} days later; {} was given", day(*.asked_at), day(*.expires_at))]
    Expiry {
        /// When it was asked for.
        asked_at: Timestamp,
        /// The end that was given.
        expires_at: Timestamp,
    },
    /// Who asks does not approve.
    #[error("{by} asked for the waiver; somebody else has to approve it")]
    OwnWaiver {
        /// Who tried.
        by: String,
    },
    /// It is over.
    #[error("the waiver expired on {}; ask for a new one", day(*.expires_at))]
    Expired {
        /// When it did.
        expires_at: Timestamp,
    },
}

impl Waiver {
    /// Asks for a waiver.
    ///
    /// # Errors
    /// No reason; an expiry that is not after `at`, or more than [`MAX_WAIVER_DAYS`] after it.
    pub fn ask(reason: &str, by: &str, at: Timestamp, expires_at: Timestamp) -> Result<Self, RefusedWaiver> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(RefusedWaiver::NoReason);
        }
        let waiver = Self {
            reason: reason.to_owned(),
            asked_by: by.to_owned(),
            asked_at: at,
            expires_at,
            approval: None,
        };
        if expires_at <= at || expires_at > waiver.latest_end() {
            return Err(RefusedWaiver::Expiry { asked_at: at, expires_at });
        }
        Ok(waiver)
    }

    /// Approves it.
    ///
    /// # Errors
    /// Who approves asked for it, or it has expired.
    pub fn approve(self, by: &str, at: Timestamp) -> Result<Self, RefusedWaiver> {
        if by == self.asked_by {
            return Err(RefusedWaiver::OwnWaiver { by: by.to_owned() });
        }
        if at >= self.ends_at() {
            return Err(RefusedWaiver::Expired { expires_at: self.ends_at() });
        }
        Ok(Self { approval: Some(Approval { by: by.to_owned(), at }), ..self })
    }

    /// Where it stands. However it came to be as it is, it holds for no longer than it may, and by nobody's own word.
    pub fn state(&self, now: Timestamp) -> WaiverState {
        if now >= self.ends_at() {
            return WaiverState::Expired;
        }
        match &self.approval {
            Some(approval) if approval.by != self.asked_by && approval.at <= now => WaiverState::Active,
            _ => WaiverState::Asked,
        }
    }

    /// When it ends: as was asked, or when the longest waiver would.
    pub(crate) fn ends_at(&self) -> Timestamp {
        self.expires_at.min(self.latest_end())
    }

    fn latest_end(&self) -> Timestamp {
        self.asked_at.checked_add(SignedDuration::from_hours(24 * MAX_WAIVER_DAYS)).unwrap_or(Timestamp::MAX)
    }
}

//! Signed links: whoever has one may say that they see to the alert, without signing in.
//!
//! A link tells which alert, by which channel it came, and until when it holds. It is signed with a key that all portals
//! on one catalog share, so that nobody can make one, and whichever portal is asked knows it.

use std::fmt;

use jiff::Timestamp;
use ring::hmac;
use seaworthy_catalog::Key;

/// The name of the key in the catalog.
pub(crate) const KEY: &str = "acknowledge";

/// Links hold for a week: nobody acknowledges by a mail that is older.
pub(crate) const HOLDS_SECONDS: i64 = 7 * 24 * 60 * 60;

/// Says so that a signature of something else under the same key is none of this.
const MEANING: &str = "seaworthy acknowledge";

/// Stands for an alert that only tests its channel. The catalog counts alerts from 1.
pub(crate) const TEST: i64 = 0;

/// What a signed link tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignedLink {
    /// The alert to acknowledge; [`TEST`] for the test alert that was sent to the channel.
    pub(crate) alert_id: i64,
    /// The channel in which the link was sent.
    pub(crate) channel_id: i64,
    /// The first second at which it does not hold any more.
    pub(crate) expires_at: i64,
}

/// Why a link is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// It is not one that this portal made.
    Forged,
    /// It held until then.
    Expired(Timestamp),
}

impl SignedLink {
    /// A link that holds for a week from when its message was written, however late that is delivered.
    pub(crate) fn new(alert_id: i64, channel_id: i64, written_at: Timestamp) -> Self {
        Self { alert_id, channel_id, expires_at: written_at.as_second().saturating_add(HOLDS_SECONDS) }
    }

    /// When the message was written, to the second.
    pub(crate) fn written_at(&self) -> Timestamp {
        Timestamp::from_second(self.expires_at.saturating_sub(HOLDS_SECONDS)).unwrap_or_default()
    }

    /// Its path in the portal.
    pub(crate) fn path(&self, key: &Key) -> String {
        let tag = hmac::sign(&signing(key), self.signed().as_bytes());
        format!("/ack/{self}.{}", hex::encode(tag))
    }

    /// What the last segment of its path tells, if all is well with it.
    pub(crate) fn read(segment: &str, key: &Key, now: Timestamp) -> Result<Self, NotTaken> {
        let link = Self::verified(segment, key).ok_or(NotTaken::Forged)?;
        if now.as_second() < link.expires_at {
            return Ok(link);
        }
        Err(Timestamp::from_second(link.expires_at).map_or(NotTaken::Forged, NotTaken::Expired))
    }

    fn verified(segment: &str, key: &Key) -> Option<Self> {
        let mut parts = segment.split('.');
        let mut number = || parts.next()?.parse().ok();
        let link = Self { alert_id: number()?, channel_id: number()?, expires_at: number()? };
        let tag = hex::decode(parts.next()?).ok()?;
        let whole = parts.next().is_none();
        let genuine = hmac::verify(&signing(key), link.signed().as_bytes(), &tag).is_ok();
        (whole && genuine).then_some(link)
    }

    fn signed(&self) -> String {
        format!("{MEANING}\0{self}")
    }
}

impl fmt::Display for SignedLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.alert_id, self.channel_id, self.expires_at)
    }
}

fn signing(key: &Key) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        Timestamp::from_second(noon.as_second() + seconds).unwrap()
    }

    fn segment(link: SignedLink, key: &Key) -> String {
        link.path(key).strip_prefix("/ack/").unwrap().to_owned()
    }

    #[test]
    fn a_link_holds_for_a_week() {
        let key = Key::from([7; 32]);
        let link = SignedLink::new(5, 2, at(0));
        let segment = segment(link, &key);
        for (now, expected) in [
            (-60, Ok(link)),
            (0, Ok(link)),
            (HOLDS_SECONDS - 1, Ok(link)),
            (HOLDS_SECONDS, Err(NotTaken::Expired(at(HOLDS_SECONDS)))),
            (10 * HOLDS_SECONDS, Err(NotTaken::Expired(at(HOLDS_SECONDS)))),
        ] {
            assert_eq!(SignedLink::read(&segment, &key, at(now)), expected, "{now}");
        }
    }

    #[test]
    fn nobody_makes_or_changes_a_link() {
        let key = Key::from([7; 32]);
        let link = SignedLink::new(5, 2, at(0));
        let good = segment(link, &key);
        let (told, tag) = good.rsplit_once('.').unwrap();
        let later = SignedLink { expires_at: link.expires_at + 1, ..link };
        let mut bad = vec![
            String::new(),
            "5".into(),
            told.into(),
            format!("{told}."),
            format!("{told}.{}", "0".repeat(64)),
            format!("{told}.{}", &tag[..62]),
            format!("{good}00"),
            format!("{good}.x"),
            format!("{later}.{tag}"),
            format!("{}.{tag}", told.replacen('5', "6", 1)),
            format!("{}.{tag}", told.replacen(".2.", ".3.", 1)),
            segment(link, &Key::from([8; 32])),
        ];
        for index in 0..64 {
            let mut changed: Vec<char> = tag.chars().collect();
            changed[index] = if changed[index] == '0' { '1' } else { '0' };
            bad.push(format!("{told}.{}", changed.iter().collect::<String>()));
        }
        for segment in bad {
            assert_eq!(SignedLink::read(&segment, &key, at(0)), Err(NotTaken::Forged), "{segment}");
        }
    }
}

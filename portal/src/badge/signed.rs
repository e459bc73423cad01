//! Signed links to badges: whoever has one sees the level of that service, without signing in.
//!
//! A link holds for as long as the catalog keeps its key: a README is read for years.

use ring::hmac;
use seaworthy_catalog::Key;

/// The name of the key in the catalog.
pub(crate) const KEY: &str = "badge";

/// Says so that a signature of something else under the same key is none of this.
const MEANING: &str = "seaworthy badge";

/// What proves that this portal has made the link to the badge of a service.
pub(crate) fn tag(service: &str, key: &Key) -> String {
    hex::encode(hmac::sign(&signing(key), &signed(service)))
}

/// Whether it has.
pub(crate) fn is_genuine(tag: &str, service: &str, key: &Key) -> bool {
    hex::decode(tag).is_ok_and(|tag| hmac::verify(&signing(key), &signed(service), &tag).is_ok())
}

fn signed(service: &str) -> Vec<u8> {
    [MEANING.as_bytes(), b"\0", service.as_bytes()].concat()
}

fn signing(key: &Key) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_makes_or_changes_a_link() {
        let key = Key::from([7; 32]);
        let good = tag("reception", &key);
        assert!(is_genuine(&good, "reception", &key));
        assert!(!is_genuine(&good, "barista", &key), "of another service");
        assert!(!is_genuine(&tag("reception", &Key::from([8; 32])), "reception", &key), "of another portal");
        for bad in ["", "x", &good[..62], &format!("{good}00"), &"0".repeat(64)] {
            assert!(!is_genuine(bad, "reception", &key), "{bad}");
        }
    }
}

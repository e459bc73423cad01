//! What the build tells of itself.

#[path = "../../build.rs"]
#[allow(dead_code)]
mod script;

use std::time::{Duration, UNIX_EPOCH};

#[test]
fn the_time_of_a_build_is_what_was_said_or_else_now() {
    let now = UNIX_EPOCH + Duration::from_millis(1_763_740_800_999);
    assert_eq!(script::built_at(None, now), Ok(1_763_740_800));
    assert_eq!(script::built_at(Some("1700000000"), now), Ok(1_700_000_000));
    assert_eq!(script::built_at(None, UNIX_EPOCH - Duration::from_secs(1)), Ok(0), "a clock that is far off");
    for wrong in ["", "yesterday", "-1", "1.5"] {
        let error = script::built_at(Some(wrong), now).unwrap_err();
        assert!(error.contains("SOURCE_DATE_EPOCH") && error.contains(wrong), "{error}");
    }
}

//! Which profiles there are of the build that runs.

use seaworthy_checklist::{Fact, Source};
use seaworthy_telemetry::profile::LastProfile;

use super::{Found, names};
use crate::{readiness::known::Known, view::range::timestamp, web::link};

pub(super) fn add(known: &Known, found: &mut Found) {
    let running = known.build();
    let of_build = |version: &str| -> Vec<&LastProfile> {
        known.profiles.iter().filter(|profile| profile.version == version).collect()
    };
    // Where there is none of this build, those of another tell that they are of another.
    let latest = known.profiles.iter().max_by_key(|profile| profile.taken_at);
    let own = running.map(of_build).filter(|own| !own.is_empty());
    let seen = own.or_else(|| latest.map(|latest| of_build(&latest.version))).unwrap_or_default();
    let page = link::profiles(&known.service);
    let of = |build: Option<&str>, fact: Fact| Fact { build: build.map(str::to_owned), ..fact.link(page) };
    if let Some(last) = seen.iter().max_by_key(|profile| profile.taken_at) {
        let kinds = names(seen.iter().map(|profile| profile.kind.as_str()));
        let fact = Fact::new(kinds, timestamp(last.taken_at).min(known.now), Source::Telemetry);
        found.add(
            "profile_kinds",
            of(Some(&last.version).filter(|version| !version.is_empty()).map(String::as_str), fact),
        );
    } else if can_be_captured(known) {
        let fact = Fact::new(names(Vec::<String>::new()), known.now, Source::Telemetry);
        found.add("profile_kinds", of(running, fact));
    }
}

/// Whether any instance says that profiles can be had of it: where none can, nobody knows of any that were taken elsewhere.
fn can_be_captured(known: &Known) -> bool {
    known.speaking().iter().any(|one| one.check_in.observations.profiles.is_some())
}

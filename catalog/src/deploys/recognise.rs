//! Recognises deploys and rollbacks from the instances that came and went. Pure.
//!
//! Of each service in each environment there is one build that was deployed last: the tip. A process that starts after
//! the tip's first, with another build, begins a deploy, and the tip moves on to that build. The deploy is under way for as
//! long as an instance of any other build is there.
//!
//! Orchestrators start old builds again while a new one rolls out: what crashed, what was moved, what is scaled up. So a new
//! process of a build that was there before says nothing by itself. If the old build was on its way back, the new one goes
//! and stays away, and then the deploy has been taken back.

/// A build that came back within this time had crashed and was started again: no longer does Kubernetes wait before it
/// starts a container anew, which is five minutes, and a minute to get up.
const RESTART_MS: i64 = 6 * 60_000;
/// The same where a process of the other build was started last: it has been put in the place of what is gone.
const REPLACED_MS: i64 = 60_000;

/// What tells one build of a service from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeployedBuild {
    /// OpenTelemetry's `service.version`.
    pub version: String,
    /// OpenTelemetry's `vcs.ref.head.revision`, empty where unknown.
    pub commit: String,
}

/// Whether something newer was put in place, or something that had run before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeployKind {
    /// The build is newer to the environment than the one that ran, or comes again after a rollback.
    Deploy,
    /// The build had been there before the one that ran.
    Rollback,
}

/// An instance that names its version, in the environment looked at. Times are the portal's, but for the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) build: DeployedBuild,
    /// Whether it neither drains nor has stopped.
    pub(crate) running: bool,
    /// When its process started, by its own clock. Late messages do not change it.
    pub(crate) started_at: i64,
    pub(crate) first_seen_at: i64,
    /// When it stopped, or was last heard of before it was lost.
    pub(crate) gone_at: Option<i64>,
}

/// The build that was deployed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tip {
    pub(crate) build: DeployedBuild,
    /// The tip before; none where it was the first build seen.
    pub(crate) from: Option<DeployedBuild>,
    /// When the process started that began it.
    pub(crate) process_started_at: i64,
    /// When that was first seen.
    pub(crate) seen_at: i64,
    /// When the last instance of any other build had gone; none while it is under way.
    pub(crate) settled_at: Option<i64>,
}

/// What has to be changed next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// This build is the tip now.
    Begin {
        build: DeployedBuild,
        process_started_at: i64,
        seen_at: i64,
        /// Whether instances of it were there when the tip before began.
        there_before: bool,
        /// When the tip before ended.
        ended_at: i64,
    },
    /// The tip is alone since then.
    Settle { at: i64 },
    /// The tip is not alone after all.
    Unsettle,
}

/// The step that is due; none where everything stays as it is. To be asked again after every step, and always comes to an
/// end: a tip's process starts later than that of the tip before.
pub(crate) fn step(tip: Option<&Tip>, peers: &[Peer], now: i64) -> Option<Step> {
    let Some(tip) = tip else { return first(peers) };
    if let Some(begin) = announced(tip, peers).or_else(|| taken_back(tip, peers, now)) {
        return Some(begin);
    }
    let others = || peers.iter().filter(|peer| peer.build != tip.build);
    match (tip.settled_at, others().any(Peer::is_there)) {
        (None, false) => {
            let last = others().filter_map(|other| other.gone_at).max();
            Some(Step::Settle { at: last.unwrap_or(tip.seen_at).max(tip.seen_at) })
        }
        (Some(_), true) => Some(Step::Unsettle),
        _ => None,
    }
}

/// What became of the environment, from the places that builds have in the order in which they first ran there.
pub(crate) fn kind_of(place: Option<i64>, there_before: bool, place_of_tip: i64) -> DeployKind {
    match place {
        Some(place) if place < place_of_tip => DeployKind::Rollback,
        None if there_before => DeployKind::Rollback,
        _ => DeployKind::Deploy,
    }
}

fn first(peers: &[Peer]) -> Option<Step> {
    let newest = peers.iter().filter(|peer| peer.serves()).max_by_key(|peer| peer.started_at)?;
    Some(Step::Begin {
        build: newest.build.clone(),
        process_started_at: newest.started_at,
        seen_at: newest.first_seen_at,
        there_before: false,
        ended_at: newest.first_seen_at,
    })
}

/// A process that started after the tip's first, with a build that was not there when the tip began.
fn announced(tip: &Tip, peers: &[Peer]) -> Option<Step> {
    let news = peers
        .iter()
        .filter(|peer| peer.serves() && peer.build != tip.build && peer.started_at > tip.process_started_at)
        .filter(|peer| !may_be_a_restart(tip, peers, peer))
        .min_by_key(|peer| (peer.first_seen_at, peer.started_at))?;
    let seen_at = news.first_seen_at.max(tip.seen_at);
    Some(Step::Begin {
        build: news.build.clone(),
        process_started_at: news.started_at,
        seen_at,
        there_before: was_there(tip, peers, &news.build),
        ended_at: overtaken_at(tip, peers, seen_at),
    })
}

/// Whether an instance may have been started in the place of one that was there when the tip began: while that is under way,
/// and for a while after its last one crashed.
fn may_be_a_restart(tip: &Tip, peers: &[Peer], peer: &Peer) -> bool {
    let own_is_there = || peers.iter().any(|own| own.build == tip.build && own.is_there());
    let lately = match tip.settled_at {
        None => true,
        Some(settled_at) => peer.first_seen_at - settled_at < RESTART_MS && own_is_there(),
    };
    lately && was_there(tip, peers, &peer.build)
}

fn was_there(tip: &Tip, peers: &[Peer], build: &DeployedBuild) -> bool {
    let there = |peer: &Peer| {
        peer.build == *build
            && peer.started_at <= tip.process_started_at
            && peer.gone_at.is_none_or(|gone| gone >= tip.seen_at)
    };
    tip.from.as_ref() == Some(build) || peers.iter().any(there)
}

/// No instance of the tip is left, for longer than a restart takes, and others are there.
fn taken_back(tip: &Tip, peers: &[Peer], now: i64) -> Option<Step> {
    let own: Vec<&Peer> = peers.iter().filter(|peer| peer.build == tip.build).collect();
    let newest = peers.iter().filter(|peer| peer.serves()).max_by_key(|peer| peer.started_at)?;
    if own.iter().any(|peer| peer.is_there()) {
        return None;
    }
    let gone = || own.iter().filter_map(|peer| peer.gone_at);
    let gone_at = gone().max().unwrap_or(tip.seen_at).max(tip.seen_at);
    let started_last = own.iter().map(|peer| peer.started_at).max().unwrap_or(tip.process_started_at);
    let wait = if newest.started_at > started_last { REPLACED_MS } else { RESTART_MS };
    if now - gone_at < wait {
        return None;
    }
    // What took its place came before it had gone, or soon after; earlier ones were restarts.
    let earliest = gone().min().unwrap_or(gone_at) - RESTART_MS;
    let came = peers
        .iter()
        .filter(|peer| peer.build == newest.build && peer.started_at > tip.process_started_at)
        .map(|peer| peer.first_seen_at)
        .filter(|first_seen_at| *first_seen_at >= earliest)
        .min();
    let seen_at = came.unwrap_or(gone_at).max(tip.seen_at);
    Some(Step::Begin {
        build: newest.build.clone(),
        // Late words of what is gone are no news.
        process_started_at: newest.started_at.max(started_last).max(tip.process_started_at + 1),
        seen_at,
        there_before: was_there(tip, peers, &newest.build),
        ended_at: overtaken_at(tip, peers, seen_at),
    })
}

/// When a tip ended that the next one overtakes: now, or earlier if it was alone for a while before what kept it under way.
fn overtaken_at(tip: &Tip, peers: &[Peer], seen_at: i64) -> i64 {
    if let Some(settled_at) = tip.settled_at {
        return settled_at.min(seen_at);
    }
    let mut others: Vec<&Peer> = peers.iter().filter(|peer| peer.build != tip.build).collect();
    others.sort_by_key(|other| other.first_seen_at);
    // Where what it replaced is forgotten, nothing tells that it was alone.
    if !others.iter().any(|other| other.started_at <= tip.process_started_at) {
        return seen_at;
    }
    let mut alone_at = tip.seen_at;
    for other in others {
        if other.first_seen_at > alone_at {
            break;
        }
        alone_at = other.gone_at.map_or(seen_at, |gone| gone.max(alone_at));
    }
    alone_at.min(seen_at)
}

impl Peer {
    const fn is_there(&self) -> bool {
        self.gone_at.is_none()
    }

    const fn serves(&self) -> bool {
        self.running && self.is_there()
    }
}

#[cfg(test)]
mod tests;

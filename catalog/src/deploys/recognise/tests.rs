use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// What happens, at a second.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// An instance whose name begins with its build's letter is first seen, two seconds after its process started.
    Up(&'static str),
    /// The same, of a process that started at this second.
    Late(&'static str, i64),
    /// It is first seen when it drains already.
    Leaving(&'static str),
    /// It drains.
    Drains(&'static str),
    /// It stopped, or was last heard of.
    Gone(&'static str),
    /// It was counted as lost and is there after all.
    Back(&'static str),
    /// The catalog has forgotten it.
    Pruned(&'static str),
    /// Nothing.
    Look,
}

use Event::{Back, Drains, Gone, Late, Leaving, Look, Pruned, Up};

#[derive(Default)]
struct World {
    peers: BTreeMap<&'static str, Peer>,
    tips: Vec<(DeployKind, Tip)>,
}

impl World {
    fn happens(&mut self, second: i64, event: Event) {
        let at = second * 1000;
        let mut up = |name: &'static str, started_at| {
            let build = DeployedBuild { version: name[..1].into(), commit: String::new() };
            let peer = Peer { build, running: true, started_at, first_seen_at: at, gone_at: None };
            self.peers.insert(name, peer);
        };
        match event {
            Up(name) => up(name, at - 2000),
            Late(name, started) => up(name, started * 1000),
            Leaving(name) => {
                up(name, at - 2000);
                self.peers.get_mut(name).unwrap().running = false;
            }
            Drains(name) => self.peers.get_mut(name).unwrap().running = false,
            Gone(name) => self.peers.get_mut(name).unwrap().gone_at = Some(at),
            Back(name) => self.peers.get_mut(name).unwrap().gone_at = None,
            Pruned(name) => drop(self.peers.remove(name).unwrap()),
            Look => {}
        }
        self.review(at);
    }

    fn review(&mut self, now: i64) {
        let peers: Vec<Peer> = self.peers.values().cloned().collect();
        for round in 0.. {
            assert!(round < 50, "it does not come to an end: {:?}", self.tips);
            let Some(step) = step(self.tips.last().map(|(_, tip)| tip), &peers, now) else { return };
            self.take(step);
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Begin { build, process_started_at, seen_at, there_before, ended_at } => {
                let place = |build: &DeployedBuild| {
                    self.tips.iter().position(|(_, tip)| tip.build == *build).map(|place| place as i64)
                };
                let from = self.tips.last().map(|(_, tip)| tip.build.clone());
                let place_of_tip = from.as_ref().and_then(place).unwrap_or_default();
                let kind = kind_of(place(&build), there_before, place_of_tip);
                if let Some((_, tip)) = self.tips.last_mut() {
                    assert!(process_started_at > tip.process_started_at && seen_at >= tip.seen_at);
                    assert!((tip.seen_at..=seen_at).contains(&ended_at), "{tip:?} {ended_at}");
                    tip.settled_at = Some(ended_at);
                }
                self.tips.push((kind, Tip { build, from, process_started_at, seen_at, settled_at: None }));
            }
            Step::Settle { at } => self.tips.last_mut().unwrap().1.settled_at = Some(at),
            Step::Unsettle => self.tips.last_mut().unwrap().1.settled_at = None,
        }
    }

    /// Every tip but the first: `A>B 10-20`, `A>B 10-` while it is under way, with ` back` behind a rollback.
    fn told(&self) -> String {
        let tell = |(kind, tip): &(DeployKind, Tip)| {
            let from = &tip.from.as_ref()?.version;
            let until = tip.settled_at.map(|at| (at / 1000).to_string()).unwrap_or_default();
            let back = if *kind == DeployKind::Rollback { " back" } else { "" };
            Some(format!("{from}>{} {}-{until}{back}", tip.build.version, tip.seen_at / 1000))
        };
        self.tips.iter().filter_map(tell).collect::<Vec<_>>().join(", ")
    }
}

/// What it is called, what happens, and what is told of it.
type Case = (&'static str, &'static [(i64, Event)], &'static str);

const CASES: &[Case] = &[
    ("nothing", &[(0, Look)], ""),
    ("the first build that is seen is no deploy", &[(0, Up("A1")), (1, Up("A2")), (9, Look)], ""),
    (
        "restarts of the same build are none",
        &[(0, Up("A1")), (50, Gone("A1")), (60, Up("A2")), (70, Up("A3")), (80, Gone("A2")), (999, Up("A4"))],
        "",
    ),
    (
        "one after the other, none between",
        &[(0, Up("A1")), (50, Gone("A1")), (60, Up("B1")), (100, Gone("B1")), (110, Up("C1"))],
        "A>B 60-60, B>C 110-110",
    ),
    ("under way", &[(0, Up("A1")), (50, Up("B1")), (900, Look)], "A>B 50-"),
    ("ended", &[(0, Up("A1")), (50, Up("B1")), (60, Drains("A1")), (65, Gone("A1"))], "A>B 50-65"),
    (
        "a rolling deploy of many is one",
        &[
            (0, Up("A1")),
            (1, Up("A2")),
            (2, Up("A3")),
            (50, Up("B1")),
            (55, Gone("A1")),
            (60, Up("B2")),
            (62, Gone("B1")),
            (63, Up("A4")),
            (65, Up("B3")),
            (66, Gone("A4")),
            (70, Gone("A2")),
            (75, Up("A5")),
            (80, Gone("A3")),
            (81, Up("B4")),
            (90, Gone("A5")),
            (900, Look),
        ],
        "A>B 50-90",
    ),
    (
        "the new build crashes, all of it, and comes again",
        &[
            (0, Up("A1")),
            (50, Up("B1")),
            (55, Gone("B1")),
            (75, Up("B2")),
            (80, Gone("B2")),
            (379, Look),
            (380, Up("B3")),
            (400, Gone("A1")),
            (999, Look),
        ],
        "A>B 50-400",
    ),
    (
        "the last of the old build crashes and is started again before it goes",
        &[
            (0, Up("A1")),
            (1, Up("A2")),
            (50, Up("B1")),
            (60, Gone("A1")),
            (61, Gone("A2")),
            (80, Up("A3")),
            (90, Up("B2")),
            (95, Gone("A3")),
            (999, Look),
        ],
        "A>B 50-95",
    ),
    (
        "a canary that stays while the old build is scaled",
        &[(0, Up("A1")), (50, Up("B1")), (4000, Up("A2")), (9000, Gone("A1")), (9100, Up("A3"))],
        "A>B 50-",
    ),
    (
        "rolled back after it ended",
        &[(0, Up("A1")), (50, Up("B1")), (60, Gone("A1")), (600, Up("A2")), (605, Gone("B1"))],
        "A>B 50-60, B>A 600-605 back",
    ),
    (
        "rolled back at once, one after the other",
        &[(0, Up("A1")), (49, Gone("A1")), (50, Up("B1")), (70, Gone("B1")), (72, Up("A2"))],
        "A>B 50-50, B>A 72-72 back",
    ),
    (
        "rolled back soon after it ended, the old before the new goes",
        &[(0, Up("A1")), (50, Up("B1")), (60, Gone("A1")), (80, Up("A2")), (85, Gone("B1")), (145, Look)],
        "A>B 50-60, B>A 80-85 back",
    ),
    (
        "taken back before it ended, with new processes of the old build",
        &[
            (0, Up("A1")),
            (1, Up("A2")),
            (50, Up("B1")),
            (60, Gone("A1")),
            (90, Up("A3")),
            (95, Gone("B1")),
            (155, Look),
        ],
        "A>B 50-90, B>A 90-95 back",
    ),
    (
        "the same, not known yet",
        &[(0, Up("A1")), (50, Up("B1")), (90, Up("A3")), (95, Gone("B1")), (154, Look)],
        "A>B 50-",
    ),
    (
        "taken back before it ended, and only what was new has gone",
        &[(0, Up("A1")), (50, Up("B1")), (95, Gone("B1")), (454, Look), (455, Look)],
        "A>B 50-95, B>A 95-95 back",
    ),
    (
        "what was taken back comes again",
        &[(0, Up("A1")), (50, Up("B1")), (95, Gone("B1")), (500, Look), (600, Up("B2")), (610, Gone("A1"))],
        "A>B 50-95, B>A 95-95 back, A>B 600-610",
    ),
    (
        "a restart before a canary is taken back is not when that began",
        &[
            (0, Up("A1")),
            (50, Up("B1")),
            (60, Up("A2")),
            (61, Gone("A1")),
            (4000, Up("A3")),
            (4005, Gone("B1")),
            (4100, Look),
        ],
        "A>B 50-4000, B>A 4000-4005 back",
    ),
    (
        "a third build overtakes the second",
        &[
            (0, Up("A1")),
            (50, Up("B1")),
            (70, Up("C1")),
            (75, Gone("A1")),
            (80, Up("B2")),
            (85, Gone("B1")),
            (86, Gone("B2")),
        ],
        "A>B 50-70, B>C 70-86",
    ),
    (
        "back by two, then forward by one",
        &[
            (0, Up("A1")),
            (50, Gone("A1")),
            (50, Up("B1")),
            (90, Gone("B1")),
            (90, Up("C1")),
            (500, Gone("C1")),
            (500, Up("A2")),
            (900, Gone("A2")),
            (900, Up("B2")),
        ],
        "A>B 50-50, B>C 90-90, C>A 500-500 back, A>B 900-900",
    ),
    (
        "a late word of an old process is no news, and keeps the deploy under way",
        &[(0, Up("A1")), (50, Up("B1")), (60, Gone("A1")), (70, Late("A2", 10)), (999, Look)],
        "A>B 50-",
    ),
    (
        "a portal that was away sees the newest first, or last",
        &[
            (0, Up("A1")),
            (500, Late("C1", 450)),
            (501, Gone("A1")),
            (502, Late("B1", 400)),
            (503, Gone("B1")),
        ],
        "A>C 500-503",
    ),
    (
        "the other way round",
        &[
            (0, Up("A1")),
            (500, Late("B1", 400)),
            (501, Late("C1", 450)),
            (502, Gone("A1")),
            (503, Gone("B1")),
        ],
        "A>B 500-501, B>C 501-503",
    ),
    (
        "one that was counted as lost is there after all",
        &[(0, Up("A1")), (50, Up("B1")), (60, Gone("A1")), (300, Back("A1")), (350, Gone("A1"))],
        "A>B 50-350",
    ),
    (
        "the tip was counted as lost and is there after all",
        &[(0, Up("A1")), (50, Up("B1")), (60, Gone("B1")), (100, Look), (110, Back("B1")), (120, Gone("A1"))],
        "A>B 50-120",
    ),
    (
        "instances are forgotten while a deploy is under way",
        &[
            (0, Up("A1")),
            (1, Up("A2")),
            (50, Up("B1")),
            (60, Gone("A1")),
            (4000, Pruned("A1")),
            (4100, Up("A3")),
            (4200, Gone("A2")),
            (8000, Pruned("A2")),
            (8100, Gone("A3")),
        ],
        "A>B 50-8100",
    ),
    (
        "all instances are forgotten, and the tip is not",
        &[(0, Up("A1")), (50, Gone("A1")), (99, Pruned("A1")), (900, Up("A2")), (950, Up("B1"))],
        "A>B 950-",
    ),
    (
        "scaled to nothing and back",
        &[(0, Up("A1")), (50, Up("B1")), (60, Gone("A1")), (70, Gone("B1")), (9000, Up("B2"))],
        "A>B 50-60",
    ),
    (
        "one that drains when it is first seen begins nothing",
        &[(0, Up("A1")), (50, Leaving("B1")), (56, Gone("B1")), (999, Look)],
        "",
    ),
    (
        "a portal that comes while a deploy is under way",
        &[(0, Late("B1", -10)), (1, Late("A1", -999)), (2, Up("A2")), (3, Gone("A1")), (4, Gone("A2"))],
        "",
    ),
    (
        "the same, taken back",
        &[(0, Late("B1", -10)), (1, Late("A1", -999)), (9, Gone("B1")), (400, Look)],
        "B>A 9-9 back",
    ),
];

#[test]
fn deploys_and_rollbacks_are_recognised() {
    for (name, events, expected) in CASES {
        let mut world = World::default();
        for (second, event) in *events {
            world.happens(*second, *event);
        }
        assert_eq!(world.told(), *expected, "{name}");
        let (before, at) = (world.told(), events.last().unwrap().0 * 1000);
        world.review(at);
        assert_eq!(world.told(), before, "{name}: looked at again");
    }
}

#[test]
fn builds_differ_by_commit_too() {
    let build = |commit: &str| DeployedBuild { version: "1".into(), commit: commit.into() };
    let peer = |commit, started_at| Peer {
        build: build(commit),
        running: true,
        started_at,
        first_seen_at: started_at,
        gone_at: None,
    };
    let mut world = World::default();
    world.peers.extend([("A1", peer("a", 1)), ("B1", peer("b", 2))]);
    world.review(3);
    assert_eq!(world.tips.last().map(|(_, tip)| tip.build.clone()), Some(build("b")));
}

#[test]
fn a_rollback_goes_to_what_was_there_before() {
    for (place, there_before, place_of_tip, expected) in [
        (None, false, 1, DeployKind::Deploy),
        (None, true, 1, DeployKind::Rollback),
        (Some(1), true, 2, DeployKind::Rollback),
        (Some(1), false, 2, DeployKind::Rollback),
        (Some(3), true, 2, DeployKind::Deploy),
    ] {
        assert_eq!(kind_of(place, there_before, place_of_tip), expected, "{place:?} {there_before}");
    }
}

const NAMES: [&str; 9] = ["A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3"];

proptest! {
    /// Whatever comes and goes: it comes to an end (the world sees to that), looking again changes nothing, and what is told
    /// is in order.
    #[test]
    fn every_history_makes_sense(events in prop::collection::vec((0..400_i64, 0..6, 0..NAMES.len(), 0..400_i64), 0..60)) {
        let (mut world, mut second) = (World::default(), 1_000);
        for (after, what, name, before) in events {
            second += after;
            let name = NAMES[name];
            let event = match what {
                0 | 1 => Up(name),
                2 => Late(name, second - before),
                _ if !world.peers.contains_key(name) => Look,
                3 => Gone(name),
                4 => Back(name),
                _ => Pruned(name),
            };
            world.happens(second, event);
            let told = world.told();
            world.review(second * 1000);
            prop_assert_eq!(world.told(), told);
        }
        for (_, tip) in &world.tips {
            prop_assert!(tip.from.as_ref() != Some(&tip.build), "{:?}", tip);
            prop_assert!(tip.settled_at.is_none_or(|at| at >= tip.seen_at), "{:?}", tip);
        }
        for pair in world.tips.windows(2) {
            prop_assert!(pair[0].1.settled_at.is_some_and(|at| at <= pair[1].1.seen_at), "{:?}", pair);
        }
    }
}

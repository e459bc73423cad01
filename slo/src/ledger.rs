//! Good and total events by minute, for the whole of a window.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    Budgeting, Counts, Coverage, Exclusions, Known, Minute, PackedHour, Unreadable,
    hour::{Hour, Why, tally},
};

const HOUR: i64 = 60;

/// What is known of some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// What the budget is counted in: events, or slices.
    pub counts: Counts,
    /// Events.
    pub events: Counts,
    /// Minutes that were told of, whether something happened in them or not.
    pub covered_minutes: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.counts += other.counts;
        self.events += other.events;
        self.covered_minutes += other.covered_minutes;
    }
}

/// Events by minute. Minutes that nobody told of are not in it; they are neither good nor bad.
///
/// A minute told of again replaces what was known of it, so that late and doubled points do not bend anything.
///
/// Hours that are long over can be [folded](Self::fold_before): their sums stay, at a fraction of the memory.
#[derive(Clone, Debug)]
pub struct Ledger {
    budgeting: Budgeting,
    hours: BTreeMap<i64, Hour>,
}

impl Ledger {
    /// A ledger of which nothing is known yet.
    pub fn new(budgeting: Budgeting) -> Self {
        Self { budgeting, hours: BTreeMap::new() }
    }

    /// How the budget is counted.
    pub fn budgeting(&self) -> Budgeting {
        self.budgeting
    }

    /// What happened in a minute.
    pub fn record(&mut self, minute: Minute, counts: Counts) {
        self.note(minute, Known::Events(counts));
    }

    /// What became known of a minute. Of a folded hour nothing else is known after it: [load](Self::load) it before.
    pub fn note(&mut self, minute: Minute, known: Known) {
        let index = minute.0.div_euclid(HOUR);
        let mut minutes = self.hours.get(&index).map_or([Known::Nothing; 60], Hour::minutes);
        minutes[minute.0.rem_euclid(HOUR) as usize] = known;
        self.hours.insert(index, Hour::of(self.budgeting, PackedHour::pack(&minutes), &minutes));
    }

    /// Takes an hour as it was [packed](Self::packed). `hour` counts from the Unix epoch.
    ///
    /// # Errors
    /// When the bytes are not those of a packed hour.
    pub fn load(&mut self, hour: i64, packed: PackedHour) -> Result<(), Unreadable> {
        let minutes = packed.unpack()?;
        self.hours.insert(hour, Hour::of(self.budgeting, packed, &minutes));
        Ok(())
    }

    /// An hour as it is to be kept; none of which nothing is known, or that is folded.
    pub fn packed(&self, hour: i64) -> Option<&PackedHour> {
        self.hours.get(&hour)?.packed.as_ref()
    }

    /// Keeps only the sums of the hours before the one in which `minute` lies, but for those that a range with these
    /// exclusions counts in part.
    pub fn fold_before(&mut self, minute: Minute, range: &Range<Minute>, exclusions: &Exclusions) {
        for (index, hour) in self.hours.range_mut(..minute.0.div_euclid(HOUR)) {
            if !in_part(*index, range, exclusions) {
                hour.packed = None;
            }
        }
    }

    /// The folded hours that a range with these exclusions counts in part: they must be [loaded](Self::load) again first.
    pub fn lacking(&self, range: &Range<Minute>, exclusions: &Exclusions) -> Vec<i64> {
        let folded = self.hours.iter().filter(|(_, hour)| hour.packed.is_none());
        folded.map(|(index, _)| *index).filter(|index| in_part(*index, range, exclusions)).collect()
    }

    /// Forgets the hours before the one in which `minute` lies.
    pub fn forget_before(&mut self, minute: Minute) {
        self.hours = self.hours.split_off(&minute.0.div_euclid(HOUR));
    }

    /// What happened in a minute; none where the service did not tell.
    pub fn minute(&self, minute: Minute) -> Option<Counts> {
        self.known(minute).events()
    }

    /// What is known of a minute.
    pub fn known(&self, minute: Minute) -> Known {
        let hour = self.hours.get(&minute.0.div_euclid(HOUR));
        hour.map_or(Known::Nothing, |hour| hour.minutes()[minute.0.rem_euclid(HOUR) as usize])
    }

    /// How much of a range is known, and why not all of it, without what is excluded. What of a folded hour lies in it in part
    /// counts as unknown.
    pub fn coverage(&self, range: Range<Minute>, exclusions: &Exclusions) -> Coverage {
        let minutes = (range.end.0 - range.start.0).max(0).unsigned_abs();
        let excluded = exclusions.minutes_within(&range);
        let mut coverage = Coverage { excluded, ..Coverage::default() };
        for (_, why) in self.parts(&range, exclusions) {
            coverage.add(why);
        }
        let known = coverage.told() + coverage.agent_lost + coverage.down;
        coverage.unknown = minutes.saturating_sub(excluded).saturating_sub(known);
        coverage
    }

    /// The minutes in which most events were bad, worst first, at most `most` of them.
    pub fn worst(&self, range: Range<Minute>, exclusions: &Exclusions, most: usize) -> Vec<(Minute, Counts)> {
        let hours = range.start.0.div_euclid(HOUR)..=(range.end.0 - 1).div_euclid(HOUR);
        let bad_hours = self.hours.range(hours).filter(|(_, hour)| hour.sum.events.bad() > 0);
        let minutes = bad_hours.flat_map(|(index, hour)| {
            let known = hour.minutes();
            (0..)
                .zip(known)
                .filter_map(move |(offset, known)| Some((Minute(index * HOUR + offset), known.events()?)))
        });
        let mut bad: Vec<(Minute, Counts)> = minutes
            .filter(|(minute, counts)| {
                counts.bad() > 0 && range.contains(minute) && !exclusions.contain(*minute)
            })
            .collect();
        bad.sort_by_key(|(minute, counts)| (std::cmp::Reverse(counts.bad()), *minute));
        bad.truncate(most);
        bad
    }

    /// All that is known of a range, without what is excluded. Takes time by the hour, not by the minute. What of a folded hour
    /// lies in it in part is left out.
    pub fn tally(&self, range: Range<Minute>, exclusions: &Exclusions) -> Tally {
        let mut sum = Tally::default();
        for (part, _) in self.parts(&range, exclusions) {
            sum.add(part);
        }
        sum
    }

    /// What each hour has in a range, without what is excluded.
    fn parts<'l>(
        &'l self,
        range: &'l Range<Minute>,
        exclusions: &'l Exclusions,
    ) -> impl Iterator<Item = (Tally, Why)> + 'l {
        let hours = range.start.0.div_euclid(HOUR)..(range.end.0 - 1).div_euclid(HOUR) + 1;
        let hours = if hours.start < hours.end { hours } else { 0..0 };
        self.hours.range(hours).map(move |(index, hour)| {
            if !in_part(*index, range, exclusions) {
                return (hour.sum, hour.why);
            }
            let mut minutes = hour.minutes();
            for (minute, known) in (index * HOUR..).map(Minute).zip(&mut minutes) {
                if !range.contains(&minute) || exclusions.contain(minute) {
                    *known = Known::Nothing;
                }
            }
            (tally(self.budgeting, &minutes), Why::of(&minutes))
        })
    }
}

/// Whether some minutes of an hour count, and others do not.
fn in_part(hour: i64, range: &Range<Minute>, exclusions: &Exclusions) -> bool {
    let whole = Minute(hour * HOUR)..Minute((hour + 1) * HOUR);
    let apart = whole.end <= range.start || range.end <= whole.start;
    let inside = range.start <= whole.start && whole.end <= range.end;
    !apart && (!inside || exclusions.touch(&whole))
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::Slices;

    fn counts() -> impl Strategy<Value = Counts> {
        (0_u64..5_000, 0_u64..5_000).prop_map(|(a, b)| Counts::new(a.min(b), a.max(b)).unwrap())
    }

    /// Minutes of three hours, some of them unknown.
    fn minutes() -> impl Strategy<Value = Vec<(i64, Counts)>> {
        vec((0_i64..180, counts()), 0..200)
    }

    fn ledger(minutes: &[(i64, Counts)], budgeting: Budgeting) -> Ledger {
        let mut ledger = Ledger::new(budgeting);
        for (minute, counts) in minutes {
            ledger.record(Minute(*minute), *counts);
        }
        ledger
    }

    proptest! {
        #[test]
        fn any_grouping_of_minutes_gives_the_same_sum(minutes in minutes(), cut in 0_i64..180) {
            let ledger = ledger(&minutes, Budgeting::Occurrences);
            let none = Exclusions::default();
            let mut parts = ledger.tally(Minute(0)..Minute(cut), &none);
            parts.add(ledger.tally(Minute(cut)..Minute(180), &none));
            prop_assert_eq!(parts, ledger.tally(Minute(0)..Minute(180), &none));
            // And the same as minute by minute.
            let one_by_one = (0..180).filter_map(|minute| ledger.minute(Minute(minute)));
            let sum = one_by_one.clone().fold(Counts::default(), |sum, counts| sum + counts);
            prop_assert_eq!(parts.counts, sum);
            prop_assert_eq!(parts.covered_minutes, one_by_one.count() as u64);
        }

        #[test]
        fn any_order_gives_the_same_sum(minutes in minutes()) {
            // The same minute told of twice counts once: keep its last.
            let known: BTreeMap<i64, Counts> = minutes.into_iter().collect();
            let forward: Vec<_> = known.clone().into_iter().collect();
            let backward: Vec<_> = known.into_iter().rev().collect();
            let whole = Minute(0)..Minute(180);
            let sum = |minutes: &[_]| ledger(minutes, Budgeting::Occurrences).tally(whole.clone(), &Exclusions::default());
            prop_assert_eq!(sum(&forward), sum(&backward));
        }

        #[test]
        fn folding_changes_no_sum(minutes in minutes(), from in 0_i64..90, to in 90_i64..180, out in 0_i64..180, long in 0_i64..90) {
            let exclusions = Exclusions::new([Minute(out)..Minute(out + long)]);
            let range = Minute(from)..Minute(to);
            let whole = ledger(&minutes, Budgeting::Occurrences);
            let mut folded = whole.clone();
            folded.fold_before(Minute(180), &range, &exclusions);
            prop_assert!(folded.lacking(&range, &exclusions).is_empty());
            prop_assert_eq!(folded.tally(range.clone(), &exclusions), whole.tally(range.clone(), &exclusions));
            prop_assert_eq!(folded.coverage(range.clone(), &exclusions), whole.coverage(range, &exclusions));
            // Another range counts other hours in part: they are told, and loaded again they count.
            let other = Minute(from + 7)..Minute(to);
            for hour in folded.lacking(&other, &exclusions) {
                folded.load(hour, whole.packed(hour).unwrap().clone()).unwrap();
            }
            prop_assert_eq!(folded.tally(other.clone(), &exclusions), whole.tally(other, &exclusions));
        }

        #[test]
        fn what_is_excluded_is_as_if_nobody_had_told_of_it(minutes in minutes(), from in 0_i64..180, long in 0_i64..90) {
            let excluded = Minute(from)..Minute(from + long);
            let without: Vec<_> =
                minutes.iter().copied().filter(|(minute, _)| !excluded.contains(&Minute(*minute))).collect();
            let whole = Minute(0)..Minute(180);
            let exclusions = Exclusions::new([excluded]);
            prop_assert_eq!(
                ledger(&minutes, Budgeting::Occurrences).tally(whole.clone(), &exclusions),
                ledger(&without, Budgeting::Occurrences).tally(whole, &Exclusions::default())
            );
        }

        #[test]
        fn an_hour_survives_being_kept(minutes in minutes()) {
            let before = ledger(&minutes, Budgeting::Occurrences);
            let mut after = Ledger::new(Budgeting::Occurrences);
            for hour in 0..3 {
                if let Some(packed) = before.packed(hour) {
                    after.load(hour, PackedHour::from_bytes(packed.as_bytes())).unwrap();
                }
            }
            for minute in 0..180 {
                prop_assert_eq!(before.minute(Minute(minute)), after.minute(Minute(minute)));
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..300)) {
            let _ = Ledger::new(Budgeting::Occurrences).load(0, PackedHour::from_bytes(bytes));
        }
    }

    #[test]
    fn a_slice_is_good_or_bad_as_a_whole_and_nothing_without_events() {
        let slices = Slices { minutes: 5, target: "95".parse().unwrap() };
        let mut ledger = Ledger::new(Budgeting::Slices(slices));
        let of = |good, total| Counts::new(good, total).unwrap();
        // 95 of 100 is just good, though one minute of it was not.
        ledger.record(Minute(0), of(45, 50));
        ledger.record(Minute(4), of(50, 50));
        // 94 of 100 is bad.
        ledger.record(Minute(5), of(94, 100));
        // Told of, but nothing happened.
        ledger.record(Minute(10), of(0, 0));
        let tally = ledger.tally(Minute(0)..Minute(60), &Exclusions::default());
        assert_eq!((tally.counts.good(), tally.counts.total(), tally.covered_minutes), (1, 2, 4));
        assert_eq!(tally.events, of(189, 200));
    }

    #[test]
    fn what_is_not_known_is_told_apart_and_kept() {
        let mut before = Ledger::new(Budgeting::Occurrences);
        for (minute, known) in [
            (0, Known::Events(Counts::new(1, 1).unwrap())),
            (1, Known::Events(Counts::default())),
            (2, Known::AgentLost),
            (3, Known::Down),
            (59, Known::Down),
            (60, Known::AgentLost),
        ] {
            before.note(Minute(minute), known);
        }
        let mut after = Ledger::new(Budgeting::Occurrences);
        for hour in [0, 1] {
            let kept = before.packed(hour).unwrap().as_bytes();
            after.load(hour, PackedHour::from_bytes(kept)).unwrap();
        }
        let excluded = Exclusions::new([Minute(59)..Minute(60)]);
        let coverage = after.coverage(Minute(0)..Minute(120), &excluded);
        let expected = Coverage { busy: 1, quiet: 1, agent_lost: 2, down: 1, unknown: 114, excluded: 1 };
        assert_eq!((coverage, coverage.told()), (expected, 2));
        assert_eq!(coverage.share(), Some(2.0 / 119.0));
        assert_eq!(after.tally(Minute(0)..Minute(120), &Exclusions::default()).covered_minutes, 2);
        assert_eq!(after.coverage(Minute(59)..Minute(60), &excluded).share(), None);
    }

    #[test]
    fn the_worst_minutes_come_first() {
        let of = |bad: u64| Counts::new(10 - bad, 10).unwrap();
        let minutes = [(0, of(1)), (59, of(3)), (60, of(0)), (61, of(3)), (170, of(9)), (171, of(2))];
        let ledger = ledger(&minutes, Budgeting::Occurrences);
        let excluded = Exclusions::new([Minute(171)..Minute(172)]);
        let worst = ledger.worst(Minute(0)..Minute(180), &excluded, 3);
        assert_eq!(worst, [(Minute(170), of(9)), (Minute(59), of(3)), (Minute(61), of(3))]);
        assert!(ledger.worst(Minute(60)..Minute(61), &excluded, 3).is_empty());
    }

    #[test]
    fn counts_are_checked() {
        assert_eq!(Counts::new(2, 1), Err(crate::TooManyGood { good: 2, total: 1 }));
        assert_eq!(Counts::default().sli(), None, "0 of 0 is no verdict");
        let many = Counts::new(u64::MAX - 1, u64::MAX).unwrap();
        assert_eq!((many + many).bad(), 2);
    }
}

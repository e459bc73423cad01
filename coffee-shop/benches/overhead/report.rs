//! The table.

use std::{collections::BTreeMap, fmt};

use super::{Asked, Kind, Order};

/// What came of every turn.
pub(crate) struct Report {
    order: Order,
    turns: BTreeMap<Kind, Vec<Asked>>,
}

impl Report {
    pub(crate) fn new(order: Order) -> Self {
        Self { order, turns: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, kind: Kind, asked: Asked) {
        self.turns.entry(kind).or_default().push(asked);
    }

    /// What came of every turn of a kind, beside the turn without the agent of the same round.
    fn compared(&self, kind: Kind, compare: impl Fn(&Asked, &Asked) -> f64) -> Spread {
        let without = self.turns.get(&Kind::Without).into_iter().flatten();
        let own = self.turns.get(&kind).into_iter().flatten();
        Spread::of(own.zip(without).map(|(own, without)| compare(own, without)))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: medians of the rounds, in brackets where the true one is with 95 % confidence",
            self.order.name()
        )?;
        writeln!(f, "| | requests a second | against none | CPU time of a request | against none |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        for (kind, turns) in &self.turns {
            let rate = Spread::of(turns.iter().map(|asked| asked.per_second)).median;
            let cpu = Spread::of(turns.iter().map(|asked| asked.cpu_micros)).median;
            write!(f, "| {} | {rate:.0} | ", kind.name())?;
            if *kind == Kind::Without {
                writeln!(f, "| {cpu:.1} µs | |")?;
                continue;
            }
            let rates =
                self.compared(*kind, |own, without| 100.0 * (own.per_second / without.per_second - 1.0));
            let cpus = self.compared(*kind, |own, without| own.cpu_micros - without.cpu_micros);
            writeln!(f, "{rates} % | {cpu:.1} µs | {cpus} µs |")?;
        }
        Ok(())
    }
}

/// A median, and between what it lies.
struct Spread {
    median: f64,
    low: f64,
    high: f64,
}

impl Spread {
    /// Where the median of all rounds that could be lies, with a confidence of 95 %, whatever their distribution: each round is
    /// above or below it as a coin falls.
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let count = values.len() as f64;
        let at = |place: f64| {
            values.get(place.clamp(0.0, (count - 1.0).max(0.0)) as usize).copied().unwrap_or(f64::NAN)
        };
        let aside = 1.96 * count.sqrt() / 2.0;
        let middle = (count - 1.0) / 2.0;
        Self {
            median: f64::midpoint(at(middle.floor()), at(middle.ceil())),
            low: at((count / 2.0 - aside).floor()),
            high: at((count / 2.0 + aside).ceil() - 1.0),
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+.1} ({:+.1} to {:+.1})", self.median, self.low, self.high)
    }
}

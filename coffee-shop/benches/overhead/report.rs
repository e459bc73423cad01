//! The table.

use std::{collections::BTreeMap, fmt};

use super::{Asked, Kind, Order};

/// What came of every turn.
#[derive(Default)]
pub(crate) struct Report(BTreeMap<Order, BTreeMap<Kind, Vec<Asked>>>);

impl Report {
    pub(crate) fn add(&mut self, order: Order, kind: Kind, asked: Asked) {
        self.0.entry(order).or_default().entry(kind).or_default().push(asked);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| | requests a second | against none, median of rounds | CPU time of a request | against none |"
        )?;
        writeln!(f, "|---|---|---|---|---|")?;
        for (order, kinds) in &self.0 {
            let Some(none) = kinds.get(&Kind::Without) else { continue };
            for (kind, turns) in kinds {
                let rate = median(turns.iter().map(|asked| asked.per_second));
                let cpu = median(turns.iter().map(|asked| asked.cpu_micros));
                write!(f, "| {}, {} | {rate:.0} | ", order.name(), kind.name())?;
                if *kind == Kind::Without {
                    writeln!(f, "| {cpu:.1} µs | |")?;
                    continue;
                }
                let rates = turns.iter().zip(none).map(|(own, none)| own.per_second / none.per_second - 1.0);
                let cpus = turns.iter().zip(none).map(|(own, none)| own.cpu_micros - none.cpu_micros);
                writeln!(f, "{:+.1} % | {cpu:.1} µs | {:+.1} µs |", 100.0 * median(rates), median(cpus))?;
            }
        }
        Ok(())
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

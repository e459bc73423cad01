//! A busy loop: a thread that computes for as long as it is there, and nobody asked it to.

use std::{
    hint::black_box,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};

/// A thread that takes a whole core. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Forecast(Arc<AtomicBool>);

impl Forecast {
    pub(super) fn begin() -> io::Result<Self> {
        let forecast = Self(Arc::default());
        let is_over = forecast.0.clone();
        thread::Builder::new().name("forecast".into()).spawn(move || {
            while !is_over.load(Relaxed) {
                black_box(forecast_demand(black_box(20_000)));
            }
        })?;
        Ok(forecast)
    }
}

impl Drop for Forecast {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

// Found by name in profiles, so it must be there in a release build too.
#[inline(never)]
fn forecast_demand(days: u32) -> f64 {
    (1..=days).map(|day| (f64::from(day) / 7.0).sin().abs().sqrt()).sum()
}

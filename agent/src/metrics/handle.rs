//! The service's own metrics.

use super::{Counter, Gauge, Histogram, Metric, UpDownCounter};
use crate::Handle;

/// The service's own metrics. They go to the portal and stand on `/metrics`.
///
/// `name` is as OpenTelemetry writes it (`shop.orders`), `unit` as UCUM does (`s`, `By`, `{order}`). The same name
/// gives the same metric. A name that is unfit, or in use with another kind or unit, gives a metric that works but is
/// not exported, and a warning in the log.
///
/// ```no_run
/// # fn main() -> Result<(), seaworthy_agent::StartError> {
/// let agent = seaworthy_agent::Agent::builder("reception").start()?;
/// let orders = agent.counter("shop.orders", "{order}", "Orders taken.");
/// let espressos = orders.series([("drink", "espresso")]);
/// espressos.add(1);
/// # Ok(()) }
/// ```
impl Handle {
    /// Counts what only ever grows.
    pub fn counter(&self, name: &str, unit: &str, description: &str) -> Metric<Counter> {
        self.shared.metrics.counter(name, unit, description)
    }

    /// Counts what comes and goes.
    pub fn up_down_counter(&self, name: &str, unit: &str, description: &str) -> Metric<UpDownCounter> {
        self.shared.metrics.up_down_counter(name, unit, description)
    }

    /// Shows a value that is what it is.
    pub fn gauge(&self, name: &str, unit: &str, description: &str) -> Metric<Gauge> {
        self.shared.metrics.gauge(name, unit, description)
    }

    /// Counts values by size.
    pub fn histogram(&self, name: &str, unit: &str, description: &str) -> Metric<Histogram> {
        self.shared.metrics.histogram(name, unit, description)
    }
}

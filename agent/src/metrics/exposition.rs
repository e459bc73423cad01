//! Metrics in Prometheus' text format 0.0.4, which OpenMetrics readers understand as well.

use std::{
    collections::{BTreeMap, HashSet},
    fmt::{self, Display, Formatter, Write},
};

use super::{
    Histogram,
    distribution::Distribution,
    family::Collected,
    instrument::{Kind, Reading},
    names::{labels, metric_name, sanitised},
};

/// The `Content-Type` of the page.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The whole page: each metric, and the resource as `target_info`.
pub(crate) fn render(metrics: Vec<Collected>, resource: &[(String, String)]) -> String {
    let mut page = Page::default();
    page.target_info(resource);
    metrics.into_iter().for_each(|metric| page.metric(&metric));
    page.text
}

type Labels = BTreeMap<String, String>;

#[derive(Default)]
struct Page {
    text: String,
    /// Names on the page. Two metrics of which Prometheus would see one (`a.b`, `a_b`) spoil it: the first wins.
    names: HashSet<String>,
}

impl Page {
    fn metric(&mut self, metric: &Collected) {
        let name = metric_name(&metric.description.name, &metric.description.unit, metric.kind);
        if metric.series.is_empty() || !self.names.insert(name.clone()) {
            return;
        }
        self.head(&name, &metric.description.text, type_of(metric.kind));
        let mut series: Vec<_> =
            metric.series.iter().map(|(with, reading)| (labels(with), reading)).collect();
        series.sort_by(|(a, _), (b, _)| a.cmp(b));
        series.dedup_by(|(a, _), (b, _)| a == b);
        for (labels, reading) in series {
            match reading {
                Reading::Whole(number) => self.sample(&name, "", &labels, None, number),
                Reading::Real(number) => self.sample(&name, "", &labels, None, Number(*number)),
                Reading::Distribution(counted) => {
                    self.distribution(&name, &labels, counted, Histogram::bounds(&metric.description.unit));
                }
            }
        }
    }

    fn target_info(&mut self, resource: &[(String, String)]) {
        if resource.is_empty() {
            return;
        }
        let labels = resource.iter().map(|(key, value)| (sanitised(key), value.clone())).collect();
        self.names.insert("target_info".to_owned());
        self.head("target_info", "What is measured: attributes of the OpenTelemetry resource.", "gauge");
        self.sample("target_info", "", &labels, None, 1);
    }

    fn distribution(&mut self, name: &str, labels: &Labels, counted: &Distribution, bounds: &[f64]) {
        let bounds = bounds.iter().copied().chain([f64::INFINITY]);
        let mut so_far = 0;
        for (bound, count) in bounds.zip(&counted.classic) {
            so_far += count;
            self.sample(name, "_bucket", labels, Some(bound), so_far);
        }
        self.sample(name, "_sum", labels, None, Number(counted.sum));
        self.sample(name, "_count", labels, None, counted.count);
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let help = if help.is_empty() { name } else { help };
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        self.write(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    fn sample(&mut self, name: &str, suffix: &str, labels: &Labels, le: Option<f64>, value: impl Display) {
        self.write(format_args!("{name}{suffix}{} {value}\n", LabelSet(labels, le)));
    }

    fn write(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.text.write_fmt(text);
    }
}

/// Labels in braces, with the upper bound of a bucket as the last.
struct LabelSet<'a>(&'a Labels, Option<f64>);

impl Display for LabelSet<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut separator = '{';
        for (name, value) in self.0 {
            write!(f, "{separator}{name}=\"{}\"", escaped(value))?;
            separator = ',';
        }
        if let Some(bound) = self.1 {
            write!(f, "{separator}le=\"{}\"", Number(bound))?;
            separator = ',';
        }
        if separator == ',' { f.write_char('}') } else { Ok(()) }
    }
}

/// Prometheus writes infinity with a sign.
struct Number(f64);

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            f64::INFINITY => f.write_str("+Inf"),
            f64::NEG_INFINITY => f.write_str("-Inf"),
            number => write!(f, "{number}"),
        }
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n")
}

fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "counter",
        Kind::UpDownCounter | Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
    }
}

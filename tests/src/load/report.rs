//! What came of it.

use std::fmt;

use serde::Serialize;

use super::{asking::Answered, comparison::Comparison, portal::Usage, sending::Sent};

/// The whole report; as JSON, or as text by its `Display`.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Cores that the tool and the portal share.
    pub(super) cores: usize,
    pub(super) connections: u16,
    pub(super) batch: u32,
    pub(super) compression: String,
    pub(super) sent: Sent,
    /// What the portal used until everything was acknowledged.
    pub(super) portal: Usage,
    /// What the tool used for making, encoding and sending, meanwhile.
    pub(super) sender: Usage,
    pub(super) disk: Disk,
    /// Asked of the store itself.
    pub(super) in_process: Vec<Answered>,
    /// Asked of `/api/v1/traces`.
    pub(super) over_http: Vec<Answered>,
    /// What the portal used to answer, from its start.
    pub(super) portal_answering: Usage,
    /// The store beside plain SQLite, if that was asked for.
    pub(super) comparison: Option<Comparison>,
}

/// Bytes of the telemetry folder.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Disk {
    /// Spans in it.
    pub(super) spans: u64,
    /// After the portal has ended.
    pub(super) bytes_per_span: f64,
    /// After small chunks have been joined as well.
    pub(super) joined_bytes_per_span: f64,
    /// How long joining took.
    pub(super) joining_seconds: f64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = &self.sent;
        writeln!(
            f,
            "{} cores, {} connections, {} spans a request, {}",
            self.cores, self.connections, self.batch, self.compression
        )?;
        writeln!(f)?;
        writeln!(f, "acknowledged spans      {:>12}  in {:.1} s", sent.acknowledged, sent.seconds)?;
        writeln!(f, "acknowledged a second   {:>12.0}", sent.spans_per_second)?;
        writeln!(f, "refused, come again     {:>12}  {}", sent.rejected, sent.come_again)?;
        let per_span = |bytes: u64| bytes as f64 / sent.acknowledged.max(1) as f64;
        writeln!(
            f,
            "bytes a span            {:>12.0}  as sent {:.0}",
            per_span(sent.bytes),
            per_span(sent.wire_bytes)
        )?;
        let latency = sent.latency;
        writeln!(
            f,
            "answer to a request     p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
            latency.p50_ms, latency.p99_ms, latency.max_ms
        )?;
        for (who, usage) in
            [("portal", self.portal), ("sender", self.sender), ("portal, answering", self.portal_answering)]
        {
            writeln!(
                f,
                "{who:<23} CPU {:.1} s, memory high water {} MiB, of its own now {} MiB",
                usage.cpu_seconds,
                usage.memory_high_water >> 20,
                usage.memory_own >> 20
            )?;
        }
        let disk = self.disk;
        writeln!(
            f,
            "bytes on disk a span    {:>12.1}  {:.1} after joining small chunks, which took {:.1} s",
            disk.bytes_per_span, disk.joined_bytes_per_span, disk.joining_seconds
        )?;
        for (title, answers) in [("in process", &self.in_process), ("over HTTP", &self.over_http)] {
            writeln!(f)?;
            writeln!(f, "{title:<36} {:>9} {:>9} {:>9}", "p50 ms", "p99 ms", "max ms")?;
            for answered in answers {
                write_answered(f, answered)?;
            }
        }
        match &self.comparison {
            Some(comparison) => write_comparison(f, comparison),
            None => Ok(()),
        }
    }
}

fn write_answered(f: &mut fmt::Formatter<'_>, answered: &Answered) -> fmt::Result {
    let latency = answered.latency;
    write!(
        f,
        "{:<36} {:>9.2} {:>9.2} {:>9.2}",
        answered.question, latency.p50_ms, latency.p99_ms, latency.max_ms
    )?;
    if answered.incomplete > 0 {
        write!(f, "  {} ran out of time", answered.incomplete)?;
    }
    writeln!(f)
}

fn write_comparison(f: &mut fmt::Formatter<'_>, comparison: &Comparison) -> fmt::Result {
    writeln!(f)?;
    let title = format!("{} spans in process", comparison.spans);
    writeln!(f, "{title:<36} {:>12} {:>14} {:>9}", "store", "row a span", "ratio")?;
    let measured = [
        ("spans a second", comparison.spans_per_second),
        ("bytes on disk a span", comparison.bytes_per_span),
    ];
    let answers = comparison.answers.iter().map(|(question, p50)| (format!("{question}, p50 ms"), *p50));
    for (what, [store, rows]) in measured.map(|(what, of)| (what.to_owned(), of)).into_iter().chain(answers) {
        writeln!(f, "{what:<36} {store:>12.2} {rows:>14.2} {:>9.3}", store / rows)?;
    }
    Ok(())
}

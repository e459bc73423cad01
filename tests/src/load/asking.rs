//! Asks the questions, of the store itself and of the portal over HTTP, and checks the answers.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use hyper::StatusCode;
use seaworthy_telemetry::{
    Telemetry,
    model::{TraceId, Window},
};
use serde::{Deserialize, Serialize};

use super::{
    agents::Sample,
    client::Client,
    latency::Latency,
    options::Options,
    questions::{Expected, Kind, Question},
};

/// How fast questions of one kind were answered.
#[derive(Debug, Serialize)]
pub(super) struct Answered {
    /// What was asked.
    pub(super) question: &'static str,
    pub(super) latency: Latency,
    /// Answers that were not complete: the search ran out of time.
    pub(super) incomplete: usize,
}

/// Who answers.
pub(super) enum Source<'s> {
    Store(&'s dyn Telemetry),
    Portal(Box<Client>),
}

/// What of an answer can be checked.
struct Answer {
    traces: Vec<TraceId>,
    /// Spans of the one trace that was asked for.
    spans: usize,
    incomplete: bool,
}

/// Asks questions of every kind, one after the other.
pub(super) async fn ask(
    source: &mut Source<'_>,
    options: &Options,
    samples: &[Sample],
    window: Window,
    whole: bool,
) -> anyhow::Result<Vec<Answered>> {
    let mut answered = Vec::new();
    for kind in Kind::ALL {
        let (mut latencies, mut incomplete) = (Vec::new(), 0);
        // Not in order of time: each question goes to another place.
        let shuffled = (0..10 * options.queries as usize).filter_map(|number| {
            let sample = samples.get(number * 7_919 % samples.len().max(1))?;
            Some((sample, kind.about(sample, number, window)?))
        });
        for (sample, question) in shuffled.take(options.queries as usize) {
            let (latency, answer) = source.answer(&question, options).await?;
            latencies.push(latency);
            incomplete += usize::from(answer.incomplete);
            if whole && !answer.incomplete {
                check(&question, &answer).with_context(|| format!("{} of {sample:?}", kind.label()))?;
            }
        }
        answered.push(Answered { question: kind.label(), latency: Latency::of(latencies), incomplete });
    }
    Ok(answered)
}

fn check(question: &Question, answer: &Answer) -> anyhow::Result<()> {
    match question {
        Question::Trace(_, spans) => {
            ensure!(answer.spans == *spans, "{} of {spans} spans came back", answer.spans);
        }
        Question::Search(_, Expected::Nothing) => {
            ensure!(answer.traces.is_empty(), "found what was never sent: {:?}", answer.traces);
        }
        Question::Search(query, Expected::Trace(id)) => {
            let found = answer.traces.contains(id) || answer.traces.len() >= query.limit;
            ensure!(found, "the trace is not among the {} found", answer.traces.len());
        }
        Question::Search(_, Expected::Full) => ensure!(!answer.traces.is_empty(), "nothing was found"),
    }
    Ok(())
}

impl Source<'_> {
    async fn answer(&mut self, question: &Question, options: &Options) -> anyhow::Result<(Duration, Answer)> {
        match self {
            Self::Store(store) => from_store(*store, question).await,
            Self::Portal(client) => from_portal(client, &question.path(options), question).await,
        }
    }
}

async fn from_store(store: &dyn Telemetry, question: &Question) -> anyhow::Result<(Duration, Answer)> {
    let begun = Instant::now();
    let answer = match question {
        Question::Trace(id, _) => {
            Answer { traces: vec![*id], spans: store.trace(*id).await?.spans.len(), incomplete: false }
        }
        Question::Search(query, _) => {
            let found = store.search(query.clone()).await?;
            let traces = found.traces.iter().map(|trace| trace.trace_id).collect();
            Answer { traces, spans: 0, incomplete: found.incomplete }
        }
    };
    Ok((begun.elapsed(), answer))
}

#[derive(Deserialize)]
struct TraceBody {
    spans: usize,
}

#[derive(Deserialize)]
struct TracesBody {
    traces: Vec<TraceRow>,
    more: bool,
}

#[derive(Deserialize)]
struct TraceRow {
    trace_id: String,
}

async fn from_portal(
    client: &mut Client,
    path: &str,
    question: &Question,
) -> anyhow::Result<(Duration, Answer)> {
    let begun = Instant::now();
    let answer = client.get(path).await?;
    let latency = begun.elapsed();
    if answer.status != StatusCode::OK {
        bail!("GET {path} was answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    }
    let answer = match question {
        Question::Trace(id, _) => {
            let body: TraceBody = serde_json::from_slice(&answer.body)?;
            Answer { traces: vec![*id], spans: body.spans, incomplete: false }
        }
        Question::Search(query, _) => {
            let body: TracesBody = serde_json::from_slice(&answer.body)?;
            let traces = body.traces.iter().map(|row| row.trace_id.parse()).collect::<Result<Vec<_>, _>>()?;
            let incomplete = body.more && traces.len() < query.limit;
            Answer { traces, spans: 0, incomplete }
        }
    };
    Ok((latency, answer))
}

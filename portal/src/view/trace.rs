//! One trace as a waterfall.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use seaworthy_telemetry::model::{Attributes, Span, SpanId, SpanKind, SpanStatus, TraceId, UnixNanos, Value};
use serde::Serialize;
use utoipa::ToSchema;

use super::range::timestamp;
use crate::{problem::Problem, state::App};

/// Spans shown at most. More than a person reads, and a page that a browser still likes.
const MOST_ROWS: usize = 5_000;

/// A trace.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TraceView {
    /// Its id.
    pub(crate) trace_id: String,
    /// Name of its root, or of its earliest span.
    pub(crate) name: String,
    /// Service of that span.
    pub(crate) service: String,
    /// When its earliest span began.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started_at: Timestamp,
    /// From the earliest start to the latest end.
    pub(crate) duration_nanos: u64,
    /// Its spans.
    pub(crate) spans: usize,
    /// Of them, failed.
    pub(crate) errors: usize,
    /// Its services, most own time first.
    pub(crate) services: Vec<ServiceShare>,
    /// What is missing or odd, in words.
    pub(crate) notes: Vec<String>,
    /// The spans, parents before their children, siblings by start.
    pub(crate) rows: Vec<SpanRow>,
}

/// One service's part in a trace.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ServiceShare {
    /// Its name.
    pub(crate) service: String,
    /// Its spans.
    pub(crate) spans: usize,
    /// Time on the critical path.
    pub(crate) critical_nanos: u64,
}

/// One span in the waterfall.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SpanRow {
    /// Its id.
    pub(crate) span_id: String,
    /// Its parent's id; none for a root.
    pub(crate) parent_span_id: Option<String>,
    /// How deep it is in the tree; 0 for a root.
    pub(crate) depth: usize,
    /// Spans below it.
    pub(crate) descendants: usize,
    /// Its name.
    pub(crate) name: String,
    /// Its service.
    pub(crate) service: String,
    /// Its instance, empty where unknown.
    pub(crate) instance: String,
    /// `server`, `client`, `internal`, …
    pub(crate) kind: &'static str,
    /// The system that a client span talks to (`sqlite`, `postgresql`), for database and messaging spans.
    pub(crate) system: Option<String>,
    /// From the start of the trace to its start.
    pub(crate) offset_nanos: u64,
    /// From its start to its end.
    pub(crate) duration_nanos: u64,
    /// Its duration less that of its children.
    pub(crate) own_nanos: u64,
    /// Parts of it on the critical path, as offset and length.
    pub(crate) critical: Vec<(u64, u64)>,
    /// Whether it failed.
    pub(crate) error: bool,
    /// What its status says.
    pub(crate) status_message: String,
    /// Its attributes.
    pub(crate) attributes: Vec<AttributeRow>,
    /// What happened during it.
    pub(crate) events: Vec<EventRow>,
    /// What it refers to.
    pub(crate) links: Vec<LinkRow>,
    /// Attributes of its resource.
    pub(crate) resource: Vec<AttributeRow>,
    /// The library that made it.
    pub(crate) scope: String,
    /// Attributes, events and links that its sender dropped.
    pub(crate) dropped: u32,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AttributeRow {
    /// Its key.
    pub(crate) key: String,
    /// Its value as text; structures as JSON.
    pub(crate) value: String,
}

/// One event of a span.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct EventRow {
    /// From the start of the trace; negative for an event before it.
    pub(crate) offset_nanos: i64,
    /// Its name.
    pub(crate) name: String,
    /// Its attributes.
    pub(crate) attributes: Vec<AttributeRow>,
}

/// One link of a span.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LinkRow {
    /// The other trace.
    pub(crate) trace_id: String,
    /// The span in it.
    pub(crate) span_id: String,
}

/// Loads a trace.
pub(crate) async fn load(app: &App, id: &str) -> Result<TraceView, Problem> {
    let unknown = || {
        Problem::not_found(
            "There is no such trace",
            format!(
                "No span of trace {id} is stored. It may be older than the {} days that are kept, not sampled, or \
                 still on its way.",
                app.settings().retention_days
            ),
        )
    };
    let trace_id: TraceId = id.trim().parse().map_err(|error| {
        Problem::new(
            axum::http::StatusCode::BAD_REQUEST,
            "This is not a trace id",
            format!("{id:?}: {error}. A trace id has 32 of them."),
        )
    })?;
    let spans = app.telemetry().trace(trace_id).await?;
    waterfall(trace_id, spans).ok_or_else(unknown)
}

/// Orders the spans of a trace as a waterfall; none without spans.
fn waterfall(trace_id: TraceId, spans: Vec<Span>) -> Option<TraceView> {
    let start = spans.iter().map(|span| span.start).min()?;
    let end = spans.iter().map(|span| span.end).max()?;
    let tree = Tree::of(&spans);
    let main = tree.main_root(&spans)?;
    let first = &spans[main];
    let critical = critical_path(&spans, &tree, main);
    let order = tree.in_order();
    let descendants = tree.descendants(&order);
    let rows = order
        .iter()
        .take(MOST_ROWS)
        .map(|(index, depth)| SpanRow {
            depth: *depth,
            descendants: descendants[*index],
            ..row(&spans, &tree, *index, start, &critical)
        })
        .collect();
    Some(TraceView {
        trace_id: trace_id.to_string(),
        name: first.name.clone(),
        service: first.resource.service.clone(),
        started_at: timestamp(start),
        duration_nanos: end - start,
        spans: spans.len(),
        errors: spans.iter().filter(|span| span.is_error()).count(),
        services: shares(&spans, &critical),
        notes: notes(&spans, &tree),
        rows,
    })
}

/// Who is whose child. Spans whose parent is missing, or that are their own ancestors, stand as roots.
struct Tree {
    roots: Vec<usize>,
    children: Vec<Vec<usize>>,
    /// Spans whose parent is not there.
    orphans: usize,
    /// Spans that were cut from a circle.
    circles: usize,
}

impl Tree {
    /// `spans` are in order of start, so children are too.
    fn of(spans: &[Span]) -> Self {
        let by_id: HashMap<SpanId, usize> =
            spans.iter().enumerate().map(|(index, span)| (span.span_id, index)).collect();
        let mut tree = Self { roots: vec![], children: vec![vec![]; spans.len()], orphans: 0, circles: 0 };
        let parents: Vec<Option<usize>> =
            spans.iter().map(|span| span.parent.and_then(|parent| by_id.get(&parent).copied())).collect();
        let mut reached = vec![false; spans.len()];
        for (index, span) in spans.iter().enumerate() {
            match parents[index] {
                Some(parent) => tree.children[parent].push(index),
                None => {
                    tree.orphans += usize::from(span.parent.is_some());
                    tree.roots.push(index);
                    reached[index] = true;
                }
            }
        }
        tree.mark_reached(&tree.roots, &mut reached);
        for index in 0..spans.len() {
            if !reached[index] {
                // Only a circle is out of reach of every root; cutting it anywhere opens it.
                if let Some(parent) = parents[index] {
                    tree.children[parent].retain(|child| *child != index);
                }
                tree.roots.push(index);
                tree.circles += 1;
                reached[index] = true;
                tree.mark_reached(&[index], &mut reached);
            }
        }
        tree
    }

    fn mark_reached(&self, from: &[usize], reached: &mut [bool]) {
        let mut open: Vec<usize> = from.to_vec();
        while let Some(index) = open.pop() {
            for child in &self.children[index] {
                if !reached[*child] {
                    reached[*child] = true;
                    open.push(*child);
                }
            }
        }
    }

    /// What the trace is about: the first span that has no parent, or else the first whose parent is missing.
    fn main_root(&self, spans: &[Span]) -> Option<usize> {
        let without_parent = self.roots.iter().find(|root| spans[**root].parent.is_none());
        without_parent.or(self.roots.first()).copied()
    }

    /// Every span with its depth, parents before children.
    fn in_order(&self) -> Vec<(usize, usize)> {
        let mut order = Vec::with_capacity(self.children.len());
        let mut open: Vec<(usize, usize)> = self.roots.iter().rev().map(|root| (*root, 0)).collect();
        while let Some((index, depth)) = open.pop() {
            order.push((index, depth));
            open.extend(self.children[index].iter().rev().map(|child| (*child, depth + 1)));
        }
        order
    }

    /// How many spans are below each.
    fn descendants(&self, order: &[(usize, usize)]) -> Vec<usize> {
        let mut counts = vec![0; self.children.len()];
        for (index, _) in order.iter().rev() {
            counts[*index] = self.children[*index].iter().map(|child| counts[*child] + 1).sum();
        }
        counts
    }
}

type Critical = HashMap<usize, Vec<(UnixNanos, UnixNanos)>>;

/// The parts of spans that the trace's duration consists of: going back from the end of the root, always in the child
/// that ended last before that time, else in the span itself. Source: CRISP (USENIX ATC 2022).
fn critical_path(spans: &[Span], tree: &Tree, root: usize) -> Critical {
    let mut critical = Critical::new();
    let mut open = vec![(root, spans[root].start, spans[root].end)];
    while let Some((index, from, to)) = open.pop() {
        let mut until = to;
        let mut children: Vec<usize> =
            tree.children[index].iter().copied().filter(|child| spans[*child].start < to).collect();
        children.sort_by_key(|child| std::cmp::Reverse(spans[*child].end));
        for child in children {
            let (start, end) = (spans[child].start.max(from), spans[child].end.min(until));
            // A child that still ran when the next one on the path began was beside the path, not on it; only what goes
            // on after its parent is cut to it.
            let beside = spans[child].end > until && until < to;
            if beside || start >= end {
                continue;
            }
            if end < until {
                critical.entry(index).or_default().push((end, until));
            }
            open.push((child, start, end));
            until = start;
        }
        if from < until {
            critical.entry(index).or_default().push((from, until));
        }
    }
    critical
}

fn shares(spans: &[Span], critical: &Critical) -> Vec<ServiceShare> {
    let mut shares: BTreeMap<&str, ServiceShare> = BTreeMap::new();
    for (index, span) in spans.iter().enumerate() {
        let service = span.resource.service.as_str();
        let share = shares.entry(service).or_insert_with(|| ServiceShare {
            service: service.to_owned(),
            spans: 0,
            critical_nanos: 0,
        });
        share.spans += 1;
        share.critical_nanos +=
            critical.get(&index).into_iter().flatten().map(|(from, to)| to - from).sum::<u64>();
    }
    let mut shares: Vec<ServiceShare> = shares.into_values().collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.critical_nanos));
    shares
}

fn notes(spans: &[Span], tree: &Tree) -> Vec<String> {
    let mut notes = Vec::new();
    if tree.orphans > 0 {
        notes.push(format!(
            "The parents of {} are missing: not sampled, lost, or still on their way. They stand at the top.",
            counted(tree.orphans, "span")
        ));
    }
    if tree.circles > 0 {
        notes.push(format!("{} among its own ancestors; shown at the top.", counted(tree.circles, "span")));
    }
    let skewed = tree
        .children
        .iter()
        .enumerate()
        .flat_map(|(parent, children)| children.iter().map(move |child| (parent, *child)))
        .filter(|(parent, child)| spans[*child].start < spans[*parent].start)
        .filter(|(parent, child)| spans[*child].resource.instance != spans[*parent].resource.instance)
        .count();
    if skewed > 0 {
        notes.push(format!(
            "{} before the parent's start: the clocks of the machines differ. Times are shown as sent.",
            counted(skewed, "span")
        ));
    }
    if spans.len() > MOST_ROWS {
        notes.push(format!("The first {MOST_ROWS} of {} spans are shown.", spans.len()));
    }
    notes
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// A span's row; its place in the tree is filled in by the caller.
fn row(spans: &[Span], tree: &Tree, index: usize, trace_start: UnixNanos, critical: &Critical) -> SpanRow {
    let span = &spans[index];
    let mut parts: Vec<(u64, u64)> = critical
        .get(&index)
        .into_iter()
        .flatten()
        .map(|(from, to)| (from - trace_start, to - from))
        .collect();
    parts.sort_unstable();
    SpanRow {
        span_id: span.span_id.to_string(),
        parent_span_id: span.parent.map(|parent| parent.to_string()),
        depth: 0,
        descendants: 0,
        name: span.name.clone(),
        service: span.resource.service.clone(),
        instance: span.resource.instance.clone(),
        kind: kind(span.kind),
        system: system(span),
        offset_nanos: span.start - trace_start,
        duration_nanos: span.duration(),
        own_nanos: own_time(spans, tree, index),
        critical: parts,
        error: span.is_error(),
        status_message: match &span.status {
            SpanStatus::Error(message) => message.clone(),
            SpanStatus::Ok | SpanStatus::Unset => String::new(),
        },
        attributes: attribute_rows(&span.attributes),
        events: events(span, trace_start),
        links: span
            .links
            .iter()
            .map(|link| LinkRow { trace_id: link.trace_id.to_string(), span_id: link.span_id.to_string() })
            .collect(),
        resource: attribute_rows(&span.resource.attributes),
        scope: format!("{} {}", span.scope.name, span.scope.version).trim().to_owned(),
        dropped: span
            .dropped_attributes
            .saturating_add(span.dropped_events)
            .saturating_add(span.dropped_links),
    }
}

fn kind(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Unspecified => "unspecified",
        SpanKind::Internal => "internal",
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
    }
}

fn system(span: &Span) -> Option<String> {
    ["db.system.name", "db.system", "messaging.system"].into_iter().find_map(|key| {
        span.attributes
            .iter()
            .find(|(known, _)| known == key)
            .and_then(|(_, value)| Some(value.as_text()?.into_owned()))
    })
}

/// The time in which none of its children ran.
fn own_time(spans: &[Span], tree: &Tree, index: usize) -> u64 {
    let span = &spans[index];
    let mut covered = 0;
    let mut reached = span.start;
    for child in &tree.children[index] {
        let (start, end) = (spans[*child].start.max(reached), spans[*child].end.min(span.end));
        if start < end {
            covered += end - start;
            reached = end;
        }
    }
    span.duration().saturating_sub(covered)
}

fn events(span: &Span, trace_start: UnixNanos) -> Vec<EventRow> {
    let mut events: Vec<EventRow> = span
        .events
        .iter()
        .map(|event| EventRow {
            offset_nanos: (i128::from(event.at) - i128::from(trace_start))
                .clamp(i64::MIN.into(), i64::MAX.into()) as i64,
            name: event.name.clone(),
            attributes: attribute_rows(&event.attributes),
        })
        .collect();
    events.sort_by_key(|event| event.offset_nanos);
    events
}

fn attribute_rows(attributes: &Attributes) -> Vec<AttributeRow> {
    let mut seen = HashSet::new();
    attributes
        .iter()
        .filter(|(key, _)| seen.insert(key))
        .map(|(key, value)| AttributeRow { key: key.clone(), value: value_text(value) })
        .collect()
}

fn value_text(value: &Value) -> String {
    match value.as_text() {
        Some(text) => text.into_owned(),
        None => json(value).to_string(),
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Empty => serde_json::Value::Null,
        Value::String(text) => text.as_str().into(),
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Double(value) => (*value).into(),
        Value::Bytes(bytes) => hex::encode(bytes).into(),
        Value::Array(values) => values.iter().map(json).collect(),
        Value::Map(values) => values.iter().map(|(key, value)| (key.clone(), json(value))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use seaworthy_telemetry::model::{Resource, Scope};

    use super::*;

    /// Spans as (id, parent or 0, start, end), in order of start as the store gives them.
    fn spans(spans: &[(u64, u64, u64, u64)]) -> Vec<Span> {
        let span = |(id, parent, start, end): &(u64, u64, u64, u64)| Span {
            trace_id: TraceId([1; 16]),
            span_id: SpanId(id.to_be_bytes()),
            parent: (*parent != 0).then(|| SpanId(parent.to_be_bytes())),
            trace_state: String::new(),
            flags: 1,
            name: format!("s{id}"),
            kind: SpanKind::Internal,
            start: *start,
            end: *end,
            status: SpanStatus::Unset,
            attributes: vec![],
            events: vec![],
            links: vec![],
            dropped_attributes: 0,
            dropped_events: 0,
            dropped_links: 0,
            resource: Arc::new(Resource { instance: format!("i{}", id % 2), ..Resource::default() }),
            scope: Arc::new(Scope::default()),
        };
        let mut spans: Vec<Span> = spans.iter().map(span).collect();
        spans.sort_by_key(|span| span.start);
        spans
    }

    fn trace(given: &[(u64, u64, u64, u64)]) -> TraceView {
        waterfall(TraceId([1; 16]), spans(given)).unwrap()
    }

    /// Rows as `name@depth`.
    fn shape(view: &TraceView) -> String {
        let rows: Vec<String> = view.rows.iter().map(|row| format!("{}@{}", row.name, row.depth)).collect();
        rows.join(" ")
    }

    #[test]
    fn children_stand_below_their_parents_in_order_of_start() {
        let view = trace(&[(1, 0, 0, 100), (3, 1, 50, 90), (2, 1, 10, 40), (4, 2, 20, 30)]);
        assert_eq!(shape(&view), "s1@0 s2@1 s4@2 s3@1");
        assert_eq!(view.rows.iter().map(|row| row.descendants).collect::<Vec<_>>(), [3, 1, 0, 0]);
        assert_eq!(view.rows.iter().map(|row| row.own_nanos).collect::<Vec<_>>(), [30, 20, 10, 40]);
        assert!(view.notes.is_empty(), "{:?}", view.notes);
    }

    #[test]
    fn missing_parents_several_roots_and_circles_are_shown_and_said() {
        let view = trace(&[(1, 0, 0, 10), (2, 9, 5, 8), (3, 4, 20, 30), (4, 3, 21, 22), (5, 5, 40, 41)]);
        assert_eq!(shape(&view), "s1@0 s2@0 s3@0 s4@1 s5@0");
        assert_eq!(view.notes.len(), 2, "{:?}", view.notes);
    }

    #[test]
    fn a_trace_is_named_by_its_root_though_an_orphan_is_earlier() {
        let view = trace(&[(2, 9, 0, 10), (1, 0, 5, 100), (3, 1, 20, 90)]);
        assert_eq!((shape(&view).as_str(), view.name.as_str()), ("s2@0 s1@0 s3@1", "s1"));
        assert_eq!(view.rows.iter().map(|row| row.critical.len()).collect::<Vec<_>>(), [0, 2, 1]);
    }

    #[test]
    fn counts_that_a_sender_made_up_do_no_harm() {
        let mut span = spans(&[(1, 0, 0, 10)]).remove(0);
        (span.dropped_attributes, span.dropped_events) = (u32::MAX, u32::MAX);
        assert_eq!(waterfall(span.trace_id, vec![span]).unwrap().rows[0].dropped, u32::MAX);
    }

    #[test]
    fn a_child_before_its_parent_on_another_machine_is_said() {
        let view = trace(&[(1, 0, 100, 200), (2, 1, 90, 150)]);
        assert!(view.notes[0].contains("clocks"), "{:?}", view.notes);
        assert_eq!((view.duration_nanos, view.rows[0].offset_nanos, view.rows[1].offset_nanos), (110, 10, 0));
    }

    #[test]
    fn the_critical_path_covers_the_root_exactly_and_leaves_out_what_ran_beside() {
        // 2 and 3 run beside each other; 3 ends last. 4 goes on after its parent.
        let view = trace(&[(1, 0, 0, 100), (2, 1, 10, 50), (3, 1, 20, 60), (4, 1, 70, 130)]);
        let of = |name: &str| view.rows.iter().find(|row| row.name == name).unwrap().critical.clone();
        assert_eq!(of("s1"), [(0, 20), (60, 10)]);
        assert_eq!(of("s2"), []);
        assert_eq!(of("s3"), [(20, 40)]);
        assert_eq!(of("s4"), [(70, 30)]);
        let sum: u64 = view.rows.iter().flat_map(|row| &row.critical).map(|(_, length)| length).sum();
        assert_eq!(sum, 100);
    }

    #[test]
    fn a_deep_trace_does_not_exhaust_the_stack() {
        let spans: Vec<_> = (1..=50_000).map(|id| (id, id - 1, id, 200_000 - id)).collect();
        let view = trace(&spans);
        assert_eq!((view.spans, view.rows.len()), (50_000, MOST_ROWS));
        assert!(view.notes.iter().any(|note| note.contains("50000")), "{:?}", view.notes);
    }
}

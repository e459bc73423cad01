//! What the duration of a trace consists of.

use std::collections::{BTreeMap, HashMap};

use seaworthy_telemetry::model::{Span, UnixNanos};

use super::{ServiceShare, tree::Tree};

/// By span, the parts of it on the critical path, as start and end.
pub(super) type Critical = HashMap<usize, Vec<(UnixNanos, UnixNanos)>>;

/// The parts of spans that the trace's duration consists of: going back from the end of the root, always in the child
/// that ended last before that time, else in the span itself. Source: CRISP (USENIX ATC 2022).
pub(super) fn critical_path(spans: &[Span], tree: &Tree, root: usize) -> Critical {
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

/// Each service's part in the trace, most time on the critical path first.
pub(super) fn shares(spans: &[Span], critical: &Critical) -> Vec<ServiceShare> {
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

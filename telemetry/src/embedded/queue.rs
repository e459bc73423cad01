//! How much may wait to be written.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::{
    settings::EmbeddedSettings,
    weight::{line_weight, point_weight, weight},
    writer::Work,
};

/// Counts what waits, against the bounds of the settings.
pub(super) struct Queue {
    items: AtomicUsize,
    bytes: AtomicUsize,
    most_items: usize,
    most_bytes: usize,
}

/// A place in the queue, given back when dropped.
pub(super) struct Place {
    queue: Arc<Queue>,
    pub(super) items: usize,
    bytes: usize,
}

impl Queue {
    pub(super) fn new(settings: EmbeddedSettings) -> Arc<Self> {
        Arc::new(Self {
            items: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            most_items: settings.queue_capacity,
            most_bytes: settings.queue_bytes,
        })
    }

    /// A place for work; none if too much waits already. Work larger than the whole queue is taken when nothing else
    /// waits: it could never be otherwise.
    pub(super) fn enter(self: &Arc<Self>, work: &Work) -> Option<Place> {
        let (items, bytes) = size(work);
        let before = self.items.fetch_add(items, Ordering::AcqRel);
        let bytes_before = self.bytes.fetch_add(bytes, Ordering::AcqRel);
        let place = Place { queue: self.clone(), items, bytes };
        let fits = before + items <= self.most_items && bytes_before + bytes <= self.most_bytes;
        (items == 0 || before == 0 || fits).then_some(place)
    }

    /// Spans, points and lines that wait.
    pub(super) fn items(&self) -> usize {
        self.items.load(Ordering::Acquire)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.queue.items.fetch_sub(self.items, Ordering::AcqRel);
        self.queue.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

fn size(work: &Work) -> (usize, usize) {
    match work {
        Work::Spans(spans) => (spans.len(), spans.iter().map(weight).sum()),
        Work::Points(points) => (points.len(), points.iter().map(point_weight).sum()),
        Work::Profile(profile) => (1, profile.1.len()),
        Work::Lines(lines) => (lines.len(), lines.iter().map(|line| line_weight(&line.record)).sum()),
        Work::Retain(_) | Work::Close => (0, 0),
    }
}

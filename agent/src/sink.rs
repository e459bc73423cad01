//! Takes ended spans, and log records, from every thread of the host, and hands them to the worker.

use std::{
    cell::RefCell,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    thread::LocalKey,
};

use seaworthy_protocol::{LossReason, Signal};
use tokio::sync::mpsc;

use crate::{losses::Losses, trace::record::Record};

/// Items that a thread gathers before it hands them on, unless fewer are wanted.
const BATCH_ITEMS: usize = 128;
/// Bytes that a thread gathers before it hands them on.
const BATCH_BYTES: usize = 64 << 10;
/// Batches between the host's threads and the worker, at most.
const QUEUED_BATCHES: usize = 4096;
/// Bytes between the host's threads and the worker, at most.
const QUEUED_BYTES: usize = 16 << 20;

/// Emptied batches that are kept for the next items: fresh memory costs its first user more than anything else here.
const SPARE_BATCHES: usize = 16;

/// Items of one signal on their way to the worker.
pub(crate) trait Gathered: Default + Send + 'static {
    const SIGNAL: Signal;
    /// What an item is, besides the fields in its record.
    type Place;

    fn push(&mut self, place: Self::Place, record: &Record);
    /// How many items.
    fn len(&self) -> usize;
    /// Bytes in memory, near enough.
    fn bytes(&self) -> usize;
    /// An empty batch with room for as much as `like` holds.
    fn with_capacity_of(like: &Self) -> Self;
    /// Forgets the items, and keeps the room.
    fn clear(&mut self);
    /// Where a thread gathers, by the id of the sink; more than one only with several agents in a process.
    fn own() -> &'static LocalKey<Own<Self>>;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Takes items. Every thread gathers its own, and hands on a batch when it is full; [`Sink::sweep`] collects what
/// quiet threads, and threads that have ended, still hold. No thread of the host ever waits here: what cannot be taken
/// at once is dropped and counted.
#[derive(Debug)]
pub(crate) struct Sink<B> {
    /// Tells the sinks of several agents apart in the host's threads.
    id: u64,
    queue: mpsc::Sender<B>,
    queued: Queued,
    max_of_batch: usize,
    spare: Mutex<Vec<B>>,
    threads: Mutex<Vec<Gathering<B>>>,
    losses: Arc<Losses>,
    closed: AtomicBool,
}

/// Where one thread gathers its items.
type Gathering<B> = Arc<Mutex<B>>;

/// Where one thread gathers, by the id of the sink.
pub(crate) type Own<B> = RefCell<Vec<(u64, Gathering<B>)>>;

/// How much is on its way to the worker.
#[derive(Debug)]
struct Queued {
    items: AtomicUsize,
    bytes: AtomicUsize,
    max_items: usize,
}

impl<B: Gathered> Sink<B> {
    /// A sink, and the end of its queue for the worker. At most `max_items` wait in it, at most `max_of_batch` together.
    pub(crate) fn new(
        max_items: usize,
        max_of_batch: usize,
        losses: Arc<Losses>,
    ) -> (Self, mpsc::Receiver<B>) {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let (queue, batches) = mpsc::channel(QUEUED_BATCHES);
        let queued = Queued { items: AtomicUsize::new(0), bytes: AtomicUsize::new(0), max_items };
        let (id, threads) = (NEXT.fetch_add(1, Relaxed), Mutex::default());
        let max_of_batch = max_of_batch.min(BATCH_ITEMS);
        let (spare, closed) = (Mutex::default(), AtomicBool::new(false));
        (Self { id, queue, queued, max_of_batch, spare, threads, losses, closed }, batches)
    }

    /// Tells this sink from others.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Takes an item.
    pub(crate) fn push(&self, place: B::Place, record: &Record) {
        if !self.is_open() {
            return self.losses.add(B::SIGNAL, LossReason::Shutdown, 1);
        }
        let mut place = Some(place);
        let full = B::own().try_with(|own| self.gather(own, &mut place, record)).ok().flatten();
        // What could not be gathered goes alone.
        let alone = place.map(|place| {
            let mut alone = B::default();
            alone.push(place, record);
            alone
        });
        if let Some(batch) = full.or(alone) {
            self.send(batch);
        }
    }

    /// Hands on what the threads have gathered, however little. For the worker: it may wait for a thread of the host.
    pub(crate) fn sweep(&self) {
        let threads = lock(&self.threads).clone();
        for gathering in &threads {
            let mut batch = lock(gathering);
            if !batch.is_empty() {
                let gathered = std::mem::take(&mut *batch);
                drop(batch);
                self.send(gathered);
            }
        }
        drop(threads);
        // Without traffic, one after the other is given back to the system.
        let unused = lock(&self.spare).pop();
        drop(unused);
        // A thread that has ended holds its batch no longer, and has just been emptied or will be the next time.
        lock(&self.threads)
            .retain(|gathering| Arc::strong_count(gathering) > 1 || !lock(gathering).is_empty());
    }

    /// The worker has taken this batch from the queue.
    pub(crate) fn taken(&self, batch: &B) {
        self.queued.subtract(batch.len(), batch.bytes());
    }

    /// The worker needs this batch no longer.
    pub(crate) fn give_back(&self, mut batch: B) {
        // One with something huge in it is not worth keeping.
        if batch.bytes() <= 2 * BATCH_BYTES {
            batch.clear();
            let mut spare = lock(&self.spare);
            if spare.len() < SPARE_BATCHES {
                spare.push(batch);
            }
        }
    }

    /// From now on, items are counted as lost by shutdown.
    pub(crate) fn close(&self) {
        self.closed.store(true, Relaxed);
    }

    /// Whether there is still a use in recording.
    pub(crate) fn is_open(&self) -> bool {
        !self.closed.load(Relaxed)
    }

    /// Takes `place` if the item could be gathered at once, and gives the batch that is now full.
    fn gather(&self, own: &Own<B>, place: &mut Option<B::Place>, record: &Record) -> Option<B> {
        let mut own = own.try_borrow_mut().ok()?;
        let at = match own.iter().position(|(id, _)| *id == self.id) {
            Some(at) => at,
            None => self.register(&mut own)?,
        };
        // The worker may just be collecting; it is quick, but it might have lost the processor.
        let mut batch = try_lock(&own.get(at)?.1)?;
        batch.push(place.take()?, record);
        if batch.len() < self.max_of_batch && batch.bytes() < BATCH_BYTES {
            return None;
        }
        let spare = try_lock(&self.spare).and_then(|mut spare| spare.pop());
        let next = spare.unwrap_or_else(|| B::with_capacity_of(&batch));
        Some(std::mem::replace(&mut *batch, next))
    }

    /// Lets this thread gather from now on, unless another one is just being registered.
    fn register(&self, own: &mut Vec<(u64, Gathering<B>)>) -> Option<usize> {
        let gathering = Gathering::<B>::default();
        try_lock(&self.threads)?.push(gathering.clone());
        // Those of agents that have ended are held by nobody else.
        own.retain(|(_, gathering)| Arc::strong_count(gathering) > 1);
        own.push((self.id, gathering));
        Some(own.len() - 1)
    }

    fn send(&self, batch: B) {
        let (items, bytes) = (batch.len(), batch.bytes());
        if !self.queued.add(items, bytes) {
            return self.losses.add(B::SIGNAL, LossReason::QueueFull, items as u64);
        }
        if let Err(error) = self.queue.try_send(batch) {
            self.queued.subtract(items, bytes);
            let reason = match error {
                mpsc::error::TrySendError::Full(_) => LossReason::QueueFull,
                mpsc::error::TrySendError::Closed(_) => LossReason::Shutdown,
            };
            self.losses.add(B::SIGNAL, reason, items as u64);
        }
    }
}

impl Queued {
    fn add(&self, items: usize, bytes: usize) -> bool {
        let items_fit = self.items.fetch_add(items, Relaxed) + items <= self.max_items;
        let bytes_fit = self.bytes.fetch_add(bytes, Relaxed) + bytes <= QUEUED_BYTES;
        if !(items_fit && bytes_fit) {
            self.subtract(items, bytes);
        }
        items_fit && bytes_fit
    }

    fn subtract(&self, items: usize, bytes: usize) {
        self.items.fetch_sub(items, Relaxed);
        self.bytes.fetch_sub(bytes, Relaxed);
    }
}

/// A panic elsewhere leaves a batch that is still good to send.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

//! The one thread that writes.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{
    cells, compaction,
    day::{self, Day},
    lines::{self, Line},
    pool::Pool,
    profiles,
    queue::{Place, Queue},
    settings::EmbeddedSettings,
    spans::{self, Remembered, WriteError},
};
use crate::{metric::MetricPoint, model::Span, profile::ProfileInfo, store::AppendError};

/// Requests are joined into one transaction up to so many spans, points and lines.
const GROUP: usize = 50_000;
/// Day files kept open for writing.
const OPEN_DAYS: usize = 4;
/// How often small chunks are looked for.
const BETWEEN_COMPACTIONS: Duration = Duration::from_secs(5);
/// While there are some, joining takes at most one part in so many of the time, so that writing goes on.
const SHARE_OF_COMPACTION: u32 = 5;

/// What can be asked of the writer.
pub(super) enum Work {
    Spans(Vec<Span>),
    Points(Vec<MetricPoint>),
    Lines(Vec<Line>),
    Profile(Box<(ProfileInfo, Vec<u8>)>),
    /// Deletes the days before this one.
    Retain(Day),
    Close,
}

struct Request {
    work: Work,
    place: Place,
    done: oneshot::Sender<Result<(), AppendError>>,
}

/// The asking side of the writer.
pub(super) struct Writer {
    requests: Sender<Request>,
    queue: Arc<Queue>,
    thread: std::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(
        folder: &Path,
        settings: EmbeddedSettings,
        pool: Arc<Pool>,
    ) -> Result<Self, std::io::Error> {
        let (requests, received) = channel();
        let unfinished = Day::in_folder(folder)?.into_iter().take(OPEN_DAYS - 1).collect();
        let thread_state = WriterThread {
            folder: folder.to_owned(),
            settings,
            pool,
            days: HashMap::new(),
            unfinished,
            compact_at: Instant::now() + settings.compact_after.min(BETWEEN_COMPACTIONS),
        };
        let thread = std::thread::Builder::new()
            .name("telemetry-writer".into())
            .spawn(move || thread_state.run(&received))?;
        Ok(Self { requests, queue: Queue::new(settings), thread: Some(thread).into() })
    }

    /// Hands over work and waits until it is done, unless too much is waiting already.
    pub(super) async fn ask(&self, work: Work) -> Result<(), AppendError> {
        let Some(place) = self.queue.enter(&work) else {
            return Err(AppendError::Behind { retry_after: Duration::from_secs(1) });
        };
        let (done, answer) = oneshot::channel();
        if self.requests.send(Request { work, place, done }).is_err() {
            return Err(AppendError::Closed);
        }
        answer.await.unwrap_or(Err(AppendError::Closed))
    }

    /// Spans, points and lines that wait.
    pub(super) fn waiting(&self) -> usize {
        self.queue.items()
    }

    /// Takes no more, writes what waits and ends the thread.
    pub(super) async fn close(&self) {
        let _ = self.ask(Work::Close).await;
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

/// A day's file, open for writing, with what is remembered of it.
pub(super) struct OpenDay {
    pub(super) connection: Connection,
    pub(super) remembered: Remembered,
    used: Instant,
}

struct WriterThread {
    folder: PathBuf,
    settings: EmbeddedSettings,
    pool: Arc<Pool>,
    days: HashMap<Day, OpenDay>,
    /// Days in which an earlier run of the store may have left small chunks.
    unfinished: Vec<Day>,
    compact_at: Instant,
}

/// The spans, points and lines of a group that belong to one day.
#[derive(Default)]
struct DayGroup {
    spans: Vec<Span>,
    points: Vec<MetricPoint>,
    lines: Vec<Line>,
    profiles: Vec<(ProfileInfo, Vec<u8>)>,
}

impl WriterThread {
    fn run(mut self, requests: &Receiver<Request>) {
        loop {
            match requests.recv_timeout(self.compact_at.saturating_duration_since(Instant::now())) {
                Ok(first) => {
                    if self.serve(first, requests).is_break() {
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if Instant::now() >= self.compact_at {
                self.compact();
            }
        }
    }

    /// Writes the first request together with those that wait behind it.
    fn serve(&mut self, first: Request, requests: &Receiver<Request>) -> std::ops::ControlFlow<()> {
        let mut group = Vec::new();
        let mut size = 0;
        let mut next = Some(first);
        let mut last = None;
        while let Some(request) = next.take() {
            if matches!(request.work, Work::Retain(_) | Work::Close) {
                last = Some(request);
                break;
            }
            size += request.place.items;
            group.push(request);
            if size < GROUP {
                next = requests.try_recv().ok();
            }
        }
        self.write_group(group);
        match last {
            Some(Request { work: Work::Retain(day), done, .. }) => {
                let _ = done.send(self.retain(day));
                std::ops::ControlFlow::Continue(())
            }
            Some(Request { done, .. }) => {
                self.days.clear();
                let _ = done.send(Ok(()));
                std::ops::ControlFlow::Break(())
            }
            None => std::ops::ControlFlow::Continue(()),
        }
    }

    fn write_group(&mut self, group: Vec<Request>) {
        let mut days: BTreeMap<Day, DayGroup> = BTreeMap::new();
        let mut waiting = Vec::new();
        for request in group {
            waiting.push((split(request.work, &mut days), request.done, request.place));
        }
        let failed: HashMap<Day, String> = days
            .into_iter()
            .filter_map(|(day, group)| Some((day, self.write_day(day, &group).err()?.to_string())))
            .collect();
        for (days, done, place) in waiting {
            drop(place);
            let failure = days.iter().find_map(|day| failed.get(day));
            let _ = done.send(failure.map_or(Ok(()), |reason| Err(AppendError::Failed(reason.clone()))));
        }
    }

    fn write_day(&mut self, day: Day, group: &DayGroup) -> Result<(), WriteError> {
        match self.try_write_day(day, group) {
            Err(error) if error.is_damage() => {
                self.set_aside(day, &error)?;
                self.try_write_day(day, group)
            }
            result => result,
        }
        .inspect_err(|error| {
            tracing::error!(%day, %error, "telemetry could not be written");
            // What is remembered of the file may not have been committed.
            self.days.remove(&day);
        })
    }

    /// A damaged file takes nothing more in. It is kept for whoever wants to look into it until its day is deleted.
    fn set_aside(&mut self, day: Day, error: &WriteError) -> Result<(), WriteError> {
        self.days.remove(&day);
        self.pool.forget(day);
        self.pool.damage.day(day, &error.to_string());
        let (file, aside) = (day.path(&self.folder), day.aside(&self.folder));
        std::fs::rename(&file, &aside)?;
        for suffix in ["-wal", "-shm"] {
            // They belong to the damaged file; there need not be any.
            let _ = std::fs::rename(day::beside(&file, suffix), day::beside(&aside, suffix));
        }
        tracing::error!(%day, aside = %aside.display(), "a damaged file was set aside, and a new one is begun");
        Ok(())
    }

    fn try_write_day(&mut self, day: Day, group: &DayGroup) -> Result<(), WriteError> {
        let yesterday = match day.before() {
            Some(yesterday) if !group.points.is_empty() && yesterday.path(&self.folder).exists() => {
                day::open_reader(&self.folder, yesterday)?
            }
            _ => None,
        };
        let open = self.open(day)?;
        let transaction = open.connection.unchecked_transaction()?;
        if !group.spans.is_empty() {
            let now = jiff::Timestamp::now().as_millisecond();
            spans::write(&open.connection, &mut open.remembered, &group.spans, now)?;
        }
        if !group.points.is_empty() {
            cells::write(&open.connection, &mut open.remembered.names, &group.points, yesterday.as_ref())?;
        }
        if !group.lines.is_empty() {
            let now = jiff::Timestamp::now().as_millisecond();
            lines::write(&open.connection, &mut open.remembered.names, &group.lines, now)?;
        }
        for profile in &group.profiles {
            profiles::write(&open.connection, &mut open.remembered.names, profile)?;
        }
        Ok(transaction.commit()?)
    }

    fn open(&mut self, day: Day) -> rusqlite::Result<&mut OpenDay> {
        if !self.days.contains_key(&day) {
            if self.days.len() >= OPEN_DAYS {
                let oldest = self.days.iter().min_by_key(|(_, open)| open.used).map(|(day, _)| *day);
                if let Some(oldest) = oldest {
                    self.days.remove(&oldest);
                }
            }
            let connection = day::open_writer(&self.folder, day)?;
            self.days
                .insert(day, OpenDay { connection, remembered: Remembered::default(), used: Instant::now() });
        }
        let open = self.days.get_mut(&day).ok_or(rusqlite::Error::InvalidQuery)?;
        open.used = Instant::now();
        Ok(open)
    }

    /// Joins some small chunks, and sets the time at which to go on.
    fn compact(&mut self) {
        let begun = Instant::now();
        let days: Vec<Day> = self.days.keys().copied().chain(self.unfinished.pop()).collect();
        let mut more = !self.unfinished.is_empty();
        for day in days {
            match self.compact_day(day) {
                Ok(joined) => more |= joined,
                Err(error) => {
                    tracing::warn!(%day, %error, "small chunks could not be joined");
                    self.days.remove(&day);
                }
            }
        }
        let pause = if more { begun.elapsed() * (SHARE_OF_COMPACTION - 1) } else { BETWEEN_COMPACTIONS };
        self.compact_at = Instant::now() + pause;
    }

    fn compact_day(&mut self, day: Day) -> Result<bool, WriteError> {
        if !day.path(&self.folder).exists() {
            return Ok(false);
        }
        let after = self.settings.compact_after;
        let pool = self.pool.clone();
        let open = self.open(day)?;
        let spans = compaction::run(day, open, after, &pool.damage)?;
        Ok(lines::compact(day, open, after, &pool.damage)? || spans)
    }

    /// Deletes every file of the days before `first_kept`.
    fn retain(&mut self, first_kept: Day) -> Result<(), AppendError> {
        let failed = |error: std::io::Error| AppendError::Failed(error.to_string());
        for (day, path) in Day::all_files(&self.folder).map_err(failed)? {
            if day >= first_kept {
                continue;
            }
            self.days.remove(&day);
            self.pool.forget(day);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
        }
        Ok(())
    }
}

fn split(work: Work, days: &mut BTreeMap<Day, DayGroup>) -> BTreeSet<Day> {
    let mut touched = BTreeSet::new();
    match work {
        Work::Spans(spans) => {
            for span in spans {
                let day = Day::of(span.start);
                touched.insert(day);
                days.entry(day).or_default().spans.push(span);
            }
        }
        Work::Points(points) => {
            for point in points {
                // A point taken at midnight sharp speaks of the day before.
                let day = Day::of(point.time.saturating_sub(1));
                touched.insert(day);
                days.entry(day).or_default().points.push(point);
            }
        }
        Work::Profile(profile) => {
            let day = Day::of(profile.0.taken_at);
            touched.insert(day);
            days.entry(day).or_default().profiles.push(*profile);
        }
        Work::Lines(lines) => {
            for line in lines {
                let day = Day::of(line.record.at);
                touched.insert(day);
                days.entry(day).or_default().lines.push(line);
            }
        }
        Work::Retain(_) | Work::Close => {}
    }
    touched
}

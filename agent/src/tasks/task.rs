//! What is known of one task. The one who polls it writes, whoever dumps reads; nobody waits.

use std::{
    borrow::Cow,
    fmt,
    ops::Deref,
    panic::Location,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::Waker,
    thread,
    time::Duration,
};

use super::{
    clock,
    slow_polls::{SLOW, SLOW_POLLS},
    stack::Stacks,
    waker::{self, Home},
};
use crate::{
    cpu::{self, Root},
    errors,
    now::Request,
    trace::{self, TraceId},
};

/// Bytes of a name that are kept.
const LONGEST_NAME: usize = 200;

/// What a task is told apart by, besides its number.
#[derive(Debug)]
pub(crate) struct Description {
    pub(super) name: Option<Name>,
    pub(super) type_name: &'static str,
    /// None where that is a place in the agent.
    pub(super) spawned_at: Option<&'static Location<'static>>,
    /// Where it does not answer a request.
    trace_id: Option<TraceId>,
}

/// What a task is called.
#[derive(Debug)]
pub(super) enum Name {
    Own(Cow<'static, str>),
    /// It answers a request.
    Request(Arc<Request>),
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Own(name) => name,
            Self::Request(request) => shortened(request.name()),
        }
    }
}

impl Description {
    /// Of a future of type `F`, made in the current span. A trace that is not recorded has no id that could be looked for.
    pub(crate) fn of<F>(
        name: Option<Cow<'static, str>>,
        spawned_at: Option<&'static Location<'static>>,
    ) -> Self {
        Self {
            name: name.map(|name| Name::Own(kept(name))),
            type_name: std::any::type_name::<F>(),
            spawned_at,
            trace_id: trace::current_known(),
        }
    }

    /// Of the future of type `F` that answers a request.
    pub(crate) fn of_request<F>(request: Arc<Request>) -> Self {
        let type_name = std::any::type_name::<F>();
        Self { name: Some(Name::Request(request)), type_name, spawned_at: None, trace_id: None }
    }

    /// The trace that it is a part of.
    pub(super) fn trace_id(&self) -> Option<TraceId> {
        match &self.name {
            Some(Name::Request(request)) => trace::context_of(&request.span).map(|context| context.trace_id),
            _ => self.trace_id,
        }
    }

    /// When it was made.
    fn born(&self) -> u64 {
        match &self.name {
            Some(Name::Request(request)) => clock::at(request.begun),
            _ => clock::now(),
        }
    }

    /// Its name, or its type where it has none.
    pub(super) fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(self.type_name)
    }
}

fn shortened(name: &str) -> &str {
    &name[..name.floor_char_boundary(LONGEST_NAME)]
}

fn kept(name: Cow<'static, str>) -> Cow<'static, str> {
    if name.len() <= LONGEST_NAME { name } else { shortened(&name).to_owned().into() }
}

pub(super) const FILE: &str = file!();

/// A future that is tracked. Times are of [`clock::now`], zero stands for never.
#[derive(Debug)]
pub(crate) struct Task {
    pub(super) id: u64,
    pub(super) description: Description,
    born: u64,
    polls: AtomicU64,
    busy: AtomicU64,
    poll_began: AtomicU64,
    poll_ended: AtomicU64,
    /// Which thread has begun the latest poll, and where on its stack.
    poll_thread: AtomicI32,
    poll_root: AtomicUsize,
    woken: AtomicBool,
    /// Going to be polled for a dump, of itself or of a part that has its waker.
    nudged: AtomicBool,
    /// Whether the latest poll for a dump was due anyway.
    due: AtomicBool,
    asked: AtomicBool,
    answer: Mutex<Option<Stacks>>,
    /// Wakes the task. Forgotten when the task ends: until then it refers to the task itself, or to the one that it is a part of.
    waker: Mutex<Option<Waker>>,
}

/// What a task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum State {
    /// A poll has begun and not ended.
    Running,
    /// It waits for a thread to poll it.
    Woken,
    /// It waits for something to wake it.
    Idle,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Woken => "woken",
            Self::Idle => "idle",
        })
    }
}

/// What a task had done when it was looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doings {
    pub(super) state: State,
    /// How long the poll takes, or is over; since when the task is there if it was never polled.
    pub(super) since: Duration,
    pub(super) age: Duration,
    pub(super) polls: u64,
    pub(super) busy: Duration,
}

impl Task {
    /// `woken` where it is already queued to be polled.
    pub(super) fn new(id: u64, description: Description, woken: bool) -> Self {
        Self {
            id,
            born: description.born(),
            description,
            polls: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            poll_began: AtomicU64::new(0),
            poll_ended: AtomicU64::new(0),
            poll_thread: AtomicI32::new(0),
            poll_root: AtomicUsize::new(0),
            woken: AtomicBool::new(woken),
            nudged: AtomicBool::new(false),
            due: AtomicBool::new(false),
            asked: AtomicBool::new(false),
            answer: Mutex::new(None),
            waker: Mutex::new(None),
        }
    }

    /// It is going to be polled.
    pub(super) fn wake(&self) {
        // Most wakes find it woken; they leave the cache line to others.
        if !self.woken.load(Relaxed) {
            self.woken.store(true, Relaxed);
        }
    }

    /// A poll with this waker begins, in the frame of the stack that has the address `root`. It ends when what is returned is dropped,
    /// also by a panic. One that there is only for a dump counts neither as a poll nor as the last one.
    pub(super) fn begin_poll(&self, waker: &Waker, for_dump: bool, root: usize) -> Polling<'_> {
        let began = clock::now();
        let woken = self.woken.load(Relaxed);
        self.woken.store(false, Relaxed);
        self.poll_thread.store(cpu::this_thread(), Relaxed);
        self.poll_root.store(root, Relaxed);
        self.poll_began.store(began, Relaxed);
        let counts = !for_dump || self.is_due(waker, woken);
        Polling { task: self, began, counts }
    }

    #[cold]
    fn is_due(&self, waker: &Waker, woken: bool) -> bool {
        let is_whole_due = self.whole(waker).is_some_and(|whole| whole.due.load(Relaxed));
        let is_due = woken || is_whole_due || self.poll_ended.load(Relaxed) == 0;
        self.due.store(is_due, Relaxed);
        is_due
    }

    /// The task that this one is a part of, if it has its waker from there.
    fn whole<'a>(&self, waker: &'a Waker) -> Option<&'a Task> {
        waker::task(waker).map(|task| &**task).filter(|task| task.id != self.id)
    }

    fn end_poll(&self, began: u64, counts: bool) {
        let ended = clock::now();
        let took = ended.saturating_sub(began);
        if counts {
            // Only one thread at a time polls, so nothing is lost between load and store.
            self.polls.store(self.polls.load(Relaxed) + 1, Relaxed);
            self.busy.store(self.busy.load(Relaxed).saturating_add(took), Relaxed);
            self.poll_ended.store(ended, Relaxed);
        }
        self.poll_began.store(0, Relaxed);
        if took >= SLOW {
            SLOW_POLLS.note(&self.description, began, ended);
        }
    }

    /// Asks the task where it is suspended, and has it polled once more for that.
    pub(super) fn ask(&self) {
        self.take_answer();
        let Some(waker) = self.waker().clone() else { return };
        self.asked.store(true, Relaxed);
        waker::nudge(&waker);
    }

    /// Whether [`take_answer`](Self::take_answer) may have one later, but not now.
    pub(super) fn may_answer(&self) -> bool {
        let lock = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        lock.is_none() && self.waker().is_some()
    }

    /// Withdraws the question.
    pub(super) fn take_answer(&self) -> Option<Stacks> {
        self.asked.store(false, Relaxed);
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// It is going to be polled for a dump.
    pub(super) fn expect_nudge(&self) {
        self.nudged.store(true, Relaxed);
    }

    /// Whether the poll that begins may be for a dump.
    pub(super) fn is_nudged(&self) -> bool {
        self.nudged.load(Relaxed)
    }

    /// The poll that begins answers, if the task was asked.
    pub(super) fn take_question(&self) -> bool {
        self.nudged.store(false, Relaxed);
        self.asked.swap(false, Relaxed)
    }

    pub(super) fn answer(&self, stacks: Stacks) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(stacks);
    }

    /// It is polled with this waker from now on.
    pub(super) fn settle(&self, waker: Waker) {
        let before = self.waker().replace(waker);
        drop(before);
    }

    /// Lets go of what refers to the task. To be called when it has ended.
    pub(super) fn unsettle(&self) {
        let before = self.waker().take();
        drop(before);
    }

    /// What `look` sees of where it is polled. None before its first poll, and when it has ended; the task can do neither meanwhile.
    pub(super) fn look_home<T>(&self, look: impl FnOnce(&Home) -> T) -> Option<T> {
        self.waker().as_ref().and_then(waker::home).map(look)
    }

    fn waker(&self) -> MutexGuard<'_, Option<Waker>> {
        self.waker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is going to be polled, or the task is that it is a part of.
    fn is_woken(&self) -> bool {
        let is_whole_woken = || {
            self.waker()
                .as_ref()
                .and_then(|waker| self.whole(waker))
                .is_some_and(|whole| whole.woken.load(Relaxed))
        };
        self.woken.load(Relaxed) || is_whole_woken()
    }

    /// The poll that goes on for 100 ms or longer: when it began, and where its calls begin. None where there is no such poll.
    pub(super) fn slow_poll(&self, now: u64) -> Option<(u64, Root)> {
        let began = self.poll_began.load(Relaxed);
        let is_slow = began != 0 && now.saturating_sub(began) >= SLOW;
        // What was stored so long ago is there for all to see.
        let root = || Root { thread: self.poll_thread.load(Relaxed), address: self.poll_root.load(Relaxed) };
        is_slow.then(|| (began, root()))
    }

    /// What it has done until now. Of a task that is polled meanwhile, figures may be of before and after that poll.
    pub(super) fn doings(&self, now: u64) -> Doings {
        let (began, ended) = (self.poll_began.load(Relaxed), self.poll_ended.load(Relaxed));
        let (state, from) = match began {
            0 => {
                let state = if self.is_woken() { State::Woken } else { State::Idle };
                (state, if ended == 0 { self.born } else { ended })
            }
            began => (State::Running, began),
        };
        Doings {
            state,
            since: clock::between(from, now),
            age: clock::between(self.born, now),
            polls: self.polls.load(Relaxed),
            busy: Duration::from_nanos(self.busy.load(Relaxed)),
        }
    }
}

/// A poll that goes on.
#[must_use]
pub(super) struct Polling<'a> {
    task: &'a Task,
    began: u64,
    counts: bool,
}

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        // A part of a task, and a request, is no task that fails.
        if thread::panicking() && self.task.description.spawned_at.is_some() {
            errors::through_task(self.task.description.label());
        }
        self.task.end_poll(self.began, self.counts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_between_characters() {
        assert_eq!(shortened("till"), "till");
        let long = "é".repeat(LONGEST_NAME);
        let odd = format!("a{long}");
        assert_eq!(shortened(&long), "é".repeat(LONGEST_NAME / 2));
        assert_eq!(shortened(&odd), format!("a{}", "é".repeat(LONGEST_NAME / 2 - 1)));
    }
}

//! Tasks on tokio that are tracked from their start.

use std::{
    borrow::Cow,
    ops::{Deref, DerefMut},
    panic::Location,
};

use tokio::task::{AbortHandle, JoinHandle};

use super::{task::Description, tracked::Tracked};

/// Starts a task, as [`tokio::spawn`] does, that is tracked. Dumps tell it by its type and by the line of this call.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let espresso = seaworthy_agent::spawn(async { "espresso" });
/// assert_eq!(espresso.await.unwrap(), "espresso");
/// # }
/// ```
///
/// # Panics
/// Outside of a tokio runtime, as [`tokio::spawn`] does.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    tokio::spawn(tracked(None, future))
}

/// Like [`spawn`], with a name that says what the task is for: `"close the day"`.
///
/// # Panics
/// Outside of a tokio runtime, as [`tokio::spawn`] does.
#[track_caller]
pub fn spawn_named<F>(name: impl Into<Cow<'static, str>>, future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    tokio::spawn(tracked(Some(name.into()), future))
}

/// A [`tokio::task::JoinSet`] whose tasks are tracked. What is not here is that of the set it derefs to; tasks that are
/// started by other ways than [`spawn`](Self::spawn) and [`spawn_named`](Self::spawn_named) are not tracked.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut orders = seaworthy_agent::tasks::JoinSet::new();
/// for table in 1..=3 {
///     orders.spawn_named("serve", async move { table });
/// }
/// assert_eq!(orders.join_all().await.len(), 3);
/// # }
/// ```
#[derive(Debug)]
pub struct JoinSet<T>(tokio::task::JoinSet<T>);

impl<T> JoinSet<T> {
    /// An empty set.
    pub fn new() -> Self {
        Self(tokio::task::JoinSet::new())
    }

    /// The set that this one is built on.
    pub fn into_inner(self) -> tokio::task::JoinSet<T> {
        self.0
    }
}

impl<T: 'static> JoinSet<T> {
    /// Starts a task in the set, as [`tokio::task::JoinSet::spawn`] does, that is tracked.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[track_caller]
    pub fn spawn<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.0.spawn(tracked(None, future))
    }

    /// Like [`spawn`](Self::spawn), with a name that says what the task is for.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[track_caller]
    pub fn spawn_named<F>(&mut self, name: impl Into<Cow<'static, str>>, future: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.0.spawn(tracked(Some(name.into()), future))
    }

    /// Waits for all tasks, as [`tokio::task::JoinSet::join_all`] does.
    ///
    /// # Panics
    /// When a task has panicked.
    pub async fn join_all(self) -> Vec<T> {
        self.0.join_all().await
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Deref for JoinSet<T> {
    type Target = tokio::task::JoinSet<T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> DerefMut for JoinSet<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

#[track_caller]
fn tracked<F: Future>(name: Option<Cow<'static, str>>, future: F) -> Tracked<F> {
    Tracked::new(future, Description::of::<F>(name, Some(Location::caller())), true)
}

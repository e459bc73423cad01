//! A deadlock: two tasks take two locks in opposite order, and whoever wants one of the locks waits behind them.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Mutex,
    time::{interval, sleep},
};

/// How long both have one lock before they ask for the other.
const HAND_OVER: Duration = Duration::from_millis(20);
const BETWEEN: Duration = Duration::from_millis(100);

/// What is on the shelf, and what is in the books.
#[derive(Debug, Default)]
pub(super) struct Stock {
    shelf: Mutex<u64>,
    books: Mutex<u64>,
}

impl Stock {
    /// Takes a bag of beans from the shelf.
    pub(super) async fn take_a_bag(&self) {
        let mut bags = self.shelf.lock().await;
        *bags = bags.saturating_sub(1);
    }

    /// Fills the shelf, then writes that down.
    async fn refill(&self) {
        let mut bags = self.shelf.lock().await;
        sleep(HAND_OVER).await;
        *self.books.lock().await += 1;
        *bags += 1;
    }

    /// Opens the books, then counts the shelf: the other way round.
    async fn take_stock(&self) {
        let mut books = self.books.lock().await;
        sleep(HAND_OVER).await;
        *books = *self.shelf.lock().await;
    }
}

/// Two tasks that soon wait for each other for good. They end when it is dropped.
#[derive(Debug)]
pub(super) struct Stocktaking {
    _tasks: seaworthy_agent::tasks::JoinSet<()>,
}

impl Stocktaking {
    pub(super) fn begin(stock: &Arc<Stock>) -> Self {
        let mut tasks = seaworthy_agent::tasks::JoinSet::new();
        let (refilled, counted) = (stock.clone(), stock.clone());
        tasks.spawn_named("refill the shelf", async move {
            let mut ticks = interval(BETWEEN);
            loop {
                ticks.tick().await;
                refilled.refill().await;
            }
        });
        tasks.spawn_named("take stock", async move {
            let mut ticks = interval(BETWEEN);
            loop {
                ticks.tick().await;
                counted.take_stock().await;
            }
        });
        Self { _tasks: tasks }
    }
}

//! Tells the portal about this instance every few seconds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use seaworthy_protocol::{CheckIn, CheckInReply, InstanceState, Observations};

use crate::{
    admin,
    commands::Commands,
    export::{Answer, Backoff, Client, Diary, Endpoint, Payload},
    shared::Shared,
};

/// A portal cannot make an instance go silent.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

/// Of what goes on, so much of each kind is told.
const OLDEST: usize = 20;

/// Checks in for one agent.
#[derive(Debug)]
pub(crate) struct Reporter {
    shared: Arc<Shared>,
    client: Client,
    endpoint: Endpoint,
    commands: Arc<Commands>,
    sequence: AtomicU64,
}

impl Reporter {
    pub(crate) fn new(shared: Arc<Shared>, client: Client, endpoint: Endpoint) -> Self {
        let commands = Commands::new(shared.clone(), client.clone(), &endpoint);
        Self { shared, client, endpoint, commands, sequence: AtomicU64::new(1) }
    }

    /// Checks in for as long as it is polled.
    pub(crate) async fn run(&self) {
        let mut diary = Diary::new(&self.endpoint);
        loop {
            let wait = match self.check_in(self.shared.drain.state()).await {
                Answer::Accepted(body) => {
                    diary.delivered();
                    let interval = self.heed(&body);
                    self.commands.wait(interval).await;
                    continue;
                }
                Answer::Later { after, why } => {
                    diary.unreachable(&why);
                    // One request every few seconds is what a portal expects, and the sooner it hears that an instance is
                    // there, the better; jitter is enough.
                    let usual = self.shared.settings.check_in_interval;
                    Backoff::default().next(Some(after.map_or(usual, |after| after.max(usual))))
                }
                Answer::Refused { why } => {
                    diary.refused(&why);
                    LONGEST_INTERVAL
                }
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Says that this instance ends, and how its drain went. Tries until it is heard.
    pub(crate) async fn say_goodbye(&self) {
        const BETWEEN: Duration = Duration::from_millis(100);
        self.commands.give_up();
        while let Answer::Later { .. } = self.check_in(InstanceState::Stopped).await {
            tokio::time::sleep(BETWEEN).await;
        }
    }

    async fn check_in(&self, state: InstanceState) -> Answer {
        // A struct of plain data always has a JSON form; if it had none there would be nothing to send.
        let message = self.message(state);
        let Ok(body) = serde_json::to_vec(&message) else {
            return Answer::Refused { why: "the check-in cannot be written as JSON".into() };
        };
        let answer = self.client.post(&self.endpoint, &Payload::json(body)).await;
        if matches!(answer, Answer::Accepted(_)) {
            self.commands.told(&message.commands);
        }
        answer
    }

    fn message(&self, state: InstanceState) -> CheckIn {
        let identity = &self.shared.identity;
        // By one reading of the clock, which may be set between two.
        let (sent_at, now) = self.shared.now.look(self.shared.recorder.as_deref(), OLDEST);
        CheckIn {
            service: identity.service.clone(),
            instance: identity.instance.clone(),
            environment: identity.environment.clone(),
            agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).into(),
            sequence: self.sequence.fetch_add(1, Relaxed),
            sent_at,
            build: identity.build.clone(),
            process: identity.process.clone(),
            state,
            health: self.shared.health.snapshot(),
            figures: self.shared.figures.sample(),
            losses: self.shared.losses.snapshot(),
            observations: self.observations(),
            now: Some(now),
            commands: self.commands.reports(),
            drain: self.shared.drain.report(),
        }
    }

    fn observations(&self) -> Observations {
        let shared = &self.shared;
        let logs = shared.lines.is_some() || shared.observed.counts_log_lines.load(Relaxed);
        Observations {
            recommended_worker_threads: shared.figures.recommended_worker_threads(),
            admin: Some(admin::access(shared)),
            log_filter: logs.then(|| shared.log_filter.in_force()),
            ..shared.observed.snapshot()
        }
    }

    /// Begins what the portal asks for, and says how long it may be until the next check-in. An answer that makes no sense
    /// asks for nothing.
    fn heed(&self, reply: &[u8]) -> Duration {
        let usual = self.shared.settings.check_in_interval;
        let Ok(reply) = serde_json::from_slice::<CheckInReply>(reply) else { return usual };
        if !reply.commands.is_empty() {
            self.commands.take(reply.commands);
        }
        match reply.next_in_seconds {
            0 => usual,
            seconds => Duration::from_secs(seconds.into()).min(LONGEST_INTERVAL),
        }
    }
}

//! Gamedays: days on which people break things on purpose.

pub(crate) mod one;
mod slis;

use jiff::Timestamp;
use seaworthy_records::{Gameday, Ticket, Verdict};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use slis::{Part, SliView};

use super::records::{ListFilter, service_of};
use crate::{
    problem::Problem,
    records::{self, Entry},
    state::App,
};

/// Gamedays.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct GamedaysView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// Those without a verdict, earliest first.
    pub(crate) planned: Vec<GamedayLine>,
    /// Those with a verdict, latest first.
    pub(crate) held: Vec<GamedayLine>,
    /// What is still to be mended, oldest first.
    pub(crate) open_tickets: Vec<OpenTicket>,
}

/// A gameday in short.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct GamedayLine {
    /// Its id.
    pub(crate) id: i64,
    /// What it is called.
    pub(crate) title: String,
    /// The service; none for all.
    pub(crate) service: Option<String>,
    /// When it is to begin, or began.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) planned_for: Timestamp,
    /// How far it is.
    pub(crate) state: GamedayState,
    /// How many scenarios it has.
    pub(crate) scenarios: usize,
    /// Of how many the service did what was expected.
    pub(crate) held: usize,
    /// Of how many nobody has recorded what happened.
    pub(crate) without_result: usize,
    /// Who takes part, by login.
    pub(crate) participants: Vec<String>,
    /// Tickets that are open.
    pub(crate) open_tickets: usize,
}

/// How far a gameday is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GamedayState {
    /// Its day is to come.
    Planned,
    /// Its day has come, and nothing has been tried.
    Due,
    /// A scenario has begun or has its result.
    UnderWay,
    /// Every scenario has its result, and the day no verdict.
    AwaitsVerdict,
    /// The service held on the whole.
    Held,
    /// It did not.
    Failed,
}

/// Something to be mended, and the gameday that showed it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OpenTicket {
    /// The gameday.
    pub(crate) gameday: i64,
    /// The service; none for all.
    pub(crate) service: Option<String>,
    /// What.
    pub(crate) title: String,
    /// Where it is worked on.
    pub(crate) link: Option<String>,
    /// Since when it is known.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) opened_at: Timestamp,
}

/// Loads them.
pub(crate) async fn load(app: &App, filter: &ListFilter) -> Result<GamedaysView, Problem> {
    let now = app.clock().now();
    let entries = records::list::<Gameday>(app, filter.asked()).await?;
    let entries: Vec<_> = entries.into_iter().filter(|entry| filter.admits(entry)).collect();
    let (mut planned, held): (Vec<_>, Vec<_>) =
        entries.iter().map(|entry| line(entry, now)).partition(|line| !line.state.is_over());
    planned.reverse();
    let mut open_tickets: Vec<OpenTicket> = entries.iter().flat_map(tickets).collect();
    open_tickets.sort_by_key(|ticket| ticket.opened_at);
    Ok(GamedaysView { as_of: now, planned, held, open_tickets })
}

fn tickets(entry: &Entry<Gameday>) -> impl Iterator<Item = OpenTicket> {
    let open = entry.body.tickets.iter().filter(|ticket| ticket.closed_at.is_none());
    open.map(|Ticket { title, link, opened_at, .. }| OpenTicket {
        gameday: entry.id,
        service: service_of(&entry.service),
        title: title.clone(),
        link: link.clone(),
        opened_at: *opened_at,
    })
}

fn line(entry: &Entry<Gameday>, now: Timestamp) -> GamedayLine {
    let gameday = &entry.body;
    GamedayLine {
        id: entry.id,
        title: entry.title.clone(),
        service: service_of(&entry.service),
        planned_for: gameday.planned_for,
        state: GamedayState::of(gameday, now),
        scenarios: gameday.scenarios.len(),
        held: gameday.scenarios.iter().filter(|scenario| scenario.verdict == Some(Verdict::Held)).count(),
        without_result: gameday.without_result(),
        participants: gameday.participants.clone(),
        open_tickets: gameday.tickets.iter().filter(|ticket| ticket.closed_at.is_none()).count(),
    }
}

impl GamedayState {
    pub(crate) fn of(gameday: &Gameday, now: Timestamp) -> Self {
        let begun = gameday
            .scenarios
            .iter()
            .any(|scenario| scenario.started_at.is_some() || scenario.verdict.is_some());
        match gameday.verdict {
            Some(Verdict::Held) => Self::Held,
            Some(Verdict::Failed) => Self::Failed,
            None if begun && gameday.without_result() == 0 => Self::AwaitsVerdict,
            None if begun => Self::UnderWay,
            None if gameday.planned_for <= now => Self::Due,
            None => Self::Planned,
        }
    }

    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Held | Self::Failed)
    }
}

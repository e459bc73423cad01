//! One gameday: what is tried, how the service did meanwhile, and what came of it.

use jiff::Timestamp;
use seaworthy_records::{Gameday, Scenario, Ticket, Verdict};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    GamedayLine, line,
    slis::{SliView, Slos},
};
use crate::{problem::Problem, records, state::App};

/// A gameday.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct GamedayView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// In short.
    #[serde(flatten)]
    pub(crate) line: GamedayLine,
    /// What is tried, in its order.
    pub(crate) tried: Vec<ScenarioView>,
    /// What is to be mended.
    pub(crate) tickets: Vec<TicketView>,
    /// What was learnt, in Markdown.
    pub(crate) report: String,
    /// Its version.
    pub(crate) version: i64,
    /// How who last changed it signs in.
    pub(crate) updated_by: String,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) updated_at: Timestamp,
}

/// One thing that is tried.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ScenarioView {
    /// What is done.
    pub(crate) title: String,
    /// What should happen then.
    pub(crate) expected: String,
    /// The dependency that is taken away; none where none is.
    pub(crate) taken_away: Option<String>,
    /// When it began.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) ended_at: Option<Timestamp>,
    /// What did happen; empty where nobody has written it.
    pub(crate) actual: String,
    /// `held` or `failed`; none while nobody has said.
    #[schema(value_type = Option<String>)]
    pub(crate) verdict: Option<Verdict>,
    /// The service's SLIs before, during and after it; nothing where it has not begun.
    pub(crate) slis: Vec<SliView>,
}

/// Something to be mended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TicketView {
    /// What.
    pub(crate) title: String,
    /// Where it is worked on.
    pub(crate) link: Option<String>,
    /// Since when it is known.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) opened_at: Timestamp,
    /// When it was mended; none while it is not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) closed_at: Option<Timestamp>,
}

/// Loads a gameday.
pub(crate) async fn load(app: &App, id: i64) -> Result<GamedayView, Problem> {
    let entry = records::find::<Gameday>(app, id).await?;
    let now = app.clock().now();
    let slos = Slos::load(app, &entry.service, &entry.body.scenarios).await?;
    Ok(GamedayView {
        as_of: now,
        line: line(&entry, now),
        tried: entry.body.scenarios.iter().map(|scenario| view(scenario, &slos, now)).collect(),
        tickets: entry.body.tickets.iter().map(ticket).collect(),
        report: entry.body.report.clone(),
        version: entry.version,
        updated_by: entry.updated_by.clone(),
        updated_at: entry.updated_at,
    })
}

fn view(scenario: &Scenario, slos: &Slos, now: Timestamp) -> ScenarioView {
    ScenarioView {
        title: scenario.title.clone(),
        expected: scenario.expected.clone(),
        taken_away: scenario.taken_away.clone(),
        started_at: scenario.started_at,
        ended_at: scenario.ended_at,
        actual: scenario.actual.clone(),
        verdict: scenario.verdict,
        slis: slos.around(scenario, now),
    }
}

fn ticket(ticket: &Ticket) -> TicketView {
    TicketView {
        title: ticket.title.clone(),
        link: ticket.link.clone(),
        opened_at: ticket.opened_at,
        closed_at: ticket.closed_at,
    }
}

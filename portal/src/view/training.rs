//! Who is on call for each service, and who has been trained for what.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use seaworthy_catalog::RecordFilter;
use seaworthy_records::{Rota, Training};
use serde::Serialize;
use utoipa::ToSchema;

use super::{fleet, records::ListFilter};
use crate::{
    problem::Problem,
    records::{self, Entry, MOST},
    state::App,
};

/// All services.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TrainingView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// The services, those that nobody is on call for first.
    pub(crate) rotas: Vec<RotaView>,
    /// The services that are known.
    pub(crate) services: Vec<String>,
}

/// Who is called when something is wrong with a service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RotaView {
    /// The service.
    pub(crate) service: String,
    /// Which version this is; 0 while nobody has said anything.
    pub(crate) version: i64,
    /// Who is called first.
    pub(crate) primary: Option<String>,
    /// Who is called when the first does not answer.
    pub(crate) secondary: Option<String>,
    /// Who is called after both, in order.
    pub(crate) escalation: Vec<String>,
    /// Who leads incidents.
    pub(crate) commander: Option<String>,
    /// Who has been trained for what.
    pub(crate) training: Vec<TrainingLine>,
    /// Who is on call, and has no training that counts today.
    pub(crate) untrained: Vec<String>,
    /// When it was last written.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) updated_at: Option<Timestamp>,
    /// How who wrote it signs in.
    pub(crate) updated_by: Option<String>,
}

/// A training that somebody has had.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TrainingLine {
    /// Who.
    pub(crate) who: String,
    /// In what.
    pub(crate) what: String,
    /// The last day on which it counts; none where it counts for ever.
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) until: Option<Date>,
    /// Whether it counts today, in UTC.
    pub(crate) counts: bool,
}

/// Loads all services.
pub(crate) async fn load(app: &App, filter: &ListFilter) -> Result<TrainingView, Problem> {
    let now = app.clock().now();
    let known = fleet::named(app, "").await?;
    let kept = records::list::<Rota>(app, RecordFilter { limit: MOST, ..RecordFilter::default() }).await?;
    let mut names = known.clone();
    names.extend(kept.iter().map(|entry| entry.service.clone()));
    names.sort_unstable();
    names.dedup();
    let text = filter.text.trim().to_lowercase();
    let wanted = names.into_iter().filter(|name| {
        (filter.service.is_empty() || *name == filter.service) && name.to_lowercase().contains(&text)
    });
    let mut rotas: Vec<RotaView> =
        wanted.map(|service| RotaView::of(&service, first(&kept, &service), now)).collect();
    rotas.sort_by_key(|rota| rota.primary.is_some());
    Ok(TrainingView { as_of: now, rotas, services: known })
}

/// Loads a service.
pub(crate) async fn one(app: &App, service: &str) -> Result<RotaView, Problem> {
    let entry = entry(app, service).await?;
    Ok(RotaView::of(service, entry.as_ref(), app.clock().now()))
}

/// The rota of a service; none while nobody has written it.
pub(crate) async fn entry(app: &App, service: &str) -> Result<Option<Entry<Rota>>, Problem> {
    let filter = RecordFilter { service: Some(service.to_owned()), limit: MOST, ..RecordFilter::default() };
    let kept = records::list::<Rota>(app, filter).await?;
    Ok(first(&kept, service).cloned())
}

/// A service has one rota: where two people made one in the same moment, it is the first.
fn first<'a>(kept: &'a [Entry<Rota>], service: &str) -> Option<&'a Entry<Rota>> {
    kept.iter().filter(|entry| entry.service == service).min_by_key(|entry| entry.id)
}

impl RotaView {
    fn of(service: &str, entry: Option<&Entry<Rota>>, now: Timestamp) -> Self {
        let today = now.to_zoned(TimeZone::UTC).date();
        let rota = entry.map(|entry| &entry.body);
        let training = rota.map(|rota| rota.training.as_slice()).unwrap_or_default();
        let trained =
            |who: &str| training.iter().any(|training| training.who == who && training.counts_on(today));
        let on_call = rota.map(Rota::on_call).unwrap_or_default();
        let untrained = on_call.into_iter().filter(|who| !trained(who)).map(str::to_owned).collect();
        Self {
            service: service.to_owned(),
            version: entry.map_or(0, |entry| entry.version),
            primary: rota.map(|rota| rota.primary.clone()),
            secondary: rota.and_then(|rota| rota.secondary.clone()),
            escalation: rota.map(|rota| rota.escalation.clone()).unwrap_or_default(),
            commander: rota.and_then(|rota| rota.commander.clone()),
            training: training.iter().map(|training| line(training, today)).collect(),
            untrained,
            updated_at: entry.map(|entry| entry.updated_at),
            updated_by: entry.map(|entry| entry.updated_by.clone()),
        }
    }
}

fn line(training: &Training, today: Date) -> TrainingLine {
    TrainingLine {
        who: training.who.clone(),
        what: training.what.clone(),
        until: training.until,
        counts: training.counts_on(today),
    }
}

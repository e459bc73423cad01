//! What goes on in a service right now: of all its instances, the oldest first.

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::Instance;
use seaworthy_protocol::{Now, Oldest, OpenConnection, OpenRequest, OpenSpan};
use serde::Serialize;
use utoipa::ToSchema;

use super::{health::InstanceHealth, service::no_such_service};
use crate::{problem::Problem, state::App};

/// Of each kind, over all instances.
const MOST: usize = 100;

/// What goes on in a service, as the latest check-ins of its running instances tell.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct NowView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// The service.
    pub(crate) service: String,
    /// Its instances that check in.
    pub(crate) instances: usize,
    /// Those of them that do not tell what goes on: agents of before.
    pub(crate) silent: usize,
    /// Requests that have begun and not ended.
    pub(crate) requests: OldestRequests,
    /// Spans that are recorded and have not ended, without those of the requests themselves.
    pub(crate) spans: OldestSpans,
    /// Connections that clients hold.
    pub(crate) connections: OldestConnections,
}

/// Unfinished requests.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct OldestRequests {
    /// How many there are.
    pub(crate) count: u64,
    /// The oldest of each instance, at most 20, and 100 of all.
    pub(crate) oldest: Vec<RequestLine>,
}

/// Unfinished spans.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct OldestSpans {
    /// How many there are.
    pub(crate) count: u64,
    /// The oldest of each instance, at most 20, and 100 of all.
    pub(crate) oldest: Vec<SpanLine>,
}

/// Open connections.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct OldestConnections {
    /// How many there are.
    pub(crate) count: u64,
    /// The oldest of each instance, at most 20, and 100 of all.
    pub(crate) oldest: Vec<ConnectionLine>,
}

/// Where something goes on, and for how long.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Since {
    /// The instance.
    pub(crate) instance: String,
    /// When it began, by the portal's clock.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) since: Timestamp,
    /// Milliseconds that it had lasted at the latest check-in. It may have ended since.
    pub(crate) age_ms: u64,
}

/// A request that has begun and not ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RequestLine {
    /// Where, and for how long.
    #[serde(flatten)]
    pub(crate) since: Since,
    /// `GET`.
    pub(crate) method: String,
    /// `/orders/{id}`; none where no route has matched.
    pub(crate) route: Option<String>,
    /// Who sent it.
    pub(crate) peer: Option<String>,
    /// As whom, where the handler has said so.
    pub(crate) user: Option<String>,
    /// Its `x-request-id`.
    pub(crate) request_id: String,
    /// Its trace.
    pub(crate) trace_id: Option<String>,
    /// Whether the trace is recorded.
    pub(crate) recorded: bool,
}

/// A span that has not ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SpanLine {
    /// Where, and for how long.
    #[serde(flatten)]
    pub(crate) since: Since,
    /// What it is called in the code.
    pub(crate) name: String,
    /// Where it comes from: `reception::orders`.
    pub(crate) target: String,
    /// `src/orders.rs:42`.
    pub(crate) place: Option<String>,
    /// Its trace.
    pub(crate) trace_id: String,
    /// Itself.
    pub(crate) span_id: String,
}

/// A connection that a client holds.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ConnectionLine {
    /// Where, and for how long.
    #[serde(flatten)]
    pub(crate) since: Since,
    /// Who is at the other end.
    pub(crate) peer: String,
    /// Requests that have come over it.
    pub(crate) requests: u64,
    /// As whom, where a handler has said so.
    pub(crate) user: Option<String>,
}

/// Loads what goes on in a service.
pub(crate) async fn load(app: &App, service: &str) -> Result<NowView, Problem> {
    let as_of = app.clock().now();
    if app.catalog().service(service).await?.is_none() {
        return Err(no_such_service(service));
    }
    let instances = app.catalog().instances(service).await?;
    of(app, service, instances, as_of).await
}

/// The same of a service whose instances are known already.
pub(crate) async fn of(
    app: &App,
    service: &str,
    mut instances: Vec<Instance>,
    as_of: Timestamp,
) -> Result<NowView, Problem> {
    instances.retain(|instance| InstanceHealth::of(instance, as_of).is_alive());
    let mut nows = app.catalog().nows(service).await?;
    let told: Vec<(Instance, Option<Now>)> = instances
        .into_iter()
        .map(|instance| {
            let now = nows.remove(&instance.check_in.instance);
            (instance, now)
        })
        .collect();
    Ok(view(service, &told, as_of))
}

fn view(service: &str, told: &[(Instance, Option<Now>)], as_of: Timestamp) -> NowView {
    let (count, oldest) = gather(told, |now| &now.requests, |open| open.since, request);
    let requests = OldestRequests { count, oldest };
    let (count, oldest) = gather(told, |now| &now.spans, |open| open.since, span);
    let spans = OldestSpans { count, oldest };
    let (count, oldest) = gather(told, |now| &now.connections, |open| open.since, connection);
    let connections = OldestConnections { count, oldest };
    let silent = told.iter().filter(|(_, now)| now.is_none()).count();
    let service = service.to_owned();
    NowView { as_of, service, instances: told.len(), silent, requests, spans, connections }
}

/// How many there are of all instances, and the oldest of them.
fn gather<T, L>(
    told: &[(Instance, Option<Now>)],
    kind: fn(&Now) -> &Oldest<T>,
    begun: fn(&T) -> Timestamp,
    line: fn(Since, &T) -> L,
) -> (u64, Vec<L>) {
    let (mut count, mut all) = (0_u64, Vec::new());
    for (instance, now) in told {
        let Some(of_kind) = now.as_ref().map(kind) else { continue };
        count = count.saturating_add(of_kind.count);
        all.extend(of_kind.oldest.iter().map(|open| (since(instance, begun(open)), open)));
    }
    all.sort_by_key(|(since, _)| since.since);
    all.truncate(MOST);
    (count, all.into_iter().map(|(since, open)| line(since, open)).collect())
}

/// What had gone on for so long when the check-in was sent had so when it arrived, whatever the instance's clock says.
fn since(instance: &Instance, begun: Timestamp) -> Since {
    let before = instance.check_in.sent_at.duration_since(begun).max(SignedDuration::ZERO);
    let since = instance.last_seen_at.checked_sub(before).unwrap_or(Timestamp::MIN);
    let age_ms = u64::try_from(before.as_millis()).unwrap_or_default();
    Since { instance: instance.check_in.instance.clone(), since, age_ms }
}

fn request(since: Since, open: &OpenRequest) -> RequestLine {
    let OpenRequest { method, route, peer, user, request_id, trace_id, recorded, .. } = open.clone();
    RequestLine { since, method, route, peer, user, request_id, trace_id, recorded }
}

fn span(since: Since, open: &OpenSpan) -> SpanLine {
    let OpenSpan { name, target, place, trace_id, span_id, .. } = open.clone();
    SpanLine { since, name, target, place, trace_id, span_id }
}

fn connection(since: Since, open: &OpenConnection) -> ConnectionLine {
    let OpenConnection { peer, requests, user, .. } = open.clone();
    ConnectionLine { since, peer, requests, user }
}

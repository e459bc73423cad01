//! What people say of a service as a whole.

use std::collections::BTreeSet;

use jiff::Timestamp;
use seaworthy_catalog::{Role, ServiceSettings, StoredProfileSchedule, StoredServiceSettings};

use crate::{
    problem::Problem,
    readiness,
    state::App,
    view::{
        people::logins,
        uptime::{self, UptimeView},
    },
};

/// What is said of a service, and what can be chosen.
#[derive(Clone, Debug)]
pub(crate) struct SettingsView {
    /// When this was so.
    pub(crate) as_of: Timestamp,
    /// The service.
    pub(crate) service: String,
    /// What is said now.
    pub(crate) settings: ServiceSettings,
    /// Rises with every change; 0 where nobody has said anything.
    pub(crate) version: i64,
    /// When it was last changed, and how who did so signs in.
    pub(crate) changed: Option<(Timestamp, String)>,
    /// How often profiles are taken of it by themselves; none where they are not.
    pub(crate) schedule: Option<StoredProfileSchedule>,
    /// Whether it answers from outside.
    pub(crate) uptime: Option<UptimeView>,
    /// The kinds that templates name, and those of other services.
    pub(crate) kinds: BTreeSet<String>,
    /// How people sign in who have an account.
    pub(crate) people: Vec<String>,
}

/// Loads it.
pub(crate) async fn load(app: &App, service: &str) -> Result<SettingsView, Problem> {
    let catalog = app.catalog();
    if catalog.service(service).await?.is_none() {
        let what = format!("There is no service {service:?}");
        return Err(Problem::not_found(what, "The fleet lists every one that was heard of."));
    }
    let all = catalog.all_service_settings().await?;
    let templates = readiness::templates(app).await.map_err(Problem::internal)?;
    let mut kinds: BTreeSet<String> =
        templates.iter().flat_map(|template| template.kinds.iter().cloned()).collect();
    kinds.extend(all.iter().filter_map(|stored| stored.settings.kind.clone()));
    let people = logins(app).await?;
    let stored = all.into_iter().find(|stored| stored.service == service);
    let (settings, version, changed) = match stored {
        Some(StoredServiceSettings { settings, version, updated_at, updated_by, .. }) => {
            (settings, version, Some((updated_at, updated_by)))
        }
        None => (ServiceSettings::default(), 0, None),
    };
    Ok(SettingsView {
        schedule: catalog.profile_schedule(service).await?,
        as_of: app.clock().now(),
        uptime: uptime::load(app, service).await?,
        service: service.to_owned(),
        settings,
        version,
        changed,
        kinds,
        people,
    })
}

/// Whether somebody may name another owner of a service. Owners approve waivers, so nobody makes themselves one: an admin does,
/// or the owner before.
pub(crate) fn may_name_owner(login: &str, role: Role, owner: Option<&str>) -> bool {
    role == Role::Admin || role >= Role::Editor && owner == Some(login)
}

/// Whether two name the same owner, in any capitals.
pub(crate) fn same_owner(one: &ServiceSettings, other: &ServiceSettings) -> bool {
    let owner = |settings: &ServiceSettings| settings.owner.as_deref().map(str::to_lowercase);
    owner(one) == owner(other)
}

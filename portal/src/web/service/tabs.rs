//! The pages of a service, side by side.

use leptos::prelude::*;

use crate::web::link;

/// Links to the pages of a service; `here` is the one that is shown, empty for the overview.
pub(crate) fn tabs(service: &str, here: &str) -> impl IntoView + use<> {
    let own = link::service(service);
    let of = |path: &str| link::with_query(path, &[("service", service)]);
    let pages = [
        ("", "Overview", own.clone()),
        ("now", "Now", link::service_now(service)),
        ("readiness", "Readiness", link::readiness(service)),
        ("slos", "SLOs", of("/slos")),
        ("traces", "Traces", of("/traces")),
        ("logs", "Logs", of("/logs")),
        ("errors", "Errors", of("/errors")),
        ("profiles", "Profiles", link::profiles(service)),
        ("runbooks", "Runbooks", of("/runbooks")),
        ("settings", "Settings", link::service_settings(service)),
    ];
    let links: Vec<_> = pages
        .into_iter()
        .map(|(name, label, href)| {
            let current = (name == here).then_some("page");
            view! { <a href=href aria-current=current>{label}</a> }
        })
        .collect();
    view! { <nav class="tabs" aria-label="Service pages">{links}</nav> }
}

//! Whether a service answers from outside.

use jiff::Timestamp;
use leptos::prelude::*;

use crate::{
    view::{readiness::settings::SettingsView, service::ServiceView, uptime::UptimeView},
    web::{format, icon::icon, link, time},
};

/// A card of it; none where there is no URL to ask for.
pub(super) fn card(view: &SettingsView) -> Option<impl IntoView + use<>> {
    view.settings.url.as_ref()?;
    let told = match &view.uptime {
        Some(uptime) => words(uptime, view.as_of).into_any(),
        None => "Not asked yet. The portal asks once a minute.".into_any(),
    };
    Some(view! {
        <section class="card" id="uptime">
            <header><h2>"Asked from outside"</h2></header>
            <div class="body"><p class="wrap-anywhere">{told}</p></div>
        </section>
    })
}

/// In a line that tells of the service as a whole.
pub(super) fn brief(service: &ServiceView) -> Option<impl IntoView + use<>> {
    let uptime = service.uptime.as_ref()?;
    let settings = format!("{}#uptime", link::service_settings(&service.name));
    let told = match uptime.failing_since {
        None => words(uptime, service.as_of).into_any(),
        Some(since) => view! { {failing()}" since "{time::minute(since)} }.into_any(),
    };
    Some(view! { <a href=settings>"from outside"</a>" "{told}<span class="dot">"·"</span> })
}

/// `answered 200 in 12 ms, 20 s ago`, or since when it has not, and why.
fn words(uptime: &UptimeView, now: Timestamp) -> impl IntoView + use<> {
    let asked = time::ago(uptime.at, now);
    let took = match uptime.took_ms {
        0 => "less than 1 ms".to_owned(),
        ms => format::seconds(ms as f64 / 1e3),
    };
    match uptime.failing_since {
        Some(since) => {
            let why = uptime.error.clone().unwrap_or_default();
            view! { {failing()}" since "{time::minute(since)}": "{why}" (asked "{asked}")" }.into_any()
        }
        None => {
            let status = uptime.status.map(|status| format!("answered {status}"));
            view! { <span class="status is-pass">{icon("pass")}{status}</span>" in "{took}", "{asked} }
                .into_any()
        }
    }
}

fn failing() -> impl IntoView {
    view! { <span class="status is-fail">{icon("fail")}"no answer"</span> }
}

//! Where the signed link of a message leads.
//!
//! To look changes nothing: programs that check links in messages follow every one. What acknowledges is the button.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

use super::{field::form_token, icon::icon, layout, time};
use crate::{
    auth::{Anyone, ClientAddress, FormKey},
    problem::Problem,
    state::App,
    view::acknowledge::{self, AcknowledgeView},
};

/// Shows the alert, and the button.
pub(crate) async fn show(
    _: Anyone,
    State(app): State<App>,
    key: FormKey,
    Path(link): Path<String>,
) -> Result<Response, Problem> {
    let alert = acknowledge::load(&app, &link).await?;
    Ok(page(key, &link, &alert))
}

/// Acknowledges, and shows that it has.
pub(crate) async fn acknowledge(
    _: Anyone,
    State(app): State<App>,
    key: FormKey,
    address: ClientAddress,
    Path(link): Path<String>,
) -> Result<Response, Problem> {
    let alert = acknowledge::acknowledge(&app, &link, address.to_string()).await?;
    Ok(page(key, &link, &alert))
}

fn page(key: FormKey, link: &str, alert: &AcknowledgeView) -> Response {
    let title = match (&alert.resolved_at, &alert.acknowledged) {
        (_, Some(_)) if alert.id.is_none() => "The test has arrived",
        (_, None) if alert.id.is_none() => "Has the test arrived?",
        (Some(_), _) => "The alert is over",
        (None, Some(_)) => "The alert is acknowledged",
        (None, None) => "Do you see to it?",
    };
    let html = layout::door(title, || {
        view! {
            <div class="stack">
                <p class="wrap-anywhere"><b>{alert.title.clone()}</b></p>
                <p class="wrap-anywhere">{alert.summary.clone()}</p>
                <p class="muted wrap-anywhere">
                    {alert.service.clone()}", since "{time::moment(alert.started_at)}
                </p>
                {standing(key.token(), link, alert)}
                {alert.id.map(|id| view! { <div class="actions"><a class="button" href=format!("/alerts/{id}")>"See the alert"</a></div> })}
            </div>
        }
    });
    (key, html).into_response()
}

fn standing(token: &str, link: &str, alert: &AcknowledgeView) -> AnyView {
    if let Some(at) = alert.resolved_at {
        return view! { <p class="status is-pass">{icon("pass")}"Over since "{time::moment(at)}</p> }
            .into_any();
    }
    if let Some((by, at)) = &alert.acknowledged {
        let by = format!("By {by}, ");
        return view! { <p class="status is-pass">{icon("pass")}{by}{time::moment(*at)}</p> }.into_any();
    }
    let (button, hint) = match alert.id {
        Some(_) => (
            "Acknowledge: I see to it",
            "Others see that somebody does. The alert goes on until what it is about is over.",
        ),
        None => ("Acknowledge: it has arrived", "The channel then counts as tried, for 90 days."),
    };
    view! {
        <form class="form" action=format!("/ack/{link}") method="post">
            {form_token(token)}
            <button class="button primary wide" type="submit">{button}</button>
            <p class="hint">{hint}</p>
        </form>
    }
    .into_any()
}

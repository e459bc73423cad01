//! What was asked for, and how far it has come.

use leptos::prelude::*;

use super::kind;
use crate::{
    view::profiles::{CaptureState, CaptureView, ProfilesView},
    web::{format::short_id, icon::icon, link, time},
};

/// None where nothing was asked.
pub(super) fn card(view: &ProfilesView) -> Option<impl IntoView + use<>> {
    if view.captures.is_empty() {
        return None;
    }
    let lines: Vec<_> = view.captures.iter().map(line).collect();
    let is_underway = view.captures.iter().any(|capture| !capture.state.is_over());
    let hint = is_underway.then(|| {
        view! { <div class="end"><a class="button small" href=link::profiles(&view.service)>"Reload"</a></div> }
    });
    Some(view! {
        <section class="card" aria-label="Captures">
            <header><h2>"Captures"</h2>{hint}</header>
            <ul class="list">{lines}</ul>
        </section>
    })
}

fn line(capture: &CaptureView) -> impl IntoView + use<> {
    let what = match capture.seconds {
        0 => kind(capture.kind.as_str()).to_owned(),
        seconds => format!("{}, {seconds} s", kind(capture.kind.as_str())),
    };
    let by = (!capture.asked_by.is_empty()).then(|| format!(" by {}", capture.asked_by));
    view! {
        <li>
            <div class="row">
                <b>{what}</b>
                <span class="muted">"of "<span class="mono" title=capture.instance.clone()>{short_id(&capture.instance)}</span>
                    ", asked"{by}" at "{time::clock(capture.asked_at)}</span>
                {state(capture)}
            </div>
        </li>
    }
}

fn state(capture: &CaptureView) -> impl IntoView + use<> {
    let detail = capture.detail.clone();
    match capture.state {
        CaptureState::Waiting => {
            view! { <span class="status is-info">{icon("clock")}"waits for the next check-in"</span> }.into_any()
        }
        CaptureState::Underway => {
            let percent = capture.percent.unwrap_or_default();
            let words = format!("{detail}, {percent} %");
            view! {
                <span class="status is-info">{icon("clock")}"under way"</span>
                <progress max="100" value=percent.to_string() aria-label=words.clone()></progress>
                <span class="small muted">{words}</span>
            }
            .into_any()
        }
        CaptureState::Done => {
            let open = capture.profile.clone().map(|id| {
                view! { <a class="button small" href=link::profile(&id)>{icon("flame")}"Open"</a> }
            });
            view! { <span class="status is-pass">{icon("pass")}"done"</span>{open} }.into_any()
        }
        CaptureState::Failed => {
            view! { <span class="status is-fail">{icon("fail")}"failed"</span><span class="small wrap-anywhere">{detail}</span> }
                .into_any()
        }
        CaptureState::Expired => {
            view! { <span class="status is-warn">{icon("lost")}"expired"</span><span class="small">{detail}</span> }
                .into_any()
        }
    }
}

//! The SLOs of a service.

use leptos::prelude::*;

use crate::{
    view::{service::ServiceView, slo::SloSummary},
    web::{icon::icon, link, slo::words},
};

pub(super) fn card(service: &ServiceView) -> impl IntoView + use<> {
    let new = link::with_query("/slos/new", &[("service", &service.name)]);
    let lines: Vec<_> = service.slos.iter().map(line).collect();
    let none = lines.is_empty().then(|| {
        view! {
            <div class="body"><p class="muted">
                "This service promises nothing yet. "<a href=new>"Say how many requests may fail"</a>
                ", and the portal counts every one of them."
            </p></div>
        }
    });
    view! {
        <section class="card">
            <header><h2>"SLOs"</h2><div class="end">"least budget first"</div></header>
            {none}
            <ul class="list">{lines}</ul>
        </section>
    }
}

fn line(slo: &SloSummary) -> impl IntoView + use<> {
    let told = if slo.title.is_empty() { slo.name.clone() } else { slo.title.clone() };
    view! {
        <li class="slo-line">
            <div class="grow">
                <a href=link::slo(&slo.name)>{told}</a>
                <span class="sub">{format!("{}, {}", slo.objective, words::window(&slo.spec.window))}</span>
            </div>
            <div class="budget">{words::budget_meter(slo)}</div>
            {words::state_pill(slo.state)}
            <a class="button quiet icon-only" href=link::slo(&slo.name) aria-label=format!("Open {}", slo.name)>{icon("chevron")}</a>
        </li>
    }
}

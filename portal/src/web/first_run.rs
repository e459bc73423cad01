//! What the fleet page shows before anything has checked in: how to get there.

use leptos::prelude::*;
use seaworthy_catalog::Role;

use super::icon::icon;
use crate::auth::Caller;

const AGENT: &str = r#"let agent = Agent::builder("reception").start()?;
let router = Router::new().route("/orders", post(create));
agent.serve(listener, router).await;
agent.stop().await;"#;

/// `base`: where people reach the portal.
pub(super) fn view(caller: &Caller, base: &str) -> impl IntoView + use<> {
    let run = format!("SEAWORTHY_PORTAL={base} \\\n  SEAWORTHY_TOKEN=sw_… \\\n  cargo run");
    view! {
        <div class="page-head">
            <h1>"Fleet"</h1>
            <p class="sub">
                "no services yet"<span class="dot">"·"</span>"this page fills by itself when the first one checks in"
            </p>
        </div>
        <div class="with-side">
            <section class="card">
                <header><h2>"Bring your first service aboard"</h2><div class="end">"about 3 min"</div></header>
                <ol class="journey">
                    {step(1, "Make an ingest token", token(caller).into_any())}
                    {step(2, "Start the agent in main", view! {
                        <p class="sub">"A Rust service with axum or tower. Nothing else changes."</p>
                        <pre class="code" tabindex="0">{AGENT}</pre>
                    }.into_any())}
                    {step(3, "Run it", view! {
                        <p class="sub">"The agent dials this portal; no port of your service needs to be open."</p>
                        <pre class="code" tabindex="0">{run}</pre>
                        <p class="waiting">
                            <span class="pulse" aria-hidden="true"></span>
                            <span role="status">"Waiting for the first check-in. Nothing has arrived yet."</span>
                        </p>
                    }.into_any())}
                </ol>
                <footer>
                    "Nothing after 2 min? Look at the address, the token, and the lines of the service's log whose \
                     target is seaworthy."
                </footer>
            </section>
            <div class="stack">{demo()}{other_language(base)}</div>
        </div>
    }
}

fn step(number: u8, title: &'static str, content: AnyView) -> impl IntoView {
    view! { <li class="now"><span class="step">{number}</span><div><h2>{title}</h2>{content}</div></li> }
}

fn token(caller: &Caller) -> impl IntoView + use<> {
    if caller.role() < Role::Editor {
        return view! { <p class="sub">"An editor or an admin of this portal makes one for you."</p> }
            .into_any();
    }
    view! {
        <p class="sub">"It lets a service send to this portal, and nothing else."</p>
        <div class="row"><a class="button primary" href="/settings/tokens">{icon("key")}"Make a token"</a></div>
    }
    .into_any()
}

fn demo() -> impl IntoView {
    view! {
        <section class="card">
            <header><h2>"No service at hand?"</h2></header>
            <div class="body stack">
                <p class="muted">
                    "The coffee shop runs on your machine: one reception, two baristas, steady orders and an occasional \
                     fault."
                </p>
                <pre class="code" tabindex="0">"seaworthy demo"</pre>
            </div>
        </section>
    }
}

fn other_language(base: &str) -> impl IntoView + use<> {
    let variables = format!(
        "OTEL_SERVICE_NAME=orders\nOTEL_EXPORTER_OTLP_ENDPOINT={base}\nOTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n\
         OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20sw_…"
    );
    view! {
        <section class="card">
            <header><h2>"Another language?"</h2></header>
            <div class="body stack">
                <p class="muted">"Any OpenTelemetry SDK can send here over OTLP/HTTP. Set these in its environment:"</p>
                <pre class="code" tabindex="0">{variables}</pre>
            </div>
        </section>
    }
}

//! The shop's pipeline: a page with a button that deploys each release of the reception.

use std::{fmt::Write, net::SocketAddr, sync::Arc};

use anyhow::Context;
use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use seaworthy_coffee_shop::faults::page::{document, is_own_form};
use serde::Deserialize;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

/// What can be deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Release {
    pub(super) version: &'static str,
    /// Milliseconds that every order takes longer than with the first.
    pub(super) slower_ms: u64,
    told: &'static str,
}

/// All releases, the first first.
pub(super) const RELEASES: [Release; 2] = [
    Release { version: env!("CARGO_PKG_VERSION"), slower_ms: 0, told: "what the shop opened with" },
    Release {
        version: "0.2.0",
        slower_ms: 450,
        told: "looks up the recipe with every order: nobody has measured that",
    },
];

impl Release {
    /// What tells the reception which it is.
    pub(super) fn arguments(&self) -> [String; 4] {
        ["--release".into(), self.version.into(), "--slower-ms".into(), self.slower_ms.to_string()]
    }
}

/// Where releases are deployed: what is sent there runs soon.
pub(super) type Pipeline = Arc<watch::Sender<Release>>;

#[derive(Debug, Deserialize)]
struct Press {
    version: String,
}

/// Opens the page on a free port of this machine.
pub(super) async fn open(pipeline: Pipeline, closing: CancellationToken) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.context("could not open the page of the shop's pipeline")?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/", get(show)).route("/deploy", post(deploy)).with_state(pipeline);
    tokio::spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(closing.cancelled_owned());
        if let Err(error) = served.await {
            tracing::warn!(%error, "the page of the shop's pipeline has ended");
        }
    });
    Ok(address)
}

async fn show(State(pipeline): State<Pipeline>) -> Html<String> {
    let runs = *pipeline.borrow();
    let mut rows = String::new();
    for release in RELEASES {
        let Release { version, told, .. } = release;
        let on = release == runs;
        let class = if on { "on" } else { "off" };
        let older =
            RELEASES.iter().position(|of| *of == release) < RELEASES.iter().position(|of| *of == runs);
        let action = if older { "Roll back to" } else { "Deploy" };
        let button =
            if on { "<span>runs</span>".to_owned() } else { format!("<button>{action} {version}</button>") };
        let _ = write!(
            rows,
            "<li class={class}><form method=post action=/deploy><input type=hidden name=version value={version}>\
             <div><b>reception {version}</b><p>{told}</p></div>{button}</form></li>"
        );
    }
    let about = "Deploys a release of the reception: its process drains, and one of the other release takes its place. \
                 Seaworthy sees it by the builds that instances report.";
    document("Deploy the coffee shop", about, &rows)
}

async fn deploy(State(pipeline): State<Pipeline>, headers: HeaderMap, Form(press): Form<Press>) -> Response {
    if !is_own_form(&headers) {
        return (StatusCode::FORBIDDEN, "Releases are deployed by the buttons of this page only.")
            .into_response();
    }
    let Some(release) = RELEASES.into_iter().find(|release| release.version == press.version) else {
        return (StatusCode::UNPROCESSABLE_ENTITY, "There is no such release.").into_response();
    };
    pipeline.send_if_modified(|runs| std::mem::replace(runs, release) != release);
    Redirect::to("/").into_response()
}

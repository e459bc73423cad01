//! `/debug/pprof/tasks`.

use std::thread;

use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Deserialize;
use tokio::sync::oneshot;

use crate::tasks::{Form, dump};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default = "grouped")]
    debug: u8,
}

fn grouped() -> u8 {
    1
}

pub(super) async fn tasks(Query(asked): Query<Asked>) -> Response {
    let form = match asked.debug {
        1 => Form::Grouped,
        2 => Form::Blocks,
        _ => return (StatusCode::BAD_REQUEST, "debug is 1 (grouped) or 2 (one by one)\n").into_response(),
    };
    match on_a_thread_of_its_own(move || dump(form)).await {
        Some(text) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response(),
        None => {
            let again = [(header::RETRY_AFTER, "1")];
            (StatusCode::SERVICE_UNAVAILABLE, again, "another dump is being written; ask again\n")
                .into_response()
        }
    }
}

/// A runtime, which may be the service's, must not wait for it.
async fn on_a_thread_of_its_own(dump: impl FnOnce() -> Option<String> + Send + 'static) -> Option<String> {
    let (tell, told) = oneshot::channel();
    let work = move || drop(tell.send(dump()));
    thread::Builder::new().name("seaworthy-tasks".into()).spawn(work).ok()?;
    told.await.ok()?
}

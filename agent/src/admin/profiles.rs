//! `/debug/pprof/…`: profiles, as `go tool pprof` reads them.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use axum::{
    Json,
    extract::{Query, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use crate::{aside::aside, cpu, heap};

/// A change of the heap over more than this is better had from two profiles.
const MAX_HEAP_SECONDS: u64 = 600;

#[derive(Deserialize)]
pub(super) struct HeapQuery {
    seconds: Option<u64>,
}

/// Whoever wants more takes several profiles.
const MAX_CPU_SECONDS: u64 = 60;
/// A signal takes microseconds; more of them would be felt.
const MAX_HERTZ: u32 = 999;

#[derive(Deserialize)]
pub(super) struct CpuQuery {
    seconds: Option<u64>,
    hz: Option<u32>,
}

/// Only one of a kind is taken at a time.
struct Turn(&'static AtomicBool);

impl Turn {
    fn take(taken: &'static AtomicBool) -> Option<Self> {
        (!taken.swap(true, Ordering::Acquire)).then_some(Self(taken))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// What is in use and was allocated since the process began; with `seconds`, how that changes over so long from now.
pub(super) async fn heap(query: Result<Query<HeapQuery>, QueryRejection>) -> Response {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    let seconds = match query {
        Ok(Query(HeapQuery { seconds })) => seconds.unwrap_or(0),
        Err(rejection) => return refused(StatusCode::BAD_REQUEST, &rejection.body_text()),
    };
    if seconds > MAX_HEAP_SECONDS {
        return refused(
            StatusCode::BAD_REQUEST,
            &format!("seconds is {seconds}, but must be at most {MAX_HEAP_SECONDS}"),
        );
    }
    if !heap::is_installed() {
        let how =
            "the service does not sample its heap: make seaworthy_agent::heap::Sampling its global allocator";
        return refused(StatusCode::NOT_FOUND, how);
    }
    let Some(turn) = Turn::take(&TAKEN) else { return busy("heap") };
    let profile = aside("seaworthy-heap", move |waiting| {
        let _turn = turn;
        let begin = (seconds > 0).then(heap::Snapshot::now);
        if !waiting.sleep(Duration::from_secs(seconds)) {
            return None;
        }
        heap::profile(begin.as_ref(), &heap::Snapshot::now()).ok()
    });
    answer("heap", profile.await.flatten())
}

/// Where the CPU time goes from now on: 30 s at 100 samples in a second unless told otherwise.
pub(super) async fn cpu(query: Result<Query<CpuQuery>, QueryRejection>) -> Response {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    let (seconds, hertz) = match query {
        Ok(Query(CpuQuery { seconds, hz })) => (seconds.unwrap_or(30), hz.unwrap_or(100)),
        Err(rejection) => return refused(StatusCode::BAD_REQUEST, &rejection.body_text()),
    };
    if !(1..=MAX_CPU_SECONDS).contains(&seconds) {
        let detail = format!("seconds is {seconds}, but must be from 1 to {MAX_CPU_SECONDS}");
        return refused(StatusCode::BAD_REQUEST, &detail);
    }
    if !(1..=MAX_HERTZ).contains(&hertz) {
        return refused(
            StatusCode::BAD_REQUEST,
            &format!("hz is {hertz}, but must be from 1 to {MAX_HERTZ}"),
        );
    }
    let Some(turn) = Turn::take(&TAKEN) else { return busy("CPU") };
    let wanted = cpu::Wanted { duration: Duration::from_secs(seconds), hertz };
    let profile = aside("seaworthy-cpu", move |waiting| {
        let _turn = turn;
        cpu::profile(wanted, waiting)
    });
    match profile.await {
        Some(Ok(profile)) => answer("cpu", Some(profile)),
        Some(Err(error @ cpu::Error::NotHere)) => refused(StatusCode::NOT_IMPLEMENTED, &error.to_string()),
        Some(Err(error @ cpu::Error::Taken)) => refused(StatusCode::CONFLICT, &error.to_string()),
        Some(Err(error)) => refused(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
        None => answer("cpu", None),
    }
}

fn answer(kind: &str, profile: Option<Vec<u8>>) -> Response {
    let Some(profile) = profile else {
        return refused(
            StatusCode::SERVICE_UNAVAILABLE,
            "the profile could not be made: the system gave no thread",
        );
    };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{kind}.pb.gz\"")),
    ];
    (headers, profile).into_response()
}

fn busy(kind: &str) -> Response {
    refused(StatusCode::CONFLICT, &format!("a {kind} profile is being taken; try again when it is done"))
}

fn refused(status: StatusCode, detail: &str) -> Response {
    (status, Json(json!({ "detail": detail }))).into_response()
}

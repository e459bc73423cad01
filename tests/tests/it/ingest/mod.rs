//! OTLP over HTTP, as any sender in any language may send it.

mod metrics;
mod pressure;
mod traces;

use reqwest::Method;
use seaworthy_tests::{Answer, Client};

use crate::gzip;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

async fn post_gzip(sender: &Client, path: &str, content_type: &str, body: &[u8]) -> Answer {
    let request = sender.request(Method::POST, path).header("content-type", content_type);
    Answer::to(request.header("content-encoding", "gzip").body(gzip(body))).await
}

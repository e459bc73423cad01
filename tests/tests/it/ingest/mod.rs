//! OTLP over HTTP, as any sender in any language may send it.

mod metrics;
mod traces;

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use reqwest::Method;
use seaworthy_tests::{Answer, Client};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

async fn post_gzip(sender: &Client, path: &str, content_type: &str, body: &[u8]) -> Answer {
    let request = sender.request(Method::POST, path).header("content-type", content_type);
    Answer::to(request.header("content-encoding", "gzip").body(gzip(body))).await
}

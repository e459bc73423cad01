//! What Prometheus scrapes.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use reqwest::StatusCode;
use seaworthy_tests::Client;

use crate::{kiosk, portal};

/// What `promtool check metrics` has to say of a page: nothing, if it has nothing against it.
fn checked(page: &str) -> String {
    let promtool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/promtool");
    assert!(promtool.exists(), "{} is missing; scripts/test fetches it", promtool.display());
    let mut command = Command::new(promtool);
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    format!("{}{}", String::from_utf8_lossy(&told), if output.status.success() { "" } else { "failed" })
}

#[tokio::test]
async fn promtool_has_nothing_against_what_an_agent_serves() {
    let portal = portal().await;
    let barista = kiosk("barista", &portal, None);
    let reception = kiosk("reception", &portal, Some(&barista));
    let customer = Client::new(&reception.url, None);
    for path in ["/orders/espresso", "/orders/a%22b%5Cc%0Ad", "/nowhere"] {
        customer.get(path).await;
    }
    for (service, name) in [(&reception, "http_client_request_duration_seconds"), (&barista, "http_server")] {
        let page = Client::new(&service.admin_url, None).get("/metrics").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains(name) && page.text().contains("process_"), "{}", page.text());
        assert_eq!(checked(&page.text()), "", "{}", page.text());
    }
    assert!(checked("a_metric{b=\"c\"} 1\na_metric{b=\"c\"} 2 what\n").contains("failed"), "it would say so");
}

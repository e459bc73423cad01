//! The admin endpoints over TCP, as their own listener serves them.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

use crate::{Agent, Builder, StartError, health::HealthCheck};

fn builder() -> Builder {
    Agent::builder("reception")
        .version("1.8.2")
        .commit("4f2c91e")
        .environment("test")
        .shutdown_timeout(Duration::ZERO)
        .without_subscriber()
}

/// Status and body of the answer to `GET path`.
fn get(address: SocketAddr, path: &str, headers: &str) -> (u16, String) {
    ask("GET", address, path, headers)
}

/// Status and body of the answer.
fn ask(method: &str, address: SocketAddr, path: &str, headers: &str) -> (u16, String) {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let host = if headers.contains("host:") { "" } else { "host: localhost\r\n" };
    write!(connection, "{method} {path} HTTP/1.1\r\n{host}connection: close\r\n{headers}\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

/// The body with what differs between runs replaced.
fn json(body: &str) -> Value {
    let mut json: Value = serde_json::from_str(body).unwrap();
    let varying = ["timestamp", "host", "instance", "pid", "started_at", "now", "uptime_seconds", "system"];
    for name in varying {
        json.get_mut(name).into_iter().for_each(|value| *value = Value::from("…"));
    }
    json
}

/// Once its first result is there, within 5 s.
fn checked(agent: &Agent) {
    for _ in 0..1_000 {
        if agent.shared.health.snapshot().checks.iter().all(|check| check.checked_at.is_some()) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("{:?}", agent.shared.health.snapshot());
}

#[test]
fn status_has_the_shape_of_health_go() {
    let agent = builder()
        .health_check(HealthCheck::new("orders.db", || async { Err::<(), _>("disk full") }))
        .health_check(HealthCheck::new("barista", || async { Ok::<(), &str>(()) }).critical())
        .start()
        .unwrap();
    checked(&agent);
    let (status, body) = get(agent.admin_address().unwrap(), "/status", "");
    assert_eq!(status, 200);
    insta::assert_snapshot!(format!("{:#}", json(&body)), @r#"
    {
      "status": "Partially Available",
      "timestamp": "…",
      "failures": {
        "orders.db": "disk full"
      },
      "system": "…",
      "component": {
        "name": "reception",
        "version": "1.8.2"
      }
    }
    "#);
    let system: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(system["system"]["requests_in_flight"], 0);
}

#[test]
fn a_critical_failure_makes_the_instance_unavailable_and_not_ready() {
    let check = HealthCheck::new("orders.db", || async { Err::<(), _>("disk full") }).critical();
    let agent = builder().health_check(check).start().unwrap();
    checked(&agent);
    let address = agent.admin_address().unwrap();
    let (status, body) = get(address, "/status", "");
    assert_eq!((status, &json(&body)["status"]), (503, &Value::from("Unavailable")));
    assert_eq!(
        get(address, "/readyz", ""),
        (503, r#"{"status":"not ready","reasons":["orders.db fails"]}"#.to_owned())
    );
    assert_eq!(get(address, "/livez", ""), (200, r#"{"status":"alive"}"#.to_owned()));
}

#[test]
fn readiness_follows_the_service_and_the_drain() {
    let agent = builder().drain_deadline(Duration::from_secs(60)).start().unwrap();
    let readyz = || get(agent.admin_address().unwrap(), "/readyz", "");
    assert_eq!(readyz(), (200, r#"{"status":"ready"}"#.to_owned()));
    agent.set_ready(false);
    assert_eq!(
        readyz(),
        (503, r#"{"status":"not ready","reasons":["the service is not ready yet"]}"#.to_owned())
    );
    agent.set_ready(true);
    assert_eq!(readyz().0, 200);
    agent.shut_down();
    assert_eq!(readyz(), (503, r#"{"status":"not ready","reasons":["draining"]}"#.to_owned()));
}

#[test]
fn version_and_info_say_what_runs() {
    let agent = builder().start().unwrap();
    let address = agent.admin_address().unwrap();
    insta::assert_snapshot!(get(address, "/version", "").1, @r#"
    {"service":"reception","version":"1.8.2","commit":"4f2c91e"}
    "#);
    insta::assert_snapshot!(format!("{:#}", json(&get(address, "/info", "").1)), @r#"
    {
      "service": "reception",
      "version": "1.8.2",
      "commit": "4f2c91e",
      "environment": "test",
      "instance": "…",
      "host": "…",
      "pid": "…",
      "started_at": "…",
      "now": "…",
      "uptime_seconds": "…"
    }
    "#);
}

#[test]
fn metrics_are_served_with_what_is_measured() {
    let agent = builder().start().unwrap();
    agent.counter("shop.orders", "{order}", "Orders taken.").series(()).add(3);
    let (status, page) = get(agent.admin_address().unwrap(), "/metrics", "");
    assert_eq!(status, 200);
    assert!(page.contains("shop_orders_total 3\n"), "{page}");
    assert!(page.contains("service_name=\"reception\""), "{page}");
    #[cfg(target_os = "linux")]
    assert!(page.contains("process_memory_usage_bytes "), "{page}");
}

/// Once no other test of this process has one written.
fn get_dump(address: SocketAddr, path: &str) -> (u16, String) {
    std::iter::repeat_with(|| get(address, path, "")).find(|answer| answer.0 != 409).unwrap()
}

#[test]
fn tasks_are_shown_grouped_or_one_by_one() {
    let agent = builder().start().unwrap();
    let address = agent.admin_address().unwrap();
    let _task = crate::tasks::instrument("waits for guests", std::future::pending::<()>());
    for (path, head) in
        [("/debug/pprof/tasks?debug=1", "\n1 idle, longest "), ("/debug/pprof/tasks?debug=2", " [idle, ")]
    {
        let (status, text) = get_dump(address, path);
        assert!(status == 200 && text.contains(head) && text.contains("name: waits for guests\n"), "{text}");
    }
    assert_eq!(get_dump(address, "/debug/pprof/tasks?debug=1&stacks=false").0, 200);
    for wrong in ["3", "", "two"] {
        assert_eq!(get(address, &format!("/debug/pprof/tasks?debug={wrong}"), "").0, 400, "{wrong}");
    }
}

#[test]
fn an_address_that_others_reach_needs_a_token() {
    let open = SocketAddr::from(([0, 0, 0, 0], 0));
    let error = builder().admin_address(open).start().unwrap_err();
    insta::assert_snapshot!(error, @r#"
    SEAWORTHY_ADMIN_ADDRESS is "0.0.0.0:0", but must be a loopback address such as 127.0.0.1:9090, unless SEAWORTHY_ADMIN_TOKEN is set
    "#);
    let agent = builder().admin_address(open).admin_token("sesame").start().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], agent.admin_address().unwrap().port()));
    for path in ["/status", "/info", "/version", "/metrics", "/connections", "/debug/pprof/tasks", "/nothing"]
    {
        assert_eq!(get(address, path, "").0, 401, "{path}");
        assert_eq!(get(address, path, "authorization: Bearer wrong\r\n").0, 401, "{path}");
    }
    assert_eq!(get(address, "/status", "authorization: Bearer sesame\r\n").0, 200);
    assert_eq!((get(address, "/livez", "").0, get(address, "/readyz", "").0), (200, 200));
}

#[test]
fn a_web_page_that_pretends_to_be_local_is_refused() {
    let agent = builder().start().unwrap();
    let (status, body) = get(agent.admin_address().unwrap(), "/info", "host: evil.example\r\n");
    assert_eq!(status, 403);
    assert!(body.contains("SEAWORTHY_ADMIN_TOKEN"), "{body}");
}

#[test]
fn a_taken_address_is_an_error_that_names_the_setting() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let error = builder().admin_address(taken.local_addr().unwrap()).start().unwrap_err();
    assert!(matches!(error, StartError::AdminAddress { .. }), "{error}");
    assert!(error.to_string().contains("SEAWORTHY_ADMIN_ADDRESS"), "{error}");
}

#[test]
fn without_admin_endpoints_nothing_listens() {
    assert_eq!(builder().admin_address(None).start().unwrap().admin_address(), None);
    assert_eq!(builder().disabled(true).start().unwrap().admin_address(), None);
}

#[test]
fn who_is_connected_is_told_to_programs_and_to_people() {
    let agent = builder().start().unwrap();
    let address = agent.admin_address().unwrap();
    let peer = SocketAddr::from(([192, 0, 2, 7], 50312));
    let _connection = agent.shared.now.connections.enter(crate::now::Connection::new(peer));
    let (status, body) = get(address, "/connections", "");
    let mut told: Value = serde_json::from_str(&body).unwrap();
    let varying = [&mut told["connections"]["oldest"][0]["since"].take(), &mut told["now"].take()];
    assert!(status == 200 && varying.iter().all(|time| time.is_string()), "{body}");
    insta::assert_snapshot!(told, @r#"{"now":null,"connections":{"count":1,"oldest":[{"since":null,"peer":"192.0.2.7:50312","requests":0}]},"requests":{"count":0,"oldest":[]},"spans":{"count":0,"oldest":[]}}"#);
    let text = get(address, "/connections?debug=1&limit=0", "").1;
    assert!(text.starts_with("1 open connections, the oldest 0\n\n0 unfinished requests\n"), "{text}");
    let text = get(address, "/connections?debug=1", "").1;
    assert!(text.contains("s  192.0.2.7:50312, 0 requests\n"), "{text}");
    for wrong in ["debug=2", "debug=x", "limit=-1"] {
        assert_eq!(get(address, &format!("/connections?{wrong}"), "").0, 400, "{wrong}");
    }
}

#[test]
fn the_log_filter_is_changed_for_a_while() {
    let agent = builder().log_filter("warn").start().unwrap();
    let address = agent.admin_address().unwrap();
    let change = |method, query: &str| {
        let (status, body) = ask(method, address, &format!("/debug/log-filter{query}"), "");
        (status, serde_json::from_str::<Value>(&body).unwrap())
    };
    assert_eq!(change("GET", "").1["filter"], "warn");
    let (status, changed) = change("PUT", "?filter=info,sqlx%3Ddebug&for=2h");
    assert_eq!(
        (status, &changed["filter"], &changed["usual"]),
        (200, &"info,sqlx=debug".into(), &"warn".into())
    );
    let until: jiff::Timestamp = changed["until"].as_str().unwrap().parse().unwrap();
    let minutes = until.duration_since(jiff::Timestamp::now()).as_mins();
    assert!((118..=120).contains(&minutes), "{minutes}");
    let wrong = [
        change("PUT", ""),
        change("PUT", "?filter=hyper=loud"),
        change("PUT", "?filter=debug&for=soon"),
        change("PUT", "?filter=debug&for=25h"),
        change("PUT", "?filter=debug&for=-1s"),
    ];
    let wrong: Vec<_> = wrong.iter().map(|(status, body)| format!("{status} {}", body["detail"])).collect();
    insta::assert_snapshot!(wrong.join("\n"), @r#"
    400 "Failed to deserialize query string: missing field `filter`"
    400 "\"hyper=loud\" is no log filter: error parsing level filter: expected one of \"off\", \"error\", \"warn\", \"info\", \"debug\", \"trace\", or a number 0-5; write directives such as info,sqlx=debug"
    400 "for is \"soon\", but must be a time such as 90s, 10m or 2h"
    400 "a log filter is changed for 1 s to 24 h, not for 90000s"
    400 "for is \"-1s\", but must be a time such as 90s, 10m or 2h"
    "#);
    assert_eq!(change("GET", "").1["filter"], "info,sqlx=debug", "what is wrong changes nothing");
    assert_eq!(change("DELETE", "").1, serde_json::json!({ "filter": "warn" }));
}

#[tokio::test]
async fn the_log_filter_is_not_for_everybody() {
    use tower::ServiceExt;
    for (token, expected) in [(None, 403), (Some("sesame"), 401)] {
        let agent = token.into_iter().fold(builder(), Builder::admin_token).start().unwrap();
        // As in a server of the service's own.
        let request = http::Request::put("/debug/log-filter?filter=trace").body(axum::body::Body::empty());
        let answer = agent.admin_router::<()>().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), expected);
        assert_eq!(agent.shared.log_filter.in_force().filter, "info");
    }
}

#[test]
fn who_reaches_the_admin_endpoints_is_known() {
    use seaworthy_protocol::AdminAccess::{Loopback, Mounted, Off, Token};
    let access = |agent: &Agent| super::access(&agent.shared);
    assert_eq!(access(&builder().admin_address(None).start().unwrap()), Off);
    assert_eq!(access(&builder().admin_token("sesame").start().unwrap()), Token);
    let agent = builder().start().unwrap();
    assert_eq!((get(agent.admin_address().unwrap(), "/livez", "").0, access(&agent)), (200, Loopback));
    let _mounted: axum::Router = agent.admin_router();
    assert_eq!(access(&agent), Mounted);
}

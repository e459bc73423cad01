//! Each fault of the coffee shop is found in the portal within a minute, by somebody who does not know where it is.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use seaworthy_tests::{Client, Demo, Visitor};
use serde_json::Value;

use crate::SEAWORTHY;

const MINUTE: Duration = Duration::from_secs(60);

/// Somebody at the portal, and at the buttons that break the reception.
struct OnCall {
    demo: Demo,
    visitor: Visitor,
    reader: Client,
}

impl OnCall {
    async fn begin() -> Self {
        let demo = Demo::start(SEAWORTHY.as_ref());
        let mut visitor = Visitor::new(&demo.url);
        visitor.sign_in(&demo.login, &demo.password).await;
        let reader = Client::new(&demo.url, Some(&visitor.make_token("read").await));
        Self { demo, visitor, reader }
    }

    async fn switch(&self, fault: &str, on: bool) {
        let own = self.demo.faults.trim_end_matches('/');
        let press = Client::new(own, None).request(Method::POST, "/press").header("origin", own);
        let answer = press.form(&[("fault", fault), ("on", &on.to_string())]).send().await.unwrap();
        assert!(answer.status().is_success() || answer.status().is_redirection(), "{fault}: {answer:?}");
    }

    /// Looks again and again until there is what was looked for. A minute is what somebody on call has.
    async fn find(&mut self, what: &str, mut look: impl AsyncFnMut(&mut Self) -> Result<(), Value>) {
        let begun = Instant::now();
        while let Err(seen) = look(self).await {
            assert!(begun.elapsed() < MINUTE, "{what} was not found; this is what there is: {seen:#}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        println!("{what}: found after {:.0} s", begun.elapsed().as_secs_f64());
    }

    /// Presses "Capture now" for the reception, and looks at what comes of it.
    async fn capture(&mut self, kind: &str, seconds: &str, look: &str) -> Value {
        const PROFILES: &str = "/api/v1/services/reception/profiles";
        let before = self.reader.json(PROFILES).await;
        let instance = before["instances"][0]["id"].as_str().unwrap().to_owned();
        self.visitor.get("/services/reception/profiles").await;
        let fields = [("instance", instance.as_str()), ("kind", kind), ("seconds", seconds)];
        let answer = self.visitor.post("/services/reception/captures", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let begun = Instant::now();
        loop {
            let now = self.reader.json(PROFILES).await;
            let asked = now["captures"].as_array().unwrap();
            let latest = asked.iter().find(|capture| capture["kind"] == kind).unwrap();
            if let Some(profile) = latest["profile"].as_str() {
                return self.reader.json(&format!("/api/v1/profiles/{profile}?{look}")).await;
            }
            assert!(latest["state"] != "failed" && begun.elapsed() < MINUTE, "no profile: {now:#}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Whether a function of this name is among those that the page of a profile begins with, and causes so much of the whole.
fn causes(profile: &Value, name: &str, share: f64) -> Result<(), Value> {
    let whole = profile["types"][profile["shown"].as_u64().unwrap() as usize]["total"].as_f64().unwrap();
    let is_it = |cause: &Value| {
        cause["name"].as_str().unwrap().contains(name) && cause["value"].as_f64().unwrap() > share * whole
    };
    let found = profile["causes"].as_array().unwrap().iter().any(is_it);
    if found { Ok(()) } else { Err(profile["causes"].clone()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_found_within_a_minute() {
    let mut on_call = OnCall::begin().await;

    // Requests hang: the oldest of them stand on the page of what goes on now, and the tasks say behind what they wait.
    on_call.switch("deadlock", true).await;
    on_call
        .find("a request that hangs", async |it| {
            let now = it.reader.json("/api/v1/services/reception/now").await;
            let hangs = now["requests"]["oldest"][0]["age_ms"].as_u64() > Some(3_000);
            let waits =
                now["spans"]["oldest"].as_array().unwrap().iter().any(|span| span["name"] == "fetch beans");
            if hangs && waits { Ok(()) } else { Err(now) }
        })
        .await;
    on_call
        .find("two tasks that wait for each other", async |it| {
            let tasks = it.capture("tasks", "", "").await;
            let groups = tasks["tasks"]["groups"].as_array().unwrap();
            let waits = |name: &str, at: &str| {
                groups.iter().any(|group| {
                    let stack = group["stack"].as_array().unwrap();
                    group["name"] == name
                        && stack.iter().any(|call| call["name"].as_str().unwrap().contains(at))
                })
            };
            let both = waits("refill the shelf", "Stock::refill") && waits("take stock", "Stock::take_stock");
            if both { Ok(()) } else { Err(tasks["tasks"].clone()) }
        })
        .await;
    on_call.switch("deadlock", false).await;

    on_call.switch("blocking", true).await;
    on_call
        .find("a task that blocks its thread", async |it| {
            let tasks = it.capture("tasks", "", "").await;
            let printer = |text: &Value| text.as_str().unwrap().contains("print for the tax office");
            let is_slow = |poll: &Value| printer(&poll["place"]);
            let blocks = |group: &Value| {
                let stack = group["stack"].as_array().unwrap();
                let at = |call: &Value| call["name"].as_str().unwrap().contains("wait_for_the_printer");
                group["state"] == "running" && printer(&group["name"]) && stack.iter().any(at)
            };
            let is_told = tasks["tasks"]["slow_polls"].as_array().unwrap().iter().any(is_slow);
            let is_caught = tasks["tasks"]["groups"].as_array().unwrap().iter().any(blocks);
            if is_told && is_caught { Ok(()) } else { Err(tasks["tasks"].clone()) }
        })
        .await;
    on_call.switch("blocking", false).await;

    on_call.switch("leak", true).await;
    on_call
        .find("what memory is held by", async |it| {
            let heap = it.capture("heap", "", "type=inuse_space").await;
            causes(&heap, "print_receipt", 0.2)
        })
        .await;
    on_call.switch("leak", false).await;

    on_call.switch("busy", true).await;
    on_call
        .find("what burns a core", async |it| {
            let cpu = it.capture("cpu", "3", "").await;
            causes(&cpu, "forecast_demand", 0.5)
        })
        .await;
    on_call.switch("busy", false).await;

    on_call.switch("panicking", true).await;
    on_call
        .find("what panics", async |it| {
            let errors = it.reader.json("/api/v1/errors?service=reception").await;
            let groups = errors["groups"].as_array().unwrap();
            let panics =
                |group: &Value| group["message"].as_str().unwrap().contains("this panics on purpose");
            if groups.iter().any(panics) { Ok(()) } else { Err(errors) }
        })
        .await;
}

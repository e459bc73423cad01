//! What files say, by the API and by the command.

mod hostile;
mod kinds;
mod slos;

use std::{path::Path, process::Command};

use reqwest::{Method, StatusCode};
use seaworthy_catalog::Scope;
use serde_json::{Value, json};

use crate::portal::{Answer, Browser, Portal};

const APPLY: &str = "/api/v1/files";
const PLAN: &str = "/api/v1/files/plan";

/// A request with these files, by name.
fn files(files: &[(&str, &str)]) -> Value {
    let files: Vec<_> = files.iter().map(|(name, text)| json!({"name": name, "text": text})).collect();
    json!({"files": files})
}

/// The same, and what they do not say is ended.
fn pruning(of: &[(&str, &str)]) -> Value {
    let mut body = files(of);
    body["prune"] = true.into();
    body
}

struct Program {
    browser: Browser,
    token: String,
}

impl Program {
    /// With a token that no person has made.
    async fn of(portal: &Portal, scope: Scope) -> Self {
        Self { browser: portal.browser(), token: portal.token(&[scope]).await }
    }

    /// With a token of scope `write` that somebody has made.
    async fn by(portal: &Portal, login: &str) -> Self {
        Self { browser: portal.browser(), token: portal.token_of(login, &[Scope::Write]).await }
    }

    async fn get(&mut self, path: &str) -> Answer {
        let request = self.browser.as_program(Method::GET, path).bearer_auth(&self.token);
        self.browser.send(request).await
    }

    async fn post(&mut self, path: &str, body: &Value) -> Answer {
        let request = self.browser.as_program(Method::POST, path).bearer_auth(&self.token).json(body);
        self.browser.send(request).await
    }

    /// What an answer says becomes of each thing: its kind and name, and what.
    async fn changes(&mut self, path: &str, body: &Value) -> Vec<(String, String)> {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let plan: Value = serde_json::from_str(&answer.body).unwrap();
        let text = |change: &Value, field: &str| change[field].as_str().unwrap().to_owned();
        let kind = |change| text(change, "kind").replace("slo", "SLO");
        let changes = plan["changes"].as_array().unwrap();
        changes
            .iter()
            .map(|change| (format!("{} {}", kind(change), text(change, "name")), text(change, "what")))
            .collect()
    }

    /// What is wrong with files, as the command would say it.
    async fn mistakes(&mut self, body: &Value) -> Vec<String> {
        let answer = self.post(APPLY, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
        let plan: Value = serde_json::from_str(&answer.body).unwrap();
        let text = |mistake: &Value, field: &str| mistake[field].as_str().unwrap().to_owned();
        let told = |mistake: &Value| {
            let (file, line) = (text(mistake, "file"), mistake["line"].as_u64().unwrap());
            format!("{file}:{line}: {}: {}", text(mistake, "field"), text(mistake, "message"))
        };
        plan["mistakes"].as_array().unwrap().iter().map(told).collect()
    }
}

/// What the command does with a folder: its exit code and what it says.
async fn command(portal: &Portal, token: &str, folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.arg("apply").arg(folder).args(arguments).env_clear();
    command.env("SEAWORTHY_PORTAL", format!("http://{}", portal.server.address()));
    command.env("SEAWORTHY_TOKEN", token);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code(), said.replace(&*folder.to_string_lossy(), "DIR"))
}

//! Chromium, driven through chromedriver.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::MetadataExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{
    By, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver, WebElement,
    cdp::domains::emulation::{MediaFeature, SetEmulatedMedia},
};

use crate::client::provide_tls;

/// How a page is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// CSS pixels.
    pub width: u32,
    /// Whether the system is set to dark.
    pub dark: bool,
}

/// To start a driver.
const ATTEMPTS: usize = 5;

impl Look {
    /// A desk and a telephone, by day and by night.
    pub const ALL: [Self; 4] = [
        Self { width: 1400, dark: false },
        Self { width: 1400, dark: true },
        Self { width: 390, dark: false },
        Self { width: 390, dark: true },
    ];

    fn theme(self) -> &'static str {
        if self.dark { "dark" } else { "light" }
    }
}

/// A browser with a profile of its own. It ends when it is dropped.
#[derive(Debug)]
pub struct Browser {
    base: String,
    /// For what is not here.
    pub driver: WebDriver,
    // In this order: the session ends before its driver, and the driver before its files go.
    _chromedriver: Chromedriver,
    _profile: TempDir,
}

#[derive(Debug)]
struct Chromedriver {
    child: Child,
    port: u16,
}

impl Chromedriver {
    /// The port is free on one of the two loopback addresses only, now and then; then it ends at once.
    fn start() -> Self {
        let started = (0..ATTEMPTS).find_map(|_| Self::start_once());
        started.unwrap_or_else(|| panic!("chromedriver ended {ATTEMPTS} times before it listened"))
    }

    fn start_once() -> Option<Self> {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("chromedriver is missing; scripts/test installs it");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let Some(started) = lines.find(|line| line.contains("started successfully")) else {
            child.wait().unwrap();
            return None;
        };
        let port = started.trim_end_matches('.').rsplit(' ').next().unwrap().parse().unwrap();
        // Nothing of interest follows, but what is printed must go somewhere.
        std::thread::spawn(move || lines.count());
        Some(Self { child, port })
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Browser {
    /// Opens a browser for the site at this URL.
    pub async fn start(base: &str) -> Self {
        provide_tls();
        let (profile, chromedriver) = (TempDir::new().unwrap(), Chromedriver::start());
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
        for argument in arguments(profile.path()) {
            wanted.add_arg(&argument).unwrap();
        }
        let url = format!("http://127.0.0.1:{}", chromedriver.port);
        let driver = WebDriver::new(url, wanted).await.expect("chromium starts");
        Self { base: base.into(), driver, _chromedriver: chromedriver, _profile: profile }
    }

    /// Goes on without scripts, as some people browse.
    pub async fn turn_off_scripts(&self) {
        self.command("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
    }

    /// Looks at pages so from now on.
    pub async fn look(&self, look: Look) {
        let feature = MediaFeature { name: "prefers-color-scheme".into(), value: look.theme().into() };
        let media = SetEmulatedMedia { media: None, features: Some(vec![feature]) };
        self.driver.cdp().send(media).await.unwrap();
        self.resize(look.width, 900).await;
    }

    /// Goes to a page of the site.
    pub async fn visit(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.base)).await.unwrap();
    }

    /// Path and query of the page that is shown.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.unwrap();
        url.as_str().strip_prefix(&self.base).unwrap_or(url.as_str()).to_owned()
    }

    /// The first element that this CSS selector finds, which must be there within 10 s.
    pub async fn find(&self, selector: &str) -> WebElement {
        for _ in 0..200 {
            if let Ok(element) = self.driver.find(By::Css(selector)).await {
                return element;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no {selector:?} on {}: {}", self.path().await, self.text().await)
    }

    /// What a person reads on the page.
    pub async fn text(&self) -> String {
        self.driver.find(By::Css("body")).await.unwrap().text().await.unwrap()
    }

    /// Fills in fields by their names, and sends the form that the first of them is in.
    pub async fn send_form(&self, fields: &[(&str, &str)]) {
        for (name, value) in fields {
            let field = self.find(&format!("main [name={name}]")).await;
            field.clear().await.unwrap();
            field.send_keys(*value).await.unwrap();
        }
        let (first, _) = fields[0];
        self.submit(&format!("form:has([name={first}])")).await;
    }

    /// Sends the first form that this CSS selector finds, and waits for the page that answers.
    pub async fn submit(&self, form: &str) {
        self.evaluate("document.documentElement.setAttribute('data-left', '')").await;
        // Others lead elsewhere than to where the form does.
        self.click(&format!("{form} button[type=submit]:not([formaction]):not([hidden])")).await;
        self.find("html:not([data-left]) body").await;
    }

    /// Clicks on the first element that this CSS selector finds.
    pub async fn click(&self, selector: &str) {
        self.find(selector).await.click().await.unwrap();
    }

    /// Signs in, which must work.
    pub async fn sign_in(&self, login: &str, password: &str) {
        self.visit("/sign-in").await;
        self.send_form(&[("login", login), ("password", password)]).await;
        assert!(!self.path().await.starts_with("/sign-in"), "{}", self.text().await);
    }

    /// Keeps what is shown, to its full height, as `tests/screenshots/NAME-WIDTH-THEME.png`.
    pub async fn screenshot(&self, name: &str, look: Look) {
        const HIGHEST: u64 = 4000;
        let height = self.evaluate("document.documentElement.scrollHeight").await.as_u64().unwrap();
        self.resize(look.width, height.clamp(900, HIGHEST).try_into().unwrap()).await;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{name}-{}-{}.png", look.width, look.theme()));
        self.driver.screenshot(&file).await.unwrap();
        self.resize(look.width, 900).await;
    }

    /// What the browser complains of since it was asked last: errors of scripts, of loading, and of the Content Security
    /// Policy. That the page itself tells of an error of its reader is none.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.driver.browser_log().await.unwrap();
        let refused = " - Failed to load resource: the server responded with a status of 4";
        let refused = format!("{}{refused}", self.driver.current_url().await.unwrap());
        let faults = log.into_iter().filter(|entry| !entry.message.starts_with(&refused));
        faults.map(|entry| format!("{} {}", entry.level, entry.message)).collect()
    }

    /// Elements that make the page wider than the window.
    pub async fn too_wide(&self) -> Vec<String> {
        const SCRIPT: &str = "(() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            const wide = [...document.body.querySelectorAll('*')].filter(it => it.getBoundingClientRect().right > width + 0.5);
            return wide.map(it => `${it.outerHTML.slice(0, 200)} in ${it.parentElement.outerHTML.slice(0, 200)}`);
        })()";
        let wide = self.evaluate(SCRIPT).await;
        wide.as_array().unwrap().iter().map(|element| element.as_str().unwrap().to_owned()).collect()
    }

    /// The value of an expression of JavaScript.
    pub async fn evaluate(&self, expression: &str) -> Value {
        let question = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.command("Runtime.evaluate", question).await;
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    async fn resize(&self, width: u32, height: u32) {
        let cdp = self.driver.cdp();
        cdp.emulation().set_device_metrics_override(width, height, 1.0, false).await.unwrap();
    }

    async fn command(&self, name: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(name, parameters).await.unwrap()
    }
}

fn arguments(profile: &Path) -> Vec<String> {
    let quiet = [
        "--headless",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--force-color-profile=srgb",
        "--hide-scrollbars",
    ];
    let mut arguments: Vec<String> = quiet.map(str::to_owned).into();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    // Its sandbox refuses to run as root.
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        arguments.push("--no-sandbox".into());
    }
    arguments
}

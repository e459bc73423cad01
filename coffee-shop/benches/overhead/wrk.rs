//! `wrk`, and what it says.

use std::{fs, process::Command};

use anyhow::{Context, bail, ensure};

use super::Shop;

/// What is asked of the reception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Order {
    /// `GET /menu`: a handler that writes a little JSON and does nothing else, the worst case of anything that measures.
    Menu,
    /// `POST /orders`: two writes to a database, and a call to the barista, who takes 12 ms.
    Drink,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) per_second: f64,
    /// Microseconds of CPU time of the reception.
    pub(crate) cpu_micros: f64,
}

const DRINK: &str = r#"wrk.method = "POST"
wrk.body = '{"drink":"north-wind"}'
wrk.headers["content-type"] = "application/json"
"#;

impl Order {
    pub(crate) const ALL: [Self; 2] = [Self::Menu, Self::Drink];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Menu => "GET /menu",
            Self::Drink => "POST /orders",
        }
    }

    /// Asks for so many seconds, as fast as the answers come.
    pub(crate) fn ask(self, shop: &Shop, connections: u32, seconds: u32) -> anyhow::Result<Asked> {
        let folder = tempfile::tempdir()?;
        // On the cores of the bench, which it has from it.
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", &format!("-d{seconds}s")]);
        match self {
            Self::Menu => wrk.arg(format!("-c{connections}")).arg(format!("{}/menu", shop.url)),
            Self::Drink => {
                let script = folder.path().join("drink.lua");
                fs::write(&script, DRINK)?;
                wrk.arg(format!("-c{}", 4 * connections)).arg("-s").arg(script);
                wrk.arg(format!("{}/orders", shop.url))
            }
        };
        let before = shop.cpu_seconds()?;
        let output = wrk.output().context("could not run wrk; Debian's package is called wrk")?;
        let used = shop.cpu_seconds()? - before;
        let said = String::from_utf8(output.stdout)?;
        ensure!(output.status.success(), "wrk failed: {}", String::from_utf8_lossy(&output.stderr));
        ensure!(!said.contains("Non-2xx") && !said.contains("Socket errors"), "not all were served: {said}");
        let (Some(requests), Some(per_second)) =
            (word(&said, "requests in", 0), word(&said, "Requests/sec:", 1))
        else {
            bail!("wrk says something else than usual: {said}");
        };
        Ok(Asked { per_second, cpu_micros: used * 1e6 / requests })
    }
}

/// The number in the line that holds this text: its word at this place.
fn word(said: &str, text: &str, place: usize) -> Option<f64> {
    said.lines().find(|line| line.contains(text))?.split_whitespace().nth(place)?.parse().ok()
}

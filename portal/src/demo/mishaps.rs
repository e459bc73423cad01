//! Now and then something goes wrong, so that there is something to see.

use std::{net::SocketAddr, time::Duration};

use jiff::Timestamp;
use reqwest::Client;
use seaworthy_coffee_shop::faults::Faults;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    shop::{Shop, url},
    terminal::say,
};

/// Where faults of the shop are switched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Switches {
    reception: SocketAddr,
    barista: SocketAddr,
}

impl Switches {
    pub(super) fn of(shop: &Shop) -> Self {
        let [barista, _] = &shop.baristas;
        Self { reception: shop.reception.addresses().faults, barista: barista.addresses().faults }
    }
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Reception,
    Barista,
}

/// Something that goes wrong for a while.
#[derive(Debug)]
struct Mishap {
    who: Who,
    faults: Faults,
    /// Seconds, from and to.
    lasts: (u64, u64),
    told: &'static str,
}

const MISHAPS: [Mishap; 4] = [
    Mishap {
        who: Who::Barista,
        faults: Faults { slow_ms: 700, ..Faults::NONE },
        lasts: (120, 240),
        told: "one barista is slow",
    },
    Mishap {
        who: Who::Barista,
        faults: Faults { failing_share: 0.6, ..Faults::NONE },
        lasts: (45, 90),
        told: "one barista's boiler loses pressure, and most of its drinks fail",
    },
    Mishap {
        who: Who::Reception,
        faults: Faults { panicking_share: 0.15, ..Faults::NONE },
        lasts: (40, 80),
        told: "the reception panics at some requests",
    },
    Mishap {
        who: Who::Reception,
        faults: Faults { database_gone: true, ..Faults::NONE },
        lasts: (20, 40),
        told: "the reception cannot reach its database",
    },
];

/// Lets something go wrong now and then, until the shop closes: a first time after two or three minutes, which is how long
/// somebody new looks around.
pub(super) async fn happen(http: Client, switches: Switches, closing: CancellationToken) {
    let happen = async {
        let mut quiet = (120, 180);
        loop {
            sleep(between(quiet)).await;
            if somebody_presses(&http, switches).await {
                continue;
            }
            let mishap = &MISHAPS[fastrand::usize(..MISHAPS.len())];
            let lasts = between(mishap.lasts);
            say(&announced(mishap, lasts, Timestamp::now()));
            switch(&http, switches, mishap.who, &mishap.faults).await;
            sleep(lasts).await;
            switch(&http, switches, mishap.who, &Faults::NONE).await;
            quiet = (8 * 60, 20 * 60);
        }
    };
    closing.run_until_cancelled(happen).await;
}

fn between((from, to): (u64, u64)) -> Duration {
    Duration::from_secs(fastrand::u64(from..=to))
}

fn announced(mishap: &Mishap, lasts: Duration, now: Timestamp) -> String {
    let seconds = lasts.as_secs();
    let lasts = if seconds < 120 { format!("{seconds} s") } else { format!("{} min", (seconds + 30) / 60) };
    format!("{}  For {lasts} {}.", now.strftime("%H:%M UTC"), mishap.told)
}

/// Whether somebody has switched a fault by hand: what they look at must not be mixed with anything else.
async fn somebody_presses(http: &Client, switches: Switches) -> bool {
    let answer = http.get(format!("{}/faults", url(switches.reception))).send().await;
    let faults: Option<Faults> = match answer {
        Ok(answer) => answer.json().await.ok(),
        Err(_) => None,
    };
    faults.is_some_and(|faults| faults != Faults::NONE)
}

async fn switch(http: &Client, switches: Switches, who: Who, faults: &Faults) {
    let address = match who {
        Who::Reception => switches.reception,
        Who::Barista => switches.barista,
    };
    // A process that has just died has no faults when it is back.
    if let Err(error) = http.put(format!("{}/faults", url(address))).json(faults).send().await {
        tracing::debug!(%error, ?who, "could not switch faults");
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use seaworthy_coffee_shop::faults::{self, FaultSwitch};
    use tokio::net::TcpListener;

    use super::*;

    async fn open(router: Router) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    #[tokio::test]
    async fn every_mishap_goes_to_whom_it_concerns_and_ends() {
        let services @ [reception, barista] = &[FaultSwitch::default(), FaultSwitch::default()];
        let switches = Switches {
            reception: open(faults::router(reception.clone())).await,
            barista: open(faults::router(barista.clone())).await,
        };
        let http = crate::demo::client().unwrap();
        for Mishap { who, faults, .. } in &MISHAPS {
            switch(&http, switches, *who, faults).await;
            let want = match who {
                Who::Reception => [*faults, Faults::NONE],
                Who::Barista => [Faults::NONE, *faults],
            };
            assert_eq!(services.each_ref().map(FaultSwitch::get), want);
            switch(&http, switches, *who, &Faults::NONE).await;
            assert_eq!(services.each_ref().map(FaultSwitch::get), [Faults::NONE; 2]);
        }
    }

    #[test]
    fn a_mishap_is_announced_with_its_time_and_length() {
        let now = "2026-11-20T14:32:59Z".parse().unwrap();
        let says = |seconds| announced(&MISHAPS[0], Duration::from_secs(seconds), now);
        assert_eq!(says(119), "14:32 UTC  For 119 s one barista is slow.");
        assert_eq!(says(210), "14:32 UTC  For 4 min one barista is slow.");
    }
}

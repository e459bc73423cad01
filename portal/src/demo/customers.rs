//! Customers: steady load with a daily rhythm.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Client, RequestBuilder};
use seaworthy_coffee_shop::drinks::MENU;
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::rhythm::customers_per_second;

/// Whoever comes while so many wait goes elsewhere.
const MOST_AT_ONCE: usize = 100;
/// How long customers who are there may take when the shop closes.
const LAST_ORDERS: Duration = Duration::from_secs(3);

/// Lets customers come to the reception at `url` until the shop closes.
pub(super) async fn come(http: Client, url: String, closing: CancellationToken) {
    let mut there = JoinSet::new();
    while closing
        .run_until_cancelled(sleep(until_next(customers_per_second(Timestamp::now()))))
        .await
        .is_some()
    {
        while there.try_join_next().is_some() {}
        if there.len() < MOST_AT_ONCE {
            // Whether they are served is for the portal to show.
            there.spawn(wish(&http, &url).send());
        }
    }
    // Who is still there then is sent away.
    let _ = timeout(LAST_ORDERS, async { while there.join_next().await.is_some() {} }).await;
}

/// People come independently of each other: the time between two of them is distributed exponentially.
fn until_next(per_second: f64) -> Duration {
    Duration::from_secs_f64(-(1.0 - fastrand::f64()).ln() / per_second)
}

/// Most order, some only look at the menu, and now and then one wants what there is not.
fn wish(http: &Client, url: &str) -> RequestBuilder {
    // The less of two: what stands first on the menu is ordered most.
    let drink = MENU[fastrand::usize(..MENU.len()).min(fastrand::usize(..MENU.len()))].name;
    let cups = if fastrand::u8(..10) == 0 { fastrand::u32(2..=4) } else { 1 };
    match fastrand::u8(..100) {
        0 => http.post(format!("{url}/orders")).json(&json!({"drink": "decaf"})),
        1..20 => http.get(format!("{url}/menu")),
        _ => http.post(format!("{url}/orders")).json(&json!({"drink": drink, "cups": cups})),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_come_as_the_rate_says() {
        fastrand::seed(7);
        let customers = 20_000;
        let time: Duration = (0..customers).map(|_| until_next(4.0)).sum();
        let per_second = f64::from(customers) / time.as_secs_f64();
        assert!((3.9..4.1).contains(&per_second), "{per_second}");
    }
}

//! What there is to drink.

use std::time::Duration;

use serde::Serialize;

/// A drink on the menu.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Drink {
    /// How it is ordered.
    pub name: &'static str,
    /// What a cup costs.
    pub price_cents: u32,
    /// How long a cup takes, give or take.
    #[serde(skip)]
    pub brewing: Duration,
}

/// Everything there is, quickest first.
pub static MENU: [Drink; 5] = [
    Drink { name: "north-wind", price_cents: 240, brewing: Duration::from_millis(12) },
    Drink { name: "tidewater", price_cents: 310, brewing: Duration::from_millis(30) },
    Drink { name: "harbour-fog", price_cents: 380, brewing: Duration::from_millis(65) },
    Drink { name: "lamplighter", price_cents: 420, brewing: Duration::from_millis(110) },
    Drink { name: "slow-current", price_cents: 490, brewing: Duration::from_millis(240) },
];

impl Drink {
    /// The drink of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        MENU.iter().find(|drink| drink.name == name)
    }
}

/// The names on the menu, for whoever ordered something else.
pub(crate) fn names() -> String {
    MENU.each_ref().map(|drink| drink.name).join(", ")
}

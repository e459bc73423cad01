//! Attributes as instrumented services give them, and as many different values as real ones have.

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};

use super::{
    dice::Dice,
    topology::{Kind, SERVICES, Service},
};

const CUSTOMERS: usize = 200_000;
const SHOPS: usize = 250;
const ADDRESSES: usize = 50_000;
const DRINKS: [&str; 12] = [
    "espresso",
    "ristretto",
    "lungo",
    "macchiato",
    "cortado",
    "flat white",
    "cappuccino",
    "latte",
    "mocha",
    "cold brew",
    "filter",
    "affogato",
];
const BROWSERS: [&str; 6] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
    "CoffeeApp/5.4.1 (iOS 18.6)",
    "CoffeeApp/5.4.0 (Android 15)",
];

/// Who wants what, the same in every span of a trace.
pub(super) struct Errand {
    pub(super) order: String,
    pub(super) customer: String,
    pub(super) shop: String,
    pub(super) drink: &'static str,
    browser: &'static str,
    address: String,
    price: f64,
}

impl Errand {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let address = dice.skewed_below(ADDRESSES);
        Self {
            order: hex::encode(dice.bytes::<8>()),
            customer: format!("c-{:06}", dice.skewed_below(CUSTOMERS)),
            shop: format!("shop-{:03}", dice.skewed_below(SHOPS)),
            drink: DRINKS[dice.skewed_below(DRINKS.len())],
            browser: BROWSERS[dice.skewed_below(BROWSERS.len())],
            address: format!("198.51.{}.{}", address / 256 % 256, address % 256),
            price: 2.5 + 0.1 * dice.below(40) as f64,
        }
    }

    /// A path as it was asked for: the route with its parameters filled in.
    fn path(&self, route: &str) -> String {
        let filled = [
            ("{order}", &self.order),
            ("{customer}", &self.customer),
            ("{member}", &self.customer),
            ("{shop}", &self.shop),
        ];
        filled.iter().fold(route.to_owned(), |path, (parameter, value)| path.replace(parameter, value))
    }

    /// Attributes of a span of this kind, after the OpenTelemetry semantic conventions.
    pub(super) fn attributes(&self, service: Service, kind: Kind, failed: bool) -> Vec<KeyValue> {
        let status = if failed { 500 } else { 200 };
        match kind {
            Kind::Serve(method, route) => self.served(service, method, route, status),
            Kind::Call(to, method, route) => vec![
                text("http.request.method", method),
                text("server.address", SERVICES[to].0),
                int("server.port", 8_080),
                text("url.full", &format!("http://{}:8080{}", SERVICES[to].0, self.path(route))),
                int("http.response.status_code", status),
            ],
            Kind::Query(operation, table, statement) => vec![
                text("db.system.name", "postgresql"),
                text("db.namespace", SERVICES[service].0),
                text("db.collection.name", table),
                text("db.operation.name", operation),
                text("db.query.text", statement),
            ],
            Kind::Produce(queue) | Kind::Consume(queue) => vec![
                text("messaging.system", "rabbitmq"),
                text("messaging.destination.name", queue),
                text("messaging.message.id", &self.order),
                int("messaging.message.body.size", 180 + self.drink.len() as i64),
            ],
            Kind::Work(_) => vec![text("shop.id", &self.shop), text("drink", self.drink)],
        }
    }

    fn served(&self, service: Service, method: &str, route: &str, status: i64) -> Vec<KeyValue> {
        let mut attributes = vec![
            text("http.request.method", method),
            text("http.route", route),
            text("url.path", &self.path(route)),
            text("url.scheme", "http"),
            text("network.protocol.version", "1.1"),
            int("http.response.status_code", status),
        ];
        match SERVICES[service].0 {
            "storefront" => attributes.extend([
                text("client.address", &self.address),
                text("user_agent.original", self.browser),
                text("customer.id", &self.customer),
            ]),
            "reception" => attributes.extend([text("order.id", &self.order), text("shop.id", &self.shop)]),
            "payments" => attributes.push(pair("amount", Value::DoubleValue(self.price))),
            _ => {}
        }
        attributes
    }
}

pub(super) fn text(key: &str, value: &str) -> KeyValue {
    pair(key, Value::StringValue(value.to_owned()))
}

pub(super) fn int(key: &str, value: i64) -> KeyValue {
    pair(key, Value::IntValue(value))
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

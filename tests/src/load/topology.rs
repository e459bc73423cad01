//! What the made-up coffee chain does: its services, and the requests that run through them.

use Kind::{Call, Consume, Produce, Query, Serve, Work};

/// A service, as an index into [`SERVICES`].
pub(super) type Service = usize;

const STOREFRONT: Service = 0;
const RECEPTION: Service = 1;
const MENU: Service = 2;
const BARISTA: Service = 3;
const INVENTORY: Service = 4;
const TILL: Service = 5;
const PAYMENTS: Service = 6;
const LOYALTY: Service = 7;
const NOTIFICATIONS: Service = 8;
const RECOMMENDATIONS: Service = 9;

/// The services with their number of instances.
pub(super) const SERVICES: [(&str, usize); 10] = [
    ("storefront", 3),
    ("reception", 3),
    ("menu", 2),
    ("barista", 4),
    ("inventory", 2),
    ("till", 2),
    ("payments", 2),
    ("loyalty", 2),
    ("notifications", 2),
    ("recommendations", 2),
];

/// One span to be, with what happens inside it, one after the other.
pub(super) struct Step {
    pub(super) service: Service,
    pub(super) kind: Kind,
    /// Median of its own time, without that of its steps.
    pub(super) own_micros: u32,
    pub(super) steps: Vec<Self>,
}

/// What a span is about; decides its name, its role and its attributes.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A request served: method and route.
    Serve(&'static str, &'static str),
    /// A request made to another service: method and route.
    Call(Service, &'static str, &'static str),
    /// A statement: operation, table and text.
    Query(&'static str, &'static str, &'static str),
    /// A message handed over to a queue.
    Produce(&'static str),
    /// A message taken from a queue.
    Consume(&'static str),
    /// Work inside the service.
    Work(&'static str),
}

/// Requests with how often they come, in parts of the whole.
pub(super) fn requests() -> Vec<(u32, Step)> {
    vec![
        (30, menu()),
        (22, order()),
        (26, order_status()),
        (12, recommendations()),
        (7, sign_in()),
        (3, restock()),
    ]
}

fn step(service: Service, kind: Kind, own_micros: u32, steps: Vec<Step>) -> Step {
    Step { service, kind, own_micros, steps }
}

fn leaf(service: Service, kind: Kind, own_micros: u32) -> Step {
    step(service, kind, own_micros, Vec::new())
}

/// A call and the request that it becomes on the other side.
fn remote(
    from: Service,
    to: Service,
    method: &'static str,
    route: &'static str,
    micros: u32,
    steps: Vec<Step>,
) -> Step {
    step(from, Call(to, method, route), 350, vec![step(to, Serve(method, route), micros, steps)])
}

fn menu() -> Step {
    let select =
        Query("SELECT", "drink", "SELECT id, name, price, size FROM drink WHERE shop = ? ORDER BY name");
    let menu = remote(STOREFRONT, MENU, "GET", "/menus/{shop}", 400, vec![leaf(MENU, select, 700)]);
    step(STOREFRONT, Serve("GET", "/menu"), 600, vec![menu, leaf(STOREFRONT, Work("render menu"), 300)])
}

fn order() -> Step {
    let insert = Query(
        "INSERT",
        "orders",
        "INSERT INTO orders (id, customer, drink, price, state) VALUES (?, ?, ?, ?, ?)",
    );
    let done = Query("UPDATE", "orders", "UPDATE orders SET state = ?, finished_at = ? WHERE id = ?");
    let reception = vec![
        leaf(RECEPTION, Work("validate order"), 80),
        leaf(RECEPTION, insert, 900),
        payment(),
        brewing(),
        leaf(RECEPTION, done, 800),
        leaf(RECEPTION, Produce("orders"), 250),
        notification(),
    ];
    let taken = remote(STOREFRONT, RECEPTION, "POST", "/orders", 700, reception);
    step(STOREFRONT, Serve("POST", "/checkout"), 900, vec![taken])
}

fn payment() -> Step {
    let charge =
        Query("INSERT", "charge", "INSERT INTO charge (id, card, amount, currency) VALUES (?, ?, ?, ?)");
    let points = Query("UPDATE", "member", "UPDATE member SET points = points + ? WHERE id = ?");
    let authorise = vec![leaf(PAYMENTS, Work("check fraud rules"), 1_500), leaf(PAYMENTS, charge, 1_200)];
    let paid = vec![
        remote(TILL, PAYMENTS, "POST", "/charges", 9_000, authorise),
        remote(TILL, LOYALTY, "PUT", "/members/{member}/points", 500, vec![leaf(LOYALTY, points, 900)]),
    ];
    remote(RECEPTION, TILL, "POST", "/bills/{order}/payment", 600, paid)
}

fn brewing() -> Step {
    let recipe =
        Query("SELECT", "recipe", "SELECT step, amount, unit FROM recipe WHERE drink = ? ORDER BY step");
    let take =
        Query("UPDATE", "stock", "UPDATE stock SET amount = amount - ? WHERE ingredient = ? AND shop = ?");
    let stock =
        remote(BARISTA, INVENTORY, "POST", "/stock/withdrawals", 400, vec![leaf(INVENTORY, take, 1_100)]);
    let brew = vec![
        leaf(BARISTA, recipe, 500),
        stock,
        leaf(BARISTA, Work("grind beans"), 8_000),
        leaf(BARISTA, Work("pull shot"), 25_000),
        leaf(BARISTA, Work("steam milk"), 12_000),
    ];
    remote(RECEPTION, BARISTA, "POST", "/brews", 900, brew)
}

fn notification() -> Step {
    let address =
        Query("SELECT", "subscription", "SELECT channel, address FROM subscription WHERE customer = ?");
    let send = vec![leaf(NOTIFICATIONS, address, 600), leaf(NOTIFICATIONS, Work("send message"), 4_000)];
    step(NOTIFICATIONS, Consume("orders"), 300, send)
}

fn order_status() -> Step {
    let select = Query("SELECT", "orders", "SELECT id, state, finished_at FROM orders WHERE id = ?");
    let asked =
        remote(STOREFRONT, RECEPTION, "GET", "/orders/{order}", 300, vec![leaf(RECEPTION, select, 500)]);
    step(STOREFRONT, Serve("GET", "/orders/{order}"), 400, vec![asked])
}

fn recommendations() -> Step {
    let history =
        Query("SELECT", "purchase", "SELECT drink, count(*) FROM purchase WHERE customer = ? GROUP BY drink");
    let select = Query("SELECT", "drink", "SELECT id, name, price, size FROM drink WHERE id IN (?)");
    let drinks = remote(RECOMMENDATIONS, MENU, "GET", "/drinks", 300, vec![leaf(MENU, select, 600)]);
    let ranked = vec![
        leaf(RECOMMENDATIONS, history, 2_500),
        drinks,
        leaf(RECOMMENDATIONS, Work("rank drinks"), 3_000),
    ];
    let asked = remote(STOREFRONT, RECOMMENDATIONS, "GET", "/recommendations/{customer}", 500, ranked);
    step(STOREFRONT, Serve("GET", "/recommendations"), 500, vec![asked])
}

fn sign_in() -> Step {
    let member = Query("SELECT", "member", "SELECT id, name, password_hash FROM member WHERE email = ?");
    let checked = vec![leaf(LOYALTY, member, 700), leaf(LOYALTY, Work("verify password"), 40_000)];
    let asked = remote(STOREFRONT, LOYALTY, "POST", "/sessions", 400, checked);
    step(STOREFRONT, Serve("POST", "/sign-in"), 500, vec![asked])
}

fn restock() -> Step {
    let low = Query("SELECT", "stock", "SELECT ingredient, shop, amount FROM stock WHERE amount < threshold");
    let book =
        Query("INSERT", "delivery", "INSERT INTO delivery (ingredient, shop, amount) VALUES (?, ?, ?)");
    let booked = (0..6).map(|_| leaf(INVENTORY, book, 900));
    let steps = std::iter::once(leaf(INVENTORY, low, 12_000)).chain(booked).collect();
    step(INVENTORY, Work("restock"), 2_000, steps)
}

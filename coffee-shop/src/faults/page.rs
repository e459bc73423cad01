//! A page with a button for each fault, and what every such page needs.

use std::fmt::Write;

use axum::{
    Form,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{FaultSwitch, Faults};

/// What a press of a button changes.
struct Button {
    name: &'static str,
    label: &'static str,
    told: &'static str,
    is_on: fn(&Faults) -> bool,
    set: fn(&mut Faults, bool),
}

const BUTTONS: [Button; 8] = [
    Button {
        name: "failing",
        label: "Fail half of the requests",
        told: "500 to every other order: the budget of its availability burns, and a page fires within minutes",
        is_on: |faults| faults.failing_share > 0.0,
        set: |faults, on| faults.failing_share = if on { 0.5 } else { 0.0 },
    },
    Button {
        name: "slow",
        label: "Be slow",
        told: "every request takes 700 ms longer",
        is_on: |faults| faults.slow_ms > 0,
        set: |faults, on| faults.slow_ms = if on { 700 } else { 0 },
    },
    Button {
        name: "panicking",
        label: "Panic now and then",
        told: "one request in seven panics",
        is_on: |faults| faults.panicking_share > 0.0,
        set: |faults, on| faults.panicking_share = if on { 0.15 } else { 0.0 },
    },
    Button {
        name: "database",
        label: "Lose the database",
        told: "for a service that has one",
        is_on: |faults| faults.database_gone,
        set: |faults, on| faults.database_gone = on,
    },
    Button {
        name: "deadlock",
        label: "Lock up two tasks",
        told: "each waits for what the other holds, and one request in ten waits behind them",
        is_on: |faults| faults.deadlock,
        set: |faults, on| faults.deadlock = on,
    },
    Button {
        name: "leak",
        label: "Leak memory",
        told: "every request leaves 256 KiB in a cache, up to 256 MiB",
        is_on: |faults| faults.leak,
        set: |faults, on| faults.leak = on,
    },
    Button {
        name: "busy",
        label: "Burn a core",
        told: "a thread computes what nobody asked for",
        is_on: |faults| faults.busy,
        set: |faults, on| faults.busy = on,
    },
    Button {
        name: "blocking",
        label: "Block a worker",
        told: "every two seconds a task keeps its thread from all others for 400 ms",
        is_on: |faults| faults.blocking,
        set: |faults, on| faults.blocking = on,
    },
];

/// The press of a button.
#[derive(Debug, Deserialize)]
pub(super) struct Press {
    fault: String,
    on: bool,
}

/// Shows the buttons.
pub(super) async fn show(State(switch): State<FaultSwitch>) -> Html<String> {
    let faults = switch.get();
    let mut rows = String::new();
    for Button { name, label, told, is_on, .. } in &BUTTONS {
        let on = is_on(&faults);
        let (state, action) = if on { ("on", "Switch off") } else { ("off", "Switch on") };
        let _ = write!(
            rows,
            "<li class={state}><form method=post action=/press><input type=hidden name=fault value={name}>\
             <input type=hidden name=on value={}><div><b>{label}</b><p>{told}</p></div>\
             <button aria-label=\"{action}: {label}\">{action}</button></form></li>",
            !on
        );
    }
    let about = "Each button lets something go wrong until it is pressed again. What that does to the service shows in Seaworthy.";
    document("Break the coffee shop", about, &rows)
}

/// Switches one fault. Only for forms of this very page: any site that is open in the same browser could send others.
pub(super) async fn press(
    State(switch): State<FaultSwitch>,
    headers: HeaderMap,
    Form(press): Form<Press>,
) -> Response {
    if !is_own_form(&headers) {
        return (StatusCode::FORBIDDEN, "Faults are switched by the buttons of this page only.")
            .into_response();
    }
    let Some(button) = BUTTONS.iter().find(|button| button.name == press.fault) else {
        return (StatusCode::UNPROCESSABLE_ENTITY, "There is no such fault.").into_response();
    };
    let mut faults = switch.get();
    (button.set)(&mut faults, press.on);
    switch.set(faults);
    tracing::info!(?faults, "faults are switched");
    Redirect::to("/").into_response()
}

/// A page of buttons: its title, what they are for, and an `li` for each.
pub fn document(title: &str, about: &str, rows: &str) -> Html<String> {
    Html(format!(
        "{HEAD}<title>{title}</title><style>{STYLE}</style><h1>{title}</h1><p>{about}</p><ul>{rows}</ul></html>"
    ))
}

/// Whether a form came from a page of this very listener: any site that is open in the same browser could send others. The name
/// of the host must be an address: a name could be anybody's.
pub fn is_own_form(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = text(header::HOST) else { return false };
    let by_address = host.starts_with("127.") || host.starts_with("[::1]") || host.starts_with("localhost");
    by_address && text(header::ORIGIN).is_none_or(|origin| origin == format!("http://{host}"))
}

const HEAD: &str = "<!DOCTYPE html><html lang=en><meta charset=utf-8>\
<meta name=viewport content=\"width=device-width, initial-scale=1\">";
const STYLE: &str = ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\
body{max-width:38rem;margin:3rem auto;padding:0 1rem}ul{list-style:none;padding:0;display:grid;gap:.75rem}\
form{display:flex;gap:1rem;align-items:center;border:1px solid #8886;border-radius:10px;padding:.9rem 1rem}\
form>div{flex:1}p{margin:.1rem 0 0;opacity:.75}button{font:inherit;padding:.45rem .9rem;border-radius:6px;\
border:1px solid #8888;cursor:pointer}.on form{border-color:#c2410c}.on button{background:#c2410c;color:#fff}";

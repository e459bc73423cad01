//! A profile of tasks as people read it: where they wait or block, how many, how long.

use jiff::SignedDuration;
use leptos::prelude::*;

use crate::{
    profiles::Code,
    view::profiles::{
        one::ProfileView,
        tasks::{CallView, SlowPollsView, TaskGroupView, TasksView},
    },
    web::{
        format::{self, short_id},
        icon::icon,
        link,
        profiles::flame::short,
        status::nothing,
        table::{Column, column, row_head, table},
        time,
    },
};

/// Groups that are unfolded at first.
const OPEN: usize = 2;
/// Nanoseconds after which a poll that has not ended blocks others.
const BLOCKED: u64 = 100_000_000;

const SLOW: [Column; 4] =
    [column("Tasks", "name-cell"), column("Polls", "num"), column("Longest", "num"), column("Latest", "num")];

pub(super) fn cards(view: &ProfileView, told: &TasksView) -> impl IntoView + use<> {
    let groups: Vec<_> =
        told.groups.iter().enumerate().map(|(index, told)| group(told, index < OPEN)).collect();
    let notes: Vec<_> = told.notes.iter().map(|note| view! { <p>{note.clone()}</p> }).collect();
    view! {
        {figures(view, told)}
        {slow(view, &told.slow_polls)}
        <section class="card" id="groups">
            <header><h2>"Grouped by where they are"</h2><div class="end small muted">"what runs first, then what waits in code of the service"</div></header>
            {groups}
            <footer>{notes}"Tasks that are spawned with "<span class="mono">"seaworthy_agent::spawn"</span>" are seen, here "{told.coverage.clone()}". A request counts beside the connection that it came over."</footer>
        </section>
    }
}

fn figures(view: &ProfileView, told: &TasksView) -> impl IntoView + use<> {
    let of = |state: &str| -> u64 {
        told.groups.iter().filter(|group| group.state == state).map(|group| group.tasks).sum()
    };
    let blocked: u64 = told.groups.iter().filter(|group| is_blocked(group)).map(|group| group.tasks).sum();
    let polls: u64 = told.slow_polls.iter().map(|slow| slow.polls).sum();
    // A connection that nobody uses waits as well: what waits in code of the service is told before it.
    let idle = || told.groups.iter().filter(|group| group.state == "idle");
    let longest = idle().find(|group| own(group).is_some()).or_else(|| idle().next());
    let longest = longest.map(|group| {
        let place = own(group).map_or_else(|| short(&group.name), |call| short(&call.name));
        // `Printer::begin` rather than `begin`.
        let function = place
            .rmatch_indices("::")
            .nth(1)
            .map_or(place.as_str(), |(at, _)| place.get(at + 2..).unwrap_or_default());
        let function = function.to_owned();
        (
            format::nanos(group.longest_nanos),
            view! { "in "<span class="mono wrap-anywhere" title=place>{function}</span> },
        )
    });
    let (longest, in_what) = longest.unzip();
    let warn = |count: u64| if count > 0 { "value t-warn" } else { "value" };
    view! {
        <section class="card" aria-label="Tasks in figures"><div class="strip">
            <div><span class="label">"Tasks"</span><span class="value">{format::count(view.profile.total.unsigned_abs())}</span>
                <span class="note">"seen: "{told.coverage.clone()}</span></div>
            <div><span class="label">"Running now"</span><span class="value">{format::count(of("running"))}</span>
                <span class="note">{format!("{} woken and not polled yet", format::count(of("woken")))}</span></div>
            <div><span class="label">"Blocking a worker"</span><span class=warn(blocked)>{format::count(blocked)}</span>
                <span class="note">"in one poll for 100 ms or longer"</span></div>
            <div><span class="label">"Slow polls"</span><span class=warn(polls)>{format::count(polls)}</span>
                <span class="note">"of 100 ms or longer, since the start"</span></div>
            <div><span class="label">"Longest wait"</span><span class="value">{longest}</span><span class="note">{in_what}</span></div>
        </div></section>
    }
}

fn is_blocked(group: &TaskGroupView) -> bool {
    group.state == "running" && group.longest_nanos >= BLOCKED
}

fn group(group: &TaskGroupView, is_open: bool) -> impl IntoView + use<> {
    let (class, picture, word) = match group.state.as_str() {
        "running" if is_blocked(group) => ("status is-warn", "stale", "Blocked poll"),
        "running" => ("status is-info", "play", "Running"),
        "woken" => ("status is-info", "clock", "Woken"),
        _ => ("status is-na", "clock", "Waiting"),
    };
    let why = waits_for(group).map(|why| view! { " "<span class="muted">{why}</span> });
    let (function, of) = match own(group) {
        Some(call) => (short(&call.name), Some(format!(" · {}", short(&group.name)))),
        None => (short(&group.name), None),
    };
    view! {
        <details class="task-group" open=is_open>
            <summary>
                <span class="chevron">{icon("chevron")}</span>
                <span class="many">{format::count(group.tasks)}</span>
                <span><span class=class>{icon(picture)}{word}</span>{why}<span class="muted wrap-anywhere">{of}</span><br/><span class="mono small wrap-anywhere">{function}</span></span>
                <span class="opt num"><span class="small faint">"longest"</span>" "<br/><span class="nowrap">{format::nanos(group.longest_nanos)}</span></span>
                {place(group)}
            </summary>
            <div class="task-body">{stack(group)}{facts(group)}</div>
        </details>
    }
}

/// Where it waits, or else where it was spawned.
fn place(group: &TaskGroupView) -> impl IntoView + use<> {
    let (label, place) = match own(group).filter(|call| !call.place.is_empty()) {
        Some(call) => ("at", call.place.clone()),
        None if group.spawned_at.is_empty() => ("", String::new()),
        None => ("spawned at", group.spawned_at.clone()),
    };
    let told = format::code_place(&place).to_owned();
    view! { <span class="opt small wrap-anywhere"><span class="faint">{label}</span>" "<br/><span class="mono unbroken" title=place>{told}</span></span> }
}

/// The innermost call that is the service's own: what to look at.
fn own(group: &TaskGroupView) -> Option<&CallView> {
    group.stack.iter().find(|call| call.code == Code::Own)
}

/// For what, as far as the calls tell.
fn waits_for(group: &TaskGroupView) -> Option<&'static str> {
    let calls = group.stack.iter().map(|call| call.name.as_str());
    let has = |parts: &[&str]| calls.clone().any(|name| parts.iter().any(|part| name.contains(part)));
    if group.state == "running" {
        let why = match () {
            () if has(&["thread::sleep", "nanosleep"]) => "sleeps and does not give the worker back",
            () if has(&["futex_wait", "parking_lot_core::", "lll_lock_wait", "pthread_cond_"]) => {
                "waits for another thread and does not give the worker back"
            }
            () => "has not given the worker back",
        };
        return is_blocked(group).then_some(why);
    }
    [
        (&["sync::mutex", "rwlock", "Mutex"][..], "for a lock"),
        (&["batch_semaphore", "Semaphore"], "for a permit"),
        (&["time::sleep", "interval"], "for a timer"),
        (&["sync::mpsc", "oneshot", "broadcast", "watch::"], "for a message"),
        (&["notify"], "to be notified"),
        (&["accept"], "for connections"),
        (&["net::tcp", "io::", "TcpStream", "h1::", "h2::"], "for the network"),
        (&["join", "JoinHandle"], "for another task"),
    ]
    .into_iter()
    .find_map(|(parts, why)| has(parts).then_some(why))
}

fn stack(group: &TaskGroupView) -> impl IntoView + use<> {
    let label = match group.state.as_str() {
        "running" if is_blocked(group) => "Blocked at",
        "running" => "Runs at",
        _ => "Waits at",
    };
    if group.stack.is_empty() {
        let why = match group.state.as_str() {
            "running" if is_blocked(group) => {
                "It did not tell: the poll ended meanwhile, its thread did not answer, or its agent does not look."
            }
            "running" => "Its poll had just begun.",
            _ => "It did not tell: it was not polled in time, or never was.",
        };
        return view! { <div><p class="label">{label}</p><p class="small muted">{why}</p></div> }.into_any();
    }
    let here = own(group).map(|call| (call.name.clone(), call.place.clone()));
    let calls: Vec<_> = group
        .stack
        .iter()
        .map(|call| {
            let class = match call.code {
                Code::Own if here.as_ref().is_some_and(|here| *here == (call.name.clone(), call.place.clone())) => "here",
                Code::Own => "",
                _ => "lib",
            };
            view! { <li class=class><span>{call.name.clone()}<span class="at" title=call.place.clone()>{format::code_place(&call.place).to_owned()}</span></span></li> }
        })
        .collect();
    view! { <div><p class="label">{label}</p><ol class="frames">{calls}</ol></div> }.into_any()
}

fn facts(group: &TaskGroupView) -> impl IntoView + use<> {
    let trace = (!group.trace_id.is_empty()).then(|| {
        let to = link::trace(&group.trace_id);
        view! { <dt>"Trace"</dt><dd><a class="mono" href=to>{short_id(&group.trace_id)}</a></dd> }
    });
    let spawned = (!group.spawned_at.is_empty()).then(
        || view! { <dt>"Spawned at"</dt><dd class="mono wrap-anywhere">{group.spawned_at.clone()}</dd> },
    );
    view! {
        <dl class="facts left">
            <dt>"Task"</dt><dd class="mono wrap-anywhere">{group.name.clone()}</dd>
            {spawned}
            <dt>"Polls"</dt><dd>{format::count(group.polls)}</dd>
            <dt>"Busy"</dt><dd>{format::nanos(group.busy_nanos)}</dd>
            {trace}
        </dl>
    }
}

fn slow(view: &ProfileView, slow: &[SlowPollsView]) -> Option<impl IntoView + use<>> {
    if slow.is_empty() {
        return None;
    }
    let [_, polls, longest, latest] = SLOW;
    let rows: Vec<_> = slow
        .iter()
        .map(|slow| {
            let at = slow.latest_nanos.and_then(|nanos| {
                let before = SignedDuration::from_nanos(i64::try_from(nanos).ok()?);
                view.profile.taken_at.checked_sub(before).ok()
            });
            view! {
                <tr role="row">
                    {row_head(view! { <span class="mono wrap-anywhere">{slow.place.clone()}</span> })}
                    {polls.cell(format::count(slow.polls))}
                    {longest.cell(format::nanos(slow.longest_nanos))}
                    {latest.cell(at.map_or_else(|| nothing().into_any(), |at| time::clock(at).into_any()))}
                </tr>
            }
        })
        .collect();
    Some(view! {
        <section class="card" id="slow-polls">
            <header><h2>"Polls of 100 ms or longer"</h2><div class="end small muted">"since the process began"</div></header>
            {table("Slow polls, the longest first", &SLOW, rows)}
            <footer>"While such a poll lasts, no other task of that worker runs. Move the work to "<span class="mono">"spawn_blocking"</span>". Within a minute of one, a capture waits up to 5 s for the next, and shows below where it blocks."</footer>
        </section>
    })
}

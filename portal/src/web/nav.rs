//! The bar above every page and the navigation beside it.

use leptos::prelude::*;
use seaworthy_catalog::Role;

use super::{
    field::form_token,
    format,
    icon::{icon, mark},
};
use crate::auth::Caller;

/// Where a page belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// The fleet and its services.
    Fleet,
    /// SLOs.
    Slos,
    /// Alerts and silences.
    Alerts,
    /// Traces.
    Traces,
    /// Log lines.
    Logs,
    /// Errors, by group.
    Errors,
    /// How services stand by the checklist.
    Readiness,
    /// What the person who looks has to see to.
    Work,
    /// Runbooks and their runs.
    Runbooks,
    /// Incidents.
    Incidents,
    /// Who is on call, and who was trained.
    Training,
    /// Deploys and rollbacks.
    Deploys,
    /// Gamedays.
    Gamedays,
    /// Load tests.
    LoadTests,
    /// Use against limits.
    Capacity,
    /// Where alerts are told.
    Channels,
    /// The checklists by which services are judged.
    Templates,
    /// Tokens of programs.
    Tokens,
    /// People.
    People,
    /// One's own account, and what belongs nowhere else.
    Account,
}

/// The place of the number of firing alerts.
pub(super) const FIRING: &str = "firing";

struct Entry {
    section: Section,
    path: &'static str,
    icon: &'static str,
    label: &'static str,
    /// Whom it is shown to; the page itself decides who may see it.
    least: Role,
}

const WATCH: &[Entry] = &[
    Entry { section: Section::Fleet, path: "/", icon: "fleet", label: "Fleet", least: Role::Viewer },
    Entry { section: Section::Slos, path: "/slos", icon: "gauge", label: "SLOs", least: Role::Viewer },
    Entry { section: Section::Alerts, path: "/alerts", icon: "bell", label: "Alerts", least: Role::Viewer },
    Entry { section: Section::Traces, path: "/traces", icon: "trace", label: "Traces", least: Role::Viewer },
    Entry { section: Section::Logs, path: "/logs", icon: "lines", label: "Logs", least: Role::Viewer },
    Entry { section: Section::Errors, path: "/errors", icon: "bug", label: "Errors", least: Role::Viewer },
];
const READY: &[Entry] = &[
    Entry {
        section: Section::Readiness,
        path: "/readiness",
        icon: "ready",
        label: "Readiness",
        least: Role::Viewer,
    },
    Entry { section: Section::Work, path: "/my-work", icon: "work", label: "My work", least: Role::Viewer },
    Entry {
        section: Section::Runbooks,
        path: "/runbooks",
        icon: "book",
        label: "Runbooks",
        least: Role::Viewer,
    },
    Entry {
        section: Section::Incidents,
        path: "/incidents",
        icon: "error",
        label: "Incidents",
        least: Role::Viewer,
    },
    Entry {
        section: Section::Training,
        path: "/training",
        icon: "people",
        label: "On-call",
        least: Role::Viewer,
    },
    Entry {
        section: Section::Deploys,
        path: "/deploys",
        icon: "deploy",
        label: "Deploys",
        least: Role::Viewer,
    },
    Entry {
        section: Section::Gamedays,
        path: "/gamedays",
        icon: "tasks",
        label: "Gamedays",
        least: Role::Viewer,
    },
    Entry {
        section: Section::LoadTests,
        path: "/load-tests",
        icon: "load",
        label: "Load tests",
        least: Role::Viewer,
    },
    Entry {
        section: Section::Capacity,
        path: "/capacity",
        icon: "capacity",
        label: "Capacity",
        least: Role::Viewer,
    },
];
const SETTINGS: &[Entry] = &[
    Entry {
        section: Section::Channels,
        path: "/settings/channels",
        icon: "bell",
        label: "Channels",
        least: Role::Editor,
    },
    Entry {
        section: Section::Templates,
        path: "/settings/templates",
        icon: "check",
        label: "Templates",
        least: Role::Viewer,
    },
    Entry {
        section: Section::Tokens,
        path: "/settings/tokens",
        icon: "key",
        label: "Tokens",
        least: Role::Editor,
    },
    Entry {
        section: Section::People,
        path: "/settings/people",
        icon: "people",
        label: "People",
        least: Role::Admin,
    },
    Entry {
        section: Section::Account,
        path: "/account",
        icon: "user",
        label: "Account",
        least: Role::Viewer,
    },
];

/// The bar above.
pub(super) fn top(caller: &Caller) -> impl IntoView + use<> {
    let account = format!("Account: {}", caller.person().name);
    view! {
        <header class="top">
            <button class="button quiet icon-only nav-toggle" type="button" popovertarget="nav" aria-label="Menu">
                {icon("menu")}
            </button>
            <a class="brand" href="/">{mark()}"Seaworthy"</a>
            <form class="search" role="search" action="/search">
                {icon("search")}
                <input
                    type="search" name="q" id="search" maxlength="200"
                    aria-label="Search services and trace ids" placeholder="Search services, trace ids"
                />
                <kbd aria-hidden="true">"/"</kbd>
            </form>
            <div class="top-end">
                <button class="button quiet icon-only" type="button" id="theme" aria-label="Theme" hidden>
                    {icon("theme")}
                </button>
                <a class="button quiet icon-only" href="/account" aria-label=account>{icon("user")}</a>
            </div>
        </header>
    }
}

/// The navigation.
pub(super) fn nav(caller: &Caller, section: Section) -> impl IntoView + use<> {
    view! {
        <nav class="nav" id="nav" popover aria-label="Main">
            {group("Watch", "nav-watch", WATCH, caller, section)}
            {group("Be ready", "nav-ready", READY, caller, section)}
            {group("Settings", "nav-settings", SETTINGS, caller, section)}
            <div class="nav-end">
                <p>{format!("{}, {}", caller.person().name, caller.role())}</p>
                <form action="/sign-out" method="post">
                    {form_token(caller.form_token())}
                    <button class="button small" type="submit">{icon("out")}"Sign out"</button>
                </form>
                <p>{concat!("Seaworthy ", env!("CARGO_PKG_VERSION"))}</p>
            </div>
        </nav>
    }
}

fn group(
    label: &'static str,
    id: &'static str,
    entries: &'static [Entry],
    caller: &Caller,
    section: Section,
) -> impl IntoView + use<> {
    let role = caller.role();
    let (firing, work) = (caller.firing(), caller.work());
    let links = entries.iter().filter(move |entry| role >= entry.least).map(move |entry| {
        let here = (entry.section == section).then_some("page");
        let count = match entry.section {
            Section::Alerts => firing_count(firing).into_any(),
            Section::Work => work_count(work).into_any(),
            _ => ().into_any(),
        };
        view! { <li><a href=entry.path aria-current=here>{icon(entry.icon)}{entry.label}{count}</a></li> }
    });
    view! {
        <div class="nav-group">
            <span id=id>{label}</span>
            <ul aria-labelledby=id>{links.collect_view()}</ul>
        </div>
    }
}

/// How many alerts fire. It is there without any too: what refreshes by itself finds its place by this id.
fn firing_count(firing: u64) -> impl IntoView {
    let told = (firing > 0).then(|| view! { <span class="count is-fail">{format::count(firing)}</span> });
    view! { <span id=FIRING>{told}{(firing > 0).then(|| view! { <span class="hidden-text">" firing"</span> })}</span> }
}

/// How much there is to see to; nothing where there is nothing.
fn work_count(work: usize) -> impl IntoView {
    (work > 0).then(|| {
        view! { <span class="count">{format::count(work as u64)}</span><span class="hidden-text">" to see to"</span> }
    })
}

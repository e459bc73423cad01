//! What stands around every page.

use axum::response::Html;
use leptos::prelude::*;

use super::{
    Preferences, assets,
    icon::mark,
    nav::{FIRING, Section, nav, top},
};
use crate::auth::Caller;

/// How often a page asks for its figures again.
pub(crate) const REFRESH_SECONDS: u32 = 5;

/// A page for somebody who is not signed in, or who need not be.
pub(crate) fn door<V: IntoView>(title: &str, content: impl FnOnce() -> V) -> Html<String> {
    let heading = title.to_owned();
    document(title, &Preferences::default(), || {
        view! {
            <div class="door">
                <svg class="waterline" viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
                    <path d="M0 12C170 2 330 2 500 12s330 10 500 0v88H0z"/>
                    <path class="load" d="M0 12C170 2 330 2 500 12s330 10 500 0"/>
                </svg>
                <main id="main"><section class="card">
                    <div class="head">{mark()}<h1>{heading}</h1></div>
                    {content()}
                </section></main>
            </div>
        }
    })
}

/// A page for somebody who is signed in.
pub(crate) fn page<V: IntoView>(
    caller: &Caller,
    section: Section,
    title: &str,
    content: impl FnOnce() -> V,
) -> Html<String> {
    document(title, caller.preferences(), || {
        view! {
            <a class="skip" href="#main">"Skip to content"</a>
            <div class="shell">
                {top(caller)}
                {nav(caller, section)}
                <main class="main" id="main">
                    <p class="notice warn unreachable" id="unreachable" role="alert" hidden>
                        "The portal does not answer. What you see is the last that it told."
                    </p>
                    {content()}
                </main>
            </div>
        }
    })
}

/// A page of plain cards below its title.
pub(crate) fn titled<V: IntoView>(
    caller: &Caller,
    section: Section,
    title: &'static str,
    content: impl FnOnce() -> V,
) -> Html<String> {
    page(caller, section, title, || {
        view! { <div class="page-head"><h1>{title}</h1></div>{content()} }
    })
}

/// The part of a page that refreshes by itself: the same page is asked for again, and only what changed is touched.
pub(crate) fn live<V: IntoView>(path: String, content: V) -> impl IntoView {
    let trigger = format!("every {REFRESH_SECONDS}s");
    view! {
        <div id="live" hx-get=path hx-trigger=trigger hx-select="#live" hx-select-oob=format!("#{FIRING}") hx-swap="morph:outerHTML" hx-ext="morph">
            {content}
        </div>
    }
}

/// A part of a page, for a script that puts it into the page.
pub(crate) fn fragment<V: IntoView>(preferences: &Preferences, content: impl FnOnce() -> V) -> Html<String> {
    written(Owner::new().with(|| {
        provide_context(preferences.clone());
        content().to_html()
    }))
}

/// What the renderer wrote, without the marks by which a script would find texts again: nothing here needs them, and a title
/// or a field of text would show them. What people wrote has its `<` escaped, and is none of them.
fn written(html: String) -> Html<String> {
    Html(html.replace("<!>", ""))
}

fn document<V: IntoView>(title: &str, preferences: &Preferences, body: impl FnOnce() -> V) -> Html<String> {
    // One text: between two, the renderer puts a comment, which a title would show.
    let title = format!("{title} · Seaworthy");
    written(Owner::new().with(|| {
        provide_context(preferences.clone());
        view! {
            <!DOCTYPE html>
            <html lang="en" data-theme=preferences.theme>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <title>{title}</title>
                    <link rel="icon" href=assets::url("mark.svg") type="image/svg+xml"/>
                    <link rel="stylesheet" href=assets::url("seaworthy.css")/>
                    <meta name="htmx-config" content=HTMX/>
                    <script src=assets::url("vendor/htmx-2.0.11.min.js") defer></script>
                    <script src=assets::url("vendor/idiomorph-ext-0.8.0.min.js") defer></script>
                    <script type="module" src=assets::url("seaworthy.js")></script>
                </head>
                <body>{body()}</body>
            </html>
        }
        .to_html()
    }))
}

/// What the Content-Security-Policy forbids is not tried, and pages are not kept in the browser's storage.
const HTMX: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"historyCacheSize":0,"refreshOnHistoryMiss":true,"timeout":20000}"#;

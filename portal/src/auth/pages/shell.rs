//! What stands around the pages of accounts.

use axum::response::Html;
use leptos::prelude::*;

use crate::auth::Caller;

/// A page for somebody who is not signed in.
pub(crate) fn door<V: IntoView>(title: &str, content: impl FnOnce() -> V) -> Html<String> {
    let heading = title.to_owned();
    document(title, || {
        view! {
            <div class="door"><main id="main"><section class="card">
                <div class="head"><h1>{heading}</h1></div>
                {content()}
            </section></main></div>
        }
    })
}

/// A page for somebody who is signed in.
pub(super) fn page<V: IntoView>(
    _caller: &Caller,
    title: &'static str,
    content: impl FnOnce() -> V,
) -> Html<String> {
    document(title, || {
        view! { <main class="main" id="main"><div class="page-head"><h1>{title}</h1></div>{content()}</main> }
    })
}

fn document<V: IntoView>(title: &str, body: impl FnOnce() -> V) -> Html<String> {
    // One text: between two, the renderer puts a comment, which a title would show.
    let title = format!("{title} · Seaworthy");
    Html(Owner::new().with(|| {
        view! {
            <!DOCTYPE html>
            <html lang="en">
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <title>{title}</title>
                </head>
                <body>{body()}</body>
            </html>
        }
        .to_html()
    }))
}

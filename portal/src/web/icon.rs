//! Icons, from one sprite. An icon repeats what the word beside it says; alone it needs a name.

use leptos::prelude::*;

use super::assets;

/// The icon of this name in `assets/icons.svg`, hidden from those who listen to the page.
pub(crate) fn icon(name: &str) -> impl IntoView + use<> {
    view! { <svg class="icon" aria-hidden="true"><use href=address(name)/></svg> }
}

/// Seaworthy's mark: a hull with its load line.
pub(crate) fn mark() -> impl IntoView {
    view! { <svg class="mark" aria-hidden="true"><use href=address("mark")/></svg> }
}

fn address(name: &str) -> String {
    format!("{}#{name}", assets::url("icons.svg"))
}

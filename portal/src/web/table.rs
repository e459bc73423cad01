//! Tables that turn into cards on narrow screens. The roles in the markup keep them tables for those who listen.

use leptos::prelude::*;

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) label: &'static str,
    /// Classes of its cells: `num` for numbers, `skip-narrow` where there is no room, `two` and `full` for wide cards.
    pub(super) class: &'static str,
}

/// A column with these classes.
pub(super) const fn column(label: &'static str, class: &'static str) -> Column {
    Column { label, class }
}

impl Column {
    /// A cell of it.
    pub(super) fn cell<V: IntoView>(&self, content: V) -> impl IntoView + use<V> {
        view! { <td role="cell" class=self.class data-label=self.label>{content}</td> }
    }
}

/// The cell that names the row.
pub(super) fn row_head<V: IntoView>(content: V) -> impl IntoView {
    view! { <th role="rowheader" scope="row" class="name-cell">{content}</th> }
}

/// A table with its name for those who do not see it.
pub(super) fn table<V: IntoView>(name: &str, columns: &[Column], rows: V) -> impl IntoView + use<V> {
    let heads: Vec<_> = columns
        .iter()
        .map(|column| view! { <th role="columnheader" scope="col" class=column.class>{column.label}</th> })
        .collect();
    view! {
        <div class="table-scroll" role="region" aria-label=name.to_owned() tabindex="0">
            <table class="table cards top-line dense" role="table">
                <caption class="hidden-text">{name.to_owned()}</caption>
                <thead role="rowgroup"><tr role="row">{heads}</tr></thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
}

//! Fields of forms: each with its label, its hint and what is wrong with it.

use leptos::prelude::*;

use super::{Errors, errors::WHOLE};
use crate::auth::form;

/// What a field is for, to browsers and password managers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: &'static str,
    pub(super) autocomplete: &'static str,
    pub(super) hint: &'static str,
}

impl Field {
    pub(super) const fn text(name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self { name, label, kind: "text", autocomplete, hint: "" }
    }

    pub(super) const fn password(
        name: &'static str,
        label: &'static str,
        autocomplete: &'static str,
    ) -> Self {
        Self { name, label, kind: "password", autocomplete, hint: "" }
    }

    pub(super) const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// The field with what was typed and what is wrong with it. What was typed into a password is never sent back.
    pub(super) fn view(self, typed: &str, errors: &Errors) -> impl IntoView + use<> {
        let Self { name, label, kind, autocomplete, hint } = self;
        let error = errors.of(name);
        let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
        let described =
            [(!hint.is_empty()).then(|| hint_id.clone()), error.is_some().then(|| error_id.clone())];
        let described: Vec<String> = described.into_iter().flatten().collect();
        let value = if kind == "password" { String::new() } else { typed.to_owned() };
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <input
                    class="input" id=name name=name type=kind autocomplete=autocomplete value=value required
                    aria-invalid=error.is_some().then_some("true")
                    aria-describedby=(!described.is_empty()).then(|| described.join(" "))
                />
                {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
                {error.map(|error| view! { <p class="error" id=error_id>{error}</p> })}
            </div>
        }
    }
}

/// What is wrong with the form as a whole.
pub(super) fn whole(errors: &Errors) -> impl IntoView + use<> {
    errors.of(WHOLE).map(|error| view! { <p class="error" role="alert">{error}</p> })
}

/// The hidden field that shows where a form comes from.
pub(super) fn form_token(token: &str) -> impl IntoView + use<> {
    view! { <input type="hidden" name=form::FIELD value=token.to_owned()/> }
}

//! Fields of forms: each with its label, its hint and what is wrong with it.

use leptos::prelude::*;

use super::icon::icon;
use crate::auth::form;

/// A field that takes a line of text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    hint: &'static str,
    placeholder: &'static str,
    list: Option<&'static str>,
    required: bool,
}

impl Field {
    /// What must be given. `autocomplete` tells browsers and password managers what it is.
    pub(crate) const fn text(name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        let (kind, hint, placeholder, list) = ("text", "", "", None);
        Self { name, label, kind, autocomplete, hint, placeholder, list, required: true }
    }

    /// What may be left empty.
    pub(crate) const fn optional(name: &'static str, label: &'static str) -> Self {
        Self { required: false, ..Self::text(name, label, "off") }
    }

    pub(crate) const fn password(
        name: &'static str,
        label: &'static str,
        autocomplete: &'static str,
    ) -> Self {
        Self { kind: "password", ..Self::text(name, label, autocomplete) }
    }

    /// Another kind of `input`, such as `datetime-local`.
    pub(crate) const fn kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    pub(crate) const fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// What it may look like.
    pub(crate) const fn like(self, placeholder: &'static str) -> Self {
        Self { placeholder, ..self }
    }

    /// The `datalist` with what may be chosen.
    pub(crate) const fn list(self, list: &'static str) -> Self {
        Self { list: Some(list), ..self }
    }

    /// What the form calls it.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// The field with what was typed and what is wrong with it. What was typed into a password is never sent back.
    pub(crate) fn view(self, typed: &str, error: Option<String>) -> impl IntoView + use<> {
        let Self { name, label, kind, autocomplete, hint, placeholder, list, required } = self;
        let value = if kind == "password" { String::new() } else { typed.to_owned() };
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <input
                    class="input" id=name name=name type=kind autocomplete=autocomplete value=value required=required
                    placeholder=(!placeholder.is_empty()).then_some(placeholder) list=list
                    aria-invalid=error.is_some().then_some("true") aria-describedby=described(name, hint, &error)
                />
                {notes(name, hint, error)}
            </div>
        }
    }
}

/// A field that takes lines of text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Area {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
}

impl Area {
    pub(crate) fn view(self, typed: &str, error: Option<String>) -> impl IntoView + use<> {
        let Self { name, label, hint } = self;
        // Leptos does not escape what stands in a textarea.
        let escaped = typed.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <textarea
                    class="textarea" id=name name=name
                    aria-invalid=error.is_some().then_some("true") aria-describedby=described(name, hint, &error)
                >{escaped}</textarea>
                {notes(name, hint, error)}
            </div>
        }
    }
}

/// A field of which one of these values, each with its words, is chosen.
pub(crate) fn select(
    name: &'static str,
    label: &'static str,
    chosen: &str,
    options: Vec<(String, String)>,
    error: Option<String>,
) -> impl IntoView + use<> {
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, words)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{words}</option> }
        })
        .collect();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select
                class="select" id=name name=name
                aria-invalid=error.is_some().then_some("true") aria-describedby=described(name, "", &error)
            >{options}</select>
            {notes(name, "", error)}
        </div>
    }
}

/// What is wrong with a form as a whole.
pub(crate) fn whole(error: Option<String>) -> impl IntoView {
    error.map(|error| view! { <p class="error" role="alert">{icon("fail")}{error}</p> })
}

/// The hidden field that shows where a form comes from.
pub(crate) fn form_token(token: &str) -> impl IntoView + use<> {
    view! { <input type="hidden" name=form::FIELD value=token.to_owned()/> }
}

fn described(name: &str, hint: &str, error: &Option<String>) -> Option<String> {
    let hint = (!hint.is_empty()).then(|| format!("{name}-hint"));
    let error = error.is_some().then(|| format!("{name}-error"));
    let ids: Vec<String> = [hint, error].into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

fn notes(name: &'static str, hint: &'static str, error: Option<String>) -> impl IntoView {
    view! {
        {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
        {error.map(|error| view! { <p class="error" id=format!("{name}-error")>{icon("fail")}{error}</p> })}
    }
}

/// What a field with this [`list`](Field::list) suggests.
pub(crate) fn suggestions<S: AsRef<str>>(id: &'static str, values: impl IntoIterator<Item = S>) -> AnyView {
    let options: Vec<_> =
        values.into_iter().map(|value| view! { <option value=value.as_ref().to_owned()></option> }).collect();
    view! { <datalist id=id>{options}</datalist> }.into_any()
}

/// What Enter in a field of a form presses, where a button that leads elsewhere stands before the one that sends it.
pub(crate) fn pressed_by_enter() -> impl IntoView {
    view! { <button type="submit" hidden=true tabindex="-1" aria-hidden="true"></button> }
}

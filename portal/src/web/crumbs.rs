//! Breadcrumbs: the pages above the one that is open, from the section down.

use leptos::prelude::*;

use super::link;

/// The pages above one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Crumbs(Vec<(String, String)>);

impl Crumbs {
    /// Of a page right below that of a section.
    pub(crate) fn of(href: &str, words: &str) -> Self {
        Self(Vec::new()).then(href, words)
    }

    /// Of a page below that of a service in the fleet.
    pub(crate) fn of_service(name: &str) -> Self {
        Self::of("/", "Fleet").then(&link::service(name), name)
    }

    /// One page further down.
    pub(crate) fn then(mut self, href: &str, words: &str) -> Self {
        self.0.push((href.to_owned(), words.to_owned()));
        self
    }

    /// One page further down, where there is one.
    pub(crate) fn then_if(self, page: Option<(String, &str)>) -> Self {
        match page {
            Some((href, words)) => self.then(&href, words),
            None => self,
        }
    }

    /// They end with the page that is open, which leads nowhere.
    pub(crate) fn here(self, words: &str) -> impl IntoView + use<> {
        let above = self.0.into_iter().map(|(href, words)| view! { <li><a href=href>{words}</a></li> });
        view! {
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                {above.collect::<Vec<_>>()}<li aria-current="page">{words.to_owned()}</li>
            </ol></nav>
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_lead_to_every_page_above_and_not_to_the_one_that_is_open() {
        let html = Crumbs::of_service("a/b").then("/p?q=<", "<P>").then_if(None).here("One & only").to_html();
        // Marks of the library's own between texts and elements.
        let html = html.replace("<!>", "");
        for link in [
            r#"<li><a href="/">Fleet</a></li>"#,
            r#"<li><a href="/services/a%2Fb">a/b</a></li>"#,
            r#"<li><a href="/p?q=&lt;">&lt;P&gt;</a></li>"#,
        ] {
            assert_eq!(html.matches(link).count(), 1, "{link} in {html}");
        }
        assert!(html.contains(r#"<li aria-current="page">One &amp; only</li></ol></nav>"#), "{html}");
    }
}

//! Addresses of pages.

use url::form_urlencoded;

/// The page of a service.
pub(crate) fn service(name: &str) -> String {
    format!("/services/{}", segment(name))
}

/// What goes on in a service right now.
pub(crate) fn service_now(name: &str) -> String {
    format!("{}/now", service(name))
}

/// How a service stands by the checklist.
pub(crate) fn readiness(service_name: &str) -> String {
    format!("{}/readiness", service(service_name))
}

/// What people say of a service.
pub(crate) fn service_settings(service_name: &str) -> String {
    format!("{}/settings", service(service_name))
}

/// One item of a template, for a service.
pub(crate) fn readiness_item(service_name: &str, template: &str, item: &str) -> String {
    format!("{}/{}/{}", readiness(service_name), segment(template), segment(item))
}

/// What a service uses of its limits.
pub(crate) fn capacity(service_name: &str) -> String {
    with_query("/capacity", &[("service", service_name)])
}

/// Who is on call for a service.
pub(crate) fn training(service_name: &str) -> String {
    format!("/training/{}", segment(service_name))
}

/// The badge of a service, for those who may read.
pub(crate) fn badge(service_name: &str) -> String {
    format!("/badges/{}.svg", segment(service_name))
}

/// The same, for whoever has the link with this tag.
pub(crate) fn public_badge(service_name: &str, tag: &str) -> String {
    format!("/badge/{tag}/{}.svg", segment(service_name))
}

/// The page of a template.
pub(crate) fn template(id: &str) -> String {
    format!("/settings/templates/{}", segment(id))
}

/// The page of an SLO.
pub(crate) fn slo(name: &str) -> String {
    format!("/slos/{}", segment(name))
}

/// The settings of a channel.
pub(crate) fn channel(name: &str) -> String {
    format!("/settings/channels/{}", segment(name))
}

/// The page of an alert.
pub(crate) fn alert(id: i64) -> String {
    format!("/alerts/{id}")
}

/// The waterfall of a trace.
pub(crate) fn trace(id: &str) -> String {
    format!("/traces/{id}")
}

/// The page of a group of errors.
pub(crate) fn error(group: &str) -> String {
    format!("/errors/{}", segment(group))
}

/// The profiles of a service.
pub(crate) fn profiles(service_name: &str) -> String {
    format!("{}/profiles", service(service_name))
}

/// Which lines the instances of a service log.
pub(crate) fn log_filter(service_name: &str) -> String {
    format!("{}/log-filter", service(service_name))
}

/// Where profiles of a service are asked for.
pub(crate) fn captures(service_name: &str) -> String {
    format!("{}/captures", service(service_name))
}

/// One profile.
pub(crate) fn profile(id: &str) -> String {
    format!("/profiles/{}", segment(id))
}

/// One profile as a file.
pub(crate) fn profile_download(id: &str) -> String {
    format!("{}/download", profile(id))
}

/// What changed from one profile to another.
pub(crate) fn profile_diff(one: &str, other: &str) -> String {
    format!("{}/diff/{}", profile(one), segment(other))
}

/// A path with a query. Empty values are left out.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// A name as one segment of a path, whatever is in it. A segment of dots alone would mean another folder; a browser
/// even takes `%2e` for a dot.
fn segment(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_becomes_one_segment() {
        assert_eq!(service("a b/c?d#e%"), "/services/a%20b%2Fc%3Fd%23e%25");
        assert_eq!(service("Zürich"), "/services/Z%C3%BCrich");
    }

    #[test]
    fn a_query_holds_what_is_given() {
        let path = with_query("/traces", &[("service", "a&b"), ("min", ""), ("range", "6h")]);
        assert_eq!(path, "/traces?service=a%26b&range=6h");
        assert_eq!(with_query("/traces", &[("min", "")]), "/traces");
    }
}

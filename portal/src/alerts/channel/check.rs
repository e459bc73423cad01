//! What is wrong with the settings of a channel.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue, header};
use lettre::Address;
use seaworthy_slo::Mistake;
use url::Url;

use super::{ChannelSettings, Target};
use crate::alerts::Hidden;

const MOST_RECIPIENTS: usize = 50;
const MOST_HEADERS: usize = 20;
const MOST_SERVICES: usize = 200;
const LONGEST_BYTES: usize = 2048;

/// What the portal or HTTP itself says.
const NOT_YOURS: [HeaderName; 9] = [
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::HOST,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

impl ChannelSettings {
    /// Whether all is well with them.
    ///
    /// # Errors
    /// Every mistake with its field: `url`, `bearer`, `headers`, `to`, `services`.
    pub fn check(&self) -> Result<(), Vec<Mistake>> {
        let mut mistakes = Mistakes::default();
        match &self.target {
            Target::Webhook { url, bearer, headers } => {
                mistakes.of("url", check_url(url.reveal()));
                mistakes.of("bearer", bearer.as_ref().map_or(Ok(()), |bearer| check_bearer(bearer.reveal())));
                mistakes.of("headers", check_headers(headers, bearer.is_some()));
            }
            Target::Slack { url } => mistakes.of("url", check_url(url.reveal())),
            Target::Email { to } => mistakes.of("to", check_recipients(to)),
        }
        mistakes.of("services", check_services(&self.services));
        if mistakes.0.is_empty() { Ok(()) } else { Err(mistakes.0) }
    }
}

#[derive(Default)]
struct Mistakes(Vec<Mistake>);

impl Mistakes {
    fn of(&mut self, field: &str, checked: Result<(), String>) {
        if let Err(message) = checked {
            self.0.push(Mistake { field: field.to_owned(), message });
        }
    }
}

/// The address may be a secret, so no message repeats it.
fn check_url(text: &str) -> Result<(), String> {
    let url = Url::parse(text).map_err(|error| {
        format!("this is no address ({error}); write it like https://alerts.example/hook")
    })?;
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return Err("it must begin with https:// or http://, and name a host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not hold a name and password; send them as a header instead".to_owned());
    }
    if text.len() > LONGEST_BYTES {
        return Err(format!("it must be at most {LONGEST_BYTES} bytes long"));
    }
    Ok(())
}

fn check_bearer(bearer: &str) -> Result<(), String> {
    let visible = !bearer.is_empty() && bearer.bytes().all(|byte| byte.is_ascii_graphic());
    if !visible || bearer.len() > LONGEST_BYTES {
        return Err(format!("it must be 1 to {LONGEST_BYTES} visible ASCII characters without spaces"));
    }
    Ok(())
}

fn check_headers(headers: &BTreeMap<String, Hidden>, has_bearer: bool) -> Result<(), String> {
    if headers.len() > MOST_HEADERS {
        return Err(format!("there are {}; at most {MOST_HEADERS} can be sent", headers.len()));
    }
    for (name, value) in headers {
        let known: HeaderName =
            name.parse().map_err(|_| format!("{name:?} is not a header's name; write it like X-Team"))?;
        if NOT_YOURS.contains(&known) {
            return Err(format!("{name} is what the portal says itself; leave it out"));
        }
        if has_bearer && known == header::AUTHORIZATION {
            return Err(format!("{name} is given by the bearer token already; leave one of them out"));
        }
        let value = value.reveal();
        if HeaderValue::from_str(value).is_err() || value.len() > LONGEST_BYTES {
            return Err(format!(
                "the value of {name} must be visible characters in one line, at most {LONGEST_BYTES} bytes"
            ));
        }
    }
    Ok(())
}

fn check_recipients(to: &[String]) -> Result<(), String> {
    if to.is_empty() || to.len() > MOST_RECIPIENTS {
        return Err(format!("there are {}; write 1 to {MOST_RECIPIENTS} addresses", to.len()));
    }
    for address in to {
        let _: Address = address.parse().map_err(|_| {
            format!("{address:?} is not an address of mail; write it like on-call@shop.example")
        })?;
    }
    Ok(())
}

fn check_services(services: &[String]) -> Result<(), String> {
    if services.len() > MOST_SERVICES {
        return Err(format!("there are {}; at most {MOST_SERVICES} can be chosen", services.len()));
    }
    let blank = |service: &&String| service.trim().is_empty() || service.len() > 255;
    match services.iter().find(blank) {
        Some(service) => Err(format!("{service:?} is not a service; a name is 1 to 255 bytes long")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_slo::Severity;

    use super::*;

    fn mistakes(target: Target, services: &[String]) -> Vec<(String, String)> {
        let least_severity = Severity::Ticket;
        let settings = ChannelSettings { target, least_severity, services: services.to_vec() };
        let mistakes = settings.check().err().unwrap_or_default();
        mistakes.into_iter().map(|mistake| (mistake.field, mistake.message)).collect()
    }

    fn webhook(url: &str, bearer: Option<&str>, headers: &[(&str, &str)]) -> Target {
        Target::Webhook {
            url: Hidden::new(url),
            bearer: bearer.map(Hidden::new),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), Hidden::new(*value))).collect(),
        }
    }

    fn email(to: &[&str]) -> Target {
        Target::Email { to: to.iter().map(|address| (*address).to_owned()).collect() }
    }

    const GOOD: &str = "https://alerts.example:8443/hook?key=7";

    #[test]
    fn what_is_well_has_no_mistake() {
        for target in [
            webhook(GOOD, None, &[]),
            webhook("http://10.1.2.3/hook", Some("abc.DEF-1="), &[("X-Team", "shop; a=b")]),
            webhook("http://[2001:db8::1]:80/", None, &[("Authorization", "Basic eDp5")]),
            Target::Slack { url: Hidden::new("https://hooks.slack.example/services/T0/B0/x") },
            email(&["on-call@shop.example", "\"a b\"@xn--caf-dma.example"]),
        ] {
            assert_eq!(mistakes(target, &["reception".into()]), []);
        }
    }

    #[test]
    fn every_mistake_is_told_with_its_field() {
        let long = format!("https://alerts.example/{}", "x".repeat(2048));
        let many: Vec<_> = (0..51).map(|n| format!("a{n}@shop.example")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for (target, field, told) in [
            (webhook("", None, &[]), "url", "no address"),
            (webhook("alerts.example/hook", None, &[]), "url", "no address"),
            (webhook("ftp://alerts.example/", None, &[]), "url", "https://"),
            (webhook("file:///etc/passwd", None, &[]), "url", "https://"),
            (webhook("https://a:b@alerts.example/", None, &[]), "url", "name and password"),
            (webhook(&long, None, &[]), "url", "2048"),
            (webhook(GOOD, Some(""), &[]), "bearer", "visible"),
            (webhook(GOOD, Some("a b"), &[]), "bearer", "visible"),
            (webhook(GOOD, None, &[("a b", "c")]), "headers", "\"a b\" is not a header's name"),
            (webhook(GOOD, None, &[("host", "c")]), "headers", "host is what the portal says"),
            (webhook(GOOD, None, &[("X-A", "c\r\nX-B: d")]), "headers", "value of X-A"),
            (webhook(GOOD, Some("t"), &[("authorization", "c")]), "headers", "bearer"),
            (Target::Slack { url: Hidden::new("slack") }, "url", "no address"),
            (email(&[]), "to", "there are 0"),
            (email(&many), "to", "there are 51"),
            (email(&["on-call"]), "to", "\"on-call\""),
            (email(&["a@shop.example\r\nBcc: b@shop.example"]), "to", "not an address"),
        ] {
            let told_mistakes = mistakes(target.clone(), &[]);
            let [(at, message)] = &told_mistakes[..] else { panic!("{target:?}: {told_mistakes:?}") };
            assert_eq!(at, field, "{target:?}");
            assert!(message.contains(told), "{message}");
        }
        let both = mistakes(email(&[]), &[" ".into()]);
        assert_eq!(both.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), ["to", "services"]);
    }

    #[test]
    fn no_message_repeats_an_address_or_a_secret() {
        for (url, bearer, header) in
            [("ftp://x/key-7", "key-7 ", "key-7\n"), ("https://key-7:key-7@x/", "ke y-7", "key-7\0")]
        {
            let told = format!("{:?}", mistakes(webhook(url, Some(bearer), &[("X-A", header)]), &[]));
            assert!(!told.contains("key-7"), "{told}");
        }
    }
}

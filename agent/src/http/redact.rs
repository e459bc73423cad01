//! Keeps secrets in URLs out of the telemetry.

use std::borrow::Cow;

/// What stands for a secret, as OpenTelemetry has it.
const REDACTED: &str = "REDACTED";

/// A parameter is secret when its name holds one of these.
const PARTS: &[&str] = &[
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "access_key",
    "signature",
    "credential",
    "auth",
    "session",
];

/// A parameter is secret when this is its name.
const NAMES: &[&str] = &["sig", "key", "code", "pwd", "pass", "pin", "otp", "jwt", "sid"];

/// The query with the values of parameters that look secret replaced.
pub(crate) fn query(query: &str) -> Cow<'_, str> {
    if !query.split('&').any(is_secret) {
        return Cow::Borrowed(query);
    }
    let parameters = query.split('&').map(|parameter| match parameter.split_once('=') {
        Some((name, _)) if is_secret(parameter) => Cow::Owned(format!("{name}={REDACTED}")),
        _ => Cow::Borrowed(parameter),
    });
    Cow::Owned(parameters.collect::<Vec<_>>().join("&"))
}

/// `url.full` of a request: without user and password, without secrets in the query, without fragment.
pub(crate) fn url(scheme: &str, authority: &str, path: &str, parameters: Option<&str>) -> String {
    let authority = match authority.rsplit_once('@') {
        Some((_, host)) => format!("{REDACTED}:{REDACTED}@{host}"),
        None => authority.to_owned(),
    };
    let parameters = parameters.map(|parameters| format!("?{}", query(parameters))).unwrap_or_default();
    format!("{scheme}://{authority}{path}{parameters}")
}

fn is_secret(parameter: &str) -> bool {
    let Some((name, _)) = parameter.split_once('=') else { return false };
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || PARTS.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_of_secrets_are_replaced() {
        for (before, after) in [
            ("", ""),
            ("page=2&sort=name", "page=2&sort=name"),
            ("page=2&access_token=abc&sort", "page=2&access_token=REDACTED&sort"),
            ("sig=a%3Db&Signature=x=y", "sig=REDACTED&Signature=REDACTED"),
            ("AWSAccessKeyId=AK&X-Goog-Signature=q", "AWSAccessKeyId=REDACTED&X-Goog-Signature=REDACTED"),
            ("X-Amz-Credential=c&X-Amz-Date=d", "X-Amz-Credential=REDACTED&X-Amz-Date=d"),
            ("monkey=banana&key=k", "monkey=banana&key=REDACTED"),
            ("token", "token"),
            ("client_secret=&a=b", "client_secret=REDACTED&a=b"),
        ] {
            assert_eq!(query(before), after);
        }
    }

    #[test]
    fn a_url_loses_user_and_password() {
        assert_eq!(
            url("https", "me:pw@shop.example:8443", "/orders", Some("q=1&token=t")),
            "https://REDACTED:REDACTED@shop.example:8443/orders?q=1&token=REDACTED"
        );
        assert_eq!(url("http", "shop.example", "/", None), "http://shop.example/");
    }
}

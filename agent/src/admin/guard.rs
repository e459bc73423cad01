//! Who may read the admin endpoints.

use std::{fmt, net::IpAddr};

use axum::{
    Json,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;
use subtle::ConstantTimeEq;

use crate::http::host_and_port;

/// The secret that opens the admin endpoints.
#[derive(Clone)]
pub(crate) struct Token(String);

impl Token {
    /// None for an empty one, which anybody would know.
    pub(crate) fn new(token: String) -> Option<Self> {
        (!token.trim().is_empty()).then_some(Self(token))
    }

    fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// The token must not get into a log.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// On a request that came by the agent's own listener, past its guard.
#[derive(Clone)]
struct Admitted;

/// With a token, lets through who has it, and probes; without one, whoever reaches the loopback address, except web
/// pages that a browser was tricked into taking for it (DNS rebinding).
pub(super) async fn guard(State(token): State<Option<Token>>, mut request: Request, next: Next) -> Response {
    let is_probe = matches!(request.uri().path(), "/livez" | "/readyz");
    let refused = match &token {
        _ if is_probe => None,
        Some(token) if is_given(token, request.headers()) => None,
        Some(_) => Some((StatusCode::UNAUTHORIZED, "send the token as `Authorization: Bearer …`")),
        None if is_of_this_machine(request.headers()) => None,
        None => {
            Some((StatusCode::FORBIDDEN, "ask by IP address or as localhost, or set SEAWORTHY_ADMIN_TOKEN"))
        }
    };
    match refused {
        None => {
            request.extensions_mut().insert(Admitted);
            next.run(request).await
        }
        Some((status, detail)) => refusal(status, detail),
    }
}

/// Where others may see what the memory of the process holds, or slow it down: lets through whom [`guard`] let through, and who
/// has the token. So a router that is mounted in a server of the service's own shows profiles to nobody without it.
pub(super) async fn guard_private(
    State(token): State<Option<Token>>,
    request: Request,
    next: Next,
) -> Response {
    let is_admitted = request.extensions().get::<Admitted>().is_some();
    match token {
        _ if is_admitted => next.run(request).await,
        Some(token) if is_given(&token, request.headers()) => next.run(request).await,
        Some(_) => refusal(StatusCode::UNAUTHORIZED, "send the token as `Authorization: Bearer …`"),
        None => {
            let how = "set SEAWORTHY_ADMIN_TOKEN and send it, or ask where the agent itself listens";
            refusal(StatusCode::FORBIDDEN, how)
        }
    }
}

fn refusal(status: StatusCode, detail: &str) -> Response {
    (status, [(header::WWW_AUTHENTICATE, "Bearer")], Json(json!({ "detail": detail }))).into_response()
}

fn is_given(token: &Token, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.split_once(' '));
    given.is_some_and(|(scheme, given)| scheme.eq_ignore_ascii_case("bearer") && token.is(given.trim()))
}

fn is_of_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true };
    let host = host.to_str().map(|host| host_and_port(host).0).unwrap_or_default();
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_all_of_it_and_never_shown() {
        let token = Token::new("sesame".into()).unwrap();
        for (header, expected) in [
            ("Bearer sesame", true),
            ("bearer sesame", true),
            ("Bearer sesam", false),
            ("Bearer sesame2", false),
            ("Basic sesame", false),
            ("sesame", false),
            ("Bearer ", false),
        ] {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, header.parse().unwrap())]);
            assert_eq!(is_given(&token, &headers), expected, "{header}");
        }
        assert!(!is_given(&token, &HeaderMap::new()));
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert!(Token::new(" ".into()).is_none());
    }

    #[test]
    fn a_name_that_is_not_of_this_machine_is_a_web_page() {
        for (host, expected) in [
            ("localhost:9090", true),
            ("127.0.0.1:41873", true),
            ("[::1]:9090", true),
            ("10.1.2.3", true),
            ("evil.example", false),
            ("evil.example:41873", false),
        ] {
            let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            assert_eq!(is_of_this_machine(&headers), expected, "{host}");
        }
    }
}

//! Forms that change something must come from this portal's own pages (against cross-site request forgery).
//!
//! Every form carries a token in the hidden field [`FIELD`], or in the header [`HEADER`] when a script sends it. The
//! token is a hash of a cookie that other sites can make a browser send but never read: of the session, or before
//! anybody has signed in of the form key. Besides, the browser itself must not say that the request comes from
//! another site. All this is checked before the handler runs, for every route that a cookie can open.

use axum::{
    body::{Body, Bytes},
    extract::{Extension, FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, IntoResponseParts, Response, ResponseParts},
};
use seaworthy_catalog::Secret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::{Url, form_urlencoded};

use super::{Cookies, Who};
use crate::{problem::Problem, state::App};

/// Name of the hidden field.
pub const FIELD: &str = "form_token";
/// Name of the header, for requests that a script sends.
pub const HEADER: &str = "x-form-token";

const LARGEST_FORM_BYTES: usize = 1 << 20;

/// The token for forms of a page that somebody sees who need not be signed in. Part of the response too: it sets the
/// cookie if the browser has none yet.
#[derive(Clone, Debug)]
pub struct FormKey {
    token: String,
    set_cookie: Option<HeaderValue>,
}

impl FormKey {
    /// What every form on the page must carry as the hidden field [`FIELD`].
    pub fn token(&self) -> &str {
        &self.token
    }
}

impl FromRequestParts<App> for FormKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let cookies = Cookies::of(app);
        if let Some(key) = cookies.form_key(&parts.headers) {
            return Ok(Self { token: token_for(key), set_cookie: None });
        }
        let key = Secret::random("")?;
        let set_cookie = Some(cookies.set_form_key(key.reveal())?);
        Ok(Self { token: token_for(key.reveal()), set_cookie })
    }
}

impl IntoResponseParts for FormKey {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Self::Error> {
        if let Some(cookie) = self.set_cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }
}

/// The token that belongs to a cookie.
pub(super) fn token_for(cookie: &str) -> String {
    hex::encode(Sha256::new().chain_update("seaworthy form token\0").chain_update(cookie).finalize())
}

/// The check, as a layer for routes that change something and are open to `who`.
pub(crate) async fn check(
    who: Who,
    Extension(app): Extension<App>,
    request: Request,
    next: Next,
) -> Response {
    match checked(who, &app, request).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn checked(who: Who, app: &App, request: Request) -> Result<Request, Problem> {
    same_site(request.headers(), app)?;
    let cookies = Cookies::of(app);
    let cookie = match who {
        Who::Anyone => cookies.form_key(request.headers()),
        _ => cookies.session(request.headers()),
    };
    let expected = match (cookie, who) {
        (Some(cookie), _) => token_for(cookie),
        (None, Who::Anyone) => return Err(forged()),
        // Without a session there is nothing to abuse: the handler's permission refuses.
        (None, _) => return Ok(request),
    };
    if let Some(token) = request.headers().get(HEADER) {
        compare(token.as_bytes(), &expected)?;
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let body = read_form(&parts.headers, body).await?;
    let token = form_urlencoded::parse(&body).find_map(|(name, value)| (name == FIELD).then_some(value));
    compare(token.ok_or_else(forged)?.as_bytes(), &expected)?;
    Ok(Request::from_parts(parts, Body::from(body)))
}

async fn read_form(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(FORM) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "This takes a form",
            format!("Send it as {FORM}."),
        ));
    }
    axum::body::to_bytes(body, LARGEST_FORM_BYTES).await.map_err(|_| {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The form is too large, or did not arrive",
            "Send less than 1 MiB.",
        )
    })
}

fn compare(token: &[u8], expected: &str) -> Result<(), Problem> {
    if bool::from(token.ct_eq(expected.as_bytes())) { Ok(()) } else { Err(forged()) }
}

fn forged() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "This form cannot be trusted",
        "It did not come from a page of this portal, or that page is too old. Nothing was changed. Go back, reload the \
         page, allow its cookies, and send the form again.",
    )
}

/// Browsers say where a request comes from. What they do not say is left to the token.
fn same_site(headers: &HeaderMap, app: &App) -> Result<(), Problem> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(forged());
    }
    let Some(origin) = text("origin") else { return Ok(()) };
    let public = app.settings().public_url.as_ref().map(|url| url.origin().ascii_serialization());
    let host = text("host").unwrap_or_default();
    let ours =
        public.as_deref() == Some(origin) || Url::parse(origin).is_ok_and(|url| authority(&url) == host);
    if ours { Ok(()) } else { Err(forged()) }
}

fn authority(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "no host".to_owned(),
    }
}

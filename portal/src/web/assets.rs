//! Style sheet, scripts and pictures, compiled into the binary.

use std::sync::OnceLock;

use axum::{
    body::Bytes,
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::{auth::Anyone, problem::Problem};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/assets"]
struct Assets;

/// Where an asset is. The address changes with the content of any of them, so that browsers may keep them for good;
/// the version is a folder, so that scripts find each other by relative addresses.
pub(crate) fn url(name: &str) -> String {
    debug_assert!(Assets::get(name).is_some(), "there is no asset {name}");
    format!("/assets/{}/{name}", version())
}

fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let mut names: Vec<_> = Assets::iter().collect();
        names.sort();
        let mut all = Sha256::new();
        for name in names {
            all.update(name.as_bytes());
            all.update(Assets::get(&name).map(|file| file.metadata.sha256_hash()).unwrap_or_default());
        }
        hex::encode(&all.finalize()[..6])
    })
}

/// Sends an asset.
pub(crate) async fn show(
    _: Anyone,
    Path((asked, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let unknown = || Problem::not_found("There is no such file", format!("No asset is called {name}."));
    let file = Assets::get(&name).ok_or_else(unknown)?;
    // A page from before an upgrade asks for a version that is gone: it gets today's, and may not keep it.
    let keep = if asked == version() { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind(&name))),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
    ];
    Ok((headers, Bytes::from(file.data.into_owned())).into_response())
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_what_every_asset_is() {
        for name in Assets::iter() {
            assert_ne!(kind(&name), "application/octet-stream", "{name}");
        }
    }

    #[tokio::test]
    async fn todays_version_is_kept_for_good_and_any_other_is_not() {
        for (asked, keep) in [(version(), "public, max-age=31536000, immutable"), ("old", "no-cache")] {
            let path = Path((asked.to_owned(), "seaworthy.css".to_owned()));
            let response = show(Anyone, path).await.unwrap();
            assert_eq!(response.headers()[header::CACHE_CONTROL], keep);
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        }
        let path = Path((version().to_owned(), "../Cargo.toml".to_owned()));
        assert!(show(Anyone, path).await.is_err());
    }
}

//! How a service stands, to take along: Markdown, CSV, a page to print, and its badge.

use reqwest::{Method, StatusCode};
use seaworthy_catalog::Scope;

use crate::{
    pages::{page, shows},
    portal::{Answer, Browser, Portal, between, minutes},
    readiness::Shop,
};

/// A template in which everything would be a formula, a tag or a table of its own.
const HOSTILE: &str = "id: own
title: '*Our* <b>own</b>'
version: '1'
points:
  - title: '=1+1 | x'
    items:
      - {id: owned, level: bronze, kind: answer, question: '=HYPERLINK(\"http://x.example\")', why: W., how: '<script>alert(1)</script>'}
      - {id: rest, level: bronze, kind: answer, question: \"@SUM(A1)\\n| pipe | `x`\", why: W., how: '+1, \"quoted\"'}
";

async fn shop() -> Shop {
    let shop = Shop::new().await;
    shop.judge_by(HOSTILE, "1", None).await;
    shop.check_in("1.8.2", &[]).await;
    shop.assess().await;
    shop
}

async fn read(portal: &Portal, path: &str) -> Answer {
    let token = portal.token(&[Scope::Read]).await;
    let mut browser = portal.browser();
    browser.send(browser.as_program(Method::GET, path).bearer_auth(token)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_a_spreadsheet_is_text() {
    let shop = shop().await;
    let csv = read(&shop.portal, "/services/reception/readiness/export.csv?template=own").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"readiness-reception.csv\"");
    let mut reader = csv::Reader::from_reader(csv.body.as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 2);
    let first: Vec<&str> = records[0].iter().take(8).collect();
    let expected = [
        "reception",
        "own 1",
        "1. =1+1 | x",
        "owned",
        "bronze",
        "unknown",
        "'=HYPERLINK(\"http://x.example\")",
        "nobody has answered",
    ];
    assert_eq!(first, expected);
    assert_eq!(&records[1][6], "'@SUM(A1)\n| pipe | `x`");
    let page = format!("http://{}/services/reception/readiness/own/owned", shop.portal.server.address());
    assert_eq!(records[0][12], page);
    for cell in records.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
    }
    let all = read(&shop.portal, "/services/reception/readiness/export.csv?template=twelve-point").await;
    assert_eq!(csv::Reader::from_reader(all.body.as_bytes()).records().count(), 58);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_markdown_has_no_meaning() {
    let shop = shop().await;
    let markdown = read(&shop.portal, "/services/reception/readiness/export.md?template=own").await;
    assert_eq!(markdown.header("content-type"), "text/markdown; charset=utf-8");
    let html = seaworthy_records::markdown::to_html(&markdown.body, "x-");
    for told in [
        "Readiness of reception",
        "*Our* &lt;b&gt;own&lt;/b&gt;",
        "&lt;script&gt;",
        "| pipe | `x`",
        "1. =1+1 | x",
    ] {
        assert!(html.contains(told), "{told}: {html}\n{}", markdown.body);
    }
    assert_eq!((html.matches("<tr>").count(), html.matches("<td").count()), (3, 10), "{html}");
    assert!(!html.contains("<script") && !html.contains("<em"), "{html}");
    let nobody = read(&shop.portal, "/services/nobody/readiness/export.md").await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    let other = read(&shop.portal, "/services/reception/readiness/export.md?template=other").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_offers_them_and_another_is_for_paper() {
    let shop = shop().await;
    let mut browser = shop.portal.signed_in("ines").await;
    let offered = page(&mut browser, "/services/reception/readiness/export?template=own").await;
    shows(&offered, &["Markdown", "CSV", "Page to print", "Badge", "own 1"]);
    for end in ["export.md", "export.csv", "print"] {
        let path = format!("/services/reception/readiness/{end}?template=own");
        assert!(offered.body.contains(&format!("href=\"{path}\"")), "{path}");
        assert_eq!(browser.get(&path).await.status, StatusCode::OK, "{path}");
    }
    let paper = page(&mut browser, "/services/reception/readiness/print?template=own").await;
    shows(
        &paper,
        &["Readiness of reception", "Below bronze", "printed by Inês", "nobody has answered", "@SUM(A1)"],
    );
    assert!(!paper.body.contains("<script>"));
}

async fn badge(browser: &mut Browser, path: &str) -> Answer {
    browser.send(browser.as_program(Method::GET, path)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_is_seen_by_readers_and_by_whoever_has_its_link() {
    let shop = shop().await;
    let portal = &shop.portal;
    let own = read(portal, "/badges/reception.svg").await;
    assert_eq!((own.status, own.header("content-type")), (StatusCode::OK, "image/svg+xml; charset=utf-8"));
    assert_eq!(own.header("cache-control"), "private, max-age=60");
    assert!(own.body.contains("aria-label=\"reception, seaworthy: below bronze\""), "{}", own.body);
    let mut stranger = portal.browser();
    assert_eq!(badge(&mut stranger, "/badges/reception.svg").await.status, StatusCode::UNAUTHORIZED);
    for path in ["/badges/nobody.svg", "/badges/reception.png", "/badges/reception"] {
        assert_eq!(read(portal, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }

    let mut browser = portal.signed_in("ines").await;
    let offered = page(&mut browser, "/services/reception/readiness/export").await;
    let address = format!("http://{}", portal.server.address());
    let path = between(&offered.body, &format!("[![seaworthy]({address}"), ")]").unwrap();
    assert!(offered.body.contains(&format!("{path})]({address}/services/reception/readiness)")));
    let public = badge(&mut stranger, path).await;
    assert_eq!((public.status, public.body), (StatusCode::OK, own.body));
    let headers =
        ["cache-control", "cross-origin-resource-policy"].map(|name| public.headers[name].to_str().unwrap());
    assert_eq!(headers, ["public, max-age=60", "cross-origin"]);
    assert_eq!(stranger.get("/sign-in").await.header("cross-origin-resource-policy"), "same-origin");

    let (before, _) = path.rsplit_once('/').unwrap();
    for forged in [
        format!("{before}/barista.svg"),
        path.replace("/badge/", "/badge/0"),
        "/badge/x/reception.svg".into(),
    ] {
        assert_eq!(badge(&mut stranger, &forged).await.status, StatusCode::NOT_FOUND, "{forged}");
    }
    portal.clock.advance(minutes(16));
    assert!(badge(&mut stranger, path).await.body.contains("seaworthy: not judged"), "nobody knows any more");
}

//! What a service had reached over time and what changed it, and what people say of it as a whole.

use reqwest::StatusCode;
use seaworthy_catalog::{AnswerKind, Role};

use crate::{
    pages::{page, shows},
    portal::minutes,
    readiness::{OWN, SERVICE, Shop},
};

const HISTORY: &str = "/services/reception/readiness/history?template=own";
const SETTINGS: &str = "/services/reception/settings";

#[tokio::test(flavor = "multi_thread")]
async fn the_past_tells_levels_verdicts_templates_and_deploys() {
    let shop = Shop::new().await;
    let mut browser = shop.portal.signed_in("ines").await;
    shop.check_in("1.8.2", &["orders.db"]).await;
    shows(&page(&mut browser, HISTORY).await, &["No history yet", "when the service is first judged"]);
    shop.judge_by(OWN, "1", None).await;
    shop.assess().await;
    shop.portal.clock.advance(minutes(24 * 60));
    shop.check_in("1.8.3", &[]).await;
    shop.assess().await;
    shop.portal.clock.advance(minutes(6 * 60));
    shop.check_in("1.8.3", &["orders.db"]).await;
    shop.answer("owned", 0, AnswerKind::Satisfied).await;
    shop.assess().await;
    let more = "      - {id: new, level: gold, kind: answer, question: New?, why: W., how: H.}\n";
    shop.judge_by(&format!("{OWN}{more}"), "2", Some("1")).await;
    shop.portal.clock.advance(minutes(6 * 60));
    shop.check_in("1.8.3", &["orders.db"]).await;
    shop.assess().await;

    // A day later the first session is over.
    let mut browser = shop.portal.signed_in("ines").await;
    let all = page(&mut browser, HISTORY).await;
    shows(&all, &["Share that passes", "75 %", "3 of 4", "Deploy", "1.8.3 in the place of 1.8.2"]);
    shows(&all, &["fell: silver → bronze", "reached: bronze → gold", "fell: gold → silver"]);
    shows(&all, &["version 2 in the place of 1", "not asked before"]);
    assert_eq!(all.body.matches("class=\"chart\"").count(), 2);
    assert!(all.body.contains("passes 100 %") && all.body.contains("level gold"), "under the pointer");
    let latest_first =
        ["fell: gold", "reached: bronze", "fell: silver"].map(|text| all.body.find(text).unwrap());
    assert!(latest_first.is_sorted(), "{latest_first:?}");

    let of_item = page(&mut browser, &format!("{HISTORY}&item=owned")).await;
    shows(&of_item, &["What became of owned", "was unknown", "Claimed", "1.8.3"]);
    assert!(!of_item.body.contains("fell: gold"));
    shows(
        &page(&mut browser, &format!("{HISTORY}&range=7d&item=nothing")).await,
        &["What became of nothing"],
    );
    assert_eq!(browser.get("/services/nobody/readiness/history").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_said_once_and_nobodys_text_is_lost() {
    let shop = Shop::new().await;
    shop.judge_by(&OWN.replace("points:", "kinds: [worker]\npoints:"), "1", None).await;
    shop.check_in("1.8.2", &[]).await;
    shop.assess().await;
    shop.portal.member("rui", Role::Editor).await;
    shop.portal.member("noa", Role::Viewer).await;
    let mut ines = shop.portal.signed_in("ines").await;
    let form = page(&mut ines, SETTINGS).await;
    assert!(form.body.contains("<option value=\"worker\">"), "the kinds of templates can be chosen");

    let typed =
        [("kind", "worker"), ("url", "https://shop.example/livez"), ("owner", "RUI"), ("version", "0")];
    let saved = ines.post(SETTINGS, &typed).await;
    assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, SETTINGS));
    shows(&page(&mut ines, "/readiness?template=own").await, &["1 service"]);
    let mut viewer = shop.portal.signed_in("noa").await;
    let seen = page(&mut viewer, SETTINGS).await;
    shows(&seen, &["worker", "https://shop.example/livez", "rui", "changed by ines"]);
    assert!(!seen.body.contains("method=\"post\" action=\"/services"), "a viewer only looks");

    let mut rui = shop.portal.signed_in("rui").await;
    page(&mut rui, SETTINGS).await;
    let late = rui.post(SETTINGS, &[("kind", "batch"), ("version", "0")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    shows(&late, &["What is said now", "worker", "ines"]);
    assert!(late.body.contains("value=\"batch\"") && late.body.contains("name=\"version\" value=\"1\""));
    let again = rui.post(SETTINGS, &[("kind", "batch"), ("version", "1")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);

    // Who owns a service approves its waivers: nobody names themselves.
    let own = rui.post(SETTINGS, &[("kind", "batch"), ("owner", "rui"), ("version", "2")]).await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
    shows(&own, &["an admin names them, or the owner before"]);
    page(&mut ines, SETTINGS).await;
    for (field, value) in [("url", "not an address"), ("owner", "nobody")] {
        let wrong = ines.post(SETTINGS, &[(field, value), ("version", "2")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(wrong.body.contains(&format!("id=\"{field}-error\"")), "{field}");
    }
    let unknown = rui.post("/services/nobody/settings", &[("version", "0")]).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let kept = shop.portal.server.app().catalog().service_settings(SERVICE).await.unwrap().unwrap();
    assert_eq!((kept.version, kept.settings.kind.as_deref()), (2, Some("batch")));
}

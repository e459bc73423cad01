//! Templates: seen by everybody, written by admins, and never put into use before it was seen what they change.

use reqwest::StatusCode;
use seaworthy_catalog::Role;

use crate::{
    pages::{page, shows},
    portal::{Answer, Browser, between, minutes},
    readiness::{OWN, Shop},
};

const LIST: &str = "/settings/templates";
const LOOK: &str = "/settings/templates/look";
const OWN_PAGE: &str = "/settings/templates/own";

/// The second version: what silver needs is needed for bronze, gold asks one thing more, and the rest stays.
fn second() -> String {
    let stricter = OWN.replace("version: '1'", "version: '2'").replace("level: silver", "level: bronze");
    format!("{stricter}      - {{id: new, level: gold, kind: answer, question: New?, why: W., how: H.}}\n")
}

/// Reception passes all but what a person answers, barista has no health check.
async fn two_services() -> (Shop, Browser) {
    let shop = Shop::new().await;
    shop.judge_by(OWN, "1", None).await;
    shop.check_in("1.8.2", &["orders.db"]).await;
    shop.check_in_of("barista", "2.3.0", &[]).await;
    shop.assess().await;
    let mut ines = shop.portal.signed_in("ines").await;
    page(&mut ines, "/account").await;
    (shop, ines)
}

/// What the form that saves would send after a look.
fn to_save(looked: &Answer, yaml: &str) -> Vec<(String, String)> {
    let form = between(&looked.body, "action=\"/settings/templates\"", "</form>").expect("a form that saves");
    let field = |name: &str| {
        let value = between(form, &format!("name=\"{name}\" value=\""), "\"").unwrap_or_default();
        (name.to_owned(), value.to_owned())
    };
    vec![field("of"), field("expected"), field("looked"), ("yaml".to_owned(), yaml.to_owned())]
}

async fn save(browser: &mut Browser, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(LIST, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_listed_with_the_one_that_is_built_in() {
    let (shop, mut ines) = two_services().await;
    let list = page(&mut ines, LIST).await;
    shows(&list, &["Our own", "In use, version 1", "built in", "every service", "New template"]);
    shop.portal.member("noa", Role::Viewer).await;
    let mut viewer = shop.portal.signed_in("noa").await;
    let seen = page(&mut viewer, OWN_PAGE).await;
    shows(&seen, &["Our own", "In use", "2 services judged by it", "id: versioned"]);
    assert!(!seen.body.contains("/edit") && !seen.body.contains("Take out of use"), "a viewer only looks");
    assert!(!page(&mut viewer, LIST).await.body.contains("New template"));
    shows(
        &page(&mut ines, "/settings/templates/twelve-point").await,
        &["built in", "with the portal", "golden-signals"],
    );
    assert_eq!(ines.get("/settings/templates/nothing").await.status, StatusCode::NOT_FOUND);
    assert_eq!(ines.get(&format!("{OWN_PAGE}?version=9")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_version_would_change_is_seen_on_real_facts_before_it_does() {
    let (shop, mut ines) = two_services().await;
    let edit = page(&mut ines, &format!("{OWN_PAGE}/edit")).await;
    assert!(edit.body.contains("name=\"expected\" value=\"1\"") && edit.body.contains("id: versioned"));
    let looked = ines.post(LOOK, &[("of", "own"), ("expected", "1"), ("yaml", &second())]).await;
    assert_eq!(looked.status, StatusCode::OK);
    // Barista has a check that it does not pass, which bronze needs now.
    shows(&looked, &["own 2 is right, and would change this:", "1 service would drop below bronze"]);
    shows(&looked, &["1 service would keep the level, with another share"]);
    shows(&looked, &["Comes", "New?", "passes in 0 of 2, fails in 0, unknown in 2"]);
    shows(&looked, &["Changes", "level: “silver” → “bronze”", "passes in 1 of 2, fails in 1, unknown in 0"]);
    let catalog = shop.portal.server.app().catalog();
    assert_eq!(catalog.template_versions("own").await.unwrap().len(), 1, "nothing is saved yet");
    let summaries = catalog.assessment_summaries(None).await.unwrap();
    let mut of_own = summaries.iter().filter(|summary| summary.template == "own");
    assert!(of_own.all(|summary| summary.template_version == "1"), "and nothing recorded");

    let saved = save(&mut ines, &to_save(&looked, &second().replace('\n', "\r\n"))).await;
    assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, OWN_PAGE), "{}", saved.body);
    shop.portal.clock.advance(minutes(1));
    shop.assess().await;
    let levels = catalog.assessment_summaries(Some("barista")).await.unwrap();
    let own = levels.iter().find(|summary| summary.template == "own").unwrap();
    assert_eq!((own.template_version.as_str(), own.level.as_deref()), ("2", None), "as it was foretold");

    let view = page(&mut ines, &format!("{OWN_PAGE}?version=2&against=1")).await;
    shows(&view, &["From 1 to 2", "by ines", "id: new"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_with_line_and_field_and_is_never_saved() {
    let (shop, mut ines) = two_services().await;
    for (of, yaml, told) in [
        ("own", second().replace("level: gold", "level: tin"), "tin"),
        ("own", second().replace("health_checks > 0", "no_such_fact > 0"), "no_such_fact"),
        ("own", OWN.replace("gold", "silver"), "there is a version 1 of own already"),
        ("own", second().replace("id: own\n", "id: other\n"), "but this is the page of own"),
        ("", second(), "there is a template own already"),
        ("", ": :".to_owned(), "line 1"),
    ] {
        let looked = ines.post(LOOK, &[("of", of), ("expected", "1"), ("yaml", &yaml)]).await;
        assert_eq!(looked.status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        shows(&looked, &["1 mistake to mend; nothing was changed", told]);
    }
    // Saved without a look: what it would change is shown instead.
    let unseen = ines.post(LIST, &[("of", "own"), ("expected", "1"), ("yaml", &second())]).await;
    shows(&unseen, &["own 2 is right", "Save and put into use"]);
    let catalog = shop.portal.server.app().catalog();
    assert_eq!(catalog.template_versions("own").await.unwrap().len(), 1);

    // Of two who looked at the same time the second is told.
    let (first, other) = (to_save(&unseen, &second()), second().replace("version: '2'", "version: '3'"));
    let looked = ines.post(LOOK, &[("of", "own"), ("expected", "1"), ("yaml", &other)]).await;
    assert_eq!(save(&mut ines, &first).await.status, StatusCode::SEE_OTHER);
    let lost = save(&mut ines, &to_save(&looked, &other)).await;
    assert_eq!(lost.status, StatusCode::CONFLICT);
    shows(&lost, &["1 mistake to mend", "ines", "New?"]);
    assert!(lost.body.contains("name=\"expected\" value=\"2\""), "the next look is at what is in use by now");
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_put_into_use_and_out_of_it_the_one_that_is_built_in_too() {
    let (shop, mut ines) = two_services().await;
    let judged_by = async || {
        shop.portal.clock.advance(minutes(1));
        shop.assess().await;
        let all = shop.portal.server.app().catalog().assessment_summaries(Some("barista")).await.unwrap();
        all.into_iter().map(|summary| summary.template).collect::<Vec<_>>()
    };
    assert_eq!(judged_by().await, ["own", "twelve-point"]);
    let built_in = page(&mut ines, "/settings/templates/twelve-point").await;
    let version = between(&built_in.body, "name=\"expected\" value=\"", "\"").unwrap().to_owned();
    let of = |template: &str| format!("/settings/templates/{template}/use");
    let out = ines.post(&of("twelve-point"), &[("version", ""), ("expected", &version)]).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER, "{}", out.body);
    assert_eq!(judged_by().await, ["own"]);
    shows(&page(&mut ines, LIST).await, &["Out of use"]);
    let again = ines.post(&of("own"), &[("version", ""), ("expected", "7")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "another version is in use than was seen");
    let back = ines.post(&of("twelve-point"), &[("version", &version), ("expected", "")]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert_eq!(judged_by().await, ["own", "twelve-point"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_template_begins_with_one_that_is_right() {
    let (_shop, mut ines) = two_services().await;
    let form = page(&mut ines, "/settings/templates/new").await;
    let yaml = between(&form.body, "name=\"yaml\"", "</textarea>").unwrap().split_once('>').unwrap().1;
    let yaml = yaml.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&");
    let looked = ines.post(LOOK, &[("of", ""), ("expected", ""), ("yaml", &yaml)]).await;
    shows(
        &looked,
        &["our-own 1 is right", "2 services would be judged by it for the first time: below bronze"],
    );
    let nobody = yaml.replace("# kinds: [worker]", "kinds: [submarine] #");
    let looked = ines.post(LOOK, &[("of", ""), ("expected", ""), ("yaml", &nobody)]).await;
    shows(&looked, &["No service would be judged by it"]);
    let saved = save(&mut ines, &to_save(&looked, &nobody)).await;
    assert_eq!(saved.header("location"), "/settings/templates/our-own");
}

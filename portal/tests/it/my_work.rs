//! My work: what hangs on whoever looks, and how much of it the navigation tells.

use jiff::civil::Date;
use seaworthy_catalog::{
    Actor, AnswerDefinition, AnswerKind, AssignmentDefinition, ItemKey, Role, ServiceSettings,
    WaiverDefinition,
};
use seaworthy_portal::readiness::assess_now;

use crate::{
    pages::{page, shows},
    portal::{Answer, actor, between, minutes},
    readiness::{OWN, SERVICE, Shop},
};

fn key(item: &str) -> ItemKey {
    ItemKey { service: SERVICE.into(), template: "own".into(), item: item.into() }
}

fn by(login: &str) -> Actor {
    Actor { login: login.into(), address: String::new() }
}

/// Reception with the check that it fails, and answers that hold for 30 days.
async fn shop() -> Shop {
    let shop = Shop::new().await;
    shop.judge_by(&OWN.replace("kind: answer,", "kind: answer, max_age: 30d,"), "1", None).await;
    shop.check_in("1.8.2", &[]).await;
    shop.assess().await;
    shop
}

impl Shop {
    async fn assign(&self, item: &str, login: &str, due: Option<&str>) {
        let due: Option<Date> = due.map(|due| due.parse().unwrap());
        let definition = AssignmentDefinition { owner: Some(login.into()), due };
        let (catalog, now) = (self.portal.server.app().catalog(), self.portal.clock.now());
        catalog.assign_item(&key(item), 0, &definition, &actor(), now).await.unwrap();
        self.judge_now().await;
    }

    async fn own(&self, login: &str) {
        let settings = ServiceSettings { owner: Some(login.into()), ..ServiceSettings::default() };
        let (catalog, now) = (self.portal.server.app().catalog(), self.portal.clock.now());
        catalog.set_service_settings(SERVICE, 0, &settings, &actor(), now).await.unwrap();
        self.judge_now().await;
    }

    async fn ask_waiver(&self, item: &str, login: &str, days: i64) -> i64 {
        let now = self.portal.clock.now();
        let expires_at = now + jiff::SignedDuration::from_hours(24 * days);
        let definition = WaiverDefinition { reason: "The beans come in May".into(), expires_at };
        let catalog = self.portal.server.app().catalog();
        let waiver = catalog.ask_waiver(&key(item), &definition, &by(login), now).await.unwrap();
        self.judge_now().await;
        waiver.id
    }

    async fn judge_now(&self) {
        assess_now(self.portal.server.app(), SERVICE).await.unwrap();
    }

    async fn work_of(&self, login: &str) -> Answer {
        page(&mut self.portal.signed_in(login).await, "/my-work").await
    }
}

/// What the navigation says beside My work.
fn count(answer: &Answer) -> Option<&str> {
    let entry = between(&answer.body, "href=\"/my-work\"", "</a>").unwrap();
    between(entry, "class=\"count\">", "<")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_nothing_to_do_is_told_what_would_appear() {
    let shop = shop().await;
    let work = shop.work_of("ines").await;
    shows(&work, &["Nothing waits for you", "Items that somebody assigns to you", "You own no service"]);
    assert_eq!(count(&work), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn assigned_items_come_overdue_first_and_go_when_they_hold() {
    let shop = shop().await;
    shop.portal.member("rui", Role::Editor).await;
    shop.assign("owned", "rui", Some("2026-11-30")).await;
    shop.assign("checked", "rui", Some("2026-11-19")).await;
    let work = shop.work_of("rui").await;
    shows(
        &work,
        &["Assigned to me: 2", "Overdue since 19 Nov 2026", "due 30 Nov 2026", "2 things to see to"],
    );
    assert!(work.body.find("Checked?").unwrap() < work.body.find("Owned?").unwrap());
    assert_eq!(count(&work), Some("2"));
    assert_eq!(count(&shop.work_of("ines").await), None, "it is nobody else's");
    shop.portal.clock.advance(minutes(1));
    shop.check_in("1.8.2", &["orders.db"]).await;
    shop.judge_now().await;
    let fleet = page(&mut shop.portal.signed_in("rui").await, "/").await;
    assert_eq!(count(&fleet), Some("1"), "every page tells it, and what holds is done");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_sees_what_blocks_their_service() {
    let shop = shop().await;
    shop.portal.member("rui", Role::Editor).await;
    shop.own("rui").await;
    let work = shop.work_of("rui").await;
    shows(&work, &["reception: 1 item to silver", "Checked?", "a service that you own"]);
    assert_eq!(count(&work), None, "that is nobody's task yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_went_stale_comes_back_to_who_gave_it() {
    let shop = shop().await;
    shop.portal.member("rui", Role::Editor).await;
    let definition = AnswerDefinition {
        kind: AnswerKind::Satisfied,
        note: "Rui".into(),
        link: None,
        build: None,
        file: None,
    };
    let (catalog, now) = (shop.portal.server.app().catalog(), shop.portal.clock.now());
    catalog.answer_item(&key("owned"), 0, &definition, &by("rui"), now).await.unwrap();
    shop.judge_now().await;
    assert_eq!(count(&shop.work_of("rui").await), None);
    shop.portal.clock.advance(minutes(31 * 24 * 60));
    shop.check_in("1.8.2", &[]).await;
    shop.judge_now().await;
    let work = shop.work_of("rui").await;
    shows(&work, &["What I answered and is stale: 1", "Owned?", "Answer again"]);
    assert_eq!(count(&work), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn waivers_wait_for_whom_may_approve_them_and_end_before_the_eyes_of_who_asked() {
    let shop = shop().await;
    for (login, role) in [("rui", Role::Editor), ("eva", Role::Editor), ("noa", Role::Viewer)] {
        shop.portal.member(login, role).await;
    }
    shop.own("eva").await;
    let waiver = shop.ask_waiver("checked", "rui", 10).await;
    let waits = "Waivers that wait for my approval: 1";
    for (login, sees) in [("ines", true), ("eva", true), ("rui", false), ("noa", false)] {
        let work = shop.work_of(login).await;
        assert_eq!(work.body.contains(waits), sees, "{login}");
    }
    let mut owner = shop.portal.signed_in("eva").await;
    shows(&page(&mut owner, "/my-work").await, &["rui asks", "The beans come in May", "Approve"]);
    let approved = owner.post(&format!("/waivers/{waiver}/approve"), &[]).await;
    assert_eq!(approved.status, reqwest::StatusCode::SEE_OTHER, "{}", approved.body);
    assert!(!shop.work_of("ines").await.body.contains(waits));
    let work = shop.work_of("rui").await;
    shows(&work, &["My waivers that end within 14 days: 1", "Checked?"]);
    assert_eq!(count(&work), Some("1"));
    shop.portal.clock.advance(minutes(11 * 24 * 60));
    assert_eq!(count(&shop.work_of("rui").await), None, "it has ended");
}

//! Templates, services with their answers, and runbooks beside SLOs.

use std::path::Path;

use reqwest::StatusCode;
use seaworthy_catalog::{AnswerKind, ItemKey, RecordFilter, RecordKind, Role, Scope};
use serde_json::Value;

use super::{APPLY, PLAN, Program, command, files, pruning};
use crate::{
    pages::{page, shows},
    portal::{Portal, minutes},
    readiness::{OWN, SERVICE, Shop},
};

const SERVICE_FILE: &str = "service: reception\nkind: worker\nanswers:\n  - item: owned\n    template: own\n    \
                            answer: satisfied\n    note: Noa\n";
const RUNBOOK: &str = "---\ntitle: Orders fail\nservice: reception\n---\n- [ ] Acknowledge the alert\n";

fn all() -> [(&'static str, &'static str); 3] {
    [("own.yaml", OWN), ("reception.yaml", SERVICE_FILE), ("orders.md", RUNBOOK)]
}

fn expect(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    changes.iter().map(|(name, what)| ((*name).to_owned(), (*what).to_owned())).collect()
}

fn all_become(what: &str) -> Vec<(String, String)> {
    let names =
        ["template own", "service reception", "answer reception/own/owned", "runbook reception: Orders fail"];
    expect(&names.map(|name| (name, what)))
}

/// How many there are of templates in use, settings of services, answers and runbooks.
async fn counts(portal: &Portal) -> [usize; 4] {
    let catalog = portal.server.app().catalog();
    [
        catalog.templates_in_use().await.unwrap().len(),
        catalog.all_service_settings().await.unwrap().len(),
        catalog.answers(None).await.unwrap().len(),
        runbooks(portal).await.len(),
    ]
}

async fn runbooks(portal: &Portal) -> Vec<seaworthy_catalog::Record> {
    let filter = RecordFilter { kind: Some(RecordKind::Runbook), limit: 9, ..RecordFilter::default() };
    portal.server.app().catalog().records(&filter).await.unwrap()
}

fn owned() -> ItemKey {
    ItemKey { service: SERVICE.into(), template: "own".into(), item: "owned".into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_the_readme_is_applied_and_shown() {
    let shop = Shop::new().await;
    shop.check_in("1.8.2", &["orders.db"]).await;
    shop.assess().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/files");
    let token = shop.portal.token_of("ines", &[Scope::Write]).await;
    let (code, said) = command(&shop.portal, &token, &folder, &["--dry-run"]).await;
    assert_eq!(code, Some(3), "{said}");
    for told in [
        "+ template our-own is made\n",
        "+ service reception is made\n    --- portal\n    +++ files\n    @@ -0,0 +1,3 @@\n    +kind: http\n",
        "+ answer reception/twelve-point/on-call is made\n",
        "    +answer: not applicable\n",
        "+ runbook reception: Orders fail is made\n",
        "+ SLO orders is made\n",
        "7 to make.\nNothing was changed: this was a dry run.\n",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    assert_eq!(counts(&shop.portal).await, [0; 4]);
    let (code, said) = command(&shop.portal, &token, &folder, &[]).await;
    assert!(code == Some(0) && said.ends_with("7 to make.\nApplied.\n"), "{said}");
    let (code, said) = command(&shop.portal, &token, &folder, &["--prune"]).await;
    assert!(code == Some(0) && said.ends_with("7 as they are.\nEverything is as the files say.\n"), "{said}");

    shop.portal.clock.advance(minutes(1));
    shop.assess().await;
    let mut ines = shop.portal.signed_in("ines").await;
    let item = page(&mut ines, "/services/reception/readiness/twelve-point/on-call").await;
    shows(&item, &["claimed", "Inês first, then Rui.", "ines, from file", "reception.yaml"]);
    let id = runbooks(&shop.portal).await[0].id;
    shows(
        &page(&mut ines, &format!("/runbooks/{id}")).await,
        &["Orders fail", "Roll back if it began with a deploy."],
    );
    shows(&page(&mut ines, "/services/reception/readiness?template=our-own").await, &["Our own checklist"]);
    let audit = shop.portal.server.app().catalog().audit_log(None, 20).await.unwrap();
    let answered = audit.iter().find(|entry| entry.action == "answered satisfied for ines").unwrap();
    assert_eq!(answered.actor, "token t");
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_for_admins_answers_for_editors_and_waivers_for_no_program() {
    let portal = Portal::set_up().await;
    portal.member("eva", Role::Editor).await;
    portal.member("vic", Role::Viewer).await;
    let mut nobody = Program::of(&portal, Scope::Write).await;
    let (mut ines, mut eva) = (Program::by(&portal, "ines").await, Program::by(&portal, "eva").await);
    let mut vic = Program::by(&portal, "vic").await;
    let template = files(&[("own.yaml", OWN), ("orders.md", RUNBOOK)]);
    for program in [&mut nobody, &mut vic, &mut eva] {
        let refused = program.post(APPLY, &template).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
        assert!(refused.body.contains("change the template own, which is for an admin"), "{}", refused.body);
    }
    assert_eq!(counts(&portal).await, [0; 4], "nothing of it was done");
    assert_eq!(ines.post(APPLY, &template).await.status, StatusCode::OK);

    let answer = files(&[("reception.yaml", SERVICE_FILE)]);
    for program in [&mut nobody, &mut vic] {
        let refused = program.post(APPLY, &answer).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
        assert!(
            refused.body.contains("owned of reception (own), which is for an editor"),
            "{}",
            refused.body
        );
    }
    assert_eq!(eva.post(APPLY, &answer).await.status, StatusCode::OK);
    let catalog = portal.server.app().catalog();
    let said = catalog.answers_by("eva").await.unwrap();
    assert_eq!((said.len(), said[0].definition.file.as_deref()), (1, Some("reception.yaml")));
    // What needs no person, a program may say.
    let quiet = files(&[
        ("till.yaml", "service: till\nurl: https://till.example/\n"),
        ("till.md", "---\ntitle: T\n---\nx\n"),
    ]);
    assert_eq!(nobody.post(APPLY, &quiet).await.status, StatusCode::OK);
    // Who owns a service approves its waivers: nobody names themselves.
    let own = files(&[("till.yaml", "service: till\nowner: eva\n")]);
    for program in [&mut nobody, &mut eva] {
        let refused = program.post(APPLY, &own).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
        assert!(refused.body.contains("the owner of till, which is for an admin"), "{}", refused.body);
    }
    assert_eq!(ines.post(APPLY, &own).await.status, StatusCode::OK);
    let hands_on = files(&[("till.yaml", "service: till\nowner: ines\n")]);
    assert_eq!(eva.post(APPLY, &hands_on).await.status, StatusCode::OK);

    let waived = format!("{SERVICE_FILE}waivers:\n  - item: owned\n    reason: later\n");
    let mistakes = ines.mistakes(&files(&[("reception.yaml", &waived)])).await;
    assert!(mistakes[0].starts_with("reception.yaml:8: waivers: is not known"), "{mistakes:?}");
    assert!(catalog.open_waivers(None).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_all_kinds_are_applied_together_or_not_at_all() {
    let portal = Portal::set_up().await;
    let mut ines = Program::by(&portal, "ines").await;
    let spoilt = SERVICE_FILE.replace("item: owned", "item: nothing");
    let mistakes = ines.mistakes(&files(&[all()[0], all()[2], ("reception.yaml", &spoilt)])).await;
    assert_eq!(mistakes, ["reception.yaml:4: answers[0].item: is \"nothing\", which own 1 does not ask"]);
    assert_eq!(counts(&portal).await, [0; 4]);
    assert_eq!(ines.changes(PLAN, &files(&all())).await, all_become("make"));
    assert_eq!(ines.changes(APPLY, &files(&all())).await, all_become("make"));
    assert_eq!(counts(&portal).await, [1; 4]);
    assert_eq!(ines.changes(APPLY, &files(&all())).await, all_become("keep"));

    // Somebody answers between the look and the change.
    let more = SERVICE_FILE.replace("Noa", "Rui").replace("kind: worker", "url: https://reception.example/");
    let changed = [("reception.yaml", more.as_str()), ("orders.md", &RUNBOOK.replace("alert", "page"))];
    let plan: Value = serde_json::from_str(&ines.post(PLAN, &files(&changed)).await.body).unwrap();
    assert!(plan.to_string().contains("-note: Noa\\n+note: Rui\\n"), "{plan}");
    let mut seen = files(&changed);
    seen["seen"] = plan["seen"].clone();
    let (catalog, by) = (portal.server.app().catalog(), crate::portal::actor());
    let not = seaworthy_catalog::AnswerDefinition {
        kind: AnswerKind::NotSatisfied,
        note: "Nobody knows".into(),
        link: None,
        build: None,
        file: None,
    };
    catalog.answer_item(&owned(), 1, &not, &by, portal.clock.now()).await.unwrap();
    assert_eq!(ines.post(APPLY, &seen).await.status, StatusCode::CONFLICT);
    assert_eq!(catalog.answers(None).await.unwrap()[0].definition.note, "Nobody knows");
    ines.changes(APPLY, &files(&changed)).await;
    assert_eq!(catalog.answers(None).await.unwrap()[0].definition.note, "Rui");
    let settings = &catalog.all_service_settings().await.unwrap()[0].settings;
    assert_eq!(
        (settings.kind.as_deref(), settings.url.as_deref()),
        (Some("worker"), Some("https://reception.example/"))
    );
    assert_eq!(runbooks(&portal).await[0].version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runbook_that_a_file_changes_is_to_be_reviewed_again() {
    let portal = Portal::set_up().await;
    let mut program = Program::of(&portal, Scope::Write).await;
    program.changes(APPLY, &files(&[all()[2]])).await;
    let id = runbooks(&portal).await[0].id;
    let mut ines = portal.signed_in("ines").await;
    page(&mut ines, &format!("/runbooks/{id}")).await;
    ines.post(&format!("/runbooks/{id}/review"), &[("version", "1")]).await;
    assert!(runbooks(&portal).await[0].definition.body.contains("reviewed_by"), "it was reviewed");
    assert_eq!(program.changes(APPLY, &files(&[all()[2]])).await[0].1, "keep");
    assert!(runbooks(&portal).await[0].definition.body.contains("reviewed_by"));
    // Line ends are the system's business.
    assert_eq!(
        program.changes(APPLY, &files(&[("a.md", &RUNBOOK.replace('\n', "\r\n"))])).await[0].1,
        "keep"
    );
    program.changes(APPLY, &files(&[("orders.md", &RUNBOOK.replace("alert", "page"))])).await;
    assert!(!runbooks(&portal).await[0].definition.body.contains("reviewed_by"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_from_files_and_is_in_none_is_ended_when_asked_for() {
    let portal = Portal::set_up().await;
    let mut ines = Program::by(&portal, "ines").await;
    ines.changes(APPLY, &files(&all())).await;
    assert_eq!(ines.changes(APPLY, &files(&[])).await, []);
    assert_eq!(counts(&portal).await, [1; 4]);
    // What people made stays.
    let mut browser = portal.signed_in("ines").await;
    page(&mut browser, "/runbooks/new").await;
    browser.post("/runbooks", &[("title", "By hand"), ("markdown", "- [ ] Look")]).await;
    let ended = ines.changes(APPLY, &pruning(&[all()[0]])).await;
    let names = [("answer reception/own/owned", "delete"), ("runbook reception: Orders fail", "delete")];
    assert_eq!(ended, expect(&[&[("template own", "keep")], &names[..]].concat()));
    assert_eq!(counts(&portal).await, [1, 1, 0, 1], "of a service stays what is said");
    assert_eq!(ines.changes(APPLY, &pruning(&[])).await, expect(&[("template own", "delete")]));
    assert_eq!(ines.changes(APPLY, &pruning(&[])).await, []);
    assert_eq!(counts(&portal).await, [0, 1, 0, 1]);
    // A version that was there is put into use again.
    assert_eq!(ines.changes(APPLY, &files(&[all()[0]])).await, expect(&[("template own", "make")]));
    assert_eq!(counts(&portal).await[0], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_of_a_template_never_changes_and_the_one_that_is_built_in_comes_back() {
    let portal = Portal::set_up().await;
    let mut ines = Program::by(&portal, "ines").await;
    ines.changes(APPLY, &files(&[all()[0]])).await;
    let changed = OWN.replace("level: gold", "level: silver");
    let mistakes = ines.mistakes(&files(&[("own.yaml", &changed)])).await;
    assert!(mistakes[0].starts_with("own.yaml:3: version: is 1, and what the portal has"), "{mistakes:?}");
    let same = format!("# Only a remark.\n{OWN}");
    assert_eq!(
        ines.changes(APPLY, &files(&[("own.yaml", &same)])).await,
        expect(&[("template own", "keep")])
    );

    let built_in = seaworthy_checklist::Template::from_yaml(seaworthy_checklist::TWELVE_POINT).unwrap();
    let ours = OWN.replace("id: own\n", "id: twelve-point\n").replace("version: '1'", "version: ours");
    let (catalog, points) = (portal.server.app().catalog(), ("points.yaml", ours.as_str()));
    assert_eq!(ines.changes(APPLY, &files(&[points])).await, expect(&[("template twelve-point", "change")]));
    let versions = catalog.template_versions("twelve-point").await.unwrap();
    let versions: Vec<_> =
        versions.iter().map(|known| (known.definition.version.as_str(), known.in_use)).collect();
    assert_eq!(versions, [("ours", true), (built_in.version.as_str(), false)]);
    assert_eq!(ines.changes(APPLY, &pruning(&[all()[0]])).await[1].1, "change");
    let used = catalog.templates_in_use().await.unwrap();
    let used = used.iter().find(|used| used.definition.template == "twelve-point").unwrap();
    assert_eq!(used.definition.version, built_in.version);
}

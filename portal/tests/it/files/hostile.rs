//! Files that err, or worse: refused with file and line before long, or made harmless.

use std::{fs, time::Instant};

use reqwest::StatusCode;
use seaworthy_catalog::{RecordFilter, Scope};
use tempfile::TempDir;

use super::{APPLY, Program, command, files};
use crate::{pages::page, portal::Portal, readiness::OWN};

const ON_CALL: &str = "  - item: on-call\n    answer: satisfied\n";

/// A template with this rule.
fn rule(rule: &str) -> String {
    OWN.replace("health_checks > 0", &format!("\"{rule}\""))
}

fn answers(lines: &str) -> String {
    format!("service: reception\nanswers:\n{lines}\n")
}

fn runbook(front: &str, markdown: &str) -> String {
    format!("---\n{front}\n---\n{markdown}\n")
}

/// A short text that would grow without end.
fn bomb() -> String {
    let line = |level| format!("a{level}: &a{level} [{}]\n", format!("*a{},", level - 1).repeat(9));
    format!("a0: &a0 lol\n{}", (1..9).map(line).collect::<String>())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_or_too_much_is_refused_soon_with_file_line_and_field() {
    let portal = Portal::set_up().await;
    let mut ines = Program::by(&portal, "ines").await;
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(5_000), close.repeat(5_000));
    let all = "instances_without_build_info.all";
    let cases = [
        // Aliases, bombs and depth, whatever the file says that it is.
        (
            "a.yaml",
            "service: &x reception\nkind: *x\n".to_owned(),
            "1: : anchors (&), aliases (*) and merge keys",
        ),
        ("a.yaml", bomb() + "service: reception\n", "1: a0: is not known"),
        ("a.yaml", bomb() + OWN, "1: a0: is not known"),
        (
            "a.yaml",
            OWN.replace("title: Our own", "title: &t Our own"),
            "2: : anchors (&), aliases (*) and merge keys",
        ),
        (
            "a.yaml",
            format!("apiVersion: openslo/v1\n{}", bomb()),
            "2: : anchors (&), aliases (*) and merge keys",
        ),
        (
            "a.md",
            runbook("title: &t Orders\nservice: *t", "x"),
            "2: : anchors (&), aliases (*) and merge keys",
        ),
        (
            "a.yaml",
            format!("service: reception\nanswers: {}\n", deep("[", "]")),
            "2: answers: cannot be read: recursion",
        ),
        (
            "a.yaml",
            answers(&"  - {item: on-call, answer: satisfied}\n".repeat(20_000)),
            "4002: : the file has more than",
        ),
        // Rules.
        ("t.yaml", rule(&deep("(", ")")), "9: points[0].items[1].rule: has 10001 bytes; at most 1000 are"),
        (
            "t.yaml",
            rule(&format!("{}1{} > 0", "-(".repeat(99), ")".repeat(99))),
            "9: points[0].items[1].rule: is nested",
        ),
        (
            "t.yaml",
            rule(&format!("{all}(a, {all}(b, {all}(c, a == b && b == c)))")),
            "9: points[0].items[1].rule: may take",
        ),
        ("t.yaml", rule("no_such_fact > 0"), "9: points[0].items[1].rule: refers to no_such_fact"),
        (
            "t.yaml",
            rule("health_checks > 'three'"),
            "9: points[0].items[1].rule: uses > on a whole number and a text",
        ),
        // Wrong shapes.
        ("s.yaml", "service: [a, b]\n".to_owned(), "1: service: is not a text"),
        ("s.yaml", "service: reception\nanswers: yes\n".to_owned(), "2: answers: is not a list"),
        (
            "s.yaml",
            "service: reception\nname: x\n".to_owned(),
            "2: name: is not known; the fields here are service, kind",
        ),
        ("s.yaml", "service: reception\nservice: barista\n".to_owned(), "2: service: is given twice"),
        ("s.yaml", "service: reception\n---\nservice: barista\n".to_owned(), "2: : a second document begins"),
        ("s.yaml", "service: reception\nowner: mallory\n".to_owned(), "2: owner: nobody signs in as mallory"),
        (
            "s.yaml",
            "service: reception\nurl: javascript:alert(1)\n".to_owned(),
            "2: url: must start with https://",
        ),
        (
            "s.yaml",
            answers("  - item: on-call\n    answer: maybe"),
            "4: answers[0].answer: is \"maybe\"; it may be satisfied",
        ),
        ("s.yaml", answers("  - answer: satisfied"), "3: answers[0].item: is missing"),
        ("s.yaml", answers("  - item: on-call\n    answer: satisfied"), "3: answers[0].link: is missing"),
        (
            "s.yaml",
            answers(&format!("{ON_CALL}    link: 'javascript:alert(1)'")),
            "5: answers[0].link: must start with",
        ),
        (
            "s.yaml",
            answers("  - item: on-call\n    answer: not applicable"),
            "3: answers[0].note: must say why",
        ),
        (
            "s.yaml",
            answers(&format!("{ON_CALL}    template: \"\\e[2Jno\"")),
            "5: answers[0].template: is \"\u{fffd}[2Jno\"",
        ),
        (
            "s.yaml",
            answers(&"  - {item: sla-agreed, answer: not satisfied}\n".repeat(2)),
            "4: answers[1].item: is sla-agreed",
        ),
        ("x.yaml", "image: postgres\n".to_owned(), "1: : is none of the files that Seaworthy reads"),
        // Runbooks.
        ("r.md", "# Orders fail\n".to_owned(), "1: : a runbook begins with a line ---"),
        ("r.md", "---\ntitle: Orders fail\n".to_owned(), "1: : a runbook begins with a line ---"),
        ("r.md", runbook("service: reception", "x"), "2: title: is missing"),
        ("r.md", runbook("title: ' '", "x"), "2: title: must be 1 to 255 bytes long and not blank"),
        ("r.md", runbook("title: Orders fail\nalerts: [orders]", "x"), "3: alerts: is not known"),
        ("r.md", runbook("title: Orders fail", ""), "4: : the runbook is empty"),
        (
            "r.md",
            runbook("title: Orders fail", &"x".repeat(200 * 1024)),
            "4: : it has 204801 bytes; at most 131072",
        ),
        (
            "r.md",
            runbook("title: Orders fail", &">".repeat(50_000)),
            "4: : the text is nested more than 100 levels deep",
        ),
        ("r.md", "x".repeat(1_100_000), "1: : the file has more than the 1048576 bytes"),
    ];
    let mut others = Vec::new();
    for (name, text, told) in cases {
        let began = Instant::now();
        let mistake = ines.mistakes(&files(&[(name, &text)])).await.swap_remove(0);
        assert!(began.elapsed().as_secs() < 5, "{told} took {:?}", began.elapsed());
        assert!(!mistake.contains('\u{1b}'), "harmless on a terminal: {mistake:?}");
        if !mistake.starts_with(&format!("{name}:{told}")) {
            others.push(format!("not {told}, but {mistake}"));
        }
    }
    assert!(others.is_empty(), "{others:#?}");
    let catalog = portal.server.app().catalog();
    assert!(catalog.answers(None).await.unwrap().is_empty());
    assert!(catalog.templates_in_use().await.unwrap().is_empty());
    assert!(catalog.records(&RecordFilter { limit: 1, ..RecordFilter::default() }).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn script_in_a_runbook_is_text() {
    let portal = Portal::set_up().await;
    let mut ines = Program::by(&portal, "ines").await;
    let evil = "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[here](javascript:alert(1))\n\n- [ ] Look";
    let text = runbook("title: '<script>alert(2)</script>'", evil);
    assert_eq!(ines.post(APPLY, &files(&[("<script>.md", &text)])).await.status, StatusCode::OK);
    let catalog = portal.server.app().catalog();
    let records = catalog.records(&RecordFilter { limit: 1, ..RecordFilter::default() }).await.unwrap();
    let mut browser = portal.signed_in("ines").await;
    for path in ["/runbooks".to_owned(), format!("/runbooks/{}", records[0].id)] {
        let shown = page(&mut browser, &path).await.body;
        assert!(!shown.contains("<script>alert") && !shown.contains("<img src=x"), "{path}");
        assert!(!shown.contains("href=\"javascript:"), "{path}");
        assert!(shown.contains("&lt;script&gt;alert(2)"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_megabytes_are_refused_by_the_command_and_by_the_portal() {
    let portal = Portal::set_up().await;
    let folder = TempDir::new().unwrap();
    let token = portal.token_of("ines", &[Scope::Write]).await;
    let large = "x\n".repeat(5_000_000);
    for (name, text) in
        [("a.md", runbook("title: Orders", &large)), ("b.yaml", format!("service: r\nkind: {large}"))]
    {
        let path = folder.path().join(name);
        fs::write(&path, &text).unwrap();
        let (code, said) = command(&portal, &token, folder.path(), &[]).await;
        let told = format!(
            "DIR/{name}:1:1: the file has more than the 1048576 bytes that are read; split it into several\nNothing was changed.\n"
        );
        assert_eq!((code, said), (Some(1), told));
        fs::remove_file(&path).unwrap();
        let mut ines = Program::by(&portal, "ines").await;
        let refused = ines.post(APPLY, &files(&[(name, &text)])).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", refused.body);
        assert!(refused.body.contains("More than 2 MiB are not read here."), "{}", refused.body);
    }
}

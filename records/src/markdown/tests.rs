use std::time::{Duration, Instant};

use super::*;

#[test]
fn what_people_write_is_shown() {
    let markdown = "# Orders fail\n\nSee [the route](/services/reception) and https://wiki.example.\n\n\
        - [ ] Look at `errors`\n- [x] ~~Wait~~ **Roll back**\n\n\
        | step | who |\n|---|:-:|\n| 1 | ines |\n\n```sh\nseaworthy flag set x\n```\n\n[top](#orders-fail)\n\n## Orders fail\n";
    assert_eq!(
        to_html(markdown, "text-"),
        "<h2 id=\"text-orders-fail\">Orders fail</h2>\n\
         <p>See <a href=\"/services/reception\" rel=\"noopener noreferrer\">the route</a> and \
         <a href=\"https://wiki.example\" rel=\"noopener noreferrer\">https://wiki.example</a>.</p>\n\
         <ul class=\"contains-task-list\">\n\
         <li class=\"task-list-item\"><input type=\"checkbox\" disabled=\"\" aria-label=\"Step\"> Look at <code>errors</code></li>\n\
         <li class=\"task-list-item\"><input type=\"checkbox\" checked=\"\" disabled=\"\" aria-label=\"Step\"> \
         <del>Wait</del> <strong>Roll back</strong></li>\n</ul>\n\
         <table>\n<thead>\n<tr>\n<th>step</th>\n<th align=\"center\">who</th>\n</tr>\n</thead>\n\
         <tbody>\n<tr>\n<td>1</td>\n<td align=\"center\">ines</td>\n</tr>\n</tbody>\n</table>\n\
         <pre class=\"code\" tabindex=\"0\"><code>seaworthy flag set x\n</code></pre>\n\
         <p><a href=\"#text-orders-fail\" rel=\"noopener noreferrer\">top</a></p>\n\
         <h3 id=\"text-orders-fail-1\">Orders fail</h3>\n"
    );
}

#[test]
fn nothing_that_is_written_runs() {
    for markdown in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&#58;alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "<javascript:alert(1)>",
        "![x](javascript:alert(1))",
        "![x\" onerror=\"alert(1)](https://a.example/b.png)",
        "[x](https://a.example \"\\\" onmouseover=\\\"alert(1)\")",
        "<a href=\"x\" onclick=\"alert(1)\">x</a>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "```\"><script>alert(1)</script>\nx\n```",
        "# \"><script>alert(1)</script>",
        "|<script>|\n|---|\n|</script><iframe src=//evil.example>|",
        "<form action=//evil.example><input name=password></form>",
        "[x]: javascript:alert(1)\n[x]",
    ] {
        let html = to_html(markdown, "text-");
        let tags: Vec<&str> = html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
        for tag in tags {
            let name = tag.trim_start_matches('/').split(' ').next().unwrap();
            assert!(
                ["p", "a", "h2", "pre", "code", "table", "thead", "tbody", "tr", "th", "td"].contains(&name),
                "{html}"
            );
            // An attribute within quotes is only a text.
            let outside: String = tag.split('"').step_by(2).collect();
            assert!(!outside.contains("on"), "{html}");
            assert!(
                !tag.contains("href=\"j") && !tag.contains("href=\"d") && !tag.contains("href=\"v"),
                "{html}"
            );
        }
    }
}

#[test]
fn images_are_links_and_links_hold_no_links() {
    let link =
        |url: &str, text: &str| format!("<p><a href=\"{url}\" rel=\"noopener noreferrer\">{text}</a></p>\n");
    let pixel = "https://a.example/p.png";
    assert_eq!(to_html("![a *chart*](https://a.example/p.png)", ""), link(pixel, "a <em>chart</em>"));
    assert_eq!(to_html("![](https://a.example/p.png)", ""), link(pixel, pixel));
    assert_eq!(to_html("[![chart](https://a.example/p.png)](/x)", ""), link("/x", "chart"));
    assert_eq!(to_html("![a [b](/b) ![c](/c)](https://a.example/p.png)", ""), link(pixel, "a b c"));
}

/// Whatever is written, it ends soon, and what is shown is text.
fn ends_soon(name: &str, markdown: &str) -> String {
    let began = Instant::now();
    let html = to_html(markdown, "text-");
    let steps = steps(markdown);
    assert!(steps.is_ok() || check(markdown).is_err(), "{name}");
    assert!(began.elapsed() < Duration::from_secs(5), "{name} took {:?}", began.elapsed());
    html
}

#[test]
fn texts_that_are_built_to_hurt_do_not() {
    // What grows with the square of the text is seen at a quarter of what is accepted.
    let fill = |piece: &str| piece.repeat(MAX_MARKDOWN_BYTES / 4 / piece.len());
    for piece in [
        ">",
        "> ",
        ">\n",
        "[",
        "]",
        "![",
        "[](",
        "[a](<b",
        "*",
        "*a ",
        "**a _b ",
        "a**b",
        "_",
        "`",
        "``a",
        "~",
        "~~a ",
        "<",
        "<!",
        "<?",
        "<a ",
        "&",
        "&#",
        "\\",
        "- ",
        "-\n",
        "- [ ] a\n",
        "1. ",
        "* a\n  ",
        "|",
        "|a|\n|-|\n",
        "a|",
        "#",
        "# a\n",
        "\t",
        "\n",
        "\0",
        "http://",
        "www.",
        "a@b.",
        "@",
        "[a]: b\n",
        "[a]",
        "[a][",
        "<div>\n",
        "<b>",
        "é",
        "> - ",
        "- > ",
    ] {
        ends_soon(piece, &fill(piece));
    }
    let nested =
        |open: &str, close: &str, times: usize| format!("{}a{}", open.repeat(times), close.repeat(times));
    for times in [99, 10_000, 40_000] {
        for (open, close) in [
            ("[", "](b)"),
            ("![", "](b)"),
            ("*", "*"),
            ("**", "**"),
            ("*a **", "** b*"),
            ("~~", "~~"),
            ("(", ")"),
        ] {
            ends_soon(open, &nested(open, close, times));
        }
    }
    let columns = format!("|{}\n|{}\n{}", "a|".repeat(1_000), "-|".repeat(1_000), "|\n".repeat(100_000));
    ends_soon("a table that is filled up", &columns);
    let lists: String = (0..500).map(|depth| format!("{}- a\n", "  ".repeat(depth))).collect();
    ends_soon("lists within lists", &lists);
    let lines = format!("{} a\n", "> ".repeat(100)).repeat(1_200);
    ends_soon("quotes on every line", &lines);
}

#[test]
fn what_is_too_much_is_shown_as_typed() {
    for (markdown, why) in [
        (">".repeat(10_000), TooMuch::Deep),
        (format!("{}a", "> - ".repeat(200)), TooMuch::Deep),
        (format!("{}a{}", "*a **b ".repeat(5_000), "** c*".repeat(5_000)), TooMuch::Deep),
        ("<b>é".repeat(2_500_000), TooMuch::Long(12_500_000)),
    ] {
        assert_eq!(check(&markdown), Err(why));
        let html = to_html(&markdown, "text-");
        assert!(html.starts_with("<p>Shown as it was typed: the text "), "{}", &html[..100]);
        assert!(html.contains("<pre class=\"code\" tabindex=\"0\">") && !html.contains("<b>"));
        assert!(html.len() < 8 * MAX_MARKDOWN_BYTES);
    }
    assert_eq!(check(&"[".repeat(10_000)), Ok(()));
}

fn texts(markdown: &str) -> Vec<String> {
    steps(markdown).unwrap().into_iter().map(|step| step.text).collect()
}

#[test]
fn steps_are_tasks_else_numbered_items_else_headings() {
    let tasks = "# Orders fail\n\n1. not this\n\n- [ ] Say that you are **on it**\n\n  Acknowledge the alert.\n\
        - [x] Look at `errors`\n  - [ ] by route\n  - plain\n- no task\n";
    assert_eq!(texts(tasks), ["Say that you are on it", "Look at errors", "by route"]);
    let found = steps(tasks).unwrap();
    assert_eq!(found[0].html, "<p>Acknowledge the alert.</p>\n");
    assert_eq!(found[1].html, "");
    let numbered =
        "## When\n1. Roll back\n   ```sh\n   deploy/rollback\n   ```\n2. Watch\n\n## Then\n\n1. Sleep\n";
    assert_eq!(texts(numbered), ["Roll back", "Watch", "Sleep"]);
    assert_eq!(
        steps(numbered).unwrap()[0].html,
        "<pre class=\"code\" tabindex=\"0\"><code>deploy/rollback\n</code></pre>\n"
    );
    let headings = "# Orders fail\nintro\n## Look\nhere\n### closely\n<script>x</script>\n## Roll back\n";
    assert_eq!(texts(headings), ["Look", "Roll back"]);
    let under = &steps(headings).unwrap()[0].html;
    assert!(
        under.starts_with("<p>here</p>\n<h4>closely</h4>") && under.contains("&lt;script&gt;"),
        "{under}"
    );
    assert_eq!(texts("# One\n# Two"), ["One", "Two"]);
    assert_eq!(texts("Nothing but words."), [] as [&str; 0]);
    assert_eq!(texts(""), [] as [&str; 0]);
}

#[test]
fn steps_are_short_and_few_enough_to_be_followed() {
    let many = format!("- [ ] {}\n", "é".repeat(600)).repeat(210);
    let found = texts(&many);
    assert_eq!(found.len(), 200);
    assert_eq!(found[0].chars().count(), 501);
    assert_eq!(texts("- [ ] [](/x)\n"), ["…"]);
}

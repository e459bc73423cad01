//! No text costs more than a moment, whatever it is made of.

use std::time::{Duration, Instant};

use seaworthy_checklist::{MAX_TEMPLATE_BYTES, TWELVE_POINT, Template};

/// Far more than it takes without optimisation on a busy machine, far less than what a bomb takes that goes off.
const A_MOMENT: Duration = Duration::from_secs(10);

#[test]
fn what_is_too_much_is_refused() {
    let head = "id: bomb\ntitle: Bomb\nversion: 1\n";
    let laughs: String = (1..30).map(|n| format!("a{n}: &a{n} [*a{m}, *a{m}]\n", m = n - 1)).collect();
    let too_long = "the template has 10485760 bytes; at most 1048576 are accepted";
    let no_aliases = "anchors (&), aliases (*) and merge keys (<<) are not accepted; write the text out";
    let cases = [
        ("10 MB", " ".repeat(10 << 20), Some(too_long)),
        ("a billion laughs", format!("a0: &a0 [ha, ha]\n{laughs}"), Some("line 1")),
        ("laughs as points", format!("{head}points: &a [*a]\n"), Some(no_aliases)),
        ("deep flow", format!("{head}points: {}", "[".repeat(500_000)), None),
        ("deep block", format!("{head}points:\n  {}", "- ".repeat(400_000)), None),
        ("a long list", format!("{head}points: [{}]", "0,".repeat(500_000)), None),
        (
            "many points",
            format!("{head}points: [{}]", "{title: a, items: []},".repeat(20_000)),
            Some("50000 values"),
        ),
        ("a long key", format!("{}: 1", "k".repeat(MAX_TEMPLATE_BYTES - 3)), None),
        ("many keys", (0..80_000).map(|n| format!("k{n}: 1\n")).collect(), None),
        ("many documents", "---\n".repeat(MAX_TEMPLATE_BYTES / 4), None),
        ("comments only", "#\n".repeat(MAX_TEMPLATE_BYTES / 2), None),
        ("control characters", "\u{1}".repeat(MAX_TEMPLATE_BYTES), None),
    ];
    for (name, yaml, expected) in cases {
        let began = Instant::now();
        let message = Template::from_yaml(&yaml).expect_err(name).to_string();
        println!("{name}: {:?} {message}", began.elapsed());
        assert!(expected.is_none_or(|expected| message.contains(expected)), "{name}: {message}");
        assert!(message.len() < 300, "{name}: {} bytes of message", message.len());
        assert!(began.elapsed() < A_MOMENT, "{name}: {:?}", began.elapsed());
    }
}

#[test]
fn a_template_cut_short_is_read_or_refused_at_a_line_it_has() {
    for end in (0..TWELVE_POINT.len()).step_by(997).filter(|end| TWELVE_POINT.is_char_boundary(*end)) {
        let cut = &TWELVE_POINT[..end];
        let lines = 1 + cut.matches('\n').count() as u64;
        match Template::from_yaml(cut) {
            Ok(template) => assert!(template.items().count() < 58, "the first {end} bytes"),
            Err(error) => {
                assert!(error.problems.iter().all(|p| (1..=lines).contains(&p.line)), "{end}: {error}")
            }
        }
    }
}

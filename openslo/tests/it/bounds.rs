//! No text costs more than a moment, whatever it is made of.

use std::time::{Duration, Instant};

use seaworthy_openslo::MAX_FILE_BYTES;

use crate::{COFFEE, read};

/// Far more than it takes without optimisation on a busy machine, far less than what a bomb takes that goes off.
const A_MOMENT: Duration = Duration::from_secs(20);

#[test]
fn what_is_too_much_is_refused() {
    let laughs: String = (1..30).map(|n| format!("a{n}: &a{n} [*a{m}, *a{m}]\n", m = n - 1)).collect();
    let no_aliases = "anchors (&), aliases (*) and merge keys (<<) are not accepted";
    let cases = [
        ("10 MB", " ".repeat(10 << 20), "the file has 10485760 bytes; at most 1048576 are accepted"),
        ("a billion laughs", format!("a0: &a0 [ha, ha]\n{laughs}"), no_aliases),
        ("a list in itself", "kind: &a [*a]\n".to_owned(), no_aliases),
        ("an alias", COFFEE.replace("tier: gold", "tier: &x gold\n    level: *x"), no_aliases),
        ("deep flow", "[".repeat(500_000), "recursion limit exceeded"),
        ("deep block", format!("a:\n  {}", "- ".repeat(400_000)), ""),
        ("a long list", format!("a: [{}]", "0,".repeat(400_000)), "50000 values"),
        ("many keys", (0..60_000).map(|n| format!("k{n}: 1\n")).collect(), "50000 values"),
        ("many documents", "---\na: 1\n".repeat(100_000), "1000 documents"),
        ("control characters", "\u{1}".repeat(MAX_FILE_BYTES), ""),
        (
            "not a number",
            COFFEE.replace("tier: gold", "tier: .nan"),
            "slo.yaml:8:11: the file cannot be read: value `.nan` is not a finite number",
        ),
        ("no object", "just a text".to_owned(), "apiVersion: is missing"),
        ("a list of texts", "[a, b]".to_owned(), "apiVersion: is missing"),
    ];
    for (name, yaml, expected) in cases {
        let began = Instant::now();
        let message = read(&yaml).expect_err(name).to_string();
        assert!(message.contains(expected), "{name}: {message}");
        assert!(message.len() < 500, "{name}: {} bytes of message", message.len());
        assert!(began.elapsed() < A_MOMENT, "{name}: {:?}", began.elapsed());
    }
}

#[test]
fn a_file_cut_short_is_read_or_refused_at_a_line_it_has() {
    for end in (0..COFFEE.len()).step_by(3) {
        let cut = &COFFEE[..end];
        let lines = 1 + cut.matches('\n').count() as u64;
        if let Err(refused) = read(cut) {
            assert!(refused.errors.iter().all(|p| (1..=lines).contains(&p.line)), "{end}: {refused}");
        }
    }
}

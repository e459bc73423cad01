//! A letter as an incoming message of Slack, which Mattermost, Rocket.Chat and others take too.
//!
//! Attachments, as blocks are Slack's alone. <https://docs.slack.dev/messaging/formatting-message-text>

use serde_json::{Value, json};

use super::Letter;
use crate::alerts::Event;

/// Slack cuts what is longer, and a message should be read.
const LONGEST_CHARS: usize = 2_000;

/// The letter as Slack takes it.
pub(super) fn message(letter: &Letter) -> Value {
    let notice = &letter.notice;
    let title = format!("{}: {}", letter.heading(), notice.title);
    let color = match (notice.event, letter.heading()) {
        (Event::Resolved, _) => "good",
        (Event::Fired, "Page") => "danger",
        (Event::Fired, _) => "warning",
    };
    let mut fields = vec![field("Service", &notice.service)];
    fields.extend(notice.slo.as_deref().map(|slo| field("SLO", slo)));
    json!({
        "attachments": [{
            "fallback": escaped(&title),
            "color": color,
            "title": escaped(&title),
            "title_link": letter.page,
            "text": format!("{}\n{}", escaped(&notice.summary), links(letter)),
            "fields": fields,
            "footer": "Seaworthy",
            "ts": letter.written_at.as_second(),
        }]
    })
}

fn field(title: &str, value: &str) -> Value {
    json!({ "title": title, "value": escaped(value), "short": true })
}

/// `<https://…|Acknowledge> · <https://…|Runbook>`
fn links(letter: &Letter) -> String {
    let acknowledge = letter.acknowledge.clone().map(|href| ("Acknowledge", href));
    let all = acknowledge.into_iter().chain(letter.links());
    let all: Vec<_> = all.map(|(title, href)| link(title, &href)).collect();
    all.join(" · ")
}

/// What ends the address or the link must not stand in it. In the title there is no way to write it.
fn link(title: &str, href: &str) -> String {
    let href = href.replace('|', "%7C").replace('>', "%3E").replace('<', "%3C").replace('&', "&amp;");
    format!("<{href}|{}>", escaped(&title.replace(['|', '\n'], " ")))
}

/// Slack knows three characters that mean more than they are.
fn escaped(text: &str) -> String {
    let cut = text.char_indices().nth(LONGEST_CHARS).and_then(|(end, _)| text.get(..end));
    let text = cut.map_or_else(|| text.to_owned(), |cut| format!("{cut}…"));
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::{NoticeLink, deliver::letter::tests::letter};

    #[test]
    fn a_letter_is_a_message_in_which_nothing_means_more_than_it_is() {
        let expected = json!({
            "attachments": [{
                "fallback": "Page: Orders &amp; &lt;drinks&gt; burn their budget",
                "color": "danger",
                "title": "Page: Orders &amp; &lt;drinks&gt; burn their budget",
                "title_link": "https://seaworthy.example/alerts/5",
                "text": "Of 2,000 requests 417 failed &lt;in 1 h&gt;.\nThat burns 21 times too fast.\n\
                         <https://seaworthy.example/ack/5.2.x|Acknowledge> · \
                         <https://wiki.example/runbook?a=1&amp;b=2|Runbook> · \
                         <https://seaworthy.example/traces/0af7651916cd43dd8448eb211c80319c|Example trace>",
                "fields": [
                    { "title": "Service", "value": "recep\"tion", "short": true },
                    { "title": "SLO", "value": "orders-availability", "short": true },
                ],
                "footer": "Seaworthy",
                "ts": 1_795_176_060,
            }]
        });
        assert_eq!(message(&letter(Event::Fired)), expected);
    }

    #[test]
    fn what_is_over_is_green_and_asks_nothing() {
        let told = message(&letter(Event::Resolved));
        assert_eq!(told["attachments"][0]["color"], "good");
        assert!(!told.to_string().contains("Acknowledge"), "{told}");
    }

    #[test]
    fn nobody_ends_a_link_or_calls_everybody_by_a_name() {
        let mut letter = letter(Event::Resolved);
        letter.notice.title = "<!channel> ".repeat(1_000);
        let (title, href) = ("a|b>c".into(), "https://x.example/a|b>c".into());
        letter.notice.links = vec![NoticeLink { title, href }];
        let told = message(&letter).to_string();
        assert!(!told.contains("<!"), "{told}");
        assert!(told.contains("<https://x.example/a%7Cb%3Ec|a b&gt;c>"), "{told}");
        let title = message(&letter)["attachments"][0]["title"].as_str().unwrap().to_owned();
        assert!(title.ends_with('…') && title.len() < 10_000, "{}", title.len());
    }
}

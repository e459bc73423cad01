//! A letter as mail.

use std::{fmt::Write, time::SystemTime};

use lettre::{
    Address, Message,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use super::Letter;
use crate::alerts::outgoing::Failure;

/// The letter as mail to these people.
///
/// All mails of an alert refer to one that never was, so that programs for mail show them as one conversation whichever
/// of them arrives first.
pub(super) fn mail(letter: &Letter, from: &Mailbox, to: &[String]) -> Result<Message, Failure> {
    let domain = from.email.domain();
    let thread = format!("<{}@{domain}>", letter.thread);
    let mut builder = Message::builder()
        .from(from.clone())
        .subject(subject(letter))
        .date(SystemTime::from(letter.written_at))
        .message_id(Some(format!("<{}@{domain}>", letter.id)))
        .in_reply_to(thread.clone())
        .references(thread)
        // RFC 3834: nobody's absence notice is to answer.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .header(ContentType::TEXT_PLAIN);
    for address in to {
        let address: Address = address.parse().map_err(|error| unwritable(&error))?;
        builder = builder.to(address.into());
    }
    builder.body(text(letter)).map_err(|error| unwritable(&error))
}

fn unwritable(error: &dyn std::error::Error) -> Failure {
    Failure::hopeless(format!("no mail can be made of it: {error}"))
}

/// In one line, and no longer than anybody reads.
fn subject(letter: &Letter) -> String {
    const LONGEST_CHARS: usize = 200;
    let words: Vec<&str> = letter.notice.title.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    format!("{}: {}", letter.heading(), words.join(" ")).chars().take(LONGEST_CHARS).collect()
}

fn text(letter: &Letter) -> String {
    let notice = &letter.notice;
    let mut text = format!("{}\n\nService:  {}\n", notice.summary, notice.service);
    let mut line = |name: &str, value: &str| {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{name:<9} {value}");
    };
    if let Some(slo) = &notice.slo {
        line("SLO:", slo);
    }
    line("Since:", &moment(notice.started_at));
    if let Some(at) = notice.resolved_at {
        line("Until:", &moment(at));
    }
    let _ = write!(text, "\nAlert: {}\n", letter.page);
    if let Some(acknowledge) = &letter.acknowledge {
        let _ = writeln!(text, "Acknowledge: {acknowledge}");
    }
    for (title, href) in letter.links() {
        let _ = writeln!(text, "{title}: {href}");
    }
    // The signature of mail.
    let _ =
        write!(text, "\n-- \nSeaworthy, channel {}: {}/settings/channels\n", letter.channel, letter.portal);
    text
}

fn moment(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::{Event, deliver::letter::tests::letter};

    fn raw(letter: &Letter) -> String {
        let from = "Seaworthy <seaworthy@shop.example>".parse().unwrap();
        let to = ["a@shop.example".to_owned(), "b@shop.example".to_owned()];
        let mail = String::from_utf8(mail(letter, &from, &to).unwrap().formatted()).unwrap();
        // Quoted-printable, as far as these texts need it.
        mail.replace("=\r\n", "").replace("=20\r\n", " \r\n").replace("=3D", "=")
    }

    #[test]
    fn a_letter_is_a_mail_of_one_conversation() {
        let mail = raw(&letter(Event::Fired));
        for line in [
            "From: Seaworthy <seaworthy@shop.example>",
            "To: a@shop.example, b@shop.example",
            "Subject: Page: Orders & <drinks> burn their budget",
            "Date: Fri, 20 Nov 2026 12:01:00 +0000",
            "Message-ID: <3f9a2c1e-17@shop.example>",
            "In-Reply-To: <3f9a2c1e-5-2@shop.example>",
            "References: <3f9a2c1e-5-2@shop.example>",
            "Auto-Submitted: auto-generated",
            "Of 2,000 requests 417 failed <in 1 h>.",
            "Service:  recep\"tion",
            "SLO:      orders-availability",
            "Since:    2026-11-20 12:00:00 UTC",
            "Alert: https://seaworthy.example/alerts/5",
            "Acknowledge: https://seaworthy.example/ack/5.2.x",
            "Runbook: https://wiki.example/runbook?a=1&b=2",
        ] {
            assert!(mail.lines().any(|told| told == line), "{line:?} is not in\n{mail}");
        }
        assert!(!mail.contains("javascript"), "{mail}");
        let resolved = raw(&letter(Event::Resolved));
        assert!(
            resolved.contains("\r\nSubject: Resolved: ")
                && resolved.contains("Until:    2026-11-20 12:30:00 UTC")
        );
        assert!(!resolved.contains("Acknowledge"), "{resolved}");
    }

    #[test]
    fn nobody_writes_headers_by_a_title() {
        let mut letter = letter(Event::Fired);
        letter.notice.title = "Hello\r\nBcc: everybody@shop.example\r\n\r\nZürich".into();
        let mail = raw(&letter);
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("\r\nBcc:"), "{head}");
    }
}

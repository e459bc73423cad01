//! The badge of a service: its level as a small picture, for a README.

pub(crate) mod signed;

use quick_xml::escape::escape;
use seaworthy_checklist::Level;

/// Where the level begins, in pixels.
const LABEL: f64 = 90.0;
/// Where its word begins.
const WORD: f64 = LABEL + 24.0;
/// What is left free behind it.
const MARGIN: f64 = 8.0;

/// What a badge tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// This level is reached.
    Reached(Level),
    /// None is.
    BelowBronze,
    /// It was not judged, or not lately.
    NotJudged,
}

impl Standing {
    const fn word(self) -> &'static str {
        match self {
            Self::Reached(level) => level.as_str(),
            Self::BelowBronze => "below bronze",
            Self::NotJudged => "not judged",
        }
    }

    const fn colour(self) -> &'static str {
        match self {
            Self::Reached(Level::Bronze) => "#8a4f1d",
            Self::Reached(Level::Silver) => "#4f5f70",
            Self::Reached(Level::Gold) => "#7a5c00",
            Self::BelowBronze | Self::NotJudged => "#59636e",
        }
    }

    /// How many of the three lines of the level are full.
    fn lines(self) -> usize {
        match self {
            Self::Reached(reached) => Level::ALL.iter().filter(|level| **level <= reached).count(),
            Self::BelowBronze | Self::NotJudged => 0,
        }
    }
}

/// The badge as SVG.
pub(crate) fn svg(service: &str, standing: Standing) -> String {
    let word = standing.word();
    let told = format!("{service}, seaworthy: {word}").replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    let (told, colour) = (escape(&told), standing.colour());
    let text = width(word);
    let whole = (WORD + text + MARGIN).round();
    let edge = whole - LABEL - 4.0;
    let [low, middle, high] = [1, 2, 3].map(|line| if standing.lines() >= line { "1" } else { "0.4" });
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label="{told}"><title>{told}</title>
<rect width="{whole}" height="20" rx="4" fill="#15202b"/>
<path d="M{LABEL} 0h{edge}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H{LABEL}z" fill="{colour}"/>
<g color="#62bfdd" transform="translate(4 2) scale(.5)">
<path fill="currentColor" d="M3.5 3h25a1 1 0 0 1 1 1v12.5a13.5 13.5 0 0 1-27 0V4a1 1 0 0 1 1-1z"/>
<g fill="none" stroke="#15202b" stroke-width="2.4"><circle cx="16" cy="15.5" r="6.4"/><path d="M5.5 15.5h21"/></g></g>
<g fill="none" stroke="#fff" stroke-width="2"><path d="M98 14.5h9" stroke-opacity="{low}"/>
<path d="M98 10h9" stroke-opacity="{middle}"/><path d="M98 5.5h9" stroke-opacity="{high}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,Segoe UI,sans-serif" font-size="11">
<text x="24" y="14" textLength="60" lengthAdjust="spacingAndGlyphs">seaworthy</text>
<text x="{WORD}" y="14" textLength="{text:.1}" lengthAdjust="spacingAndGlyphs">{word}</text></g></svg>
"##
    )
}

/// How wide a text is in Verdana at 11 pixels. Another font is stretched to it.
fn width(text: &str) -> f64 {
    text.chars().map(advance).sum()
}

/// Thousandths of the font's size, from its table of advance widths.
fn advance(letter: char) -> f64 {
    let thousandths = match letter {
        'i' | 'l' | 'j' => 274.0,
        ' ' | 'f' => 352.0,
        't' => 394.0,
        'r' => 427.0,
        'c' | 's' => 521.0,
        'z' => 525.0,
        'k' | 'v' | 'x' | 'y' => 592.0,
        'e' | 'a' => 598.0,
        'o' => 607.0,
        'w' => 818.0,
        'm' => 973.0,
        _ => 633.0,
    };
    thousandths * 11.0 / 1_000.0
}

#[cfg(test)]
mod tests {
    use quick_xml::events::Event;

    use super::*;

    #[test]
    fn a_badge_is_as_wide_as_its_word_and_tells_it_to_those_who_listen() {
        for (standing, word, wide, full) in [
            (Standing::Reached(Level::Bronze), "bronze", 160, 1),
            (Standing::Reached(Level::Silver), "silver", 152, 2),
            (Standing::Reached(Level::Gold), "gold", 146, 3),
            (Standing::BelowBronze, "below bronze", 196, 0),
            (Standing::NotJudged, "not judged", 181, 0),
        ] {
            let svg = svg("reception", standing);
            let begin = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"20\" role=\"img\" aria-label=\"reception, seaworthy: {word}\""
            );
            assert!(svg.starts_with(&begin), "{svg}");
            assert_eq!(svg.matches("stroke-opacity=\"1\"").count(), full, "{svg}");
        }
    }

    #[test]
    fn a_name_breaks_out_of_nothing() {
        let name = "\"><script>alert(1)</script>&\u{ffff}";
        let svg = svg(name, Standing::NotJudged);
        let mut reader = quick_xml::Reader::from_str(&svg);
        let mut titles = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Start(tag) if tag.name().as_ref() == b"title" => {
                    titles.push(reader.read_text(tag.name()).unwrap().into_owned());
                }
                _ => {}
            }
        }
        assert_eq!(titles.len(), 1, "{svg}");
        assert!(!svg.contains("<script>") && svg.contains("&lt;script&gt;"), "{svg}");
        assert!(!svg.contains("label=\"\">"), "{svg}");
    }
}

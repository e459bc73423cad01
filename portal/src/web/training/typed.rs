//! What the form of a rota holds, as it was typed: lists are lines of text.

use jiff::civil::Date;
use seaworthy_records::{Body, Mistake, Rota, Training};
use serde::Deserialize;

/// The fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    pub(super) primary: String,
    pub(super) secondary: String,
    pub(super) escalation: String,
    pub(super) commander: String,
    pub(super) training: String,
    pub(super) version: i64,
}

impl Typed {
    /// Of a rota in a version.
    pub(super) fn of(rota: &Rota, version: i64) -> Self {
        let training = rota.training.iter().map(|training| {
            let until = training.until.map(|until| format!("; {until}")).unwrap_or_default();
            format!("{}; {}{until}\n", training.who, training.what)
        });
        Self {
            primary: rota.primary.clone(),
            secondary: rota.secondary.clone().unwrap_or_default(),
            escalation: rota.escalation.iter().map(|who| format!("{who}\n")).collect(),
            commander: rota.commander.clone().unwrap_or_default(),
            training: training.collect(),
            version,
        }
    }

    /// All of it as one text, to be compared.
    pub(super) fn whole(&self) -> String {
        let Self { primary, secondary, escalation, commander, training, .. } = self;
        format!(
            "Primary: {primary}\nSecondary: {secondary}\nEscalation:\n{escalation}\nCommander: {commander}\nTraining:\n{training}"
        )
    }

    /// What was typed, for the catalog; every mistake with its field, and with its line where the field has lines.
    pub(super) fn rota(&self) -> Result<Rota, Vec<Mistake>> {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (mut mistakes, mut training) = (Vec::new(), Vec::new());
        for (number, line) in lines(&self.training) {
            match read(line) {
                Ok(read) => training.push(read),
                Err(told) => mistakes.push(at_line("training", number, &told)),
            }
        }
        let rota = Rota {
            primary: self.primary.trim().to_owned(),
            secondary: some(&self.secondary),
            escalation: lines(&self.escalation).map(|(_, line)| line.to_owned()).collect(),
            training,
            commander: some(&self.commander),
        };
        let found = rota.check().err().unwrap_or_default();
        // Of which line an item was is known only where every line is an item.
        let whole = mistakes.is_empty();
        mistakes.extend(
            found
                .into_iter()
                .filter(|mistake| whole || !mistake.field.starts_with("training"))
                .map(|mistake| self.placed(mistake)),
        );
        if mistakes.is_empty() { Ok(rota) } else { Err(joined(mistakes)) }
    }

    /// `training[2].who` as the line that it was.
    fn placed(&self, mistake: Mistake) -> Mistake {
        for (field, text) in [("training", &self.training), ("escalation", &self.escalation)] {
            let index = mistake.field.strip_prefix(field).and_then(|rest| rest.strip_prefix('['));
            let index = index.and_then(|rest| rest.split(']').next()?.parse::<usize>().ok());
            if let Some((number, _)) = index.and_then(|index| lines(text).nth(index)) {
                return at_line(field, number, &mistake.message);
            }
        }
        mistake
    }
}

/// Lines that say something, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).map(|(number, line)| (number, line.trim())).filter(|(_, line)| !line.is_empty())
}

fn read(line: &str) -> Result<Training, String> {
    let parts: Vec<&str> = line.split(';').map(str::trim).collect();
    let (who, what, until) = match parts[..] {
        [who, what] => (who, what, ""),
        [who, what, until] => (who, what, until),
        _ => return Err(format!("{line:?} is not of the form who; what; until")),
    };
    let until = match until {
        "" => None,
        day => Some(
            day.parse::<Date>().map_err(|_| format!("{day:?} is not a day; write for example 2027-06-30"))?,
        ),
    };
    Ok(Training { who: who.to_owned(), what: what.to_owned(), until })
}

fn at_line(field: &str, number: usize, message: &str) -> Mistake {
    Mistake { field: field.to_owned(), message: format!("line {number}: {message}") }
}

/// One mistake a field, since a form shows one: all of its lines.
fn joined(mistakes: Vec<Mistake>) -> Vec<Mistake> {
    let mut joined: Vec<Mistake> = Vec::new();
    for mistake in mistakes {
        match joined.iter_mut().find(|known| known.field == mistake.field) {
            Some(known) => known.message = format!("{}; {}", known.message, mistake.message),
            None => joined.push(mistake),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(training: &str) -> Typed {
        Typed { primary: " ines ".into(), training: training.into(), ..Typed::default() }
    }

    #[test]
    fn what_was_typed_reads_as_it_was_kept() {
        let text = "ines; debugging in production; 2027-06-30\r\n\r\n tomas ;operation\r\n";
        let rota =
            Typed { escalation: "ana\r\n\r\nthe head of the team".into(), ..typed(text) }.rota().unwrap();
        assert_eq!((&*rota.primary, rota.escalation.len(), rota.training.len()), ("ines", 2, 2));
        assert_eq!((&*rota.training[1].who, rota.training[1].until), ("tomas", None));
        assert_eq!(Typed::of(&rota, 3).rota().unwrap(), rota);
    }

    #[test]
    fn mistakes_name_their_lines() {
        let told = |text: &str| typed(text).rota().unwrap_err();
        let mistakes = told("\nines\nines; x; soon\n");
        assert_eq!(mistakes.len(), 1);
        let expected = "line 2: \"ines\" is not of the form who; what; until; line 3: \"soon\" is not a day; write for example \
                        2027-06-30";
        assert_eq!(mistakes[0].message, expected);
        let empty = &told("ines; operation\n\n; operation")[0];
        assert_eq!(
            (&*empty.field, &*empty.message),
            ("training", "line 3: it is empty; write for example ines")
        );
        let nobody = Typed { primary: String::new(), ..typed("") }.rota().unwrap_err();
        assert_eq!(nobody[0].field, "primary");
    }
}

//! Checks a name and a password, slowly for whoever guesses.

use axum::http::StatusCode;
use jiff::SignedDuration;
use seaworthy_catalog::{Actor, Credentials};

use super::{Errors, errors::WHOLE};
use crate::{
    auth::{ClientAddress, Pause},
    problem::Problem,
    state::App,
};

/// The outcome of a check.
pub(super) enum Checked {
    /// The password is right.
    Right(Box<Credentials>),
    /// It is not, or there were too many tries, and this is what to say.
    Wrong(Errors),
}

/// Checks them. The answer, and the time that it takes, are the same whether the name is unknown, the person disabled
/// or the password wrong.
pub(super) async fn check(
    app: &App,
    login: &str,
    password: &str,
    address: ClientAddress,
) -> Result<Checked, Problem> {
    let (key, now) = (login.trim().to_lowercase(), app.clock().now());
    let door = app.door();
    if let Err(pause) = door.addresses.attempt(&address.throttled_as(), now) {
        return Ok(Checked::Wrong(too_many(pause)));
    }
    let left = match door.names.attempt(&key, now) {
        Ok(left) => left,
        Err(pause) => return Ok(Checked::Wrong(too_many(pause))),
    };
    let credentials = app.catalog().credentials(login).await?;
    let hash = credentials.as_ref().and_then(|credentials| credentials.password_hash.as_deref());
    let right = door.passwords.verify(password, hash).await?;
    match credentials {
        Some(credentials) if right => {
            door.names.success(&key);
            door.addresses.undo(&address.throttled_as());
            Ok(Checked::Right(Box::new(credentials)))
        }
        known => {
            // What was typed as an unknown name may be a password, and is not logged.
            let login = known.map_or_else(|| "unknown".to_owned(), |known| known.person.login);
            let actor = Actor { login: login.clone(), address: address.to_string() };
            app.catalog().note(&actor, "failed to sign in", &login, now).await?;
            let pauses = [door.names.waits(&key, now), door.addresses.waits(&address.throttled_as(), now)];
            Ok(Checked::Wrong(wrong(left, pauses.into_iter().flatten().max())))
        }
    }
}

fn wrong(left: u32, pause: Option<Pause>) -> Errors {
    let next = match (pause, left) {
        (Some(Pause(pause)), _) => format!("The next try is possible in {}.", in_words(pause)),
        (None, 1) => "1 try left before a pause of 1 min.".to_owned(),
        (None, left) => format!("{left} tries left before a pause of 1 min."),
    };
    Errors::with_status(StatusCode::FORBIDDEN, WHOLE, format!("Name or password is wrong. {next}"))
}

/// What to say to whoever must wait.
pub(super) fn too_many(Pause(pause): Pause) -> Errors {
    let message = format!("Too many tries. The next one is possible in {}.", in_words(pause));
    Errors::wait(pause.as_secs().max(1), message)
}

fn in_words(pause: SignedDuration) -> String {
    match pause.as_secs() {
        seconds if seconds < 60 => format!("{} s", seconds.max(1)),
        seconds => format!("{} min", (seconds + 59) / 60),
    }
}

//! Who can be named.

use crate::{problem::Problem, state::App};

/// How everybody signs in who may.
pub(crate) async fn logins(app: &App) -> Result<Vec<String>, Problem> {
    let people = app.catalog().people().await?;
    Ok(people.into_iter().filter(|person| person.disabled_at.is_none()).map(|person| person.login).collect())
}

//! What a tool wrote, read as a load test of a service.

use jiff::Timestamp;
use seaworthy_catalog::Actor;
use seaworthy_records::{
    LoadTest, Mistake,
    import::{self, Given, Imported},
};

use super::within::asked;
use crate::{
    problem::Problem,
    records::{self, Entry, NotTaken},
    state::App,
    view::running,
};

/// How long a title may be in the catalog, in bytes.
const TITLE_BYTES: usize = 255;

/// What the output does not tell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// The version that was tested; that which runs where it is none.
    pub(crate) build: Option<String>,
    /// What was tested; what the output says where it is empty.
    pub(crate) target: String,
    /// When, where the output does not say; now where it is none.
    pub(crate) ran_at: Option<Timestamp>,
    /// Where the whole result is.
    pub(crate) link: Option<String>,
}

/// Reads an output, judged by the SLOs of the service as they are now.
///
/// # Errors
/// When it cannot be read, or no such service is known: the field, and what to do.
pub(crate) async fn read(
    app: &App,
    service: &str,
    output: &str,
    told: Told,
) -> Result<Result<Imported<LoadTest>, Mistake>, Problem> {
    let asked = asked(app, service).await?;
    let running = running::build(app, service).await?;
    let taken = told.build.is_none().then(|| running.clone()).flatten();
    let given = Given {
        ran_at: told.ran_at.unwrap_or(app.clock().now()),
        build: told.build.or(running),
        target: told.target,
        within: asked.within,
    };
    Ok(import::load_test(output, &given).map(|mut imported| {
        imported.record.link = told.link;
        imported.remarks.extend(taken.map(|build| {
            format!("The build {build} is the one that runs now; change it if another one was tested.")
        }));
        imported
    }))
}

/// Keeps a load test with the importer's remarks as its note.
pub(crate) async fn keep(
    app: &App,
    actor: &Actor,
    service: &str,
    imported: &Imported<LoadTest>,
) -> Result<Entry<LoadTest>, NotTaken> {
    let body = LoadTest { note: imported.remarks.join("\n"), ..imported.record.clone() };
    records::create(app, actor, service, &title(&body), &body).await
}

/// `k6 against https://shop.example/orders`, in one line that fits into the catalog.
pub(crate) fn title(test: &LoadTest) -> String {
    let title = format!("{} against {}", test.tool, test.target);
    let mut line: String =
        title.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if line.len() > TITLE_BYTES {
        line.truncate(line.floor_char_boundary(TITLE_BYTES - '…'.len_utf8()));
        line.push('…');
    }
    line
}

//! What people have said, in the words of the checklist.

use std::collections::{BTreeMap, HashMap};

use seaworthy_catalog::{Answer as StoredAnswer, AnswerKind, CatalogError, ItemKey, StoredWaiver};
use seaworthy_checklist::{Answer, Approval, NotApplicable, People, Waiver};

use crate::state::App;

/// What was said of each service, by template.
pub(super) type Said = HashMap<String, BTreeMap<String, People>>;

/// Reads it, of all services or of one.
pub(super) async fn read(app: &App, only: Option<&str>) -> Result<Said, CatalogError> {
    let mut said = Said::new();
    for answer in app.catalog().answers(only).await? {
        add_answer(&mut said, answer);
    }
    for waiver in app.catalog().open_waivers(only).await? {
        add_waiver(&mut said, waiver);
    }
    Ok(said)
}

fn of<'s>(said: &'s mut Said, key: &ItemKey) -> &'s mut People {
    said.entry(key.service.clone()).or_default().entry(key.template.clone()).or_default()
}

fn add_answer(said: &mut Said, answer: StoredAnswer) {
    let StoredAnswer { key, definition, by, at, .. } = answer;
    let people = of(said, &key);
    let yes = match definition.kind {
        AnswerKind::Satisfied => true,
        AnswerKind::NotSatisfied => false,
        AnswerKind::NotApplicable => {
            people.not_applicable.insert(key.item, NotApplicable { reason: definition.note, by, at });
            return;
        }
    };
    let answer =
        Answer { yes, by, at, note: definition.note, link: definition.link, build: definition.build };
    people.answers.insert(key.item, answer);
}

/// Of an item there may be two: one that was approved, which counts, and one that is to follow it. They come in the order
/// in which they were asked for.
fn add_waiver(said: &mut Said, waiver: StoredWaiver) {
    let StoredWaiver { key, definition, asked_by, asked_at, approval, .. } = waiver;
    let waiver = Waiver {
        reason: definition.reason,
        asked_by,
        asked_at,
        expires_at: definition.expires_at,
        approval: approval.map(|approval| Approval { by: approval.by, at: approval.at }),
    };
    let waivers = &mut of(said, &key).waivers;
    let stays = waivers.get(&key.item).is_some_and(|known| known.approval.is_some());
    if !stays || waiver.approval.is_some() {
        waivers.insert(key.item, waiver);
    }
}

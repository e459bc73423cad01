use std::sync::Arc;

use seaworthy_catalog::{Catalog, CommandState, Keep, StoredCommand};
use seaworthy_protocol::{Command, CommandReport, Order, ProfileKind, ReportedState};

use crate::{
    accounts::actor,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    a_command_is_told_reported_of_and_ends,
    what_is_told_and_not_reported_of_is_told_again,
    a_command_of_which_nothing_is_heard_expires,
    an_instance_takes_one_profile_of_a_kind_at_a_time,
    nobody_reports_of_the_commands_of_others,
    old_commands_are_forgotten,
);

const CPU: Order = Order::Capture { kind: ProfileKind::Cpu, seconds: 10 };
const HEAP: Order = Order::Capture { kind: ProfileKind::Heap, seconds: 0 };

async fn ask(catalog: &Catalog, order: &Order, at: i64) -> StoredCommand {
    catalog.ask("reception", "a", order, &actor(), noon_plus(at)).await.unwrap()
}

async fn exchange(catalog: &Catalog, instance: &str, reports: &[CommandReport], at: i64) -> Vec<Command> {
    catalog.exchange_commands("reception", instance, reports, noon_plus(at)).await.unwrap()
}

fn report(id: i64, state: ReportedState, detail: &str) -> CommandReport {
    CommandReport { id: id.unsigned_abs(), state, percent: None, detail: detail.into() }
}

async fn state(catalog: &Catalog, id: i64, at: i64) -> CommandState {
    catalog.command(id, noon_plus(at)).await.unwrap().unwrap().state
}

async fn a_command_is_told_reported_of_and_ends(database: Arc<Database>) {
    let catalog = database.catalog().await;
    assert_eq!(exchange(&catalog, "a", &[], 0).await, []);
    let asked = ask(&catalog, &CPU, 1).await;
    assert_eq!((asked.state, asked.asked_by.as_str()), (CommandState::Waiting, "ines"));
    assert_eq!(exchange(&catalog, "b", &[], 2).await, [], "another instance is not asked");
    let told = exchange(&catalog, "a", &[], 3).await;
    assert_eq!(told, [Command { id: asked.id.unsigned_abs(), order: CPU }]);
    assert_eq!(exchange(&catalog, "a", &[], 4).await, [], "it is told once");
    let mut underway = report(asked.id, ReportedState::Underway, "looking");
    underway.percent = Some(40);
    assert_eq!(exchange(&catalog, "a", &[underway], 5).await, []);
    let seen = catalog.commands("reception", noon_plus(0), noon_plus(5)).await.unwrap();
    assert_eq!(
        (seen[0].state, seen[0].percent, seen[0].detail.as_str()),
        (CommandState::Underway, Some(40), "looking")
    );
    catalog.note_profile(asked.id, ("reception", "a"), "17", noon_plus(12)).await.unwrap();
    exchange(&catalog, "a", &[report(asked.id, ReportedState::Done, "")], 13).await;
    let ended = catalog.command(asked.id, noon_plus(500)).await.unwrap().unwrap();
    assert_eq!((ended.state, ended.profile.as_deref()), (CommandState::Done, Some("17")));
    assert_eq!(ended.ended_at, Some(noon_plus(12)));
    let audit = catalog.audit_log(None, 1).await.unwrap();
    assert_eq!(audit[0].action, "asked for a profile (cpu) of");
    assert_eq!(audit[0].subject, "reception a");
}

async fn what_is_told_and_not_reported_of_is_told_again(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let asked = ask(&catalog, &CPU, 0).await;
    for (at, times) in [(1, 1), (2, 0), (8, 0), (9, 1), (12, 0), (17, 1)] {
        assert_eq!(exchange(&catalog, "a", &[], at).await.len(), times, "after {at} s");
    }
    exchange(&catalog, "a", &[report(asked.id, ReportedState::Underway, "")], 18).await;
    assert_eq!(exchange(&catalog, "a", &[], 60).await, []);
    let late = report(asked.id, ReportedState::NotUnderstood, "");
    exchange(&catalog, "a", std::slice::from_ref(&late), 61).await;
    assert_eq!(state(&catalog, asked.id, 61).await, CommandState::NotUnderstood);
    exchange(&catalog, "a", &[report(asked.id, ReportedState::Underway, "")], 62).await;
    assert_eq!(state(&catalog, asked.id, 62).await, CommandState::NotUnderstood, "what is over stays over");
}

async fn a_command_of_which_nothing_is_heard_expires(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let asked = ask(&catalog, &CPU, 0).await;
    assert_eq!(state(&catalog, asked.id, 120).await, CommandState::Waiting);
    assert_eq!(state(&catalog, asked.id, 121).await, CommandState::Expired);
    assert_eq!(exchange(&catalog, "a", &[], 121).await, [], "who comes too late does not hear of it");
    let again = ask(&catalog, &CPU, 122).await;
    assert_ne!(again.id, asked.id);
    exchange(&catalog, "a", &[report(again.id, ReportedState::Underway, "")], 180).await;
    assert_eq!(state(&catalog, again.id, 300).await, CommandState::Underway);
    assert_eq!(state(&catalog, again.id, 301).await, CommandState::Expired, "it died meanwhile");
}

async fn an_instance_takes_one_profile_of_a_kind_at_a_time(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let first = ask(&catalog, &CPU, 0).await;
    assert_eq!(ask(&catalog, &CPU, 1).await.id, first.id);
    let heap = ask(&catalog, &HEAP, 1).await;
    assert_ne!(heap.id, first.id);
    assert_eq!(exchange(&catalog, "a", &[], 2).await.len(), 2);
    exchange(&catalog, "a", &[report(first.id, ReportedState::Failed, "taken")], 3).await;
    assert_ne!(ask(&catalog, &CPU, 4).await.id, first.id);
}

async fn nobody_reports_of_the_commands_of_others(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let asked = ask(&catalog, &CPU, 0).await;
    exchange(&catalog, "b", &[report(asked.id, ReportedState::Done, "")], 1).await;
    catalog.note_profile(asked.id, ("reception", "b"), "17", noon_plus(1)).await.unwrap();
    assert_eq!(state(&catalog, asked.id, 1).await, CommandState::Waiting);
    let none = CommandReport { id: u64::MAX, ..report(asked.id, ReportedState::Done, "") };
    exchange(&catalog, "a", &[none], 2).await;
}

async fn old_commands_are_forgotten(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let asked = ask(&catalog, &CPU, 0).await;
    let keep = Keep { commands: std::time::Duration::from_secs(100), ..Keep::default() };
    assert_eq!(catalog.prune(noon_plus(100), keep).await.unwrap().commands, 0);
    assert_eq!(catalog.prune(noon_plus(101), keep).await.unwrap().commands, 1);
    assert_eq!(catalog.command(asked.id, noon_plus(101)).await.unwrap(), None);
}

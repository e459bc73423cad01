//! Profiles that are taken by themselves: every so often of one instance of a service.

use jiff::Timestamp;
use seaworthy_catalog::{Actor, ProfileSchedule, StoredProfileSchedule};
use seaworthy_protocol::{Order, ProfileKind};

use super::{USUAL_SECONDS, is_alive};
use crate::{problem::Problem, state::App};

/// Asks for the profiles that are due. Of a service with nobody to ask, the next time it may be otherwise.
pub(crate) async fn take(app: &App, now: Timestamp) -> Result<(), Problem> {
    for due in app.catalog().begin_scheduled_profiles(now).await? {
        ask(app, &due, now).await?;
    }
    Ok(())
}

async fn ask(app: &App, due: &StoredProfileSchedule, now: Timestamp) -> Result<(), Problem> {
    let mut instances = app.catalog().instances(&due.service).await?;
    instances.retain(|instance| is_alive(instance, now) && instance.check_in.observations.profiles.is_some());
    // Any of them, so that in time it is each.
    if instances.is_empty() {
        return Ok(());
    }
    let chosen = instances.swap_remove(fastrand::usize(..instances.len())).check_in;
    let can = chosen.observations.profiles.unwrap_or_default();
    for (kind, seconds) in wanted(due.schedule).into_iter().filter(|(kind, _)| can.contains(kind)) {
        let order = Order::Capture { kind, seconds };
        let nobody = Actor { login: String::new(), address: String::new() };
        app.catalog().ask(&due.service, &chosen.instance, &order, &nobody, now).await?;
    }
    Ok(())
}

fn wanted(schedule: ProfileSchedule) -> Vec<(ProfileKind, u32)> {
    let cpu = schedule.cpu.then_some((ProfileKind::Cpu, USUAL_SECONDS));
    let heap = schedule.heap.then_some((ProfileKind::Heap, 0));
    let tasks = schedule.tasks.then_some((ProfileKind::Tasks, 0));
    [cpu, heap, tasks].into_iter().flatten().collect()
}

//! The instances of a service, as their latest check-ins tell.

use leptos::prelude::*;
use seaworthy_protocol::LossReason;

use crate::{
    view::{
        health::InstanceHealth,
        service::{CheckView, InstanceView, ServiceView},
    },
    web::{
        chart::meter,
        format,
        icon::icon,
        status::{instance_status, nothing},
        table::{Column, column, row_head, table},
        time,
    },
};

const COLUMNS: [Column; 8] = [
    column("Instance", "name-cell"),
    column("Health", "full"),
    column("Build", ""),
    column("Up", "num"),
    column("CPU of limit", "two"),
    column("Memory of limit", "two"),
    column("In flight", "num"),
    column("Check-in", "num"),
];

pub(super) fn card(service: &ServiceView) -> impl IntoView + use<> {
    let rows: Vec<_> = service.instances.iter().map(|instance| row(instance, service)).collect();
    let count =
        format!("{} of {} checking in", service.health.instances_alive, service.health.instances_expected);
    let content = if rows.is_empty() {
        view! {
            <div class="empty"><p>
                "No instance has checked in: this service sends telemetry without Seaworthy's agent. Health, builds and \
                 instances need the agent."
            </p></div>
        }
        .into_any()
    } else {
        table(&format!("Instances of {}", service.name), &COLUMNS, rows).into_any()
    };
    view! { <section class="card"><header><h2>"Instances"</h2><div class="end">{count}</div></header>{content}</section> }
}

fn row(instance: &InstanceView, service: &ServiceView) -> impl IntoView + use<> {
    let [_, health, build, up, cpu, memory, in_flight, seen] = COLUMNS;
    let figures = &instance.figures;
    let running = instance.health.is_alive();
    let flying = figures.requests_in_flight.filter(|_| running);
    view! {
        <tr role="row">
            {row_head(view! {
                <span class="mono wrap-anywhere" title=instance.id.clone()>{format::short_id(&instance.id)}</span>
                <span class="sub">{place(instance)}</span>
            })}
            {health.cell(view! { {instance_status(instance.health)}{why(instance)} })}
            {build.cell(view! { {instance.version.clone()}" "<span class="sub mono">{instance.commit.chars().take(7).collect::<String>()}</span> })}
            {up.cell(format::span(instance.up_seconds))}
            {cpu.cell(share(
                running, figures.cpu_cores, figures.cpu_limit_cores, |cores| format!("{} cores", format::number(cores)),
            ))}
            {memory.cell(share(
                running,
                figures.memory_bytes.map(|bytes| bytes as f64),
                figures.memory_limit_bytes.map(|bytes| bytes as f64),
                format::bytes,
            ))}
            {in_flight.cell(flying.map_or_else(|| nothing().into_any(), |count| format::count(count).into_any()))}
            {seen.cell(time::ago(instance.last_seen_at, service.as_of))}
        </tr>
    }
}

fn place(instance: &InstanceView) -> String {
    let place = format!("{} · pid {}", instance.host, instance.pid);
    if instance.environment.is_empty() { place } else { format!("{place} · {}", instance.environment) }
}

/// Failing checks with their reasons, what was lost, and how the end went.
fn why(instance: &InstanceView) -> impl IntoView + use<> {
    let failing: Vec<_> =
        instance.checks.iter().filter(|check| check.passes == Some(false)).map(failing_check).collect();
    let lost: u64 = instance.losses.iter().map(|loss| loss.count).sum();
    let lost = (lost > 0).then(|| {
        let parts: Vec<String> = instance
            .losses
            .iter()
            .map(|loss| {
                format!("{} {}, {}", format::count(loss.count), word(&loss.signal), reason(loss.reason))
            })
            .collect();
        view! { <span class="sub is-warn">{format!("telemetry lost: {}", parts.join("; "))}</span> }
    });
    let drain = instance.drain.as_ref().filter(|_| instance.health == InstanceHealth::Stopped).map(|drain| {
        let took = format::seconds(drain.took_ms as f64 / 1e3);
        let told = match drain.aborted {
            0 => format!("drained in {took}"),
            aborted => format!("gave up {aborted} unfinished requests after {took}"),
        };
        view! { <span class="sub">{told}</span> }
    });
    view! { {failing}{lost}{drain}{too_many_workers(instance)}{throttled(instance)} }
}

fn too_many_workers(instance: &InstanceView) -> Option<impl IntoView + use<>> {
    let (workers, fitting) = (instance.worker_threads?, instance.recommended_worker_threads?);
    (workers > fitting && instance.health.is_alive()).then(|| {
        let told = format!("{workers} worker threads, but its CPU limit has room for {fitting}");
        view! { <span class="sub is-warn">{told}</span> }
    })
}

/// Standing still for a period or two is nothing to look at.
fn throttled(instance: &InstanceView) -> Option<impl IntoView + use<>> {
    const WORTH_TELLING: f64 = 0.01;
    let throttling = instance.figures.cpu_throttling.filter(|told| told.periods > 0)?;
    let share = throttling.throttled_periods as f64 / throttling.periods as f64;
    (share > WORTH_TELLING && instance.health.is_alive()).then(|| {
        let told = format!("its CPU quota was spent in {} of its periods", format::percent(share));
        view! { <span class="sub is-warn">{told}</span> }
    })
}

fn failing_check(check: &CheckView) -> impl IntoView + use<> {
    let critical = if check.critical { " (critical)" } else { "" };
    view! { <span class="sub wrap-anywhere">{icon("fail")}<b>{check.name.clone()}</b>{format!("{critical}: {}", check.reason)}</span> }
}

/// How enums are written on the wire, with spaces.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(|word| word.replace('_', " ")))
        .unwrap_or_default()
}

fn reason(reason: LossReason) -> &'static str {
    match reason {
        LossReason::QueueFull => "the agent's queue was full",
        LossReason::Unreachable => "the portal was not reached in time",
        LossReason::Refused => "refused",
        LossReason::Shutdown => "the process ended first",
        LossReason::Limit => "more than a limit of the agent allows",
    }
}

fn share(running: bool, used: Option<f64>, limit: Option<f64>, format: fn(f64) -> String) -> AnyView {
    match (used.filter(|_| running), limit) {
        (Some(used), Some(limit)) if limit > 0.0 => {
            let text = format::percent(used / limit);
            let sentence = format!("{} of {}", format(used), format(limit));
            view! { <div>{meter(used / limit, text, sentence.clone())}<span class="sub">{sentence}</span></div> }
                .into_any()
        }
        (Some(used), _) => format(used).into_any(),
        _ => nothing().into_any(),
    }
}

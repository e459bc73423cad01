//! The outcome of a gate for people: what fails, why, and how to mend it.

use crate::{
    view::readiness::gate::{GateBudget, GateItem, GateTemplate, GateView},
    web::format,
};

/// Under the words of an item.
const INDENT: &str = "                  ";

/// Text for a terminal. What services call themselves moves no cursor.
pub(super) fn of(gate: &GateView) -> String {
    let mut lines = vec![outcome(gate)];
    for template in &gate.templates {
        lines.push(standing(template));
        lines.extend(template.items.iter().filter(|item| !item.holds).flat_map(item));
    }
    for build in gate.build.iter().filter(|build| !build.holds) {
        lines.extend([String::new(), head("fail", "build", &format!("Was {} judged?", build.version))]);
        lines.push(format!("{INDENT}{}", build.words));
    }
    for spent in gate.budgets.iter().flatten().filter(|budget| !budget.holds) {
        lines.extend(budget(spent));
    }
    lines.into_iter().map(|line| plain(&line) + "\n").collect()
}

fn outcome(gate: &GateView) -> String {
    let items = || gate.templates.iter().flat_map(|template| &template.items);
    let (all, open) = (items().count(), items().filter(|item| !item.holds).count());
    let (service, level) = (&gate.service, gate.level.as_str());
    let mut parts = vec![format!("{open} of {} for {level} open", format::plural(all, "item"))];
    parts.extend(gate.build.as_ref().map(|build| match build.holds {
        true => build.words.clone(),
        false => "judged on another build".to_owned(),
    }));
    parts.extend(gate.budgets.as_ref().map(|budgets| {
        let spent = budgets.iter().filter(|budget| !budget.holds).count();
        match (budgets.len(), spent) {
            (0, _) => "no SLO".to_owned(),
            (all, 0) => format!("{} with budget left", format::plural(all, "SLO")),
            (all, spent) => format!("{spent} of {} without budget", format::plural(all, "SLO")),
        }
    }));
    let outcome = if gate.passes { "passes" } else { "fails" };
    format!("{service} {outcome} the gate for {level}: {}.", parts.join(", "))
}

fn standing(of: &GateTemplate) -> String {
    let GateTemplate { template, build, assessed_at, reached, .. } = of;
    let build = build.as_ref().map(|build| format!(" on build {build}")).unwrap_or_default();
    let reached = reached.map_or("no level", |level| level.as_str());
    format!("{} {}: {reached} is reached{build}, judged at {assessed_at}", template.id, template.version)
}

fn item(item: &GateItem) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        head(item.verdict.as_str(), item.level.as_str(), &item.question),
        format!("{INDENT}{}", item.words),
    ];
    lines.extend(item.next.as_ref().map(|next| format!("{INDENT}{next}")));
    lines.extend(item.elsewhere().map(|action| format!("{INDENT}{action}")));
    lines.push(format!("{INDENT}See {}", item.link));
    lines
}

fn budget(budget: &GateBudget) -> Vec<String> {
    let asked = format!("Is budget of {} left?", budget.title);
    vec![
        String::new(),
        head("fail", "budget", &asked),
        format!("{INDENT}{}", budget.words),
        format!("{INDENT}See {}", budget.link),
    ]
}

fn head(verdict: &str, level: &str, asked: &str) -> String {
    format!("  {verdict:<8}{level:<8}{asked}")
}

fn plain(line: &str) -> String {
    line.replace(char::is_control, "\u{fffd}")
}

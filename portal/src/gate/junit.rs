//! The outcome of a gate as JUnit XML: a suite for each template, a case for each item.

use anyhow::Context;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use seaworthy_checklist::Verdict;

use crate::view::readiness::gate::{GateBudget, GateBuild, GateItem, GateTemplate, GateView};

pub(super) fn of(gate: &GateView) -> anyhow::Result<String> {
    let mut report = Report::new(format!("gate of {} for {}", gate.service, gate.level.as_str()));
    report.add_test_suites(gate.templates.iter().map(template));
    if let Some(budgets) = &gate.budgets {
        report.add_test_suite(suite("error budgets", budgets.iter().map(budget)));
    }
    if let Some(asked) = &gate.build {
        report.add_test_suite(suite("build", [build(asked)]));
    }
    report.to_string().context("could not write JUnit XML")
}

fn template(of: &GateTemplate) -> TestSuite {
    let name = &of.template.id;
    suite(name, of.items.iter().map(|judged| item(judged, name)))
}

fn suite(name: &str, cases: impl IntoIterator<Item = TestCase>) -> TestSuite {
    let mut suite = TestSuite::new(name);
    suite.add_test_cases(cases);
    suite
}

fn item(item: &GateItem, template: &str) -> TestCase {
    let mut status = match item.verdict {
        Verdict::NotApplicable => TestCaseStatus::skipped(),
        _ if item.holds => TestCaseStatus::success(),
        _ => failure(item.verdict.as_str(), &mend(item)),
    };
    status.set_message(item.words.clone());
    let mut case = TestCase::new(item.question.clone(), status);
    case.set_classname(format!("{template}.{}", item.item));
    if item.holds {
        // No message stands with what succeeds.
        case.set_system_out(format!("{}: {}", item.verdict.as_str(), item.words));
    }
    case
}

/// What to do, line by line.
fn mend(item: &GateItem) -> String {
    let lines = [Some(item.words.clone()), item.next.clone(), item.elsewhere(), Some(item.link.clone())];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn budget(budget: &GateBudget) -> TestCase {
    let mend = format!("{}\n{}", budget.words, budget.link);
    simple(&budget.title, ("budget", budget.holds), &budget.words, &mend)
}

fn build(build: &GateBuild) -> TestCase {
    simple(&build.version, ("build", build.holds), &build.words, &build.words)
}

fn simple(name: &str, (kind, holds): (&str, bool), words: &str, mend: &str) -> TestCase {
    let mut status = if holds { TestCaseStatus::success() } else { failure("fail", mend) };
    status.set_message(words);
    let mut case = TestCase::new(name, status);
    case.set_classname(kind);
    case
}

fn failure(kind: &str, mend: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(kind).set_description(mend);
    status
}

//! Prometheus, with the rules that the portal hands out, fires and resolves in the same minute as the portal; where it does
//! not, the scenario says why.

use std::{fs, path::Path, process::Command};

use seaworthy_openslo::{Definition, Histograms, to_prometheus};
use seaworthy_slo::{
    AlertSpec, BudgetingSpec, Counter, Counts, Exclusions, Ledger, Minute, Scope, Severity, Sli, Slo,
    SloSpec, WindowSpec,
};
use serde_json::{Value, json};

const DAY: u32 = 24 * 60;
/// Samples of a minute: the shortest window must hold several.
const SAMPLES: u64 = 4;

/// Some minutes that are alike.
#[derive(Clone, Copy)]
struct Stretch {
    minutes: u64,
    /// Requests of a minute.
    requests: u64,
    /// How many of them failed.
    bad: u64,
    what: What,
}

#[derive(Clone, Copy, PartialEq)]
enum What {
    /// The process tells of itself.
    Told,
    /// It goes on counting, and nobody hears of it.
    Silent,
    /// A new process begins to count from zero.
    Restarted,
}

const fn told(minutes: u64, requests: u64, bad: u64) -> Stretch {
    Stretch { minutes, requests, bad, what: What::Told }
}

/// Minutes in which an alert fires, from one to before another.
type Fires = &'static [(usize, usize)];

struct Scenario {
    name: &'static str,
    rules: &'static [usize],
    budgeting: BudgetingSpec,
    minutes: &'static [Stretch],
    page: Fires,
    ticket: Fires,
    /// When Prometheus fires, where that is not the same, and why.
    differs: Option<(Fires, &'static str)>,
    /// Prometheus hears of the first failures only when they have happened.
    unannounced: bool,
}

const SAME: Scenario = Scenario {
    name: "",
    rules: &[0, 1],
    budgeting: BudgetingSpec::Occurrences,
    minutes: &[],
    page: &[],
    ticket: &[],
    differs: None,
    unannounced: false,
};

const QUIET: Stretch = told(360, 1_000, 0);

const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "outage",
        minutes: &[QUIET, told(10, 1_000, 1_000), told(60, 1_000, 0)],
        page: &[(361, 400)],
        ..SAME
    },
    Scenario {
        name: "a tenth fails",
        minutes: &[QUIET, told(15, 1_000, 100), told(60, 1_000, 0)],
        page: &[(369, 380)],
        ..SAME
    },
    Scenario {
        name: "exactly at the factor, and then above",
        rules: &[0],
        minutes: &[told(60, 10_000, 0), told(70, 10_000, 144), told(5, 10_000, 145), told(10, 10_000, 0)],
        page: &[(131, 136)],
        ..SAME
    },
    Scenario {
        name: "slow burn",
        rules: &[0, 2],
        minutes: &[told(1_440, 1_000, 0), told(1_200, 1_000, 4), told(150, 1_000, 0)],
        ticket: &[(2_521, 2_670)],
        ..SAME
    },
    Scenario {
        name: "flapping",
        rules: &[0],
        minutes: &[
            told(60, 1_000, 0),
            told(3, 1_000, 500),
            told(9, 1_000, 0),
            told(3, 1_000, 500),
            told(9, 1_000, 0),
        ],
        page: &[(62, 68), (73, 80)],
        ..SAME
    },
    Scenario {
        name: "few failures at night",
        rules: &[0],
        minutes: &[told(60, 1, 0), told(4, 1, 1), told(20, 1, 0), told(5, 1, 1), told(20, 1, 0)],
        page: &[(85, 94)],
        ..SAME
    },
    Scenario {
        name: "nobody asks, and then all fail",
        rules: &[0],
        minutes: &[told(60, 0, 0), told(8, 100, 100), told(20, 0, 0)],
        page: &[(61, 73)],
        ..SAME
    },
    Scenario {
        name: "the process is restarted in the outage",
        rules: &[0],
        minutes: &[
            told(60, 1_000, 0),
            told(5, 1_000, 400),
            Stretch { minutes: 5, requests: 1_000, bad: 400, what: What::Restarted },
            told(60, 1_000, 0),
        ],
        page: &[(63, 75)],
        ..SAME
    },
    Scenario {
        name: "slices of a minute",
        rules: &[0],
        budgeting: BudgetingSpec::Slices { minutes: 1, target_percent: 95.0 },
        minutes: &[told(60, 1_000, 0), told(20, 1_000, 50), told(7, 1_000, 51), told(60, 1_000, 0)],
        page: &[(85, 92)],
        ..SAME
    },
    Scenario {
        name: "nothing is heard for a while",
        rules: &[0],
        minutes: &[
            told(60, 1_000, 0),
            Stretch { minutes: 40, requests: 1_000, bad: 0, what: What::Silent },
            told(30, 1_000, 20),
            told(30, 1_000, 0),
        ],
        page: &[],
        differs: Some((&[(121, 132)], "what is not known spends nothing in the portal")),
        ..SAME
    },
    Scenario {
        name: "it falls silent while it burns",
        rules: &[0],
        minutes: &[
            told(60, 1_000, 0),
            told(10, 1_000, 500),
            Stretch { minutes: 30, requests: 0, bad: 0, what: What::Silent },
            told(30, 1_000, 0),
        ],
        page: &[(62, 101)],
        differs: Some((&[(62, 75)], "an alert of the portal is not ended by silence")),
        ..SAME
    },
    Scenario {
        name: "a young service",
        rules: &[0],
        minutes: &[told(10, 1_000, 0), told(50, 1_000, 50), told(30, 1_000, 0)],
        page: &[(28, 64)],
        differs: Some((&[(15, 64)], "what is not known spends nothing in the portal")),
        ..SAME
    },
    Scenario {
        name: "the first failures of all",
        rules: &[0],
        minutes: &[told(60, 1_000, 0), told(1, 1_000, 900), told(20, 1_000, 0)],
        page: &[(61, 66)],
        differs: Some((
            &[(61, 62)],
            "to Prometheus a series that it has not seen before counts from about its first sample on",
        )),
        unannounced: true,
        ..SAME
    },
];

impl Scenario {
    fn definition(&self) -> Definition {
        let rules = AlertSpec::recommended();
        let spec = SloSpec {
            sli: Sli::Availability { scope: Scope::default(), bad_statuses: vec![] },
            objective_percent: 99.9,
            window: WindowSpec::Rolling { minutes: 30 * DAY },
            budgeting: self.budgeting.clone(),
            alerts: self.rules.iter().map(|rule| rules[*rule]).collect(),
            least_failures: 5,
            runbook: None,
        };
        Definition::new("orders", "reception", spec)
    }

    fn each_minute(&self) -> impl Iterator<Item = (Stretch, bool)> {
        self.minutes.iter().flat_map(|some| {
            (0..some.minutes).map(|minute| (*some, minute == 0 && some.what == What::Restarted))
        })
    }

    /// When the portal fires: at the end of each minute, whether an alert does.
    fn portal(&self, slo: &Slo, severity: Severity) -> Vec<bool> {
        let mut ledger = Ledger::new(slo.budgeting);
        let mut unheard = Counts::default();
        let mut fires = false;
        self.each_minute()
            .enumerate()
            .map(|(minute, (some, _))| {
                let minute = i64::try_from(minute).unwrap();
                unheard += Counts::new(some.requests - some.bad, some.requests).unwrap();
                if some.what != What::Silent {
                    ledger.record(Minute(minute), std::mem::take(&mut unheard));
                }
                let end = minute + 1;
                let tally = |minutes: u32| {
                    ledger.tally(Minute(end - i64::from(minutes))..Minute(end), &Exclusions::default())
                };
                let (period, least) = (slo.period.minutes(), slo.least_failures);
                fires = slo.rules.iter().filter(|rule| rule.severity == severity).any(|rule| {
                    let (long, short) = (tally(rule.long_minutes), tally(rule.short_minutes));
                    rule.fires(&long, &short, slo.objective, period, least)
                        || (fires && rule.goes_on(&long, &short, slo.objective, period, least))
                });
                fires
            })
            .collect()
    }

    /// The same as series for promtool.
    fn series(&self) -> Value {
        let begin = if self.unannounced { "_" } else { "0" };
        let (mut good, mut bad) = (vec!["0".to_owned()], vec![begin.to_owned()]);
        let (mut good_count, mut bad_count) = (0, 0);
        for (some, restarted) in self.each_minute() {
            if restarted {
                (good_count, bad_count) = (0, 0);
            }
            let part = |whole: u64, index: u64| whole * (index + 1) / SAMPLES - whole * index / SAMPLES;
            for index in 0..SAMPLES {
                good_count += part(some.requests - some.bad, index);
                bad_count += part(some.bad, index);
                let sample = |count: u64| match some.what {
                    What::Silent => "_".to_owned(),
                    What::Told | What::Restarted => count.to_string(),
                };
                good.push(sample(good_count));
                let announced = bad_count > 0 || !self.unannounced;
                bad.push(if announced { sample(bad_count) } else { "_".to_owned() });
            }
        }
        let series = |status: u16, values: Vec<String>| {
            let name = "http_server_request_duration_seconds_count";
            let labels = format!(r#"{{job="reception",instance="1",http_response_status_code="{status}"}}"#);
            json!({"series": format!("{name}{labels}"), "values": values.join(" ")})
        };
        json!([series(200, good), series(503, bad)])
    }
}

/// From one minute to before another, for each time that it fires.
fn ranges(fires: &[bool]) -> Vec<(usize, usize)> {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for (index, _) in fires.iter().enumerate().filter(|(_, fires)| **fires) {
        match ranges.last_mut() {
            Some((_, end)) if *end == index + 1 => *end += 1,
            _ => ranges.push((index + 1, index + 2)),
        }
    }
    ranges
}

fn promtool(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let promtool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/promtool");
    assert!(promtool.exists(), "{} is missing; scripts/test fetches it", promtool.display());
    let output = Command::new(promtool).args(arguments).current_dir(folder).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&told).chars().take(3_000).collect())
    }
}

/// What Prometheus says at the end of each minute that it should be.
fn expected(severity: &str, minutes: usize, fires: &[(usize, usize)]) -> Vec<Value> {
    let fires = |minute: usize| fires.iter().any(|(from, to)| (*from..*to).contains(&minute));
    let alerts = format!(
        r#"count(ALERTS{{alertname="SloBurnRate",severity="{severity}",alertstate="firing"}}) or vector(0)"#
    );
    (1..=minutes)
        .map(|minute| {
            let samples = json!([{"labels": "{}", "value": u8::from(fires(minute))}]);
            json!({"expr": alerts, "eval_time": format!("{minute}m"), "exp_samples": samples})
        })
        .collect()
}

#[test]
fn prometheus_fires_and_resolves_when_the_portal_does() {
    let mut wrong = Vec::new();
    for scenario in SCENARIOS {
        let definition = scenario.definition();
        let slo = definition.spec().unwrap().check().unwrap();
        let page = scenario.portal(&slo, Severity::Page);
        let minutes = page.len();
        let (page, ticket) = (ranges(&page), ranges(&scenario.portal(&slo, Severity::Ticket)));
        if (page.as_slice(), ticket.as_slice()) != (scenario.page, scenario.ticket) {
            wrong.push(format!("{}: the portal: page {page:?}, ticket {ticket:?}", scenario.name));
        }
        let prometheus = scenario.differs.map_or(page.clone(), |(fires, _)| fires.to_vec());
        if let Some((_, why)) = scenario.differs
            && prometheus == page
        {
            wrong.push(format!("{}: Prometheus does not differ any more: {why}", scenario.name));
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("rules.yaml"),
            to_prometheus(&[definition], Histograms::Classic).unwrap(),
        )
        .unwrap();
        let mut tests = expected("page", minutes, &prometheus);
        tests.extend(expected("ticket", minutes, &ticket));
        let test = json!({
            "rule_files": ["rules.yaml"],
            "evaluation_interval": "1m",
            "tests": [{"interval": "15s", "input_series": scenario.series(), "promql_expr_test": tests}],
        });
        fs::write(folder.path().join("test.yaml"), test.to_string()).unwrap();
        let told = promtool(folder.path(), &["check", "rules", "rules.yaml"])
            .and_then(|()| promtool(folder.path(), &["test", "rules", "test.yaml"]));
        wrong.extend(told.err().map(|told| format!("{}: {told}", scenario.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Every kind of SLI, and texts that could break out of where they stand.
#[test]
fn promtool_has_nothing_against_any_rules() {
    let scope = Scope { routes: vec!["/o/{id}\"\\".into(), "/b".into()], methods: vec!["GET".into()] };
    let counter = |metric: &str| Counter {
        metric: metric.into(),
        attributes: [("order.result".to_owned(), "a \"b\"\n".to_owned())].into(),
    };
    let slis = [
        Sli::Availability { scope: scope.clone(), bad_statuses: vec![(400, 428), (500, 599)] },
        Sli::Latency { scope, threshold_ms: 1_000.0 },
        Sli::Ratio { good: counter("orders.ok"), total: counter("9 orders") },
        Sli::Failures { bad: counter("orders.lost"), total: counter("9 orders") },
    ];
    let slices = BudgetingSpec::Slices { minutes: 5, target_percent: 99.0 };
    let mut definitions = Vec::new();
    for (index, sli) in slis.into_iter().enumerate() {
        for (kind, budgeting) in [("events", BudgetingSpec::Occurrences), ("slices", slices.clone())] {
            let spec = SloSpec { sli: sli.clone(), ..SAME.definition().spec().unwrap().clone() };
            let spec = SloSpec { budgeting, alerts: AlertSpec::recommended(), ..spec };
            let definition = Definition::new(format!("slo-{index}-{kind}"), "a \"b\" \\ {{c}}", spec)
                .with_title("{{ title }} \"quoted\" # \n: all");
            definitions.push(definition);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    for histograms in [Histograms::Classic, Histograms::Native] {
        let rules = to_prometheus(&definitions, histograms).unwrap();
        fs::write(folder.path().join("rules.yaml"), &rules).unwrap();
        let checked = promtool(folder.path(), &["check", "rules", "rules.yaml"]);
        assert_eq!(checked, Ok(()), "{rules}");
    }
    fs::write(folder.path().join("rules.yaml"), "groups: [{name: a, rules: [{record: b, expr: '('}]}]")
        .unwrap();
    assert!(promtool(folder.path(), &["check", "rules", "rules.yaml"]).is_err(), "it would say so");
}

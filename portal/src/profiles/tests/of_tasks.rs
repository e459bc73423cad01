use super::*;

#[test]
fn tasks_that_look_the_same_are_one_group_and_those_in_code_of_the_service_come_first() {
    let mut made = Made::new(&[("wait", "nanoseconds"), ("tasks", "count")]);
    let labels = |longest, trace| {
        [("state", "idle", 0), ("longest", "", longest), ("polls", "", 2), ("trace", trace, 0)]
    };
    made.sample(
        "connection hyper::read@/root/.cargo/registry/src/x/hyper-1/src/h1.rs:4",
        &[90, 3],
        &labels(90, ""),
    );
    made.sample("order@src/bar.rs:12 shop::brew@src/bar.rs:20", &[10, 4], &labels(5, "7b1f"));
    made.sample("order@src/bar.rs:12 shop::brew@src/bar.rs:20", &[20, 2], &labels(15, "8c2a"));
    let told = tasks(&made.read().unwrap());
    let [order, connection] = &told.groups[..] else { panic!("{:?}", told.groups) };
    assert_eq!((connection.name.as_str(), connection.tasks), ("connection", 3));
    assert_eq!((order.tasks, order.together_nanos, order.polls), (6, 30, 4));
    assert_eq!((order.longest_nanos, order.trace.as_str()), (15, "8c2a"));
}

#[test]
fn tasks_are_told_with_where_they_wait() {
    let mut made = Made::new(&[("wait", "nanoseconds"), ("tasks", "count")]);
    for comment in [
        "coverage: 5 of 6",
        "slow polls: 2, longest 1200000000 ns, latest 40 ns before: brew, spawned at src/bar.rs:12",
        "slow polls: 1, longest 700 ns: grind",
        "odd",
    ] {
        let comment = made.text(comment);
        made.0.comment.push(comment);
    }
    let labels = [
        ("state", "idle", 0),
        ("longest", "", 900),
        ("polls", "", 12),
        ("busy", "", 77),
        ("trace", "7b1f", 0),
    ];
    made.sample(
        "brew@src/bar.rs:12 shop::brew@src/bar.rs:20 beans::Grinder::next tokio::sync::Mutex::lock",
        &[1_000, 4],
        &labels,
    );
    made.sample("grind@src/bar.rs:40", &[5, 1], &[("state", "running", 0)]);
    let told = tasks(&made.read().unwrap());
    assert_eq!((told.coverage.as_str(), told.notes), ("5 of 6", vec!["odd".to_owned()]));
    assert_eq!((told.slow_polls[0].polls, told.slow_polls[0].longest_nanos), (2, 1_200_000_000));
    assert_eq!(told.slow_polls[0].place, "brew, spawned at src/bar.rs:12");
    assert_eq!(told.slow_polls.iter().map(|slow| slow.latest_nanos).collect::<Vec<_>>(), [Some(40), None]);
    assert_eq!((told.slow_polls[1].longest_nanos, told.slow_polls[1].place.as_str()), (700, "grind"));
    let [running, waiting] = &told.groups[..] else { panic!("{:?}", told.groups) };
    assert_eq!((running.name.as_str(), running.longest_nanos), ("grind", 5));
    assert_eq!((waiting.tasks, waiting.longest_nanos, waiting.polls, waiting.busy_nanos), (4, 900, 12, 77));
    assert_eq!((waiting.spawned_at.as_str(), waiting.trace.as_str()), ("src/bar.rs:12", "7b1f"));
    let stack = [
        ("tokio::sync::Mutex::lock", "", Code::Runtime),
        // Of another crate: the files of the service are known.
        ("beans::Grinder::next", "", Code::Dependency),
        ("shop::brew", "src/bar.rs:20", Code::Own),
    ];
    let told = waiting.stack.iter().map(|call| (call.name.as_str(), call.place.as_str(), call.code));
    assert_eq!(told.collect::<Vec<_>>(), stack);
}

use super::*;

#[test]
fn what_became_less_is_left_out_of_the_picture_and_not_of_the_table() {
    let profile = Made::cpu(&[("main grow", 5), ("main shrink", -3)]);
    assert_eq!(shown(&profile, shape(&profile)), ["all 5 0", " main 5 0", "  grow 5 5"]);
    assert_eq!(profile.total(1), 2);
    assert!(functions(&profile, 1).iter().any(|taken| taken.own == -3));
}

#[test]
fn a_difference_is_of_shares() {
    let mut before = Made::cpu(&[("main serve", 50), ("main idle", 50)]);
    // Twice as long, and of that a half in what is new.
    let mut after = Made::cpu(&[("main serve", 50), ("main idle", 50), ("main serve regex", 100)]);
    (before.duration_nanos, after.duration_nanos) = (100, 200);
    let told = diff((&before, shape(&before)), (&after, shape(&after)));
    assert!(!told.is_of_moments);
    let node = |name: &str| told.nodes.iter().find(|node| node.name == name).unwrap();
    assert_eq!((node("serve").before, node("serve").after), (0.5, 0.75));
    assert_eq!((node("regex").before, node("regex").after), (0.0, 0.5));
    assert_eq!((told.nodes[0].before, told.nodes[0].after), (1.0, 1.0));
    assert_eq!((told.changes[0].name.as_str(), told.changes[0].own()), ("regex", 0.5));
    assert_eq!(told.changes.iter().find(|change| change.name == "main").unwrap().own(), 0.0);
    let inverted = Shape { inverted: true, ..shape(&before) };
    let same = diff((&before, inverted), (&before, inverted));
    assert!(same.changes.iter().all(|change| change.own() == 0.0));
}

#[test]
fn what_a_moment_shows_is_compared_by_what_it_is() {
    // As those of a heap: what stays as it is has not changed, however small a part of the whole it has become.
    let before = Made::cpu(&[("shop::keep@src/keep.rs:2 alloc::grow", 60), ("shop::gone@src/keep.rs:9", 40)]);
    let after = Made::cpu(&[
        ("shop::keep@src/keep.rs:2 alloc::grow", 60),
        ("shop::leak@src/leak.rs:4 alloc::grow", 140),
    ]);
    let told = diff((&before, shape(&before)), (&after, shape(&after)));
    assert!(told.is_of_moments);
    let causes: Vec<_> = told
        .causes
        .iter()
        .map(|change| {
            (change.cause.name.as_str(), change.cause.place.as_str(), change.value_before, change.value_after)
        })
        .collect();
    let expected = [
        ("shop::leak", "src/leak.rs:4", 0, 140),
        ("shop::gone", "src/keep.rs:9", 40, 0),
        ("shop::keep", "src/keep.rs:2", 60, 60),
    ];
    assert_eq!(causes, expected);
    let node = |name: &str| told.nodes.iter().find(|node| node.name == name).unwrap();
    assert_eq!((node("shop::keep").before, node("shop::keep").after), (0.3, 0.3));
    assert_eq!((told.nodes[0].before, told.nodes[0].after), (0.5, 1.0));
    let grown = told.changes.iter().find(|change| change.name == "alloc::grow").unwrap();
    assert_eq!((grown.own_before, grown.own_after), (0.3, 1.0));

    // What was allocated since the beginning is more the longer the process has run.
    let allocated = |bytes| {
        let mut made = Made::new(&[("alloc_space", "bytes")]);
        made.sample("shop::keep@src/keep.rs:2", &[bytes], &[]);
        made.read().unwrap()
    };
    let (young, old) = (allocated(10), allocated(1_000));
    let told = diff((&young, shape(&young)), (&old, shape(&old)));
    assert!(!told.is_of_moments);
    assert!(told.causes.iter().all(|change| change.change() == 0.0), "{:?}", told.causes);
}

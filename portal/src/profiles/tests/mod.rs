mod code;
mod compare;
mod of_tasks;

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use prost::Message;
use seaworthy_protocol::pprof as proto;

use super::{
    Code, Shape, Unreadable, causes, diff, functions, inflated, is_led_to_service,
    read::{self, Profile},
    tasks, tree, weight,
};

/// Puts a profile together: each sample a stack, the outermost function first, and its values.
#[derive(Default)]
struct Made(proto::Profile);

impl Made {
    fn new(types: &[(&str, &str)]) -> Self {
        let mut made = Self::default();
        made.text("");
        for (name, unit) in types {
            let of = proto::ValueType { kind: made.text(name), unit: made.text(unit) };
            made.0.sample_type.push(of);
        }
        made
    }

    fn cpu(samples: &[(&str, i64)]) -> Profile {
        let mut made = Self::new(&[("samples", "count"), ("cpu", "nanoseconds")]);
        for (stack, value) in samples {
            made.sample(stack, &[1, *value], &[]);
        }
        made.read().unwrap()
    }

    fn text(&mut self, text: &str) -> i64 {
        let known = self.0.string_table.iter().position(|known| known == text);
        known.unwrap_or_else(|| {
            self.0.string_table.push(text.to_owned());
            self.0.string_table.len() - 1
        }) as i64
    }

    fn sample(&mut self, stack: &str, values: &[i64], labels: &[(&str, &str, i64)]) {
        let functions: Vec<&str> = stack.split_whitespace().rev().collect();
        let location_id = functions.into_iter().map(|function| self.location(function)).collect();
        let label = labels
            .iter()
            .map(|(key, text, number)| proto::Label {
                key: self.text(key),
                text: self.text(text),
                number: *number,
                unit: 0,
            })
            .collect();
        self.0.sample.push(proto::Sample { location_id, value: values.to_vec(), label });
    }

    /// `function@file:7`
    fn location(&mut self, function: &str) -> u64 {
        let (function, place) = function.split_once('@').unwrap_or((function, ""));
        let (file, line) = place.split_once(':').unwrap_or((place, "0"));
        let (name, filename, id) = (self.text(function), self.text(file), self.0.function.len() as u64 + 1);
        self.0.function.push(proto::Function { id, name, system_name: 0, filename });
        let line = vec![proto::Line { function_id: id, line: line.parse().unwrap() }];
        self.0.location.push(proto::Location { id, mapping_id: 0, address: 0, line });
        id
    }

    fn read(&self) -> Result<Profile, Unreadable> {
        read::read(&self.0.encode_to_vec())
    }
}

fn shape(profile: &Profile) -> Shape {
    Shape { of: profile.shown_first, ..Shape::default() }
}

fn shown(profile: &Profile, shape: Shape) -> Vec<String> {
    let tree = tree(profile, shape);
    let mut lines = Vec::new();
    let mut waiting = vec![(0, 0)];
    while let Some((index, depth)) = waiting.pop() {
        let node = tree.node(index);
        let name = node.function.map_or("all", |function| profile.function(function).name.as_str());
        lines.push(format!("{}{name} {} {}", " ".repeat(depth), node.total, node.own));
        waiting.extend(node.children.iter().rev().map(|child| (*child, depth + 1)));
    }
    lines
}

#[test]
fn samples_become_a_tree_the_largest_first() {
    let profile =
        Made::cpu(&[("main idle", 1), ("main serve price", 5), ("main serve", 2), ("main serve price", 3)]);
    assert_eq!(profile.types[profile.shown_first].name, "cpu", "the last, unless it says otherwise");
    let expected = ["all 11 0", " main 11 0", "  serve 10 2", "   price 8 8", "  idle 1 1"];
    assert_eq!(shown(&profile, shape(&profile)), expected);
    let expected = [
        "all 11 0",
        " price 8 0",
        "  serve 8 0",
        "   main 8 8",
        " serve 2 0",
        "  main 2 2",
        " idle 1 0",
        "  main 1 1",
    ];
    assert_eq!(shown(&profile, Shape { inverted: true, ..shape(&profile) }), expected);
    let tree = tree(&profile, shape(&profile));
    let deepest = tree.nodes.iter().position(|node| node.total == 8).unwrap() as u32;
    assert_eq!(tree.path(deepest).len(), 4);
}

#[test]
fn a_function_that_calls_itself_counts_once() {
    let profile = Made::cpu(&[("main walk walk walk", 6), ("main walk leaf", 4)]);
    let told: Vec<_> = functions(&profile, profile.shown_first)
        .into_iter()
        .map(|taken| (profile.function(taken.function).name.clone(), taken.own, taken.total))
        .collect();
    let expected = [("walk".to_owned(), 6, 10), ("leaf".to_owned(), 4, 4), ("main".to_owned(), 0, 10)];
    assert_eq!(told, expected);
}

#[test]
fn what_others_do_counts_for_the_function_of_the_service_that_called_them() {
    let profile = Made::cpu(&[
        ("std::rt::begin shop::main tokio::run shop::serve serde::write@/.cargo/serde.rs:1 core::fmt", 6),
        ("std::rt::begin shop::main tokio::run shop::serve::{{closure}}::{{closure}} alloc::grow", 4),
        ("std::rt::begin shop::main shop::keep", 9),
        ("std::rt::begin shop::main shop::shrink", -3),
        ("std::rt::begin tokio::run", 5),
    ]);
    let caused = causes(&profile, profile.shown_first);
    let caused: Vec<_> = caused.iter().map(|cause| (cause.name.as_str(), cause.value)).collect();
    assert_eq!(caused, [("shop::serve", 10), ("shop::keep", 9)]);
}

#[test]
fn a_cause_is_told_with_its_heaviest_line_and_who_calls_it_mostly() {
    let profile = Made::cpu(&[
        (
            "shop::main@src/main.rs:3 shop::serve@src/shop.rs:7 shop::print::{{closure}}@src/print.rs:4 alloc::grow",
            3,
        ),
        ("shop::main@src/main.rs:3 shop::serve@src/shop.rs:8 shop::print@src/print.rs:9 alloc::grow", 5),
        (
            "shop::main@src/main.rs:4 shop::close@src/shop.rs:30 shop::print@src/print.rs:9 shop::print@src/print.rs:9",
            4,
        ),
        ("shop::main@src/main.rs:9", 1),
        // Nobody of the service calls most of this, and of the rest one function at several lines.
        ("clone3 shop::tick@src/tick.rs:2", 9),
        ("shop::serve@src/shop.rs:9 shop::tick@src/tick.rs:2", 1),
        ("shop::serve@src/shop.rs:1 shop::pay@src/pay.rs:2", 4),
        ("shop::serve@src/shop.rs:2 shop::pay@src/pay.rs:2", 4),
        ("shop::close@src/shop.rs:30 shop::pay@src/pay.rs:2", 5),
    ]);
    let caused = causes(&profile, profile.shown_first);
    let told: Vec<_> = caused
        .iter()
        .map(|cause| {
            let caller = cause.caller.as_ref().map(|(name, place)| (name.as_str(), place.as_str()));
            (cause.name.as_str(), cause.value, cause.place.as_str(), caller)
        })
        .collect();
    let expected = [
        ("shop::pay", 13, "src/pay.rs:2", Some(("shop::serve", "src/shop.rs:1"))),
        ("shop::print", 12, "src/print.rs:9", Some(("shop::serve", "src/shop.rs:8"))),
        ("shop::tick", 10, "src/tick.rs:2", None),
        ("shop::main", 1, "src/main.rs:9", None),
    ];
    assert_eq!(told, expected);
}

#[test]
fn stacks_can_begin_with_the_code_of_the_service() {
    let profile = Made::cpu(&[
        ("clone3 shop::main tokio::run shop::serve@src/shop.rs:7 tokio::lock", 5),
        ("clone3 tokio::run shop::serve@src/shop.rs:7 shop::price@src/shop.rs:9", 3),
        ("clone3 shop::main tokio::run", 2),
        ("clone3 std::run sqlx::worker@/root/.cargo/sqlx.rs:7 sqlite3_step", 4),
        ("clone3 tokio::park", 1),
    ]);
    assert!(is_led_to_service(&profile));
    let expected = [
        "all 15 0",
        " shop::serve 8 0",
        "  tokio::lock 5 5",
        "  shop::price 3 3",
        " sqlx::worker 4 0",
        "  sqlite3_step 4 4",
        " shop::main 2 0",
        "  tokio::run 2 2",
        " clone3 1 0",
        "  tokio::park 1 1",
    ];
    let from_service = Shape { from_service: true, ..shape(&profile) };
    assert_eq!(shown(&profile, from_service), expected);
    let inverted = shown(&profile, Shape { inverted: true, ..from_service });
    assert_eq!(inverted[..3], ["all 15 0", " tokio::lock 5 0", "  shop::serve 5 5"]);
    assert!(!is_led_to_service(&Made::cpu(&[("shop::serve shop::price", 1), ("clone3 tokio::park", 1)])));
}

#[test]
fn what_was_inlined_stands_within_what_it_was_inlined_into() {
    let mut made = Made::new(&[("cpu", "nanoseconds")]);
    made.sample("main outer", &[7], &[]);
    let inner = made.text("inner");
    made.0.function.push(proto::Function { id: 77, name: inner, system_name: 0, filename: 0 });
    // The innermost first.
    let location = made.0.location.iter_mut().find(|location| location.line[0].function_id == 1).unwrap();
    location.line.insert(0, proto::Line { function_id: 77, line: 3 });
    let profile = made.read().unwrap();
    assert_eq!(shown(&profile, shape(&profile)), ["all 7 0", " main 7 0", "  outer 7 0", "   inner 7 7"]);
}

#[test]
fn a_place_without_a_name_is_told_by_file_and_address_and_of_a_library_by_its_file() {
    let mut made = Made::new(&[("cpu", "nanoseconds")]);
    let filename = made.text("/app/reception");
    let mapping = proto::Mapping {
        id: 1,
        memory_start: 0x7000,
        memory_limit: 0x9000,
        file_offset: 0x1000,
        filename,
        ..Default::default()
    };
    made.0.mapping.push(mapping);
    let filename = made.text("/lib/libssl.so.3");
    made.0.mapping.push(proto::Mapping { id: 2, filename, ..Default::default() });
    for (id, mapping_id, address) in [(9, 1, 0x7123), (10, 2, 0x9001), (11, 2, 0x9002)] {
        made.0.location.push(proto::Location { id, mapping_id, address, line: vec![] });
        made.0.sample.push(proto::Sample { location_id: vec![id], value: vec![1], label: vec![] });
    }
    let profile = made.read().unwrap();
    let names: Vec<_> = profile.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["[reception+0x1123]", "[libssl.so.3]"]);
}

#[test]
fn what_does_not_hold_together_is_refused_with_its_reason() {
    let good = || {
        let mut made = Made::new(&[("cpu", "nanoseconds")]);
        made.sample("main", &[7], &[]);
        made
    };
    assert!(good().read().is_ok());
    type Break = fn(&mut proto::Profile);
    let cases: [(Break, &str); 6] = [
        (|profile| profile.sample_type.clear(), "what its values mean"),
        (|profile| profile.sample[0].value.push(1), "2 values for 1 types"),
        (|profile| profile.sample[0].location_id.push(99), "no location of id 99"),
        (|profile| profile.location[0].line[0].function_id = 98, "no function of id 98"),
        (|profile| profile.function[0].name = 97, "no text of number 97"),
        (|profile| profile.function[0].filename = -1, "no text of number -1"),
    ];
    for (spoil, expected) in cases {
        let mut made = good();
        spoil(&mut made.0);
        let why = made.read().unwrap_err().to_string();
        assert!(why.contains(expected), "{why}");
    }
    assert!(matches!(read::read(b"no profile"), Err(Unreadable::Proto(_))));
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn bombs_are_told_without_going_off() {
    let zeros = gzip(&vec![0; 40 << 20]);
    assert!(zeros.len() < 64 << 10);
    assert_eq!(inflated(&zeros), Err(Unreadable::InflatesTooFar));
    assert_eq!(inflated(&vec![1; (16 << 20) + 1]), Err(Unreadable::TooLarge));
    assert!(matches!(inflated(&[0x1f, 0x8b, 8, 0]), Err(Unreadable::Gzip(_))));
    // Two bytes each, and a hundred once they are read.
    let empty_samples = [0x12, 0x00].repeat(1_000_001);
    assert_eq!(weight(&empty_samples), Err(Unreadable::TooMany));
    let few = proto::Profile { string_table: vec![String::new(); 10], ..Default::default() }.encode_to_vec();
    assert!(weight(&few).unwrap() >= few.len());
    assert!(matches!(weight(&[0x12, 0xff]), Err(Unreadable::Proto(_))));
    assert_eq!(inflated(&gzip(&few)).unwrap(), few);
}

#[test]
fn deep_stacks_keep_what_is_innermost() {
    let mut made = Made::new(&[("cpu", "nanoseconds")]);
    let stack = format!("{}leaf", "walk ".repeat(5_000));
    made.sample(&stack, &[1], &[]);
    let profile = made.read().unwrap();
    let stack = &profile.samples[0].stack;
    assert_eq!(stack.len(), 512);
    assert_eq!(profile.function(stack[511].function).name, "leaf");
}

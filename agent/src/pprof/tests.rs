//! Profiles of this very test binary.

use std::io::Read;

use prost::Message;

use super::*;
use crate::pprof::proto;

const KINDS: [Kind; 2] = [Kind { name: "objects", unit: "count" }, Kind { name: "space", unit: "bytes" }];

#[inline(never)]
fn somewhere_to_be_found() -> u64 {
    std::hint::black_box(17)
}

fn decoded(profile: Profile) -> proto::Profile {
    let (encoded, mut message) = (profile.encode().unwrap(), Vec::new());
    flate2::read::GzDecoder::new(&*encoded).read_to_end(&mut message).unwrap();
    proto::Profile::decode(&*message).unwrap()
}

fn text(profile: &proto::Profile, index: i64) -> &str {
    &profile.string_table[index as usize]
}

#[test]
fn an_address_becomes_a_function_with_file_and_line() {
    let address = somewhere_to_be_found as fn() -> u64 as usize as u64;
    let found = Symbols::of_this_process().at(address);
    let outermost = found.last().unwrap();
    assert_eq!(outermost.function, "seaworthy_agent::pprof::tests::somewhere_to_be_found");
    assert!(outermost.file.ends_with("src/pprof/tests.rs"), "{outermost:?}");
    assert!(outermost.line > 0, "{outermost:?}");
    assert_eq!(Symbols::of_this_process().at(16), []);
}

#[test]
fn mappings_keep_what_a_stripped_binary_needs() {
    let address = somewhere_to_be_found as fn() -> u64 as usize as u64;
    let mut profile = Profile::new(&KINDS);
    profile.sample(&[Frame::Instruction(address)], &[1, 2], &[]);
    let profile = decoded(profile);
    let (mapping, location) = (&profile.mapping[0], &profile.location[0]);
    assert_eq!((location.mapping_id, location.address), (mapping.id, address));
    assert!((mapping.memory_start..mapping.memory_limit).contains(&address));
    let program = std::env::current_exe().unwrap();
    assert_eq!(text(&profile, mapping.filename), program.to_str().unwrap());
    let build_id = text(&profile, mapping.build_id);
    assert!(build_id.len() >= 16 && build_id.chars().all(|digit| digit.is_ascii_hexdigit()), "{build_id:?}");
    assert!(mapping.has_functions && mapping.has_filenames && mapping.has_line_numbers);
}

#[test]
fn every_text_function_and_location_is_there_once() {
    let place = |function: &str, line| {
        Frame::Place(Symbol { function: function.into(), file: "shop.rs".into(), line, ..Symbol::default() })
    };
    let mut profile = Profile::new(&KINDS);
    profile.set_period(KINDS[1], 512);
    profile.comment("of a coffee shop");
    let labels = [
        Label { key: "state", value: LabelValue::Text("idle") },
        Label { key: "waiting", value: LabelValue::Number(7, "seconds") },
    ];
    profile.sample(&[place("brew", 3), place("order", 9)], &[1, 2], &labels);
    profile.sample(&[place("brew", 4), place("order", 9)], &[3, 4], &[]);
    let profile = decoded(profile);
    let program = &profile.mapping[0];
    let of_program = [text(&profile, program.filename), text(&profile, program.build_id)];
    let texts = profile.string_table.iter().map(String::as_str).filter(|text| !of_program.contains(text));
    assert_eq!(
        texts.collect::<Vec<_>>(),
        [
            "",
            "objects",
            "count",
            "space",
            "bytes",
            "of a coffee shop",
            "brew",
            "shop.rs",
            "order",
            "state",
            "idle",
            "waiting",
            "seconds",
        ]
    );
    assert_eq!((profile.function.len(), profile.location.len()), (2, 3));
    assert_eq!(profile.sample[0].location_id, [1, 2]);
    assert_eq!(profile.sample[1].location_id, [3, 2]);
    assert_eq!(profile.sample[1].value, [3, 4]);
    let told: Vec<_> = profile.sample[0].label.iter().map(|label| text(&profile, label.key)).collect();
    assert_eq!((told, profile.sample[0].label[1].number), (vec!["state", "waiting"], 7));
    assert_eq!((profile.period, text(&profile, profile.comment[0])), (512, "of a coffee shop"));
}

#[test]
fn an_address_of_nothing_stays_an_address() {
    let mut profile = Profile::new(&KINDS);
    profile.sample(&[Frame::Return(17)], &[1, 1], &[]);
    let profile = decoded(profile);
    let location = &profile.location[0];
    assert_eq!((location.address, location.mapping_id, location.line.len()), (16, 0, 0));
}

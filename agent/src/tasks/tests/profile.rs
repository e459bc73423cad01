//! Dumps as profiles for `go tool pprof`.

use std::{future::pending, io::Read, thread};

use prost::Message;
use tokio::sync::{Notify, oneshot};

use super::{current_thread, dumped_bytes};
use crate::{
    pprof::proto,
    tasks::{dump::Form, spawn_named},
};

#[inline(never)]
async fn waits_for_guests() {
    Notify::new().notified().await;
}

struct Sample {
    tasks: i64,
    wait: i64,
    /// The innermost first.
    functions: Vec<String>,
    labels: Vec<(String, String)>,
}

fn samples(body: &[u8]) -> Vec<Sample> {
    let mut message = Vec::new();
    flate2::read::GzDecoder::new(body).read_to_end(&mut message).unwrap();
    let profile = proto::Profile::decode(&*message).unwrap();
    let text = |index: i64| profile.string_table[usize::try_from(index).unwrap()].clone();
    let kinds: Vec<_> = profile.sample_type.iter().map(|kind| (text(kind.kind), text(kind.unit))).collect();
    assert_eq!(kinds, [("wait".into(), "nanoseconds".into()), ("tasks".into(), "count".into())]);
    assert!(text(profile.comment[0]).starts_with("coverage: "));
    let functions = |location: &u64| {
        let location = profile.location.iter().find(|known| known.id == *location).unwrap();
        let function = |line: &proto::Line| {
            text(profile.function.iter().find(|known| known.id == line.function_id).unwrap().name)
        };
        location.line.iter().map(function).collect::<Vec<_>>()
    };
    let sample = |sample: &proto::Sample| Sample {
        tasks: sample.value[1],
        wait: sample.value[0],
        functions: sample.location_id.iter().flat_map(functions).collect(),
        labels: sample.label.iter().map(|label| (text(label.key), text(label.text))).collect(),
    };
    profile.sample.iter().map(sample).collect()
}

#[test]
fn a_profile_tells_how_many_tasks_wait_where_and_how_long() {
    current_thread().block_on(async {
        for _ in 0..3 {
            spawn_named("of a profile", waits_for_guests());
        }
        spawn_named("of a profile, without a stack", pending::<()>());
        tokio::task::yield_now().await;
        let (tell, told) = oneshot::channel();
        thread::spawn(move || tell.send(dumped_bytes(Form::Profile)));
        let samples = samples(&told.await.unwrap());
        let label = |name: &str| ("name".to_owned(), name.to_owned());
        let of = |name: &str| samples.iter().find(|sample| sample.labels.contains(&label(name))).unwrap();
        let waiting = of("of a profile");
        assert_eq!(waiting.tasks, 3);
        assert!(waiting.wait > 0);
        assert!(waiting.labels.contains(&("state".into(), "idle".into())));
        let [.., future, origin] = &waiting.functions[..] else { panic!("{:?}", waiting.functions) };
        assert_eq!(origin, "of a profile");
        #[cfg(target_os = "linux")]
        assert_eq!(future, "seaworthy_agent::tasks::tests::profile::waits_for_guests::{{closure}}");
        assert_eq!(of("of a profile, without a stack").functions, ["of a profile, without a stack"]);
    });
}

//! Where jemalloc is the allocator: an example as a process of its own.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use super::{get, go_tool_pprof, values};
use crate::kiosk::path_of;

struct Warehouse {
    process: Child,
    address: String,
}

impl Warehouse {
    fn open(settings: &str) -> Self {
        let mut process = Command::new(path_of("jemalloc"))
            .env("_RJEM_MALLOC_CONF", settings)
            .env("SEAWORTHY_SHUTDOWN_TIMEOUT", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { process, address: address.trim().to_owned() }
    }

    fn heap(&self, query: &str) -> (u16, Vec<u8>) {
        get(self.address.parse().unwrap(), &format!("/debug/pprof/heap{query}"), "")
    }
}

impl Drop for Warehouse {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn jemalloc_tells_who_holds_what() {
    let warehouse = Warehouse::open("prof:true,prof_accum:true,lg_prof_sample:17");
    let (status, profile) = warehouse.heap("");
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&profile));
    for kind in ["inuse_space", "alloc_space"] {
        let top = go_tool_pprof(&profile, &["-top", "-cum", "-unit=mb", &format!("-sample_index={kind}")]);
        let (_, hoarded) = values(&top, "jemalloc::hoard");
        assert!((hoarded / 32.0 - 1.0).abs() < 0.1, "{top}");
        assert!(!top.contains("_rjem_") && !top.contains("prof_"), "{top}");
    }
    // Nothing is hoarded any more.
    let (status, change) = warehouse.heap("?seconds=1");
    assert_eq!(status, 200);
    let top = go_tool_pprof(&change, &["-top", "-cum", "-sample_index=inuse_space"]);
    assert!(!top.contains("jemalloc::hoard"), "{top}");
}

#[test]
fn jemalloc_that_was_not_told_to_sample_is_said() {
    let (status, body) = Warehouse::open("prof:false").heap("");
    assert_eq!(status, 404, "{}", String::from_utf8_lossy(&body));
}

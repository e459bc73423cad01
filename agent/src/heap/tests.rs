//! The tables, and the wrapper around the system's allocator without being the process's.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    collections::HashSet,
    thread,
};

use super::{
    Sampling, Snapshot,
    capture::MAX_FRAMES,
    chance::{Estimate, if_due, may_be_due},
    live::{Live, Sampled},
    recorder::STACKS,
    stacks::Stacks,
};

const INTERVAL: u64 = 512 * 1024;

fn sampled(stack: usize) -> Sampled {
    Sampled { stack, estimate: Estimate::of(1 << 20, INTERVAL) }
}

#[test]
fn each_byte_has_the_same_chance() {
    for size in [16, 1_000, 100_000, 3_000_000] {
        let (allocations, mut estimated, mut samples) = (400_000_000 / size, 0, 0_u64);
        for _ in 0..allocations {
            if may_be_due(size) {
                if_due(size, INTERVAL, || {
                    estimated += Estimate::of(size, INTERVAL).bytes;
                    samples += 1;
                });
            }
        }
        let ratio = estimated as f64 / (allocations * size) as f64;
        // Five standard deviations of a Poisson process.
        let tolerance = 5.0 / (samples as f64).sqrt();
        assert!((ratio - 1.0).abs() < tolerance, "{size}: {ratio} of what was allocated, {samples} samples");
    }
}

#[test]
fn a_sample_within_a_sample_is_none() {
    let mut outer = 0;
    if_due(usize::MAX, 1, || {
        outer += 1;
        if_due(usize::MAX, 1, || panic!("within"));
    });
    assert_eq!(outer, 1);
}

#[test]
fn an_estimate_is_the_inverse_of_the_chance() {
    assert_eq!(Estimate::of(100, 1), Estimate { objects: 1_000, bytes: 100 });
    // 1 - exp(-1) is 63 %.
    assert_eq!(Estimate::of(INTERVAL as usize, INTERVAL), Estimate { objects: 1_582, bytes: 829_411 });
    assert_eq!(Estimate::of(1 << 30, INTERVAL), Estimate { objects: 1_000, bytes: 1 << 30 });
}

#[test]
fn an_object_is_there_until_it_is_taken_out() {
    let live = Live::<64>::new();
    assert!(!live.may_have(0x1000) && live.remove(0x1000).is_none());
    assert!(live.insert(0x1000, sampled(7)));
    assert!(live.may_have(0x1000));
    assert_eq!(live.remove(0x1000), Some(sampled(7)));
    assert!(!live.may_have(0x1000) && live.remove(0x1000).is_none());
}

#[test]
fn a_full_table_says_so_and_keeps_what_it_has() {
    let live = Live::<64>::new();
    let kept: Vec<_> =
        (1..1_000).map(|n| n * 16).filter(|pointer| live.insert(*pointer, sampled(*pointer))).collect();
    assert!((32..=64).contains(&kept.len()), "{}", kept.len());
    for pointer in kept {
        assert_eq!(live.remove(pointer), Some(sampled(pointer)));
    }
    assert!(live.insert(16, sampled(1)));
}

#[test]
fn objects_come_and_go_on_many_threads() {
    let live = Live::<1024>::new();
    thread::scope(|scope| {
        for thread in 0..4 {
            let live = &live;
            scope.spawn(move || {
                for round in 0..20_000 {
                    let pointer = (1 + thread * 100_000 + round % 64) * 16;
                    assert!(live.insert(pointer, sampled(pointer)));
                    assert_eq!(live.remove(pointer), Some(sampled(pointer)));
                }
            });
        }
    });
    assert!((0..400_000).all(|n| !live.may_have(n * 16)));
}

#[test]
fn a_stack_has_one_number() {
    let stacks = Stacks::<64>::new();
    let numbers: Vec<_> = (0..40).map(|n| stacks.number(&[n, 2, 3])).collect();
    assert_eq!(numbers.iter().collect::<HashSet<_>>().len(), 40);
    assert_eq!((0..40).map(|n| stacks.number(&[n, 2, 3])).collect::<Vec<_>>(), numbers);
    assert_eq!(stacks.frames(numbers[5]), [5, 2, 3]);
}

#[test]
fn stacks_beyond_the_table_share_one_number() {
    let stacks = Stacks::<64>::new();
    let numbers: HashSet<_> = (0..1_000).map(|n| stacks.number(&[n; MAX_FRAMES])).collect();
    assert_eq!((numbers.len(), numbers.contains(&64)), (65, true));
    assert_eq!(stacks.frames(64), [0; 0]);
    stacks.allocated(64, Estimate { objects: 1_000, bytes: 9 });
    assert_eq!(stacks.totals()[64].allocated.bytes, 9);
}

/// What is in use by all that was allocated through a wrapper in this test process, which is not its global allocator.
fn in_use() -> (u64, u64) {
    let totals = STACKS.totals();
    let bytes = |of: fn(&super::stacks::Totals) -> u64| totals.iter().map(of).sum::<u64>();
    (bytes(|total| total.allocated.bytes), bytes(|total| total.freed.bytes))
}

#[test]
fn the_wrapper_follows_an_object_from_call_to_call() {
    let allocator = Sampling::every(1, System);
    let layout = Layout::from_size_align(1_000, 8).unwrap();
    let before = in_use();
    let change = || (in_use().0 - before.0, in_use().1 - before.1);
    #[expect(unsafe_code, reason = "that is how an allocator is called")]
    // SAFETY: each pointer is used with the layout it was allocated with, and freed once.
    unsafe {
        let one = allocator.alloc(layout);
        assert_eq!(change(), (1_000, 0));
        let one = allocator.realloc(one, layout, 3_000);
        assert_eq!(change(), (4_000, 1_000));
        let two = allocator.alloc_zeroed(layout);
        assert_eq!((0..1_000).map(|n| u32::from(*two.add(n))).sum::<u32>(), 0);
        assert_eq!(change(), (5_000, 1_000));
        // More than there is: the object stays.
        assert!(allocator.realloc(two, layout, isize::MAX as usize - 4_096).is_null());
        let (allocated, freed) = change();
        assert_eq!(allocated - freed, 4_000);
        allocator.dealloc(two, layout);
        allocator.dealloc(one, Layout::from_size_align(3_000, 8).unwrap());
    }
    let (allocated, freed) = change();
    assert_eq!(allocated, freed);
    assert!(super::profile(None, &Snapshot::now()).unwrap().len() > 100);
}

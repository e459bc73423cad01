//! For how long a profile is taken.

use seaworthy_protocol::ProfileKind;

use crate::problem::Problem;

/// Samples of the CPU for a profile that somebody waits for.
pub(crate) const USUAL_SECONDS: u32 = 10;

/// As many seconds as somebody has written, or as are usual for this kind where nothing is; of tasks they mean nothing.
pub(crate) fn seconds(kind: ProfileKind, written: Option<&str>) -> Result<u32, Problem> {
    let (usual, what, within) = match kind {
        ProfileKind::Cpu => (USUAL_SECONDS, "the CPU", kind.seconds()),
        ProfileKind::Heap => (0, "the heap", kind.seconds()),
        ProfileKind::Tasks => return Ok(0),
    };
    let Some(written) = written.map(str::trim).filter(|written| !written.is_empty()) else {
        return Ok(usual);
    };
    let seconds = written.parse().ok().filter(|seconds| within.contains(seconds));
    seconds.ok_or_else(|| {
        let (from, to) = (within.start(), within.end());
        Problem::new(
            http::StatusCode::UNPROCESSABLE_ENTITY,
            "A profile does not take so long",
            format!("seconds is {written}, but for {what} it must be a whole number from {from} to {to}. Nothing was asked."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use seaworthy_protocol::ProfileKind::{Cpu, Heap, Tasks};

    #[test]
    fn what_is_written_is_taken_within_bounds() {
        for (kind, written, expected) in [
            (Cpu, None, USUAL_SECONDS),
            (Cpu, Some(""), USUAL_SECONDS),
            (Cpu, Some(" 1 "), 1),
            (Cpu, Some("60"), 60),
            (Heap, None, 0),
            (Heap, Some("0"), 0),
            (Heap, Some("600"), 600),
            (Tasks, Some("soon"), 0),
        ] {
            assert_eq!(seconds(kind, written).ok(), Some(expected), "{kind:?} {written:?}");
        }
    }

    #[test]
    fn what_is_beyond_is_refused_and_not_bent() {
        let of_cpu = ["0", "61", "-1", "1.5", "soon", "99999999999"].map(|written| (Cpu, written, "1 to 60"));
        let of_heap = ["601", "-1", "all"].map(|written| (Heap, written, "0 to 600"));
        for (kind, written, may_be) in of_cpu.into_iter().chain(of_heap) {
            let problem = seconds(kind, Some(written)).unwrap_err();
            assert_eq!(problem.status(), http::StatusCode::UNPROCESSABLE_ENTITY);
            let detail = problem.detail();
            assert!(
                detail.contains(&format!("seconds is {written},")) && detail.contains(may_be),
                "{detail}"
            );
        }
    }
}

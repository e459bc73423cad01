use proptest::prelude::*;
use seaworthy_telemetry::histogram::{CountAtMost, ExplicitHistogram, ExponentialHistogram};

fn recorded(scale: i32, values: &[f64]) -> ExponentialHistogram {
    let mut histogram = ExponentialHistogram::empty(scale);
    for value in values {
        histogram.record(*value);
    }
    histogram
}

#[test]
fn buckets_lie_where_the_data_model_puts_them() {
    // (scale, value, bucket): bucket i holds (base^i, base^(i+1)].
    let cases = [
        (0, 1.0, -1),
        (0, 1.0001, 0),
        (0, 2.0, 0),
        (0, 4.0, 1),
        (0, 0.5, -2),
        (0, 0.3, -2),
        (-1, 4.0, 0),
        (-1, 16.0, 1),
        (-1, 17.0, 2),
        (3, 2.0, 7),
        (3, 2.0001, 8),
        (20, 8.0, 3 * (1 << 20) - 1),
    ];
    for (scale, value, bucket) in cases {
        let histogram = recorded(scale, &[value]);
        assert_eq!(
            (histogram.positive.offset, histogram.positive.counts.as_slice()),
            (bucket, [1].as_slice()),
            "{scale} {value}"
        );
    }
}

#[test]
fn signs_and_zero_are_told_apart() {
    let histogram = recorded(2, &[-2.0, 0.0, 0.0, 3.0]);
    assert_eq!((histogram.negative.count(), histogram.zero_count, histogram.positive.count()), (1, 2, 1));
    assert_eq!(histogram.quantile(0.5), Some(0.0));
    assert_eq!(histogram.sum, 1.0);
    assert_eq!(recorded(2, &[]).quantile(0.5), None);
}

#[test]
fn explicit_quantiles_are_those_of_prometheus() {
    let histogram = ExplicitHistogram { bounds: vec![0.1, 0.5, 1.0], counts: vec![10, 20, 10, 2], sum: 0.0 };
    let cases = [(0.0, 0.0), (0.5, 0.32), (0.25, 0.11), (1.0, 1.0)];
    for (q, expected) in cases {
        let value = histogram.quantile(q).unwrap();
        assert!((value - expected).abs() < 1e-9, "{q}: {value}");
    }
    assert_eq!(ExplicitHistogram::default().quantile(0.5), None);
    assert_eq!(histogram.count_at_most(0.5), CountAtMost { certain: 30, uncertain: 0 });
    assert_eq!(histogram.count_at_most(0.7), CountAtMost { certain: 30, uncertain: 10 });
    assert_eq!(histogram.count_at_most(9.0), CountAtMost { certain: 40, uncertain: 2 });
}

#[test]
fn explicit_histograms_of_other_bounds_keep_what_both_know() {
    let mut one = ExplicitHistogram { bounds: vec![0.1, 0.5, 1.0], counts: vec![1, 2, 3, 4], sum: 5.0 };
    one.merge(&ExplicitHistogram { bounds: vec![0.5, 2.0], counts: vec![10, 20, 30], sum: 6.0 });
    assert_eq!(one, ExplicitHistogram { bounds: vec![0.5], counts: vec![13, 57], sum: 11.0 });
}

#[test]
fn a_count_that_fell_is_a_reset() {
    let early = recorded(4, &[0.1, 0.2]);
    let late = recorded(3, &[0.1, 0.2, 0.3]);
    assert_eq!(late.since(&early).map(|since| since.count()), Some(1));
    assert_eq!(early.since(&late), None);
    assert_eq!(recorded(4, &[9.0]).since(&recorded(4, &[0.1])), None);
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-12.0f64..12.0).prop_map(f64::exp2), 1..200)
}

proptest! {
    /// Merging is adding: any split of the values gives the histogram of all of them.
    #[test]
    fn merged_parts_are_the_whole(values in values(), cut in any::<prop::sample::Index>(), scales in (0i32..8, 0i32..8)) {
        let (left, right) = values.split_at(cut.index(values.len()));
        let mut merged = recorded(scales.0, left);
        merged.merge(&recorded(scales.1, right));
        let whole = recorded(merged.scale, &values);
        prop_assert_eq!(merged.count(), values.len() as u64);
        for threshold in [0.01, 0.5, 1.0, 3.7, 1000.0] {
            prop_assert_eq!(merged.count_at_most(threshold), whole.count_at_most(threshold));
        }
    }

    #[test]
    fn a_quantile_is_off_by_at_most_a_bucket(values in values(), scale in 0i32..8, q in 0.0f64..=1.0) {
        let histogram = recorded(scale, &values);
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = ((q * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len()) - 1;
        let (estimate, exact) = (histogram.quantile(q).unwrap(), sorted[rank]);
        let error = (estimate / exact).max(exact / estimate) - 1.0;
        prop_assert!(error <= histogram.relative_error() + 1e-9, "{estimate} for {exact}: {error}");
    }

    #[test]
    fn a_count_is_exact_within_its_bound(values in values(), scale in 0i32..8, threshold in 0.001f64..5000.0) {
        let counted = recorded(scale, &values).count_at_most(threshold);
        let exact = values.iter().filter(|value| **value <= threshold).count() as u64;
        prop_assert!((counted.certain..=counted.certain + counted.uncertain).contains(&exact), "{exact} {counted:?}");
    }

    #[test]
    fn what_came_since_and_what_was_before_make_the_whole(before in values(), after in values(), scale in 0i32..8) {
        let early = recorded(scale, &before);
        let mut late = early.clone();
        late.merge(&recorded(scale, &after));
        let since = late.since(&early).unwrap();
        prop_assert_eq!(since.count(), after.len() as u64);
        prop_assert!((since.sum - after.iter().sum::<f64>()).abs() < 1e-6 * late.sum.max(1.0));
    }
}

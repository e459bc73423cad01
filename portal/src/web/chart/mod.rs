//! Pictures of figures, drawn as SVG by the portal. Numbers in attributes are percentages: lines stretch with the page,
//! text does not.

mod axis;
mod columns;
mod line_chart;
mod meter;
mod spark;

pub(super) use axis::TimeAxis;
pub(super) use columns::{ColumnChart, Height};
pub(super) use line_chart::{Forecast, Line, LineChart, Mark, Overlay, hatch};
pub(super) use meter::{bar, meter, spread};
pub(super) use spark::spark;

/// Points `x,y` of the runs of values without a gap, in a box that is `width` wide and `height` high, y downwards.
/// `top` is the value at the upper edge; the first value is at the left edge and the last at the right one.
fn runs(values: &[Option<f64>], top: f64, width: f64, height: f64) -> Vec<Vec<(f64, f64)>> {
    let steps = values.len().saturating_sub(1).max(1) as f64;
    let mut runs: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut before = None;
    for (index, value) in values.iter().enumerate() {
        if let Some(value) = value {
            let share = if top > 0.0 { (value / top).clamp(0.0, 1.0) } else { 0.0 };
            let point = (index as f64 / steps * width, height - share * height);
            match runs.last_mut() {
                Some(run) if before == index.checked_sub(1) => run.push(point),
                _ => runs.push(vec![point]),
            }
            before = Some(index);
        }
    }
    runs
}

/// As `polyline` and `polygon` want it. A point alone becomes a line without length, which a round cap makes a dot.
fn listed(run: &[(f64, f64)]) -> String {
    let mut text: Vec<String> = run.iter().map(|(x, y)| format!("{},{}", short(*x), short(*y))).collect();
    if let [only] = text.as_slice() {
        text.push(only.clone());
    }
    text.join(" ")
}

/// The area between a run and the lower edge.
fn area(run: &[(f64, f64)], height: f64) -> String {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return String::new() };
    format!("{},{height} {} {},{height}", short(first.0), listed(run), short(last.0))
}

/// Two places are finer than any screen.
fn short(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_breaks_where_nothing_is_known() {
        let values = [Some(0.0), Some(5.0), None, Some(10.0), None, Some(20.0)];
        let runs = runs(&values, 10.0, 100.0, 50.0);
        let texts: Vec<String> = runs.iter().map(|run| listed(run)).collect();
        assert_eq!(texts, ["0,50 20,25", "60,0 60,0", "100,0 100,0"]);
        assert_eq!(area(&runs[0], 50.0), "0,50 0,50 20,25 20,50");
    }

    #[test]
    fn nothing_and_zero_are_drawn_without_dividing_by_them() {
        assert!(runs(&[], 1.0, 1.0, 1.0).is_empty());
        assert_eq!(runs(&[Some(0.0)], 0.0, 100.0, 50.0), [[(0.0, 50.0)]]);
    }
}

use std::time::{Duration, Instant};

/// Asks until there is an answer, and fails the test when there is none within 30 s.
pub async fn eventually<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    eventually_within(Duration::from_secs(30), what, ask).await
}

/// Asks until there is an answer, and fails the test when there is none in this time.
pub async fn eventually_within<T>(limit: Duration, what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < limit, "never came true: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

//! Keeps where the resources of services lead. A forecast rests on weeks and changes slowly: it is read once an hour, whoever
//! asks for it first.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use seaworthy_records::{NoTrend, Trend};
use seaworthy_telemetry::{ReadError, Telemetry};

use super::{Course, NoForecast, Resource, RunsOut, SOON_DAYS, courses};

const READ_FOR: SignedDuration = SignedDuration::from_hours(1);
/// What nobody has asked for in so long is of a service that is gone.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Whoever asks for many services has no more of them read at once; the others follow when it asks again.
const MOST_READ: usize = 10;

/// Where the resources of a service lead.
#[derive(Clone, Debug)]
pub(crate) struct Forecast {
    /// When telemetry was asked.
    pub(crate) read_at: Timestamp,
    /// Those of which both use and limit are told.
    pub(crate) resources: Vec<Outlook>,
}

/// Where a resource leads.
#[derive(Clone, Debug)]
pub(crate) struct Outlook {
    pub(crate) resource: Resource,
    pub(crate) trend: Result<Trend, NoForecast>,
    /// When its limit is reached; none where no trend leads there.
    pub(crate) runs_out: Option<RunsOut>,
}

impl From<&Course> for Outlook {
    fn from(course: &Course) -> Self {
        let runs_out = course.trend.as_ref().ok().and_then(RunsOut::of);
        Self { resource: course.resource, trend: course.trend, runs_out }
    }
}

impl Forecast {
    /// The first resource to run out, and when.
    pub(crate) fn first(&self) -> Option<(Resource, RunsOut)> {
        let runs_out = self.resources.iter().filter_map(|one| Some((one.resource, one.runs_out?)));
        runs_out.min_by_key(|(_, runs_out)| runs_out.expected)
    }

    /// Those that run out within 30 days, by name. None where no resource has a trend, because too little is known of it.
    pub(crate) fn running_out(&self) -> Option<Vec<&'static str>> {
        let known = self.resources.iter().any(|one| one.trend.is_ok());
        let soon = |one: &&Outlook| one.runs_out.is_some_and(|found| self.days_until(&found) <= SOON_DAYS);
        known.then(|| self.resources.iter().filter(soon).map(|one| one.resource.as_str()).collect())
    }

    /// The days that the best known resource is known for, of which seven make a forecast.
    pub(crate) fn days(&self) -> usize {
        let days = self.resources.iter().map(|one| match one.trend {
            Ok(trend) => trend.days,
            Err(NoForecast::NoTrend(NoTrend::TooFewDays(days))) => days,
            Err(_) => 0,
        });
        days.max().unwrap_or_default()
    }

    fn days_until(&self, found: &RunsOut) -> f64 {
        found.expected.duration_since(self.read_at).as_secs_f64() / 86_400.0
    }
}

/// The forecasts of services, as far as somebody has asked for them.
#[derive(Debug, Default)]
pub(crate) struct Forecasts(Mutex<BTreeMap<String, Arc<Forecast>>>);

impl Forecasts {
    /// The forecast of a service, no older than an hour.
    pub(crate) async fn of(
        &self,
        telemetry: &dyn Telemetry,
        service: &str,
        now: Timestamp,
    ) -> Result<Arc<Forecast>, ReadError> {
        let kept = self.kept().get(service).cloned();
        match kept.filter(|kept| now.duration_since(kept.read_at) < READ_FOR) {
            Some(kept) => Ok(kept),
            None => {
                let courses = courses(telemetry, service, now).await?;
                Ok(self.keep(service, &courses, now))
            }
        }
    }

    /// What is known of each of these services. Of what is not known, or is old, a little is read, the oldest first: what is
    /// missing is there once this has been asked often enough.
    pub(crate) async fn of_all(
        &self,
        telemetry: &dyn Telemetry,
        services: impl IntoIterator<Item = &str>,
        now: Timestamp,
    ) -> BTreeMap<String, Arc<Forecast>> {
        let services: Vec<&str> = services.into_iter().collect();
        for service in self.due(&services, now) {
            if let Err(error) = self.of(telemetry, service, now).await {
                tracing::warn!(service, %error, "no forecast of capacity was read");
                break;
            }
        }
        let kept = self.kept();
        let known = services.into_iter().filter_map(|service| kept.get_key_value(service));
        known.map(|(service, forecast)| (service.clone(), forecast.clone())).collect()
    }

    fn due<'s>(&self, services: &[&'s str], now: Timestamp) -> Vec<&'s str> {
        let kept = self.kept();
        let read_at = |service: &str| kept.get(service).map(|kept| kept.read_at);
        let mut due: Vec<(Option<Timestamp>, &str)> = services
            .iter()
            .map(|service| (read_at(service), *service))
            .filter(|(at, _)| at.is_none_or(|at| now.duration_since(at) >= READ_FOR))
            .collect();
        due.sort_unstable();
        due.into_iter().take(MOST_READ).map(|(_, service)| service).collect()
    }

    /// Keeps what was read.
    pub(crate) fn keep(&self, service: &str, courses: &[Course], now: Timestamp) -> Arc<Forecast> {
        let resources = courses.iter().map(Outlook::from).collect();
        let forecast = Arc::new(Forecast { read_at: now, resources });
        let mut kept = self.kept();
        kept.retain(|_, kept| now.duration_since(kept.read_at) < KEPT_FOR);
        kept.insert(service.to_owned(), forecast.clone());
        forecast
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Forecast>>> {
        // Whoever panicked while it held the lock has left a whole map behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::course::tests::{after, till},
        *,
    };

    #[tokio::test(flavor = "multi_thread")]
    async fn what_runs_out_within_30_days_is_named() {
        let growing = |per_day: f64| move |hour: u64| 130.0 + (hour / 24) as f64 * per_day;
        for (days, per_day, expected) in [
            // 400 on the tenth day: 1,000 is reached after 20 days, and after 35.
            (10, 30.0, Some(vec!["memory"])),
            (10, 20.0, Some(vec![])),
            (10, -5.0, Some(vec![])),
            (5, 30.0, None),
        ] {
            let (store, _folder) = till(days, growing(per_day)).await;
            let forecast = Forecasts::default().of(&store, "till", after(days)).await.unwrap();
            assert_eq!(forecast.running_out(), expected, "{days} d of {per_day}");
            assert_eq!(forecast.days(), usize::try_from(days).unwrap());
            store.close().await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn it_is_read_once_an_hour_and_of_many_services_a_few_at_a_time() {
        let (store, _folder) = till(8, |_| 500.0).await;
        let (forecasts, now) = (Forecasts::default(), after(8));
        let read_at = async |at| forecasts.of(&store, "till", at).await.unwrap().read_at;
        assert_eq!(read_at(now).await, now);
        assert_eq!(read_at(now + SignedDuration::from_mins(59)).await, now);
        let later = now + READ_FOR;
        assert_eq!(read_at(later).await, later);
        let others: Vec<String> = (0..MOST_READ + 2).map(|number| format!("{number}")).collect();
        let all = || others.iter().map(String::as_str).chain(["till"]);
        assert_eq!(forecasts.of_all(&store, all(), later).await.len(), MOST_READ + 1);
        assert_eq!(forecasts.of_all(&store, all(), later).await.len(), MOST_READ + 3);
        assert!(forecasts.of_all(&store, ["0"], later).await["0"].resources.is_empty());
        // What is gone is forgotten.
        forecasts.keep("till", &[], later + KEPT_FOR);
        assert_eq!(forecasts.kept().len(), 1);
        store.close().await;
    }
}

//! Which spans and events are recorded at all.

use std::str::FromStr;

use tracing::{Metadata, level_filters::LevelFilter};
use tracing_subscriber::filter::Targets;

/// Which spans and events are recorded at all.
#[derive(Clone, Debug)]
pub(crate) enum Filter {
    /// Up to a level, which takes a comparison to find out.
    Level(LevelFilter),
    /// By level and target.
    Targets(Targets),
}

impl Filter {
    pub(crate) fn enables(&self, metadata: &Metadata<'_>) -> bool {
        match self {
            Self::Level(level) => metadata.level() <= level,
            Self::Targets(targets) => targets.would_enable(metadata.target(), metadata.level()),
        }
    }

    /// Nothing finer than this is recorded.
    pub(crate) fn finest(&self) -> LevelFilter {
        match self {
            Self::Level(level) => *level,
            Self::Targets(targets) => targets
                .iter()
                .map(|(_, level)| level)
                .chain(targets.default_level())
                .max()
                .unwrap_or(LevelFilter::OFF),
        }
    }
}

impl FromStr for Filter {
    type Err = tracing_subscriber::filter::ParseError;

    fn from_str(directives: &str) -> Result<Self, Self::Err> {
        if let Ok(level) = directives.trim().parse() {
            return Ok(Self::Level(level));
        }
        directives.parse().map(Self::Targets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_finest_level_it_enables() {
        let cases = [
            ("info", LevelFilter::INFO),
            (" WARN ", LevelFilter::WARN),
            ("off", LevelFilter::OFF),
            ("info,hyper=debug", LevelFilter::DEBUG),
            ("debug,hyper=warn", LevelFilter::DEBUG),
            ("hyper=warn", LevelFilter::WARN),
            ("hyper", LevelFilter::TRACE),
        ];
        for (directives, finest) in cases {
            assert_eq!(directives.parse::<Filter>().unwrap().finest(), finest, "{directives}");
        }
        assert!("hyper=loud".parse::<Filter>().is_err());
    }
}

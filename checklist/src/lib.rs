//! The production-readiness checklist: templates, facts, rules, verdicts.

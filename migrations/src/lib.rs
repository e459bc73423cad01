//! The migrations of the Seaworthy catalog, one change a file.
//!
//! A file, once released, is never edited: a later change is a later file. Times are milliseconds since the Unix epoch,
//! structured values are JSON in text columns, so SQLite and PostgreSQL hold the same.

mod m0001_create_users;
mod m0002_create_sessions;
mod m0003_create_tokens;
mod m0004_create_invitations;
mod m0005_create_audit_log;
mod m0006_create_teams;
mod m0007_create_services;
mod m0008_create_instances;
mod m0009_create_builds;
mod m0010_create_slos;
mod m0011_create_slo_hours;
mod m0012_create_slo_evaluations;
mod m0013_create_leases;
mod m0014_create_exclusions;
mod m0015_create_channels;
mod m0016_create_alerts;
mod m0017_create_outbox;
mod m0018_create_silences;
mod m0019_create_keys;
mod m0020_add_openslo_to_slos;
mod m0021_create_assessments;
mod m0022_create_verdict_changes;
mod m0023_create_level_points;
mod m0024_create_templates;
mod m0025_create_answers;
mod m0026_create_waivers;
mod m0027_create_comments;
mod m0028_create_assignments;
mod m0029_create_service_settings;
mod m0030_create_records;
mod m0031_create_record_versions;
mod m0035_add_turns_to_instances;
mod m0036_create_deploys;
mod m0037_create_shutdowns;
mod m0040_add_standing_to_slo_evaluations;
mod m0041_add_observations_to_instances;
mod m0042_create_channel_tests;
mod m0045_create_from_files;
mod m0046_add_file_to_answers;
mod m0047_create_uptime_probes;
mod m0048_create_commands;
mod m0049_create_profile_schedules;
mod m0050_create_error_groups;
mod m0051_create_error_builds;
mod m0052_create_error_hours;
mod m0053_create_instance_nows;
mod m0054_create_error_requests;
mod m0055_add_tasks_to_profile_schedules;

use sea_orm_migration::MigrationTrait;
pub use sea_orm_migration::MigratorTrait;

/// Every migration, oldest first.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_create_users::Migration),
            Box::new(m0002_create_sessions::Migration),
            Box::new(m0003_create_tokens::Migration),
            Box::new(m0004_create_invitations::Migration),
            Box::new(m0005_create_audit_log::Migration),
            Box::new(m0006_create_teams::Migration),
            Box::new(m0007_create_services::Migration),
            Box::new(m0008_create_instances::Migration),
            Box::new(m0009_create_builds::Migration),
            Box::new(m0010_create_slos::Migration),
            Box::new(m0011_create_slo_hours::Migration),
            Box::new(m0012_create_slo_evaluations::Migration),
            Box::new(m0013_create_leases::Migration),
            Box::new(m0014_create_exclusions::Migration),
            Box::new(m0015_create_channels::Migration),
            Box::new(m0016_create_alerts::Migration),
            Box::new(m0017_create_outbox::Migration),
            Box::new(m0018_create_silences::Migration),
            Box::new(m0019_create_keys::Migration),
            Box::new(m0020_add_openslo_to_slos::Migration),
            Box::new(m0021_create_assessments::Migration),
            Box::new(m0022_create_verdict_changes::Migration),
            Box::new(m0023_create_level_points::Migration),
            Box::new(m0024_create_templates::Migration),
            Box::new(m0025_create_answers::Migration),
            Box::new(m0026_create_waivers::Migration),
            Box::new(m0027_create_comments::Migration),
            Box::new(m0028_create_assignments::Migration),
            Box::new(m0029_create_service_settings::Migration),
            Box::new(m0030_create_records::Migration),
            Box::new(m0031_create_record_versions::Migration),
            Box::new(m0035_add_turns_to_instances::Migration),
            Box::new(m0036_create_deploys::Migration),
            Box::new(m0037_create_shutdowns::Migration),
            Box::new(m0040_add_standing_to_slo_evaluations::Migration),
            Box::new(m0041_add_observations_to_instances::Migration),
            Box::new(m0042_create_channel_tests::Migration),
            Box::new(m0045_create_from_files::Migration),
            Box::new(m0046_add_file_to_answers::Migration),
            Box::new(m0047_create_uptime_probes::Migration),
            Box::new(m0048_create_commands::Migration),
            Box::new(m0049_create_profile_schedules::Migration),
            Box::new(m0050_create_error_groups::Migration),
            Box::new(m0051_create_error_builds::Migration),
            Box::new(m0052_create_error_hours::Migration),
            Box::new(m0053_create_instance_nows::Migration),
            Box::new(m0054_create_error_requests::Migration),
            Box::new(m0055_add_tasks_to_profile_schedules::Migration),
        ]
    }
}

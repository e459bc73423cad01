//! Deploys and rollbacks, as instances tell of them and as pipelines declare them, and how instances ended.
//!
//! What instances tell is recognised in the transaction of the check-in that tells something new, and looked at again every
//! now and then for what only time tells.

mod declare;
mod deploy;
mod follow;
mod recognise;
mod shutdowns;

pub use declare::DeclaredDeploy;
pub(crate) use deploy::prune as prune_deploys;
pub use deploy::{Declaration, Deploy};
pub(crate) use follow::turned;
pub use recognise::{DeployKind, DeployedBuild};
pub use shutdowns::Shutdown;
pub(crate) use shutdowns::prune as prune_shutdowns;

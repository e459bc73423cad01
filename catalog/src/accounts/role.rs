//! What people and tokens may do.

use std::{fmt, str::FromStr};

use crate::CatalogError;

/// What a person may do. Each role may do all that the one before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// See everything but accounts.
    Viewer,
    /// Change what the portal knows, and manage tokens.
    Editor,
    /// Manage people.
    Admin,
}

impl Role {
    /// All roles, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Editor, Self::Admin];

    /// `viewer`, `editor` or `admin`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = CatalogError;

    fn from_str(text: &str) -> Result<Self, CatalogError> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(CatalogError::Refused { field: "role", rule: "must be viewer, editor or admin" })
    }
}

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Send telemetry and check in.
    Ingest,
    /// Read what the pages show, as JSON.
    Read,
    /// Change SLOs, and read.
    Write,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 3] = [Self::Ingest, Self::Read, Self::Write];

    /// `ingest`, `read` or `write`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// The scopes of one token: at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// These scopes, each once. Refuses none at all: such a token could do nothing.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Result<Self, CatalogError> {
        let mut scopes: Vec<_> = scopes.into_iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(CatalogError::Refused { field: "scopes", rule: "must hold ingest, read or write" });
        }
        Ok(Self(scopes))
    }

    /// Whether they allow what this scope stands for: who may write may read.
    pub fn allow(&self, scope: Scope) -> bool {
        self.contains(scope) || (scope == Scope::Read && self.contains(Scope::Write))
    }

    /// Whether this scope is among them.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// The scopes.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    pub(crate) fn to_column(&self) -> String {
        self.0.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn from_column(column: &str) -> Result<Self, CatalogError> {
        let unreadable = || CatalogError::Unreadable { what: "scopes", value: column.to_owned() };
        let scope = |text: &str| Scope::ALL.into_iter().find(|scope| scope.as_str() == text);
        let scopes: Option<Vec<_>> = column.split(' ').map(scope).collect();
        Self::new(scopes.ok_or_else(unreadable)?)
    }
}

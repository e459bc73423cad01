//! Keys with which the portal signs what it gives away and must know again.

use std::fmt;

use jiff::Timestamp;
use sea_orm::{DbErr, EntityTrait, Set, sea_query::OnConflict};

use crate::{
    Catalog, CatalogError,
    entity::key::{ActiveModel, Column, Entity},
    text, time,
};

const BYTES: usize = 32;

/// 256 random bits that every portal on this catalog knows, and nobody else.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; BYTES]);

impl Key {
    /// The key itself.
    pub fn bytes(&self) -> &[u8; BYTES] {
        &self.0
    }
}

impl From<[u8; BYTES]> for Key {
    fn from(bytes: [u8; BYTES]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Catalog {
    /// The key of this name, which is made when it is first asked for and stays for good.
    pub async fn key(&self, name: &str, now: Timestamp) -> Result<Key, CatalogError> {
        if let Some(key) = self.known_key(name).await? {
            return Ok(key);
        }
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        let row = ActiveModel {
            name: Set(text::name("key", name)?.to_owned()),
            value: Set(hex::encode(bytes)),
            created_at: Set(time::to_column(now)),
        };
        // Of two portals that make it at once, both use the one that came first.
        let first = OnConflict::column(Column::Name).do_nothing().to_owned();
        match Entity::insert(row).on_conflict(first).exec_without_returning(&self.db).await {
            Ok(_) | Err(DbErr::RecordNotInserted) => {}
            Err(error) => return Err(error.into()),
        }
        self.known_key(name).await?.ok_or(CatalogError::NotFound("key"))
    }

    async fn known_key(&self, name: &str) -> Result<Option<Key>, CatalogError> {
        let Some(row) = Entity::find_by_id(name).one(&self.db).await? else { return Ok(None) };
        let mut bytes = [0; BYTES];
        hex::decode_to_slice(&row.value, &mut bytes).map_err(|error| CatalogError::Unreadable {
            what: "a key",
            // What cannot be read may still be most of a key.
            value: format!("{name}: {error}"),
        })?;
        Ok(Some(Key(bytes)))
    }
}

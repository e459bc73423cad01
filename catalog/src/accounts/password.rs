//! Hashes and checks passwords: argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane), which are the crate's.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::CatalogError;

/// Two at once bound the memory to 38 MiB and leave the other cores to everybody else; more wait.
const AT_ONCE: usize = 2;
const SHORTEST: usize = 12;
/// Enough for any passphrase, and too little to keep a core busy with.
const LONGEST_BYTES: usize = 1024;
/// A hash of the same cost that belongs to nobody, to spend the same time on a person who does not exist.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2Vhd29ydGh5LW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and checks passwords, off the runtime's threads and only a few at once.
#[derive(Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Passwords {
    /// The hash to store, unless the password breaks a rule: 12 characters at least, 1024 bytes at most.
    pub async fn hash(&self, password: &str) -> Result<String, CatalogError> {
        check_rules(password)?;
        let password = password.to_owned();
        self.run(move || {
            let hash: Result<PasswordHash, _> = Argon2::default().hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string()).map_err(|error| CatalogError::Hash(error.to_string()))
        })
        .await?
    }

    /// Whether the password is the one of this hash. Without a hash the answer is no, and takes as long.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, CatalogError> {
        if password.len() > LONGEST_BYTES {
            return Ok(false);
        }
        let (password, hash) = (password.to_owned(), hash.unwrap_or(NOBODY).to_owned());
        self.run(move || {
            let hash = PasswordHash::new(&hash).map_err(|error| CatalogError::Hash(error.to_string()))?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await?
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CatalogError> {
        let failed = |error: &dyn std::fmt::Display| CatalogError::Hash(error.to_string());
        let permit = self.permits.clone().acquire_owned().await.map_err(|error| failed(&error))?;
        // The permit goes along: the work goes on where whoever waits for it has hung up.
        let work = move || {
            let done = work();
            drop(permit);
            done
        };
        spawn_blocking(work).await.map_err(|error| failed(&error))
    }
}

fn check_rules(password: &str) -> Result<(), CatalogError> {
    if password.chars().count() < SHORTEST {
        return Err(CatalogError::Refused { field: "password", rule: "must be at least 12 characters long" });
    }
    if password.len() > LONGEST_BYTES {
        return Err(CatalogError::Refused { field: "password", rule: "must be at most 1024 bytes long" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_alone() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse battery").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("correct horse battery").await.unwrap(), "salted");
        assert!(passwords.verify("correct horse battery", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("correct horse batterx", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("correct horse battery", None).await.unwrap());
        assert!(passwords.verify("correct horse battery", Some("not a hash")).await.is_err());
    }

    #[tokio::test]
    async fn a_password_is_neither_short_nor_huge() {
        let passwords = Passwords::default();
        for bad in ["", "elevenchars", &"x".repeat(1025)] {
            assert!(matches!(
                passwords.hash(bad).await,
                Err(CatalogError::Refused { field: "password", .. })
            ));
        }
        assert!(passwords.hash("zwölf-größe!").await.is_ok(), "characters count, not bytes");
        assert!(!passwords.verify(&"x".repeat(1 << 20), None).await.unwrap());
    }

    #[test]
    fn nobody_costs_what_anybody_costs() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let somebody: PasswordHash = Argon2::default().hash_password(b"x").unwrap();
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(nobody.algorithm, somebody.algorithm);
        assert_eq!(nobody.hash.unwrap().as_bytes().len(), somebody.hash.unwrap().as_bytes().len());
        assert_eq!(nobody.salt.unwrap().as_ref().len(), somebody.salt.unwrap().as_ref().len());
    }
}

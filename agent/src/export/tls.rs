//! TLS with rustls and ring, without touching what the host may have set up for the process.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;

/// A certificate file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("a readable file of PEM certificates ({0})")]
pub(crate) struct UnusableCertificate(pub(super) String);

/// Whom to trust.
pub(crate) enum Trust {
    /// Nobody: no endpoint uses TLS. Reading the system's certificates would be for nothing.
    Nobody,
    /// Whom the system trusts.
    System,
    /// Whoever these certificates vouch for.
    Authorities(RootCertStore),
}

impl Trust {
    /// The certificates in this file.
    pub(crate) fn of_file(path: &Path) -> Result<Self, UnusableCertificate> {
        let unusable = |error: &dyn std::fmt::Display| UnusableCertificate(error.to_string());
        let mut authorities = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unusable(&error))? {
            let certificate = certificate.map_err(|error| unusable(&error))?;
            authorities.add(certificate).map_err(|error| unusable(&error))?;
        }
        if authorities.is_empty() {
            return Err(UnusableCertificate("there is none in it".into()));
        }
        Ok(Self::Authorities(authorities))
    }
}

/// How the client speaks TLS.
pub(crate) fn config(trust: Trust) -> Result<ClientConfig, rustls::Error> {
    let provider: Arc<CryptoProvider> = ring::default_provider().into();
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = match trust {
        Trust::Nobody => builder.with_root_certificates(RootCertStore::empty()),
        Trust::System => builder.with_platform_verifier()?,
        Trust::Authorities(authorities) => builder.with_root_certificates(authorities),
    };
    Ok(builder.with_no_client_auth())
}

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

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        time::Duration,
    };

    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};

    use super::*;
    use crate::export::{Answer, Client, Compression, Endpoint, Payload};

    type Certified = CertifiedKey<rcgen::KeyPair>;

    fn certificate() -> Certified {
        generate_simple_self_signed(["localhost".to_owned()]).unwrap()
    }

    /// A server that takes one connection, and answers what comes with 200.
    fn serve(certified: &Certified) -> String {
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (connection, _) = listener.accept().unwrap();
            let mut stream = StreamOwned::new(ServerConnection::new(config.into()).unwrap(), connection);
            let mut request = Vec::new();
            let mut part = [0; 1024];
            while !request.ends_with(b"{}") {
                match stream.read(&mut part) {
                    Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
                    // The client does not trust this server.
                    _ => return,
                }
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        });
        format!("https://localhost:{port}/")
    }

    fn file(content: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content.as_bytes()).unwrap();
        file
    }

    fn post(url: &str, trusted: &Certified) -> Answer {
        let endpoint = Endpoint {
            url: url.parse().unwrap(),
            headers: http::HeaderMap::new(),
            timeout: Duration::from_secs(5),
            compression: Compression::None,
        };
        let client = Client::new(&[&endpoint], Some(file(&trusted.cert.pem()).path())).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(client.post(&endpoint, &Payload::json(b"{}".to_vec())))
    }

    #[test]
    fn a_server_is_trusted_by_its_certificate_and_by_no_other() {
        let (own, other) = (certificate(), certificate());
        assert_eq!(post(&serve(&own), &own), Answer::Accepted(Default::default()));
        let Answer::Later { why, .. } = post(&serve(&own), &other) else { panic!("it was trusted") };
        assert!(why.contains("certificate"), "{why}");
    }

    #[test]
    fn a_file_without_certificates_is_an_error_that_says_so() {
        let said = |path: &Path| Trust::of_file(path).err().unwrap().to_string();
        assert_eq!(said(file("").path()), "a readable file of PEM certificates (there is none in it)");
        assert!(said(Path::new("/nowhere")).contains("No such file"), "{}", said(Path::new("/nowhere")));
        let broken = file("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assert!(said(broken.path()).starts_with("a readable file of PEM certificates ("));
    }
}

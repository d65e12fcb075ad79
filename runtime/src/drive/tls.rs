//! TLS by rustls with ring: the certificate of a server of our own. A made one is signed by an authority that exists for
//! one run only and whose key is never written down, so trusting its file endangers nobody later.

use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A server's certificate chain and its key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Clone for Identity {
    fn clone(&self) -> Identity {
        Identity { chain: self.chain.clone(), key: self.key.clone_key() }
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

impl Identity {
    /// Makes an authority and a certificate of it for these names and addresses. The second value is the authority's
    /// certificate in PEM: whoever trusts it can reach the server.
    ///
    /// # Errors
    /// When a name cannot stand in a certificate.
    pub fn made_for(names: &[String]) -> Result<(Identity, String), String> {
        let wrong = |error: rcgen::Error| error.to_string();
        let mut authority = CertificateParams::new(Vec::new()).map_err(wrong)?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        authority.distinguished_name.push(DnType::CommonName, "voxrun emulator authority");
        let authority_key = KeyPair::generate().map_err(wrong)?;
        let authority_certificate = authority.self_signed(&authority_key).map_err(wrong)?;
        let issuer = Issuer::new(authority, authority_key);

        let mut server = CertificateParams::new(names.to_vec()).map_err(wrong)?;
        server.distinguished_name.push(DnType::CommonName, "voxrun emulator");
        server.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(wrong)?;
        let certificate = server.signed_by(&key, &issuer).map_err(wrong)?;
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        let chain = vec![certificate.der().clone(), authority_certificate.der().clone()];
        Ok((Identity { chain, key }, authority_certificate.pem()))
    }

    /// Reads a chain and its key from PEM files.
    ///
    /// # Errors
    /// When one of them cannot be read or holds nothing of the kind; the text names the file.
    pub fn read(chain: &Path, key: &Path) -> Result<Identity, String> {
        let wrong =
            |path: &Path, error: rustls::pki_types::pem::Error| format!("{}: {error}", path.display());
        let certificates = CertificateDer::pem_file_iter(chain).map_err(|error| wrong(chain, error))?;
        let certificates: Result<Vec<_>, _> = certificates.collect();
        let certificates = certificates.map_err(|error| wrong(chain, error))?;
        if certificates.is_empty() {
            return Err(format!("{}: there is no certificate in it", chain.display()));
        }
        let key = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, error))?;
        Ok(Identity { chain: certificates, key })
    }

    /// What a server needs to accept TLS 1.2 and 1.3 connections.
    pub(super) fn server_config(&self) -> Result<rustls::ServerConfig, String> {
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), self.key.clone_key())
            .map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_identity_can_serve_and_files_are_named_in_errors() {
        let (identity, authority) = Identity::made_for(&["localhost".into(), "127.0.0.1".into()]).unwrap();
        assert!(identity.server_config().is_ok());
        assert!(authority.starts_with("-----BEGIN CERTIFICATE-----"));
        assert!(!format!("{identity:?}").contains("key"));
        let missing = Identity::read(Path::new("none.pem"), Path::new("none.key")).unwrap_err();
        assert!(missing.starts_with("none.pem: "), "{missing}");
    }
}

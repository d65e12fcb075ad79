//! TLS by rustls with ring: whom a client of ours trusts, and the certificate of a server of our own. A made one is signed by an authority that exists for
//! one run only and whose key is never written down, so trusting its file endangers nobody later.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

/// Whom to trust beside the system's own authorities.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// PEM file of further authorities.
    pub ca_file: Option<PathBuf>,
}

impl Trust {
    /// What a client needs to open TLS 1.2 and 1.3 connections.
    ///
    /// # Errors
    /// When the file cannot be read or holds no certificate; the text names it.
    pub fn client_config(&self) -> Result<Arc<ClientConfig>, String> {
        let mut roots = RootCertStore::empty();
        // A machine without any authorities can still reach servers that the file vouches for.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = &self.ca_file {
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(|error| format!("{}: {error}", path.display()))?;
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::new(config))
    }
}

/// The certificates of a PEM file, at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |error: pem::Error| format!("{} cannot be read as certificates: {error}", path.display());
    let certificates: Vec<_> =
        CertificateDer::pem_file_iter(path).map_err(wrong)?.collect::<Result<_, _>>().map_err(wrong)?;
    if certificates.is_empty() {
        return Err(format!("{}: there is no certificate in it", path.display()));
    }
    Ok(certificates)
}

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
        Identity::made_until(names, None)
    }

    /// The same with a certificate that ends with this year.
    pub(super) fn made_until(names: &[String], year: Option<i32>) -> Result<(Identity, String), String> {
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
        if let Some(year) = year {
            server.not_after = rcgen::date_time_ymd(year, 12, 31);
        }
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
        let chain = certificates(chain)?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(|error| format!("{}: {error}", key.display()))?;
        Ok(Identity { chain, key })
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
        assert!(missing.starts_with("none.pem cannot be read"), "{missing}");
    }
}

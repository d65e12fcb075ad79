//! Hosts that a run in virtual time may ask over HTTP (`--allow-net HOST[:PORT]`): virtual time stands still while such a
//! request is on its way, and goes on by what it took. Anything else stays on this machine.

use std::fmt;
use std::net::Ipv6Addr;
use std::sync::Arc;

use reqwest::Url;
use rustls::ClientConfig;
use voxrun_bindings::wire::{HttpError, HttpOutcome, HttpRequest};

use super::live::carry_out;
use super::pace::WallClock;
use crate::simulate::Network;

/// A host, with a port or with any.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    fn parse(text: &str) -> Option<Host> {
        // An IPv6 address without brackets has no port.
        let alone = text.ends_with(']') || text.parse::<Ipv6Addr>().is_ok();
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) if !alone => (name, Some(port.parse().ok()?)),
            _ => (text, None),
        };
        let name = name.trim_matches(['[', ']']).to_ascii_lowercase();
        let sane = !name.is_empty() && !name.contains(['/', '@', '?', '#', ' ', '*']);
        sane.then_some(Host { name, port })
    }

    fn is(&self, url: &Url) -> bool {
        let name = url.host_str().map(|name| name.trim_matches(['[', ']']).to_ascii_lowercase());
        let port = self.port.is_none_or(|port| url.port_or_known_default() == Some(port));
        name.as_deref() == Some(&self.name) && port
    }
}

/// The way to the hosts that are let through.
pub struct AllowedHosts {
    hosts: Vec<Host>,
    tls: Arc<ClientConfig>,
}

impl fmt::Debug for AllowedHosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllowedHosts").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

impl AllowedHosts {
    /// To these hosts, each `HOST` or `HOST:PORT`.
    ///
    /// # Errors
    /// The text that is no host.
    pub fn new(hosts: &[String], tls: Arc<ClientConfig>) -> Result<AllowedHosts, String> {
        let hosts = hosts.iter().map(|text| Host::parse(text).ok_or_else(|| text.clone()));
        Ok(AllowedHosts { hosts: hosts.collect::<Result<_, _>>()?, tls })
    }
}

impl Network for AllowedHosts {
    fn ask(&self, request: &HttpRequest) -> Option<(HttpOutcome, u64)> {
        let url = Url::parse(&request.url).ok()?;
        self.hosts.iter().any(|host| host.is(&url)).then_some(())?;
        let clock = WallClock::start();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let outcome = match runtime {
            Ok(runtime) => {
                let mut alone = request.clone();
                // Where it is sent on to has to be let through too: that is looked at by whoever asks.
                alone.bounds.redirects = 0;
                runtime.block_on(carry_out(alone, ClientConfig::clone(&self.tls)))
            }
            Err(_) => Err(HttpError::Internal),
        };
        Some((outcome, clock.now().as_ms()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_and_addresses_with_a_port_or_without() {
        let is = |host: &str, url: &str| {
            let url = Url::parse(url).expect("a URL");
            Host::parse(host).expect("a host").is(&url)
        };
        assert!(is("Example.org", "https://example.org/a?b"));
        assert!(is("example.org:443", "https://example.org/"));
        assert!(is("[::1]:8080", "http://[::1]:8080/"));
        assert!(is("::1", "http://[::1]:8080/"));
        assert!(!is("example.org:80", "https://example.org/"));
        assert!(!is("example.org", "https://example.org.evil.test/"));
        assert!(!is("example.org", "https://example.org@evil.test/"));
        for wrong in ["", ":80", "a:b", "http://a", "*.a", "a b"] {
            assert_eq!(Host::parse(wrong), None, "{wrong}");
        }
    }
}

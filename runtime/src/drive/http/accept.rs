//! A client that has just connected: whether it speaks TLS, found out by its first byte, so that both work on one port.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a client may take for its TLS handshake, and for its request.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The first byte of a TLS handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

/// Why there is nobody to talk to.
pub(crate) enum Unsecured {
    /// The client left.
    Silent,
    /// It speaks TLS, and there is no certificate.
    NoCertificate,
    /// Its handshake went wrong, in words.
    Failed(String),
}

/// A client to talk to.
pub(crate) enum Accepted {
    /// In the clear.
    Plain(TcpStream),
    /// By TLS.
    Secure(Box<TlsStream<TcpStream>>),
}

/// Shakes hands with a client as it wants to.
pub(crate) async fn accept(stream: TcpStream, acceptor: Option<&TlsAcceptor>) -> Result<Accepted, Unsecured> {
    let _ = stream.set_nodelay(true);
    let mut first = [0_u8];
    let Ok(Ok(1)) = timeout(PATIENCE, stream.peek(&mut first)).await else { return Err(Unsecured::Silent) };
    if first[0] != TLS_HANDSHAKE {
        return Ok(Accepted::Plain(stream));
    }
    let acceptor = acceptor.ok_or(Unsecured::NoCertificate)?;
    match timeout(PATIENCE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => Ok(Accepted::Secure(Box::new(stream))),
        Ok(Err(error)) => Err(Unsecured::Failed(format!("a TLS handshake failed: {error}"))),
        Err(_) => Err(Unsecured::Failed("a TLS handshake was never finished".to_owned())),
    }
}

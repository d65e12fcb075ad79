//! What a connection runs over: plain TCP, or TLS over it.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// A stream of bytes that can be broken.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Unpin {
    /// From now on dropping it resets the connection (RST) instead of ending it.
    fn reset_on_drop(&self);
}

impl Transport for TcpStream {
    fn reset_on_drop(&self) {
        let _ = self.set_zero_linger();
    }
}

impl Transport for TlsStream<TcpStream> {
    fn reset_on_drop(&self) {
        self.get_ref().0.reset_on_drop();
    }
}

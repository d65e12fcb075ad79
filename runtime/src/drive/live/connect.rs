//! How a WebSocket comes to stand: the name, TCP to one of its addresses, TLS, the upgrade. What fails is told in the words
//! that virtual time uses.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::http::header::USER_AGENT;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use voxrun_bindings::wire::{Endpoint, SocketInput};

use voxrun_bindings::connection::{NOT_HTTP, REFUSED, RESET};

/// The largest message that is taken from a provider, in bytes.
pub(super) const LARGEST_MESSAGE: usize = 32 * 1024 * 1024;

/// The buffers of one connection, in bytes.
const BUFFER: usize = 8 * 1024;

/// How long one address of a provider may take to answer; a machine whose IPv6 leads nowhere is common.
const ADDRESS_PATIENCE: Duration = Duration::from_secs(2);

/// What it calls itself towards a provider.
const AGENT: &str = concat!("voxrun/", env!("CARGO_PKG_VERSION"));

/// A connection in the clear or by TLS.
pub(super) trait Bytes: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Bytes for T {}

/// A WebSocket to a provider.
pub(super) type Socket = WebSocketStream<Box<dyn Bytes>>;

/// Connects and upgrades. What an error says is what the session is told.
pub(super) async fn connect(endpoint: Endpoint, tls: Arc<ClientConfig>) -> Result<Socket, SocketInput> {
    let failed = |reason: String| SocketInput::Failed { reason };
    let mut request =
        endpoint.url.as_str().into_client_request().map_err(|error| failed(error.to_string()))?;
    request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(AGENT));
    for (name, value) in &endpoint.headers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
            return Err(failed(format!("the header {name} cannot be sent")));
        };
        request.headers_mut().insert(name, value);
    }
    let secure = request.uri().scheme_str() == Some("wss");
    let host = request.uri().host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = request.uri().port_u16().unwrap_or(if secure { 443 } else { 80 });
    let io = |error: io::Error| failed(words_for(&error));
    let stream = reach(&host, port).await.map_err(io)?;
    stream.set_nodelay(true).map_err(io)?;
    let stream: Box<dyn Bytes> = if secure {
        let name = ServerName::try_from(host).map_err(|error| failed(error.to_string()))?;
        let stream = TlsConnector::from(tls).connect(name, stream).await;
        Box::new(stream.map_err(|error| failed(format!("TLS: {error}")))?)
    } else {
        Box::new(stream)
    };
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(usize::MAX)
        .max_message_size(Some(LARGEST_MESSAGE))
        .max_frame_size(Some(LARGEST_MESSAGE));
    match client_async_with_config(request, stream, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => {
            let body = answer.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
            Err(SocketInput::Refused { status: answer.status().as_u16(), body })
        }
        Err(Error::AttackAttempt) => {
            Err(failed("the answer to the upgrade is too large, or comes in too small pieces".to_owned()))
        }
        Err(Error::Io(error)) => Err(failed(words_for(&error))),
        Err(Error::Protocol(ProtocolError::HttparseError(_) | ProtocolError::HandshakeIncomplete)) => {
            Err(failed(NOT_HTTP.to_owned()))
        }
        Err(error) => Err(failed(error.to_string())),
    }
}

/// The same words as in virtual time, where there are any; a script may read them.
fn words_for(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => REFUSED.to_owned(),
        io::ErrorKind::ConnectionReset => RESET.to_owned(),
        io::ErrorKind::TimedOut => "no answer in time".to_owned(),
        _ => error.to_string(),
    }
}

/// A TCP connection to one of a host's addresses, in the order in which the system names them. One that does not answer
/// leaves time for the others.
async fn reach(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = None;
    for address in tokio::net::lookup_host((host, port)).await? {
        match timeout(ADDRESS_PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = Some(error),
            Err(_) => last = Some(io::ErrorKind::TimedOut.into()),
        }
    }
    Err(last.unwrap_or_else(|| io::Error::other("the name has no address")))
}

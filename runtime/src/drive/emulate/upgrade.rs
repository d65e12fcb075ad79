//! The opening handshake of RFC 6455, section 4.2: the request as an [`Endpoint`], and the answers to it. Deliberately
//! no extensions: permessage-deflate is offered by some clients and never accepted.

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use voxrun_bindings::wire::Endpoint;

/// The longest request head, in bytes.
const LARGEST_HEAD: usize = 16 * 1024;

/// The most header fields of a request.
const MOST_HEADERS: usize = 100;

/// A request that asks for a WebSocket.
#[derive(Debug, PartialEq)]
pub(super) struct Request {
    /// Its target and header fields.
    pub(super) endpoint: Endpoint,
    /// What proves to the client that it was understood.
    accept_key: String,
    /// What came behind the request.
    pub(super) rest: Vec<u8>,
}

/// A request that does not, and the answer to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotUpgrade {
    /// The client left, or sent what is no HTTP.
    Silent,
    /// HTTP, but no upgrade: status and explanation.
    Answered(u16, &'static str),
}

/// Reads the head of a request.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin), scheme: &str) -> Result<Request, NotUpgrade> {
    let mut bytes = Vec::with_capacity(1024);
    loop {
        if let Some(request) = parse(&bytes, scheme)? {
            return Ok(request);
        }
        if bytes.len() >= LARGEST_HEAD {
            return Err(NotUpgrade::Answered(431, "the request's header is longer than 16 KiB"));
        }
        match stream.read_buf(&mut bytes).await {
            Ok(count) if count > 0 => {}
            _ => return Err(NotUpgrade::Silent),
        }
    }
}

fn parse(bytes: &[u8], scheme: &str) -> Result<Option<Request>, NotUpgrade> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut fields);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(NotUpgrade::Answered(431, "the request has more than 100 header fields"));
        }
        Err(_) => return Err(NotUpgrade::Answered(400, "the request is not HTTP/1.1")),
    };
    let headers: Vec<(String, String)> = request
        .headers
        .iter()
        .map(|field| (field.name.to_owned(), String::from_utf8_lossy(field.value).trim().to_owned()))
        .collect();
    let target = request.path.unwrap_or("/");
    let mut endpoint = Endpoint { url: String::new(), headers };
    let lists = |name: &str, word: &str| {
        let values = endpoint.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        values.flat_map(|(_, value)| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    if request.method != Some("GET") {
        return Err(NotUpgrade::Answered(405, "a WebSocket is opened with GET"));
    }
    if !lists("Upgrade", "websocket") || !lists("Connection", "upgrade") {
        return Err(NotUpgrade::Answered(426, "this address speaks WebSocket only"));
    }
    if endpoint.header("Sec-WebSocket-Version") != Some("13") {
        return Err(NotUpgrade::Answered(426, "the WebSocket version must be 13"));
    }
    let Some(accept_key) = endpoint.header("Sec-WebSocket-Key").map(|key| derive_accept_key(key.as_bytes()))
    else {
        return Err(NotUpgrade::Answered(400, "the header field Sec-WebSocket-Key is missing"));
    };
    // A target may be a whole URL (RFC 9112, section 3.2.2); only what follows its authority is of interest.
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => target,
    };
    let host = endpoint.header("Host").unwrap_or("localhost");
    endpoint.url = format!("{scheme}://{host}{path}");
    Ok(Some(Request { endpoint, accept_key, rest: bytes[length..].to_vec() }))
}

/// The answer that opens the WebSocket.
pub(super) fn accepted(request: &Request) -> String {
    let offered = request.endpoint.header("Sec-WebSocket-Protocol").unwrap_or_default();
    // Browsers offer `realtime` beside entries that carry a key; the key is never said back.
    let chosen = offered.split(',').map(str::trim).find(|name| *name == "realtime");
    let protocol = chosen.map(|name| format!("Sec-WebSocket-Protocol: {name}\r\n")).unwrap_or_default();
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n{protocol}\r\n",
        request.accept_key
    )
}

/// An answer that opens nothing.
pub(super) fn refused(status: u16, body: &str) -> String {
    let kind = if body.starts_with('{') { "application/json" } else { "text/plain; charset=utf-8" };
    let upgrade = if status == 426 { "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" } else { "" };
    format!(
        "HTTP/1.1 {status} {}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{upgrade}Connection: close\r\n\r\n{body}",
        reason_phrase(status),
        body.len()
    )
}

/// The usual words for a status (RFC 9110, section 15).
fn reason_phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "GET /v1/realtime?model=m HTTP/1.1\r\nHost: 127.0.0.1:1\r\nUpgrade: websocket\r\n\
        Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: realtime, openai-insecure-api-key.secret\r\n\r\n";

    #[test]
    fn a_request_is_an_endpoint_and_its_answer_proves_it() {
        let request = parse(format!("{GOOD}more").as_bytes(), "ws").unwrap().unwrap();
        assert_eq!(request.endpoint.url, "ws://127.0.0.1:1/v1/realtime?model=m");
        assert_eq!((request.endpoint.path(), request.rest.as_slice()), ("/v1/realtime", &b"more"[..]));
        let answer = accepted(&request);
        // The example of RFC 6455, section 1.3.
        assert!(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{answer}");
        assert!(answer.contains("Sec-WebSocket-Protocol: realtime\r\n") && !answer.contains("secret"));
    }

    #[test]
    fn half_a_request_is_waited_for() {
        for length in 0..GOOD.len() {
            assert_eq!(parse(&GOOD.as_bytes()[..length], "ws"), Ok(None), "{length}");
        }
    }

    #[test]
    fn what_is_no_upgrade_is_told_so() {
        let table = [
            ("\u{1}\u{2}\u{3} / HTTP/1.1\r\n\r\n".to_owned(), 400),
            (GOOD.replace("GET", "POST"), 405),
            (GOOD.replace("Upgrade: websocket", "Upgrade: h2c"), 426),
            (GOOD.replace("keep-alive, Upgrade", "close"), 426),
            (GOOD.replace("Version: 13", "Version: 8"), 426),
            (GOOD.replace("Sec-WebSocket-Key", "X"), 400),
            (format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(101)), 431),
        ];
        for (request, status) in table {
            let answer = parse(request.as_bytes(), "ws");
            assert!(
                matches!(answer, Err(NotUpgrade::Answered(got, _)) if got == status),
                "{request}: {answer:?}"
            );
        }
        assert!(refused(426, "x").contains("Upgrade: websocket\r\n"));
        assert!(refused(404, "{}").contains("application/json"));
    }

    #[test]
    fn a_whole_url_as_target_is_a_path() {
        let request = parse(GOOD.replace("/v1/", "http://proxy/v1/").as_bytes(), "wss").unwrap().unwrap();
        assert_eq!(request.endpoint.path(), "/v1/realtime");
    }
}

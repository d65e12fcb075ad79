//! The opening handshake of RFC 6455, section 4.2: a request's head as an [`Endpoint`], and the answer to it. Deliberately
//! no extensions: permessage-deflate is offered by some clients and never accepted.

use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use voxrun_bindings::wire::Endpoint;

use super::head::Head;

/// A request that asks for a WebSocket.
#[derive(Debug, PartialEq)]
pub(crate) struct Upgrade {
    /// Its target and header fields.
    pub(crate) endpoint: Endpoint,
    /// What proves to the client that it was understood.
    accept_key: String,
    /// What came behind the request.
    pub(crate) rest: Vec<u8>,
}

impl Upgrade {
    /// The upgrade that this head asks for, over `ws` or `wss`.
    ///
    /// # Errors
    /// When it asks for none: the status and the explanation to answer with.
    pub(crate) fn of(head: Head, scheme: &str) -> Result<Upgrade, (u16, &'static str)> {
        if head.method != "GET" {
            return Err((405, "a WebSocket is opened with GET"));
        }
        if !head.lists("Upgrade", "websocket") || !head.lists("Connection", "upgrade") {
            return Err((426, "this address speaks WebSocket only"));
        }
        if head.header("Sec-WebSocket-Version") != Some("13") {
            return Err((426, "the WebSocket version must be 13"));
        }
        let Some(key) = head.header("Sec-WebSocket-Key") else {
            return Err((400, "the header field Sec-WebSocket-Key is missing"));
        };
        let accept_key = derive_accept_key(key.as_bytes());
        let url = format!("{scheme}://{}{}", head.header("Host").unwrap_or("localhost"), head.target);
        Ok(Upgrade { endpoint: Endpoint { url, headers: head.headers }, accept_key, rest: head.rest })
    }

    /// The answer that opens the WebSocket.
    pub(crate) fn accepted(&self) -> String {
        let offered = self.endpoint.header("Sec-WebSocket-Protocol").unwrap_or_default();
        // Browsers offer `realtime` beside entries that carry a key; the key is never said back.
        let chosen = offered.split(',').map(str::trim).find(|name| *name == "realtime");
        let protocol = chosen.map(|name| format!("Sec-WebSocket-Protocol: {name}\r\n")).unwrap_or_default();
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n{protocol}\r\n",
            self.accept_key
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::head::parse;
    use super::*;

    const GOOD: &str = "GET /v1/realtime?model=m HTTP/1.1\r\nHost: 127.0.0.1:1\r\nUpgrade: websocket\r\n\
        Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: realtime, openai-insecure-api-key.secret\r\n\r\n";

    fn upgrade(text: &str, scheme: &str) -> Result<Upgrade, (u16, &'static str)> {
        Upgrade::of(parse(text.as_bytes()).unwrap().unwrap(), scheme)
    }

    #[test]
    fn a_request_is_an_endpoint_and_its_answer_proves_it() {
        let request = upgrade(&format!("{GOOD}more"), "ws").unwrap();
        assert_eq!(request.endpoint.url, "ws://127.0.0.1:1/v1/realtime?model=m");
        assert_eq!((request.endpoint.path(), request.rest.as_slice()), ("/v1/realtime", &b"more"[..]));
        let answer = request.accepted();
        // The example of RFC 6455, section 1.3.
        assert!(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{answer}");
        assert!(answer.contains("Sec-WebSocket-Protocol: realtime\r\n") && !answer.contains("secret"));
    }

    #[test]
    fn what_is_no_upgrade_is_told_so() {
        let table = [
            (GOOD.replace("GET", "POST"), 405),
            (GOOD.replace("Upgrade: websocket", "Upgrade: h2c"), 426),
            (GOOD.replace("keep-alive, Upgrade", "close"), 426),
            (GOOD.replace("Version: 13", "Version: 8"), 426),
            (GOOD.replace("Sec-WebSocket-Key", "X"), 400),
        ];
        for (request, status) in table {
            let told = upgrade(&request, "ws");
            assert!(matches!(told, Err((got, _)) if got == status), "{request}: {told:?}");
        }
    }

    #[test]
    fn a_whole_url_as_target_is_a_path() {
        let request = upgrade(&GOOD.replace("/v1/", "http://proxy/v1/"), "wss").unwrap();
        assert_eq!(request.endpoint.path(), "/v1/realtime");
    }
}

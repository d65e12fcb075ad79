//! The head of a request over HTTP/1.1 (RFC 9112), whatever it asks for, and plain answers. Deliberately no bodies of
//! requests: who takes one reads it behind the head.

use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest request head, in bytes.
const LARGEST_HEAD: usize = 16 * 1024;

/// The most header fields of a request.
const MOST_HEADERS: usize = 100;

/// The head of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// `GET`
    pub(crate) method: String,
    /// What follows the authority: a target may be a whole URL (RFC 9112, section 3.2.2).
    pub(crate) target: String,
    /// Name and value, in order.
    pub(crate) headers: Vec<(String, String)>,
    /// What came behind it.
    pub(crate) rest: Vec<u8>,
}

/// Why there is no head.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoHead {
    /// The client left.
    Silent,
    /// What it sent is to be answered with this status and explanation.
    Answered(u16, &'static str),
}

impl Head {
    /// The first value of a header field, whatever the case of its name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether a header field lists this word (RFC 9110, section 5.6.1).
    pub(crate) fn lists(&self, name: &str, word: &str) -> bool {
        let values = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        values.flat_map(|(_, value)| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
    }
}

/// Reads the head of a request.
///
/// # Errors
/// When there is none, or it is too large.
pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Result<Head, NoHead> {
    let mut bytes = Vec::with_capacity(1024);
    loop {
        if let Some(head) = parse(&bytes)? {
            return Ok(head);
        }
        if bytes.len() >= LARGEST_HEAD {
            return Err(NoHead::Answered(431, "the request's header is longer than 16 KiB"));
        }
        match stream.read_buf(&mut bytes).await {
            Ok(count) if count > 0 => {}
            _ => return Err(NoHead::Silent),
        }
    }
}

/// The head that stands at the beginning of these bytes; `None` when it is not whole yet.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<Head>, NoHead> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut fields);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(NoHead::Answered(431, "the request has more than 100 header fields"));
        }
        Err(_) => return Err(NoHead::Answered(400, "the request is not HTTP/1.1")),
    };
    let value = |field: &httparse::Header<'_>| String::from_utf8_lossy(field.value).trim().to_owned();
    let target = request.path.unwrap_or("/");
    let target = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => target,
    };
    Ok(Some(Head {
        method: request.method.unwrap_or_default().to_owned(),
        target: target.to_owned(),
        headers: request.headers.iter().map(|field| (field.name.to_owned(), value(field))).collect(),
        rest: bytes[length..].to_vec(),
    }))
}

/// A whole answer with a body, after which the connection ends.
pub(crate) fn answer(status: u16, body: &str) -> String {
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

    const POST: &str = "POST http://proxy/hook?a=1 HTTP/1.1\r\nHost: h\r\nconnection: a, Close\r\n\r\nbody";

    #[test]
    fn any_request_has_a_head() {
        let head = parse(POST.as_bytes()).unwrap().unwrap();
        assert_eq!((head.method.as_str(), head.target.as_str()), ("POST", "/hook?a=1"));
        assert_eq!((head.header("HOST"), head.rest.as_slice()), (Some("h"), &b"body"[..]));
        assert!(head.lists("Connection", "close") && !head.lists("Connection", "upgrade"));
    }

    #[test]
    fn half_a_head_is_waited_for_and_nonsense_is_told_so() {
        let end = POST.len() - "body".len();
        for length in 0..end {
            assert_eq!(parse(&POST.as_bytes()[..length]), Ok(None), "{length}");
        }
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(101));
        for (text, status) in [("\u{1}\u{2}\u{3} / HTTP/1.1\r\n\r\n", 400), (&many, 431)] {
            let told = parse(text.as_bytes());
            assert!(matches!(told, Err(NoHead::Answered(got, _)) if got == status), "{told:?}");
        }
    }

    #[test]
    fn an_answer_says_what_its_body_is() {
        assert!(answer(426, "x").contains("Upgrade: websocket\r\n"));
        assert!(answer(404, "{}").contains("application/json"));
    }
}

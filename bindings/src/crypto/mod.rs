//! `Crypto`: digests of texts (semantics 8.5). The platform does not say in which form it gives them; here they are
//! lower-case hexadecimal digits (policy F-200). A text is its UTF-8 bytes.

use std::fmt::Write as _;

use hmac::{Hmac, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::contract::Datum;
use crate::glue::{Host, HostError, HostResult, Namespace, Plain, Return};

/// The table of `Crypto`.
pub(crate) fn namespace() -> Namespace {
    Namespace::new("Crypto")
        .function("md5", |(data,), host| digest::<Md5>("md5", &data, host))
        .function("sha1", |(data,), host| digest::<Sha1>("sha1", &data, host))
        .function("sha256", |(data,), host| digest::<Sha256>("sha256", &data, host))
        .function("hmac_sha256", hmac_sha256)
}

fn digest<D: Digest>(member: &str, Plain(data): &Plain, host: &mut Host) -> HostResult {
    host.note_once(Some("F-200"), "Crypto: digests are lower-case hexadecimal digits here");
    Ok(Return::Text(hex(&D::digest(bytes(member, 1, data)?))))
}

fn hmac_sha256((Plain(key), Plain(data)): (Plain, Plain), host: &mut Host) -> HostResult {
    const MEMBER: &str = "hmac_sha256";
    host.note_once(Some("F-200"), "Crypto: digests are lower-case hexadecimal digits here");
    let key = bytes(MEMBER, 1, &key)?;
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return Ok(Return::Undefined) };
    mac.update(&bytes(MEMBER, 2, &data)?);
    Ok(Return::Text(hex(&mac.finalize().into_bytes())))
}

/// What is digested: a text, or several one after the other (policy F-201), or bytes.
fn bytes(member: &str, position: usize, data: &Datum) -> Result<Vec<u8>, HostError> {
    let wanted = || HostError::Argument {
        member: format!("Crypto.{member}"),
        position,
        wanted: "a text, or a list of texts".to_owned(),
    };
    match data {
        Datum::Text(text) => Ok(text.as_bytes().to_vec()),
        Datum::Bytes(bytes) => Ok(bytes.to_vec()),
        Datum::List(parts) => {
            let texts = parts.iter().map(|part| part.as_text().ok_or_else(wanted));
            texts.collect::<Result<Vec<_>, _>>().map(|texts| texts.concat().into_bytes())
        }
        _ => Err(wanted()),
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(digest.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

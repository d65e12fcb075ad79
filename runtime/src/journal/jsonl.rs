//! The journal as JSON lines: one object an entry with `t_us`, `seq`, `session`, `unit`, `kind`, `name`, `data`, and its
//! digest. Key order is that of the fields, so equal runs give equal bytes.

use sha2::{Digest, Sha256};

use super::{Entry, Redactor};

/// One entry as a line, without the line feed, secrets hidden.
#[must_use]
pub fn line(entry: &Entry, redactor: &Redactor) -> String {
    // A journal entry is made of strings, numbers and JSON values: it always has a JSON form.
    redactor.hide_in_json(&serde_json::to_string(entry).unwrap_or_default())
}

/// The whole journal, each line ended with a line feed.
#[must_use]
pub fn text(entries: &[Entry], redactor: &Redactor) -> String {
    let mut out = String::new();
    for entry in entries {
        out.push_str(&line(entry, redactor));
        out.push('\n');
    }
    out
}

/// SHA-256 in lower-case hexadecimal, as `sha256sum` prints it.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use voxrun_bindings::contract::Time;

    use super::super::{EntryKind, Journal};
    use super::*;

    #[test]
    fn keys_in_their_order_and_secrets_hidden() {
        let mut journal = Journal::new(1);
        journal.write(
            Time::from_ms(20),
            "call#1",
            EntryKind::Log,
            "logger",
            json!({"text": "key=a-long-secret"}),
        );
        let entries = journal.take();
        let redactor = Redactor::new([("K", "a-long-secret")]);
        assert_eq!(
            text(&entries, &redactor),
            "{\"t_us\":20000,\"seq\":0,\"session\":1,\"unit\":\"call#1\",\"kind\":\"log\",\"name\":\"logger\",\
             \"data\":{\"text\":\"key=******\"}}\n"
        );
    }

    #[test]
    fn digest_of_nothing_is_the_known_one() {
        assert!(sha256_hex(b"").starts_with("e3b0c44298fc1c149afbf4c8996fb924"));
    }
}

//! The replies file of `--replies`: TOML `[[reply]]` tables that script what the emulated agent answers.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use voxrun_bindings::connector::Reply;

use super::place::{place, toml_message};

/// Why a replies file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RepliesError {
    /// It cannot be read.
    #[error("{path}: cannot be read: {cause}. Check the path given to --replies.")]
    Unreadable {
        /// As given.
        path: String,
        /// The system's words.
        cause: std::io::Error,
    },
    /// It is not what is expected.
    #[error("{message}. A reply has the keys heard, say, call = {{ name, arguments }} and delay_ms.")]
    Invalid {
        /// With its place.
        message: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RepliesFile {
    #[serde(default)]
    reply: Vec<Spanned<Reply>>,
}

/// Reads the file at `path`, which is relative to `dir`.
pub(crate) fn read(dir: &Path, path: &Path) -> Result<Vec<Reply>, RepliesError> {
    let file = path.display().to_string();
    match std::fs::read_to_string(dir.join(path)) {
        Ok(text) => parse(&file, &text),
        Err(cause) => Err(RepliesError::Unreadable { path: file, cause }),
    }
}

/// Reads the text of a file called `file`.
pub(crate) fn parse(file: &str, text: &str) -> Result<Vec<Reply>, RepliesError> {
    let invalid = |message| RepliesError::Invalid { message };
    let replies: RepliesFile =
        toml::from_str(text).map_err(|error| invalid(toml_message(file, text, &error)))?;
    for reply in &replies.reply {
        let at = place(file, text, reply.span().start);
        let reply = reply.as_ref();
        if let Some(Err(error)) = reply.heard.as_deref().map(regex::Regex::new) {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default();
            return Err(invalid(format!("{at}: `heard` is not a regular expression: {reason}")));
        }
        if reply.say.is_none() && reply.call.is_none() {
            return Err(invalid(format!("{at}: the reply has neither `say` nor `call`")));
        }
    }
    Ok(replies.reply.into_iter().map(Spanned::into_inner).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_in_order() {
        let text = "[[reply]]\nsay = \"Sunny.\"\n[[reply]]\nheard = \"bye\"\ncall = { name = \"end\", arguments = { a = 1 } }\n";
        let replies = parse("replies.toml", text).expect("valid");
        assert_eq!(replies.len(), 2);
        assert_eq!(replies[0].say.as_deref(), Some("Sunny."));
        assert_eq!(replies[1].call.as_ref().map(|call| call.arguments["a"].clone()), Some(1.into()));
    }

    #[test]
    fn mistakes_name_their_place() {
        for (text, start) in [
            ("[[reply]]\nsays = \"x\"\n", "r.toml:"),
            ("[[reply]]\nsay = \"x\"\n[[reply]]\nheard = \"(\"\nsay = \"y\"\n", "r.toml:3:"),
            ("[[reply]]\nheard = \"x\"\n", "r.toml:1:"),
            ("[[replies]]\n", "r.toml:1:"),
        ] {
            let error = parse("r.toml", text).expect_err(text).to_string();
            assert!(error.starts_with(start), "{error}");
        }
    }
}

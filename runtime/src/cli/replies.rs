//! The replies file of `--replies`: TOML `[[reply]]` tables that script what the emulated agent answers.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use voxrun_bindings::wire::Reply;

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
    #[error(
        "{message}. A reply has the keys heard, say, modality, call = {{ name, arguments }}, calls, mcp, error, fail, \
         filter_after_words and delay_ms."
    )]
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
        if let Some(flaw) = reply.flaw() {
            return Err(invalid(format!("{at}: {flaw}")));
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
    fn everything_that_a_reply_can_do() {
        let text = r#"
            [[reply]]
            say = "One moment, please."
            modality = "text"
            calls = [{ name = "a" }, { name = "b", arguments = { x = 1 } }]
            mcp = { server = "docs", name = "search", arguments = { q = "x" }, output = "found" }
            error = { code = "rate_limit_exceeded", message = "Slow down.", type = "rate_limit_error", close = 4000 }
            fail = { after_words = 2, code = "server_error" }
            [[reply]]
            say = "Something bad."
            filter_after_words = 1
            [[reply]]
            error = { code = "insufficient_quota" }
        "#;
        let replies = parse("r.toml", text).expect("valid");
        assert_eq!(replies.len(), 3);
        assert_eq!(replies[0].calls.len(), 2);
        assert_eq!(replies[0].mcp.as_ref().and_then(|mcp| mcp.output.as_deref()), Some("found"));
        assert_eq!(replies[0].error.as_ref().and_then(|error| error.close), Some(4000));
        assert_eq!(replies[1].filter_after_words, Some(1));
    }

    #[test]
    fn replies_that_make_no_sense() {
        for (keys, words) in [
            ("delay_ms = 5", "neither `say` nor `call`"),
            ("modality = \"text\"\ncall = { name = \"a\" }", "`modality` needs `say`"),
            ("filter_after_words = 1\ncall = { name = \"a\" }", "`filter_after_words` needs `say`"),
            ("fail = { after_words = 1, code = \"x\" }", "`fail.after_words` needs `say`"),
            ("say = \"x\"\nfilter_after_words = 1\nfail = { code = \"x\" }", "exclude"),
            ("mcp = { server = \"s\", name = \"n\", output = \"a\", error = \"b\" }", "exclude"),
            ("error = { code = \"x\", close = 1005 }", "close code"),
            ("error = { message = \"x\" }", "code"),
            ("fail = { code = \"x\", words = 1 }", "words"),
            ("say = \"x\"\nmodality = \"video\"", "video"),
        ] {
            let error = parse("r.toml", &format!("[[reply]]\n{keys}\n")).expect_err(keys).to_string();
            assert!(error.starts_with("r.toml:") && error.contains(words), "{keys}: {error}");
        }
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

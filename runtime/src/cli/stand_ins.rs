//! `[[stand_in]]` tables, of `--stand-ins FILE` and of the configuration: who answers offline instead of a host that only
//! the scenario knows.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::place::{place, toml_message};
use crate::stand_ins::StandIn;

/// Why stand-ins cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StandInsError {
    /// The file cannot be read.
    #[error("{path}: cannot be read: {cause}. Check the path given to --stand-ins.")]
    Unreadable {
        /// As given.
        path: String,
        /// The system's words.
        cause: std::io::Error,
    },
    /// A table is not what is expected.
    #[error(
        "{message}. A [[stand_in]] has kind = \"http\" or \"websocket\", match, times, delay_ms, reply and, for http, body."
    )]
    Invalid {
        /// With its place.
        message: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StandInsFile {
    #[serde(default)]
    stand_in: Vec<Spanned<StandIn>>,
}

/// Reads the file at `path`, which is relative to `dir`.
pub(crate) fn read(dir: &Path, path: &Path) -> Result<Vec<StandIn>, StandInsError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(dir.join(path))
        .map_err(|cause| StandInsError::Unreadable { path: file.clone(), cause })?;
    let read: StandInsFile = toml::from_str(&text)
        .map_err(|error| StandInsError::Invalid { message: toml_message(&file, &text, &error) })?;
    let folder = path.parent().map(|parent| dir.join(parent)).unwrap_or_else(|| dir.to_owned());
    checked(&file, &text, &folder, read.stand_in).map_err(|message| StandInsError::Invalid { message })
}

/// Checks each table, and reads the files that they name, which are relative to `folder`.
pub(crate) fn checked(
    file: &str,
    text: &str,
    folder: &Path,
    stand_ins: Vec<Spanned<StandIn>>,
) -> Result<Vec<StandIn>, String> {
    let mut all = Vec::with_capacity(stand_ins.len());
    for stand_in in stand_ins {
        let at = place(file, text, stand_in.span().start);
        let mut stand_in = stand_in.into_inner();
        if let Some(flaw) = stand_in.flaw() {
            return Err(format!("{at}: {flaw}"));
        }
        if let StandIn::Http(http) = &mut stand_in
            && let Some(name) = &http.reply.file
        {
            http.reply.bytes.0 =
                std::fs::read(folder.join(name)).map_err(|cause| format!("{at}: {name}: {cause}"))?;
        }
        all.push(stand_in);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<StandIn>, String> {
        let read: StandInsFile =
            toml::from_str(text).map_err(|error| toml_message("s.toml", text, &error))?;
        checked("s.toml", text, Path::new("."), read.stand_in)
    }

    #[test]
    fn both_kinds_are_read() {
        let text = r#"
            [[stand_in]]
            kind = "http"
            match = "POST https://api.test/*"
            body = "order"
            times = 2
            delay_ms = 150
            reply = { status = 201, headers = { ETag = "x" }, json = { id = 7 } }
            [[stand_in]]
            kind = "websocket"
            match = "wss://feed.test/*"
            reply = { messages = ["hello", { json = { a = 1 } }, { base64 = "AAE=" }], echo = true, close = 1000, after = 3 }
        "#;
        assert_eq!(parse(text).map(|all| all.len()), Ok(2));
    }

    #[test]
    fn mistakes_name_their_place() {
        for (keys, words) in [
            ("kind = \"amd\"\nmatch = \"*\"", "unknown variant `amd`"),
            ("kind = \"http\"", "match"),
            ("kind = \"http\"\nmatch = \"*\"\nrepl = {}", "repl"),
            ("kind = \"http\"\nmatch = \"*\"\nbody = \"(\"", "not a regular expression"),
            ("kind = \"http\"\nmatch = \"*\"\nreply = { text = \"\", json = 1 }", "exclude"),
            ("kind = \"http\"\nmatch = \"*\"\nreply = { file = \"none.wav\" }", "none.wav"),
            ("kind = \"websocket\"\nmatch = \"*\"\nreply = { close = 5 }", "close code"),
        ] {
            let error = parse(&format!("[[stand_in]]\n{keys}\n")).expect_err(keys);
            assert!(error.starts_with("s.toml:") && error.contains(words), "{error}");
        }
    }
}

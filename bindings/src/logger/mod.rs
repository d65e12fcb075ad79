//! `Logger`, `console.log` and `trace`: lines of the session log (semantics 8.1).

use crate::contract::{Command, LogChannel, limit};
use crate::glue::{Host, HostResult, LogText, Namespace, Return};

/// The table of `Logger`.
pub(crate) fn namespace() -> Namespace {
    Namespace::new("Logger")
        .function("write", |(text,): (LogText,), host| write(LogChannel::Logger, text.0, host))
        .function("hideTones", |(_hide,): (bool,), host| {
            host.note_once(None, "Logger.hideTones: the local log keeps DTMF tones");
            Ok(Return::Undefined)
        })
}

/// The table of `console`.
pub(crate) fn console() -> Namespace {
    Namespace::new("console")
        .function("log", |(text,): (LogText,), host| write(LogChannel::Console, text.0, host))
}

/// One entry of the log. Longer texts are kept whole with a note: what the platform does with them is unknown.
pub(crate) fn write(channel: LogChannel, text: String, host: &mut Host) -> HostResult {
    if !host.reach(&limit::LOG_LINE_CHARS, text.chars().count()) {
        host.note_once(
            Some("F-005"),
            format!(
                "a log entry of more than {} characters: the platform's limit",
                limit::LOG_LINE_CHARS.most
            ),
        );
    }
    host.command(Command::Log { channel, text });
    Ok(Return::Undefined)
}

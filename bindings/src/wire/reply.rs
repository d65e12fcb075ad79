//! Scripted replies: what an emulated agent answers, as a replies file or a test says it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A function call in a scripted reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyCall {
    /// The function's name.
    pub name: String,
    /// Its arguments.
    #[serde(default)]
    pub arguments: Value,
}

/// A tool of a remote MCP server that the provider itself calls in a scripted reply. Which servers there are is the
/// session's to say; what they list is derived from these calls, or is told by `[[emulators.openai.mcp]]`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyMcp {
    /// The server's label in the session's tools.
    pub server: String,
    /// The tool's name.
    pub name: String,
    /// Its arguments.
    #[serde(default)]
    pub arguments: Value,
    /// What the tool returns; nothing is an empty text.
    #[serde(default)]
    pub output: Option<String>,
    /// Why the tool fails, instead of `output`.
    #[serde(default)]
    pub error: Option<String>,
}

/// An `error` message in a scripted reply: instead of a response, or after what else the reply does.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyError {
    /// The provider's code (`rate_limit_exceeded`).
    pub code: String,
    /// In words; the code when it is left out.
    #[serde(default)]
    pub message: Option<String>,
    /// The kind of error; what goes with the code when it is left out (`insufficient_quota`, `server_error`,
    /// `rate_limit_error`, else `invalid_request_error`).
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// The connection is closed with this code right after it (3000 to 4999, or 1000 to 1014).
    #[serde(default)]
    pub close: Option<u16>,
}

/// A response that fails in a scripted reply.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyFail {
    /// So many words of `say` come first; all of them, and the calls, when it is left out.
    #[serde(default)]
    pub after_words: Option<usize>,
    /// The provider's code (`server_error`).
    pub code: String,
    /// In words; the code when it is left out.
    #[serde(default)]
    pub message: Option<String>,
    /// The kind of error, as in [`ReplyError::kind`].
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
}

/// How a scripted reply is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyModality {
    /// As text.
    Text,
    /// As audio with its transcript.
    Audio,
}

/// One entry of a replies file: what the emulated agent answers. Its parts happen in this order: the MCP call, the
/// words, the function calls, the error.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Regular expression over the caller's words (no case); without it replies come in order.
    #[serde(default)]
    pub heard: Option<String>,
    /// What the agent says.
    #[serde(default)]
    pub say: Option<String>,
    /// How it is said; left out, the way the session or the response asks for.
    #[serde(default)]
    pub modality: Option<ReplyModality>,
    /// A function call instead of, or after, words.
    #[serde(default)]
    pub call: Option<ReplyCall>,
    /// More function calls in the same response, after `call`.
    #[serde(default)]
    pub calls: Vec<ReplyCall>,
    /// A call of a remote MCP server before the words.
    #[serde(default)]
    pub mcp: Option<ReplyMcp>,
    /// An error instead of a response, or after it.
    #[serde(default)]
    pub error: Option<ReplyError>,
    /// The response fails.
    #[serde(default)]
    pub fail: Option<ReplyFail>,
    /// The provider's content filter stops the response after so many words of `say`.
    #[serde(default)]
    pub filter_after_words: Option<usize>,
    /// Extra thinking time in milliseconds.
    #[serde(default)]
    pub delay_ms: u64,
}

impl Reply {
    /// What is wrong with it as a whole, if anything: a reply has to do something, and all of it has to be possible.
    pub fn flaw(&self) -> Option<&'static str> {
        let acts = self.say.is_some() || self.call.is_some() || !self.calls.is_empty() || self.mcp.is_some();
        if !acts && self.error.is_none() && self.fail.is_none() {
            return Some(
                "the reply has neither `say` nor `call`, and none of `calls`, `mcp`, `error`, `fail`",
            );
        }
        if self.filter_after_words.is_some() && self.say.is_none() {
            return Some("`filter_after_words` needs `say`");
        }
        if self.filter_after_words.is_some() && self.fail.is_some() {
            return Some("`filter_after_words` and `fail` exclude each other");
        }
        if self.fail.as_ref().is_some_and(|fail| fail.after_words.is_some()) && self.say.is_none() {
            return Some("`fail.after_words` needs `say`");
        }
        if self.modality.is_some() && self.say.is_none() {
            return Some("`modality` needs `say`");
        }
        if self.mcp.as_ref().is_some_and(|mcp| mcp.output.is_some() && mcp.error.is_some()) {
            return Some("`mcp.output` and `mcp.error` exclude each other");
        }
        let close = self.error.as_ref().and_then(|error| error.close);
        if close.is_some_and(|code| !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)) {
            return Some("`error.close` is no close code that can be sent (1000 to 1014, 3000 to 4999)");
        }
        None
    }
}

//! An answer laid out in time: which piece of a response comes when. Text and arguments come in pieces of about a
//! token; audio comes in chunks, faster than it is played, its transcript ahead of it. Pure: no ids, no clock.

use std::collections::VecDeque;

use serde_json::Value;
use voxrun_audio::{Rate, speak};

use super::mcp::Tool;
use super::problem::Problem;
use super::session::{Format, ResponseSettings};
use super::settings::Settings;
use crate::wire::{Reply, ReplyModality};

/// One step of a response.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Beat {
    /// A message item and its part begin.
    Message { text: bool },
    /// A function call item begins.
    Call { name: String },
    /// A call of an MCP server begins.
    Mcp { server: String, name: String, approval: Option<String> },
    /// The client is asked whether an MCP server may be called.
    Approval { server: String, name: String, arguments: String },
    /// A piece of text.
    Text(String),
    /// A piece of the transcript of spoken words.
    Transcript(String),
    /// A chunk of audio.
    Audio(Vec<i16>),
    /// A piece of a call's arguments.
    Arguments(String),
    /// The MCP server is called.
    Run,
    /// The MCP server has answered: its text, or an error object.
    Ran(Result<String, Value>),
    /// The open item ends.
    End { whole: bool },
}

/// How a response ends when nothing cuts it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Ending {
    /// Completed.
    #[default]
    Whole,
    /// The token limit cut it.
    TokenLimit,
    /// The content filter cut it.
    Filtered,
    /// It failed.
    Failed(Problem),
}

/// An answer in time.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// Milliseconds after `response.created`, never decreasing, and what happens then.
    pub(super) beats: VecDeque<(u64, Beat)>,
    /// How it ends.
    pub(super) ending: Ending,
}

/// What the provider's `inf` comes to.
const MOST_TOKENS: u64 = 4096;

/// Lays out an answer: the MCP call, the words, the function calls. A call that waits for approval is all there is.
pub(super) fn plan(
    answer: &Reply,
    tool: Option<&Tool>,
    response: &ResponseSettings,
    settings: &Settings,
) -> Plan {
    let mut layout = Layout {
        plan: Plan::default(),
        left: response.max_tokens.unwrap_or(MOST_TOKENS),
        at_ms: settings.first_token_ms.saturating_add(answer.delay_ms),
        audio_ms: settings.first_audio_ms.saturating_add(answer.delay_ms),
        settings,
    };
    if let Some(tool) = tool {
        layout.tool(tool);
        if matches!(tool, Tool::Ask { .. }) {
            return layout.plan;
        }
    }
    let most_words = answer.filter_after_words.or(answer.fail.as_ref().and_then(|fail| fail.after_words));
    if layout.goes_on() {
        if answer.filter_after_words.is_some() {
            layout.plan.ending = Ending::Filtered;
        } else if let Some(fail) = &answer.fail {
            let problem = Problem::scripted(&fail.code, fail.message.as_deref(), fail.kind.as_deref());
            layout.plan.ending = Ending::Failed(problem);
        }
        let say = answer.say.as_deref().unwrap_or_default();
        let say = most_words.map_or(say, |most| first_words(say, most));
        if !say.is_empty() {
            let text = answer.modality.map_or(response.text_only, |modality| modality == ReplyModality::Text);
            layout.message(say, text, most_words.is_none(), response);
        }
    }
    for call in &answer.calls {
        if most_words.is_some() || layout.plan.ending == Ending::TokenLimit {
            break;
        }
        layout.begin(Beat::Call { name: call.name.clone() });
        let whole = layout.arguments(&arguments_text(&call.arguments));
        layout.begin(Beat::End { whole });
    }
    layout.plan
}

/// Arguments as the text that they are on the wire.
pub(super) fn arguments_text(arguments: &Value) -> String {
    match arguments {
        Value::Null => "{}".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The first so many words of a text, with the space between them.
fn first_words(text: &str, most: usize) -> &str {
    let mut left = most;
    let mut inside = false;
    for (at, letter) in text.char_indices() {
        let space = letter.is_whitespace();
        if !inside && !space && left == 0 {
            return &text[..0];
        }
        if inside && space {
            left -= 1;
            if left == 0 {
                return &text[..at];
            }
        }
        inside = !space;
    }
    text
}

/// A plan in the making.
struct Layout<'a> {
    plan: Plan,
    left: u64,
    /// When the next thing may come.
    at_ms: u64,
    /// When the first audio may come.
    audio_ms: u64,
    settings: &'a Settings,
}

impl Layout<'_> {
    fn goes_on(&self) -> bool {
        self.plan.ending == Ending::Whole
    }

    fn begin(&mut self, beat: Beat) {
        self.plan.beats.push_back((self.at_ms, beat));
    }

    /// The pieces of a text within the token limit, and whether they are all of it.
    fn pieces(&mut self, text: &str) -> (Vec<String>, bool) {
        let mut pieces = pieces(text);
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let whole = pieces.len() <= most;
        if !whole {
            pieces.truncate(most);
            self.plan.ending = Ending::TokenLimit;
        }
        self.left -= pieces.len() as u64;
        (pieces, whole)
    }

    fn arguments(&mut self, text: &str) -> bool {
        let (pieces, whole) = self.pieces(text);
        self.plan.beats.extend(timed(pieces, self.at_ms, self.settings, Beat::Arguments));
        self.at_ms = self.plan.beats.back().map_or(self.at_ms, |(at, _)| *at);
        whole
    }

    fn tool(&mut self, tool: &Tool) {
        match tool {
            Tool::Ask { server, name, arguments } => {
                let (server, name) = (server.clone(), name.clone());
                self.begin(Beat::Approval { server, name, arguments: arguments.clone() });
                self.begin(Beat::End { whole: true });
            }
            Tool::Run { server, name, arguments, approval, result } => {
                let (server, name) = (server.clone(), name.clone());
                self.begin(Beat::Mcp { server, name, approval: approval.clone() });
                let whole = match approval {
                    // The approved arguments are known; they are not written again.
                    Some(_) => {
                        self.begin(Beat::Arguments(arguments.clone()));
                        true
                    }
                    None => self.arguments(arguments),
                };
                if whole {
                    self.begin(Beat::Run);
                    self.at_ms = self.at_ms.saturating_add(self.settings.mcp_call_ms);
                    self.begin(Beat::Ran(result.clone()));
                }
                self.begin(Beat::End { whole });
                let think_ms = self.settings.first_token_ms;
                self.audio_ms = self.at_ms.saturating_add(self.settings.first_audio_ms);
                self.at_ms = self.at_ms.saturating_add(think_ms);
            }
        }
    }

    fn message(&mut self, say: &str, text: bool, whole: bool, response: &ResponseSettings) {
        let (pieces, fits) = self.pieces(say);
        self.begin(Beat::Message { text });
        if text {
            self.plan.beats.extend(timed(pieces, self.at_ms, self.settings, Beat::Text));
        } else {
            self.spoken(pieces, response);
        }
        self.at_ms = self.plan.beats.back().map_or(self.at_ms, |(at, _)| *at);
        self.begin(Beat::End { whole: whole && fits });
    }

    /// Audio and its transcript, merged by time.
    fn spoken(&mut self, text: Vec<String>, response: &ResponseSettings) {
        let settings = self.settings;
        let audio_ms = self.audio_ms;
        let rate = if response.format == Format::Pcm { Rate::Hz24000 } else { Rate::Hz8000 };
        let samples = slowed(&text.concat(), rate, response.speed_milli);
        let chunk = (u64::from(rate.hz()) / 1000 * settings.audio_chunk_ms) as usize;
        let apart_ms = settings.audio_chunk_ms / settings.audio_speed;
        let audio = samples
            .chunks(chunk.max(1))
            .enumerate()
            .map(|(at, chunk)| (audio_ms.saturating_add(at as u64 * apart_ms), Beat::Audio(chunk.to_vec())));
        let mut beats: Vec<(u64, Beat)> = timed(text, self.at_ms, settings, Beat::Transcript).collect();
        beats.extend(audio);
        beats.sort_by_key(|(at, _)| *at);
        self.plan.beats.extend(beats);
    }
}

/// The spoken code at a speed: its tones must not change, so slower speech has longer pauses between words, and faster
/// speech is as fast as ever.
fn slowed(text: &str, rate: Rate, speed_milli: u64) -> Vec<i16> {
    let samples = speak(text, rate);
    if speed_milli >= 1000 || speed_milli == 0 {
        return samples;
    }
    let words = voxrun_audio::words(text);
    let a_ms = (rate.hz() / 1000) as usize;
    let length_ms = (samples.len() / a_ms) as u64;
    let more_ms = length_ms * 1000 / speed_milli - length_ms;
    // Whole frames of silence, the same after each word.
    let pause_ms = more_ms / (words.len().max(1) as u64) / 20 * 20;
    let mut slow = Vec::with_capacity(samples.len() + words.len() * pause_ms as usize * a_ms);
    let mut from = 0;
    for word in &words {
        let end = (word.end_ms as usize * a_ms).min(samples.len());
        slow.extend_from_slice(&samples[from..end]);
        slow.resize(slow.len() + pause_ms as usize * a_ms, 0);
        from = end;
    }
    slow.extend_from_slice(&samples[from..]);
    slow
}

fn timed(
    pieces: Vec<String>,
    first_ms: u64,
    settings: &Settings,
    beat: fn(String) -> Beat,
) -> impl Iterator<Item = (u64, Beat)> {
    let rate = settings.tokens_per_second;
    pieces
        .into_iter()
        .enumerate()
        .map(move |(at, piece)| (first_ms.saturating_add(at as u64 * 1000 / rate), beat(piece)))
}

/// The longest piece, in letters without the space before it.
const PIECE_LETTERS: usize = 5;

/// A text in pieces about as long as a model's tokens. Together they are the text.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut letters = 0;
    for letter in text.chars() {
        let starts = letter.is_whitespace() && letters > 0 || letters == PIECE_LETTERS;
        if starts || pieces.is_empty() {
            pieces.push(String::new());
            letters = 0;
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
        letters += usize::from(!letter.is_whitespace());
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_text() {
        for text in
            ["", "Hi", "Hello! How can I help today?", "  two  spaces \n", "unbelievably", "日本語のテキスト"]
        {
            assert_eq!(pieces(text).concat(), text);
        }
        assert_eq!(pieces("Hello! How can"), ["Hello", "!", " How", " can"]);
    }

    #[test]
    fn first_words_of_a_text() {
        let text = " one  two three";
        for (most, words) in [(0, ""), (1, " one"), (2, " one  two"), (3, text), (9, text)] {
            assert_eq!(first_words(text, most), words);
        }
        assert_eq!(first_words("", 1), "");
    }

    #[test]
    fn slower_speech_has_longer_pauses() {
        let plain = speak("one two three", Rate::Hz24000);
        assert_eq!(slowed("one two three", Rate::Hz24000, 1500), plain);
        let slow = slowed("one two three", Rate::Hz24000, 500);
        let ratio_percent = slow.len() * 100 / plain.len();
        assert!((190..=200).contains(&ratio_percent), "{ratio_percent}");
        assert_eq!(slow.len() % 480, 0);
        assert!(slowed("", Rate::Hz8000, 250).is_empty());
    }
}

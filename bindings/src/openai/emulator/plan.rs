//! An answer laid out in time: which piece of a response comes when. Text and arguments come in pieces of about a
//! token; audio comes in chunks, faster than it is played, its transcript ahead of it. Pure: no ids, no clock.

use std::collections::VecDeque;

use voxrun_audio::{Rate, speak};

use super::brain::Answer;
use super::session::{Format, ResponseSettings};
use super::settings::Settings;

/// One step of a response.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Beat {
    /// A message item and its part begin.
    Message,
    /// A function call item begins.
    Call { name: String },
    /// A piece of text.
    Text(String),
    /// A piece of the transcript of spoken words.
    Transcript(String),
    /// A chunk of audio.
    Audio(Vec<i16>),
    /// A piece of a function call's arguments.
    Arguments(String),
    /// The open item ends.
    End,
}

/// An answer in time.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// Milliseconds after `response.created`, never decreasing, and what happens then.
    pub(super) beats: VecDeque<(u64, Beat)>,
    /// The token limit cut it.
    pub(super) incomplete: bool,
}

/// What the provider's `inf` comes to.
const MOST_TOKENS: u64 = 4096;

/// Lays out an answer.
pub(super) fn plan(answer: &Answer, response: &ResponseSettings, settings: &Settings) -> Plan {
    let mut plan = Plan::default();
    let first_ms = settings.first_token_ms.saturating_add(answer.delay_ms);
    let mut left = response.max_tokens.unwrap_or(MOST_TOKENS);
    let mut end_ms = first_ms;
    if let Some(say) = answer.say.as_deref().filter(|say| !say.is_empty()) {
        let text = limited(pieces(say), &mut left, &mut plan.incomplete);
        plan.beats.push_back((first_ms, Beat::Message));
        end_ms = if response.text_only {
            let beats = timed(text, first_ms, settings, Beat::Text);
            plan.beats.extend(beats);
            plan.beats.back().map_or(first_ms, |(at, _)| *at)
        } else {
            spoken(&mut plan, text, first_ms, answer.delay_ms, response, settings)
        };
        plan.beats.push_back((end_ms, Beat::End));
    }
    if let Some(call) = answer.call.as_ref().filter(|_| !plan.incomplete) {
        let arguments = match &call.arguments {
            serde_json::Value::Null => "{}".to_owned(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let arguments = limited(pieces(&arguments), &mut left, &mut plan.incomplete);
        plan.beats.push_back((end_ms, Beat::Call { name: call.name.clone() }));
        plan.beats.extend(timed(arguments, end_ms, settings, Beat::Arguments));
        let at = plan.beats.back().map_or(end_ms, |(at, _)| *at);
        plan.beats.push_back((at, Beat::End));
    }
    plan
}

/// Audio and its transcript, merged by time. When the last of it is sent comes back.
fn spoken(
    plan: &mut Plan,
    text: Vec<String>,
    first_ms: u64,
    delay_ms: u64,
    response: &ResponseSettings,
    settings: &Settings,
) -> u64 {
    let rate = if response.format == Format::Pcm { Rate::Hz24000 } else { Rate::Hz8000 };
    let samples = speak(&text.concat(), rate);
    let chunk = (u64::from(rate.hz()) / 1000 * settings.audio_chunk_ms) as usize;
    let audio_ms = settings.first_audio_ms.saturating_add(delay_ms);
    let apart_ms = settings.audio_chunk_ms / settings.audio_speed;
    let audio = samples
        .chunks(chunk.max(1))
        .enumerate()
        .map(|(at, chunk)| (audio_ms.saturating_add(at as u64 * apart_ms), Beat::Audio(chunk.to_vec())));
    let mut beats: Vec<(u64, Beat)> = timed(text, first_ms, settings, Beat::Transcript).collect();
    beats.extend(audio);
    beats.sort_by_key(|(at, _)| *at);
    let end_ms = beats.last().map_or(first_ms, |(at, _)| *at);
    plan.beats.extend(beats);
    end_ms
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

fn limited(mut pieces: Vec<String>, left: &mut u64, cut: &mut bool) -> Vec<String> {
    let most = usize::try_from(*left).unwrap_or(usize::MAX);
    if pieces.len() > most {
        pieces.truncate(most);
        *cut = true;
    }
    *left -= pieces.len() as u64;
    pieces
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
}

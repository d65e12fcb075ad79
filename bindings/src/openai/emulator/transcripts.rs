//! Transcriptions of the caller's turns: pieces, segments of a speaker, the whole, or the failure that the settings
//! script. They come beside the response and never hold it up.

use serde_json::{Value, json};

use super::brain::LOST;
use super::plan::pieces;
use super::{Server, usage};

const KIND: &str = "conversation.item.input_audio_transcription";

/// How sure the transcriber is of a piece: not at all of what was lost.
fn logprobs(piece: &str) -> Value {
    let logprob = if piece.contains(LOST) { -2.5 } else { -0.01 };
    json!([{"token": piece, "logprob": logprob, "bytes": piece.as_bytes()}])
}

impl Server {
    /// The transcription of a turn, in pieces and whole.
    pub(super) fn transcribed(&mut self, item_id: &str, text: &str, audio_ms: u64) {
        if self.mumbled.as_ref().is_some_and(|pattern| pattern.is_match(text)) {
            let error = json!({"type": "transcription_error", "code": "audio_unintelligible",
                "message": "The audio could not be transcribed.", "param": null});
            let fields = json!({"item_id": item_id, "content_index": 0, "error": error});
            self.send(&format!("{KIND}.failed"), fields);
            return;
        }
        let model = self.session.transcriber().unwrap_or_default();
        let (whisper, diarizes) = (model.starts_with("whisper"), model.contains("diarize"));
        let sure = self.session.logprobs() && !whisper;
        let deltas = if whisper { vec![text.to_owned()] } else { pieces(text) };
        let deltas: Vec<String> = deltas.into_iter().filter(|delta| !delta.is_empty()).collect();
        for delta in &deltas {
            let mut fields = json!({"item_id": item_id, "content_index": 0, "delta": delta,
                "obfuscation": self.ids.letters(12)});
            if sure {
                fields["logprobs"] = logprobs(delta);
            }
            self.send(&format!("{KIND}.delta"), fields);
        }
        if diarizes && !text.is_empty() {
            // One voice calls; the emulator has no ear for a second one.
            let fields = json!({"item_id": item_id, "content_index": 0, "id": self.ids.of("seg"), "speaker": "A",
                "text": text, "start": 0.0, "end": audio_ms as f64 / 1000.0});
            self.send(&format!("{KIND}.segment"), fields);
        }
        let used = if whisper {
            json!({"type": "duration", "seconds": audio_ms.div_ceil(1000)})
        } else {
            let (heard, said) = (usage::of_heard_ms(audio_ms), usage::of_letters(text.len()));
            json!({"type": "tokens", "total_tokens": heard + said, "input_tokens": heard,
                "input_token_details": {"text_tokens": 0, "audio_tokens": heard}, "output_tokens": said})
        };
        // The client may have put another item in its place.
        let item = self.conversation.find_mut(item_id);
        if let Some(transcript) = item.and_then(|item| item.shown.pointer_mut("/content/0/transcript")) {
            *transcript = Value::from(text);
        }
        let mut fields = json!({"item_id": item_id, "content_index": 0, "transcript": text, "usage": used});
        if sure {
            let all = deltas.iter().flat_map(|delta| match logprobs(delta) {
                Value::Array(entries) => entries,
                _ => Vec::new(),
            });
            fields["logprobs"] = all.collect();
        }
        self.send(&format!("{KIND}.completed"), fields);
    }
}

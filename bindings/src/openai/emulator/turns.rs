//! The caller's turns: audio in, speech found by voice activity, commits by the server or the client, transcription and
//! the idle timer.

use serde_json::json;
use voxrun_audio::VadEvent;

use super::brain::Prompt;
use super::conversation::Item;
use super::ear::Speech;
use super::items::not_audio;
use super::problem::Problem;
use super::{Due, Server};
use crate::wire::FromEmulator;

/// The most audio in one message, in bytes of base64 (15 MiB of audio).
const LARGEST_APPEND: usize = 20 * 1024 * 1024;

/// The least audio that makes a turn.
const SHORTEST_TURN_MS: u64 = 100;

impl Server {
    /// The prepared message of silence. False when it has to be taken as any other message.
    pub(super) fn silent_append(&mut self) -> bool {
        let Some(event) = self.ear.silence() else { return false };
        if let Some(event) = event {
            self.voice_activity(event);
        }
        true
    }

    /// `input_audio_buffer.append`
    pub(super) fn append(&mut self, base64: &str) -> Result<(), Problem> {
        if base64.len() > LARGEST_APPEND {
            return Err(not_audio("audio", "longer than 15 MiB"));
        }
        let frames = self.ear.frames(base64).map_err(|why| not_audio("audio", why))?;
        for frame in &frames {
            if let Some(event) = self.ear.frame(frame) {
                self.voice_activity(event);
            }
        }
        Ok(())
    }

    fn voice_activity(&mut self, event: VadEvent) {
        let Some(detection) = self.session.turn_detection() else { return };
        match event {
            VadEvent::SpeechStarted { at_ms } => {
                let item_id = self.ids.of("item");
                self.ear.forget_before(at_ms);
                self.idle_generation += 1;
                self.turn = Some((item_id.clone(), at_ms));
                self.send(
                    "input_audio_buffer.speech_started",
                    json!({"audio_start_ms": at_ms, "item_id": item_id}),
                );
                if detection.interrupt_response {
                    self.interrupt();
                }
            }
            VadEvent::SpeechStopped { at_ms } => {
                let Some((item_id, since_ms)) = self.turn.take() else { return };
                self.send(
                    "input_audio_buffer.speech_stopped",
                    json!({"audio_end_ms": at_ms, "item_id": item_id}),
                );
                let speech = Speech { audio_ms: at_ms.saturating_sub(since_ms), ..self.ear.commit() };
                let prompt = Prompt::Words(speech.text.clone());
                self.heard(&speech);
                self.turn_ended(item_id, speech);
                if detection.create_response {
                    self.respond(&prompt);
                }
            }
        }
    }

    /// `input_audio_buffer.commit`
    pub(super) fn commit(&mut self) -> Result<(), Problem> {
        let buffered_ms = self.ear.buffered_ms();
        if buffered_ms < SHORTEST_TURN_MS {
            let message = format!(
                "Error committing input audio buffer: buffer too small. Expected at least {SHORTEST_TURN_MS}ms of \
                 audio, but buffer only has {buffered_ms}.00ms of audio."
            );
            return Err(Problem::new("input_audio_buffer_commit_empty", message));
        }
        let item_id = self.turn.take().map_or_else(|| self.ids.of("item"), |(id, _)| id);
        let speech = self.ear.commit();
        self.heard(&speech);
        self.turn_ended(item_id, speech);
        Ok(())
    }

    /// Tells the journal what was understood; nothing at all is worth telling too.
    fn heard(&mut self, speech: &Speech) {
        self.out.push_back(FromEmulator::Heard { text: speech.text.clone() });
    }

    /// `input_audio_buffer.clear`
    pub(super) fn clear(&mut self) {
        self.ear.clear();
        self.send("input_audio_buffer.cleared", json!({}));
    }

    /// A turn becomes an item of the conversation.
    fn turn_ended(&mut self, item_id: String, speech: Speech) {
        let before = self.conversation.last_id().map(str::to_owned);
        self.send("input_audio_buffer.committed", json!({"previous_item_id": before, "item_id": item_id}));
        let shown = json!({"id": item_id, "type": "message", "status": "completed", "role": "user",
            "content": [{"type": "input_audio", "transcript": null}]});
        let item = Item {
            shown: shown.clone(),
            heard: Some(speech.text.clone()),
            audio_ms: speech.audio_ms,
            ..Item::default()
        };
        // The id is either fresh or announced once, so the conversation cannot have it yet.
        if self.conversation.insert(item, None).is_ok() {
            self.item_added(before.as_deref(), &shown);
            self.item_done(before.as_deref(), &shown);
        }
        if self.session.transcriber().is_some() {
            let at = self.now.plus_ms(self.settings.transcription_ms);
            self.plan(at, Due::Transcript { item_id, text: speech.text, audio_ms: speech.audio_ms });
        }
    }

    /// Starts the idle timer after a response whose audio is played until `played`.
    pub(super) fn expect_the_caller(&mut self, played: crate::contract::Time) {
        self.idle_generation += 1;
        let idle_ms = self.session.turn_detection().and_then(|detection| detection.idle_timeout_ms);
        if let (Some(idle_ms), None) = (idle_ms, &self.turn) {
            let generation = self.idle_generation;
            self.plan(played.max(self.now).plus_ms(idle_ms), Due::Idle { generation });
        }
    }

    /// Nothing was said for long: an empty turn and a response.
    pub(super) fn idle(&mut self, generation: u64) {
        let detection = self.session.turn_detection();
        let Some(detection) = detection.filter(|detection| detection.idle_timeout_ms.is_some()) else {
            return;
        };
        if generation != self.idle_generation || self.turn.is_some() {
            return;
        }
        let end_ms = self.ear.now_ms();
        let start_ms = end_ms.saturating_sub(detection.idle_timeout_ms.unwrap_or_default());
        let item_id = self.ids.of("item");
        let fields = json!({"audio_start_ms": start_ms, "audio_end_ms": end_ms, "item_id": item_id});
        self.send("input_audio_buffer.timeout_triggered", fields);
        let speech = Speech { audio_ms: end_ms - start_ms, ..self.ear.commit() };
        self.turn_ended(item_id, speech);
        if detection.create_response {
            self.respond(&Prompt::Silence);
        }
    }
}

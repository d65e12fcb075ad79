//! What the far end of a call does: its sound, its keys, its hang-up; and of one that was called, how it rings, answers
//! and refuses.

use serde_json::json;
use voxrun_audio::{FRAME_MS, Frame};
use voxrun_bindings::contract::{CallAsk, Headers, InDialog, On, Time};
use voxrun_bindings::wire::Side;

use super::{CallEnd, CallUnit, events};
use crate::journal::EntryKind;
use crate::session::desk::Desk;
use crate::session::io::{LegInput, LegOutput, Output};
use crate::telephony::{Direction, LegState};

impl CallUnit {
    /// Takes something from the far end. What comes after the call's end is too late and means nothing.
    pub(in crate::session) fn far_end(&mut self, desk: &mut Desk, input: LegInput) {
        let (state, direction) = (self.leg.state(), self.leg.direction());
        if state == LegState::Terminated {
            return self.too_late(desk, &input);
        }
        match input {
            LegInput::Audio(frame) => self.far_end_audio(desk, frame),
            LegInput::Digit(key) => self.far_end_digit(desk, key),
            LegInput::HangUp { headers } => {
                let end = match (state, direction) {
                    (LegState::Alerting, _) => CallEnd::CallerGaveUp,
                    (_, Direction::Incoming) => CallEnd::CallerHungUp,
                    (_, Direction::Outgoing) => CallEnd::CalleeHungUp,
                };
                self.over(desk, end, headers);
            }
            LegInput::InDialog(InDialog::Refer { .. }) if !self.transfers => {
                let declined = InDialog::Notify { code: CallAsk::DECLINE, reason: "Decline".to_owned() };
                let output = LegOutput::InDialog(declined);
                desk.scribe.output(Output::Leg { call: self.id, output });
            }
            LegInput::InDialog(request) => {
                let (name, fields) = events::in_dialog(&request);
                desk.scribe.raise(On::Unit(self.id), name, fields);
            }
            // Of a call that came in, the other words of a callee mean nothing.
            _ if direction == Direction::Incoming => {}
            LegInput::Ringing { headers } => self.far_end_rings(desk, &headers),
            LegInput::EarlyMedia { headers } => self.far_end_early_media(desk, &headers),
            LegInput::Answered { headers } => self.far_end_answers(desk, headers),
            LegInput::Refused { code, reason, headers } => {
                // After the answer there is nothing to refuse any more.
                if state == LegState::Progressing {
                    self.over_because(desk, CallEnd::Refused(code), (code, &reason), headers);
                }
            }
        }
    }

    /// A frame that ends now. Before the answer nobody hears it.
    fn far_end_audio(&mut self, desk: &mut Desk, frame: Frame) {
        if !self.leg.is_heard() {
            return;
        }
        let began = Time::from_us(desk.scribe.now().as_us().saturating_sub(u64::from(FRAME_MS) * 1000));
        let heard = self.inlet.take(frame);
        if let Some(recorder) = &mut self.recorder {
            recorder.put(Side::FarEnd, began, &heard);
        }
        self.recording.hear(Side::FarEnd, began, &heard);
        desk.sound.feed(self.id, heard);
    }

    fn far_end_digit(&mut self, desk: &mut Desk, key: char) {
        let key = key.to_ascii_uppercase();
        let told = self.tones && self.leg.is_heard() && matches!(key, '0'..='9' | '*' | '#' | 'A'..='D');
        let data = json!({ "key": key.to_string(), "told": told });
        desk.scribe.write_of(self.id, EntryKind::Media, "tone_received", data);
        if told {
            desk.scribe.raise(On::Unit(self.id), "Call.ToneReceived", events::tone_received(key));
        }
    }

    /// 180. The script hears the first.
    fn far_end_rings(&mut self, desk: &mut Desk, headers: &Headers) {
        if self.leg.ring(desk.scribe.now()) == Ok(true) {
            desk.scribe.raise(On::Unit(self.id), "Call.Ringing", events::ringing(headers));
        }
    }

    /// 183: the far end is heard from now on.
    fn far_end_early_media(&mut self, desk: &mut Desk, headers: &Headers) {
        if self.leg.start_early_media(desk.scribe.now()) == Ok(true) {
            desk.sound.set_leg(self.id, false, true);
            desk.scribe.raise(On::Unit(self.id), "Call.AudioStarted", events::audio_started(183, headers));
        }
    }

    /// 200.
    fn far_end_answers(&mut self, desk: &mut Desk, headers: Headers) {
        let now = desk.scribe.now();
        if self.leg.answer(now).is_err() {
            return;
        }
        self.connect_soon(now);
        desk.sound.set_leg(self.id, true, true);
        if self.leg.early_media_at().is_none() {
            desk.scribe.raise(On::Unit(self.id), "Call.AudioStarted", events::audio_started(200, &headers));
        }
        self.answer_headers = headers;
    }

    /// Something from the far end of a call that is over. An answer that crossed our CANCEL must be hung up, or the far
    /// end would stay in a call that nobody else is in.
    fn too_late(&mut self, desk: &mut Desk, input: &LegInput) {
        let crossed = matches!(input, LegInput::Answered { .. }) && self.leg.answered_at().is_none();
        if crossed && self.leg.direction() == Direction::Outgoing {
            let output = LegOutput::HungUp { headers: Headers::new() };
            desk.scribe.output(Output::Leg { call: self.id, output });
        }
    }
}

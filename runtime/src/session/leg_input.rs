//! What the far end of a call does: its sound, its keys, its hang-up.

use serde_json::json;
use voxrun_audio::{FRAME_MS, Frame};
use voxrun_bindings::contract::{On, Time, UnitId};

use super::call_end::CallEnd;
use super::io::LegInput;
use super::{Session, call_events};
use crate::journal::EntryKind;
use crate::media::Side;
use crate::telephony::{Direction, LegState};

impl Session {
    /// Takes something from the far end. What comes after the call's end is too late and means nothing.
    pub(super) fn leg_input(&mut self, call: UnitId, input: LegInput) {
        let Some(unit) = self.calls.get(&call) else { return };
        let (state, direction) = (unit.leg.state(), unit.leg.direction());
        if state == LegState::Terminated {
            return self.too_late(call, &input);
        }
        match input {
            LegInput::Audio(frame) => self.far_end_audio(call, frame),
            LegInput::Digit(key) => self.far_end_digit(call, key),
            LegInput::HangUp { headers } => {
                let end = match (state, direction) {
                    (LegState::Alerting, _) => CallEnd::CallerGaveUp,
                    (_, Direction::Incoming) => CallEnd::CallerHungUp,
                    (_, Direction::Outgoing) => CallEnd::CalleeHungUp,
                };
                self.end_call(call, end, headers);
            }
            LegInput::Ringing { headers } => self.far_end_rings(call, &headers),
            LegInput::EarlyMedia { headers } => self.far_end_early_media(call, &headers),
            LegInput::Answered { headers } => self.far_end_answers(call, headers),
            LegInput::Refused { code, reason, headers } => self.far_end_refuses(call, code, &reason, headers),
        }
    }

    /// A frame that ends now. Before the answer nobody hears it.
    fn far_end_audio(&mut self, call: UnitId, frame: Frame) {
        let began = Time::from_us(self.now.as_us().saturating_sub(u64::from(FRAME_MS) * 1000));
        let Some(unit) = self.calls.get_mut(&call).filter(|unit| unit.leg.is_heard()) else { return };
        let heard = unit.line.from_far_end(frame);
        if let Some(recorder) = &mut unit.recorder {
            recorder.put(Side::Caller, began, &heard);
        }
        self.graph.feed(call, heard);
    }

    fn far_end_digit(&mut self, call: UnitId, key: char) {
        let key = key.to_ascii_uppercase();
        let Some(unit) = self.calls.get(&call) else { return };
        let told = unit.tones && unit.leg.is_heard() && matches!(key, '0'..='9' | '*' | '#' | 'A'..='D');
        let data = json!({ "key": key.to_string(), "told": told });
        self.write(&self.names.of(call), EntryKind::Media, "tone_received", data);
        if told {
            self.raise(On::Unit(call), "Call.ToneReceived", call_events::tone_received(key));
        }
    }
}

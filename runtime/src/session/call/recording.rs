//! `call.record()`: what the script records of a call. It begins when the call is connected (policy F-035) and ends with it.

use serde_json::json;
use voxrun_audio::Frame;
use voxrun_bindings::contract::{On, RecordOptions, Time};
use voxrun_bindings::wire::{Recorded, Recording, Side};

use super::{CallUnit, events};
use crate::session::desk::Desk;
use crate::telephony::LINE_RATE;

/// What the script records of a call.
#[derive(Debug, Default)]
pub(super) enum CallRecording {
    /// Nothing.
    #[default]
    None,
    /// It was asked for, and the call is not connected yet.
    Asked(RecordOptions),
    /// It goes on, or is over.
    Runs(Recording),
}

impl CallRecording {
    /// Takes a frame of one side whose first sample belongs to `at`.
    pub(super) fn hear(&mut self, side: Side, at: Time, frame: &Frame) {
        if let CallRecording::Runs(recording) = self {
            recording.hear(side, at, frame);
        }
    }

    /// When a part of it is handed on.
    pub(super) fn deadline(&self) -> Option<Time> {
        match self {
            CallRecording::Runs(recording) => recording.deadline(),
            CallRecording::None | CallRecording::Asked(_) => None,
        }
    }

    /// The part that is handed on.
    pub(super) fn take(&mut self, now: Time) -> Option<Recorded> {
        match self {
            CallRecording::Runs(recording) => recording.take(now),
            CallRecording::None | CallRecording::Asked(_) => None,
        }
    }
}

impl CallUnit {
    /// At once when the call is connected, else as soon as it is.
    pub(super) fn record(&mut self, desk: &mut Desk, options: RecordOptions) {
        if !self.leg.is_live() {
            return self.wrong_state(desk, "record", self.leg.state());
        }
        if !matches!(self.recording, CallRecording::None) {
            let text = "call.record() did nothing: the call is recorded already";
            return desk.scribe.note_of(self.id, Some("F-362"), text);
        }
        self.recording = CallRecording::Asked(options);
        if self.told_connected {
            self.start_recording(desk);
        } else {
            desk.scribe.rely("F-035");
        }
    }

    /// The call is connected.
    pub(super) fn start_recording(&mut self, desk: &mut Desk) {
        let CallRecording::Asked(options) = &self.recording else { return };
        let stereo = options.stereo;
        for policy in ["F-360"].into_iter().chain(stereo.then_some("F-043")) {
            desk.scribe.rely(policy);
        }
        let url = desk.setup.recording_url(&desk.scribe.name_of(self.id));
        let (now, kept) = (desk.scribe.now(), desk.setup.recordings);
        let told = json!({ "url": url });
        let (recording, begins) = Recording::start(now, url, LINE_RATE, stereo, kept);
        self.recording = CallRecording::Runs(recording);
        desk.recorded(self.id, begins);
        desk.scribe.raise(On::Unit(self.id), "Call.RecordStarted", events::fields(told));
    }

    /// The call is over; whether there was a recording that is now complete.
    pub(super) fn stop_recording(&mut self, desk: &mut Desk) -> bool {
        let CallRecording::Runs(recording) = &mut self.recording else { return false };
        for part in recording.stop(desk.scribe.now()) {
            desk.recorded(self.id, part);
        }
        true
    }

    /// The script hears that its recording is complete.
    pub(super) fn tell_recorded(&self, desk: &mut Desk) {
        if let CallRecording::Runs(recording) = &self.recording {
            let stopped = events::record_stopped(recording.url(), recording.seconds());
            desk.scribe.raise(On::Unit(self.id), "Call.RecordStopped", stopped);
        }
    }
}

//! The calls of a session: what the script asks of them and what becomes due. The sequences are those of semantics 5.2.

use std::collections::VecDeque;

use voxrun_audio::g711::Law;
use voxrun_bindings::contract::{CallFacts, Fields, HostEvent, On, RecordOptions, Time, UnitId};

use super::io::{LegOutput, Output};
use super::report::ScriptRecording;
use super::{Session, call_events};
use crate::journal::EntryKind;
use crate::media::Recorder;
use crate::telephony::{LINE_RATE, Leg, LegState, LoopbackLine, dialable};

/// From the answer to the first audio packet and `Call.Connected`.
const CONNECT_MS: u64 = 20;
/// From `Call.Disconnected` to `Call.RecordStopped`.
const RECORD_STOP_MS: u64 = 12;
/// A call that nobody answers is ended after this long.
const UNANSWERED_MS: u64 = 60_000;
/// Early media lasts at most this long.
const EARLY_MEDIA_MS: u64 = 60_000;
/// What an unanswered caller is told when the scenario hangs up or ends: the platform's own hang-up of a call that no
/// listener took is a 603.
pub(super) const DECLINE: u16 = 603;

/// The class of a call's object.
const CLASS: &str = "Call";

/// Why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallEnd {
    /// BYE, or CANCEL before the answer.
    FarEnd,
    /// `call.hangup()`
    HungUp,
    /// `call.reject(code)`
    Rejected(u16),
    /// Nobody answered in time.
    Unanswered,
    /// Early media lasted too long.
    EarlyMediaLimit,
    /// The session ended first.
    SessionEnded,
}

/// What a call does by itself a little later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Audio flows: FirstAudioPacketReceived, Connected, AudioQualityDetected.
    Connected,
    /// The recording is complete.
    RecordStopped,
}

/// One call.
#[derive(Debug)]
pub(super) struct CallUnit {
    pub(super) facts: CallFacts,
    pub(super) leg: Leg,
    pub(super) line: LoopbackLine,
    /// Tones become events.
    pub(super) tones: bool,
    /// `Call.Connected` was raised.
    pub(super) told_connected: bool,
    pub(super) steps: VecDeque<(Time, Step)>,
    pub(super) recorder: Option<Recorder>,
    pub(super) recording: Option<ScriptRecording>,
    /// How it ended, in words.
    pub(super) end: Option<String>,
}

impl CallUnit {
    /// When something happens by itself.
    pub(super) fn next_due(&self, limits: bool) -> Option<Time> {
        let step = self.steps.front().map(|(at, _)| *at);
        let limit = self.limit().filter(|_| limits).map(|(at, _)| at);
        step.into_iter().chain(limit).min()
    }

    /// The limit that ends it while it is not answered.
    fn limit(&self) -> Option<(Time, CallEnd)> {
        if self.leg.state() != LegState::Alerting {
            return None;
        }
        let unanswered = (self.leg.alerted_at().plus_ms(UNANSWERED_MS), CallEnd::Unanswered);
        let early =
            self.leg.early_media_at().map(|at| (at.plus_ms(EARLY_MEDIA_MS), CallEnd::EarlyMediaLimit));
        Some(early.unwrap_or(unanswered))
    }
}

impl Session {
    /// A call comes in: it alerts.
    pub(super) fn incoming_call(&mut self, facts: CallFacts) {
        let call = UnitId(u32::try_from(self.calls.len() + 1).unwrap_or(UnitId::FIRST_OF_SCRIPT - 1));
        let _ = self.names.add(call, "call");
        let recorder = self.setup.keep_audio.then(|| Recorder::new(LINE_RATE, self.now));
        let unit = CallUnit {
            facts: facts.clone(),
            leg: Leg::incoming(self.now),
            line: LoopbackLine::new(Law::Mu),
            tones: false,
            told_connected: false,
            steps: VecDeque::new(),
            recorder,
            recording: None,
            end: None,
        };
        self.calls.insert(call, Box::new(unit));
        self.graph.add_leg(call, LINE_RATE);
        self.idle_since = None;
        let fields = call_events::alerting(&facts);
        self.push_event(HostEvent::Born { unit: call, class: CLASS.into(), facts: facts.dictionary() });
        self.raise(On::Application(Some(call)), "Application.CallAlerting", fields);
    }

    pub(super) fn answer(&mut self, call: UnitId) {
        let now = self.now;
        self.on_leg(call, "answer", LegOutput::Answered, |unit| {
            unit.leg.answer(now)?;
            unit.steps.push_back((now.plus_ms(CONNECT_MS), Step::Connected));
            Ok(())
        });
    }

    pub(super) fn ring(&mut self, call: UnitId) {
        self.on_leg(call, "ring", LegOutput::Ringing, |unit| unit.leg.ring());
    }

    pub(super) fn early_media(&mut self, call: UnitId) {
        let now = self.now;
        self.on_leg(call, "startEarlyMedia", LegOutput::EarlyMedia, |unit| unit.leg.start_early_media(now));
    }

    pub(super) fn reject(&mut self, call: UnitId, code: u16) {
        match self.calls.get(&call).map(|unit| unit.leg.state()) {
            Some(LegState::Alerting) => self.end_call(call, CallEnd::Rejected(code)),
            state => self.wrong_state(call, "reject", state),
        }
    }

    pub(super) fn hang_up(&mut self, call: UnitId) {
        match self.calls.get(&call).map(|unit| unit.leg.state()) {
            Some(LegState::Alerting | LegState::Connected) => self.end_call(call, CallEnd::HungUp),
            state => self.wrong_state(call, "hangup", state),
        }
    }

    pub(super) fn handle_tones(&mut self, call: UnitId, on: bool) {
        match self.calls.get_mut(&call) {
            Some(unit) if unit.leg.is_live() => unit.tones = on,
            unit => {
                let state = unit.map(|unit| unit.leg.state());
                self.wrong_state(call, "handleTones", state);
            }
        }
    }

    pub(super) fn send_digits(&mut self, call: UnitId, digits: &str) {
        let (keys, dropped) = dialable(digits);
        if dropped > 0 {
            let text = format!("sendDigits: {dropped} characters that no telephone has were left out");
            self.note(&self.names.of(call), None, &text);
        }
        match self.calls.get(&call).map(|unit| unit.leg.state()) {
            Some(LegState::Connected) if keys.is_empty() => {}
            Some(LegState::Connected) => {
                self.outputs.push_back(Output::Leg { call, output: LegOutput::Digits(keys) });
            }
            state => self.wrong_state(call, "sendDigits", state),
        }
    }

    /// `call.record()`: at once when the call is connected, else as soon as it is.
    pub(super) fn record(&mut self, call: UnitId, options: RecordOptions) {
        let base = self.setup.record_base_url.trim_end_matches('/').to_owned();
        let number = self.setup.number;
        let now = self.now;
        let Some(unit) =
            self.calls.get_mut(&call).filter(|unit| unit.leg.is_live() && unit.recording.is_none())
        else {
            let state = self.calls.get(&call).map(|unit| unit.leg.state());
            self.wrong_state(call, "record", state);
            return;
        };
        let kind = if options.lossless { "flac" } else { "mp3" };
        let url = format!("{base}/session-{number}-call-{}.{kind}", call.0);
        unit.recorder.get_or_insert_with(|| Recorder::new(LINE_RATE, now));
        unit.recording = Some(ScriptRecording { call, url, options, started: None, stopped: None });
        if unit.told_connected {
            self.start_recording(call);
        } else {
            self.rely("F-035");
        }
    }

    fn start_recording(&mut self, call: UnitId) {
        let now = self.now;
        let Some(recording) = self.calls.get_mut(&call).and_then(|unit| unit.recording.as_mut()) else {
            return;
        };
        recording.started = Some(now);
        let fields = call_events::record_started(&recording.url);
        self.raise(On::Unit(call), "Call.RecordStarted", fields);
    }

    /// Does what is due for a call.
    pub(super) fn call_due(&mut self, call: UnitId) {
        let now = self.now;
        let Some(unit) = self.calls.get_mut(&call) else { return };
        if let Some((_, step)) = unit.steps.front().copied().filter(|(at, _)| *at <= now) {
            unit.steps.pop_front();
            self.step(call, step);
        } else if let Some((_, end)) = unit.limit().filter(|(at, _)| *at <= now) {
            self.rely("F-030");
            self.end_call(call, end);
        }
    }

    fn step(&mut self, call: UnitId, step: Step) {
        let Some(unit) = self.calls.get_mut(&call) else { return };
        match step {
            Step::Connected => {
                unit.told_connected = true;
                let connected = call_events::connected(&unit.facts);
                self.raise(On::Unit(call), "Call.FirstAudioPacketReceived", Fields::new());
                self.raise(On::Unit(call), "Call.Connected", connected);
                self.raise(On::Unit(call), "Call.AudioQualityDetected", call_events::audio_quality());
                self.start_recording(call);
            }
            Step::RecordStopped => {
                let Some(recording) = &unit.recording else { return };
                let fields = call_events::record_stopped(recording);
                self.raise(On::Unit(call), "Call.RecordStopped", fields);
            }
        }
    }

    /// Ends a call that is not over: the far end is told, its links vanish, the script hears `Call.Disconnected`.
    pub(super) fn end_call(&mut self, call: UnitId, end: CallEnd) {
        let now = self.now;
        let Some(unit) = self.calls.get_mut(&call) else { return };
        let Ok(before) = unit.leg.end(now) else { return };
        let how = call_events::end_name(end, before);
        unit.end = Some(how.clone());
        unit.steps.clear();
        if let Some(recorder) = &mut unit.recorder {
            recorder.finish(now);
        }
        if let Some(recording) = unit.recording.as_mut().filter(|recording| recording.started.is_some()) {
            recording.stopped = Some(now);
            unit.steps.push_back((now.plus_ms(RECORD_STOP_MS), Step::RecordStopped));
        }
        let told = match (end, before) {
            (CallEnd::FarEnd, _) => None,
            (CallEnd::Rejected(code), _) => Some(LegOutput::Rejected { code }),
            (CallEnd::Unanswered, _) => Some(LegOutput::Rejected { code: 408 }),
            (_, LegState::Connected) => Some(LegOutput::HungUp),
            _ => Some(LegOutput::Rejected { code: DECLINE }),
        };
        self.outputs.extend(told.map(|output| Output::Leg { call, output }));
        let fields = call_events::disconnected(&unit.facts, end, before, unit.leg.talked(now));
        self.write(
            &self.names.of(call),
            EntryKind::Lifecycle,
            "call_ended",
            serde_json::json!({ "end": how }),
        );
        self.unlink(call);
        self.raise(On::Unit(call), "Call.Disconnected", fields);
        if self.calls.values().all(|unit| !unit.leg.is_live()) {
            self.idle_since = Some(now);
        }
    }

    /// Does at once what a call would do later: the session is ending.
    pub(super) fn flush_call(&mut self, call: UnitId) {
        while let Some((_, step)) = self.calls.get_mut(&call).and_then(|unit| unit.steps.pop_front()) {
            self.step(call, step);
        }
    }

    /// Changes a leg and tells its far end, unless it is in a state in which that has no meaning.
    fn on_leg(
        &mut self,
        call: UnitId,
        member: &str,
        output: LegOutput,
        change: impl FnOnce(&mut CallUnit) -> Result<(), crate::telephony::WrongState>,
    ) {
        let Some(unit) = self.calls.get_mut(&call) else { return self.wrong_state(call, member, None) };
        match change(unit) {
            Ok(()) => {
                let (hears, heard) = (unit.leg.hears(), unit.leg.is_heard());
                self.graph.set_leg(call, hears, heard);
                self.outputs.push_back(Output::Leg { call, output });
            }
            Err(wrong) => self.wrong_state(call, member, Some(wrong.0)),
        }
    }

    fn wrong_state(&mut self, call: UnitId, member: &str, state: Option<LegState>) {
        let why = match state {
            None => "there is no such call",
            Some(LegState::Alerting) => "the call is not answered yet",
            Some(LegState::Connected) => "the call does it already, or is past it",
            Some(LegState::Terminated) => "the call is over",
        };
        let text = format!("call.{member}() did nothing: {why}");
        self.note(&self.names.of(call), Some("F-033"), &text);
    }
}

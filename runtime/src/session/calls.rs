//! The calls of a session: what the script asks of them and what becomes due. The sequences are those of semantics 5.2.

use std::collections::VecDeque;

use voxrun_audio::g711::Law;
use voxrun_bindings::contract::{
    CallAsk, CallFacts, Fields, Headers, HostEvent, On, RecordOptions, Time, UnitId,
};

use super::call_end::CallEnd;
use super::io::{LegOutput, Output};
use super::report::ScriptRecording;
use super::{Session, call_events};
use crate::journal::EntryKind;
use crate::media::Recorder;
use crate::telephony::{Direction, LINE_RATE, Leg, LegState, LoopbackLine, dialable};

/// From the answer to the first audio packet and `Call.Connected`.
const CONNECT_MS: u64 = 20;
/// From `Call.Disconnected` to `Call.RecordStopped`.
const RECORD_STOP_MS: u64 = 12;
/// A call that nobody answers is ended after this long.
const UNANSWERED_MS: u64 = 60_000;
/// Early media lasts at most this long.
const EARLY_MEDIA_MS: u64 = 60_000;
/// The class of a call's object.
const CLASS: &str = "Call";

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
    /// How it ended.
    pub(super) end: Option<CallEnd>,
    /// How long who was called has, for an outgoing one.
    pub(super) answer_within_ms: u64,
    /// Headers of the 200 of who was called; those of its INVITE are in the facts.
    pub(super) answer_headers: Headers,
}

impl CallUnit {
    /// A call that begins now.
    pub(super) fn new(facts: CallFacts, leg: Leg, recorder: Option<Recorder>) -> CallUnit {
        CallUnit {
            facts,
            leg,
            line: LoopbackLine::new(Law::Mu),
            tones: false,
            told_connected: false,
            steps: VecDeque::new(),
            recorder,
            recording: None,
            end: None,
            answer_within_ms: UNANSWERED_MS,
            answer_headers: Headers::new(),
        }
    }

    /// `Call.Connected` and what belongs to it are due.
    pub(super) fn connect_soon(&mut self, now: Time) {
        self.steps.push_back((now.plus_ms(CONNECT_MS), Step::Connected));
    }

    /// What the far end sent when the call came about.
    fn far_headers(&self) -> &Headers {
        match self.leg.direction() {
            Direction::Incoming => &self.facts.headers,
            Direction::Outgoing => &self.answer_headers,
        }
    }

    /// When something happens by itself.
    pub(super) fn next_due(&self, limits: bool) -> Option<Time> {
        let step = self.steps.front().map(|(at, _)| *at);
        let limit = self.limit().filter(|_| limits).map(|(at, _)| at);
        step.into_iter().chain(limit).min()
    }

    /// The limit that ends it while it is not answered.
    fn limit(&self) -> Option<(Time, CallEnd)> {
        match self.leg.state() {
            LegState::Alerting => {}
            LegState::Progressing => {
                return Some((self.leg.began_at().plus_ms(self.answer_within_ms), CallEnd::Unanswered));
            }
            LegState::Connected | LegState::Terminated => return None,
        }
        let unanswered = (self.leg.began_at().plus_ms(UNANSWERED_MS), CallEnd::Unanswered);
        let early =
            self.leg.early_media_at().map(|at| (at.plus_ms(EARLY_MEDIA_MS), CallEnd::EarlyMediaLimit));
        Some(early.unwrap_or(unanswered))
    }
}

impl Session {
    /// A call comes in: it alerts.
    pub(super) fn incoming_call(&mut self, facts: CallFacts) {
        // Calls that the script placed have numbers of its own.
        let came = self.calls.keys().filter(|call| call.0 < UnitId::FIRST_OF_SCRIPT).count();
        let call = UnitId(u32::try_from(came + 1).unwrap_or(UnitId::FIRST_OF_SCRIPT - 1));
        let _ = self.names.add(call, "call");
        let recorder = self.setup.keep_audio.then(|| Recorder::new(LINE_RATE, self.now));
        let unit = CallUnit::new(facts.clone(), Leg::incoming(self.now), recorder);
        self.calls.insert(call, Box::new(unit));
        self.graph.add_leg(call, LINE_RATE);
        self.idle_since = None;
        let fields = call_events::alerting(&facts);
        self.push_event(HostEvent::Born { unit: call, class: CLASS.into(), facts: facts.dictionary() });
        self.raise(On::Application(Some(call)), "Application.CallAlerting", fields);
    }

    pub(super) fn answer(&mut self, call: UnitId, headers: Headers) {
        let now = self.now;
        self.on_leg(call, "answer", LegOutput::Answered { headers }, |unit| {
            unit.leg.answer(now)?;
            unit.connect_soon(now);
            Ok(())
        });
    }

    pub(super) fn ring(&mut self, call: UnitId, headers: Headers) {
        let now = self.now;
        self.on_leg(call, "ring", LegOutput::Ringing { headers }, |unit| unit.leg.ring(now).map(|_| ()));
    }

    pub(super) fn early_media(&mut self, call: UnitId, headers: Headers) {
        let now = self.now;
        self.on_leg(call, "startEarlyMedia", LegOutput::EarlyMedia { headers }, |unit| {
            unit.leg.start_early_media(now).map(|_| ())
        });
    }

    pub(super) fn reject(&mut self, call: UnitId, code: u16, headers: Headers) {
        match self.calls.get(&call).map(|unit| unit.leg.state()) {
            Some(LegState::Alerting) => self.end_call(call, CallEnd::Rejected(code), headers),
            state => self.wrong_state(call, "reject", state),
        }
    }

    /// No scenario listens for this call.
    pub(super) fn decline_unheard(&mut self, call: UnitId) {
        self.end_call(call, CallEnd::Unheard, Headers::new());
    }

    pub(super) fn hang_up(&mut self, call: UnitId, headers: Headers) {
        match self.calls.get(&call).map(|unit| unit.leg.state()) {
            Some(LegState::Alerting | LegState::Progressing | LegState::Connected) => {
                self.end_call(call, CallEnd::HungUp, headers);
            }
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
            self.end_call(call, end, Headers::new());
        }
    }

    fn step(&mut self, call: UnitId, step: Step) {
        let Some(unit) = self.calls.get_mut(&call) else { return };
        match step {
            Step::Connected => {
                unit.told_connected = true;
                let connected = call_events::connected(&unit.facts, unit.far_headers());
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

    /// Ends a call that is not over: the far end is told, its links vanish, the script hears `Call.Disconnected`, or
    /// `Call.Failed` of a call that it placed and that was not answered. The headers are those that the side which ends
    /// it sends.
    pub(super) fn end_call(&mut self, call: UnitId, end: CallEnd, headers: Headers) {
        let (code, reason) = end.failure();
        self.end_call_because(call, end, (code, reason), headers);
    }

    /// The same with the code and the reason phrase of a `Call.Failed`, if it comes to that.
    pub(super) fn end_call_because(
        &mut self,
        call: UnitId,
        end: CallEnd,
        (code, reason): (u16, &str),
        headers: Headers,
    ) {
        let now = self.now;
        let Some(unit) = self.calls.get_mut(&call) else { return };
        let Ok(before) = unit.leg.end(now) else { return };
        unit.end = Some(end);
        unit.steps.clear();
        if let Some(recorder) = &mut unit.recorder {
            recorder.finish(now);
        }
        if let Some(recording) = unit.recording.as_mut().filter(|recording| recording.started.is_some()) {
            recording.stopped = Some(now);
            unit.steps.push_back((now.plus_ms(RECORD_STOP_MS), Step::RecordStopped));
        }
        // What we send ourselves is no news to the script.
        let sent = if end.is_far_ends() { headers.clone() } else { Headers::new() };
        let (name, fields) = if before == LegState::Progressing {
            ("Call.Failed", call_events::failed(code, reason, &sent))
        } else {
            let talked = unit.leg.talked(now);
            ("Call.Disconnected", call_events::disconnected(&unit.facts, end, before, talked, &sent))
        };
        let told = match (end, before) {
            (end, _) if end.is_far_ends() => None,
            (_, LegState::Connected | LegState::Progressing) => Some(LegOutput::HungUp { headers }),
            (CallEnd::Rejected(code), _) => Some(LegOutput::Rejected { code, headers }),
            (CallEnd::Unanswered, _) => Some(LegOutput::Rejected { code: 408, headers }),
            _ => Some(LegOutput::Rejected { code: CallAsk::DECLINE, headers }),
        };
        self.outputs.extend(told.map(|output| Output::Leg { call, output }));
        self.write(
            &self.names.of(call),
            EntryKind::Lifecycle,
            "call_ended",
            serde_json::json!({ "end": end }),
        );
        self.unlink(call);
        self.raise(On::Unit(call), name, fields);
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
        if unit.leg.direction() == Direction::Outgoing {
            let text = format!("call.{member}() did nothing: the call was placed, its far end does that");
            return self.note(&self.names.of(call), Some("F-033"), &text);
        }
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
            Some(LegState::Alerting | LegState::Progressing) => "the call is not answered yet",
            Some(LegState::Connected) => "the call does it already, or is past it",
            Some(LegState::Terminated) => "the call is over",
        };
        let text = format!("call.{member}() did nothing: {why}");
        self.note(&self.names.of(call), Some("F-033"), &text);
    }
}

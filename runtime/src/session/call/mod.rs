//! A call as a unit of the session: what the script asks of it, what becomes due, and how it ends. The sequences are those
//! of semantics 5.2. `far_end` has what the other side does, `placed` what is special about a call that the script placed, `recording` what is
//! recorded of it.

mod end;
mod events;
mod far_end;
mod placed;
mod recording;

use std::collections::VecDeque;

use voxrun_bindings::contract::{CallAsk, CallFacts, Fields, Headers, HostEvent, InDialog, On, Time, UnitId};
use voxrun_bindings::wire::Side;

use super::desk::Desk;
use super::io::{LegOutput, Output};
use super::report::CallReport;
use crate::journal::EntryKind;
use crate::media::Recorder;
use crate::telephony::{Direction, Inlet, LINE_RATE, Leg, LegState, WrongState, dialable};

pub use end::CallEnd;
pub(super) use placed::Attempts;
use recording::CallRecording;

/// From the answer to the first audio packet and `Call.Connected`.
const CONNECT_MS: u64 = 20;
/// From `Call.Disconnected` to `Call.RecordStopped`.
const RECORD_STOP_MS: u64 = 12;
/// A call that nobody answers is ended after this long.
const UNANSWERED_MS: u64 = 60_000;
/// Early media lasts at most this long.
const EARLY_MEDIA_MS: u64 = 60_000;
/// What a call's unit is called in the journal.
pub(super) const NAME: &str = "call";
/// The class of a call's object.
const CLASS: &str = "Call";

/// What a call does by itself a little later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Later {
    /// Audio flows: FirstAudioPacketReceived, Connected, AudioQualityDetected.
    Connected,
    /// The recording is complete.
    RecordStopped,
}

/// One call.
#[derive(Debug)]
pub(super) struct CallUnit {
    id: UnitId,
    facts: CallFacts,
    leg: Leg,
    inlet: Inlet,
    /// Tones become events.
    tones: bool,
    /// A far end's wish to be transferred becomes an event.
    transfers: bool,
    /// `Call.Connected` was raised.
    told_connected: bool,
    steps: VecDeque<(Time, Later)>,
    recorder: Option<Recorder>,
    recording: CallRecording,
    /// How it ended.
    end: Option<CallEnd>,
    /// How long who was called has, for an outgoing one.
    answer_within_ms: u64,
    /// Headers of the 200 of who was called; those of its INVITE are in the facts.
    answer_headers: Headers,
}

impl CallUnit {
    /// A call that begins now.
    fn new(id: UnitId, facts: CallFacts, leg: Leg, desk: &mut Desk) -> CallUnit {
        let inlet = Inlet::new(LINE_RATE);
        let rate = inlet.rate();
        desk.sound.add_leg(id, rate);
        let recorder = desk.setup.keep_audio.then(|| Recorder::new(rate, desk.scribe.now()));
        CallUnit {
            id,
            facts,
            leg,
            inlet,
            tones: false,
            transfers: false,
            told_connected: false,
            steps: VecDeque::new(),
            recorder,
            recording: CallRecording::None,
            end: None,
            answer_within_ms: UNANSWERED_MS,
            answer_headers: Headers::new(),
        }
    }

    /// A call comes in: it alerts.
    pub(super) fn incoming(id: UnitId, facts: CallFacts, desk: &mut Desk) -> CallUnit {
        let _ = desk.scribe.name(id, NAME);
        let fields = events::alerting(&facts);
        desk.scribe.event(HostEvent::Born { unit: id, class: CLASS.into(), facts: facts.dictionary() });
        desk.scribe.raise(On::Application(Some(id)), "Application.CallAlerting", fields);
        CallUnit::new(id, facts, Leg::incoming(desk.scribe.now()), desk)
    }

    /// Whether it is not over.
    pub(super) fn is_live(&self) -> bool {
        self.leg.is_live()
    }

    /// Whether the script placed it and waits for an answer.
    pub(super) fn is_on_its_way(&self) -> bool {
        self.leg.state() == LegState::Progressing
    }

    /// Does what the script asks.
    pub(super) fn ask(&mut self, desk: &mut Desk, ask: CallAsk) {
        let now = desk.scribe.now();
        match ask {
            CallAsk::Place { .. } => {}
            CallAsk::Answer { headers } => {
                self.on_leg(desk, "answer", LegOutput::Answered { headers }, |call| {
                    call.leg.answer(now)?;
                    call.connect_soon(now);
                    Ok(())
                });
            }
            CallAsk::Ring { headers } => {
                let output = LegOutput::Ringing { headers };
                self.on_leg(desk, "ring", output, |call| call.leg.ring(now).map(|_| ()));
            }
            CallAsk::StartEarlyMedia { headers } => {
                let output = LegOutput::EarlyMedia { headers };
                self.on_leg(desk, "startEarlyMedia", output, |call| {
                    call.leg.start_early_media(now).map(|_| ())
                });
            }
            CallAsk::Unheard => self.over(desk, CallEnd::Unheard, Headers::new()),
            CallAsk::Reject { code, headers } => self.reject(desk, code, headers),
            CallAsk::Hangup { headers } => self.hang_up(desk, headers),
            CallAsk::HandleTones { on } => self.handle_tones(desk, on),
            CallAsk::HandleBlindTransfer { on } => self.transfers = on,
            CallAsk::SendDigits { digits } => self.send_digits(desk, &digits),
            CallAsk::Send(request) => self.send(desk, request),
            CallAsk::Record { options } => self.record(desk, options),
        }
    }

    /// Sound that reaches its far end on a tick.
    pub(super) fn hear(&mut self, desk: &mut Desk, at: Time, frame: voxrun_audio::Frame) {
        if frame.is_silent() {
            return;
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.put(Side::Script, at, &frame);
        }
        self.recording.hear(Side::Script, at, &frame);
        desk.scribe.output(Output::Leg { call: self.id, output: LegOutput::Audio(frame) });
    }

    /// When something happens by itself.
    pub(super) fn deadline(&self, limits: bool) -> Option<Time> {
        let step = self.steps.front().map(|(at, _)| *at);
        let limit = self.limit().filter(|_| limits).map(|(at, _)| at);
        step.into_iter().chain(limit).chain(self.recording.deadline()).min()
    }

    /// Does what is due.
    pub(super) fn due(&mut self, desk: &mut Desk) {
        let now = desk.scribe.now();
        if let Some((_, step)) = self.steps.front().copied().filter(|(at, _)| *at <= now) {
            self.steps.pop_front();
            self.step(desk, step);
        } else if self.recording.deadline().is_some_and(|at| at <= now) {
            if let Some(part) = self.recording.take(now) {
                desk.recorded(self.id, part);
            }
        } else if let Some((_, end)) = self.limit().filter(|(at, _)| *at <= now) {
            desk.scribe.rely("F-030");
            self.over(desk, end, Headers::new());
        }
    }

    /// The session ends: so does the call, and what it would do later it does at once.
    pub(super) fn session_ends(&mut self, desk: &mut Desk) {
        self.over(desk, CallEnd::SessionEnded, Headers::new());
        while let Some((_, step)) = self.steps.pop_front() {
            self.step(desk, step);
        }
    }

    /// What there is to tell of it.
    pub(super) fn report(&self) -> CallReport {
        CallReport {
            unit: self.id,
            id: self.facts.id.clone(),
            direction: self.leg.direction(),
            from: self.facts.callerid.clone(),
            to: self.facts.destination.clone(),
            answered_ms: self.leg.answered_at().map(Time::as_ms),
            ended_ms: self.leg.ended_at().map(Time::as_ms),
            end: self.end,
        }
    }

    /// Its sound, if it is kept.
    pub(super) fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_ref()
    }

    /// Takes its sound away. What comes later is not kept.
    pub(super) fn take_recorder(&mut self) -> Option<Recorder> {
        self.recorder.take()
    }

    fn reject(&mut self, desk: &mut Desk, code: u16, headers: Headers) {
        match self.leg.state() {
            LegState::Alerting => self.over(desk, CallEnd::Rejected(code), headers),
            state => self.wrong_state(desk, "reject", state),
        }
    }

    fn hang_up(&mut self, desk: &mut Desk, headers: Headers) {
        match self.leg.state() {
            LegState::Alerting | LegState::Progressing | LegState::Connected => {
                self.over(desk, CallEnd::HungUp, headers);
            }
            state @ LegState::Terminated => self.wrong_state(desk, "hangup", state),
        }
    }

    fn handle_tones(&mut self, desk: &mut Desk, on: bool) {
        if self.leg.is_live() {
            self.tones = on;
        } else {
            self.wrong_state(desk, "handleTones", self.leg.state());
        }
    }

    fn send_digits(&mut self, desk: &mut Desk, digits: &str) {
        let (keys, dropped) = dialable(digits);
        if dropped > 0 {
            let text = format!("sendDigits: {dropped} characters that no telephone has were left out");
            desk.scribe.note_of(self.id, None, &text);
        }
        match self.leg.state() {
            LegState::Connected if keys.is_empty() => {}
            LegState::Connected => {
                desk.scribe.output(Output::Leg { call: self.id, output: LegOutput::Digits(keys) });
            }
            state => self.wrong_state(desk, "sendDigits", state),
        }
    }

    /// A request within the dialog: there is one once the call is answered.
    fn send(&mut self, desk: &mut Desk, request: InDialog) {
        match self.leg.state() {
            LegState::Connected => {
                desk.scribe.output(Output::Leg { call: self.id, output: LegOutput::InDialog(request) });
            }
            state => self.wrong_state(desk, request.member(), state),
        }
    }

    /// `Call.Connected` and what belongs to it are due.
    fn connect_soon(&mut self, now: Time) {
        self.steps.push_back((now.plus_ms(CONNECT_MS), Later::Connected));
    }

    /// What the far end sent when the call came about.
    fn far_headers(&self) -> &Headers {
        match self.leg.direction() {
            Direction::Incoming => &self.facts.headers,
            Direction::Outgoing => &self.answer_headers,
        }
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

    fn step(&mut self, desk: &mut Desk, step: Later) {
        let on = On::Unit(self.id);
        match step {
            Later::Connected => {
                self.told_connected = true;
                let connected = events::connected(&self.facts, self.far_headers());
                desk.scribe.raise(on, "Call.FirstAudioPacketReceived", Fields::new());
                desk.scribe.raise(on, "Call.Connected", connected);
                desk.scribe.raise(on, "Call.AudioQualityDetected", events::audio_quality());
                self.start_recording(desk);
            }
            Later::RecordStopped => self.tell_recorded(desk),
        }
    }

    /// Ends a call that is not over: the far end is told, its links vanish, the script hears `Call.Disconnected`, or
    /// `Call.Failed` of a call that it placed and that was not answered. The headers are those that the side which ends
    /// it sends.
    fn over(&mut self, desk: &mut Desk, end: CallEnd, headers: Headers) {
        self.over_because(desk, end, end.failure(), headers);
    }

    /// The same with the code and the reason phrase of a `Call.Failed`, if it comes to that.
    fn over_because(&mut self, desk: &mut Desk, end: CallEnd, (code, reason): (u16, &str), headers: Headers) {
        let now = desk.scribe.now();
        let Ok(before) = self.leg.end(now) else { return };
        self.end = Some(end);
        self.steps.clear();
        if let Some(recorder) = &mut self.recorder {
            recorder.finish(now);
        }
        if self.stop_recording(desk) {
            self.steps.push_back((now.plus_ms(RECORD_STOP_MS), Later::RecordStopped));
        }
        // What we send ourselves is no news to the script.
        let sent = if end.is_far_ends() { headers.clone() } else { Headers::new() };
        let (name, fields) = if before == LegState::Progressing {
            ("Call.Failed", events::failed(code, reason, &sent))
        } else {
            let talked = self.leg.talked(now);
            ("Call.Disconnected", events::disconnected(&self.facts, end, before, talked, &sent))
        };
        if let Some(output) = end.told(before, headers) {
            desk.scribe.output(Output::Leg { call: self.id, output });
        }
        let data = serde_json::json!({ "end": end });
        desk.scribe.write_of(self.id, EntryKind::Lifecycle, "call_ended", data);
        desk.sound.unlink(&mut desk.scribe, self.id);
        desk.scribe.raise(On::Unit(self.id), name, fields);
    }

    /// Changes a leg and tells its far end, unless it is in a state in which that has no meaning.
    fn on_leg(
        &mut self,
        desk: &mut Desk,
        member: &str,
        output: LegOutput,
        change: impl FnOnce(&mut CallUnit) -> Result<(), WrongState>,
    ) {
        if self.leg.direction() == Direction::Outgoing {
            let text = format!("call.{member}() did nothing: the call was placed, its far end does that");
            return desk.scribe.note_of(self.id, Some("F-033"), &text);
        }
        match change(self) {
            Ok(()) => {
                desk.sound.set_leg(self.id, self.leg.hears(), self.leg.is_heard());
                desk.scribe.output(Output::Leg { call: self.id, output });
            }
            Err(WrongState(state)) => self.wrong_state(desk, member, state),
        }
    }

    fn wrong_state(&self, desk: &mut Desk, member: &str, state: LegState) {
        let why = match state {
            LegState::Alerting | LegState::Progressing => "the call is not answered yet",
            LegState::Connected => "the call does it already, or is past it",
            LegState::Terminated => "the call is over",
        };
        did_nothing(desk, self.id, member, why);
    }
}

/// A call was asked for something that it cannot do now.
pub(super) fn did_nothing(desk: &mut Desk, call: UnitId, member: &str, why: &str) {
    desk.scribe.note_of(call, Some("F-033"), &format!("call.{member}() did nothing: {why}"));
}

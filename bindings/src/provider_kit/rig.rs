//! A unit and its provider's emulator with the real pipe between them, in virtual time: a playout queue and an ear at the
//! one side, a caller's mouth at the other. What the tests of provider rooms stand on. Not the session: no graph, one unit.

use std::collections::VecDeque;

use serde_json::Value;
use voxrun_audio::{Frame, Listener, Rate, speak, spoken};

use crate::connection::{Faults, FromPipe, Link, Pipe};
use crate::contract::{Datum, Fields, Remark, Time};
use crate::wire::{
    Emulator, EmulatorSetup, Endpoint, FromUnit, Kind, Playout, Remote, SocketInput, ToUnit, Unit, UnitSetup,
    WireFrame,
};

/// The rate of everything that a provider of ours says.
const RATE: Rate = Rate::Hz24000;

/// What was seen, in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seen {
    Raised(String, Fields),
    Settled(Result<(), String>),
    Sent(String, Value),
    Received(String, Value),
    Note(Remark),
    /// The provider understood this of what the caller said.
    Heard(String),
    Closed(u16, String),
}

/// A unit, its provider, and its caller.
pub(crate) struct Rig {
    remote: &'static Remote,
    unit: Box<dyn Unit>,
    /// Until the unit connects.
    emulator: Option<Box<dyn Emulator>>,
    pipe: Option<Pipe>,
    /// What has happened on the wire and was not told yet.
    arrived: VecDeque<FromPipe>,
    faults: Faults,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) now: Time,
    queue: VecDeque<i16>,
    playing_ms: Option<u64>,
    next_tick: Time,
    ear: Listener,
    mouth: VecDeque<Frame>,
    pub(crate) seen: Vec<(Time, Seen)>,
    /// What came to be played, with the time at which each piece came.
    pub(crate) audio: Vec<(Time, Vec<i16>)>,
    /// Messages that the journal does not tell one by one.
    pub(crate) frames_sent: u64,
}

impl Rig {
    /// With these settings of the emulator, and good keys (none: any).
    pub(crate) fn new(kind: &'static Kind, settings: Value, keys: &[&str]) -> Rig {
        let unit =
            UnitSetup { seed: 7, fallback_key: Some("offline-key".to_owned()), ..UnitSetup::default() };
        Rig::with(kind, unit, settings, keys)
    }

    /// The same with a unit of one's own choice.
    pub(crate) fn with(kind: &'static Kind, setup: UnitSetup, settings: Value, keys: &[&str]) -> Rig {
        let settings = settings.as_object().cloned().unwrap_or_default();
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        let emulator = EmulatorSetup { seed: 11, settings, keys, ..EmulatorSetup::default() };
        let emulator = (kind.remote.unwrap().emulator)(emulator).unwrap();
        Rig::between(kind, setup, emulator)
    }

    /// The same with an emulator of one's own choice.
    pub(crate) fn between(kind: &'static Kind, setup: UnitSetup, emulator: Box<dyn Emulator>) -> Rig {
        Rig {
            remote: kind.remote.unwrap(),
            unit: (kind.make)(setup),
            emulator: Some(emulator),
            pipe: None,
            arrived: VecDeque::new(),
            faults: Faults::default(),
            endpoint: None,
            now: Time::ZERO,
            queue: VecDeque::new(),
            playing_ms: None,
            next_tick: Time::ZERO,
            ear: Listener::new(RATE),
            mouth: VecDeque::new(),
            seen: Vec::new(),
            audio: Vec::new(),
            frames_sent: 0,
        }
    }

    /// Starts with the factory's arguments.
    pub(crate) fn started(mut self, params: &[Value]) -> Rig {
        self.input(ToUnit::Start { params: &Datum::all(params) });
        self
    }

    pub(crate) fn tell(&mut self, method: &str, param: Value) {
        self.input(ToUnit::Tell { method, params: &[param.into()] });
    }

    /// The caller says this from now on, after what is still to be said.
    pub(crate) fn say(&mut self, text: &str) {
        let rate = self.unit.hears_at().unwrap_or(RATE);
        let samples = speak(text, rate);
        let pieces = samples.chunks(rate.frame_samples());
        self.mouth.extend(pieces.map(|piece| Frame::from_samples(rate, piece)));
    }

    /// What the session does at `clearBuffer()`: it empties the queue, then tells.
    pub(crate) fn clear(&mut self) {
        let dropped_ms = (self.queue.len() / 24) as u64;
        self.queue.clear();
        self.playing_ms = None;
        self.input(ToUnit::Playout(Playout::Cleared { dropped_ms }));
    }

    /// The connection is lost without a word.
    pub(crate) fn cut(&mut self) {
        self.pipe = None;
        self.arrived.clear();
        self.input(ToUnit::Closed { code: 1006, reason: "", clean: false });
    }

    pub(crate) fn input(&mut self, input: ToUnit<'_>) {
        self.unit.handle(self.now, input);
        while let Some(output) = self.unit.poll() {
            self.output(output);
        }
    }

    fn see(&mut self, seen: Seen) {
        self.seen.push((self.now, seen));
    }

    fn output(&mut self, output: FromUnit) {
        match output {
            FromUnit::Connect(endpoint) => self.connect(endpoint),
            FromUnit::Send { frame, name, shown } => {
                match shown {
                    Some(shown) => self.see(Seen::Sent(name.to_string(), shown)),
                    None => self.frames_sent += 1,
                }
                if let Some(pipe) = &mut self.pipe {
                    pipe.send(self.now, frame, name);
                }
            }
            FromUnit::Received { name, shown } => self.see(Seen::Received(name, shown)),
            FromUnit::CloseSocket { code, reason } => {
                self.see(Seen::Closed(code, reason));
                if let Some(pipe) = &mut self.pipe {
                    pipe.close(self.now, code);
                }
            }
            FromUnit::Settle(result) => self.see(Seen::Settled(result)),
            FromUnit::Raise { name, fields } => {
                self.see(Seen::Raised(name, fields.to_json(&|_| Value::Null)));
            }
            FromUnit::Audio { rate, samples } => {
                assert_eq!(rate, RATE);
                assert!(!samples.is_empty());
                self.queue.extend(&samples);
                self.audio.push((self.now, samples));
            }
            FromUnit::ClearPlayout => self.queue.clear(),
            FromUnit::Note(remark) => self.see(Seen::Note(remark)),
            other => panic!("no unit with a provider says {other:?}"),
        }
    }

    fn connect(&mut self, endpoint: Endpoint) {
        self.endpoint = Some(endpoint.clone());
        let emulator = self.emulator.take().expect("one connection");
        let link = Link { connect_ms: self.remote.connect_ms, network_ms: self.remote.network_ms };
        let pipe = Pipe::connect(self.now, self.remote.name, link, endpoint, emulator, &mut self.faults);
        self.pipe = Some(pipe);
    }

    /// When the next thing happens on the wire.
    fn wire_at(&self) -> Option<Time> {
        match self.arrived.is_empty() {
            true => self.pipe.as_ref().and_then(Pipe::deadline),
            false => Some(self.now),
        }
    }

    /// Lets the next thing happen on the wire.
    fn carry(&mut self) {
        if let Some(pipe) = self.pipe.as_mut().filter(|_| self.arrived.is_empty()) {
            pipe.advance(self.now, &mut self.faults);
            self.arrived.extend(std::iter::from_fn(|| pipe.poll()));
        }
        match self.arrived.pop_front() {
            Some(FromPipe::Socket(input)) => self.socket(&input),
            Some(FromPipe::Heard(text)) => self.see(Seen::Heard(text)),
            Some(FromPipe::Note(remark)) => self.see(Seen::Note(remark)),
            Some(FromPipe::Fault(fault)) => panic!("no fault was asked for: {fault}"),
            Some(FromPipe::Broken(what)) => panic!("{what}"),
            None => {}
        }
    }

    fn socket(&mut self, input: &SocketInput) {
        self.input(match input {
            SocketInput::Opened => ToUnit::Opened,
            SocketInput::Refused { status, body } => ToUnit::Refused { status: *status, body },
            SocketInput::Failed { reason } => ToUnit::Failed { reason },
            SocketInput::Frame(frame) => ToUnit::Frame(frame),
            SocketInput::Closed { code, reason, clean } => {
                ToUnit::Closed { code: *code, reason, clean: *clean }
            }
        });
    }

    /// A message from the provider, out of the blue.
    pub(crate) fn inject(&mut self, text: &str) {
        self.input(ToUnit::Frame(&WireFrame::Text(text.into())));
    }

    /// 20 ms of sound, either way.
    fn tick(&mut self) {
        self.next_tick = self.next_tick.plus_ms(20);
        self.play();
        let rate = self.unit.hears_at();
        let frame = self.mouth.pop_front().or_else(|| rate.map(Frame::silence));
        if let Some(frame) = frame.filter(|frame| Some(frame.rate()) == rate) {
            self.input(ToUnit::Audio(&frame));
        }
    }

    fn play(&mut self) {
        if self.queue.is_empty() {
            self.ear.push(&Frame::silence(RATE));
            if let Some(played_ms) = self.playing_ms.take() {
                self.input(ToUnit::Playout(Playout::Drained { played_ms }));
            }
            return;
        }
        if self.playing_ms.is_none() {
            self.playing_ms = Some(0);
            self.input(ToUnit::Playout(Playout::Started));
        }
        let due = self.queue.len().min(RATE.frame_samples());
        let samples: Vec<i16> = self.queue.drain(..due).collect();
        self.playing_ms = self.playing_ms.map(|ms| ms + 20);
        self.ear.push(&Frame::from_samples(RATE, &samples));
    }

    /// When the next thing happens: on the wire, at the unit, or a tick of sound, in this order.
    fn next(&self) -> Time {
        let due = [self.wire_at(), self.unit.deadline()];
        due.into_iter().flatten().fold(self.next_tick, Time::min).max(self.now)
    }

    /// Lets the next thing happen.
    pub(crate) fn step(&mut self) {
        self.now = self.next();
        let due = |at: Option<Time>| at.is_some_and(|at| at <= self.now);
        if due(self.wire_at()) {
            self.carry();
        } else if due(self.unit.deadline()) {
            self.input(ToUnit::Deadline);
            assert!(self.unit.deadline().is_none_or(|at| at > self.now), "a deadline stays");
        } else {
            self.tick();
        }
    }

    /// Lets so much time pass.
    pub(crate) fn run(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        while self.next() <= end {
            self.step();
        }
        self.now = end;
    }

    /// Everything heard so far: words with the time of their start, `[...]` for a word that was cut.
    pub(crate) fn heard_at(&mut self) -> Vec<(String, u64)> {
        self.ear.flush();
        let heard = std::iter::from_fn(|| self.ear.poll());
        let told = heard.map(|heard| match heard {
            spoken::Heard::Word { text, start_ms, .. } => (text, start_ms),
            spoken::Heard::Lost { start_ms, .. } => ("[...]".to_owned(), start_ms),
        });
        told.collect()
    }

    /// The same without times.
    pub(crate) fn heard(&mut self) -> String {
        self.heard_at().into_iter().map(|(word, _)| word).collect::<Vec<_>>().join(" ")
    }

    /// Names of the raised events of a player without `Player.`, in order.
    pub(crate) fn events(&self) -> Vec<&str> {
        let raised = self.seen.iter().filter_map(|(_, seen)| match seen {
            Seen::Raised(name, _) => name.strip_prefix("Player."),
            _ => None,
        });
        raised.collect()
    }

    /// Names of sent messages.
    pub(crate) fn sent(&self) -> Vec<&str> {
        let sent = self.seen.iter().filter_map(|(_, seen)| match seen {
            Seen::Sent(name, _) => Some(name.as_str()),
            _ => None,
        });
        sent.collect()
    }

    /// Bodies of sent messages of this name.
    pub(crate) fn sent_bodies(&self, wanted: &str) -> Vec<&Value> {
        let sent = self.seen.iter().filter_map(|(_, seen)| match seen {
            Seen::Sent(name, body) if name == wanted => Some(body),
            _ => None,
        });
        sent.collect()
    }

    /// Names of received messages, repetitions counted once.
    pub(crate) fn received(&self) -> Vec<&str> {
        let received = self.seen.iter().filter_map(|(_, seen)| match seen {
            Seen::Received(name, _) => Some(name.as_str()),
            _ => None,
        });
        let mut names: Vec<&str> = received.collect();
        names.dedup();
        names
    }

    /// Remarks that contain these words.
    pub(crate) fn notes(&self, words: &str) -> usize {
        let noted = |seen: &Seen| matches!(seen, Seen::Note(remark) if remark.text.contains(words));
        self.seen.iter().filter(|(_, seen)| noted(seen)).count()
    }

    /// The `error` field of the first event of this name.
    pub(crate) fn error_of(&self, wanted: &str) -> String {
        let error = |seen: &Seen| match seen {
            Seen::Raised(name, fields) if name == wanted => {
                Some(fields.get("error").and_then(Value::as_str).unwrap_or("").to_owned())
            }
            _ => None,
        };
        self.seen.iter().find_map(|(_, seen)| error(seen)).unwrap_or_else(|| "no such event".to_owned())
    }
}

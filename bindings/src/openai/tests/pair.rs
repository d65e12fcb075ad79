//! Both ends of the wire against each other on one virtual clock: messages travel for a while, a caller's frames come
//! every 20 ms, and everything that happened stands in one list.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};
use voxrun_audio::{Frame, Rate, speak};

use super::{second_opinion, table};
use crate::contract::{Datum, Remark, Time};
use crate::openai::{KIND, REMOTE};
use crate::wire::{
    Emulator, EmulatorSetup, Endpoint, FromEmulator, FromUnit, ToEmulator, ToUnit, Unit, UnitSetup, WireFrame,
};

/// What travels, or is due.
enum Parcel {
    Upgrade(Endpoint),
    Accepted,
    Refused(u16, String),
    ToServer(WireFrame),
    ToGateway(WireFrame),
    ServerGone(u16),
    GatewayGone(u16, String),
    Tick,
}

/// One thing that happened at the connector's side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Happening {
    pub(super) at: Time,
    /// `raise`, `note`, `settle`, `sent`, `heard`, `close`
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) data: Value,
}

pub(super) struct Pair {
    gateway: Box<dyn Unit>,
    server: Box<dyn Emulator>,
    pub(super) now: Time,
    road: BTreeMap<(Time, u64), Parcel>,
    sent: u64,
    caller: VecDeque<Frame>,
    pub(super) log: Vec<Happening>,
    /// The agent's samples at 24 kHz, with the time each piece came.
    pub(super) agent: Vec<(Time, Vec<i16>)>,
    pub(super) frames_sent: u64,
    /// Errors of the emulator.
    complaints: u32,
}

const NETWORK_MS: u64 = 15;

impl Pair {
    /// Connects with these settings and arguments; nothing has happened yet.
    pub(super) fn new(connector: UnitSetup, emulator: EmulatorSetup, params: Value) -> Pair {
        let row = &KIND;
        let mut pair = Pair {
            gateway: (row.make)(connector),
            server: (REMOTE.emulator)(emulator).unwrap(),
            now: Time::ZERO,
            road: BTreeMap::new(),
            sent: 0,
            caller: VecDeque::new(),
            log: Vec::new(),
            agent: Vec::new(),
            frames_sent: 0,
            complaints: 0,
        };
        pair.post(20, Parcel::Tick);
        pair.gateway(ToUnit::Start { params: &[params.into()] });
        pair
    }

    /// A good connection with these emulator settings.
    pub(super) fn with(settings: Value, replies: Value) -> Pair {
        let emulator = EmulatorSetup {
            seed: 7,
            settings: settings.as_object().unwrap().clone(),
            replies: serde_json::from_value(replies).unwrap(),
            ..EmulatorSetup::default()
        };
        Pair::new(UnitSetup::default(), emulator, json!({"apiKey": "sk-test", "model": "gpt-realtime-1.5"}))
    }

    /// The same, after `session.updated` with this session.
    pub(super) fn ready(settings: Value, replies: Value, session: Value) -> Pair {
        let mut pair = Pair::with(settings, replies);
        pair.until("SessionCreated");
        pair.tell("sessionUpdate", json!({"session": session}));
        pair.until("SessionUpdated");
        pair
    }

    fn post(&mut self, after_ms: u64, parcel: Parcel) {
        self.sent += 1;
        self.road.insert((self.now.plus_ms(after_ms), self.sent), parcel);
    }

    fn note(&mut self, kind: &'static str, name: impl Into<String>, data: Value) {
        self.log.push(Happening { at: self.now, kind, name: name.into(), data });
    }

    pub(super) fn tell(&mut self, method: &str, params: Value) {
        self.gateway(ToUnit::Tell { method, params: &[params.into()] });
    }

    pub(super) fn close(&mut self) {
        self.gateway(ToUnit::Close { stop: false });
    }

    /// The caller says this from now on, after what is still to be said.
    pub(super) fn say(&mut self, text: &str) {
        let rate = self.gateway.hears_at().unwrap_or(Rate::Hz24000);
        let samples = speak(text, rate);
        self.caller
            .extend(samples.chunks(rate.frame_samples()).map(|piece| Frame::from_samples(rate, piece)));
    }

    /// A provider's message out of nowhere.
    pub(super) fn inject(&mut self, frame: WireFrame) {
        self.post(0, Parcel::ToGateway(frame));
    }

    fn gateway(&mut self, input: ToUnit<'_>) {
        self.gateway.handle(self.now, input);
        while let Some(output) = self.gateway.poll() {
            match output {
                FromUnit::Connect(endpoint) => self.post(120, Parcel::Upgrade(endpoint)),
                FromUnit::Send { frame, name, shown } => {
                    match shown {
                        Some(shown) => self.note("sent", name, shown),
                        None => self.frames_sent += 1,
                    }
                    self.post(NETWORK_MS, Parcel::ToServer(frame));
                }
                FromUnit::CloseSocket { code, reason } => {
                    self.note("close", code.to_string(), reason.clone().into());
                    self.post(NETWORK_MS, Parcel::ServerGone(code));
                    self.post(2 * NETWORK_MS, Parcel::GatewayGone(code, reason));
                }
                FromUnit::Settle(result) => {
                    self.note("settle", result.err().unwrap_or_default(), Value::Null)
                }
                FromUnit::Raise { name, fields } => self.note("raise", name, Datum::Map(fields).json()),
                FromUnit::Audio { rate, samples } => {
                    assert_eq!(rate, Rate::Hz24000);
                    self.agent.push((self.now, samples));
                }
                FromUnit::Note(Remark { policy, text }) => self.note("note", text, json!(policy)),
                FromUnit::Received { .. } | FromUnit::ClearPlayout => {}
                other => panic!("no client says {other:?}"),
            }
        }
    }

    fn server(&mut self, input: ToEmulator<'_>) {
        self.server.handle(self.now, input);
        while let Some(output) = self.server.poll() {
            match output {
                FromEmulator::Accept => self.post(NETWORK_MS, Parcel::Accepted),
                FromEmulator::Refuse { status, body } => self.post(NETWORK_MS, Parcel::Refused(status, body)),
                FromEmulator::Send(frame) => {
                    if let WireFrame::Text(text) = &frame {
                        let event: Value = serde_json::from_str(text).unwrap();
                        self.complaints += u32::from(event["type"] == "error");
                        table::check(&event);
                        second_opinion::server_event(&event);
                    }
                    self.post(NETWORK_MS, Parcel::ToGateway(frame));
                }
                FromEmulator::Close { code, reason } => {
                    self.post(NETWORK_MS, Parcel::GatewayGone(code, reason))
                }
                FromEmulator::Heard { text } => self.note("heard", text, Value::Null),
            }
        }
    }

    /// The next thing in time.
    fn step(&mut self) {
        let parcel_at = self.road.keys().next().map(|(at, _)| *at);
        let ends = [self.gateway.deadline(), self.server.deadline(), parcel_at];
        let at = ends.into_iter().flatten().min().unwrap();
        self.now = self.now.max(at);
        if self.server.deadline() == Some(at) {
            self.server(ToEmulator::Deadline);
        } else if self.gateway.deadline() == Some(at) {
            self.gateway(ToUnit::Deadline);
        } else if let Some((_, parcel)) = self.road.pop_first() {
            self.deliver(parcel);
        }
    }

    fn deliver(&mut self, parcel: Parcel) {
        match parcel {
            Parcel::Upgrade(endpoint) => self.server(ToEmulator::Upgrade(&endpoint)),
            Parcel::Accepted => self.gateway(ToUnit::Opened),
            Parcel::Refused(status, body) => self.gateway(ToUnit::Refused { status, body: &body }),
            Parcel::ToServer(frame) => {
                let opinion = match &frame {
                    WireFrame::Text(text) => second_opinion::client_event(text),
                    WireFrame::Binary(_) => Ok(()),
                };
                let complaints = self.complaints;
                self.server(ToEmulator::Frame(&frame));
                // What a test sends wrong on purpose is refused by the emulator too.
                assert!(opinion.is_ok() || self.complaints > complaints, "{opinion:?}");
            }
            Parcel::ToGateway(frame) => self.gateway(ToUnit::Frame(&frame)),
            Parcel::ServerGone(code) => self.server(ToEmulator::Closed { code }),
            Parcel::GatewayGone(code, reason) => {
                self.gateway(ToUnit::Closed { code, reason: &reason, clean: true });
            }
            Parcel::Tick => {
                self.post(20, Parcel::Tick);
                let rate = self.gateway.hears_at();
                let frame = self.caller.pop_front().or_else(|| rate.map(Frame::silence));
                if let Some(frame) = frame.filter(|frame| Some(frame.rate()) == rate) {
                    self.gateway(ToUnit::Audio(&frame));
                }
            }
        }
    }

    /// Lets time pass.
    pub(super) fn run_ms(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        self.post(ms, Parcel::ToServer(WireFrame::Binary(Vec::new())));
        let marker = self.sent;
        while self.road.contains_key(&(end, marker)) && self.peek() < (end, marker) {
            self.step();
        }
        self.road.remove(&(end, marker));
        self.now = end;
    }

    fn peek(&self) -> (Time, u64) {
        let parcel = self.road.keys().next().copied().unwrap_or((Time::from_us(u64::MAX), 0));
        [self.gateway.deadline(), self.server.deadline()]
            .into_iter()
            .flatten()
            .map(|at| (at, 0))
            .fold(parcel, Ord::min)
    }

    /// Lets time pass until this event has been raised (its member's name); at most a minute.
    pub(super) fn until(&mut self, member: &str) -> Value {
        let from = self.log.len();
        let end = self.now.plus_ms(60_000);
        while self.now < end {
            self.step();
            let found = self.log[from..]
                .iter()
                .find(|line| line.kind == "raise" && line.name.ends_with(&format!(".{member}")));
            if let Some(line) = found {
                return line.data["data"]["payload"].clone();
            }
        }
        panic!("{member} never came: {:#?}", self.names(from));
    }

    /// Names of the events raised since line `from`, without their prefix.
    pub(super) fn names(&self, from: usize) -> Vec<&str> {
        let raised = self.log[from..].iter().filter(|line| line.kind == "raise");
        raised.map(|line| line.name.rsplit('.').next().unwrap_or_default()).collect()
    }

    /// Payloads of an event.
    pub(super) fn payloads(&self, member: &str) -> Vec<&Value> {
        let wanted = format!("OpenAI.RealtimeAPI.{member}");
        let raised = self.log.iter().filter(|line| line.kind == "raise" && line.name == wanted);
        raised.map(|line| &line.data["data"]["payload"]).collect()
    }

    /// Texts of one kind of happening.
    pub(super) fn texts(&self, kind: &str) -> Vec<&str> {
        self.log.iter().filter(|line| line.kind == kind).map(|line| line.name.as_str()).collect()
    }
}

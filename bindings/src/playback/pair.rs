//! Both ends of a player's wire in virtual time, with a small playout queue and an ear between: what the tests of the
//! rooms stand on. Not the session: no graph, one player.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;
use voxrun_audio::{Frame, Listener, spoken};

use super::{PLAYER_RATE, raised_name};
use crate::contract::{Datum, Fields, Remark, Time};
use crate::wire::{
    Emulator, EmulatorSetup, Endpoint, FromEmulator, FromUnit, Kind, Playout, Remote, ToEmulator, ToUnit,
    Unit, UnitSetup, WireFrame,
};

/// Something on its way over the network.
enum Travels {
    ToProvider(WireFrame),
    ToPlatform(WireFrame),
    Upgrade,
    Opened,
    Refused(u16, String),
    ProviderCloses(u16, String),
    PlatformCloses(u16),
}

/// What was seen, in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seen {
    Raised(String, Fields),
    Sent(String, Value),
    Received(String, Value),
    Note(Remark),
    Closed(u16),
}

/// A player, its provider and its listener.
pub(crate) struct Pair {
    remote: &'static Remote,
    connector: Box<dyn Unit>,
    emulator: Box<dyn Emulator>,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) now: Time,
    travelling: BTreeMap<(Time, u64), Travels>,
    order: u64,
    queue: VecDeque<i16>,
    playing_ms: Option<u64>,
    next_tick: Time,
    ear: Listener,
    pub(crate) seen: Vec<(u64, Seen)>,
    /// False: nothing reaches the other side any more, in both directions.
    pub(crate) connected: bool,
}

impl Pair {
    /// With these settings of the emulator, and good keys (none: any).
    pub(crate) fn new(kind: &'static Kind, settings: Value, keys: &[&str]) -> Pair {
        let connector =
            UnitSetup { seed: 7, fallback_key: Some("offline-key".to_owned()), ..UnitSetup::default() };
        Pair::with(kind, connector, settings, keys)
    }

    /// The same with a connector of one's own choice.
    pub(crate) fn with(kind: &'static Kind, setup: UnitSetup, settings: Value, keys: &[&str]) -> Pair {
        let settings = settings.as_object().cloned().unwrap_or_default();
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        let emulator = (kind.remote.unwrap().emulator)(EmulatorSetup {
            seed: 11,
            settings,
            keys,
            ..EmulatorSetup::default()
        })
        .unwrap();
        Pair {
            remote: kind.remote.unwrap(),
            connector: (kind.make)(setup),
            emulator,
            endpoint: None,
            now: Time::ZERO,
            travelling: BTreeMap::new(),
            order: 0,
            queue: VecDeque::new(),
            playing_ms: None,
            next_tick: Time::ZERO,
            ear: Listener::new(PLAYER_RATE),
            seen: Vec::new(),
            connected: true,
        }
    }

    /// Starts with the factory's arguments.
    pub(crate) fn started(mut self, params: &[Value]) -> Pair {
        self.input(ToUnit::Start { params: &Datum::all(params) });
        self
    }

    pub(crate) fn tell(&mut self, method: &str, param: Value) {
        self.input(ToUnit::Tell { method, params: &[param.into()] });
    }

    /// What the session does at `clearBuffer()`: it empties the queue, then tells.
    pub(crate) fn clear(&mut self) {
        let dropped_ms = (self.queue.len() / 24) as u64;
        self.queue.clear();
        self.playing_ms = None;
        self.input(ToUnit::Playout(Playout::Cleared { dropped_ms }));
    }

    pub(crate) fn input(&mut self, input: ToUnit<'_>) {
        self.connector.handle(self.now, input);
        while let Some(output) = self.connector.poll() {
            self.output(output);
        }
    }

    fn see(&mut self, seen: Seen) {
        self.seen.push((self.now.as_ms(), seen));
    }

    fn travel(&mut self, after_ms: u64, what: Travels) {
        self.order += 1;
        self.travelling.insert((self.now.plus_ms(after_ms), self.order), what);
    }

    fn output(&mut self, output: FromUnit) {
        let network = self.remote.network_ms;
        match output {
            FromUnit::Connect(endpoint) => {
                self.endpoint = Some(endpoint);
                self.travel(self.remote.connect_ms, Travels::Upgrade);
            }
            FromUnit::Send { frame, name, shown } => {
                self.see(Seen::Sent(name.into_owned(), shown.unwrap_or(Value::Null)));
                self.travel(network, Travels::ToProvider(frame));
            }
            FromUnit::Received { name, shown } => self.see(Seen::Received(name, shown)),
            FromUnit::CloseSocket { code, .. } => {
                self.see(Seen::Closed(code));
                self.travel(network, Travels::PlatformCloses(code));
            }
            FromUnit::Raise { name, fields } => {
                self.see(Seen::Raised(name, fields.to_json(&|_| Value::Null)))
            }
            FromUnit::Audio { rate, samples } => {
                assert_eq!(rate, PLAYER_RATE);
                assert!(!samples.is_empty());
                self.queue.extend(samples);
            }
            FromUnit::ClearPlayout => self.queue.clear(),
            FromUnit::Note(remark) => self.see(Seen::Note(remark)),
            other => panic!("no realtime player says {other:?}"),
        }
    }

    fn emulate(&mut self, input: ToEmulator<'_>) {
        self.emulator.handle(self.now, input);
        while let Some(output) = self.emulator.poll() {
            let network = self.remote.network_ms;
            match output {
                FromEmulator::Accept => self.travel(0, Travels::Opened),
                FromEmulator::Refuse { status, body } => self.travel(0, Travels::Refused(status, body)),
                FromEmulator::Send(frame) => self.travel(network, Travels::ToPlatform(frame)),
                FromEmulator::Close { code, reason } => {
                    self.travel(network, Travels::ProviderCloses(code, reason));
                }
                FromEmulator::Heard { .. } => panic!("text-to-speech hears nothing"),
            }
        }
    }

    fn arrive(&mut self, what: Travels) {
        if !self.connected {
            return;
        }
        match what {
            Travels::Upgrade => {
                let endpoint = self.endpoint.clone().unwrap();
                self.emulate(ToEmulator::Upgrade(&endpoint));
            }
            Travels::ToProvider(frame) => self.emulate(ToEmulator::Frame(&frame)),
            Travels::PlatformCloses(code) => self.emulate(ToEmulator::Closed { code }),
            Travels::ToPlatform(frame) => self.input(ToUnit::Frame(&frame)),
            Travels::Opened => self.input(ToUnit::Opened),
            Travels::Refused(status, body) => self.input(ToUnit::Refused { status, body: &body }),
            Travels::ProviderCloses(code, reason) => {
                self.input(ToUnit::Closed { code, reason: &reason, clean: true });
            }
        }
    }

    /// A message from the provider, out of the blue.
    pub(crate) fn inject(&mut self, text: &str) {
        self.input(ToUnit::Frame(&WireFrame::Text(text.into())));
    }

    fn tick(&mut self) {
        self.next_tick = self.next_tick.plus_ms(20);
        let due = PLAYER_RATE.frame_samples();
        if self.queue.is_empty() {
            self.ear.push(&Frame::silence(PLAYER_RATE));
            if let Some(played_ms) = self.playing_ms.take() {
                self.input(ToUnit::Playout(Playout::Drained { played_ms }));
            }
            return;
        }
        if self.playing_ms.is_none() {
            self.playing_ms = Some(0);
            self.input(ToUnit::Playout(Playout::Started));
        }
        let samples: Vec<i16> = self.queue.drain(..self.queue.len().min(due)).collect();
        self.playing_ms = self.playing_ms.map(|ms| ms + 20);
        self.ear.push(&Frame::from_samples(PLAYER_RATE, &samples));
    }

    /// Lets so much time pass.
    pub(crate) fn run(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        loop {
            let wire = self.travelling.keys().next().map(|(at, _)| *at);
            let emulator = self.emulator.deadline().filter(|_| self.connected);
            let connector = self.connector.deadline();
            let at = [wire, emulator, connector, Some(self.next_tick)].into_iter().flatten().min().unwrap();
            if at > end {
                break;
            }
            self.now = self.now.max(at);
            if wire == Some(at) {
                let (_, what) = self.travelling.pop_first().unwrap();
                self.arrive(what);
            } else if emulator == Some(at) {
                self.emulate(ToEmulator::Deadline);
                assert!(
                    self.emulator.deadline() != Some(at) || !self.travelling.is_empty(),
                    "a deadline stays"
                );
            } else if connector == Some(at) {
                self.input(ToUnit::Deadline);
                assert_ne!(self.connector.deadline(), Some(at), "a deadline stays");
            } else {
                self.tick();
            }
        }
        self.now = end;
    }

    /// Everything heard so far: words with the time of their start, `[...]` for a word that was cut.
    pub(crate) fn heard_at(&mut self) -> Vec<(String, u64)> {
        self.ear.flush();
        let mut all = Vec::new();
        while let Some(heard) = self.ear.poll() {
            all.push(match heard {
                spoken::Heard::Word { text, start_ms, .. } => (text, start_ms),
                spoken::Heard::Lost { start_ms, .. } => ("[...]".to_owned(), start_ms),
            });
        }
        all
    }

    /// The same without times.
    pub(crate) fn heard(&mut self) -> String {
        self.heard_at().into_iter().map(|(word, _)| word).collect::<Vec<_>>().join(" ")
    }

    /// Names of the raised events without `Player.`, in order.
    pub(crate) fn events(&self) -> Vec<&str> {
        self.seen.iter().filter_map(|(_, seen)| raised_name(seen)).collect()
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
        self.seen
            .iter()
            .filter(|(_, seen)| matches!(seen, Seen::Note(remark) if remark.text.contains(words)))
            .count()
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

//! Both ends of the wire against each other on the rig: every message is held against the tables and the second opinion,
//! and what happened at the connector's side stands in one list.

use std::ops::{Deref, DerefMut};

use serde_json::{Value, json};

use super::{second_opinion, table};
use crate::contract::{Remark, Time};
use crate::openai::{KIND, REMOTE};
use crate::provider_kit::rig::{Rig, Seen};
use crate::wire::{Emulator, EmulatorSetup, FromEmulator, ToEmulator, ToUnit, UnitSetup, WireFrame};

/// One thing that happened at the connector's side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Happening {
    pub(super) at: Time,
    /// `raise`, `note`, `settle`, `sent`, `heard`, `close`
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) data: Value,
}

/// The emulator, with somebody who looks at every message.
struct Watched(Box<dyn Emulator>, Vec<FromEmulator>);

impl Watched {
    /// What it says, checked; how many errors were among it.
    fn take(&mut self) -> usize {
        let mut complaints = 0;
        while let Some(output) = self.0.poll() {
            if let FromEmulator::Send(WireFrame::Text(text)) = &output {
                let event: Value = serde_json::from_str(text).unwrap();
                complaints += usize::from(event["type"] == "error");
                table::check(&event);
                second_opinion::server_event(&event);
            }
            self.1.push(output);
        }
        complaints
    }
}

impl Emulator for Watched {
    fn handle(&mut self, now: Time, input: ToEmulator<'_>) {
        let opinion = match &input {
            ToEmulator::Frame(WireFrame::Text(text)) => second_opinion::client_event(text),
            _ => Ok(()),
        };
        self.0.handle(now, input);
        // What a test sends wrong on purpose is refused by the emulator too.
        assert!(self.take() > 0 || opinion.is_ok(), "{opinion:?}");
    }

    fn poll(&mut self) -> Option<FromEmulator> {
        (!self.1.is_empty()).then(|| self.1.remove(0))
    }

    fn deadline(&self) -> Option<Time> {
        self.0.deadline()
    }
}

/// The rig of a client.
pub(super) struct Pair {
    rig: Rig,
    /// How much of what the rig has seen stands in the log.
    told: usize,
    pub(super) log: Vec<Happening>,
}

impl Deref for Pair {
    type Target = Rig;

    fn deref(&self) -> &Rig {
        &self.rig
    }
}

impl DerefMut for Pair {
    fn deref_mut(&mut self) -> &mut Rig {
        &mut self.rig
    }
}

impl Pair {
    /// Connects with these settings and arguments; nothing has happened yet.
    pub(super) fn new(connector: UnitSetup, emulator: EmulatorSetup, params: Value) -> Pair {
        let emulator = Watched((REMOTE.emulator)(emulator).unwrap(), Vec::new());
        let rig = Rig::between(&KIND, connector, Box::new(emulator)).started(&[params]);
        let mut pair = Pair { rig, told: 0, log: Vec::new() };
        pair.catch_up();
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

    /// Writes down what the rig has seen since.
    fn catch_up(&mut self) {
        for (at, seen) in &self.rig.seen[self.told..] {
            let (kind, name, data) = match seen.clone() {
                Seen::Raised(name, fields) => ("raise", name, Value::Object(fields)),
                Seen::Settled(result) => ("settle", result.err().unwrap_or_default(), Value::Null),
                Seen::Sent(name, body) => ("sent", name, body),
                Seen::Note(Remark { policy, text }) => ("note", text, json!(policy)),
                Seen::Heard(text) => ("heard", text, Value::Null),
                Seen::Closed(code, reason) => ("close", code.to_string(), reason.into()),
                Seen::Received(..) => continue,
            };
            self.log.push(Happening { at: *at, kind, name, data });
        }
        self.told = self.rig.seen.len();
    }

    pub(super) fn tell(&mut self, method: &str, params: Value) {
        self.rig.tell(method, params);
        self.catch_up();
    }

    pub(super) fn close(&mut self) {
        self.rig.input(ToUnit::Close { stop: false });
        self.catch_up();
    }

    /// A provider's message out of nowhere.
    pub(super) fn inject(&mut self, frame: WireFrame) {
        self.rig.input(ToUnit::Frame(&frame));
        self.catch_up();
    }

    /// Lets time pass.
    pub(super) fn run_ms(&mut self, ms: u64) {
        self.rig.run(ms);
        self.catch_up();
    }

    /// Lets time pass until this event has been raised (its member's name); at most a minute.
    pub(super) fn until(&mut self, member: &str) -> Value {
        let from = self.log.len();
        let end = self.now.plus_ms(60_000);
        while self.now < end {
            self.rig.step();
            self.catch_up();
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

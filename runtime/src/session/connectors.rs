//! The providers' units: opening, telling, closing them, and carrying what they say to sockets, script and playout
//! queues. A connector that panics ends its session, not the process; one that never stops talking is a bug of ours and
//! ends it too.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::json;
use voxrun_audio::Rate;
use voxrun_bindings::contract::{Datum, Dictionary, HostEvent, On, Outcome, RequestId, Time, UnitId};
use voxrun_bindings::wire::{FirstWord, FromUnit, Kind, ToUnit, Unit, UnitSetup};

use super::Session;
use super::io::{Output, SocketInput};
use super::lifecycle::Phase;
use crate::journal::EntryKind;

/// How long a provider that owes a first message may stay silent (policy F-108).
const FIRST_WORD_MS: u64 = 10_000;
/// How much one connector may say to one input.
const MAX_WORDS: usize = 100_000;

/// One provider's unit.
pub(super) struct ConnectorUnit {
    kind: &'static Kind,
    machine: Box<dyn Unit>,
    request: Option<RequestId>,
    /// The script closed it.
    pub(super) closed: bool,
    /// It failed in a way that is our bug; it is not touched any more.
    broken: bool,
    connected: bool,
    /// It was given up: nothing that still comes on its socket counts.
    gone: bool,
    /// The provider has said something.
    spoke: bool,
    /// Until when it owes its first message.
    first_word_by: Option<Time>,
    pub(super) frames_in: u64,
    pub(super) frames_out: u64,
}

impl ConnectorUnit {
    pub(super) fn deadline(&self) -> Option<Time> {
        if self.broken {
            return None;
        }
        [self.machine.deadline(), self.first_word_by].into_iter().flatten().min()
    }

    /// From now on the provider owes a first message, if this is what it waits for.
    fn expect_word(&mut self, now: Time, moment: FirstWord) {
        if self.kind.remote.is_some_and(|remote| remote.first_word == moment)
            && !self.spoke
            && self.first_word_by.is_none()
        {
            self.first_word_by = Some(now.plus_ms(FIRST_WORD_MS));
        }
    }
}

impl std::fmt::Debug for ConnectorUnit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectorUnit").field("kind", &self.kind.name).field("closed", &self.closed).finish()
    }
}

impl Session {
    /// Opens a connection to a provider.
    pub(super) fn open(&mut self, unit: UnitId, kind: &str, request: Option<RequestId>, params: &[Datum]) {
        let Some(kind) = (self.setup.inventory)(kind) else {
            let text = format!("there is no kind of unit named `{kind}`");
            self.write("", EntryKind::Error, "open", json!({ "message": text }));
            return self.refuse(unit, request, &text);
        };
        if self.connectors.contains_key(&unit) {
            return self.fail("open", "a unit was opened twice", "Internal error");
        }
        let ordinal = self.names.add(unit, kind.name);
        let settings =
            kind.remote.and_then(|remote| self.setup.providers.get(remote.name)).cloned().unwrap_or_default();
        let setup = UnitSetup {
            seed: seed_of(self.setup.seed, kind.name, ordinal),
            verbatim: self.setup.verbatim,
            base_url: settings.base_url,
            fallback_key: settings.fallback_key,
            key_secret: settings
                .key_secret
                .or_else(|| kind.remote.map(|remote| remote.key_secret.to_owned()))
                .unwrap_or_default(),
        };
        let Ok(machine) = catch_unwind(AssertUnwindSafe(|| (kind.make)(setup))) else {
            return self.fail("connector", "a connector could not be made", "Internal error");
        };
        let connector = ConnectorUnit {
            kind,
            machine,
            request,
            closed: false,
            broken: false,
            connected: false,
            gone: false,
            spoke: false,
            first_word_by: None,
            frames_in: 0,
            frames_out: 0,
        };
        self.connectors.insert(unit, connector);
        self.graph.add_connector(unit);
        self.drive(unit, ToUnit::Start { params });
    }

    /// A player over the platform's limit.
    pub(super) fn refuse_player(&mut self, unit: UnitId, kind: &str, request: Option<RequestId>) {
        let _ = self.names.add(unit, kind);
        let text = "more players than the platform allows";
        self.note(&self.names.of(unit), Some("F-038"), text);
        self.refuse(unit, request, text);
    }

    /// Tells the script that a unit could not be opened.
    fn refuse(&mut self, unit: UnitId, request: Option<RequestId>, text: &str) {
        match request {
            Some(request) => self.push_event(HostEvent::Settle { request, outcome: Outcome::failed(text) }),
            None => {
                let error = Dictionary::from_iter([("error", Datum::from(text))]);
                self.raise(On::Unit(unit), "Player.Error", error.clone());
                self.raise(On::Unit(unit), "Player.PlaybackFinished", error);
            }
        }
    }

    /// A method of the unit that means a message.
    pub(super) fn tell(&mut self, unit: UnitId, method: &str, params: &[Datum]) {
        let why = match self.connectors.get(&unit) {
            Some(connector) if !connector.closed => {
                return self.drive(unit, ToUnit::Tell { method, params });
            }
            Some(_) => "it was closed",
            None => "it was not opened",
        };
        let name = self.names.of(unit);
        self.note(&name, Some("F-037"), &format!("{name}.{method}() did nothing: {why}"));
    }

    /// `client.close()`, `player.stop()`: its links vanish and what waited to be played is dropped.
    pub(super) fn close_connector(&mut self, unit: UnitId, stop: bool) {
        let Some(connector) = self.connectors.get_mut(&unit).filter(|connector| !connector.closed) else {
            return;
        };
        connector.closed = true;
        let dropped_ms = self.graph.clear(unit);
        if dropped_ms > 0 {
            let data = json!({ "dropped_ms": dropped_ms });
            self.write(&self.names.of(unit), EntryKind::Media, "playout_cleared", data);
        }
        self.unlink(unit);
        self.drive(unit, ToUnit::Close { stop });
    }

    pub(super) fn connector_due(&mut self, unit: UnitId) {
        let by = self.connectors.get(&unit).and_then(|connector| connector.first_word_by);
        if by.is_some_and(|by| by <= self.now) {
            self.give_up(unit)
        } else {
            self.drive(unit, ToUnit::Deadline)
        }
    }

    /// The provider accepted the connection and never said a word: the connection counts as lost.
    fn give_up(&mut self, unit: UnitId) {
        let name = self.names.of(unit);
        let text =
            format!("{name} has said nothing for {} s: the connection is given up", FIRST_WORD_MS / 1000);
        self.note(&name, Some("F-108"), &text);
        self.close_socket(unit, 1001, "no first message".to_owned());
        self.socket_input(unit, SocketInput::Closed { code: 1006, reason: String::new(), clean: false });
        if let Some(connector) = self.connectors.get_mut(&unit) {
            connector.gone = true;
        }
    }

    /// Something on a provider's socket.
    pub(super) fn socket_input(&mut self, unit: UnitId, input: SocketInput) {
        let now = self.now;
        let Some(connector) = self.connectors.get_mut(&unit) else {
            return self.note("", None, "something came on a socket that nobody opened; it is ignored");
        };
        if connector.gone {
            return;
        }
        match &input {
            SocketInput::Opened => connector.expect_word(now, FirstWord::Greets),
            SocketInput::Frame(_) => {
                connector.spoke = true;
                connector.first_word_by = None;
            }
            SocketInput::Refused { .. } | SocketInput::Failed { .. } | SocketInput::Closed { .. } => {
                connector.connected = false;
                connector.first_word_by = None;
            }
        }
        let name = self.names.of(unit);
        match &input {
            SocketInput::Opened => {
                self.write(&name, EntryKind::WireIn, "opened", json!({}));
                self.drive(unit, ToUnit::Opened);
            }
            SocketInput::Refused { status, body } => {
                self.write(&name, EntryKind::WireIn, "refused", json!({ "status": status, "body": body }));
                self.drive(unit, ToUnit::Refused { status: *status, body });
            }
            SocketInput::Failed { reason } => {
                self.write(&name, EntryKind::WireIn, "failed", json!({ "reason": reason }));
                self.drive(unit, ToUnit::Failed { reason });
            }
            SocketInput::Frame(frame) => self.drive(unit, ToUnit::Frame(frame)),
            SocketInput::Closed { code, reason, clean } => {
                let data = json!({ "code": code, "reason": reason, "clean": clean });
                self.write(&name, EntryKind::WireIn, "closed", data);
                self.drive(unit, ToUnit::Closed { code: *code, reason, clean: *clean });
            }
        }
    }

    /// Gives one input to a connector and carries out everything it says to it.
    pub(super) fn drive(&mut self, unit: UnitId, input: ToUnit<'_>) {
        let now = self.now;
        let Some(connector) = self.connectors.get_mut(&unit).filter(|connector| !connector.broken) else {
            return;
        };
        connector.frames_in += u64::from(matches!(input, ToUnit::Audio(_)));
        if catch_unwind(AssertUnwindSafe(|| connector.machine.handle(now, input))).is_err() {
            return self.broke(unit, "a connector panicked");
        }
        for _ in 0..MAX_WORDS {
            let Some(connector) = self.connectors.get_mut(&unit) else { return };
            match catch_unwind(AssertUnwindSafe(|| connector.machine.poll())) {
                Ok(Some(word)) => self.carry_out(unit, word),
                Ok(None) => {
                    self.graph.set_hears_at(unit, connector.machine.hears_at());
                    return;
                }
                Err(_) => return self.broke(unit, "a connector panicked"),
            }
        }
        self.broke(unit, "a connector never stopped talking");
    }

    fn broke(&mut self, unit: UnitId, text: &str) {
        if let Some(connector) = self.connectors.get_mut(&unit) {
            connector.broken = true;
        }
        self.graph.set_hears_at(unit, None);
        let name = self.names.of(unit);
        self.fail("connector", &format!("{name}: {text}"), "Internal error");
    }

    fn carry_out(&mut self, unit: UnitId, word: FromUnit) {
        match word {
            FromUnit::Connect(endpoint) => {
                let Some(connector) = self.connectors.get_mut(&unit) else { return };
                connector.connected = true;
                let Some(remote) = connector.kind.remote else { return };
                let address = endpoint.url.split('?').next().unwrap_or_default();
                self.write(&self.names.of(unit), EntryKind::WireOut, "connect", json!({ "url": address }));
                self.outputs.push_back(Output::Connect { unit, remote, endpoint });
            }
            FromUnit::Send { frame, name, shown } => {
                let now = self.now;
                let mut connector = self.connectors.get_mut(&unit);
                if let Some(connector) = &mut connector {
                    connector.expect_word(now, FirstWord::Answers);
                }
                match (shown, connector) {
                    (Some(shown), _) => self.write(&self.names.of(unit), EntryKind::WireOut, &name, shown),
                    (None, Some(connector)) => connector.frames_out += 1,
                    (None, None) => {}
                }
                self.outputs.push_back(Output::Send { unit, frame, name });
            }
            FromUnit::Received { name, shown } => {
                self.write(&self.names.of(unit), EntryKind::WireIn, &name, shown)
            }
            FromUnit::CloseSocket { code, reason } => self.close_socket(unit, code, reason),
            FromUnit::Settle(result) => self.settle(unit, result),
            FromUnit::Raise { name, fields } => self.raise(On::Unit(unit), &name, fields),
            FromUnit::Audio { rate, samples } => self.enqueue(unit, rate, samples),
            FromUnit::ClearPlayout => {
                let dropped_ms = self.graph.clear(unit);
                let data = json!({ "dropped_ms": dropped_ms });
                self.write(&self.names.of(unit), EntryKind::Media, "playout_cleared", data);
            }
            FromUnit::Note { policy, text } => self.note(&self.names.of(unit), policy, &text),
        }
    }

    /// A socket that was never asked for, or is gone, cannot be closed.
    fn close_socket(&mut self, unit: UnitId, code: u16, reason: String) {
        let Some(connector) = self.connectors.get_mut(&unit) else { return };
        if std::mem::take(&mut connector.connected) {
            let data = json!({ "code": code, "reason": reason });
            self.write(&self.names.of(unit), EntryKind::WireOut, "close", data);
            self.outputs.push_back(Output::CloseSocket { unit, code, reason });
        }
    }

    /// The factory's promise is settled once.
    fn settle(&mut self, unit: UnitId, result: Result<(), String>) {
        let Some(request) = self.connectors.get_mut(&unit).and_then(|connector| connector.request.take())
        else {
            return;
        };
        let outcome = match result {
            Ok(()) => Outcome::Done(Datum::Unit(unit)),
            Err(text) => Outcome::failed(text),
        };
        self.push_event(HostEvent::Settle { request, outcome });
    }

    fn enqueue(&mut self, unit: UnitId, rate: Rate, samples: Vec<i16>) {
        let closed = self.connectors.get(&unit).is_none_or(|connector| connector.closed);
        if closed || self.phase != Phase::Running {
            return;
        }
        let lost_ms = self.graph.enqueue(unit, rate, samples);
        if lost_ms > 0 {
            let text = format!("the playout queue is full: {lost_ms} ms of audio were dropped");
            self.note(&self.names.of(unit), Some("F-039"), &text);
            self.facts.playout_dropped_ms += lost_ms;
        }
    }
}

/// A different number for each unit, the same in every run (FNV-1a over the provider's name, then mixed).
fn seed_of(seed: u64, provider: &str, ordinal: u32) -> u64 {
    let named = provider.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (named ^ seed.rotate_left(17) ^ u64::from(ordinal)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

#[cfg(test)]
mod tests {
    use super::seed_of;

    #[test]
    fn every_unit_has_a_seed_of_its_own() {
        let seeds = [seed_of(1, "a", 1), seed_of(1, "a", 2), seed_of(1, "b", 1), seed_of(2, "a", 1)];
        assert_eq!(std::collections::BTreeSet::from(seeds).len(), 4);
        assert_eq!(seed_of(1, "a", 1), seeds[0]);
    }
}

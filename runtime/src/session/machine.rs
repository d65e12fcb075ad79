//! A unit that a kind makes: opening, telling and closing it, and carrying what it says to sockets, script and playout
//! queue. A machine that panics ends its session, not the process; one that never stops talking is a bug of ours and ends
//! it too. What a failure means to the script is said by the machine.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::json;
use voxrun_audio::{Frame, Rate};
use voxrun_bindings::contract::{Datum, HostEvent, On, Outcome, RequestId, Time, UnitId};
use voxrun_bindings::wire::{
    FirstWord, FromUnit, HttpOutcome, HttpRequest, Kind, Playout, Role, SocketInput, StoreAnswer, StoreAsk,
    ToUnit, Unit, UnitSetup,
};

use super::desk::Desk;
use super::io::Output;
use super::life::FinishReason;
use super::sound;
use crate::journal::EntryKind;
use crate::telephony::LINE_RATE;

/// How long a provider that owes a first message may stay silent (policy F-108).
const FIRST_WORD_MS: u64 = 10_000;
/// What the script hears of a player that is one too many.
const TOO_MANY: &str = "more players than the platform allows";
/// How much one machine may say to one input.
const MAX_WORDS: usize = 100_000;

/// One unit and its machine.
pub(super) struct MachineUnit {
    id: UnitId,
    kind: &'static Kind,
    machine: Box<dyn Unit>,
    request: Option<RequestId>,
    /// The script closed it, or it is over.
    closed: bool,
    /// It failed in a way that is our bug; it is not touched any more.
    broken: bool,
    connected: bool,
    /// It was given up: nothing that still comes on its socket counts.
    gone: bool,
    /// The provider has said something.
    spoke: bool,
    /// Until when it owes its first message.
    first_word_by: Option<Time>,
    frames_in: u64,
    frames_out: u64,
}

impl std::fmt::Debug for MachineUnit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MachineUnit").field("kind", &self.kind.name).field("closed", &self.closed).finish()
    }
}

impl MachineUnit {
    /// Makes the machine of a kind; `None` when that failed, which ends the session.
    pub(super) fn new(
        id: UnitId,
        kind: &'static Kind,
        request: Option<RequestId>,
        desk: &mut Desk,
    ) -> Option<MachineUnit> {
        let ordinal = desk.scribe.name(id, kind.name);
        let setup = &desk.setup;
        let settings =
            kind.remote.and_then(|remote| setup.providers.get(remote.name)).cloned().unwrap_or_default();
        let setup = UnitSetup {
            seed: seed_of(setup.seed, kind.name, ordinal),
            verbatim: setup.verbatim,
            base_url: settings.base_url,
            fallback_key: settings.fallback_key,
            key_secret: settings
                .key_secret
                .or_else(|| kind.remote.map(|remote| remote.key_secret.to_owned()))
                .unwrap_or_default(),
            unlimited: !setup.limits,
            settings: setup.units.get(kind.name).cloned().unwrap_or_default(),
            recording_url: setup.recording_url(&desk.scribe.name_of(id)),
            recordings_kept: setup.recordings,
        };
        let Ok(machine) = catch_unwind(AssertUnwindSafe(|| (kind.make)(setup))) else {
            desk.scribe.fail("connector", "a connector could not be made", FinishReason::Internal);
            return None;
        };
        Some(MachineUnit {
            id,
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
        })
    }

    /// The factory's arguments.
    pub(super) fn start(&mut self, desk: &mut Desk, params: &[Datum]) {
        match self.kind.role {
            Role::Service => {}
            Role::Mixer => desk.sound.add_mixer(self.id, LINE_RATE),
            Role::Player | Role::Client | Role::Recognizer | Role::Recorder | Role::Socket => {
                desk.sound.add_machine(self.id);
            }
        }
        self.drive(desk, ToUnit::Start { params });
    }

    /// It is one more of its role than the platform allows: it is over before it began.
    pub(super) fn refuse(&mut self, desk: &mut Desk) {
        desk.scribe.note_of(self.id, Some("F-038"), TOO_MANY);
        if self.request.is_some() {
            self.settle(desk, Outcome::failed(TOO_MANY));
        } else {
            self.drive(desk, ToUnit::TooMany { why: TOO_MANY });
        }
        self.closed = true;
    }

    /// A method of the unit that means a message.
    pub(super) fn tell(&mut self, desk: &mut Desk, method: &str, params: &[Datum]) {
        if self.closed {
            return did_nothing(desk, self.id, method, "it was closed");
        }
        self.drive(desk, ToUnit::Tell { method, params });
    }

    /// `client.close()`, `player.stop()`: its links vanish and what waited to be played is dropped.
    pub(super) fn close(&mut self, desk: &mut Desk, stop: bool) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        let dropped_ms = desk.sound.clear(self.id);
        if dropped_ms > 0 {
            let data = json!({ "dropped_ms": dropped_ms });
            desk.scribe.write_of(self.id, EntryKind::Media, "playout_cleared", data);
        }
        desk.sound.unlink(&mut desk.scribe, self.id);
        self.drive(desk, ToUnit::Close { stop });
    }

    /// `clearMediaBuffer()`, `clearBuffer()`: the next tick plays nothing of what waited.
    pub(super) fn clear(&mut self, desk: &mut Desk) {
        let dropped_ms = desk.sound.clear(self.id);
        self.playout(desk, Playout::Cleared { dropped_ms });
    }

    /// What became of its playout queue.
    pub(super) fn playout(&mut self, desk: &mut Desk, playout: Playout) {
        let (name, data) = sound::told(playout);
        desk.scribe.write_of(self.id, EntryKind::Media, name, data);
        if matches!(playout, Playout::Cleared { dropped_ms: 1.. }) {
            desk.scribe.output(Output::MediaCleared { unit: self.id });
        }
        self.drive(desk, ToUnit::Playout(playout));
    }

    /// Sound that reaches it on a tick.
    pub(super) fn hear(&mut self, desk: &mut Desk, frame: &Frame) {
        self.frames_in += u64::from(!self.broken);
        self.drive(desk, ToUnit::Audio(frame));
    }

    /// When something happens by itself.
    pub(super) fn deadline(&self) -> Option<Time> {
        if self.broken {
            return None;
        }
        [self.machine.deadline(), self.first_word_by].into_iter().flatten().min()
    }

    /// Does what is due.
    pub(super) fn due(&mut self, desk: &mut Desk) {
        if self.first_word_by.is_some_and(|by| by <= desk.scribe.now()) {
            self.give_up(desk);
        } else {
            self.drive(desk, ToUnit::Deadline);
        }
    }

    /// Whether it is not over.
    pub(super) fn is_open(&self) -> bool {
        !self.closed && !self.broken
    }

    /// Frames of sound that it was given, and that it sent on.
    pub(super) fn frames(&self) -> (u64, u64) {
        (self.frames_in, self.frames_out)
    }

    /// Something on its socket.
    pub(super) fn socket(&mut self, desk: &mut Desk, input: &SocketInput) {
        if self.gone {
            return;
        }
        match input {
            SocketInput::Opened => self.expect_word(desk.scribe.now(), FirstWord::Greets),
            SocketInput::Frame(_) => {
                self.spoke = true;
                self.first_word_by = None;
            }
            SocketInput::Refused { .. } | SocketInput::Failed { .. } | SocketInput::Closed { .. } => {
                self.connected = false;
                self.first_word_by = None;
            }
        }
        let (word, name, data) = match input {
            SocketInput::Opened => (ToUnit::Opened, "opened", json!({})),
            SocketInput::Refused { status, body } => {
                let data = json!({ "status": status, "body": body });
                (ToUnit::Refused { status: *status, body }, "refused", data)
            }
            SocketInput::Failed { reason } => {
                (ToUnit::Failed { reason }, "failed", json!({ "reason": reason }))
            }
            SocketInput::Frame(frame) => return self.drive(desk, ToUnit::Frame(frame)),
            SocketInput::Closed { code, reason, clean } => {
                let data = json!({ "code": code, "reason": reason, "clean": clean });
                (ToUnit::Closed { code: *code, reason, clean: *clean }, "closed", data)
            }
        };
        desk.scribe.write_of(self.id, EntryKind::WireIn, name, data);
        self.drive(desk, word);
    }

    /// An answer of the storage.
    pub(super) fn stored(&mut self, desk: &mut Desk, answer: &Result<StoreAnswer, String>) {
        let data = match answer {
            Ok(StoreAnswer::Record(record)) => json!({ "found": record.is_some() }),
            Ok(StoreAnswer::Keys(keys)) => json!({ "keys": keys.len() }),
            Err(why) => json!({ "error": why }),
        };
        desk.scribe.write_of(self.id, EntryKind::WireIn, "storage_answer", data);
        self.drive(desk, ToUnit::Stored { answer });
    }

    /// What came of something that it wanted over HTTP.
    pub(super) fn fetched(&mut self, desk: &mut Desk, fetch: u32, outcome: &HttpOutcome) {
        let (name, data) = match outcome {
            Ok(response) => {
                ("http_response", json!({ "status": response.status, "bytes": response.body.len() }))
            }
            Err(error) => ("http_failed", json!({ "reason": error.to_string() })),
        };
        desk.scribe.write_of(self.id, EntryKind::WireIn, name, data);
        self.drive(desk, ToUnit::Fetched { fetch, outcome });
    }

    /// Gives one input to the machine and carries out everything it says to it.
    pub(super) fn drive(&mut self, desk: &mut Desk, input: ToUnit<'_>) {
        if self.broken {
            return;
        }
        let now = desk.scribe.now();
        if catch_unwind(AssertUnwindSafe(|| self.machine.handle(now, input))).is_err() {
            return self.broke(desk, "a connector panicked");
        }
        for _ in 0..MAX_WORDS {
            match catch_unwind(AssertUnwindSafe(|| self.machine.poll())) {
                Ok(Some(word)) => self.carry_out(desk, word),
                Ok(None) => return desk.sound.set_hears_at(self.id, self.machine.hears_at()),
                Err(_) => return self.broke(desk, "a connector panicked"),
            }
        }
        self.broke(desk, "a connector never stopped talking");
    }

    fn broke(&mut self, desk: &mut Desk, text: &str) {
        self.broken = true;
        desk.sound.set_hears_at(self.id, None);
        let text = format!("{}: {text}", desk.scribe.name_of(self.id));
        desk.scribe.fail("connector", &text, FinishReason::Internal);
    }

    fn carry_out(&mut self, desk: &mut Desk, word: FromUnit) {
        let (unit, scribe) = (self.id, &mut desk.scribe);
        match word {
            FromUnit::Connect(endpoint) => {
                let remote = self.kind.remote;
                self.connected = true;
                let address = endpoint.url.split('?').next().unwrap_or_default();
                scribe.write_of(unit, EntryKind::WireOut, "connect", json!({ "url": address }));
                scribe.output(Output::Connect { unit, remote, endpoint });
            }
            FromUnit::Send { frame, name, shown } => {
                match shown {
                    Some(shown) => scribe.write_of(unit, EntryKind::WireOut, &name, shown),
                    None => self.frames_out += 1,
                }
                scribe.output(Output::Send { unit, frame, name });
                self.expect_word(desk.scribe.now(), FirstWord::Answers);
            }
            FromUnit::Received { name, shown } => scribe.write_of(unit, EntryKind::WireIn, &name, shown),
            FromUnit::CloseSocket { code, reason } => self.close_socket(desk, code, reason),
            FromUnit::Settle(result) => {
                let outcome = match result {
                    Ok(()) => Outcome::Done(Datum::Unit(unit)),
                    Err(text) => Outcome::failed(text),
                };
                self.settle(desk, outcome);
            }
            FromUnit::Answer(outcome) => self.settle(desk, outcome),
            FromUnit::Call { callback, by, args, last } => {
                scribe.event(HostEvent::Called { callback, by: by.into(), args, last });
            }
            FromUnit::Fetch { fetch, request } => {
                scribe.write_of(unit, EntryKind::WireOut, "http_request", shown_request(&request));
                scribe.output(Output::Fetch { unit, fetch, request });
            }
            FromUnit::Store(asked) => {
                let (name, data) = shown_ask(&asked);
                scribe.write_of(unit, EntryKind::WireOut, name, data);
                scribe.output(Output::Store { unit, asked });
            }
            FromUnit::Raise { name, fields } => scribe.raise(On::Unit(unit), &name, fields),
            FromUnit::RaiseOn { unit, name, fields } => scribe.raise(On::Unit(unit), &name, fields),
            FromUnit::Reached { limit, wanted } => drop(desk.limits.reach(limit, wanted)),
            FromUnit::Over => {
                self.closed = true;
                desk.sound.unlink(&mut desk.scribe, unit);
            }
            FromUnit::Audio { rate, samples } => self.enqueue(desk, rate, samples),
            FromUnit::Recorded(part) => desk.recorded(unit, part),
            FromUnit::ClearPlayout => {
                let data = json!({ "dropped_ms": desk.sound.clear(unit) });
                desk.scribe.write_of(unit, EntryKind::Media, "playout_cleared", data);
            }
            FromUnit::Note(remark) => scribe.remark(Some(unit), &remark),
        }
    }

    /// A socket that was never asked for, or is gone, cannot be closed.
    fn close_socket(&mut self, desk: &mut Desk, code: u16, reason: String) {
        if std::mem::take(&mut self.connected) {
            let data = json!({ "code": code, "reason": reason });
            desk.scribe.write_of(self.id, EntryKind::WireOut, "close", data);
            desk.scribe.output(Output::CloseSocket { unit: self.id, code, reason });
        }
    }

    /// The factory's promise is settled once.
    fn settle(&mut self, desk: &mut Desk, outcome: Outcome) {
        if let Some(request) = self.request.take() {
            desk.scribe.event(HostEvent::Settle { request, outcome });
        }
    }

    fn enqueue(&mut self, desk: &mut Desk, rate: Rate, samples: Vec<i16>) {
        if self.closed || !desk.scribe.is_running() {
            return;
        }
        let lost_ms = desk.sound.enqueue(self.id, rate, samples);
        if lost_ms > 0 {
            let text = format!("the playout queue is full: {lost_ms} ms of audio were dropped");
            desk.scribe.note_of(self.id, Some("F-039"), &text);
        }
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

    /// The provider accepted the connection and never said a word: the connection counts as lost.
    fn give_up(&mut self, desk: &mut Desk) {
        let name = desk.scribe.name_of(self.id);
        let text =
            format!("{name} has said nothing for {} s: the connection is given up", FIRST_WORD_MS / 1000);
        desk.scribe.note_of(self.id, Some("F-108"), &text);
        self.close_socket(desk, 1001, "no first message".to_owned());
        self.socket(desk, &SocketInput::Closed { code: 1006, reason: String::new(), clean: false });
        self.gone = true;
    }
}

/// A question to the storage as the journal tells it: keys, and no values.
fn shown_ask(asked: &StoreAsk) -> (&'static str, serde_json::Value) {
    match asked {
        StoreAsk::Get { key } => ("storage_get", json!({ "key": key })),
        StoreAsk::Put { key, ttl_s, .. } => ("storage_put", json!({ "key": key, "ttl_s": ttl_s })),
        StoreAsk::Remove { key } => ("storage_remove", json!({ "key": key })),
        StoreAsk::Keys { namespace, count } => {
            ("storage_keys", json!({ "namespace": namespace, "count": count }))
        }
    }
}

/// A request as the journal tells it: headers by their names only, because keys travel in them.
fn shown_request(request: &HttpRequest) -> serde_json::Value {
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    let mut data = json!({ "method": request.method, "url": request.url });
    if !names.is_empty() {
        data["headers"] = names.into();
    }
    if !request.body.is_empty() {
        data["bytes"] = request.body.len().into();
    }
    data
}

/// A method was called on a unit that is not there (any more).
pub(super) fn did_nothing(desk: &mut Desk, unit: UnitId, method: &str, why: &str) {
    let text = format!("{}.{method}() did nothing: {why}", desk.scribe.name_of(unit));
    desk.scribe.note_of(unit, Some("F-037"), &text);
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

//! A session with a hand-written script and a provider that does as it is told. No engine, no world.

use std::collections::VecDeque;

use serde_json::{Value, json};
use voxrun_audio::{Frame, Rate};
use voxrun_bindings::contract::{CallAsk, Datum, Dictionary, MediaAsk, Remark};
use voxrun_bindings::contract::{CallFacts, Command, Fields, HostEvent, RequestId, Time, UnitId};
use voxrun_bindings::contract::{ScenarioError, ScenarioErrorKind, Turn};
use voxrun_bindings::wire::{
    Emulator, EmulatorSetup, Endpoint, FirstWord, FromUnit, Kind, Playout, Recorded, Remote, Role,
    SocketInput, ToUnit, Unit, UnitSetup, WireFrame,
};

use crate::journal::{Entry, EntryKind};
use crate::session::{Input, LegInput, LegOutput, Output, Session, SessionSetup};

pub(super) const CALL: UnitId = UnitId(1);
pub(super) const CLIENT: UnitId = UnitId(70_000);
pub(super) const PLAYER: UnitId = UnitId(70_001);

/// Does what `Tell` says: `audio` (ms, value), `hears` (Hz), `raise` (name), `wake` (ms), `close`, `panic`, `babble`.
#[derive(Default)]
struct Puppet {
    words: VecDeque<FromUnit>,
    hears_at: Option<Rate>,
    wake: Option<Time>,
    restless: bool,
    babble: bool,
}

impl Puppet {
    fn raise(&mut self, name: &str, value: Value) {
        let fields = value.as_object().cloned().unwrap_or_default();
        self.words.push_back(FromUnit::Raise { name: name.to_owned(), fields: fields.into() });
    }

    fn told(&mut self, now: Time, method: &str, params: &[Value]) {
        let number = |at: usize| params.get(at).and_then(Value::as_u64).unwrap_or(0);
        match method {
            "audio" => {
                let samples = vec![number(1) as i16; number(0) as usize * 8];
                self.words.push_back(FromUnit::Audio { rate: Rate::Hz8000, samples });
            }
            "hears" => self.hears_at = Rate::from_hz(number(0) as u32),
            "raise" => self.raise(params[0].as_str().unwrap(), json!({})),
            "wake" => self.wake = Some(now.plus_ms(number(0))),
            "restless" => {
                self.restless = true;
                self.wake = Some(now);
            }
            "close" => self.words.push_back(FromUnit::CloseSocket { code: 1000, reason: String::new() }),
            "babble" => self.babble = true,
            "panic" => panic!("told to"),
            other => self.words.push_back(FromUnit::Note(Remark::new(other))),
        }
    }
}

impl Unit for Puppet {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        match input {
            ToUnit::Start { .. } => {
                let url = "wss://puppet.invalid/v1?key=secret".to_owned();
                self.words.push_back(FromUnit::Connect(Endpoint { url, headers: Vec::new() }));
            }
            ToUnit::TooMany { why } => self.raise("Puppet.Refused", json!({ "error": why })),
            ToUnit::Source { .. } | ToUnit::Paused { .. } => {}
            ToUnit::Fetched { .. } | ToUnit::Stored { .. } => {}
            ToUnit::Tell { method, params } => self.told(now, method, &Datum::all_json(params)),
            ToUnit::Close { .. } => {
                self.raise("Puppet.Closing", json!({}));
                self.words.push_back(FromUnit::CloseSocket { code: 1000, reason: String::new() });
            }
            ToUnit::Opened => self.words.push_back(FromUnit::Settle(Ok(()))),
            ToUnit::Refused { status, .. } => {
                self.words.push_back(FromUnit::Settle(Err(status.to_string())));
            }
            ToUnit::Failed { reason } => self.words.push_back(FromUnit::Settle(Err(reason.to_owned()))),
            ToUnit::Frame(frame) => {
                self.words
                    .push_back(FromUnit::Received { name: "frame".to_owned(), shown: json!(frame.len()) });
            }
            ToUnit::Closed { code, .. } => self.raise("Puppet.Closed", json!({ "code": code })),
            ToUnit::Audio(frame) => self.words.push_back(FromUnit::Send {
                frame: WireFrame::Binary(frame.samples()[0].to_le_bytes().to_vec()),
                name: "audio".into(),
                shown: None,
            }),
            ToUnit::Playout(Playout::Started) => self.raise("Puppet.Started", json!({})),
            ToUnit::Playout(Playout::Drained { played_ms }) => {
                self.raise("Puppet.Drained", json!({ "played_ms": played_ms }));
            }
            ToUnit::Playout(Playout::Cleared { dropped_ms }) => {
                self.raise("Puppet.Cleared", json!({ "dropped_ms": dropped_ms }));
            }
            ToUnit::Deadline => {
                self.wake = self.restless.then_some(now);
                self.raise("Puppet.Woke", json!({}));
            }
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        if self.babble {
            return Some(FromUnit::Note(Remark::new("bla")));
        }
        self.words.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.wake
    }

    fn hears_at(&self) -> Option<Rate> {
        self.hears_at
    }
}

fn puppet(_: UnitSetup) -> Box<dyn Unit> {
    Box::new(Puppet::default())
}

fn nobody(_: EmulatorSetup) -> Result<Box<dyn Emulator>, String> {
    Err("there is no emulator".to_owned())
}

static PUPPET: Kind = Kind { name: "puppet", role: Role::Client, make: puppet, remote: Some(&FAR_PUPPET) };
static PUPPET_PLAYER: Kind = Kind { name: "puppet", role: Role::Player, ..PUPPET };

static FAR_PUPPET: Remote = Remote {
    name: "puppet",
    key_secret: "PUPPET",
    connect_ms: 0,
    network_ms: 0,
    path: "/v1/robot",
    first_word: FirstWord::Greets,
    ping_every_ms: None,
    hears: true,
    module: "Puppet",
    emulator: nobody,
};

pub(super) fn inventory(name: &str) -> Option<&'static Kind> {
    match name {
        "puppet" => Some(&PUPPET),
        "player" => Some(&PUPPET_PLAYER),
        _ => None,
    }
}

/// What the script does on an event.
pub(super) type Script = Box<dyn FnMut(&HostEvent) -> Turn>;

/// A session, its script, and everything that came out of it.
pub(super) struct Rig {
    pub(super) session: Session,
    pub(super) now: Time,
    script: Script,
    /// What the script was told: milliseconds, name, fields.
    pub(super) told: Vec<(u64, String, Fields)>,
    /// What the far ends were told: milliseconds and a word.
    pub(super) far: Vec<(u64, String)>,
    /// First sample of each frame that the caller heard.
    pub(super) ear: Vec<(u64, i16)>,
    /// First sample of each frame that the provider was sent.
    pub(super) provider: Vec<(u64, i16)>,
    /// Parts of recordings.
    pub(super) recorded: Vec<(u64, Recorded)>,
    pub(super) entries: Vec<Entry>,
    pub(super) done: bool,
}

/// The name under which the rig shows an event.
pub(super) fn name_of(event: &HostEvent) -> &str {
    match event {
        HostEvent::Born { .. } => "born",
        HostEvent::Called { by, .. } => by,
        HostEvent::Raise { name, .. } | HostEvent::Asked { name, .. } => name,
        HostEvent::Settle { .. } => "settle",
    }
}

impl Rig {
    /// A session whose top-level code and listeners are this function: commands by the name of the event, `top` first.
    pub(super) fn new(commands: impl FnMut(&str) -> Vec<Command> + 'static) -> Rig {
        Rig::set_up(SessionSetup::default(), commands)
    }

    /// The same, set up otherwise.
    pub(super) fn set_up(
        setup: SessionSetup,
        mut commands: impl FnMut(&str) -> Vec<Command> + 'static,
    ) -> Rig {
        let script = move |event: &HostEvent| Turn { commands: commands(name_of(event)), ..Turn::default() };
        Rig::with(setup, Vec::new(), script)
    }

    /// The same with everything of one's own.
    pub(super) fn with(
        setup: SessionSetup,
        top: Vec<Command>,
        script: impl FnMut(&HostEvent) -> Turn + 'static,
    ) -> Rig {
        let mut session = Session::new(SessionSetup { inventory, ..setup });
        session.handle_input(Time::ZERO, Input::IncomingCall(facts()));
        assert!(matches!(session.poll_output(), Output::Wait(_)), "nothing before the top-level code");
        session.handle_input(Time::ZERO, Input::Script(Turn { commands: top, ..Turn::default() }));
        let mut rig = Rig {
            session,
            now: Time::ZERO,
            script: Box::new(script),
            told: Vec::new(),
            far: Vec::new(),
            ear: Vec::new(),
            provider: Vec::new(),
            recorded: Vec::new(),
            entries: Vec::new(),
            done: false,
        };
        rig.drain();
        rig
    }

    /// Gives one input and drains; returns when the session wants to be woken.
    pub(super) fn give(&mut self, ms: u64, input: Input) -> Option<Time> {
        self.run_to(ms);
        self.session.handle_input(self.now, input);
        self.drain()
    }

    pub(super) fn leg(&mut self, ms: u64, input: LegInput) {
        self.give(ms, Input::Leg { call: CALL, input });
    }

    pub(super) fn socket(&mut self, ms: u64, input: SocketInput) {
        self.give(ms, Input::Socket { unit: CLIENT, input });
    }

    /// The caller's sound from `from_ms` to `to_ms`.
    pub(super) fn speak(&mut self, from_ms: u64, to_ms: u64, value: i16) {
        for at in (from_ms..to_ms).step_by(20) {
            let frame = Frame::from_samples(Rate::Hz8000, &[value; 160]);
            self.leg(at + 20, LegInput::Audio(frame));
        }
    }

    /// Lets everything happen that is due before `ms`; what is due at `ms` itself waits.
    pub(super) fn run_to(&mut self, ms: u64) {
        self.run_while(|at| at < Time::from_ms(ms));
        self.now = self.now.max(Time::from_ms(ms));
    }

    /// Lets everything happen that is due until and at `ms`.
    pub(super) fn run_through(&mut self, ms: u64) {
        self.run_while(|at| at <= Time::from_ms(ms));
        self.now = self.now.max(Time::from_ms(ms));
    }

    fn run_while(&mut self, wanted: impl Fn(Time) -> bool) {
        let mut wait = self.drain();
        while let Some(at) = wait.filter(|at| wanted(*at)) {
            self.now = self.now.max(at);
            self.session.handle_input(self.now, Input::Deadline);
            wait = self.drain();
        }
    }

    fn drain(&mut self) -> Option<Time> {
        let ms = self.now.as_ms();
        let wait = loop {
            match self.session.poll_output() {
                Output::Script(event) => {
                    if !matches!(event, HostEvent::Born { .. }) {
                        let told = match &event {
                            HostEvent::Raise { fields, .. } => fields.clone().into(),
                            other => Datum::from(serde_json::to_value(other).unwrap()),
                        };
                        let fields = told.json().as_object().cloned().unwrap();
                        self.told.push((ms, name_of(&event).to_owned(), fields));
                    }
                    // As the engine does: no listener hears that a unit was born.
                    let born = matches!(event, HostEvent::Born { .. });
                    let turn = if born { Turn::default() } else { (self.script)(&event) };
                    self.session.handle_input(self.now, Input::Script(turn));
                }
                Output::Leg { output: LegOutput::Audio(frame), .. } => {
                    self.ear.push((ms, frame.samples()[0]))
                }
                Output::Leg { output, .. } => self.far.push((ms, shown(&output))),
                Output::Place { facts, .. } => self.far.push((ms, format!("place {}", facts.destination))),
                Output::Send { frame: WireFrame::Binary(bytes), .. } => {
                    self.provider.push((ms, i16::from_le_bytes([bytes[0], bytes[1]])));
                }
                Output::Send { .. } => {}
                Output::Fetch { request, .. } => self.far.push((ms, format!("fetch {}", request.url))),
                Output::MediaCleared { .. } | Output::Store { .. } => {}
                Output::Recorded { part, .. } => self.recorded.push((ms, part)),
                Output::Replied { body, .. } => self.far.push((ms, format!("reply {body}"))),
                Output::Connect { .. } => self.far.push((ms, "connect".to_owned())),
                Output::CloseSocket { code, .. } => self.far.push((ms, format!("close {code}"))),
                Output::Wait(at) => break at,
                Output::Done => {
                    self.done = true;
                    break None;
                }
            }
        };
        self.entries.append(&mut self.session.journal().take());
        wait
    }

    /// Milliseconds and names of what the script was told.
    pub(super) fn events(&self) -> Vec<(u64, &str)> {
        self.told.iter().map(|(ms, name, _)| (*ms, name.as_str())).collect()
    }

    /// The same from the `from`-th on, names only.
    pub(super) fn names(&self) -> Vec<&str> {
        self.told.iter().map(|(_, name, _)| name.as_str()).collect()
    }

    pub(super) fn fields(&self, name: &str) -> Value {
        let (.., fields) = self.told.iter().find(|(_, told, _)| told == name).expect("the script was told");
        Value::Object(fields.clone())
    }

    /// Journal lines of one kind as `unit name`.
    pub(super) fn lines(&self, kind: EntryKind) -> Vec<String> {
        let lines = self.entries.iter().filter(|entry| entry.kind == kind);
        lines.map(|entry| format!("{} {}", entry.unit, entry.name).trim_start().to_owned()).collect()
    }
}

/// What a far end was told, with the headers that came along.
fn shown(output: &LegOutput) -> String {
    let (word, headers) = match output {
        LegOutput::Ringing { headers } => ("Ringing".to_owned(), headers),
        LegOutput::EarlyMedia { headers } => ("EarlyMedia".to_owned(), headers),
        LegOutput::Answered { headers } => ("Answered".to_owned(), headers),
        LegOutput::Rejected { code, headers } => (format!("Rejected {{ code: {code} }}"), headers),
        LegOutput::HungUp { headers } => ("HungUp".to_owned(), headers),
        other => return format!("{other:?}"),
    };
    headers.iter().fold(word, |word, (name, value)| format!("{word} {name}={value}"))
}

pub(super) fn facts() -> CallFacts {
    CallFacts {
        id: "ABCDEF.1.0".to_owned(),
        callerid: "+15550100".to_owned(),
        destination: "5550199".to_owned(),
        display_name: "Ann".to_owned(),
        client_type: "pstn".to_owned(),
        headers: vec![("VI-Client-Type".to_owned(), "pstn".to_owned())],
        ..CallFacts::default()
    }
}

pub(super) fn answer() -> Command {
    Command::Call { call: CALL, ask: CallAsk::Answer { headers: Vec::new() } }
}

pub(super) fn hangup() -> Command {
    Command::Call { call: CALL, ask: CallAsk::Hangup { headers: Vec::new() } }
}

/// Opens a client (with a promise) or a player (without).
pub(super) fn open(unit: UnitId) -> Command {
    let request = (unit == CLIENT).then_some(RequestId(1));
    Command::Open {
        unit,
        kind: if unit == CLIENT { "puppet" } else { "player" }.to_owned(),
        request,
        params: vec![json!({ "apiKey": "k-secret" }).into()],
    }
}

pub(super) fn tell(unit: UnitId, method: &str, params: &[u64]) -> Command {
    let params = params.iter().map(|number| json!(number).into()).collect();
    Command::Tell { unit, method: method.to_owned(), params }
}

pub(super) fn send(from: UnitId, to: UnitId) -> Command {
    Command::Media(MediaAsk::Send { from, to, with: Dictionary::new() })
}

pub(super) fn script_error() -> ScenarioError {
    ScenarioError {
        kind: ScenarioErrorKind::Uncaught,
        message: "TypeError: x is not a function".to_owned(),
        file: "a.js".to_owned(),
        line: 3,
        column: 5,
        stack: Vec::new(),
    }
}

//! The provider's side of an OpenAI Realtime connection (GA interface over WebSocket), as strict as the real one: same
//! order of events, same errors, same close codes. It hears through the audio it was sent (voice-activity detection on
//! the samples, then the spoken code) and answers from scripted replies; MCP servers are scripted too. Deliberately not here: a
//! model, eyes for images, WebRTC and SIP attachments.

mod brain;
mod connect;
mod context;
mod conversation;
mod ear;
mod ids;
mod items;
mod mcp;
mod open;
mod plan;
mod problem;
mod response;
mod schema;
mod session;
mod settings;
mod shapes;
mod transcripts;
mod turns;
mod usage;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use regex::Regex;
use serde_json::{Map, Value, json};

use self::brain::Brain;
use self::connect::Refusal;
use self::conversation::Conversation;
use self::ear::AgentEar;
use self::ids::Ids;
use self::problem::Problem;
use self::response::Active;
use self::session::RealtimeSession;
use self::settings::Settings;
use self::usage::Account;
use super::wire;
use crate::contract::{Fields, Time};
use crate::wire::{Emulator, EmulatorSetup, FromEmulator, Reply, ReplyError, ToEmulator, WireFrame};

/// Something that happens by itself later.
#[derive(Debug)]
enum Due {
    /// `session.created`.
    Created,
    /// The error and the close of a connection that was refused.
    Refused(Refusal),
    /// The next piece of a response.
    Beat(String),
    /// `rate_limits.updated`, with what it tells.
    RateLimits(Value),
    /// The tools of an MCP server.
    ToolsListed { item_id: String, before: Option<String>, server: String },
    /// An error that a reply scripts.
    Scripted(ReplyError),
    /// The transcription of a turn.
    Transcript { item_id: String, text: String, audio_ms: u64 },
    /// The caller has been silent for long, unless something happened since.
    Idle { generation: u64 },
    /// The session is too old.
    Expired,
}

/// Where the connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Before the upgrade.
    New,
    /// Accepted; the session is being made.
    Opening,
    /// Events are taken.
    Open,
    /// Refused or closed.
    Closed,
}

/// One connection.
pub(super) struct Server {
    settings: Settings,
    keys: Vec<String>,
    epoch_ms: i64,
    brain: Brain,
    ids: Ids,
    phase: Phase,
    now: Time,
    out: VecDeque<FromEmulator>,
    agenda: BTreeMap<(Time, u64), Due>,
    planned: u64,
    /// Messages that came before the session was made.
    early: Vec<WireFrame>,
    session: RealtimeSession,
    conversation_id: String,
    conversation: Conversation,
    ear: AgentEar,
    /// The id of the caller's item that is being spoken, and when its audio began.
    turn: Option<(String, u64)>,
    responses: Vec<Active>,
    /// Grows with everything that makes an earlier idle timer void.
    idle_generation: u64,
    account: Account,
    /// MCP servers that were asked for their tools.
    listed: BTreeSet<String>,
    /// Replies whose MCP call waits for approval, by the id of the request.
    approvals: BTreeMap<String, Reply>,
    /// Turns that cannot be transcribed.
    mumbled: Option<Regex>,
}

/// Makes one connection of the provider's side.
pub(super) fn emulator(setup: EmulatorSetup) -> Result<Box<dyn Emulator>, String> {
    let settings = Settings::read(&setup.settings)?;
    let brain = Brain::new(setup.replies)?;
    let mumbled = settings.transcription_fails.as_deref().map(brain::pattern).transpose();
    let mumbled = mumbled.map_err(|why| format!("emulators.openai.transcription_fails {why}"))?;
    let mut ids = Ids::new(setup.seed);
    let session = RealtimeSession::new(ids.of("sess"), None, 0);
    let conversation_id = ids.of("conv");
    let vad = session.turn_detection().map(|detection| detection.vad).unwrap_or_default();
    Ok(Box::new(Server {
        settings,
        keys: setup.keys,
        epoch_ms: setup.epoch_ms,
        brain,
        ids,
        phase: Phase::New,
        now: Time::ZERO,
        out: VecDeque::new(),
        agenda: BTreeMap::new(),
        planned: 0,
        early: Vec::new(),
        session,
        conversation_id,
        conversation: Conversation::default(),
        ear: AgentEar::new(vad),
        turn: None,
        responses: Vec::new(),
        idle_generation: 0,
        account: Account::default(),
        listed: BTreeSet::new(),
        approvals: BTreeMap::new(),
        mumbled,
    }))
}

impl Emulator for Server {
    fn handle(&mut self, now: Time, input: ToEmulator<'_>) {
        self.now = now;
        self.run_due();
        match input {
            ToEmulator::Upgrade(endpoint) => self.upgrade(endpoint),
            ToEmulator::Frame(frame) => match self.phase {
                Phase::Opening => self.early.push(frame.clone()),
                Phase::Open => self.take(frame),
                Phase::New | Phase::Closed => {}
            },
            ToEmulator::Closed { .. } => self.end(),
            ToEmulator::Deadline => {}
        }
    }

    fn poll(&mut self) -> Option<FromEmulator> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.agenda.keys().next().map(|(at, _)| *at)
    }
}

impl Server {
    /// Plans something for `at`; what is planned first for an instant happens first.
    fn plan(&mut self, at: Time, due: Due) {
        self.planned += 1;
        self.agenda.insert((at, self.planned), due);
    }

    fn run_due(&mut self) {
        while let Some(entry) = self.agenda.first_entry() {
            if entry.key().0 > self.now {
                return;
            }
            match entry.remove() {
                Due::Created => self.created(),
                Due::Refused(refusal) => self.refuse(refusal),
                Due::Beat(response) => self.beat(&response),
                Due::RateLimits(limits) => self.send("rate_limits.updated", json!({"rate_limits": limits})),
                Due::ToolsListed { item_id, before, server } => {
                    self.tools_listed(&item_id, before.as_deref(), &server)
                }
                Due::Scripted(error) => self.scripted(&error),
                Due::Transcript { item_id, text, audio_ms } => self.transcribed(&item_id, &text, audio_ms),
                Due::Idle { generation } => self.idle(generation),
                Due::Expired => self.expire(),
            }
        }
    }

    /// Sends an event: `type`, a fresh `event_id`, then its fields.
    fn send(&mut self, kind: &str, fields: Value) {
        let mut message = Map::new();
        message.insert("type".to_owned(), kind.into());
        message.insert("event_id".to_owned(), self.ids.of("event").into());
        if let Value::Object(fields) = fields {
            message.extend(fields);
        }
        self.out.push_back(FromEmulator::Send(WireFrame::json(&Value::Object(message))));
    }

    fn complain(&mut self, problem: &Problem, client_event: Option<&str>) {
        let event = problem.event(self.ids.of("event"), client_event);
        self.out.push_back(FromEmulator::Send(WireFrame::json(&event)));
    }

    fn close(&mut self, code: u16, reason: &str) {
        self.out.push_back(FromEmulator::Close { code, reason: reason.to_owned() });
        self.end();
    }

    fn end(&mut self) {
        self.phase = Phase::Closed;
        self.agenda.clear();
        self.early.clear();
        self.responses.clear();
    }

    /// One message of the client.
    fn take(&mut self, frame: &WireFrame) {
        let WireFrame::Text(text) = frame else {
            let problem = Problem::new(
                "invalid_event",
                "The event must be a text frame of JSON; binary frames are not supported.",
            );
            self.complain(&problem, None);
            return;
        };
        if wire::is_silent_append(text) && self.silent_append() {
            return;
        }
        if let Some(audio) = wire::audio_of(text) {
            if let Err(problem) = self.append(audio) {
                self.complain(&problem, None);
            }
            return;
        }
        let Ok(Value::Object(event)) = serde_json::from_str::<Value>(text) else {
            let problem = Problem::new("invalid_json", "We could not parse the JSON body of your event.");
            self.complain(&problem, None);
            return;
        };
        let client_event = event.get("event_id").and_then(Value::as_str);
        if let Err(problem) = self.event(&event) {
            self.complain(&problem, client_event);
        }
    }

    /// One client event: its shape, then its meaning.
    fn event(&mut self, event: &Fields) -> Result<(), Problem> {
        let kind = event.get("type").ok_or_else(|| Problem::missing("type"))?;
        let kind = kind.as_str().ok_or_else(|| Problem::wrong_type("type", "a string", kind))?;
        let known = shapes::EVENTS.iter().find(|(name, _)| *name == kind);
        let (_, keys) = known.ok_or_else(|| {
            Problem::wrong_value("type", kind, shapes::EVENTS.iter().map(|(name, _)| *name))
        })?;
        schema::check_fields(event, keys, "", true)?;
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        let number = |name: &str| event.get(name).and_then(Value::as_u64).unwrap_or_default();
        let empty = Map::new();
        let group = |name: &str| event.get(name).and_then(Value::as_object).unwrap_or(&empty);
        match kind {
            "session.update" => self.update_session(group("session")),
            "input_audio_buffer.append" => self.append(text("audio").unwrap_or_default()),
            "input_audio_buffer.commit" => self.commit(),
            "input_audio_buffer.clear" => {
                self.clear();
                Ok(())
            }
            "conversation.item.create" => self.create_item(group("item"), text("previous_item_id")),
            "conversation.item.retrieve" => self.retrieve_item(text("item_id").unwrap_or_default()),
            "conversation.item.delete" => self.delete_item(text("item_id").unwrap_or_default()),
            "conversation.item.truncate" => {
                let id = text("item_id").unwrap_or_default();
                self.truncate_item(id, number("content_index"), number("audio_end_ms"))
            }
            "response.create" => self.create_response(group("response")),
            "response.cancel" => self.cancel_response(text("response_id")),
            _ => Err(Problem::new(
                "invalid_value",
                format!("'{kind}' is for WebRTC and SIP connections only."),
            )
            .at("type")),
        }
    }

    fn update_session(&mut self, update: &Fields) -> Result<(), Problem> {
        self.session.update(update, self.conversation.has_agent_audio())?;
        let vad = self.session.turn_detection().map(|detection| detection.vad).unwrap_or_default();
        self.ear.set(self.session.input_format(), vad);
        let session = self.session.shown();
        self.send("session.updated", json!({"session": session}));
        self.list_tools(&self.session.tools());
        Ok(())
    }
}

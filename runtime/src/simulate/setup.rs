//! What a world is made with, what may be wrong with it, and what a run comes to. Plain data.

use std::collections::BTreeMap;

use voxrun_bindings::contract::Fields;
use voxrun_bindings::contract::UnitId;
use voxrun_bindings::contract::{EngineUsage, ScenarioFile};
use voxrun_bindings::wire::{Kind, Reply};

use super::callees::Callees;
use super::conversation::{TurnTiming, Utterance};
use super::meeting::Rule;
use super::plan::CallerPlan;
use crate::connection::Fault;
use crate::journal::Entry;
use crate::session::{ProviderSettings, SessionReport, StartedFacts};
use crate::stand_ins::StandIn;

/// Bounds of a run, so that nothing hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The longest a session may last, milliseconds of its own time. Then it is shut down (a failure of the run).
    pub session_ms: u64,
    /// The most things that may happen in a session at one instant.
    pub rounds: u32,
}

impl Default for Bounds {
    /// Four hours, and 200,000 things at one instant.
    fn default() -> Bounds {
        Bounds { session_ms: 4 * 3_600_000, rounds: 200_000 }
    }
}

/// What a world is made with.
#[derive(Debug, Clone)]
pub struct WorldSetup {
    /// The files of the rule, in order.
    pub scenarios: Vec<ScenarioFile>,
    /// Secrets by name.
    pub secrets: BTreeMap<String, String>,
    /// A secret that is not configured is the placeholder `offline-NAME`.
    pub placeholder_secrets: bool,
    /// Secrets that are missing on purpose.
    pub missing_secrets: Vec<String>,
    /// Custom data of the sessions at their start.
    pub custom_data: String,
    /// The source of all randomness.
    pub seed: u64,
    /// Unix time of the world's start, milliseconds.
    pub epoch_ms: i64,
    /// The callers: each makes one call, which starts a session of its own.
    pub callers: Vec<CallerPlan>,
    /// Time between two callers, milliseconds.
    pub caller_gap_ms: u64,
    /// Start one session without a call, as `StartScenarios` does.
    pub api_start: bool,
    /// Nobody asked for a caller: a scenario that listens for its start and not for calls is started without one.
    pub start_as_heard: bool,
    /// What `Application.Started` tells.
    pub started: StartedFacts,
    /// Who is reached by the calls that sessions place.
    pub callees: Callees,
    /// Which sessions are reached by the calls that others place to a conference.
    pub rules: Vec<Rule>,
    /// What the emulated agent answers.
    pub replies: Vec<Reply>,
    /// `[emulators.<name>]` of the configuration.
    pub emulators: BTreeMap<String, Fields>,
    /// The good keys of each provider; none means that any non-empty key is good.
    pub keys: BTreeMap<String, Vec<String>>,
    /// `[providers.<name>]` of the configuration.
    pub providers: BTreeMap<String, ProviderSettings>,
    /// Who answers instead of hosts that only the scenario knows, in the order in which they are asked.
    pub stand_ins: Vec<StandIn>,
    /// Faults; every session has its own count of their moments.
    pub faults: Vec<Fault>,
    /// Send the script's provider messages as they are.
    pub verbatim: bool,
    /// Do not enforce the platform's limits.
    pub unlimited: bool,
    /// Keep the sound of the calls.
    pub keep_audio: bool,
    /// Bounds of the run.
    pub bounds: Bounds,
    /// Finds a provider by name.
    pub inventory: fn(&str) -> Option<&'static Kind>,
}

/// 2026-01-01T00:00:00Z, the virtual epoch, in milliseconds of Unix time.
pub const VIRTUAL_EPOCH_MS: i64 = 1_767_225_600_000;

impl Default for WorldSetup {
    /// No scenarios, one caller of the default plan, placeholders for secrets, the virtual epoch.
    fn default() -> WorldSetup {
        WorldSetup {
            scenarios: Vec::new(),
            secrets: BTreeMap::new(),
            placeholder_secrets: true,
            missing_secrets: Vec::new(),
            custom_data: String::new(),
            seed: 0,
            epoch_ms: VIRTUAL_EPOCH_MS,
            callers: vec![CallerPlan::default()],
            caller_gap_ms: 0,
            api_start: false,
            start_as_heard: false,
            started: StartedFacts::default(),
            callees: Callees::default(),
            rules: Vec::new(),
            replies: Vec::new(),
            emulators: BTreeMap::new(),
            keys: BTreeMap::new(),
            providers: BTreeMap::new(),
            stand_ins: Vec::new(),
            faults: Vec::new(),
            verbatim: false,
            unlimited: false,
            keep_audio: true,
            bounds: Bounds::default(),
            inventory: voxrun_bindings::kind,
        }
    }
}

/// Why a world cannot be made: the operator's to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// A section of the configuration, or a fault, for a provider that does not exist.
    #[error("there is no provider `{0}` to emulate")]
    UnknownProvider(String),
    /// A setting of an emulator is wrong.
    #[error("[emulators.{provider}]: {what}")]
    Emulator {
        /// The provider.
        provider: String,
        /// What is wrong.
        what: String,
    },
}

/// Why a session failed for another reason than its script's own error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A part of voxrun broke. It is our mistake, not the scenario's.
    #[error("voxrun itself failed: {0}")]
    Broken(String),
    /// The session did not end by itself.
    #[error("the session had not ended after {0} s of its own time")]
    TooLong(u64),
    /// Too much happened at one instant.
    #[error("more than {0} things happened at one instant: the session does not come to rest")]
    Restless(u32),
}

/// The sound of a call from its first moment to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallAudio {
    /// Samples a second and channel.
    pub rate_hz: u32,
    /// Caller and agent interleaved.
    pub samples: Vec<i16>,
}

/// What one session came to.
#[derive(Debug)]
pub struct SessionResult {
    /// Its number, from 1.
    pub number: u32,
    /// When it started, milliseconds since the world did.
    pub started_ms: u64,
    /// When it ended, milliseconds since it started.
    pub ended_ms: u64,
    /// Who said what, as the caller lived it.
    pub conversation: Vec<Utterance>,
    /// Who said what at the other calls of the session, as each far end lived it.
    pub others: Vec<(UnitId, Vec<Utterance>)>,
    /// How long each answer took.
    pub turns: Vec<TurnTiming>,
    /// What the session tells of itself: its calls, its end, the script's own failure, limits, policies.
    pub report: SessionReport,
    /// A failure that is not the script's own.
    pub failure: Option<Failure>,
    /// How near the script came to its limits.
    pub usage: EngineUsage,
    /// What crossed the caller's line, when it was kept.
    pub audio: Option<CallAudio>,
    /// Faults whose moment never came.
    pub unfired_faults: Vec<String>,
}

/// What a run came to.
#[derive(Debug)]
pub struct RunResult {
    /// Everything that happened, in order, as far as nobody took it before.
    pub entries: Vec<Entry>,
    /// Each session that was made.
    pub sessions: Vec<SessionResult>,
    /// Numbers of sessions that could not be made, and why: our own mistakes.
    pub unmade: Vec<(u32, Failure)>,
}

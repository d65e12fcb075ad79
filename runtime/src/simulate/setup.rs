//! What a world is made with, what may be wrong with it, and what its sessions are made with. Plain data.

use std::collections::BTreeMap;
use std::sync::Arc;

use voxrun_bindings::connection::Fault;
use voxrun_bindings::contract::{Fields, Remark, RequireUndefined, ScenarioFile, Setup, Time};
use voxrun_bindings::wire::{HttpOutcome, HttpRequest, Kind, Reply};

use super::callees::Callees;
use super::meeting::Rule;
use super::order::Order;
use super::plan::CallerPlan;
use crate::room::{Archive, Bounds, RoomSetup, Storage};
use crate::session::{ProviderSettings, Question, SessionSetup, StartedFacts, seed};
use crate::stand_ins::StandIn;

/// A way to other machines, for requests over HTTP. A run that takes it is not the same each time.
pub trait Network: std::fmt::Debug + Send + Sync {
    /// What its host answers, and after how many milliseconds; nothing when that host is not let through.
    fn ask(&self, request: &HttpRequest) -> Option<(HttpOutcome, u64)>;
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
    /// Who calls the first session's own URL, and when.
    pub questions: Vec<(Time, Question)>,
    /// The application's storage, which all sessions share.
    pub storage: Storage,
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
    /// `[units.<kind>]` of the configuration: whole numbers by name.
    pub units: BTreeMap<String, BTreeMap<String, u64>>,
    /// Who answers instead of hosts that only the scenario knows, in the order in which they are asked.
    pub stand_ins: Vec<StandIn>,
    /// Who carries what no stand-in answers to another machine; nobody, unless the operator lets a host through.
    pub network: Option<Arc<dyn Network>>,
    /// Faults; every session has its own count of their moments.
    pub faults: Vec<Fault>,
    /// Send the script's provider messages as they are.
    pub verbatim: bool,
    /// Do not enforce the platform's limits.
    pub unlimited: bool,
    /// What `require(undefined)` does.
    pub require_undefined: RequireUndefined,
    /// For the author of the scenario, at the start of each session.
    pub remarks: Vec<Remark>,
    /// Who makes files of what scripts record, if anybody does.
    pub archive: Option<Arc<dyn Archive>>,
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
            questions: Vec::new(),
            storage: Storage::default(),
            callees: Callees::default(),
            rules: Vec::new(),
            replies: Vec::new(),
            emulators: BTreeMap::new(),
            keys: BTreeMap::new(),
            providers: BTreeMap::new(),
            units: BTreeMap::new(),
            stand_ins: Vec::new(),
            network: None,
            faults: Vec::new(),
            verbatim: false,
            unlimited: false,
            require_undefined: RequireUndefined::default(),
            remarks: Vec::new(),
            archive: None,
            keep_audio: true,
            bounds: Bounds::default(),
            inventory: voxrun_bindings::kind,
        }
    }
}

impl WorldSetup {
    /// The sessions of its callers in order; without their calls when they are started as `StartScenarios` does, one at least.
    #[must_use]
    pub fn orders(&self) -> Vec<Order> {
        let scenarios: Arc<[ScenarioFile]> = self.scenarios.clone().into();
        let order = |caller| Order {
            scenarios: Arc::clone(&scenarios),
            started: self.started.clone(),
            custom_data: self.custom_data.clone(),
            caller,
            remarks: self.remarks.clone(),
        };
        match self.api_start {
            true => (0..self.callers.len().max(1)).map(|_| order(None)).collect(),
            false => self.callers.iter().cloned().map(Some).map(order).collect(),
        }
    }

    /// When the caller of this place, counted from 0, calls.
    #[must_use]
    pub fn calls_at(&self, index: usize) -> Time {
        Time::from_ms(self.caller_gap_ms.saturating_mul(index as u64))
    }

    /// Unix time of a session that starts then, milliseconds.
    pub(crate) fn epoch_of(&self, started: Time) -> i64 {
        self.epoch_ms.saturating_add(i64::try_from(started.as_ms()).unwrap_or(i64::MAX))
    }

    /// What the room of this number is made with.
    pub(crate) fn room(&self, number: u32, starts: Time, mut started: StartedFacts) -> RoomSetup {
        let own = u64::from(number);
        started.session_id = started.session_id.saturating_add(own - 1);
        let session = SessionSetup {
            number,
            started,
            providers: self.providers.clone(),
            units: self.units.clone(),
            inventory: self.inventory,
            verbatim: self.verbatim,
            limits: !self.unlimited,
            seed: seed::derive(self.seed, "session", own),
            keep_audio: self.keep_audio,
            recordings: self.archive.is_some(),
            ..SessionSetup::default()
        };
        let questions = if number == 1 { self.questions.clone() } else { Vec::new() };
        RoomSetup {
            session,
            started: starts,
            epoch_ms: self.epoch_of(starts),
            faults: self.faults.clone(),
            questions,
            storage: self.storage.clone(),
            archive: self.archive.clone(),
            bounds: self.bounds,
        }
    }

    /// What the engine of the session of this number is made with.
    pub(crate) fn engine(
        &self,
        number: u32,
        starts: Time,
        scenarios: &[ScenarioFile],
        custom_data: &str,
    ) -> Setup {
        Setup {
            scenarios: scenarios.to_vec(),
            secrets: self.secrets.clone(),
            placeholder_secrets: self.placeholder_secrets,
            missing_secrets: self.missing_secrets.clone(),
            custom_data: custom_data.to_owned(),
            seed: seed::derive(self.seed, "engine", u64::from(number)),
            epoch_ms: self.epoch_of(starts),
            unlimited: self.unlimited,
            require_undefined: self.require_undefined,
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

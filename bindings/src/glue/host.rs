//! What handlers work with: ids to hand out, commands to say, and the values that scripts read synchronously. Plain
//! Rust, no script objects: a binding can therefore never call script code.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet};

use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::used::Used;
use crate::contract::limit::{self, Limit, LimitUses};
use crate::contract::{
    CallAsk, CallbackId, Command, Datum, MediaAsk, NotBuilt, Remark, RequestId, Setup, Time, TimerAsk, UnitId,
};
use crate::wire::{Kind, Role};

/// What an answer of the host is for: a function that it calls for the last time, or a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Waiting {
    /// A function.
    Callback(CallbackId),
    /// A promise.
    Request(RequestId),
}

/// What a binding does when an answer has come, before the script hears it.
pub(crate) type Answered = fn(&mut Host);

/// A unit as the script knows it.
#[derive(Debug)]
pub(crate) struct UnitRecord {
    /// The class of its object (`Call`).
    pub class: &'static str,
    /// What `id()` answers.
    pub text_id: String,
    /// What its class keeps of it, as of the last delivered event: a type of the class's own.
    memory: Option<Box<dyn Any>>,
}

/// The script plane's side of a session, without any script object.
#[derive(Debug)]
pub(crate) struct Host {
    /// The session's time, as of the event being delivered.
    pub now: Time,
    /// What the running callback asked for.
    pub commands: Vec<Command>,
    /// Units that scripts can name.
    pub units: BTreeMap<UnitId, UnitRecord>,
    attached: BTreeMap<UnitId, Vec<UnitId>>,
    /// Who was sent to whom.
    links: BTreeSet<(UnitId, UnitId)>,
    /// Active timers: each is the callback that it calls.
    pub timers: BTreeSet<CallbackId>,
    /// What was used of the platform's limits.
    pub limits: LimitUses,
    /// Modules that were required.
    pub required: BTreeSet<String>,
    /// What the session is made with.
    pub setup: Setup,
    /// `VoxEngine.customData`.
    pub custom_data: String,
    /// Members that have answered the script.
    pub used: Used,
    noted: BTreeSet<String>,
    /// Properties of objects that have changed and were not written yet.
    pub fields: Vec<(UnitId, &'static str, Datum)>,
    /// What namespaces keep, one type each.
    own: BTreeMap<TypeId, Box<dyn Any>>,
    answered: BTreeMap<Waiting, Answered>,
    players: BTreeSet<UnitId>,
    next_unit: u32,
    next_request: u32,
    random: Xoshiro256PlusPlus,
}

impl Host {
    /// The state at the start of a session.
    #[must_use]
    pub(crate) fn new(setup: Setup) -> Host {
        Host {
            now: Time::ZERO,
            commands: Vec::new(),
            units: BTreeMap::new(),
            attached: BTreeMap::new(),
            links: BTreeSet::new(),
            timers: BTreeSet::new(),
            limits: LimitUses::default(),
            required: BTreeSet::new(),
            custom_data: setup.custom_data.clone(),
            used: Used::default(),
            noted: BTreeSet::new(),
            fields: Vec::new(),
            own: BTreeMap::new(),
            answered: BTreeMap::new(),
            players: BTreeSet::new(),
            next_unit: UnitId::FIRST_OF_SCRIPT,
            next_request: 1,
            random: Xoshiro256PlusPlus::seed_from_u64(setup.seed),
            setup,
        }
    }

    /// Says a command; it is carried out after the running callback.
    pub(crate) fn command(&mut self, command: Command) {
        match &command {
            Command::Media(ask) => self.link(ask),
            Command::Close { unit, .. } => self.unlink(*unit),
            _ => {}
        }
        self.commands.push(command);
    }

    /// Whom this unit is sent to, as far as the script has said so.
    pub(crate) fn sent_to(&self, unit: UnitId) -> Vec<UnitId> {
        self.links.iter().filter(|(from, _)| *from == unit).map(|(_, to)| *to).collect()
    }

    fn link(&mut self, ask: &MediaAsk) {
        let links = &mut self.links;
        match *ask {
            MediaAsk::Send { from, to, .. } => drop(links.insert((from, to))),
            MediaAsk::SendBetween { a, b } => links.extend([(a, b), (b, a)]),
            MediaAsk::Stop { from, to } => drop(links.remove(&(from, to))),
            MediaAsk::StopBetween { a, b } => links.retain(|link| *link != (a, b) && *link != (b, a)),
            MediaAsk::Clear { .. } | MediaAsk::Pause { .. } => {}
        }
    }

    /// A remark for the author of the script.
    pub(crate) fn note(&mut self, policy: Option<&'static str>, text: impl Into<String>) {
        self.command(Command::Note(Remark::maybe(policy, text)));
    }

    /// The same, but only the first time that this text comes up.
    pub(crate) fn note_once(&mut self, policy: Option<&'static str>, text: impl Into<String>) {
        let text = text.into();
        if self.noted.insert(text.clone()) {
            self.note(policy, text);
        }
    }

    /// A new unit of the script's own.
    pub(crate) fn new_unit(&mut self, class: &'static str) -> UnitId {
        let unit = UnitId(self.next_unit);
        self.next_unit += 1;
        let text_id = self.random_token();
        self.units.insert(unit, UnitRecord { class, text_id, memory: None });
        unit
    }

    /// A new unit that no object of the script stands for.
    pub(crate) fn new_hidden_unit(&mut self) -> UnitId {
        let unit = UnitId(self.next_unit);
        self.next_unit += 1;
        unit
    }

    /// A property of a unit's object holds this from now on.
    pub(crate) fn set_field(&mut self, unit: UnitId, name: &'static str, value: impl Into<Datum>) {
        self.fields.push((unit, name, value.into()));
    }

    /// What a namespace keeps of its own, made at the first use.
    pub(crate) fn own<T: Default + 'static>(&mut self) -> &mut T {
        let kept = self.own.entry(TypeId::of::<T>()).or_insert_with(|| Box::<T>::default());
        #[expect(clippy::expect_used, reason = "what stands under a type is of that type")]
        kept.downcast_mut().expect("of its own type")
    }

    /// Does something when this answer has come.
    pub(crate) fn when_answered(&mut self, waiting: Waiting, then: Answered) {
        self.answered.insert(waiting, then);
    }

    /// An answer has come.
    pub(crate) fn answered(&mut self, waiting: Waiting) {
        if let Some(then) = self.answered.remove(&waiting) {
            then(self);
        }
    }

    /// Opens a unit. A player over the limit is not opened; the script hears that as it hears of any other that cannot be.
    pub(crate) fn open(&mut self, unit: UnitId, kind: &Kind, request: Option<RequestId>, params: Vec<Datum>) {
        let refused = kind.role == Role::Player && !self.open_player(unit);
        let kind = kind.name.to_owned();
        self.command(match refused {
            true => Command::Refuse { unit, kind, request },
            false => Command::Open { unit, kind, request, params },
        });
    }

    /// A call was given this unit in its options: whoever knows its kind may look for it there.
    pub(crate) fn attach(&mut self, call: UnitId, unit: UnitId) {
        self.attached.entry(call).or_default().push(unit);
    }

    /// The units that a call was given in its options.
    pub(crate) fn attached(&self, call: UnitId) -> Vec<UnitId> {
        self.attached.get(&call).cloned().unwrap_or_default()
    }

    /// A unit that the host made.
    pub(crate) fn add_unit(&mut self, unit: UnitId, class: &'static str, text_id: String) {
        self.units.insert(unit, UnitRecord { class, text_id, memory: None });
    }

    /// From now on the unit's class keeps this of it.
    pub(crate) fn keep<T: 'static>(&mut self, unit: UnitId, memory: T) {
        if let Some(record) = self.units.get_mut(&unit) {
            record.memory = Some(Box::new(memory));
        }
    }

    /// What a unit's class keeps of it.
    pub(crate) fn kept<T: 'static>(&mut self, unit: UnitId) -> Option<&mut T> {
        self.units.get_mut(&unit)?.memory.as_mut()?.downcast_mut()
    }

    /// A new promise.
    pub(crate) fn new_request(&mut self) -> RequestId {
        let request = RequestId(self.next_request);
        self.next_request += 1;
        request
    }

    /// Something that a call is asked.
    pub(crate) fn call(&mut self, call: UnitId, ask: CallAsk) {
        self.check_headers(ask.member(), ask.headers());
        self.command(Command::Call { call, ask });
    }

    /// A member that is not built was used.
    pub(crate) fn not_built(&mut self, not_built: NotBuilt) {
        self.command(Command::NotBuilt(not_built));
    }

    /// So much of something is wanted; whether the platform allows it.
    pub(crate) fn reach(&mut self, limit: &Limit, wanted: usize) -> bool {
        self.limits.reach(limit, u64::try_from(wanted).unwrap_or(u64::MAX)) || self.setup.unlimited
    }

    /// Counts a player against the platform's limit; false when there are too many, and it must not be opened (F-038).
    fn open_player(&mut self, unit: UnitId) -> bool {
        let open = self.reach(&limit::PLAYERS, self.players.len() + 1);
        if open {
            self.players.insert(unit);
        }
        open
    }

    /// A player is over and makes room for another one.
    pub(crate) fn close_player(&mut self, unit: UnitId) {
        self.players.remove(&unit);
        self.unlink(unit);
    }

    /// A unit is over, and its links with it.
    pub(crate) fn unlink(&mut self, unit: UnitId) {
        self.links.retain(|(from, to)| *from != unit && *to != unit);
    }

    /// Starts the timer that calls this function; false when there are too many, and it is not set (F-036).
    pub(crate) fn start_timer(&mut self, timer: CallbackId, wanted_ms: f64, repeat: bool) -> bool {
        if !self.reach(&limit::TIMERS, self.timers.len() + 1) {
            let most = limit::TIMERS.most;
            self.note_once(
                Some("F-036"),
                format!("more than {most} active timers, the platform's limit: those beyond it are not set"),
            );
            return false;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "NaN is 0, clamped to range"
        )]
        let wanted_ms = wanted_ms.clamp(0.0, 1e12) as u64;
        let after_ms = if repeat { wanted_ms.max(limit::INTERVAL_LEAST_MS) } else { wanted_ms };
        self.timers.insert(timer);
        self.command(Command::Timer { timer, ask: TimerAsk::Set { after_ms, repeat } });
        true
    }

    /// The platform publishes 200 bytes of custom data; what it does beyond is unknown, so the text is kept whole.
    pub(crate) fn check_custom_data(&mut self, data: &str) {
        if !self.reach(&limit::CUSTOM_DATA_BYTES, data.len()) {
            let most = limit::CUSTOM_DATA_BYTES.most;
            let text = format!("custom data of {} bytes: the platform's limit is {most}", data.len());
            self.note(Some("F-005"), text);
        }
    }

    /// The platform publishes what SIP headers may be; what it does beyond is unknown, so they are sent whole.
    fn check_headers(&mut self, member: &str, headers: &[(String, String)]) {
        // `Name: value`
        let lengths = headers.iter().map(|(name, value)| name.len() + value.len() + 2);
        let (longest, all) = (lengths.clone().max().unwrap_or(0), lengths.sum::<usize>());
        let touched = [(&limit::SIP_HEADER_BYTES, longest), (&limit::SIP_HEADERS_BYTES, all)];
        for (limit, length) in touched.into_iter().filter(|(_, length)| *length > 0) {
            if !self.reach(limit, length) {
                let most = limit.most;
                let text = format!("Call.{member}: SIP headers of {length} bytes: the platform takes {most}");
                self.note(Some("F-375"), text);
            }
        }
    }

    /// A double in [0, 1) of the session's seeded randomness.
    pub(crate) fn random_unit(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits are exact in a double")]
        let numerator = (self.random.next_u64() >> 11) as f64;
        numerator / 9_007_199_254_740_992.0
    }

    /// A version 4 UUID of the session's seeded randomness.
    pub(crate) fn random_uuid(&mut self) -> String {
        uuid(&mut self.random)
    }

    /// 43 base64url characters, the shape of the platform's own ids of script-made units.
    fn random_token(&mut self) -> String {
        use base64::Engine as _;
        let mut bytes = [0; 32];
        self.random.fill_bytes(&mut bytes);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// The text form of a version 4 UUID (RFC 9562) of this randomness.
pub(crate) fn uuid(random: &mut impl RngCore) -> String {
    let (high, low) = (random.next_u64(), random.next_u64());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48) & 0x3fff,
        low & 0xffff_ffff_ffff
    )
}

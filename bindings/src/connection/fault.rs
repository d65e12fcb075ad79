//! Faults of a provider's connection, written `PROVIDER@MOMENT=ACTION` (`openai@response.done#2=close:1011`): the parser,
//! and the book that counts moments and says when a fault is due. What a fault does to the traffic is in `pipe.rs`.
//! Deliberately no randomness: a fault happens at the moment that was named, or never.

use std::fmt;

use crate::contract::Time;
use crate::wire::WireFrame;
use serde_json::Value;

use super::span;

/// When a fault happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// An attempt to connect: every one, or only the n-th (from 1) of the session.
    Connect(Option<u32>),
    /// Right after the upgrade was accepted: on every connection, or only the n-th (from 1) of the session.
    Open(Option<u32>),
    /// The n-th (from 1) message of this wire name in either direction, counted over all connections of the provider.
    Message {
        /// The message's name in the journal, its `type`, or one of its keys where the protocol has no types.
        name: String,
        /// Which one, from 1.
        nth: u32,
    },
    /// An instant of the session, in microseconds: connections that are there at that time are hit.
    At(u64),
}

/// What happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The attempt to connect fails at once.
    Refuse,
    /// The upgrade is answered with this HTTP status.
    Status(u16),
    /// It, and everything behind it in the same direction, comes this many microseconds later.
    Delay(u64),
    /// The connection stays, and nothing comes from the provider any more.
    Stall,
    /// The provider closes with this code instead.
    Close(u16),
    /// The connection is lost without a close frame (1006).
    Drop,
    /// Text that is no JSON, then a binary message, come instead.
    Garbage,
    /// What the client sends is lost, nothing comes, and nobody closes.
    HalfOpen,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The provider's name in the inventory.
    pub provider: String,
    /// When.
    pub moment: Moment,
    /// What.
    pub action: Action,
}

/// Why a fault was not understood. Each message says what would have been.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// Not of the form at all.
    #[error("the fault `{0}` is not of the form PROVIDER@MOMENT=ACTION, as in `net@connect=refuse`")]
    Form(String),
    /// No such provider.
    #[error("the fault `{spec}` names the provider `{provider}`; there are: {known}")]
    Remote {
        /// The whole fault.
        spec: String,
        /// What it names.
        provider: String,
        /// What there is.
        known: String,
    },
    /// The moment was not understood.
    #[error(
        "the fault `{spec}` has the moment `{moment}`; a moment is `connect`, `open`, the wire name of a message \
         (`response.done`, or `response.done#2` for the second one), or a time (`2.5s`)"
    )]
    Moment {
        /// The whole fault.
        spec: String,
        /// Its moment.
        moment: String,
    },
    /// The action was not understood.
    #[error(
        "the fault `{spec}` has the action `{action}`; an action is `refuse`, `status:CODE` (an HTTP status from 200 to 599), \
         `delay:DUR`, `stall`, `close:CODE` (a close code from 1000 to 4999 that may be sent), `drop`, `garbage` or `half-open`"
    )]
    Action {
        /// The whole fault.
        spec: String,
        /// Its action.
        action: String,
    },
    /// Both are right, but not together.
    #[error("the fault `{spec}` cannot happen: at `{moment}` the action may be {allowed}")]
    Together {
        /// The whole fault.
        spec: String,
        /// Its moment.
        moment: String,
        /// What fits it.
        allowed: &'static str,
    },
}

const AT_CONNECT: &str = "`refuse`, `status:CODE`, `delay:DUR`, `stall`, `drop` or `garbage`";
const ONCE_OPEN: &str = "`delay:DUR`, `stall`, `close:CODE`, `drop`, `garbage` or `half-open`";

impl Fault {
    /// Reads `PROVIDER@MOMENT=ACTION`; `known` are the names of the providers that there are.
    ///
    /// # Errors
    /// When a part of it is not understood, does not fit the others, or names an unknown provider.
    pub fn parse(spec: &str, known: &[&str]) -> Result<Fault, FaultError> {
        let form = || FaultError::Form(spec.to_owned());
        let (provider, rest) = spec.trim().split_once('@').ok_or_else(form)?;
        let (moment_text, action_text) = rest.rsplit_once('=').ok_or_else(form)?;
        if provider.is_empty() || moment_text.is_empty() || action_text.is_empty() {
            return Err(form());
        }
        if !known.contains(&provider) {
            return Err(FaultError::Remote {
                spec: spec.to_owned(),
                provider: provider.to_owned(),
                known: known.join(", "),
            });
        }
        let moment = parse_moment(moment_text)
            .ok_or_else(|| FaultError::Moment { spec: spec.to_owned(), moment: moment_text.to_owned() })?;
        let action = parse_action(action_text)
            .ok_or_else(|| FaultError::Action { spec: spec.to_owned(), action: action_text.to_owned() })?;
        let allowed = match moment {
            Moment::Connect(_) if matches!(action, Action::Close(_) | Action::HalfOpen) => Some(AT_CONNECT),
            Moment::Connect(_) => None,
            _ if matches!(action, Action::Refuse | Action::Status(_)) => Some(ONCE_OPEN),
            _ => None,
        };
        match allowed {
            Some(allowed) => {
                Err(FaultError::Together { spec: spec.to_owned(), moment: moment_text.to_owned(), allowed })
            }
            None => Ok(Fault { provider: provider.to_owned(), moment, action }),
        }
    }
}

fn parse_moment(text: &str) -> Option<Moment> {
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') {
        return span::parse_us(text).map(Moment::At);
    }
    let (name, nth) = match text.split_once('#') {
        Some((name, nth)) => (name, Some(nth.parse::<u32>().ok().filter(|nth| *nth > 0)?)),
        None => (text, None),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match name {
        "" => None,
        "connect" => Some(Moment::Connect(nth)),
        "open" => Some(Moment::Open(nth)),
        _ if !name.chars().all(plain) => None,
        _ => Some(Moment::Message { name: name.to_owned(), nth: nth.unwrap_or(1) }),
    }
}

fn parse_action(text: &str) -> Option<Action> {
    let (word, argument) = match text.split_once(':') {
        Some((word, argument)) => (word, Some(argument)),
        None => (text, None),
    };
    match (word, argument) {
        ("refuse", None) => Some(Action::Refuse),
        ("stall", None) => Some(Action::Stall),
        ("drop", None) => Some(Action::Drop),
        ("garbage", None) => Some(Action::Garbage),
        ("half-open", None) => Some(Action::HalfOpen),
        ("status", Some(code)) => {
            code.parse().ok().filter(|code| (200..=599).contains(code)).map(Action::Status)
        }
        ("delay", Some(duration)) => span::parse_us(duration).map(Action::Delay),
        // 1004, 1005, 1006 and 1015 never stand in a close frame (RFC 6455, 7.4.1).
        ("close", Some(code)) => code
            .parse()
            .ok()
            .filter(|code| (1000..=4999).contains(code) && !matches!(code, 1004..=1006 | 1015))
            .map(Action::Close),
        _ => None,
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@", self.provider)?;
        match &self.moment {
            Moment::Connect(None) => write!(f, "connect")?,
            Moment::Connect(Some(nth)) => write!(f, "connect#{nth}")?,
            Moment::Open(None) => write!(f, "open")?,
            Moment::Open(Some(nth)) => write!(f, "open#{nth}")?,
            Moment::Message { name, nth: 1 } => write!(f, "{name}")?,
            Moment::Message { name, nth } => write!(f, "{name}#{nth}")?,
            Moment::At(us) => write!(f, "{}", span::format_us(*us))?,
        }
        match self.action {
            Action::Refuse => write!(f, "=refuse"),
            Action::Status(code) => write!(f, "=status:{code}"),
            Action::Delay(us) => write!(f, "=delay:{}", span::format_us(us)),
            Action::Stall => write!(f, "=stall"),
            Action::Close(code) => write!(f, "=close:{code}"),
            Action::Drop => write!(f, "=drop"),
            Action::Garbage => write!(f, "=garbage"),
            Action::HalfOpen => write!(f, "=half-open"),
        }
    }
}

/// The faults of one session, with what has been seen of their moments.
#[derive(Debug, Default)]
pub struct Faults {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    fault: Fault,
    seen: u32,
    fired: bool,
}

/// A fault that is due: its number in the book and what it does.
type Due = (usize, Action);

impl Faults {
    /// A book of these faults. When two are due at one moment, the one that stands first happens.
    #[must_use]
    pub fn new(faults: Vec<Fault>) -> Faults {
        Faults { rows: faults.into_iter().map(|fault| Row { fault, seen: 0, fired: false }).collect() }
    }

    /// The faults whose moment never came, as they were written.
    pub fn unfired(&self) -> impl Iterator<Item = String> + '_ {
        self.rows.iter().filter(|row| !row.fired).map(|row| row.fault.to_string())
    }

    pub(super) fn text(&self, index: usize) -> String {
        self.rows.get(index).map(|row| row.fault.to_string()).unwrap_or_default()
    }

    pub(super) fn fired(&mut self, index: usize) {
        if let Some(row) = self.rows.get_mut(index) {
            row.fired = true;
        }
    }

    /// An attempt to connect begins.
    pub(super) fn on_connect(&mut self, provider: &str) -> Option<Due> {
        self.first_due(provider, |moment| match moment {
            Moment::Connect(nth) => Some(*nth),
            _ => None,
        })
    }

    /// An upgrade was accepted.
    pub(super) fn on_open(&mut self, provider: &str) -> Option<Due> {
        self.first_due(provider, |moment| match moment {
            Moment::Open(nth) => Some(*nth),
            _ => None,
        })
    }

    /// A message passes, in either direction. What the session sends has a name already.
    pub(super) fn on_message(
        &mut self,
        provider: &str,
        frame: &WireFrame,
        known: Option<&str>,
    ) -> Option<Due> {
        if self.rows.is_empty() {
            return None;
        }
        self.first_due(provider, |moment| match moment {
            Moment::Message { name, nth } if known == Some(name.as_str()) || is_named(frame, name) => {
                Some(Some(*nth))
            }
            _ => None,
        })
    }

    /// The instants at which connections of this provider are to be hit, not before `now`.
    pub(super) fn instants(&self, provider: &str, now: Time) -> Vec<(Time, usize)> {
        let mut instants: Vec<(Time, usize)> = (0..)
            .zip(&self.rows)
            .filter(|(_, row)| row.fault.provider == provider)
            .filter_map(|(index, row)| match row.fault.moment {
                Moment::At(us) if Time::from_us(us) >= now => Some((Time::from_us(us), index)),
                _ => None,
            })
            .collect();
        instants.sort();
        instants
    }

    pub(super) fn action(&self, index: usize) -> Option<Action> {
        self.rows.get(index).map(|row| row.fault.action)
    }

    /// Counts a moment in every row that it belongs to (`picks` gives the number that the row waits for, `None` inside
    /// for any) and returns the first row that is due.
    fn first_due(&mut self, provider: &str, picks: impl Fn(&Moment) -> Option<Option<u32>>) -> Option<Due> {
        let mut due = None;
        for (index, row) in self.rows.iter_mut().enumerate() {
            if row.fault.provider != provider {
                continue;
            }
            let Some(nth) = picks(&row.fault.moment) else { continue };
            row.seen += 1;
            if due.is_none() && nth.is_none_or(|nth| nth == row.seen) {
                due = Some((index, row.fault.action));
            }
        }
        due
    }
}

/// Whether a message bears this name: as its `type`, or as a key of it or of its `result`. Only text that contains the
/// name at all is parsed.
fn is_named(frame: &WireFrame, name: &str) -> bool {
    let WireFrame::Text(text) = frame else { return false };
    if !text.contains(name) {
        return false;
    }
    let Ok(Value::Object(message)) = serde_json::from_str::<Value>(text) else { return false };
    if let Some(kind) = message.get("type") {
        return kind.as_str() == Some(name);
    }
    let in_result =
        message.get("result").is_some_and(|result| result.get(name).is_some_and(|value| !value.is_null()));
    in_result || message.get(name).is_some_and(|value| !value.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 2] = ["openai", "inworld"];

    fn message(name: &str, nth: u32) -> Moment {
        Moment::Message { name: name.to_owned(), nth }
    }

    #[test]
    fn faults_are_read_and_written_alike() {
        for (text, moment, action) in [
            ("openai@connect=refuse", Moment::Connect(None), Action::Refuse),
            ("openai@connect#2=status:503", Moment::Connect(Some(2)), Action::Status(503)),
            ("openai@connect=stall", Moment::Connect(None), Action::Stall),
            ("openai@open=close:1011", Moment::Open(None), Action::Close(1011)),
            ("openai@open#3=half-open", Moment::Open(Some(3)), Action::HalfOpen),
            ("openai@response.done=drop", message("response.done", 1), Action::Drop),
            ("openai@response.done#2=garbage", message("response.done", 2), Action::Garbage),
            ("openai@session.update=delay:1.5s", message("session.update", 1), Action::Delay(1_500_000)),
            ("openai@2.5s=stall", Moment::At(2_500_000), Action::Stall),
            ("openai@300ms=close:4000", Moment::At(300_000), Action::Close(4000)),
        ] {
            let fault = Fault::parse(text, &KNOWN).expect(text);
            assert_eq!(
                (&fault.moment, fault.action, fault.provider.as_str()),
                (&moment, action, "openai"),
                "{text}"
            );
            assert_eq!(fault.to_string(), text);
        }
    }

    #[test]
    fn bad_faults_say_what_would_be_right() {
        for (text, expected) in [
            ("", "PROVIDER@MOMENT=ACTION"),
            ("openai", "PROVIDER@MOMENT=ACTION"),
            ("openai@connect", "PROVIDER@MOMENT=ACTION"),
            ("openai=refuse", "PROVIDER@MOMENT=ACTION"),
            ("@connect=refuse", "PROVIDER@MOMENT=ACTION"),
            ("openai@=refuse", "PROVIDER@MOMENT=ACTION"),
            ("openai@connect=", "PROVIDER@MOMENT=ACTION"),
            ("opnai@connect=refuse", "openai, inworld"),
            ("openai@response.done#0=drop", "a moment is"),
            ("openai@response.done#x=drop", "a moment is"),
            ("openai@5=drop", "a moment is"),
            ("openai@-5s=drop", "a moment is"),
            ("openai@a b=drop", "a moment is"),
            ("openai@connect=refuse:1", "an action is"),
            ("openai@connect=explode", "an action is"),
            ("openai@connect=status", "an action is"),
            ("openai@connect=status:99", "an action is"),
            ("openai@open=close:999", "an action is"),
            ("openai@open=close:1006", "an action is"),
            ("openai@open=delay:5", "an action is"),
            ("openai@connect=close:1000", "cannot happen"),
            ("openai@connect=half-open", "cannot happen"),
            ("openai@open=refuse", "cannot happen"),
            ("openai@2s=status:500", "cannot happen"),
        ] {
            let error = Fault::parse(text, &KNOWN).expect_err(text).to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn messages_are_known_by_type_or_key() {
        let text = |text: &str| WireFrame::Text(text.into());
        assert!(is_named(&text(r#"{"type":"response.done"}"#), "response.done"));
        assert!(!is_named(&text(r#"{"type":"x","item":"response.done"}"#), "response.done"));
        assert!(!is_named(&text(r#"{"type":"error","response.done":1}"#), "response.done"));
        assert!(is_named(&text(r#"{"send_text":{"text":"hi"},"contextId":"c"}"#), "send_text"));
        assert!(is_named(&text(r#"{"result":{"audioChunk":{}}}"#), "audioChunk"));
        assert!(!is_named(&text(r#"{"result":{"audioChunk":null}}"#), "audioChunk"));
        assert!(!is_named(&text("response.done"), "response.done"));
        assert!(!is_named(&WireFrame::Binary(b"response.done".to_vec()), "response.done"));
    }

    #[test]
    fn the_nth_message_fires_and_only_that_one() {
        let spec = ["openai@a#2=drop", "openai@a#3=stall", "openai@connect=refuse", "openai@7s=drop"];
        let mut book = Faults::new(spec.iter().filter_map(|text| Fault::parse(text, &KNOWN).ok()).collect());
        let a = WireFrame::Text(r#"{"type":"a"}"#.into());
        let due: Vec<_> = (0..4).map(|_| book.on_message("openai", &a, None)).collect();
        assert_eq!(due, [None, Some((0, Action::Drop)), Some((1, Action::Stall)), None]);
        assert_eq!(book.on_message("inworld", &a, Some("a")), None);
        assert_eq!(book.on_connect("openai"), Some((2, Action::Refuse)));
        assert_eq!(book.on_connect("openai"), Some((2, Action::Refuse)));
        assert_eq!(book.on_open("openai"), None);
        assert_eq!(book.instants("openai", Time::ZERO), [(Time::from_ms(7_000), 3)]);
        assert_eq!(book.instants("openai", Time::from_ms(7_001)), []);
        book.fired(0);
        assert_eq!(book.unfired().count(), 3);
    }
}

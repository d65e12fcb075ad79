//! Sessions that meet: a call that one places is a call that comes into another (`VoxEngine.callConference`). Here stand
//! the call between them, which has a far end on either side, and the way to it by the rules. Who starts sessions and
//! visits rooms is a [`Switchboard`], of a world on one clock as of live workers on their threads: it is asked for the
//! session, and rings at whoever has something new to hear.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};

use regex::Regex;
use voxrun_audio::FRAME_MS;
use voxrun_bindings::contract::{CallFacts, Headers, Remark, ScenarioFile, Time, UnitId};

use super::callees::{Callees, reason_phrase};
use crate::room::{Exchange, FarEnd, FromFarEnd};
use crate::session::{LegInput, LegOutput};

/// The kind of call that reaches a session, not a phone.
const CONFERENCE: &str = "conference";
/// Frames that one end of a call between two clocks may hold.
const MOST_HELD: usize = 4;
/// Sessions that others may start by their calls: in all of one run in virtual time, at a time live. Two that call new ones
/// for ever are stopped by it.
const MOST_CALLED: usize = 50;

/// A rule: which scenarios answer which destination (semantics 1.7).
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name, for messages.
    pub name: String,
    /// Fits the whole destination.
    pub pattern: Regex,
    /// Run one after the other in one global scope.
    pub scenarios: Arc<[ScenarioFile]>,
}

impl Rule {
    /// A rule whose pattern is as the platform takes it: the whole destination, and a leading bare `+` is a plus.
    ///
    /// # Errors
    /// When it is no regular expression, in words.
    pub fn new(name: String, pattern: &str, scenarios: Vec<ScenarioFile>) -> Result<Rule, String> {
        let plus = if pattern.starts_with('+') { "\\" } else { "" };
        let whole = Regex::new(&format!("^(?:{plus}{pattern})$")).map_err(|error| {
            let text = error.to_string();
            text.lines().last().unwrap_or_default().trim().to_owned()
        })?;
        Ok(Rule { name, pattern: whole, scenarios: scenarios.into() })
    }
}

/// Lets a room know that there is something new for it to hear.
pub trait Bell: 'static {
    /// Both sides stand on one clock: what one says the other hears at the same instant. Otherwise sound is held for a
    /// tick, because neither knows which of two ticks of the same instant comes first.
    const ONE_CLOCK: bool;

    /// It is to be visited soon.
    fn ring(&self);
}

/// Starts the sessions that are called, and reaches those that run.
pub trait Switchboard {
    /// How the rooms of this switchboard are rung at.
    type Bell: Bell;

    /// The bell of the room whose calls go through here.
    fn bell(&self) -> Self::Bell;

    /// How many sessions were started because another one called them, as far as that is bounded.
    fn started(&self) -> usize;

    /// This call comes into the session of its conference, which is started if it does not run.
    fn connect(&self, call: Called<Self::Bell>);
}

/// A call for a session that another one calls.
pub struct Called<B: Bell> {
    /// Calls to one conference reach one session.
    pub conference: String,
    /// What it runs, if it does not run yet.
    pub scenarios: Arc<[ScenarioFile]>,
    /// The call as it comes in there.
    pub facts: CallFacts,
    /// Who is at its other end.
    pub far_end: End<B>,
}

/// One end of a call between two rooms: a far end of the room on its side. What passes between the sides waits in their
/// channels; nothing is locked.
pub struct End<B: Bell> {
    to_other: Sender<LegInput>,
    heard: Receiver<LegInput>,
    /// How much waits on this side, and on the other one.
    waiting: Arc<AtomicUsize>,
    others: Arc<AtomicUsize>,
    /// One side has ended it: there is nothing to hear any more.
    over: Arc<AtomicBool>,
    bell: Arc<OnceLock<B>>,
    others_bell: Arc<OnceLock<B>>,
    /// What is held, and until when.
    held: VecDeque<(Time, LegInput)>,
    ready: VecDeque<LegInput>,
}

impl<B: Bell> End<B> {
    /// Both ends of a call: of the room with this bell, and of one that is to be found.
    fn pair(bell: B) -> (End<B>, End<B>) {
        let ((to_there, at_there), (to_here, at_here)) = (channel(), channel());
        let waiting: [Arc<AtomicUsize>; 2] = Default::default();
        let over = Arc::<AtomicBool>::default();
        let bells = [Arc::new(OnceLock::from(bell)), Arc::new(OnceLock::new())];
        let end = |to_other, heard, here: usize| End {
            to_other,
            heard,
            waiting: Arc::clone(&waiting[here]),
            others: Arc::clone(&waiting[1 - here]),
            over: Arc::clone(&over),
            bell: Arc::clone(&bells[here]),
            others_bell: Arc::clone(&bells[1 - here]),
            held: VecDeque::new(),
            ready: VecDeque::new(),
        };
        (end(to_there, at_here, 0), end(to_here, at_there, 1))
    }

    /// The room on its side has been found: this is its bell.
    pub fn belongs_to(&self, bell: B) {
        let _ = self.bell.set(bell);
        // What was said before the bell was there is found by the room's next visit, and what is said after it rings.
        fence(Ordering::SeqCst);
    }

    /// The other side hears this, at this instant.
    fn tell(&self, input: LegInput) {
        let last = matches!(input, LegInput::HangUp { .. } | LegInput::Refused { .. });
        if self.over.fetch_or(last, Ordering::SeqCst) || self.to_other.send(input).is_err() {
            return;
        }
        self.others.fetch_add(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if let Some(bell) = self.others_bell.get() {
            bell.ring();
        }
    }

    /// Holds what has come: a frame until the tick after the one that made it, one frame a tick. Frames that come faster
    /// than they are heard are not heard.
    fn hold(&mut self, now: Time, input: LegInput) {
        let is_frame = |input: &LegInput| matches!(input, LegInput::Audio(_));
        let last = self.held.back().map(|(at, _)| *at);
        let at = match (is_frame(&input), last) {
            (false, last) => last.unwrap_or(now),
            (true, None) => next_tick(now),
            (true, Some(last)) => next_tick(now).max(last.plus_ms(u64::from(FRAME_MS))),
        };
        if self.held.len() >= MOST_HELD && self.held.front().is_some_and(|(_, first)| is_frame(first)) {
            self.held.pop_front();
        }
        self.held.push_back((at, input));
    }

    /// Takes what waits, if anything does.
    fn take(&self) -> Option<LegInput> {
        if self.waiting.load(Ordering::SeqCst) == 0 {
            return None;
        }
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        self.heard.try_recv().ok()
    }
}

impl<B: Bell> Drop for End<B> {
    /// The room on its side is gone without a word: the other side hears a BYE at least.
    fn drop(&mut self) {
        self.tell(LegInput::HangUp { headers: Headers::new() });
    }
}

impl<B: Bell> FarEnd for End<B> {
    fn handle(&mut self, _: Time, output: &LegOutput) {
        match output {
            LegOutput::Ringing { headers } => self.tell(LegInput::Ringing { headers: headers.clone() }),
            LegOutput::EarlyMedia { headers } => self.tell(LegInput::EarlyMedia { headers: headers.clone() }),
            LegOutput::Answered { headers } => self.tell(LegInput::Answered { headers: headers.clone() }),
            LegOutput::Rejected { code, headers } => {
                let reason = reason_phrase(*code).to_owned();
                self.tell(LegInput::Refused { code: *code, reason, headers: headers.clone() });
            }
            LegOutput::HungUp { headers } => self.tell(LegInput::HangUp { headers: headers.clone() }),
            LegOutput::Audio(frame) => self.tell(LegInput::Audio(frame.clone())),
            LegOutput::InDialog(request) => self.tell(LegInput::InDialog(request.clone())),
            LegOutput::Digits(keys) => {
                keys.chars().filter(|key| *key != 'p').for_each(|key| self.tell(LegInput::Digit(key)));
            }
        }
    }

    fn deadline(&self) -> Option<Time> {
        let waits = self.waiting.load(Ordering::SeqCst) > 0;
        waits.then_some(Time::ZERO).or_else(|| self.held.front().map(|(at, _)| *at))
    }

    fn advance(&mut self, now: Time) {
        if B::ONE_CLOCK {
            return;
        }
        while let Some(input) = self.take() {
            self.hold(now, input);
        }
        // One frame a tick: a second one would take the place of the first.
        let mut frames = 0;
        while frames == 0
            && let Some((_, input)) = self.held.pop_front_if(|(at, _)| *at <= now)
        {
            frames += usize::from(matches!(input, LegInput::Audio(_)));
            self.ready.push_back(input);
        }
        if let Some((at, _)) = self.held.front_mut().filter(|_| frames > 0) {
            *at = (*at).max(next_tick(now));
        }
    }

    fn poll(&mut self) -> Option<FromFarEnd> {
        let next = if B::ONE_CLOCK { self.take() } else { self.ready.pop_front() };
        next.map(FromFarEnd::Leg)
    }

    fn line_dead(&mut self, _: Time) {
        while self.take().is_some() {}
        self.held.clear();
        self.ready.clear();
        self.tell(LegInput::HangUp { headers: Headers::new() });
    }
}

/// The first tick after `now`: sessions start on one grid, so that their ticks fall together.
fn next_tick(now: Time) -> Time {
    let tick_us = u64::from(FRAME_MS) * 1000;
    Time::from_us((now.as_us() / tick_us + 1) * tick_us)
}

/// A way that leads nowhere: a remark for the author, and a refusal.
struct DeadEnd(VecDeque<FromFarEnd>);

impl FarEnd for DeadEnd {
    fn handle(&mut self, _: Time, _: &LegOutput) {}

    fn deadline(&self) -> Option<Time> {
        (!self.0.is_empty()).then_some(Time::ZERO)
    }

    fn advance(&mut self, _: Time) {}

    fn poll(&mut self) -> Option<FromFarEnd> {
        self.0.pop_front()
    }

    fn line_dead(&mut self, _: Time) {
        self.0.clear();
    }
}

/// Where a call goes that leads nowhere: refused with this status, for this reason.
fn nowhere(code: u16, text: String) -> Box<dyn FarEnd> {
    let reason = reason_phrase(code).to_owned();
    let refused = LegInput::Refused { code, reason, headers: Headers::new() };
    let note = FromFarEnd::Note(Remark::new(text));
    Box::new(DeadEnd(VecDeque::from([note, FromFarEnd::Leg(refused)])))
}

/// What the calls of one room meet: other sessions by the rules, and callees.
pub(crate) struct RoomExchange<S> {
    callees: Callees,
    rules: Rc<[Rule]>,
    board: S,
    /// The number of the room's session.
    session: u32,
    /// For the ids of calls between sessions.
    placed: u32,
}

impl<S: Switchboard> RoomExchange<S> {
    /// Of the session of this number.
    pub(crate) fn new(session: u32, callees: Callees, rules: Rc<[Rule]>, board: S) -> RoomExchange<S> {
        RoomExchange { callees, rules, board, session, placed: 0 }
    }

    fn conference(&mut self, facts: &CallFacts) -> Box<dyn FarEnd> {
        let Some(rule) = self.rules.iter().find(|rule| rule.pattern.is_match(&facts.destination)) else {
            let text = format!(
                "no rule fits the conference `{}`: add to voxrun.toml [[rules]] name = \"conference\", pattern = \"{}\", \
                 scenarios = [\"FILE.js\"]",
                facts.destination,
                regex::escape(&facts.destination),
            );
            return nowhere(404, text);
        };
        if self.board.started() >= MOST_CALLED {
            let text = format!("more than {MOST_CALLED} sessions were called by others: this one is refused");
            return nowhere(503, text);
        }
        self.placed += 1;
        let (here, there) = End::pair(self.board.bell());
        let facts =
            CallFacts { id: format!("{}.{}.{}", facts.id, self.session, self.placed), ..facts.clone() };
        self.board.connect(Called {
            conference: facts.destination.clone(),
            scenarios: Arc::clone(&rule.scenarios),
            facts,
            far_end: there,
        });
        Box::new(here)
    }
}

impl<S: Switchboard> Exchange for RoomExchange<S> {
    fn place(&mut self, now: Time, call: UnitId, facts: &CallFacts) -> Box<dyn FarEnd> {
        if facts.client_type == CONFERENCE {
            return self.conference(facts);
        }
        self.callees.place(now, call, facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_the_whole_destination() {
        let fits = |pattern: &str, text: &str| {
            Rule::new(String::new(), pattern, Vec::new()).expect(pattern).pattern.is_match(text)
        };
        assert!(!fits("123", "123456"));
        assert!(fits("123.+", "123456"));
        assert!(fits("+?1555.*", "+15550000"));
        assert!(fits("a|b", "b") && !fits("a|b", "ab"));
        assert!(Rule::new(String::new(), "(", Vec::new()).is_err());
    }
}

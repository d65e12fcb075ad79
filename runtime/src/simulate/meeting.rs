//! Sessions that meet in one world: a call that one places is a call that comes into another (`VoxEngine.callConference`).
//! Here stand the call between them, a far end on either side, and the board on which rooms leave word for the world:
//! which session is wanted, and who has something new to hear. The world carries in the order of session numbers.

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use regex::Regex;
use voxrun_bindings::contract::{CallFacts, Headers, ScenarioFile, Time, UnitId};

use super::callees::Callees;
use super::caller::FromCaller;
use super::conversation::Utterance;
use super::outside::{Exchange, FarEnd};
use crate::session::{LegInput, LegOutput};

/// The kind of call that reaches a session, not a phone.
pub(super) const CONFERENCE: &str = "conference";
/// Sessions that a world may start because others call them. Two that call new ones for ever are stopped by it.
pub(super) const MOST_CALLED: usize = 50;

/// A rule: which scenarios answer which destination (semantics 1.7).
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name, for messages.
    pub name: String,
    /// Fits the whole destination.
    pub pattern: Regex,
    /// Run one after the other in one global scope.
    pub scenarios: Vec<ScenarioFile>,
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
        Ok(Rule { name, pattern: whole, scenarios })
    }
}

/// A session that is called.
pub(super) struct Order {
    /// Calls to one conference reach one session.
    pub(super) conference: String,
    /// What it runs, if it does not run yet.
    pub(super) scenarios: Vec<ScenarioFile>,
    /// The call as it comes in there.
    pub(super) facts: CallFacts,
    /// Who is at its other end.
    pub(super) far_end: End,
}

/// Word that rooms leave for their world.
#[derive(Default)]
pub(super) struct Board {
    pub(super) orders: VecDeque<Order>,
    /// Rooms that have something to hear.
    pub(super) touched: BTreeSet<usize>,
    /// Sessions that were started so.
    pub(super) started: usize,
}

/// The board of a world, as its rooms and calls hold it.
pub(super) type SharedBoard = Rc<RefCell<Board>>;

/// A call between two rooms: what each side has not heard yet.
struct Trunk {
    waiting: [VecDeque<LegInput>; 2],
    rooms: [Option<usize>; 2],
    /// One side has ended it: there is nothing to hear any more.
    over: bool,
}

/// One end of a call between two rooms: a far end of the room on its side.
pub(super) struct End {
    trunk: Rc<RefCell<Trunk>>,
    side: usize,
    board: SharedBoard,
}

impl End {
    /// Both ends of a call that the room of this place makes.
    fn pair(board: &SharedBoard, caller: usize) -> (End, End) {
        let waiting = [VecDeque::new(), VecDeque::new()];
        let trunk = Rc::new(RefCell::new(Trunk { waiting, rooms: [Some(caller), None], over: false }));
        let end = |side| End { trunk: Rc::clone(&trunk), side, board: Rc::clone(board) };
        (end(0), end(1))
    }

    /// The room on its side has this place.
    pub(super) fn stands_in(&self, place: usize) {
        self.trunk.borrow_mut().rooms[self.side] = Some(place);
    }

    /// The other side hears this, at this instant.
    fn tell(&self, input: LegInput) {
        let other = 1 - self.side;
        let mut trunk = self.trunk.borrow_mut();
        if trunk.over {
            return;
        }
        trunk.over = matches!(input, LegInput::HangUp { .. } | LegInput::Refused { .. });
        trunk.waiting[other].push_back(input);
        if let Some(room) = trunk.rooms[other] {
            self.board.borrow_mut().touched.insert(room);
        }
    }
}

impl FarEnd for End {
    fn handle(&mut self, _: Time, output: &LegOutput) {
        match output {
            LegOutput::Ringing { headers } => self.tell(LegInput::Ringing { headers: headers.clone() }),
            LegOutput::EarlyMedia { headers } => self.tell(LegInput::EarlyMedia { headers: headers.clone() }),
            LegOutput::Answered { headers } => self.tell(LegInput::Answered { headers: headers.clone() }),
            LegOutput::Rejected { code, headers } => {
                let reason = super::callees::reason_phrase(*code).to_owned();
                self.tell(LegInput::Refused { code: *code, reason, headers: headers.clone() });
            }
            LegOutput::HungUp { headers } => self.tell(LegInput::HangUp { headers: headers.clone() }),
            LegOutput::Audio(frame) => self.tell(LegInput::Audio(frame.clone())),
            LegOutput::Digits(keys) => {
                keys.chars().filter(|key| *key != 'p').for_each(|key| self.tell(LegInput::Digit(key)));
            }
        }
    }

    fn media_cleared(&mut self, _: Time) {}

    fn deadline(&self) -> Option<Time> {
        (!self.trunk.borrow().waiting[self.side].is_empty()).then_some(Time::ZERO)
    }

    fn advance(&mut self, _: Time) {}

    fn poll(&mut self) -> Option<FromCaller> {
        self.trunk.borrow_mut().waiting[self.side].pop_front().map(FromCaller::Leg)
    }

    /// The room on its side is over without a word, or its call is: the other side hears a BYE at least.
    fn line_dead(&mut self, _: Time) {
        self.trunk.borrow_mut().waiting[self.side].clear();
        self.tell(LegInput::HangUp { headers: Headers::new() });
    }

    fn conversation(&self) -> Vec<Utterance> {
        Vec::new()
    }
}

/// A way that leads nowhere: a remark for the author, and a refusal.
struct DeadEnd(VecDeque<FromCaller>);

impl FarEnd for DeadEnd {
    fn handle(&mut self, _: Time, _: &LegOutput) {}

    fn media_cleared(&mut self, _: Time) {}

    fn deadline(&self) -> Option<Time> {
        (!self.0.is_empty()).then_some(Time::ZERO)
    }

    fn advance(&mut self, _: Time) {}

    fn poll(&mut self) -> Option<FromCaller> {
        self.0.pop_front()
    }

    fn line_dead(&mut self, _: Time) {
        self.0.clear();
    }

    fn conversation(&self) -> Vec<Utterance> {
        Vec::new()
    }
}

/// What the calls of one room meet: other sessions by the rules, and callees.
pub(super) struct Routes {
    pub(super) callees: Callees,
    pub(super) rules: Rc<[Rule]>,
    pub(super) board: SharedBoard,
    /// The place of the room.
    pub(super) place: usize,
    /// For the ids of calls between sessions.
    pub(super) placed: u32,
}

impl Routes {
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
        if self.board.borrow().started >= MOST_CALLED {
            let text = format!(
                "more than {MOST_CALLED} sessions were called by others in one run: this one is refused"
            );
            return nowhere(503, text);
        }
        self.placed += 1;
        let (here, there) = End::pair(&self.board, self.place);
        let facts =
            CallFacts { id: format!("{}.{}.{}", facts.id, self.place + 1, self.placed), ..facts.clone() };
        let order = Order {
            conference: facts.destination.clone(),
            scenarios: rule.scenarios.clone(),
            facts,
            far_end: there,
        };
        self.board.borrow_mut().orders.push_back(order);
        Box::new(here)
    }
}

/// Where a call goes that leads nowhere: refused with this status, for this reason.
pub(super) fn nowhere(code: u16, text: String) -> Box<dyn FarEnd> {
    let reason = super::callees::reason_phrase(code).to_owned();
    let refused = LegInput::Refused { code, reason, headers: Headers::new() };
    Box::new(DeadEnd(VecDeque::from([FromCaller::Note(text), FromCaller::Leg(refused)])))
}

impl Exchange for Routes {
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

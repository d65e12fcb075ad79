//! Far ends: whoever is at the other end of a session's calls, called in or was called. They are asked in the order in
//! which their calls came, so that a run repeats exactly. What a test or a keyboard can make one do is a [`Person`], and
//! not every far end is one.

use voxrun_bindings::contract::{CallFacts, Remark, Time, UnitId};

use super::conversation::Utterance;
use crate::session::{LegInput, LegOutput};

/// What comes out of a far end.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a frame moves by value, so that the tick allocates nothing")]
pub enum FromFarEnd {
    /// Something it does on its line.
    Leg(LegInput),
    /// It begins to say this; `end_ms` is when it will have ended.
    Said(Utterance),
    /// The call ended while it was saying this, which is as far as it came.
    BrokenOff(Utterance),
    /// It pressed a key.
    Pressed(char),
    /// It heard this.
    Heard(Utterance),
    /// A remark for the author of the scenario.
    Note(Remark),
}

/// Whoever is at the other end of a call, as a room sees it.
pub trait FarEnd {
    /// Something reached the far end.
    fn handle(&mut self, now: Time, output: &LegOutput);

    /// A playout queue of the session was cleared while it held audio.
    fn media_cleared(&mut self, _now: Time) {}

    /// When [`FarEnd::advance`] has something to do.
    fn deadline(&self) -> Option<Time>;

    /// Does what is due.
    fn advance(&mut self, now: Time);

    /// What it does and hears, in order.
    fn poll(&mut self) -> Option<FromFarEnd>;

    /// The call is over for a reason outside the call.
    fn line_dead(&mut self, now: Time);

    /// Everything said and heard so far, in the order in which it began.
    fn conversation(&self) -> Vec<Utterance> {
        Vec::new()
    }

    /// Whom a test or a keyboard can tell what to do, if there is anybody.
    fn person(&mut self) -> Option<&mut dyn Person> {
        None
    }
}

/// A simulated person at a far end, who does what it is told.
pub trait Person {
    /// Says a line as soon as its mouth is free, whoever else is speaking.
    fn say_now(&mut self, text: &str);

    /// Presses keys at once.
    fn press_now(&mut self, now: Time, digits: &str);

    /// Hangs up at the next opportunity.
    fn hang_up_now(&mut self);
}

/// Decides what a call meets that a session places.
pub trait Exchange {
    /// A call goes out now. Whoever is reached, or the way there, answers as a far end does; a refusal is one of its words.
    fn place(&mut self, now: Time, call: UnitId, facts: &CallFacts) -> Box<dyn FarEnd>;
}

/// One far end.
struct Seat {
    call: UnitId,
    /// The session called it.
    placed: bool,
    far_end: Box<dyn FarEnd>,
}

/// All of a session.
#[derive(Default)]
pub(super) struct FarEnds(Vec<Seat>);

impl FarEnds {
    /// One that the session calls.
    pub(super) fn add_placed(&mut self, call: UnitId, far_end: Box<dyn FarEnd>) {
        self.0.push(Seat { call, placed: true, far_end });
    }

    /// One that calls the session. Calls that come in are the first units, in the order in which they come.
    pub(super) fn add_caller(&mut self, far_end: Box<dyn FarEnd>) {
        let before = self.0.iter().filter(|place| !place.placed).count();
        let number = u32::try_from(before + 1).unwrap_or(UnitId::FIRST_OF_SCRIPT - 1);
        self.0.push(Seat { call: UnitId(number), placed: false, far_end });
    }

    /// The first call of the session: the one whose conversation and sound a run shows.
    pub(super) fn first_call(&self) -> Option<UnitId> {
        self.0.first().map(|place| place.call)
    }

    /// Whoever is at the first call and can be told what to do.
    pub(super) fn first_person(&mut self) -> Option<&mut dyn Person> {
        self.0.first_mut()?.far_end.person()
    }

    /// The far end of this call.
    pub(super) fn of(&mut self, call: UnitId) -> Option<&mut dyn FarEnd> {
        let place = self.0.iter_mut().find(|place| place.call == call)?;
        Some(&mut *place.far_end as &mut dyn FarEnd)
    }

    /// Every one of them.
    pub(super) fn each(&mut self, mut tell: impl FnMut(&mut dyn FarEnd)) {
        self.0.iter_mut().for_each(|place| tell(place.far_end.as_mut()));
    }

    /// Whether the session placed this call.
    pub(super) fn is_placed(&self, call: UnitId) -> bool {
        self.0.iter().any(|place| place.call == call && place.placed)
    }

    /// When one of them has something to do.
    pub(super) fn deadline(&self) -> Option<Time> {
        self.0.iter().filter_map(|place| place.far_end.deadline()).min()
    }

    /// Lets the first that has something to do by now do it; whether there was one.
    pub(super) fn advance(&mut self, now: Time) -> bool {
        let due = |place: &&mut Seat| place.far_end.deadline().is_some_and(|at| at <= now);
        match self.0.iter_mut().find(due) {
            Some(place) => {
                place.far_end.advance(now);
                true
            }
            None => false,
        }
    }

    /// What one of them does and hears, in order.
    pub(super) fn poll(&mut self) -> Option<(UnitId, FromFarEnd)> {
        self.0.iter_mut().find_map(|place| Some((place.call, place.far_end.poll()?)))
    }

    /// What the first one said and heard.
    pub(super) fn conversation(&self) -> Vec<Utterance> {
        self.0.first().map(|place| place.far_end.conversation()).unwrap_or_default()
    }

    /// What the others said and heard, by call.
    pub(super) fn other_conversations(&self) -> Vec<(UnitId, Vec<Utterance>)> {
        self.0.iter().skip(1).map(|place| (place.call, place.far_end.conversation())).collect()
    }
}

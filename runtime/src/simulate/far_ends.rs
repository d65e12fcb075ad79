//! The far ends of a session's calls: whoever called in, and whoever was called. They are asked in the order in which
//! their calls came, so that a run repeats exactly.

use voxrun_bindings::contract::{Time, UnitId};

use super::caller::FromCaller;
use super::conversation::Utterance;
use super::outside::FarEnd;

/// One far end.
struct Place {
    call: UnitId,
    /// The session called it.
    placed: bool,
    far_end: Box<dyn FarEnd>,
}

/// All of a session.
#[derive(Default)]
pub(super) struct FarEnds(Vec<Place>);

impl FarEnds {
    /// Adds one; `placed` when the session calls it.
    pub(super) fn add(&mut self, call: UnitId, placed: bool, far_end: Box<dyn FarEnd>) {
        self.0.push(Place { call, placed, far_end });
    }

    /// How many calls came in.
    pub(super) fn came_in(&self) -> usize {
        self.0.iter().filter(|place| !place.placed).count()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first call of the session: the one whose conversation and sound a run shows.
    pub(super) fn first_call(&self) -> Option<UnitId> {
        self.0.first().map(|place| place.call)
    }

    /// The far end of the first call.
    pub(super) fn first(&mut self) -> Option<&mut dyn FarEnd> {
        self.0.first_mut().map(|place| &mut *place.far_end as &mut dyn FarEnd)
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
        let due = |place: &&mut Place| place.far_end.deadline().is_some_and(|at| at <= now);
        match self.0.iter_mut().find(due) {
            Some(place) => {
                place.far_end.advance(now);
                true
            }
            None => false,
        }
    }

    /// What one of them does and hears, in order.
    pub(super) fn poll(&mut self) -> Option<(UnitId, FromCaller)> {
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

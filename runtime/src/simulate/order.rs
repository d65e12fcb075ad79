//! What starts a session: an order, which names its scenarios, its start facts and its caller if it has one, or the call of
//! another session. Worlds and live pools take the same orders.

use std::sync::Arc;

use voxrun_bindings::contract::{CallFacts, Remark, ScenarioFile, Time};

use super::caller::Caller;
use super::meeting::{Bell, Called};
use super::plan::CallerPlan;
use super::setup::WorldSetup;
use crate::room::{FarEnd, Room};
use crate::session::{StartedFacts, seed};

/// A session to be started.
#[derive(Debug, Clone)]
pub struct Order {
    /// What it runs: one file after the other in one global scope.
    pub scenarios: Arc<[ScenarioFile]>,
    /// What `Application.Started` tells; the session's number is added to its `session_id`.
    pub started: StartedFacts,
    /// Its custom data at the start.
    pub custom_data: String,
    /// Whose call starts it; `None` for a start without a call, as by `StartScenarios`.
    pub caller: Option<CallerPlan>,
    /// What its author is to know of the start.
    pub remarks: Vec<Remark>,
}

/// Why a room is opened.
pub(crate) enum Opening<B: Bell> {
    /// Somebody ordered it.
    Order(Box<Order>),
    /// Another session calls it.
    Called(Box<Called<B>>),
}

impl<B: Bell> Opening<B> {
    /// What the session runs.
    pub(crate) fn scenarios(&self) -> &Arc<[ScenarioFile]> {
        match self {
            Opening::Order(order) => &order.scenarios,
            Opening::Called(called) => &called.scenarios,
        }
    }

    /// Its custom data.
    pub(crate) fn custom_data<'a>(&'a self, setup: &'a WorldSetup) -> &'a str {
        match self {
            Opening::Order(order) => &order.custom_data,
            Opening::Called(_) => &setup.custom_data,
        }
    }

    /// What it is told of its start.
    pub(crate) fn started(&self, setup: &WorldSetup) -> StartedFacts {
        match self {
            Opening::Order(order) => order.started.clone(),
            Opening::Called(_) => setup.started.clone(),
        }
    }

    /// Seats whoever calls at the other end of the room's first call.
    pub(crate) fn seat(self, room: &mut Room, seed: u64, number: u32) {
        match self {
            Opening::Order(order) => {
                order.remarks.iter().for_each(|remark| room.note(remark));
                if let Some(plan) = order.caller {
                    let (facts, caller) = call(plan, seed, number);
                    room.set_caller(facts, caller);
                }
            }
            Opening::Called(called) => room.set_caller(called.facts, Box::new(called.far_end)),
        }
    }
}

/// The call of a simulated caller to the session of this number.
fn call(plan: CallerPlan, seed: u64, number: u32) -> (CallFacts, Box<dyn FarEnd>) {
    let id = format!("{:016X}", seed::derive(seed, "call", u64::from(number)));
    (plan.call_facts(id), Box::new(Caller::new(plan, Time::ZERO)))
}

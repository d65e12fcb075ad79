//! What the language leaves to its host: the time zone (UTC), the size of buffers, rejected promises.

use std::cell::RefCell;
use std::rc::Rc;

use boa_engine::builtins::promise::{OperationType, Promise, PromiseState};
use boa_engine::context::HostHooks;
use boa_engine::context::time::Clock;
use boa_engine::object::builtins::JsPromise;
use boa_engine::realm::Realm;
use boa_engine::{Context, JsObject, JsResult, JsString, JsValue};

use super::clock::SessionClock;

/// The host hooks of one session.
pub(super) struct Hooks {
    clock: Rc<SessionClock>,
    rejected: RefCell<Vec<JsObject<Promise>>>,
}

impl Hooks {
    /// Hooks on this clock.
    pub(super) fn new(clock: Rc<SessionClock>) -> Hooks {
        Hooks { clock, rejected: RefCell::default() }
    }

    /// The reason of the first promise that was rejected and that nobody handles; forgets the others.
    pub(super) fn take_unhandled(&self) -> Option<JsValue> {
        let rejected = std::mem::take(&mut *self.rejected.borrow_mut());
        rejected.into_iter().find_map(|promise| match JsPromise::from(promise).state() {
            PromiseState::Rejected(reason) => Some(reason),
            PromiseState::Pending | PromiseState::Fulfilled(_) => None,
        })
    }
}

impl HostHooks for Hooks {
    fn promise_rejection_tracker(
        &self,
        promise: &JsObject<Promise>,
        operation: OperationType,
        _: &mut Context,
    ) {
        let mut rejected = self.rejected.borrow_mut();
        match operation {
            OperationType::Reject => rejected.push(promise.clone()),
            OperationType::Handle => rejected.retain(|known| !JsObject::equals(known, promise)),
        }
    }

    fn utc_now(&self) -> i64 {
        self.clock.system_time_millis()
    }

    fn local_timezone_offset_seconds(&self, _unix_time_seconds: i64) -> i32 {
        0
    }

    fn max_buffer_size(&self, context: &mut Context) -> u64 {
        voxrun_sandbox::max_buffer_bytes(context)
    }

    fn ensure_can_compile_strings(
        &self,
        _realm: Realm,
        parameters: &[JsString],
        body: &JsString,
        _direct: bool,
        _: &mut Context,
    ) -> JsResult<()> {
        voxrun_sandbox::permit_compile(parameters, body)
    }
}

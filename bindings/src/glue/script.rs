//! The script objects that the engine keeps: unit objects (the same unit is always the same object), listeners,
//! callbacks and waiting promises. Everything here is rooted until the session ends or it is released.

use std::collections::BTreeMap;

use boa_engine::builtins::promise::ResolvingFunctions;
use boa_engine::object::JsObject;
use boa_engine::object::builtins::JsFunction;
use boa_engine::{Finalize, JsData, JsValue, Trace};

use super::missing::Missing;
use crate::contract::{CallbackId, RequestId, UnitId};

/// The data of a live object: a bare id, so that script code can never collide with a borrowed object.
#[derive(Debug, Clone, Copy, Trace, Finalize, JsData)]
#[boa_gc(empty_trace)]
pub(crate) struct UnitHandle(u32);

impl UnitHandle {
    /// A handle of this unit.
    #[must_use]
    pub(crate) fn new(unit: UnitId) -> UnitHandle {
        UnitHandle(unit.0)
    }

    /// The unit it stands for.
    #[must_use]
    pub(crate) fn unit(self) -> UnitId {
        UnitId(self.0)
    }
}

/// Whose listeners: a unit's, or the application's (`None`).
pub(crate) type Owner = Option<UnitId>;

/// The engine's script objects.
#[derive(Debug, Default)]
pub(crate) struct ScriptObjects {
    /// Prototype objects by class name.
    pub prototypes: BTreeMap<&'static str, JsObject>,
    /// The object of each unit.
    pub objects: BTreeMap<UnitId, JsObject>,
    /// Globals that were built or written so far.
    pub globals: BTreeMap<&'static str, JsValue>,
    /// The members of files that are written in JavaScript, by the file.
    pub written: BTreeMap<&'static str, JsValue>,
    /// The member that was read last and is none.
    pub missing: Option<Missing>,
    /// Promises that wait for the host.
    pub promises: BTreeMap<RequestId, ResolvingFunctions>,
    /// By owner, then by the event's name.
    listeners: BTreeMap<Owner, BTreeMap<String, Vec<JsValue>>>,
    callbacks: BTreeMap<CallbackId, JsFunction>,
    next_callback: u32,
}

impl ScriptObjects {
    /// Keeps a function until [`ScriptObjects::release`].
    pub(crate) fn keep(&mut self, function: JsFunction) -> CallbackId {
        self.next_callback += 1;
        let id = CallbackId(self.next_callback);
        self.callbacks.insert(id, function);
        id
    }

    /// A function that was kept.
    #[must_use]
    pub(crate) fn callback(&self, id: CallbackId) -> Option<JsFunction> {
        self.callbacks.get(&id).cloned()
    }

    /// Forgets a function.
    pub(crate) fn release(&mut self, id: CallbackId) {
        self.callbacks.remove(&id);
    }

    /// Adds a listener. Anything is accepted, as on the platform: what is no function fails when the event comes.
    pub(crate) fn listen(&mut self, owner: Owner, event: String, handler: JsValue) {
        self.listeners.entry(owner).or_default().entry(event).or_default().push(handler);
    }

    /// Removes one listener, or all of the event when no handler is given.
    pub(crate) fn unlisten(&mut self, owner: Owner, event: &str, handler: Option<&JsValue>) {
        let Some(own) = self.listeners.get_mut(&owner) else { return };
        match handler {
            None => {
                own.remove(event);
            }
            Some(handler) => {
                if let Some(listeners) = own.get_mut(event) {
                    listeners.retain(|known| !JsValue::strict_equals(known, handler));
                }
            }
        }
    }

    /// The listeners of an event, in order of registration.
    #[must_use]
    pub(crate) fn listeners(&self, owner: Owner, event: &str) -> Vec<JsValue> {
        self.listeners.get(&owner).and_then(|own| own.get(event)).cloned().unwrap_or_default()
    }
}

//! The tables that bindings are written in: a [`HostClass`] for each kind of live object and a [`Namespace`] for each
//! group of functions. A table is the whole truth about what is built: registration, the "planned" errors and
//! `docs/compatibility.md` print from it together with the surface.

use boa_engine::builtins::object::OrdinaryObject;
use boa_engine::object::JsObject;
use boa_engine::{Context, JsResult, JsValue, NativeFunction};

use super::args::{AllPlain, Args, FromArgs, MediaUnit, Plain, unit_of};
use super::error::HostError;
use super::host::Host;
use super::returns::{HostResult, Return};
use super::state::State;
use super::tables::Unheard;
use super::written::{self, Remarked, WrittenClass};
use crate::contract::{Command, Datum, Dictionary, MediaAsk, UnitId};
use crate::wire::Kind;

/// The owner and the name of a member, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Member {
    /// Class or namespace; empty for a global function.
    pub owner: &'static str,
    /// The member's own name.
    pub name: &'static str,
}

impl std::fmt::Display for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.owner.is_empty() { f.write_str(self.name) } else { write!(f, "{}.{}", self.owner, self.name) }
    }
}

/// One function of a table.
#[derive(Clone)]
pub(crate) struct Row {
    /// Its name.
    pub name: &'static str,
    /// What its `length` property says.
    pub length: usize,
    /// What it does.
    pub run: NativeFunction,
}

/// Keeps the script's snapshot of a unit as of the event being delivered.
pub(crate) type Observe = fn(UnitId, &str, &Dictionary, &mut Host);

/// Takes up what is known of a unit that the host made.
pub(crate) type Born = fn(UnitId, &Dictionary, &mut Host);

/// Makes the table of a class.
pub(crate) type MakeTable = fn() -> HostClass;

/// A kind of live object.
pub(crate) struct HostClass {
    /// Full name (`OpenAI.RealtimeAPIClient`).
    pub name: &'static str,
    /// The field of its events that holds the object (`call`).
    pub self_key: &'static str,
    /// Whether its events carry `id` too.
    pub events_carry_id: bool,
    /// Its methods.
    pub rows: Vec<Row>,
    /// Called before listeners hear an event, in order.
    pub observers: Vec<Observe>,
    /// Called when the host made a unit of it.
    pub born: Option<Born>,
    /// Properties of its objects and what they hold at first; the host sets them, and so may the script.
    pub fields: Vec<(&'static str, Datum)>,
    /// Events, and the property that holds a function which hears them before the listeners.
    pub handlers: &'static [(&'static str, &'static str)],
    /// What `new` does, where scripts make its objects.
    pub constructor: Option<Row>,
    /// It is written in JavaScript.
    pub written: Option<WrittenClass>,
    /// Events that hold the object under another name: how their names begin, and that name.
    pub other_keys: Vec<(&'static str, &'static str)>,
}

impl HostClass {
    /// An empty table. `self_key` is the field of its events that holds the object.
    #[must_use]
    pub(crate) fn new(name: &'static str, self_key: &'static str) -> HostClass {
        HostClass {
            name,
            self_key,
            events_carry_id: false,
            rows: Vec::new(),
            observers: Vec::new(),
            born: None,
            fields: Vec::new(),
            handlers: &[],
            constructor: None,
            written: None,
            other_keys: Vec::new(),
        }
    }

    /// A class whose objects are plain, and only the script writes into them (`new Net.HttpRequestOptions()`).
    #[must_use]
    pub(crate) fn record(name: &'static str) -> HostClass {
        let run = NativeFunction::from_copy_closure(move |_, _, context| {
            let prototype = State::of(context)?.prototype(name, context)?;
            Ok(JsObject::from_proto_and_data(prototype, OrdinaryObject).into())
        });
        HostClass { constructor: Some(Row { name, length: 0, run }), ..HostClass::new(name, "") }
    }

    /// A class that is written in JavaScript.
    #[must_use]
    pub(crate) fn written(
        name: &'static str,
        methods: &'static [&'static str],
        source: &'static str,
    ) -> HostClass {
        HostClass { written: Some(WrittenClass { source, methods }), ..HostClass::new(name, "") }
    }

    /// Whether a method of this name is built.
    #[must_use]
    pub(crate) fn has(&self, method: &str) -> bool {
        let written = self.written.is_some_and(|written| written.methods.contains(&method));
        written || self.rows.iter().any(|row| row.name == method)
    }

    /// Whether its objects have this property: what the script alone writes into a plain object is any.
    #[must_use]
    pub(crate) fn holds(&self, property: &str) -> bool {
        let plain = self.written.is_some() || self.constructor.is_some();
        plain || self.fields.iter().any(|(name, _)| *name == property)
    }

    /// A property of its objects, and what it holds at first. [`Host::set_field`] changes it.
    #[must_use]
    pub(crate) fn field(mut self, name: &'static str, value: impl Into<Datum>) -> HostClass {
        self.fields.push((name, value.into()));
        self
    }

    /// Properties that hold a function which hears an event before the listeners (`onmessage`); null at first.
    #[must_use]
    pub(crate) fn handlers(mut self, handlers: &'static [(&'static str, &'static str)]) -> HostClass {
        self.handlers = handlers;
        self.fields.extend(handlers.iter().map(|(_, property)| (*property, Datum::Null)));
        self
    }

    /// Its events carry the unit's `id`.
    #[must_use]
    pub(crate) fn events_with_id(mut self) -> HostClass {
        self.events_carry_id = true;
        self
    }

    /// Called with each event before its listeners.
    #[must_use]
    pub(crate) fn observed_by(mut self, observe: Observe) -> HostClass {
        self.observers.push(observe);
        self
    }

    /// Called when the host made a unit of it.
    #[must_use]
    pub(crate) fn born(mut self, born: Born) -> HostClass {
        self.born = Some(born);
        self
    }

    /// Events whose names begin so hold the object under this name.
    #[must_use]
    pub(crate) fn events_named(mut self, begin: &'static str, key: &'static str) -> HostClass {
        self.other_keys.push((begin, key));
        self
    }

    /// The field of an event that holds the object.
    #[must_use]
    pub(crate) fn key_in(&self, event: &str) -> &'static str {
        let other = self.other_keys.iter().find(|(begin, _)| event.starts_with(begin));
        other.map_or(self.self_key, |(_, key)| key)
    }

    /// A method written as an ordinary function.
    #[must_use]
    pub(crate) fn method<A: FromArgs + 'static>(
        mut self,
        name: &'static str,
        handler: fn(UnitId, A, &mut Host) -> HostResult,
    ) -> HostClass {
        let member = Member { owner: self.name, name };
        let run = NativeFunction::from_copy_closure(move |this, values, context| {
            call_method(member, handler, this, values, context)
        });
        self.rows.push(Row { name, length: A::LENGTH, run });
        self
    }

    /// Methods that are one message to the provider each, with all arguments as they are.
    #[must_use]
    pub(crate) fn tells(mut self, names: &[&'static str]) -> HostClass {
        for &name in names {
            let member = Member { owner: self.name, name };
            let run = NativeFunction::from_copy_closure(move |this, values, context| {
                let unit = receiver(member, this, context)?;
                let state = State::of(context)?;
                let AllPlain(params) = state.read::<AllPlain>(member, values, context)?;
                let mut host = state.host.borrow_mut();
                host.command(Command::Tell { unit, method: name.to_owned(), params });
                host.used.add(member);
                Ok(JsValue::undefined())
            });
            self.rows.push(Row { name, length: 1, run });
        }
        self
    }

    /// `addEventListener`, `removeEventListener`.
    #[must_use]
    pub(crate) fn listeners(mut self) -> HostClass {
        self.rows.extend(listener_rows(self.name));
        self
    }

    /// `id()`.
    #[must_use]
    pub(crate) fn identity(self) -> HostClass {
        self.method("id", |unit, (): (), host| Ok(Return::Text(text_id(unit, host))))
    }

    /// `sendMediaTo`, `stopMediaTo`: a source of the media graph.
    #[must_use]
    pub(crate) fn media_source(self) -> HostClass {
        self.method("sendMediaTo", |from, (MediaUnit(to), Plain(with)): (MediaUnit, Plain), host| {
            let with = with.as_map().cloned().unwrap_or_default();
            host.command(Command::Media(MediaAsk::Send { from, to, with }));
            Ok(Return::Undefined)
        })
        .method("stopMediaTo", |from, (MediaUnit(to),): (MediaUnit,), host| {
            host.command(Command::Media(MediaAsk::Stop { from, to }));
            Ok(Return::Undefined)
        })
    }

    /// `pause`, `resume`, `stop`: what every player has.
    #[must_use]
    pub(crate) fn playback(self) -> HostClass {
        self.method("pause", |unit, (): (), host| {
            host.command(Command::Media(MediaAsk::Pause { unit, paused: true }));
            Ok(Return::Undefined)
        })
        .method("resume", |unit, (): (), host| {
            host.command(Command::Media(MediaAsk::Pause { unit, paused: false }));
            Ok(Return::Undefined)
        })
        .method("stop", |unit, (): (), host| {
            host.close_player(unit);
            host.command(Command::Close { unit, stop: true });
            Ok(Return::Undefined)
        })
    }
}

/// A factory of a live object (`OpenAI.createRealtimeAPIClient`).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Factory {
    /// The function's name.
    pub name: &'static str,
    /// Its row in the inventory.
    pub kind: &'static Kind,
    /// The class of what it makes.
    pub class: &'static str,
    /// Whether it returns a promise of the object, or the object at once.
    pub promise: bool,
    /// Callbacks in its options that become listeners: the option and the event's name.
    pub callbacks: &'static [(&'static str, &'static str)],
}

/// A group of functions, with the classes that belong to it.
pub(crate) struct Namespace {
    /// Its name; empty for the global scope.
    pub name: &'static str,
    /// Its functions.
    pub rows: Vec<Row>,
    /// The kinds of objects that it makes: their names, and what makes their tables when they are first wanted.
    pub classes: Vec<(&'static str, MakeTable)>,
    /// What happens to events of the application that no listener hears.
    pub unheard: Vec<(&'static str, Unheard)>,
}

impl Namespace {
    /// An empty table.
    #[must_use]
    pub(crate) fn new(name: &'static str) -> Namespace {
        Namespace { name, rows: Vec::new(), classes: Vec::new(), unheard: Vec::new() }
    }

    /// A function written as an ordinary function.
    #[must_use]
    pub(crate) fn function<A: FromArgs + 'static>(
        mut self,
        name: &'static str,
        handler: fn(A, &mut Host) -> HostResult,
    ) -> Namespace {
        self.rows.push(function_row(Member { owner: self.name, name }, handler));
        self
    }

    /// Functions that are written in JavaScript, in one file, and what is told when one is used.
    #[must_use]
    pub(crate) fn written(
        mut self,
        names: &[&'static str],
        source: &'static str,
        remark: Remarked,
    ) -> Namespace {
        let rows = names.iter().map(|name| written::row(Member { owner: self.name, name }, source, remark));
        self.rows.extend(rows);
        self
    }

    /// What happens to an event of the application that no listener hears.
    #[must_use]
    pub(crate) fn unheard(mut self, event: &'static str, then: Unheard) -> Namespace {
        self.unheard.push((event, then));
        self
    }

    /// `addEventListener`, `removeEventListener` of the application.
    #[must_use]
    pub(crate) fn listeners(mut self) -> Namespace {
        self.rows.extend(listener_rows(self.name));
        self
    }

    /// A factory.
    #[must_use]
    pub(crate) fn factory(mut self, factory: Factory) -> Namespace {
        let member = Member { owner: self.name, name: factory.name };
        let run = NativeFunction::from_copy_closure(move |_, values, context| {
            let state = State::of(context)?;
            let made = state.make(member, &factory, values, context)?;
            state.host.borrow_mut().used.add(member);
            Ok(made)
        });
        self.rows.push(Row { name: factory.name, length: 1, run });
        self
    }

    /// A kind of object that it makes.
    #[must_use]
    pub(crate) fn class(mut self, name: &'static str, table: MakeTable) -> Namespace {
        self.classes.push((name, table));
        self
    }
}

/// A function that is no method.
fn function_row<A: FromArgs + 'static>(member: Member, handler: fn(A, &mut Host) -> HostResult) -> Row {
    let run = NativeFunction::from_copy_closure(move |_, values, context| {
        let state = State::of(context)?;
        let args = state.read::<A>(member, values, context)?;
        let answer = handler(args, &mut state.host.borrow_mut())?;
        state.host.borrow_mut().used.add(member);
        state.returned(answer, context)
    });
    Row { name: member.name, length: A::LENGTH, run }
}

fn text_id(unit: UnitId, host: &Host) -> String {
    host.units.get(&unit).map(|record| record.text_id.clone()).unwrap_or_default()
}

/// The unit that a method was called on.
fn receiver(member: Member, this: &JsValue, context: &mut Context) -> JsResult<UnitId> {
    let unit = this.as_object().and_then(|object| unit_of(&object));
    let state = State::of(context)?;
    let host = state.host.borrow();
    let fits = |unit: &UnitId| host.units.get(unit).is_some_and(|record| record.class == member.owner);
    unit.filter(fits).ok_or_else(|| HostError::Receiver(member.to_string()).into())
}

fn call_method<A: FromArgs>(
    member: Member,
    handler: fn(UnitId, A, &mut Host) -> HostResult,
    this: &JsValue,
    values: &[JsValue],
    context: &mut Context,
) -> JsResult<JsValue> {
    let unit = receiver(member, this, context)?;
    let state = State::of(context)?;
    let args = state.read::<A>(member, values, context)?;
    let answer = handler(unit, args, &mut state.host.borrow_mut())?;
    state.host.borrow_mut().used.add(member);
    state.write_fields(context)?;
    state.returned(answer, context)
}

/// The pair of listener functions; `owner` decides whether `this` is asked for.
fn listener_rows(owner: &'static str) -> [Row; 2] {
    let add = NativeFunction::from_copy_closure(move |this, values, context| {
        let member = Member { owner, name: "addEventListener" };
        let (target, event) = listener_target(member, this, values, context)?;
        if let Some(event) = event {
            let handler = values.get(1).cloned().unwrap_or_default();
            State::of(context)?.script.borrow_mut().listen(target, event, handler);
        }
        Ok(JsValue::undefined())
    });
    let remove = NativeFunction::from_copy_closure(move |this, values, context| {
        let member = Member { owner, name: "removeEventListener" };
        let (target, event) = listener_target(member, this, values, context)?;
        if let Some(event) = event {
            let handler = values.get(1).filter(|handler| !handler.is_undefined());
            State::of(context)?.script.borrow_mut().unlisten(target, &event, handler);
        }
        Ok(JsValue::undefined())
    });
    [
        Row { name: "addEventListener", length: 2, run: add },
        Row { name: "removeEventListener", length: 2, run: remove },
    ]
}

/// Whose listeners, and the event's name. A name that is no string (a misspelt enum member) is tolerated with a note.
fn listener_target(
    member: Member,
    this: &JsValue,
    values: &[JsValue],
    context: &mut Context,
) -> JsResult<(Option<UnitId>, Option<String>)> {
    let target = if member.owner == "VoxEngine" { None } else { Some(receiver(member, this, context)?) };
    let state = State::of(context)?;
    let event = values.first().and_then(JsValue::as_string).map(|text| text.to_std_string_lossy());
    if event.is_none() {
        let text = format!("{member}: the event's name is not a string (a misspelt enum member?): ignored");
        state.host.borrow_mut().note(Some("F-004"), text);
    } else if let Some(event) = event.as_deref().filter(|event| !state.knows_event(event)) {
        let text = format!("{member}: '{event}' is no event of the platform: it will never come");
        state.host.borrow_mut().note(Some("F-004"), text);
    }
    state.host.borrow_mut().used.add(member);
    Ok((target, event))
}

impl State {
    /// Reads the arguments of a call.
    pub(super) fn read<A: FromArgs>(
        &self,
        member: Member,
        values: &[JsValue],
        context: &mut Context,
    ) -> Result<A, HostError> {
        A::from_args(&mut Args { member, values, script: &mut self.script.borrow_mut(), context })
    }
}

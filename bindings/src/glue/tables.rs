//! The binding tables of one context, joined with the surface: which members are built, and what the others answer.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use boa_engine::object::{FunctionObjectBuilder, JsObject};
use boa_engine::property::{Attribute, PropertyDescriptor, PropertyKey};
use boa_engine::{Context, JsResult, JsValue, NativeFunction};

use super::class::{HostClass, MakeTable, Member, Namespace, Row};
use super::error::HostError;
use super::names::fixed;
use super::state::State;
use crate::contract::NotBuilt;
use crate::surface::Surface;

/// The language that an engine speaks: the names that there are, and what is built of them. VoxEngine is one; what a
/// particular use adds to it is a namespace more.
#[derive(Clone, Copy)]
pub struct Language {
    /// Every name, built or not.
    pub(crate) surface: fn() -> &'static Surface,
    /// What is built.
    pub(crate) namespaces: fn() -> Vec<Namespace>,
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Language").finish_non_exhaustive()
    }
}

/// The tables of classes. Each is made when it is first wanted: a session uses few of them.
#[derive(Default)]
pub(crate) struct Classes(BTreeMap<&'static str, (MakeTable, OnceCell<HostClass>)>);

impl Classes {
    /// The table of this class, if any of it is built.
    pub(crate) fn get(&self, name: &str) -> Option<&HostClass> {
        let (table, made) = self.0.get(name)?;
        Some(made.get_or_init(table))
    }

    /// The names of all of them.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

/// A property that functions answer for.
pub(crate) struct Accessor {
    name: &'static str,
    get: NativeFunction,
    set: NativeFunction,
}

/// The tables by name.
pub(crate) struct Tables {
    /// All names of the language.
    pub(crate) surface: &'static Surface,
    /// Namespaces; the global functions are under the empty name.
    pub(crate) namespaces: BTreeMap<&'static str, Vec<Row>>,
    /// Kinds of live objects by full name.
    pub(crate) classes: Classes,
    /// What happens to events of the application that no listener hears.
    pub(crate) unheard: BTreeMap<&'static str, Unheard>,
}

impl Tables {
    /// Sorts the inventory by name.
    pub(crate) fn new(language: &Language) -> Tables {
        let mut tables = Tables {
            surface: (language.surface)(),
            namespaces: BTreeMap::new(),
            classes: Classes::default(),
            unheard: BTreeMap::new(),
        };
        for namespace in (language.namespaces)() {
            for (name, table) in namespace.classes {
                tables.classes.0.insert(name, (table, OnceCell::new()));
            }
            tables.unheard.extend(namespace.unheard);
            tables.namespaces.entry(namespace.name).or_default().extend(namespace.rows);
        }
        tables
    }

    /// Every method of a class: the built ones, and a planned one for each other member of the surface.
    pub(crate) fn methods(&self, class: &'static str) -> Vec<Row> {
        let built = self.classes.get(class).map(|table| table.rows.as_slice()).unwrap_or_default();
        let names = self.surface.methods_of(class);
        let planned = names.into_iter().filter(|name| !built.iter().any(|row| row.name == *name));
        let copies = built.iter().map(Row::clone);
        copies.chain(planned.map(|name| planned_row(Member { owner: class, name }, None))).collect()
    }

    /// A planned accessor for each property of a class that the surface names and no field holds.
    pub(crate) fn planned_accessors(&self, class: &'static str) -> Vec<Accessor> {
        let fields = self.classes.get(class).map(|table| table.fields.as_slice()).unwrap_or_default();
        let names = self.surface.class(class).map(|class| class.properties.as_slice()).unwrap_or_default();
        let missing = names.iter().filter(|name| !fields.iter().any(|(own, _)| own == *name));
        missing.map(|name| planned_accessor(Member { owner: class, name })).collect()
    }

    /// A row of a namespace, if it is built.
    pub(crate) fn function(&self, namespace: &str, name: &str) -> Option<Row> {
        self.namespaces.get(namespace)?.iter().find(|row| row.name == name).cloned()
    }

    /// The member of `Modules` whose value is `module`.
    pub(crate) fn module_name(&self, module: &str) -> String {
        let modules = self.surface.enumeration("Modules");
        let found = modules.and_then(|modules| modules.members.iter().find(|(_, value)| value == module));
        found.map_or(module, |(name, _)| name).to_owned()
    }
}

/// What happens to an event that no listener hears.
pub(crate) type Unheard = fn(Option<crate::contract::UnitId>, &mut super::host::Host);

/// A built function of a namespace that needs no `require`, which needs one itself (`VoxEngine.createASR`).
pub(crate) fn required_row(row: Row, member: Member, module: Option<&'static str>) -> Row {
    let Some(module) = module else { return row };
    let Row { name, length, run } = row;
    let run = run.clone();
    let guarded = move |this: &JsValue, values: &[JsValue], run: &NativeFunction, context: &mut Context| {
        let state = State::of(context)?;
        if !state.host.borrow().required.contains(module) {
            let module = state.tables.module_name(module);
            return Err(HostError::NotRequired { name: member.to_string(), module }.into());
        }
        run.call(this, values, context)
    };
    let run = NativeFunction::from_copy_closure_with_captures(
        move |this, values, run, context| guarded(this, values, run, context),
        run,
    );
    Row { name, length, run }
}

/// A member that exists and throws an error that names it, or names the `require` that it needs first.
pub(crate) fn planned_row(member: Member, module: Option<&'static str>) -> Row {
    let run =
        NativeFunction::from_copy_closure(move |_, _, context| Err(planned(member, module, context).into()));
    Row { name: member.name, length: 0, run }
}

/// A property that exists and throws an error that names it.
fn planned_accessor(member: Member) -> Accessor {
    let row = planned_row(member, None);
    Accessor { name: member.name, get: row.run.clone(), set: row.run }
}

/// The error of a member that is not built. The host is told, because the script may catch the error.
pub(crate) fn planned(member: Member, module: Option<&'static str>, context: &mut Context) -> HostError {
    let Ok(state) = State::of(context) else { return HostError::Planned(member.to_string()) };
    let missing = module.filter(|module| !state.host.borrow().required.contains(*module));
    if let Some(module) = missing {
        return HostError::NotRequired { name: member.to_string(), module: state.tables.module_name(module) };
    }
    let place = state.place(context);
    let not_built = NotBuilt { member: member.to_string(), place };
    state.host.borrow_mut().not_built(not_built);
    HostError::Planned(member.to_string())
}

/// `constructor` of the objects of a class: its function, which is made when it is first wanted.
pub(crate) fn constructor(class: &'static str) -> Accessor {
    let get = NativeFunction::from_copy_closure(move |_, _, context| {
        let mut found = JsValue::from(context.global_object());
        for part in class.split('.') {
            let Some(holder) = found.as_object() else { break };
            found = holder.get(fixed(part), context)?;
        }
        Ok(found)
    });
    let set = NativeFunction::from_copy_closure(|_, _, _| Ok(JsValue::undefined()));
    Accessor { name: "constructor", get, set }
}

/// Defines a property that functions answer for, as the language's own are: configurable, not enumerable.
pub(crate) fn define_accessor(holder: &JsObject, accessor: Accessor, context: &mut Context) -> JsResult<()> {
    let Accessor { name, get, set } = accessor;
    let function =
        |run: NativeFunction| FunctionObjectBuilder::new(context.realm(), run).name(fixed(name)).build();
    let (get, set) = (function(get), function(set));
    let descriptor = PropertyDescriptor::builder().get(get).set(set).enumerable(false).configurable(true);
    holder.define_property_or_throw(PropertyKey::from(fixed(name)), descriptor, context)?;
    Ok(())
}

/// Defines a function as the language's own are: writable, configurable, not enumerable.
pub(crate) fn define_function(holder: &JsObject, row: Row, context: &mut Context) -> JsResult<()> {
    let function =
        FunctionObjectBuilder::new(context.realm(), row.run).name(fixed(row.name)).length(row.length).build();
    let attribute = Attribute::WRITABLE | Attribute::CONFIGURABLE;
    let descriptor = PropertyDescriptor::builder()
        .value(function)
        .writable(attribute.writable())
        .enumerable(attribute.enumerable())
        .configurable(attribute.configurable());
    holder.define_property_or_throw(PropertyKey::from(fixed(row.name)), descriptor, context)?;
    Ok(())
}

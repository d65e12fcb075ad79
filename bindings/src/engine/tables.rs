//! The binding tables of one context, joined with the surface: which members are built, and what the others answer.

use std::collections::BTreeMap;

use boa_engine::NativeFunction;

use crate::glue::class::{Member, Row};
use crate::glue::state::State;
use crate::glue::{HostClass, HostError, Namespace};
use crate::surface::surface;

/// The tables by name.
pub(crate) struct Tables {
    /// Namespaces; the global functions are under the empty name.
    pub(crate) namespaces: BTreeMap<&'static str, Vec<Row>>,
    /// Kinds of live objects by full name.
    pub(crate) classes: BTreeMap<&'static str, HostClass>,
}

impl Tables {
    /// Sorts the inventory by name.
    pub(crate) fn new(inventory: Vec<Namespace>) -> Tables {
        let mut tables = Tables { namespaces: BTreeMap::new(), classes: BTreeMap::new() };
        for namespace in inventory {
            for class in namespace.classes {
                tables.classes.insert(class.name, class);
            }
            tables.namespaces.entry(namespace.name).or_default().extend(namespace.rows);
        }
        tables
    }

    /// Every method of a class: the built ones, and a planned one for each other member of the surface.
    pub(crate) fn methods(&self, class: &'static str) -> Vec<Row> {
        let built = self.classes.get(class).map(|table| table.rows.as_slice()).unwrap_or_default();
        let planned =
            surface().methods_of(class).into_iter().filter(|name| !built.iter().any(|row| row.name == *name));
        let copies = built.iter().map(Row::clone);
        copies.chain(planned.map(|name| planned_row(Member { owner: class, name }, None))).collect()
    }

    /// A row of a namespace, if it is built.
    pub(crate) fn function(&self, namespace: &str, name: &str) -> Option<Row> {
        self.namespaces.get(namespace)?.iter().find(|row| row.name == name).cloned()
    }
}

/// A member that exists and throws an error that names it, or names the `require` that it needs first.
pub(crate) fn planned_row(member: Member, module: Option<&'static str>) -> Row {
    let run = NativeFunction::from_copy_closure(move |_, _, context| {
        let missing = module.filter(|module| {
            State::of(context).is_ok_and(|state| !state.host.borrow().required.contains(*module))
        });
        Err(match missing {
            Some(module) => {
                HostError::NotRequired { name: member.to_string(), module: module_name(module).to_owned() }
            }
            None => HostError::Planned(member.to_string()),
        }
        .into())
    });
    Row { name: member.name, length: 0, run }
}

/// The member of `Modules` whose value is `module`.
pub(crate) fn module_name(module: &str) -> &str {
    let modules = surface().enumeration("Modules");
    let found = modules.and_then(|modules| modules.members.iter().find(|(_, value)| value == module));
    found.map_or(module, |(name, _)| name)
}

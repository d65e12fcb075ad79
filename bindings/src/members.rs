//! What a reader of a scenario's text asks about the platform: which members there are, and what of them is built.

use crate::compatibility::{State, member_state};
use crate::glue::missing::nearest;
use crate::glue::tables::Tables;
use crate::surface::surface;

/// The members of the platform.
pub struct Members {
    tables: Tables,
}

impl std::fmt::Debug for Members {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Members").finish_non_exhaustive()
    }
}

impl Default for Members {
    fn default() -> Members {
        Members { tables: Tables::new(&crate::language()) }
    }
}

impl Members {
    /// Whether a name of the global scope stands for a namespace with functions (`VoxEngine`, `Net`).
    #[must_use]
    pub fn is_namespace(&self, name: &str) -> bool {
        let prefix = |full: &str| full.rsplit_once('.').is_some_and(|(owner, _)| owner == name);
        surface().functions.iter().any(|function| prefix(function.name))
    }

    /// What there is of a function of a namespace; `None` when it has no such function.
    #[must_use]
    pub fn function(&self, owner: &str, name: &str) -> Option<State> {
        let full = if owner.is_empty() { name.to_owned() } else { format!("{owner}.{name}") };
        let known = surface().functions.iter().any(|function| function.name == full);
        let built = full == "require" || self.tables.function(owner, name).is_some();
        // A function that only older typings had is built and in no list of today's.
        (known || built).then(|| member_state(&full, built).0)
    }

    /// Whether something of a namespace is no function: a class, an enum, constants, a namespace below it.
    #[must_use]
    pub fn is_other_member(&self, owner: &str, name: &str) -> bool {
        let full = format!("{owner}.{name}");
        let is = |known: &str| {
            known == full || known.strip_prefix(&full).is_some_and(|rest| rest.starts_with('.'))
        };
        let surface = surface();
        surface.classes.iter().any(|class| is(class.name))
            || surface.enums.iter().any(|item| is(item.name))
            || surface.constants.iter().any(|item| is(item.name))
            || surface.functions.iter().any(|function| is(function.name))
    }

    /// What there is of a method, of whichever class it is: the best of those that have one of this name; `None` when no class has.
    #[must_use]
    pub fn method(&self, name: &str) -> Option<(State, Vec<&'static str>)> {
        let owners =
            surface().classes.iter().filter(|class| surface().methods_of(class.name).contains(&name));
        let owners: Vec<&'static str> = owners.map(|class| class.name).collect();
        let built = |class: &&str| self.tables.classes.get(class).is_some_and(|table| table.has(name));
        let state = if owners.iter().any(built) { State::Done } else { State::Planned };
        (!owners.is_empty()).then_some((state, owners))
    }

    /// Whether there is an enum of this name, and whether it has this member.
    #[must_use]
    pub fn enum_member(&self, name: &str, member: &str) -> Option<bool> {
        let item = surface().enums.iter().rfind(|item| item.name == name)?;
        let all = surface().enums.iter().filter(|other| other.name == item.name);
        Some(all.flat_map(|item| &item.members).any(|(known, _)| *known == member))
    }

    /// The member of an owner that was probably meant.
    #[must_use]
    pub fn meant(&self, owner: &str, wrong: &str) -> Option<&'static str> {
        let functions = surface().functions.iter().filter_map(|function| {
            let (of, name) = function.name.rsplit_once('.').unwrap_or(("", function.name));
            (of == owner).then_some(name)
        });
        let members = surface().enums.iter().filter(|item| item.name == owner);
        let members = members.flat_map(|item| item.members.iter().map(|(name, _)| *name));
        nearest(wrong, functions.chain(members))
    }
}

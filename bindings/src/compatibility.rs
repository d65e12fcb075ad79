//! What is built and what is planned, printed from the same tables that register it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::glue::tables::Tables;
use crate::surface::surface;

/// `docs/compatibility.md`.
#[must_use]
pub fn compatibility() -> String {
    let tables = Tables::new(&crate::language());
    let mut text = String::from(
        "# Compatibility\n\nEvery function and method of VoxEngine 7.51.0 and what voxrun has of it. **built** works; planned ones exist and\nthrow an error that names them. Enums and constants are all there, with the platform's values.\n\nGenerated from the binding tables; do not edit.\n",
    );
    let mut groups: BTreeMap<&str, Vec<(String, bool)>> = BTreeMap::new();
    for function in &surface().functions {
        let (owner, name) = function.name.rsplit_once('.').unwrap_or(("", function.name));
        let built = name == "require" || tables.function(owner, name).is_some();
        groups.entry(owner).or_default().push((name.to_owned(), built));
    }
    for class in &surface().classes {
        let built = |name: &str| tables.classes.get(class.name).is_some_and(|table| table.has(name));
        let methods = surface().methods_of(class.name);
        groups
            .entry(class.name)
            .or_default()
            .extend(methods.into_iter().map(|name| (format!("{name}()"), built(name))));
    }
    for (owner, members) in groups {
        let built: Vec<_> =
            members.iter().filter(|(_, built)| *built).map(|(name, _)| name.as_str()).collect();
        let planned: Vec<_> =
            members.iter().filter(|(_, built)| !*built).map(|(name, _)| name.as_str()).collect();
        let title = if owner.is_empty() { "Global functions" } else { owner };
        let _ = write!(text, "\n## {title}\n\n{} of {} built.\n", built.len(), members.len());
        for (label, names) in [("**built**", built), ("planned", planned)] {
            if !names.is_empty() {
                let _ = write!(
                    text,
                    "\n{label}: {}\n",
                    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
                );
            }
        }
    }
    let legacy: Vec<String> =
        surface().legacy_enums().iter().map(|item| format!("`{}`", item.name)).collect();
    let _ = write!(
        text,
        "\n## Names of older typings\n\nAll there, beside those of today: {}.\n",
        legacy.join(", ")
    );
    text
}

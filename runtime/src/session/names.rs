//! The units' names in the journal: `call#1`, `openai#2`. They are counted by kind.

use std::collections::BTreeMap;

use voxrun_bindings::contract::UnitId;

/// The names of one session.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_unit: BTreeMap<UnitId, String>,
    counts: BTreeMap<String, u32>,
}

impl Names {
    /// Names a unit; returns its number among those of its kind.
    pub(super) fn add(&mut self, unit: UnitId, kind: &str) -> u32 {
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        self.by_unit.insert(unit, format!("{kind}#{count}"));
        *count
    }

    /// A unit's name, made up for one that does not exist.
    pub(super) fn of(&self, unit: UnitId) -> String {
        self.by_unit.get(&unit).cloned().unwrap_or_else(|| format!("unit#{}", unit.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_numbered_by_kind() {
        let mut names = Names::default();
        assert_eq!(names.add(UnitId(1), "call"), 1);
        assert_eq!(names.add(UnitId(70_000), "openai"), 1);
        assert_eq!(names.add(UnitId(70_001), "openai"), 2);
        assert_eq!(names.of(UnitId(70_001)), "openai#2");
        assert_eq!(names.of(UnitId(5)), "unit#5");
    }
}

//! What of the platform is here, printed from the tables that register it: `docs/compatibility.md`, and every enum value in
//! `docs/values.md`. Which spec shows a member is told by the runs of the specs themselves (`tests/specs/proofs.txt`).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::fidelity::policies;
use crate::glue::tables::Tables;
use crate::surface::{Enum, surface};

/// What there is of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It does what the platform documents.
    Done,
    /// It is there, and what answers it stands in for something outside (a queue, a machine, another company's service).
    Scripted,
    /// It is there, and does something else than the platform.
    Differs,
    /// It exists and throws an error that names it; an event never comes.
    Planned,
}

impl State {
    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::Done => "done",
            State::Scripted => "scripted",
            State::Differs => "differs",
            State::Planned => "planned",
        }
    }
}

/// Which spec shows a member or an event first: the file has a line of name, tab and folder for each.
#[derive(Debug, Default)]
pub struct Proofs<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Proofs<'a> {
    /// Reads them.
    #[must_use]
    pub fn parse(text: &'a str) -> Proofs<'a> {
        Proofs(text.lines().filter_map(|line| line.split_once('\t')).collect())
    }

    fn of(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).copied()
    }
}

/// One row of a table.
struct Row {
    /// `answer()`
    shown: String,
    state: State,
    /// The policy that says what is scripted or differs.
    policy: Option<&'static str>,
    proof: Option<String>,
}

/// A namespace, a class or the global functions, with its rows.
type Groups = BTreeMap<&'static str, Vec<Row>>;

/// `docs/compatibility.md`.
#[must_use]
pub fn compatibility(proofs: &Proofs<'_>) -> String {
    let members = members(proofs);
    let events = events(proofs);
    let mut text = String::from(INTRODUCTION);
    text.push_str(&shares(&members, &events));
    for (owner, rows) in &members {
        let title = if owner.is_empty() { "Global functions" } else { owner };
        table(&mut text, title, "member", rows);
    }
    text.push_str("\n# Events\n");
    for (owner, rows) in &events {
        table(&mut text, owner, "event", rows);
    }
    text
}

const INTRODUCTION: &str = "# Compatibility

Every function, class, method, property and event of VoxEngine 7.51.0, and what voxrun has of it.

- **done**: it does what the platform documents
- **scripted**: it is there, and what answers it stands in for something outside; the policy says how, and how to script it
- **differs**: it is there, and does something else; the policy says what
- **planned**: it exists and throws an error that names it; a planned event never comes

The spec in the last column is the first below `tests/specs/` in which the member answered a script without an error, or in
which the event reached one, as the runs of the specs have recorded it. An event that no spec shows counts as planned.
Enum values are all there, with the platform's values: `docs/values.md`.
";

/// Classes of the typings that no object is of by itself: their members stand with the classes that extend them.
const ABSTRACT: &[&str] = &["BasePlayer"];

/// Functions and members of classes by owner.
fn members(proofs: &Proofs<'_>) -> Groups {
    let tables = Tables::new(&crate::language());
    let mut groups = Groups::new();
    for function in &surface().functions {
        let (owner, name) = function.name.rsplit_once('.').unwrap_or(("", function.name));
        let built = function.name == "require" || tables.function(owner, name).is_some();
        groups.entry(owner).or_default().push(row(function.name, format!("{name}()"), built, proofs));
    }
    for class in surface().classes.iter().filter(|class| !ABSTRACT.contains(&class.name)) {
        let table = tables.classes.get(class.name);
        let rows = groups.entry(class.name).or_default();
        for name in surface().methods_of(class.name) {
            let built = table.is_some_and(|table| table.has(name));
            rows.push(row(&format!("{}.{name}", class.name), format!("{name}()"), built, proofs));
        }
        for name in &class.properties {
            let built = table.is_some_and(|table| table.holds(name));
            rows.push(row(&format!("{}.{name}", class.name), (*name).to_owned(), built, proofs));
        }
    }
    groups.retain(|_, rows| !rows.is_empty());
    groups
}

/// Enums of events by name. What shows an event is its value, which is its name in the journal.
fn events(proofs: &Proofs<'_>) -> Groups {
    let mut groups = Groups::new();
    for item in surface().enums.iter().filter(|item| item.name.ends_with("Events")) {
        let rows = item.members.iter().map(|(name, value)| {
            let proof = value.as_str().and_then(|value| proofs.of(value)).map(str::to_owned);
            let state = if proof.is_some() { State::Done } else { State::Planned };
            Row { shown: (*name).to_owned(), state, policy: None, proof }
        });
        groups.insert(item.name, rows.collect());
    }
    groups
}

/// What there is of a member, and the policy that says what is scripted or differs.
pub(crate) fn member_state(full_name: &str, built: bool) -> (State, Option<&'static str>) {
    let named = |names: &[String]| names.iter().any(|name| name == full_name);
    let scripted = policies().iter().find(|policy| named(&policy.scripted));
    let differs = policies().iter().find(|policy| named(&policy.differs));
    match (built, scripted, differs) {
        (false, ..) => (State::Planned, None),
        (true, Some(policy), _) => (State::Scripted, Some(policy.id.as_str())),
        (true, None, Some(policy)) => (State::Differs, Some(policy.id.as_str())),
        (true, None, None) => (State::Done, None),
    }
}

fn row(full_name: &str, shown: String, built: bool, proofs: &Proofs<'_>) -> Row {
    let (state, policy) = member_state(full_name, built);
    let proof = proofs.of(full_name).filter(|_| built).map(str::to_owned);
    Row { shown, state, policy, proof }
}

/// The share that is there, of each group with what belongs to it (`OpenAI`, with its classes).
fn shares(members: &Groups, events: &Groups) -> String {
    let mut text = String::from(
        "\n## Shares\n\n| module | members | done | scripted | differs | planned | there | shown by a spec |\n|---|---|---|---|---|---|---|---|\n",
    );
    let mut modules: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for (owner, rows) in members {
        let module = owner.split('.').next().unwrap_or_default();
        modules.entry(module).or_default().extend(rows);
    }
    for (module, rows) in &modules {
        let title = if module.is_empty() { "global functions" } else { module };
        share(&mut text, title, rows);
    }
    let all: Vec<&Row> = members.values().flatten().collect();
    share(&mut text, "**all members**", &all);
    let all: Vec<&Row> = events.values().flatten().collect();
    share(&mut text, "**all events**", &all);
    text
}

fn share(text: &mut String, title: &str, rows: &[&Row]) {
    let count = |state: State| rows.iter().filter(|row| row.state == state).count();
    let there = rows.len() - count(State::Planned);
    let proven = rows.iter().filter(|row| row.proof.is_some()).count();
    let percent = |part: usize| part * 100 / rows.len().max(1);
    let _ = writeln!(
        text,
        "| {title} | {} | {} | {} | {} | {} | {} % | {} % |",
        rows.len(),
        count(State::Done),
        count(State::Scripted),
        count(State::Differs),
        count(State::Planned),
        percent(there),
        percent(proven),
    );
}

fn table(text: &mut String, title: &str, kind: &str, rows: &[Row]) {
    let _ = write!(text, "\n## {title}\n\n| {kind} | state | shown by |\n|---|---|---|\n");
    for Row { shown, state, policy, proof } in rows {
        let policy = policy.map(|policy| format!(" ({policy})")).unwrap_or_default();
        let proof = proof.as_ref().map(|proof| format!("`{proof}`")).unwrap_or_default();
        let _ = writeln!(text, "| `{shown}` | {}{policy} | {proof} |", state.name());
    }
}

/// `docs/values.md`.
#[must_use]
pub fn values() -> String {
    let mut text = String::from(
        "# Values\n\nEvery enum of VoxEngine 7.51.0 with its values, and those of older typings, which scripts still use. All of them are there.\n",
    );
    let legacy = surface().legacy_enums();
    let today = &surface().enums[..surface().enums.len() - legacy.len()];
    today.iter().for_each(|item| enumeration(&mut text, item, ""));
    legacy.iter().for_each(|item| enumeration(&mut text, item, " (older typings)"));
    text.push_str("\n# Constants\n\nVoices and models: opaque to a script, each its own name.\n");
    for item in &surface().constants {
        let names: Vec<String> = item.members.iter().map(|name| format!("`{name}`")).collect();
        let _ = write!(text, "\n## {}{}\n\n{}\n", item.name, required(item.module), names.join(", "));
    }
    text
}

fn enumeration(text: &mut String, item: &Enum, age: &str) {
    let _ = write!(text, "\n## {}{}{age}\n\n", item.name, required(item.module));
    for (name, value) in &item.members {
        let _ = writeln!(text, "- `{name}` = `{value}`");
    }
}

fn required(module: Option<&str>) -> String {
    module.map(|module| format!(" (`require` of `{module}`)")).unwrap_or_default()
}

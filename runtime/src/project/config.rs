//! The two configuration files of an application: its name, and its rules. They may be JSON or TOML; the other forms that
//! voxengine-ci takes are refused by name.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Files, ProjectError, shown};

/// What the tool also takes, and voxrun does not.
const NOT_READ: [&str; 4] = ["yml", "yaml", "ts", "js"];
/// What a rule answers that says nothing of it.
const EVERYTHING: &str = ".*";

/// A rule as its file says it.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) pattern: String,
    pub(super) scenarios: Vec<String>,
}

/// The rules of an application and their file, if it has one.
pub(super) fn rules(files: Files<'_>, folder: &Path) -> Result<Option<(PathBuf, Vec<Rule>)>, ProjectError> {
    let Some((file, value)) = read(files, folder, "rules.config")? else { return Ok(None) };
    // TOML has no list at its root: the rules stand under a key.
    let listed = value.as_array().or_else(|| value.get("rules")?.as_array());
    let Some(listed) = listed else {
        return Err(wrong(&file, "the rules are no list"));
    };
    let rules = listed.iter().enumerate().map(|(index, value)| rule(&file, index, value));
    let rules = rules.collect::<Result<_, _>>()?;
    Ok(Some((file, rules)))
}

fn rule(file: &Path, index: usize, value: &Value) -> Result<Rule, ProjectError> {
    let number = index + 1;
    let Some(name) = value.get("ruleName").and_then(Value::as_str) else {
        return Err(wrong(file, &format!("rule {number} has no ruleName")));
    };
    let scenarios = value.get("scenarios").and_then(Value::as_array);
    let names = scenarios.map(|list| list.iter().map(|name| name.as_str().map(str::to_owned)));
    let Some(scenarios) = names.and_then(|names| names.collect::<Option<Vec<String>>>()) else {
        return Err(wrong(file, &format!("the scenarios of rule {name} are no list of names")));
    };
    if scenarios.is_empty() {
        return Err(wrong(file, &format!("rule {name} runs no scenario. List the names of its scenarios")));
    }
    if let Some(odd) = scenarios.iter().find(|name| name.is_empty() || name.contains(['/', '\\'])) {
        return Err(wrong(file, &format!("rule {name}: `{odd}` is no name of a scenario")));
    }
    // What is no text stands for everything, as the tool has it.
    let pattern = value.get("rulePattern").and_then(Value::as_str).unwrap_or(EVERYTHING);
    Ok(Rule { name: name.to_owned(), pattern: pattern.to_owned(), scenarios })
}

/// The name that an application gives itself.
pub(super) fn name(files: Files<'_>, folder: &Path) -> Result<Option<String>, ProjectError> {
    let Some((_, value)) = read(files, folder, "application.config")? else { return Ok(None) };
    Ok(value.get("applicationName").and_then(Value::as_str).map(str::to_owned))
}

/// A configuration file, in whichever form it is there.
fn read(files: Files<'_>, folder: &Path, stem: &str) -> Result<Option<(PathBuf, Value)>, ProjectError> {
    for ending in ["json", "toml"] {
        let file = folder.join(format!("{stem}.{ending}"));
        if !files.is_file(&file) {
            continue;
        }
        let text = files.text(&file)?;
        let text = text.trim_start_matches('\u{feff}');
        let value = match ending {
            "json" => serde_json::from_str(text).map_err(|error| error.to_string()),
            _ => toml::from_str(text).map_err(|error| error.to_string().trim().to_owned()),
        };
        let value = value.map_err(|what| wrong(&file, &what))?;
        return Ok(Some((file, value)));
    }
    let other = NOT_READ.map(|ending| folder.join(format!("{stem}.{ending}")));
    match other.iter().find(|file| files.is_file(file)) {
        Some(file) => {
            Err(wrong(file, &format!("only JSON and TOML are read here. Write it as {stem}.json beside it")))
        }
        None => Ok(None),
    }
}

fn wrong(file: &Path, what: &str) -> ProjectError {
    ProjectError::Wrong { file: shown(file), what: what.to_owned() }
}

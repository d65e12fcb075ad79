//! `voxrun run FOLDER`: which application and rule of a project a run is of.

use std::path::Path;

use voxrun_bindings::contract::{Remark, ScenarioFile};

use super::args::RunArgs;
use super::config::DuplicateNames;
use super::error::CliError;
use super::plan::scenario;
use crate::project::{Application, Duplicate, Project, ProjectRule, share};
use crate::simulate::Rule;

/// What runs, and what else the application has.
pub(super) struct Chosen {
    /// The files of the rule.
    pub(super) scenarios: Vec<ScenarioFile>,
    /// Every rule of the application, for sessions that others call.
    pub(super) rules: Vec<Rule>,
    /// What was chosen.
    pub(super) note: Option<String>,
    /// For the author, in the journal.
    pub(super) remarks: Vec<Remark>,
    /// For the operator, before the run.
    pub(super) warnings: Vec<String>,
}

/// The scenarios of files, or of the rule of a project that answers this destination.
pub(super) fn chosen(
    args: &RunArgs,
    dir: &Path,
    to: &str,
    names: DuplicateNames,
) -> Result<Chosen, CliError> {
    let folder = args.files.iter().find(|path| dir.join(path).is_dir());
    let Some(folder) = folder else {
        if let Some(flag) =
            args.application.as_ref().map(|_| "--application").or(args.rule.as_ref().map(|_| "--rule"))
        {
            let what =
                "it chooses from a project; name the project's folder instead of scenario files".to_owned();
            return Err(CliError::Flag { flag, what });
        }
        let scenarios = args.files.iter().map(|path| scenario(dir, path)).collect::<Result<_, _>>()?;
        let (scenarios, remarks) = shared(scenarios, names)?;
        return Ok(Chosen { scenarios, rules: Vec::new(), note: None, remarks, warnings: Vec::new() });
    };
    if args.files.len() > 1 {
        let path = folder.display().to_string();
        return Err(CliError::Project {
            what: format!("{path} is a folder: name it alone, or name files only"),
        });
    }
    let project =
        Project::read(dir, folder).map_err(|error| CliError::Project { what: error.to_string() })?;
    let application = application(&project, args)?;
    let loaded =
        application.rules.iter().map(|rule| loaded(rule, dir, names)).collect::<Result<Vec<_>, _>>()?;
    let (rules, mut remarks): (Vec<Rule>, Vec<Vec<Remark>>) = loaded.into_iter().unzip();
    let index = rule(application, &rules, args, to)?;
    let files: Vec<&str> = rules[index].scenarios.iter().map(|file| file.name.as_str()).collect();
    let (name, layout, rule) = (&application.name, application.layout, &rules[index].name);
    let note = Some(format!("{name} ({layout}): rule {rule} runs {}", files.join(", ")));
    let (scenarios, remarks) = (rules[index].scenarios.to_vec(), remarks.swap_remove(index));
    Ok(Chosen { scenarios, rules, note, remarks, warnings: project.warnings })
}

fn application<'a>(project: &'a Project, args: &RunArgs) -> Result<&'a Application, CliError> {
    let wanted = args.application.as_deref();
    let names: Vec<&str> = project.applications.iter().map(|application| application.name.as_str()).collect();
    // The part before the account is enough.
    let is = |application: &&Application, name: &str| {
        application.name == name || application.name.split('.').next() == Some(name)
    };
    match (&project.applications[..], wanted) {
        ([], _) => Err(CliError::Project {
            what: "the project has no application with rules. Add applications/<app>/rules.config.json"
                .to_owned(),
        }),
        ([only], None) => Ok(only),
        (_, None) => Err(CliError::Flag {
            flag: "--application",
            what: format!("the project has several: name one of {}", names.join(", ")),
        }),
        (all, Some(name)) => {
            all.iter().find(|application| is(application, name)).ok_or_else(|| CliError::Flag {
                flag: "--application",
                what: format!("`{name}` is none of {}", names.join(", ")),
            })
        }
    }
}

/// The place of the rule that is named, or that answers the destination first.
fn rule(application: &Application, rules: &[Rule], args: &RunArgs, to: &str) -> Result<usize, CliError> {
    let told = || {
        let told = application.rules.iter().map(|rule| format!("{} ({})", rule.name, rule.pattern));
        told.collect::<Vec<_>>().join(", ")
    };
    if rules.is_empty() {
        let what = format!("{} has no rule. Add one to its rules.config.json", application.name);
        return Err(CliError::Project { what });
    }
    if let Some(name) = &args.rule {
        let found = rules.iter().position(|rule| rule.name == *name);
        return found.ok_or_else(|| CliError::Flag {
            flag: "--rule",
            what: format!("`{name}` is none of {}", told()),
        });
    }
    if args.api_start {
        return match rules.len() {
            1 => Ok(0),
            _ => Err(CliError::Flag {
                flag: "--rule",
                what: format!("a start without a call names its rule: one of {}", told()),
            }),
        };
    }
    rules.iter().position(|rule| rule.pattern.is_match(to)).ok_or_else(|| CliError::Flag {
        flag: "--to",
        what: format!(
            "no rule of {} answers {to}: {}. Say --to NUMBER or --rule NAME",
            application.name,
            told()
        ),
    })
}

/// A rule with its files, and what their author should know.
fn loaded(rule: &ProjectRule, dir: &Path, names: DuplicateNames) -> Result<(Rule, Vec<Remark>), CliError> {
    let files = rule.scenarios.iter().map(|path| scenario(dir, path)).collect::<Result<Vec<_>, _>>()?;
    let (files, remarks) = shared(files, names)?;
    let made = Rule::new(rule.name.clone(), &rule.pattern, files);
    let wrong = |what| CliError::Rule { name: rule.name.clone(), pattern: rule.pattern.clone(), what };
    Ok((made.map_err(wrong)?, remarks))
}

/// Files of one rule that may declare the same names (policy F-301).
pub(super) fn shared(
    files: Vec<ScenarioFile>,
    names: DuplicateNames,
) -> Result<(Vec<ScenarioFile>, Vec<Remark>), CliError> {
    let (files, duplicates) = share(files);
    let told =
        |one: &Duplicate| format!("{} is declared at {} and again at {}", one.name, one.first, one.again);
    if let Some(first) = duplicates.first().filter(|_| names == DuplicateNames::Refuse) {
        let what = format!(
            "{}; [compat] duplicate_names = \"refuse\" forbids it. Give one another name",
            told(first)
        );
        return Err(CliError::Project { what });
    }
    let remark =
        |one: &Duplicate| Remark::of("F-301", format!("{}: the later one takes the name over", told(one)));
    Ok((files, duplicates.iter().map(remark).collect()))
}

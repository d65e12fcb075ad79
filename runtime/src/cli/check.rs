//! `voxrun check PATH...`: the report of what files need and what would stop them, for people and as JSON.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::CheckArgs;
use super::error::CliError;
use super::{FAILED, FINE, Surroundings};
use crate::check::{Finding, Kind, Rank, Report};
use crate::journal::text::printable;
use crate::project::Project;

/// What a project or a folder is not searched for.
const LEFT_OUT: [&str; 4] = ["node_modules", "dist", ".git", "target"];

/// Files that run together, and what they are called.
type Rule = (Option<String>, Vec<PathBuf>);

pub(super) fn check(args: &CheckArgs, around: &mut Surroundings<'_>) -> Result<u8, CliError> {
    let mut reports = Vec::new();
    let rules = rules(&around.dir, &args.paths, &mut reports)?;
    for (name, files) in rules {
        let texts = files.iter().map(|file| text(&around.dir, file)).collect::<Result<Vec<_>, _>>()?;
        reports.push((name, crate::check::check(&texts)));
    }
    let printed = if args.json { as_json(&reports) } else { for_people(&reports) };
    let _ = around.stdout.write_all(printed.as_bytes());
    Ok(if reports.iter().any(|(_, report)| report.fails()) { FAILED } else { FINE })
}

/// Files named together are one rule; a project has its own; the files of any other folder are read one by one.
fn rules(
    dir: &Path,
    paths: &[PathBuf],
    reports: &mut Vec<(Option<String>, Report)>,
) -> Result<Vec<Rule>, CliError> {
    let (folders, files): (Vec<&PathBuf>, Vec<&PathBuf>) =
        paths.iter().partition(|path| dir.join(path).is_dir());
    let mut rules = Vec::new();
    if !files.is_empty() {
        rules.push((None, files.into_iter().cloned().collect()));
    }
    for folder in folders {
        match Project::read(dir, folder) {
            Ok(project) => {
                if !project.warnings.is_empty() {
                    reports.push((Some(folder.display().to_string()), layout(&project.warnings)));
                }
                rules.extend(project.applications.iter().flat_map(|application| {
                    let rule = |rule: &crate::project::ProjectRule| {
                        (Some(format!("{}, rule {}", application.name, rule.name)), rule.scenarios.clone())
                    };
                    application.rules.iter().map(rule)
                }));
            }
            Err(crate::project::ProjectError::NoProject(_)) => {
                let mut found = Vec::new();
                scripts(dir, folder, &mut found);
                if found.is_empty() {
                    let what = format!("{} has no scenario (.js or .ts)", folder.display());
                    return Err(CliError::Project { what });
                }
                rules.extend(found.into_iter().map(|file| (None, vec![file])));
            }
            Err(error) => return Err(CliError::Project { what: error.to_string() }),
        }
    }
    Ok(rules)
}

/// What is doubtful about a project, file by file; it has no place in a text.
fn layout(warnings: &[String]) -> Report {
    let finding = |warning: &String| {
        let (file, what) = warning.split_once(": ").unwrap_or(("", warning));
        Finding {
            rank: Rank::Warning,
            kind: Kind::Project,
            file: file.to_owned(),
            line: 0,
            column: 0,
            excerpt: String::new(),
            what: what.to_owned(),
            todo: String::new(),
        }
    };
    Report { findings: warnings.iter().map(finding).collect(), ..Report::default() }
}

fn scripts(dir: &Path, folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir.join(folder)) else { return };
    let mut names: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.file_name())).collect();
    names.sort();
    for name in names {
        let path = folder.join(&name);
        let shown = name.to_string_lossy();
        if dir.join(&path).is_dir() {
            if !LEFT_OUT.contains(&&*shown) {
                scripts(dir, &path, found);
            }
        } else if [".js", ".ts"].iter().any(|end| shown.ends_with(end)) && !shown.ends_with(".d.ts") {
            found.push(path);
        }
    }
}

/// A file's name and text.
fn text(dir: &Path, file: &Path) -> Result<(String, String), CliError> {
    let path = file.display().to_string().replace('\\', "/");
    match std::fs::read_to_string(dir.join(file)) {
        Ok(text) => Ok((path, text)),
        Err(cause) => Err(CliError::Scenario { path, cause: cause.to_string() }),
    }
}

fn as_json(reports: &[(Option<String>, Report)]) -> String {
    let rules: Vec<_> =
        reports.iter().map(|(name, report)| json!({ "rule": name, "report": report })).collect();
    format!("{}\n", json!({ "rules": rules }))
}

fn for_people(reports: &[(Option<String>, Report)]) -> String {
    let mut text = String::new();
    for (name, report) in reports {
        let count = |rank: Rank| report.findings.iter().filter(|finding| finding.rank == rank).count();
        let title = name.clone().unwrap_or_else(|| report.files.join(", "));
        let counts = [Rank::Error, Rank::Warning, Rank::Remark].map(|rank| (rank, count(rank)));
        let told: Vec<String> = counts
            .iter()
            .filter(|(rank, count)| *count > 0 || (*rank != Rank::Remark && !report.findings.is_empty()))
            .map(|(rank, count)| format!("{count} {}s", rank.name()))
            .collect();
        let told = if told.is_empty() { "nothing found".to_owned() } else { told.join(", ") };
        let _ = writeln!(text, "{title}: {told}");
        report.findings.iter().for_each(|finding| one(&mut text, finding));
        needs(&mut text, report);
    }
    text
}

fn one(text: &mut String, finding: &Finding) {
    let Finding { rank, file, line, column, excerpt, what, todo, .. } = finding;
    let place = if *line == 0 { file.clone() } else { format!("{file}:{line}:{column}") };
    let _ = writeln!(text, "  {:<8} {place}: {}", rank.name(), printable(what));
    if !excerpt.is_empty() {
        let _ = writeln!(text, "           | {}", printable(excerpt));
    }
    if !todo.is_empty() {
        let _ = writeln!(text, "           {}", printable(todo));
    }
}

/// What a run has to be given.
fn needs(text: &mut String, report: &Report) {
    let mut line = |what: &str, names: &[String]| {
        if !names.is_empty() {
            let _ = writeln!(text, "  {what:<8} {}", printable(&names.join(", ")));
        }
    };
    line("modules", &report.modules);
    line("secrets", &report.secrets);
    line("calls", &report.numbers);
    line("hosts", &report.hosts);
    if !report.secrets.is_empty() {
        let _ = writeln!(
            text,
            "  secrets are placeholders offline; --secret NAME=VALUE or [secrets] of voxrun.toml give them"
        );
    }
    if !report.numbers.is_empty() {
        let _ = writeln!(text, "  who is called answers offline as --callee PATTERN=BEHAVIOUR says");
    }
    for host in &report.hosts {
        let socket = report.sockets.contains(host);
        let _ = writeln!(
            text,
            "  [[stand_in]]\n  kind = \"{}\"\n  match = \"*://{host}/*\"\n  reply = {{ {} }}",
            if socket { "websocket" } else { "http" },
            if socket { "echo = true" } else { "text = \"...\"" }
        );
    }
}

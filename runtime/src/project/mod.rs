//! A voxengine-ci project folder (semantics section 9): its applications, their rules in order, and the files that each rule
//! runs. Both layouts are read: scenarios of the account (before version 36), and scenarios of an application (since).
//!
//! It reads what lies in the folder and decides nothing about a call. It deliberately compiles nothing: a scenario is its source,
//! and what was built of it counts only where the source is missing.

mod config;
mod scope;
#[cfg(test)]
mod tests;

pub use scope::{Duplicate, share};

use std::fmt;
use std::path::{Path, PathBuf};

/// Where applications lie, below the root.
const APPLICATIONS: &str = "applications";
/// The root's usual name, below the folder of the project.
const USUAL_ROOT: &str = "voxfiles";
/// Where sources lie, below the root or below an application.
const SOURCES: &str = "scenarios/src";
/// Where what was built lies, below the root.
const BUILT: &str = "scenarios/dist";
/// Where what was built lies since version 36, below the root: this, the application, and [`BUILT`].
const BUILT_OF_APPLICATIONS: &str = ".voxengine-ci/applications";
/// What follows the name of a scenario, in the order in which the tool looks for it.
const ENDINGS: [&str; 2] = ["voxengine.ts", "voxengine.js"];

/// Why a folder is no project that can be run. Each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProjectError {
    /// No applications lie in it.
    #[error(
        "{0} is no voxengine-ci project: neither {0}/applications nor {0}/voxfiles/applications is there. Name the project's \
         folder, or the scenario files themselves"
    )]
    NoProject(String),
    /// Something cannot be read.
    #[error("{file}: cannot be read: {cause}")]
    Unreadable {
        /// The file or folder.
        file: String,
        /// In words.
        cause: String,
    },
    /// A file of the project does not say what it has to.
    #[error("{file}: {what}")]
    Wrong {
        /// The file.
        file: String,
        /// What is wrong, and what to do.
        what: String,
    },
    /// A rule names a scenario that is nowhere.
    #[error("{rules}: rule {rule} runs the scenario {scenario}, which is none of {}", .looked.join(", "))]
    NoScenario {
        /// The file of the rules.
        rules: String,
        /// The rule.
        rule: String,
        /// The scenario.
        scenario: String,
        /// Where it was looked for.
        looked: Vec<String>,
    },
}

/// Where the scenarios of an application lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// In one folder for all applications (voxengine-ci before 36).
    Account,
    /// In a folder of the application (voxengine-ci since 36).
    Application,
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Layout::Account => "scenarios of the account, as voxengine-ci before 36 has them",
            Layout::Application => "scenarios of the application, as voxengine-ci since 36 has them",
        })
    }
}

/// A rule: which scenarios answer which destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRule {
    /// Its name.
    pub name: String,
    /// A regular expression that fits the whole destination.
    pub pattern: String,
    /// The files, in the order in which they run, below the folder that was read.
    pub scenarios: Vec<PathBuf>,
}

/// An application with its rules, the first that fits counting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// `app.account.voximplant.com`
    pub name: String,
    /// Where its scenarios lie.
    pub layout: Layout,
    /// In order.
    pub rules: Vec<ProjectRule>,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// By name.
    pub applications: Vec<Application>,
    /// What its author should know.
    pub warnings: Vec<String>,
}

impl Project {
    /// Reads the project in a folder below `dir`, or in its `voxfiles`. Paths are told as the folder is written.
    ///
    /// # Errors
    /// When it is no project, or something in it cannot be read or is wrong.
    pub fn read(dir: &Path, folder: &Path) -> Result<Project, ProjectError> {
        let files = Files(dir);
        let root = [folder.to_owned(), folder.join(USUAL_ROOT)];
        let root = root.into_iter().find(|root| files.is_dir(&root.join(APPLICATIONS)));
        let root = root.ok_or_else(|| ProjectError::NoProject(shown(folder)))?;
        let mut project = Project { applications: Vec::new(), warnings: Vec::new() };
        for application in files.folders(&root.join(APPLICATIONS))? {
            project.add(files, &root, &application)?;
        }
        Ok(project)
    }

    fn add(&mut self, files: Files<'_>, root: &Path, folder: &Path) -> Result<(), ProjectError> {
        let Some((rules_file, rules)) = config::rules(files, folder)? else {
            self.warnings.push(format!("{}: no rules.config: the application has no rules", shown(folder)));
            return Ok(());
        };
        let own_name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = config::name(files, folder)?.unwrap_or_else(|| own_name.clone());
        let own = folder.join(SOURCES);
        let layout = if files.is_dir(&own) { Layout::Application } else { Layout::Account };
        let account = root.join(SOURCES);
        if layout == Layout::Application && files.is_dir(&account) {
            self.warnings.push(format!(
                "{} is half migrated: scenarios lie in {} and in {}. voxengine-ci since 36 sees the former only, and tells \
                 success when it uploads nothing of the latter",
                shown(root),
                shown(&own),
                shown(&account)
            ));
        }
        let built = root.join(BUILT_OF_APPLICATIONS).join(&own_name).join(BUILT);
        let places = match layout {
            Layout::Application => [own, built],
            Layout::Account => [account, root.join(BUILT)],
        };
        let mut application = Application { name, layout, rules: Vec::new() };
        for config::Rule { name, pattern, scenarios } in rules {
            let mut found = Vec::new();
            for scenario in scenarios {
                found.push(self.find(files, &places, &scenario, &name, &rules_file)?);
            }
            application.rules.push(ProjectRule { name, pattern, scenarios: found });
        }
        self.applications.push(application);
        Ok(())
    }

    /// The file of a scenario: its source, or what was built of it.
    fn find(
        &mut self,
        files: Files<'_>,
        places: &[PathBuf; 2],
        scenario: &str,
        rule: &str,
        rules: &Path,
    ) -> Result<PathBuf, ProjectError> {
        let [sources, built] = places;
        let candidates = ENDINGS.map(|ending| sources.join(format!("{scenario}.{ending}")));
        let dist = built.join(format!("{scenario}.{}", ENDINGS[1]));
        if let Some(found) = candidates.iter().find(|file| files.is_file(file)) {
            self.doubts(files, found, &candidates, &dist);
            return Ok(found.clone());
        }
        if files.is_file(&dist) {
            let text =
                "the source of this scenario is missing; what was built of it runs, as old as it may be";
            self.warnings.push(format!("{}: {text}", shown(&dist)));
            return Ok(dist);
        }
        let looked = candidates.iter().chain([&dist]).map(|file| shown(file)).collect();
        let (rule, scenario) = (rule.to_owned(), scenario.to_owned());
        Err(ProjectError::NoScenario { rules: shown(rules), rule, scenario, looked })
    }
}

/// What makes one doubt that the source of a scenario is what the platform runs.
impl Project {
    fn doubts(&mut self, files: Files<'_>, source: &Path, candidates: &[PathBuf], dist: &Path) {
        let mut told = Vec::new();
        if let Some(other) = candidates.iter().find(|other| *other != source && files.is_file(other)) {
            told.push(format!("{}: {} has the same name; the former runs", shown(source), shown(other)));
        }
        if let (Some(built), Some(written)) = (files.changed(dist), files.changed(source))
            && built < written
        {
            let text = "older than its source: build it before you upload";
            told.push(format!("{}: {text}", shown(dist)));
        }
        told.retain(|text| !self.warnings.contains(text));
        self.warnings.append(&mut told);
    }
}

/// The files below a folder, named by their paths in it.
#[derive(Debug, Clone, Copy)]
struct Files<'a>(&'a Path);

impl Files<'_> {
    fn is_dir(self, path: &Path) -> bool {
        self.0.join(path).is_dir()
    }

    fn is_file(self, path: &Path) -> bool {
        self.0.join(path).is_file()
    }

    /// When a file was changed last, if there is one.
    fn changed(self, path: &Path) -> Option<std::time::SystemTime> {
        std::fs::metadata(self.0.join(path)).ok()?.modified().ok()
    }

    fn text(self, path: &Path) -> Result<String, ProjectError> {
        std::fs::read_to_string(self.0.join(path)).map_err(|cause| unreadable(path, &cause))
    }

    /// The folders in a folder, by name.
    fn folders(self, of: &Path) -> Result<Vec<PathBuf>, ProjectError> {
        let entries = std::fs::read_dir(self.0.join(of)).map_err(|cause| unreadable(of, &cause))?;
        let names = entries.filter_map(|entry| Some(of.join(entry.ok()?.file_name())));
        let mut folders: Vec<PathBuf> = names.filter(|path| self.is_dir(path)).collect();
        folders.sort();
        Ok(folders)
    }
}

fn unreadable(file: &Path, cause: &std::io::Error) -> ProjectError {
    ProjectError::Unreadable { file: shown(file), cause: cause.to_string() }
}

/// A path in messages.
fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

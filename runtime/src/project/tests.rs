//! Projects in folders of their own.

use std::path::{Path, PathBuf};

use super::*;

/// A folder that is removed when it goes out of scope.
struct Folder(PathBuf);

impl std::ops::Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A project of these files, in an empty folder.
fn project(name: &str, files: &[(&str, &str)]) -> Folder {
    let folder = std::env::temp_dir().join(format!("voxrun-project-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    for (file, text) in files {
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        std::fs::write(path, text).expect("writable");
    }
    Folder(folder)
}

fn files_of(rule: &ProjectRule) -> Vec<String> {
    rule.scenarios.iter().map(|path| shown(path)).collect()
}

const RULES: &str = r#"[{"ruleName": "one", "scenarios": ["lib", "main"], "rulePattern": "1.*"}, {"ruleName": "rest", "scenarios": ["main"], "rulePattern": 5}]"#;

#[test]
fn both_layouts_are_read() {
    let old = project(
        "old",
        &[
            ("voxfiles/applications/a.b.voximplant.com/rules.config.json", RULES),
            ("voxfiles/scenarios/src/lib.voxengine.js", ""),
            ("voxfiles/scenarios/src/main.voxengine.js", ""),
            ("voxfiles/scenarios/src/main.voxengine.ts", ""),
        ],
    );
    let read = Project::read(&old, Path::new("")).expect("a project");
    let application = &read.applications[0];
    assert_eq!((application.name.as_str(), application.layout), ("a.b.voximplant.com", Layout::Account));
    assert_eq!(
        files_of(&application.rules[0]),
        ["voxfiles/scenarios/src/lib.voxengine.js", "voxfiles/scenarios/src/main.voxengine.ts"]
    );
    assert_eq!((application.rules[0].pattern.as_str(), application.rules[1].pattern.as_str()), ("1.*", ".*"));
    assert_eq!(read.warnings.len(), 1);
    assert!(read.warnings[0].contains("main.voxengine.js has the same name"), "{:?}", read.warnings);

    let toml = "[[rules]]\nruleName = \"r\"\nscenarios = [\"main\"]\n";
    let new = project(
        "new",
        &[
            ("applications/app/rules.config.toml", toml),
            ("applications/app/application.config.json", r#"{"applicationName": "app.acc.voximplant.com"}"#),
            ("applications/app/scenarios/src/main.voxengine.js", ""),
            ("scenarios/src/main.voxengine.js", ""),
        ],
    );
    let read = Project::read(&new, Path::new("")).expect("a project");
    let application = &read.applications[0];
    assert_eq!(
        (application.name.as_str(), application.layout),
        ("app.acc.voximplant.com", Layout::Application)
    );
    assert_eq!(files_of(&application.rules[0]), ["applications/app/scenarios/src/main.voxengine.js"]);
    assert!(read.warnings[0].contains("half migrated"), "{:?}", read.warnings);
}

#[test]
fn what_was_built_runs_where_the_source_is_missing() {
    let rules = r#"[{"ruleName": "r", "scenarios": ["main"]}]"#;
    let folder = project(
        "dist",
        &[("applications/app/rules.config.json", rules), ("scenarios/dist/main.voxengine.js", "")],
    );
    let read = Project::read(&folder, Path::new("")).expect("a project");
    assert_eq!(files_of(&read.applications[0].rules[0]), ["scenarios/dist/main.voxengine.js"]);
    assert!(read.warnings[0].contains("source of this scenario is missing"), "{:?}", read.warnings);
}

#[test]
fn what_was_built_before_its_source_was_changed_is_doubted_once() {
    let rules = r#"[{"ruleName": "r", "scenarios": ["main", "main"]}]"#;
    let (source, built) = ("scenarios/src/main.voxengine.js", "scenarios/dist/main.voxengine.js");
    let folder =
        project("stale", &[("applications/app/rules.config.json", rules), (source, ""), (built, "")]);
    let doubts = |hours: u64| {
        let file = std::fs::File::options().write(true).open(folder.join(built)).expect("writable");
        let written = std::fs::metadata(folder.join(source)).expect("there").modified().expect("known");
        let then =
            written - std::time::Duration::from_secs(3_600) + std::time::Duration::from_secs(3_600 * hours);
        file.set_modified(then).expect("set");
        Project::read(&folder, Path::new("")).expect("a project").warnings
    };
    assert_eq!(
        doubts(0),
        ["scenarios/dist/main.voxengine.js: older than its source: build it before you upload"]
    );
    assert!(doubts(2).is_empty());
}

#[test]
fn what_is_wrong_is_told_with_its_file() {
    let told = |name: &str, files: &[(&str, &str)]| {
        Project::read(&project(name, files), Path::new(".")).expect_err(name).to_string()
    };
    assert!(told("none", &[("readme", "")]).contains("is no voxengine-ci project"));
    let rules = |text: &str| told("rules", &[("applications/a/rules.config.json", text)]);
    assert!(rules("{").contains("rules.config.json: EOF"), "{}", rules("{"));
    assert!(rules("{}").contains("no list"));
    assert!(rules("[{}]").contains("rule 1 has no ruleName"));
    assert!(rules(r#"[{"ruleName": "r", "scenarios": []}]"#).contains("runs no scenario"));
    assert!(rules(r#"[{"ruleName": "r", "scenarios": ["../x"]}]"#).contains("no name of a scenario"));
    let missing = rules(r#"[{"ruleName": "r", "scenarios": ["x"]}]"#);
    assert!(
        missing.contains("rule r runs the scenario x") && missing.contains("x.voxengine.ts"),
        "{missing}"
    );
    assert!(told("yaml", &[("applications/a/rules.config.yml", "")]).contains("only JSON and TOML"));
}

//! `voxrun check` over every scenario of this repository that ends well: it finds nothing that would fail. And what it prints.

use std::path::Path;

use voxrun::check::{Kind, Rank, check};

use super::{files, root, shown, voxrun};

/// Whether a spec is of a script that is meant to fail.
fn fails(scenario: &Path) -> bool {
    let folder = scenario.parent().expect("a folder");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    let exit = read("expected.exit");
    !matches!(exit.trim(), "" | "0") || read("expected.json").contains("not_built")
}

#[test]
fn no_scenario_that_ends_well_is_said_to_fail() {
    let mut complaints = Vec::new();
    let mut seen = 0;
    let of_specs = files(&root().join("tests/specs"), &["js", "ts"]);
    for path in of_specs.into_iter().chain(files(&root().join("scenarios"), &["js"])) {
        if shown(&path).starts_with("tests/specs/") && fails(&path) {
            continue;
        }
        seen += 1;
        let text = std::fs::read_to_string(&path).expect("readable");
        let report = check(&[(shown(&path), text)]);
        // The platform of today stops at a module that there is not; here it is tolerated, and told.
        let errors =
            report.findings.iter().filter(|found| found.rank == Rank::Error && found.kind != Kind::NoModule);
        complaints.extend(errors.map(|found| format!("{}:{}: {}", found.file, found.line, found.what)));
    }
    assert!(seen > 100, "{seen} scenarios");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn a_report_says_where_what_and_what_to_do() {
    let folder = super::fresh_folder("check");
    let text = "VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {\n  VoxEngine.callPTSN('15550000001');\n});\n";
    std::fs::write(folder.join("main.js"), text).expect("writable");
    let run = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        voxrun(&folder, &words, "")
    };
    let ran = run(&["check", "main.js"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    for line in [
        "main.js: 1 errors, 2 warnings",
        "  error    main.js:2:13: VoxEngine has no function callPTSN",
        "           | VoxEngine.callPTSN('15550000001');",
        "           did you mean VoxEngine.callPSTN?",
    ] {
        assert!(ran.stdout.contains(line), "{line}\n{}", ran.stdout);
    }
    let json: serde_json::Value =
        serde_json::from_str(&run(&["check", "--json", "main.js"]).stdout).expect("JSON");
    assert_eq!(json["rules"][0]["report"]["findings"][0]["kind"], "unknown", "{json}");
    assert_eq!(run(&["check", "none.js"]).code, 2);
    assert_eq!(run(&["check"]).code, 2);
    std::fs::write(folder.join("main.js"), "VoxEngine.terminate();\n").expect("writable");
    let ran = run(&["check", "."]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "./main.js: nothing found\n"));
}

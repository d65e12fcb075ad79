//! The house rules as tests: sizes, opening lines, forbidden words, who imports whom, documented scenarios unmodified,
//! generated pages fresh. `docs/architecture.md` says why.

use std::path::PathBuf;

use regex::Regex;
use sha2::{Digest, Sha256};

use super::{files, root, shown, voxrun};

/// Hard maximum of a hand-written source file.
const LINES_MAX: usize = 600;

/// The documented scenarios, byte for byte.
const SCENARIOS: &[(&str, &str)] = &[
    (
        "voxeengine-openai-half-cascade-cartesia.js",
        "c38791ced0587b1e086b1497202f6087ff192af4ec917ac736ea317088a11d45",
    ),
    (
        "voxeengine-openai-half-cascade-inworld.js",
        "25e2c878b1cf2922202b42e99159af917814aafacfc6c8a14b0f1bd90f329ad9",
    ),
];

/// Who may use whom inside `runtime/src`. A file at the top level (`docs.rs`, `main.rs`) belongs to nobody.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "cassette",
            "check",
            "docs",
            "drive",
            "journal",
            "project",
            "room",
            "session",
            "simulate",
            "stand_ins",
        ],
    ),
    ("check", &[]),
    ("project", &[]),
    ("cassette", &["journal", "room", "session", "simulate"]),
    ("drive", &["cassette", "journal", "room", "session", "simulate"]),
    ("simulate", &["journal", "media", "room", "session", "stand_ins", "telephony"]),
    ("room", &["journal", "session"]),
    ("stand_ins", &[]),
    ("session", &["journal", "media", "telephony"]),
    ("media", &[]),
    ("telephony", &["media"]),
    ("journal", &[]),
];

/// Folders of `bindings/src` that are no namespace, and what they may use.
const BINDINGS_CORE: &[(&str, &[&str])] = &[
    ("engine", &["contract", "glue", "surface"]),
    // Global functions are functions of namespaces under another name.
    ("globals", &["contract", "glue", "logger", "timers", "voxengine"]),
    ("glue", &["contract", "wire", "fidelity", "surface"]),
    ("provider_kit", &["contract", "wire", "connection", "fidelity", "glue"]),
    ("connection", &["contract", "wire"]),
    ("surface", &[]),
];

/// What a namespace folder may use beside itself: never another namespace.
const NAMESPACE_USES: &[&str] = &["contract", "wire", "fidelity", "glue", "provider_kit"];

/// What of the engine those may name who do not run scripts: what a script's task led to.
const ENGINE_RESULTS: &[&str] = &[];

/// One source file: its path below the workspace, and its text.
fn sources() -> Vec<(String, String)> {
    let folders = ["bindings", "runtime", "tests"];
    let paths: Vec<PathBuf> =
        folders.iter().flat_map(|folder| files(&root().join(folder), &["rs"])).collect();
    assert!(paths.len() > 10, "the source files are found");
    paths.iter().map(|path| (shown(path), std::fs::read_to_string(path).expect("readable"))).collect()
}

/// Whether a file is made of tests or measurements, which may drive a part as its user would.
fn is_test(path: &str) -> bool {
    path.starts_with("tests/")
        || path.contains("/benches/")
        || path.contains("/tests/")
        || path.ends_with("tests.rs")
}

/// The code of a file without its line comments.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn check(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut complaints = Vec::new();
    for (path, text) in sources() {
        let lines = text.lines().count();
        if lines > LINES_MAX {
            complaints.push(format!("{path}: {lines} lines, at most {LINES_MAX}"));
        }
        if !text.starts_with("//! ") {
            complaints.push(format!("{path}: does not open with `//!` and what it is"));
        }
    }
    check(complaints);
}

#[test]
fn only_drive_touches_sockets_clocks_and_chance() {
    let words = Regex::new(
        r"\b(tokio|std::net|Instant::now|SystemTime::now|thread::sleep|thread_rng|rand::rng|getrandom|RandomState)\b",
    )
    .expect("a pattern");
    let mut complaints = Vec::new();
    for (path, text) in sources() {
        if path.starts_with("runtime/src/drive/") || is_test(&path) {
            continue;
        }
        for (number, line) in code(&text).lines().enumerate() {
            if let Some(word) = words.find(line) {
                complaints.push(format!(
                    "{path}:{}: `{}` outside runtime/src/drive",
                    number + 1,
                    word.as_str()
                ));
            }
        }
    }
    check(complaints);
}

#[test]
fn nothing_is_left_for_later_and_no_machine_is_named() {
    // Put together here so that this file does not find itself.
    let later = Regex::new(&["\\b(TO", "DO|FIX", "ME|XX", "X)\\b|(to", "do|unimple", "mented)!\\("].concat());
    let later = later.expect("a pattern");
    let machine =
        Regex::new(&["(^|[\\s\"'(`=])/(ho", "me|ro", "ot|wo", "rk|Us", "ers)/"].concat()).expect("a pattern");
    let mut complaints = Vec::new();
    let mut paths = files(root(), &["rs", "md", "toml", "js", "sh"]);
    paths.push(root().join(".ci/run"));
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("readable");
        for (number, line) in text.lines().enumerate() {
            for (what, pattern) in [("left for later", &later), ("a path of one machine", &machine)] {
                if pattern.is_match(line) {
                    complaints.push(format!("{}:{}: {what}: {}", shown(&path), number + 1, line.trim()));
                }
            }
        }
    }
    check(complaints);
}

#[test]
fn imports_point_downwards() {
    let uses = Regex::new(r"\bcrate::(\{[^}]*\}|[a-z_]+)").expect("a pattern");
    let mut complaints = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| !is_test(path)) {
        let (known, folder): (&[_], _) = match path.split('/').collect::<Vec<_>>()[..] {
            ["runtime", "src", folder, _, ..] => (ARROWS, folder.to_owned()),
            ["bindings", "src", folder, _, ..] => (BINDINGS_CORE, folder.to_owned()),
            _ => continue,
        };
        let in_runtime = path.starts_with("runtime/");
        let allowed = match known.iter().find(|(name, _)| *name == folder) {
            Some((_, allowed)) => *allowed,
            None if in_runtime => {
                complaints.push(format!("{path}: the folder {folder} has no place in the list of arrows"));
                continue;
            }
            None => NAMESPACE_USES,
        };
        for found in uses.captures_iter(&code(&text)) {
            let names = found[1].trim_matches(['{', '}']).split(',');
            let names = names.filter_map(|name| name.split("::").next()).map(str::trim);
            for used in names.filter(|used| used.starts_with(|ch: char| ch.is_ascii_lowercase())) {
                if used != folder && !allowed.contains(&used) {
                    complaints.push(format!("{path}: {folder} may not use {used}"));
                }
            }
        }
    }
    check(complaints);
}

#[test]
fn only_those_who_run_scripts_know_the_engine() {
    const KNOWING: &[&str] =
        &["runtime/src/cassette/", "runtime/src/simulate/", "runtime/src/drive/", "runtime/src/cli/"];
    let named = Regex::new(r"voxrun_bindings::engine::(\{[^}]*\}|\w+)").expect("a pattern");
    let mut complaints = Vec::new();
    for (path, text) in
        sources().into_iter().filter(|(path, _)| path.starts_with("runtime/") && !is_test(path))
    {
        if KNOWING.iter().any(|known| path.starts_with(known)) {
            continue;
        }
        for found in named.captures_iter(&code(&text)) {
            let names = found[1].split(|ch: char| !ch.is_alphanumeric()).filter(|name| !name.is_empty());
            let more = names.filter(|name| !ENGINE_RESULTS.contains(name));
            complaints.extend(more.map(|name| format!("{path}: knows the engine's {name}")));
        }
    }
    check(complaints);
    for manifest in ["runtime/Cargo.toml", "runtime/audio/Cargo.toml", "tests/Cargo.toml"] {
        let text = std::fs::read_to_string(root().join(manifest)).expect(manifest);
        assert!(!text.contains("boa_"), "{manifest}: only bindings knows the JavaScript engine");
    }
}

#[test]
fn documented_scenarios_are_unmodified() {
    for (name, expected) in SCENARIOS {
        let bytes = std::fs::read(root().join("scenarios").join(name)).expect(name);
        let actual: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(actual, *expected, "{name} was changed");
    }
}

#[test]
fn generated_pages_are_fresh() {
    let pages: [(&str, &[&str]); 3] =
        [("compatibility", &["--proofs", "tests/specs/proofs.txt"]), ("fidelity", &[]), ("values", &[])];
    for (page, more) in pages {
        let args: Vec<String> = ["docs", page].iter().chain(more).map(|word| (*word).to_owned()).collect();
        let printed = voxrun(root(), &args, "");
        assert_eq!(printed.code, 0, "{}", printed.stderr);
        let path = root().join("docs").join(format!("{page}.md"));
        if std::env::var("VOXRUN_UPDATE").is_ok_and(|value| value == "1") {
            std::fs::write(&path, &printed.stdout).expect("writable");
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            stored == printed.stdout,
            "docs/{page}.md is stale: VOXRUN_UPDATE=1 cargo test -p voxrun-tests"
        );
    }
}

/// The arrows as `docs/architecture.md` shows them.
fn printed_arrows() -> String {
    let rows = |title: &str, arrows: &[(&str, &[&str])]| {
        let row = |(folder, uses): &(&str, &[&str])| match uses.is_empty() {
            true => format!("{folder:<12}\n"),
            false => format!("{folder:<12} -> {}\n", uses.join(", ")),
        };
        let rows: String = arrows.iter().map(row).map(|row| format!("{}\n", row.trim_end())).collect();
        format!("{title}\n{rows}")
    };
    let namespace = format!("a namespace  -> {}\n", NAMESPACE_USES.join(", "));
    let runtime = rows("in runtime/src", ARROWS);
    format!("```\n{runtime}\n{}{namespace}```\n", rows("in bindings/src", BINDINGS_CORE))
}

#[test]
fn the_arrows_are_printed() {
    const BEGIN: &str = "<!-- arrows -->\n";
    let path = root().join("docs/architecture.md");
    let text = std::fs::read_to_string(&path).expect("readable");
    let (before, rest) = text.split_once(BEGIN).expect("a mark");
    let (_, after) = rest.split_once("<!-- /arrows -->").expect("a mark of the end");
    let wanted = format!("{before}{BEGIN}{}<!-- /arrows -->{after}", printed_arrows());
    if std::env::var("VOXRUN_UPDATE").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &wanted).expect("writable");
    }
    let text = std::fs::read_to_string(&path).expect("readable");
    assert!(
        text == wanted,
        "the arrows in docs/architecture.md are stale: VOXRUN_UPDATE=1 cargo test -p voxrun-tests"
    );
}

#[test]
fn every_policy_that_is_named_is_decided() {
    let id = Regex::new(r"\bF-\d{3}\b").expect("a pattern");
    let known: Vec<&str> =
        voxrun_bindings::fidelity::policies().iter().map(|policy| policy.id.as_str()).collect();
    assert!(known.len() > 10, "the tables are found");
    let mut complaints = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| !is_test(path)) {
        // Unit tests in the same file may make one up.
        let code = code(text.split("#[cfg(test)]").next().unwrap_or_default());
        let unknown = id.find_iter(&code).map(|found| found.as_str()).filter(|id| !known.contains(id));
        complaints.extend(unknown.map(|id| format!("{path}: {id} is in no fidelity.toml")));
    }
    check(complaints);
}

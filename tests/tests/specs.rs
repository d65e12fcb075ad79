//! Specs: `tests/specs/<area>/<case>/`, whole runs of scenarios compared with what they should tell.
//!
//! - `args`: further arguments of `voxrun run`; without a scenario among them, `scenario.js` is run
//! - `expected.log`: the journal as text; `expected.json`: parts of the summary; `expected.exit`: the exit code (0)
//! - `expected.stdout`, `expected.stderr`: lines that occur in what was printed
//! - `stdin`: what a person types
//!
//! Of each file that a scenario records the summary gets what is heard in it, a text for each channel (`heard`).
//!
//! Every case runs twice, and both runs must give the same journal and sound. `VOXRUN_UPDATE=1` rewrites `expected.log`
//! and the values of `expected.json`; `VOXRUN_SPEC=text` runs only cases whose path contains it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use voxrun::journal::{Entry, EntryKind, Redactor, text};
use voxrun_audio::{Frame, Heard, Listener, Rate, convert};
use voxrun_tests::{differences, refreshed, words};

use super::{Ran, fresh_folder, root, shown, voxrun};

/// What one run left behind.
struct Outcome {
    ran: Ran,
    journal: String,
    summary: Value,
}

#[test]
fn every_spec_tells_what_it_should() {
    let wanted = std::env::var("VOXRUN_SPEC").unwrap_or_default();
    let mut cases = cases(&root().join("tests/specs"));
    cases.retain(|case| shown(case).contains(&wanted));
    assert!(!cases.is_empty(), "no spec matches");
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let proven = Mutex::new(Proofs::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let checked = std::panic::catch_unwind(|| check(case));
                    let (complaints, seen) =
                        checked.unwrap_or_else(|_| (vec!["panicked".to_owned()], BTreeSet::new()));
                    prove(&mut proven.lock().expect("no panic inside"), case, seen);
                    let complaints = complaints.into_iter().map(|text| format!("{}: {text}", shown(case)));
                    failures.lock().expect("no panic inside").extend(complaints);
                }
            });
        }
    });
    let mut failures = failures.into_inner().expect("no panic inside");
    failures.sort();
    assert!(failures.is_empty(), "{} specs run\n{}", cases.len(), failures.join("\n"));
    if wanted.is_empty() {
        proofs_are_fresh(&proven.into_inner().expect("no panic inside"));
    }
}

/// The first case in which each member answered or each event came.
type Proofs = BTreeMap<String, String>;

fn prove(proofs: &mut Proofs, case: &Path, seen: BTreeSet<String>) {
    let case = shown(case).trim_start_matches("tests/specs/").to_owned();
    for name in seen {
        let first = proofs.entry(name).or_insert_with(|| case.clone());
        if case < *first {
            first.clone_from(&case);
        }
    }
}

/// `docs/compatibility.md` is printed from this file.
fn proofs_are_fresh(proofs: &Proofs) {
    let fresh: String = proofs.iter().map(|(name, case)| format!("{name}\t{case}\n")).collect();
    let path = root().join("tests/specs/proofs.txt");
    if updates() {
        std::fs::write(&path, &fresh).expect("writable");
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    let difference = first_difference(&stored, &fresh);
    assert!(
        stored == fresh,
        "tests/specs/proofs.txt is stale: VOXRUN_UPDATE=1 cargo test -p voxrun-tests, twice\n{difference}"
    );
}

/// Folders two levels below, sorted.
fn cases(specs: &Path) -> Vec<PathBuf> {
    let folders = |of: &Path| -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(of) else { return Vec::new() };
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect()
    };
    let mut cases: Vec<PathBuf> = folders(specs).iter().flat_map(|area| folders(area)).collect();
    cases.sort();
    cases
}

/// Runs one case twice; returns what is wrong with it, and which members and events were seen.
fn check(case: &Path) -> (Vec<String>, BTreeSet<String>) {
    let first = match run(case) {
        Ok(outcome) => outcome,
        Err(problem) => return (vec![problem], BTreeSet::new()),
    };
    let mut complaints = Vec::new();
    match run(case) {
        Ok(second) if second.journal != first.journal => {
            complaints
                .push(format!("two runs differ:\n{}", first_difference(&first.journal, &second.journal)));
        }
        Ok(second) if second.summary["audio_sha256"] != first.summary["audio_sha256"] => {
            complaints.push("two runs sound different".to_owned());
        }
        Ok(_) => {}
        Err(problem) => complaints.push(problem),
    }
    let exit =
        read(case, "expected.exit").map_or(0, |text| text.trim().parse().expect("a number in expected.exit"));
    if first.ran.code != exit {
        let stderr = &first.ran.stderr;
        complaints.push(format!("exit code {}, expected {exit}; stderr:\n{stderr}", first.ran.code));
    }
    for (file, printed) in [("expected.stderr", &first.ran.stderr), ("expected.stdout", &first.ran.stdout)] {
        for line in read(case, file).unwrap_or_default().lines().filter(|line| !printed.contains(line)) {
            complaints.push(format!("{file}: `{line}` is not in\n{printed}"));
        }
    }
    complaints.extend(compare_log(case, &first));
    complaints.extend(compare_summary(case, &first));
    (complaints, first.seen())
}

impl Outcome {
    /// Members that answered the script, and events that came to it.
    fn seen(&self) -> BTreeSet<String> {
        let entries = self.journal.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok());
        let events = entries.filter(|entry| entry.kind == EntryKind::Event).map(|entry| entry.name);
        let used = self.summary["used"].as_array().into_iter().flatten();
        events.chain(used.filter_map(|name| Some(name.as_str()?.to_owned()))).collect()
    }
}

fn run(case: &Path) -> Result<Outcome, String> {
    let mut args = vec!["run".to_owned()];
    args.extend(words(&read(case, "args").unwrap_or_default())?);
    let is_scenario = |arg: &String| arg.ends_with(".js") || arg.ends_with(".ts") || case.join(arg).is_dir();
    if !args.iter().any(is_scenario) {
        args.push("scenario.js".to_owned());
    }
    // Outputs of one case go to a folder of its own; the second run finds none of the first.
    let name = case.iter().rev().take(2).map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("-");
    let dir = fresh_folder(&name);
    let out = |name: &str| dir.join(name);
    let files =
        [("--journal", "journal"), ("--summary", "summary"), ("--record", "sound.wav"), ("--recordings", "")];
    for (flag, name) in files {
        args.extend([flag.to_owned(), out(name).display().to_string()]);
    }
    let ran = voxrun(case, &args, &read(case, "stdin").unwrap_or_default());
    let journal = std::fs::read_to_string(out("journal")).unwrap_or_default();
    let summary = std::fs::read_to_string(out("summary")).unwrap_or_default();
    let mut summary = serde_json::from_str(&summary).unwrap_or(Value::Null);
    listen(&mut summary);
    if ran.code < 2 && (journal.is_empty() || summary.is_null() || !out("sound.wav").exists()) {
        return Err("the run did not write all its outputs".to_owned());
    }
    Ok(Outcome { ran, journal, summary })
}

/// Adds what is heard in each file that the scenario recorded, a text for each channel.
fn listen(summary: &mut Value) {
    for recording in summary["recordings"].as_array_mut().into_iter().flatten() {
        let path = recording["file"].as_str().unwrap_or_default();
        recording["heard"] = heard(Path::new(path)).map_or(Value::Null, Value::from);
    }
}

fn heard(path: &Path) -> Option<Vec<String>> {
    let reader = hound::WavReader::open(path).ok()?;
    let spec = reader.spec();
    let samples: Vec<i16> = reader.into_samples().collect::<Result<_, _>>().ok()?;
    let channels = usize::from(spec.channels);
    let one = |channel: usize| -> String {
        let samples: Vec<i16> = samples.iter().skip(channel).step_by(channels).copied().collect();
        words_in(&convert(&samples, spec.sample_rate, Rate::Hz8000.hz()))
    };
    Some((0..channels).map(one).collect())
}

/// The words of a recording, in spoken code.
fn words_in(samples: &[i16]) -> String {
    let mut listener = Listener::new(Rate::Hz8000);
    samples.chunks(160).for_each(|samples| listener.push(&Frame::from_samples(Rate::Hz8000, samples)));
    listener.flush();
    let words = std::iter::from_fn(|| listener.poll()).map(|heard| match heard {
        Heard::Word { text, .. } => text,
        Heard::Lost { .. } => "[...]".to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn compare_log(case: &Path, outcome: &Outcome) -> Option<String> {
    let entries: Result<Vec<Entry>, _> = outcome.journal.lines().map(serde_json::from_str).collect();
    let entries = match entries {
        Ok(entries) => entries,
        Err(error) => return Some(format!("a line of the journal is no entry: {error}")),
    };
    let actual = text::print(&entries, text::Style::EXPECTED_LOG, &Redactor::default());
    let expected = read(case, "expected.log");
    let other = ["expected.json", "expected.stderr"].iter().any(|file| case.join(file).exists());
    if updates() && (expected.is_some() || !other) {
        std::fs::write(case.join("expected.log"), &actual).expect("writable spec");
        return None;
    }
    match expected {
        Some(expected) if expected != actual => {
            Some(format!("expected.log differs:\n{}", first_difference(&expected, &actual)))
        }
        None if !other => Some("nothing is expected; VOXRUN_UPDATE=1 writes expected.log".to_owned()),
        _ => None,
    }
}

fn compare_summary(case: &Path, outcome: &Outcome) -> Vec<String> {
    let Some(text) = read(case, "expected.json") else { return Vec::new() };
    let expected: Value = match serde_json::from_str(&text) {
        Ok(expected) => expected,
        Err(error) => return vec![format!("expected.json: {error}")],
    };
    let found = differences(&expected, &outcome.summary);
    if updates() && !found.is_empty() {
        let fresh =
            serde_json::to_string_pretty(&refreshed(&expected, &outcome.summary)).expect("plain JSON");
        std::fs::write(case.join("expected.json"), fresh + "\n").expect("writable spec");
        return Vec::new();
    }
    found.into_iter().map(|text| format!("expected.json: {text}")).collect()
}

fn updates() -> bool {
    std::env::var("VOXRUN_UPDATE").is_ok_and(|value| value == "1")
}

fn read(case: &Path, file: &str) -> Option<String> {
    std::fs::read_to_string(case.join(file)).ok()
}

/// The first line that is not the same, from both.
fn first_difference(expected: &str, actual: &str) -> String {
    let (mut a, mut b) = (expected.lines(), actual.lines());
    for number in 1.. {
        match (a.next(), b.next()) {
            (Some(left), Some(right)) if left == right => {}
            (None, None) => break,
            (left, right) => {
                let (left, right) = (left.unwrap_or("(end)"), right.unwrap_or("(end)"));
                return format!("line {number}\n  expected {left}\n  actual   {right}");
            }
        }
    }
    "line ends or the last line feed".to_owned()
}

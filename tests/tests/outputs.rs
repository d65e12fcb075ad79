//! What a run writes besides its journal and summary: standard output, the platform's log, the sound; and what must never
//! be in any of it. Runs that follow the wall clock are here too, because their journals differ from run to run.

use std::path::PathBuf;

use super::{Ran, fresh_folder, root, voxrun};

const SECRET: &str = "sk-very-\"private\"-key+0123456789";

/// A scenario that answers, says its secret in several forms, and goes on until the caller hangs up.
const SCENARIO: &str = r#"
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const key = VoxEngine.getSecretValue("KEY");
    Logger.write(`plain ${key}`);
    Logger.write(JSON.stringify({ key, twice: JSON.stringify({ key }) }));
    Logger.write(encodeURIComponent(key));
    call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
    call.answer();
});
"#;

fn run(name: &str, args: &[&str], stdin: &str) -> (Ran, PathBuf) {
    let dir = fresh_folder(&format!("outputs-{name}"));
    std::fs::write(dir.join("scenario.js"), SCENARIO).expect("writable");
    let args: Vec<String> = ["run", "scenario.js"].iter().chain(args).map(|arg| (*arg).to_owned()).collect();
    let ran = voxrun(&dir, &args, stdin);
    (ran, dir)
}

#[test]
fn a_secret_is_in_no_output() {
    let secret = format!("KEY={SECRET}");
    let files = ["log.txt", "journal.jsonl", "summary.json"];
    let args = ["--secret", &secret, "--log", files[0], "--journal", files[1], "--summary", files[2]];
    let (ran, dir) = run("secret", &args, "");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut outputs = vec![ran.stdout, ran.stderr];
    outputs.extend(files.map(|file| std::fs::read_to_string(dir.join(file)).expect("written")));
    assert!(outputs.iter().filter(|text| text.contains("plain ******")).count() >= 4, "{outputs:?}");
    for text in outputs {
        assert!(!text.contains("0123456789"), "{text}");
    }
}

/// A key in PEM form, as several lines; the middle one is longer than a terminal is wide.
fn key_of_several_lines(end: &str) -> String {
    let body = "QUJDREVG0123456789".repeat(8);
    ["-----BEGIN TEST KEY-----", &body, "short", "-----END TEST KEY-----", ""].join(end)
}

#[test]
fn a_secret_of_several_lines_is_in_no_output_of_a_failing_run() {
    for (name, end) in [("lf", "\n"), ("crlf", "\r\n")] {
        let dir = fresh_folder(&format!("outputs-lines-{name}"));
        let scenario = r#"
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call }) => {
    const key = VoxEngine.getSecretValue("KEY");
    Logger.write("the key: " + key);
    Logger.write(key.split("\n"));
    call.answer();
    setTimeout(() => { throw new Error("failed with " + key) }, 500);
});
"#;
        std::fs::write(dir.join("scenario.js"), scenario).expect("writable");
        let secret = format!("KEY={}", key_of_several_lines(end));
        let files = ["log.txt", "journal.jsonl", "summary.json"];
        let words = [
            "run",
            "scenario.js",
            "--secret",
            &secret,
            "--log",
            files[0],
            "--journal",
            files[1],
            "--summary",
            files[2],
        ];
        let ran = voxrun(&dir, &words.map(str::to_owned), "");
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stderr.contains("failed with ******"), "{}", ran.stderr);
        let mut outputs = vec![ran.stdout, ran.stderr];
        outputs.extend(files.map(|file| std::fs::read_to_string(dir.join(file)).expect("written")));
        for text in outputs {
            for part in ["BEGIN TEST", "QUJD", "0123456789", "END TEST"] {
                assert!(!text.contains(part), "{name}: {text}");
            }
        }
    }
}

#[test]
fn a_short_secret_is_warned_about_without_being_said() {
    let (ran, _dir) = run("short", &["--secret", "KEY=4711"], "");
    assert!(ran.stderr.contains("warning: the secret KEY is too short"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("4711"), "{}", ran.stderr);
}

#[test]
fn one_output_takes_standard_output_alone() {
    let (ran, _dir) = run("summary", &["--summary", "-"], "");
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).expect("nothing but the summary");
    assert_eq!(summary["finish_reason"], "Normal termination");
    let (ran, _dir) = run("quiet", &["--quiet"], "");
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
}

#[test]
fn digests_are_those_of_the_files() {
    use sha2::{Digest, Sha256};
    let (ran, dir) =
        run("digests", &["--summary", "s.json", "--journal", "j.jsonl", "--record", "r.wav"], "");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let read = |name: &str| std::fs::read(dir.join(name)).expect("written");
    let hex =
        |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let summary: serde_json::Value = serde_json::from_slice(&read("s.json")).expect("JSON");
    assert_eq!(summary["journal_sha256"], hex(&read("j.jsonl")));
    let wav = read("r.wav");
    assert_eq!((&wav[..4], &wav[22..28]), (&b"RIFF"[..], &[2, 0, 0x40, 0x1f, 0, 0][..]), "stereo, 8000 Hz");
    assert_eq!(summary["audio_sha256"], hex(&wav[44..]));
    assert!(wav[44..].iter().any(|byte| *byte != 0), "the caller's words are in the sound");
}

#[test]
fn the_platforms_log_has_a_stamp_before_every_line() {
    let (_, dir) = run("log", &["--log", "log.txt", "--epoch", "2030-02-03T04:05:06Z"], "");
    let log = std::fs::read_to_string(dir.join("log.txt")).expect("written");
    assert!(log.starts_with("2030-02-03 04:05:06.000 Loading scenario scenario\n"), "{log}");
    assert!(log.lines().all(|line| line.starts_with("2030-02-03 04:05:")), "{log}");
    assert!(log.contains(" Executing JS command: AcceptCall with params [{"), "{log}");
    assert!(log.ends_with(" Session terminated\n"), "{log}");
}

#[test]
fn strict_fails_a_run_that_relied_on_a_guess_and_names_it() {
    let scenario = root().join("scenarios/voxeengine-openai-half-cascade-inworld.js");
    let args =
        ["run".to_owned(), scenario.display().to_string(), "--strict".to_owned(), "--quiet".to_owned()];
    let ran = voxrun(&PathBuf::from("."), &args, "");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("error: --strict"), "{}", ran.stderr);
    assert!(ran.stderr.contains("  F-0"), "{}", ran.stderr);
}

#[test]
fn typed_lines_are_the_callers_words_and_their_end_hangs_up() {
    let (ran, _dir) = run("chat", &["--chat"], "Hi\n");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("caller     \"Hi\""), "{}", ran.stdout);
    assert!(ran.stdout.contains("caller     hangs up"), "{}", ran.stdout);
}

#[test]
fn a_paced_run_takes_its_time() {
    let (ran, dir) = run("paced", &["--realtime", "--hangup-after", "300ms", "--summary", "s.json"], "");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = std::fs::read_to_string(dir.join("s.json")).expect("written");
    let summary: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(summary["mode"], "realtime");
    assert!(summary["wall_ms"].as_u64().is_some_and(|ms| ms >= 300), "{text}");
}

#[test]
fn what_a_scenario_stores_outlives_the_run_when_a_file_is_named() {
    let dir = fresh_folder("outputs-storage");
    let scenario = r#"
require(Modules.ApplicationStorage);
VoxEngine.addEventListener(AppEvents.Started, async () => {
    const stored = await ApplicationStorage.get("runs");
    const runs = Number(stored?.value ?? 0) + 1;
    await ApplicationStorage.put("runs", String(runs), 86400);
    Logger.write(`run ${runs}`);
    VoxEngine.terminate();
});
"#;
    std::fs::write(dir.join("scenario.js"), scenario).expect("writable");
    let args = ["run", "scenario.js", "--api-start"].map(str::to_owned);
    for expected in ["run 1", "run 1"] {
        let ran = voxrun(&dir, &args, "");
        assert!(ran.stdout.contains(expected), "without a file it is forgotten: {}", ran.stdout);
    }
    std::fs::write(dir.join("voxrun.toml"), "[storage]\nfile = \"app.redb\"\n").expect("writable");
    for expected in ["run 1", "run 2", "run 3"] {
        let ran = voxrun(&dir, &args, "");
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stdout.contains(expected), "{}", ran.stdout);
    }
    std::fs::write(dir.join("app.redb"), "a letter").expect("writable");
    let ran = voxrun(&dir, &args, "");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("app.redb: cannot be used"), "{}", ran.stderr);
}

//! The program as its users meet it: processes, sockets, signals and files. What can be tried inside one process is tried
//! there; here is what needs two, or the operating system.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_voxrun");
const INWORLD: &str = include_str!("../../scenarios/voxeengine-openai-half-cascade-inworld.js");
const CARTESIA: &str = include_str!("../../scenarios/voxeengine-openai-half-cascade-cartesia.js");

/// Says its keys in every way that a log can be made to say them, and lets the provider say them too.
const TELLTALE: &str = r#"
require(Modules.OpenAI);
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  call.answer();
  const key = VoxEngine.getSecretValue('PRIVATE');
  const hex = Array.from(unescape(encodeURIComponent(key)), (c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  Logger.write(`plain ${key}`);
  Logger.write(JSON.stringify({ key, nested: JSON.stringify({ key }) }));
  Logger.write(encodeURIComponent(key));
  Logger.write(hex + ' ' + hex.toUpperCase());
  const client = await OpenAI.createRealtimeAPIClient({ apiKey: key, model: 'gpt-realtime' });
  client.addEventListener(OpenAI.RealtimeAPIEvents.Error, (event) => Logger.write(`error ${JSON.stringify(event.data)}`));
  client.addEventListener(OpenAI.RealtimeAPIEvents.SessionCreated, () => {
    client.sessionUpdate({ session: { type: 'realtime', instructions: `The key is ${key}.` } });
    client.conversationItemCreate({ item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: key }] } });
    client.responseCreate({ response: { metadata: { note: key }, instructions: key } });
    setTimeout(() => { throw new Error(`the key was ${key}`); }, 400);
  });
});
"#;

/// An empty folder with a configuration that leads to `address`.
fn folder(name: &str, address: &str, more: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("process-{name}"));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("a folder");
    let providers: String = ["openai", "inworld", "cartesia"]
        .map(|name| format!("[providers.{name}]\nbase_url = \"{address}\"\n"))
        .concat();
    let secrets = ["OPENAI", "INWORLD", "CARTESIA"]
        .map(|name| format!("{name}_API_KEY = \"key-for-everything\"\n"))
        .concat();
    write(&dir, "voxrun.toml", &format!("{providers}[secrets]\n{secrets}{more}"));
    write(&dir, "inworld.js", INWORLD);
    write(&dir, "cartesia.js", CARTESIA);
    write(&dir, "telltale.js", TELLTALE);
    dir
}

fn write(dir: &Path, name: &str, text: &str) {
    std::fs::write(dir.join(name), text).expect("writable");
}

fn read(dir: &Path, name: &str) -> Vec<u8> {
    std::fs::read(dir.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn json(dir: &Path, name: &str) -> Value {
    serde_json::from_slice(&read(dir, name)).expect("JSON")
}

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.current_dir(dir).args(args).env_clear();
    command
}

fn voxrun(dir: &Path, args: &[&str]) -> Output {
    command(dir, args).output().expect("the built program")
}

/// `voxrun emulate` in a process of its own, ended with the value.
struct Emulators {
    process: Child,
    address: String,
    dir: PathBuf,
}

impl Emulators {
    fn start(name: &str, args: &[&str]) -> Emulators {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("process-emulate-{name}"));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a folder");
        let fixed = ["emulate", "--listen", "127.0.0.1:0", "--quiet"];
        let args: Vec<&str> = fixed.iter().chain(args).copied().collect();
        let mut process = command(&dir, &args).stdout(Stdio::piped()).spawn().expect("the built program");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on ").expect("its address").to_owned();
        Emulators { process, address, dir }
    }

    /// The lines of a configuration that trust its certificate.
    fn trust(&self) -> String {
        format!("[tls]\nca_file = \"{}\"\n", self.dir.join("voxrun-ca.pem").display())
    }
}

impl Drop for Emulators {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A live run that is under way.
fn start(dir: &Path, args: &[&str]) -> Child {
    command(dir, args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the built program")
}

fn signal(process: &Child, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), process.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

fn wait(time: Duration) {
    #[expect(clippy::disallowed_methods, reason = "a process is waited for")]
    std::thread::sleep(time);
}

fn words(summary: &Value) -> Vec<(String, String)> {
    let text = |said: &Value, key: &str| said[key].as_str().unwrap_or_default().to_owned();
    let said = summary["conversation"].as_array().expect("a conversation");
    said.iter().map(|said| (text(said, "who"), text(said, "text"))).collect()
}

fn succeeded(output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn a_live_call_over_tls_is_the_offline_one_and_its_cassette_plays_it_again() {
    let emulators = Emulators::start("tls", &["--tls"]);
    std::thread::scope(|scope| {
        for name in ["inworld", "cartesia"] {
            let dir = folder(name, &format!("wss://{}", emulators.address), &emulators.trust());
            scope.spawn(move || live_recorded_replayed(&dir, &format!("{name}.js")));
        }
    });
}

fn live_recorded_replayed(dir: &Path, scenario: &str) {
    let live =
        ["run", scenario, "--live", "--summary", "live.json", "--cassette", "tape", "--record", "live.wav"];
    succeeded(&voxrun(dir, &live));
    succeeded(&voxrun(dir, &["run", scenario, "--summary", "offline.json"]));
    let (live, offline) = (json(dir, "live.json"), json(dir, "offline.json"));
    assert_eq!(words(&live), words(&offline));
    assert!(words(&live).len() >= 3, "{live}");
    assert_eq!((&live["mode"], &live["finish_reason"]), (&Value::from("live"), &offline["finish_reason"]));

    for number in ["1", "2"] {
        let [journal, sound] = ["journal", "sound"].map(|kind| format!("{kind}-{number}"));
        let replay = ["run", scenario, "--replay", "tape", "--journal", &journal, "--record", &sound];
        succeeded(&voxrun(dir, &replay));
    }
    assert_eq!(read(dir, "journal-1"), read(dir, "journal-2"));
    assert_eq!(read(dir, "sound-1"), read(dir, "sound-2"));

    let text = std::fs::read_to_string(dir.join(scenario)).expect("readable");
    write(dir, "same.js", &format!("Logger.write('a change that no provider sees');\n{text}"));
    succeeded(&voxrun(dir, &["run", "same.js", "--replay", "tape"]));
    let other = text.replacen("a helpful phone", "another phone", 1);
    assert_ne!(text, other);
    write(dir, "other.js", &other);
    let output = voxrun(dir, &["run", "other.js", "--replay", "tape"]);
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("session.update") && told.contains("instructions"), "{told}");
}

#[test]
fn ctrl_c_ends_the_calls_in_order_and_writes_everything() {
    let emulators = Emulators::start("ctrl-c", &[]);
    let dir = folder("ctrl-c", &format!("ws://{}", emulators.address), "");
    let outputs = ["--summary", "s.json", "--journal", "j.jsonl", "--record", "r.wav", "--cassette", "tape"];
    let args: Vec<&str> =
        ["run", "inworld.js", "--live", "--hangup-after", "60s"].into_iter().chain(outputs).collect();
    let run = start(&dir, &args);
    wait(Duration::from_millis(2_500));
    signal(&run, "INT");
    let output = run.wait_with_output().expect("ended");
    succeeded(&output);
    let summary = json(&dir, "s.json");
    assert_eq!(summary["finish_reason"], "Terminated administratively", "{summary}");
    let journal = String::from_utf8(read(&dir, "j.jsonl")).expect("UTF-8");
    let order = ["Call.Disconnected", "Application.Terminating", "Application.Terminated"];
    let places = order.map(|name| journal.find(name).unwrap_or_else(|| panic!("no {name}")));
    assert!(places.is_sorted(), "{places:?}");
    assert!(read(&dir, "r.wav").len() > 2 * 2 * 8_000, "more than a second of sound");
    succeeded(&voxrun(&dir, &["run", "inworld.js", "--replay", "tape"]));
}

#[test]
fn ctrl_c_ends_a_paced_offline_run_too() {
    let dir = folder("paced", "wss://127.0.0.1:1", "");
    let run =
        start(&dir, &["run", "inworld.js", "--realtime", "--hangup-after", "60s", "--summary", "s.json"]);
    wait(Duration::from_millis(1_500));
    signal(&run, "INT");
    succeeded(&run.wait_with_output().expect("ended"));
    let summary = json(&dir, "s.json");
    assert_eq!(summary["finish_reason"], "Terminated administratively", "{summary}");
    assert!(summary["virtual_ms"].as_u64().is_some_and(|ms| (1_000..3_000).contains(&ms)), "{summary}");
}

#[test]
fn a_machine_that_stood_still_goes_on_with_the_call() {
    let emulators = Emulators::start("stopped", &[]);
    let dir = folder("stopped", &format!("ws://{}", emulators.address), "");
    let run =
        start(&dir, &["run", "inworld.js", "--live", "--summary", "s.json", "--say", "One", "--say", "Two"]);
    wait(Duration::from_millis(1_200));
    signal(&run, "STOP");
    wait(Duration::from_millis(3_000));
    signal(&run, "CONT");
    let output = run.wait_with_output().expect("ended");
    succeeded(&output);
    let summary = json(&dir, "s.json");
    assert_eq!(summary["finish_reason"], "Normal termination");
    let said = words(&summary);
    assert!(said.contains(&("caller".to_owned(), "Two".to_owned())), "{said:?}");
    assert_eq!(said.last().map(|(who, _)| who.as_str()), Some("agent"), "{said:?}");
}

#[test]
fn many_calls_have_a_summary_each() {
    let emulators = Emulators::start("many", &[]);
    let dir = folder("many", &format!("ws://{}", emulators.address), "");
    let args = ["run", "inworld.js", "--live", "--calls", "5", "--ramp", "500ms", "--hangup-after", "4s"];
    succeeded(&voxrun(&dir, &[&args[..], &["--summary", "s.json", "--quiet"]].concat()));
    let summary = json(&dir, "s.json");
    let runs = summary["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 5);
    for run in runs {
        assert_eq!(run["finish_reason"], "Normal termination", "{run}");
        assert!(words(run).iter().any(|(who, _)| who == "agent"), "{run}");
    }
    assert_eq!(summary["calls"].as_array().map(Vec::len), Some(5));
}

/// What may not stand anywhere: the value in each of its writings, and any piece of its base64 that is long enough to be
/// one.
fn writings(secret: &str) -> Vec<Vec<u8>> {
    let json = |text: &str| {
        let quoted = Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = secret
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => (byte as char).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let mut all =
        vec![secret.to_owned(), json(secret), json(&json(secret)), hex.to_uppercase(), hex, percent];
    for before in ["", "x", "xy"] {
        for alphabet in [STANDARD, URL_SAFE] {
            let text = alphabet.encode(format!("{before}{secret}"));
            all.push(text[4..text.len() - 4].to_owned());
        }
    }
    all.into_iter().map(String::into_bytes).collect()
}

/// A secret of this number: letters, signs that need escapes, and such that do not fit into a byte.
fn secret(number: u64) -> String {
    let alphabet: Vec<char> =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789\"\\/+=&%<> \u{e9}\u{1f511}'$"
            .chars()
            .collect();
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let length = 12 + next() % 40;
    (0..length).map(|_| alphabet[next() % alphabet.len()]).collect()
}

#[test]
fn no_secret_is_in_any_output_of_a_live_run() {
    let emulators = Emulators::start("secrets", &[]);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let address = &emulators.address;
            scope.spawn(move || {
                let secret = secret(number);
                let dir = folder(&format!("secret-{number}"), &format!("ws://{address}"), "");
                let files = ["log.txt", "journal.jsonl", "summary.json", "tape", "sound.wav"];
                let flags = ["--log", "--journal", "--summary", "--cassette", "--record"];
                let given = format!("PRIVATE={secret}");
                let mut args = vec!["run", "telltale.js", "--live", "--secret", &given];
                args.extend(flags.iter().zip(files).flat_map(|(flag, file)| [*flag, file]));
                let output = voxrun(&dir, &args);
                let replay = [
                    "run",
                    "telltale.js",
                    "--replay",
                    "tape",
                    "--secret",
                    &given,
                    "--journal",
                    "replay.jsonl",
                ];
                let replayed = voxrun(&dir, &replay);
                let mut outputs: Vec<(String, Vec<u8>)> =
                    files.iter().map(|file| ((*file).to_owned(), read(&dir, file))).collect();
                outputs.push(("replay.jsonl".to_owned(), read(&dir, "replay.jsonl")));
                for (name, output) in [("run", output), ("replay", replayed)] {
                    assert_eq!(output.status.code(), Some(1), "the scenario throws");
                    outputs.push((format!("stdout of {name}"), output.stdout));
                    outputs.push((format!("stderr of {name}"), output.stderr));
                }
                let told = String::from_utf8_lossy(&outputs[outputs.len() - 1].1);
                assert!(!told.contains("diverged"), "what was hidden is no difference: {told}");
                let hidden = outputs.iter().filter(|(_, bytes)| contains(bytes, b"******")).count();
                assert!(hidden >= 6, "it would have been there: {hidden} of {}", outputs.len());
                // A packed cassette shows nothing by itself.
                let tape = outputs.iter_mut().find(|(name, _)| name == "tape").expect("the cassette");
                tape.1 = unpacked(&tape.1);
                for writing in writings(&secret) {
                    for (name, bytes) in &outputs {
                        let shown = String::from_utf8_lossy(&writing);
                        assert!(!contains(bytes, &writing), "{name} says {shown}, a writing of {secret:?}");
                    }
                }
            });
        }
    });
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut text).expect("gzip");
    text
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

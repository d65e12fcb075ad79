//! What live calls cost: `voxrun run --live` with its simulated callers, and `voxrun emulate`, as two processes of this
//! machine. Prints the share of a core and the memory of one call, and how late the ticks were.
//! `cargo bench --profile dev -p voxrun --bench calls [CALLS] [SECONDS]`. Loopback only, Linux only (it reads `/proc`).

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark waits")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

const SCENARIO: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/voxeengine-openai-half-cascade-inworld.js");

/// The time over which the calls begin.
const RAMP_S: u64 = 4;

/// What a run came to.
struct Run {
    calls: u64,
    /// Seconds of all calls together.
    call_seconds: f64,
    busy_s: f64,
    memory_mb: f64,
    late: Value,
    heard: usize,
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<u64>().ok());
    let calls = numbers.next().unwrap_or(200);
    let seconds = numbers.next().unwrap_or(30);
    let dir = std::env::temp_dir().join(format!("voxrun-calls-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    let (mut server, address) = start_server();
    let few = run(&dir, &address, (calls / 4).max(1), seconds);
    let many = run(&dir, &address, calls, seconds);
    let _ = server.kill();
    let _ = server.wait();
    let _ = std::fs::remove_dir_all(&dir);
    for run in [&few, &many] {
        println!(
            "{} calls: {:.3} % of a core a call  mark 0.20 %; ticks late by at most {} ms (p50), {} ms (p99), {} ms (p99.9)  \
             mark 20 ms; {} utterances of the agent heard",
            run.calls,
            run.busy_s / run.call_seconds * 100.0,
            run.late["p50"],
            run.late["p99"],
            run.late["p999"],
            run.heard,
        );
    }
    let slope = (many.memory_mb - few.memory_mb) / (many.calls - few.calls).max(1) as f64;
    println!(
        "memory: {slope:.2} MB for each further call ({:.0} MB with {})  mark 1.0 MB",
        many.memory_mb, many.calls
    );
}

fn start_server() -> (Child, String) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_voxrun"))
        .args(["emulate", "--listen", "127.0.0.1:0", "--quiet"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the built program");
    let mut first = String::new();
    let stdout = server.stdout.take().expect("piped");
    BufReader::new(stdout).read_line(&mut first).expect("a line");
    (server, first.trim().strip_prefix("listening on ").expect("its address").to_owned())
}

fn run(dir: &Path, address: &str, calls: u64, seconds: u64) -> Run {
    let config: String = ["openai", "inworld"]
        .map(|name| format!("[providers.{name}]\nbase_url = \"ws://{address}\"\n"))
        .concat();
    let secrets =
        "[secrets]\nOPENAI_API_KEY = \"key-of-the-bench\"\nINWORLD_API_KEY = \"key-of-the-bench\"\n";
    let summary: PathBuf = dir.join("summary.json");
    std::fs::write(dir.join("voxrun.toml"), config + secrets).expect("a file");
    let mut program = Command::new(env!("CARGO_BIN_EXE_voxrun"))
        .current_dir(dir)
        .args([
            "run",
            SCENARIO,
            "--live",
            "--quiet",
            "--calls",
            &calls.to_string(),
            "--ramp",
            &format!("{RAMP_S}s"),
        ])
        .args([
            "--say",
            "Good morning, when are you open tomorrow?",
            "--say",
            "And can I park in front of the house?",
        ])
        .args(["--hangup-after", &format!("{seconds}s"), "--summary"])
        .arg(&summary)
        .spawn()
        .expect("the built program");
    // Every call is up, and none has ended yet.
    std::thread::sleep(Duration::from_secs(seconds - 1));
    let (busy_s, memory_mb) = (busy_s(program.id()), resident_mb(program.id()));
    let status = program.wait().expect("ended");
    assert!(status.success(), "the run failed");
    let text = std::fs::read_to_string(&summary).expect("a summary");
    let told: Value = serde_json::from_str(&text).expect("JSON");
    let said = told["conversation"].as_array().map_or(&[] as &[Value], Vec::as_slice);
    let heard = said.iter().filter(|said| said["who"] == "agent").count();
    assert!(heard as u64 >= calls * 2, "the agents were heard: {heard}");
    // A call is on average half of the ramp younger than the run.
    let call_seconds = calls as f64 * (seconds as f64 - 1.0 - RAMP_S as f64 / 2.0);
    Run { calls, call_seconds, busy_s, memory_mb, late: told["late_ms"].clone(), heard }
}

/// Processor seconds of a process so far. Linux counts them in hundredths.
fn busy_s(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 =
        after.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<f64>().ok()).sum();
    ticks / 100.0
}

fn resident_mb(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kb = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<f64>().ok());
    kb.unwrap_or(f64::NAN) / 1024.0
}

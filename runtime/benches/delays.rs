//! What voxrun adds to the time of a live call: from the caller's frame to the provider's socket, from the provider's
//! chunk to the caller's frame, from a command to clear to silence, and from the call of
//! `OpenAI.createRealtimeAPIClient` to SessionCreated, beside a client that does nothing else.
//! `cargo bench --profile dev -p voxrun --bench delays [CALLS]`. The provider is a thread of this process that looks at
//! the clock when a pulse of sound comes or goes; pulses fall at all places between two ticks. Loopback only.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and waits")]

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::{Message, WebSocket, accept_hdr, client};
use voxrun::drive::live::{Ending, LiveResult, LiveSetup, run};
use voxrun::drive::tls::Trust;
use voxrun::journal::{Entry, EntryKind};
use voxrun::room::SessionResult;
use voxrun::session::ProviderSettings;
use voxrun::simulate::{CallerPlan, Recording, Step, WorldSetup};
use voxrun_bindings::contract::ScenarioFile;

/// Answers, sends sound both ways, and silences the agent when the caller is said to speak. The number that calls is the
/// name of the model, so that the provider knows whose connection it has.
const SCENARIO: &str = "
require(Modules.OpenAI);
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call }) => {
  call.answer();
  call.addEventListener(CallEvents.Disconnected, VoxEngine.terminate);
  const client = await OpenAI.createRealtimeAPIClient({ apiKey: 'key-of-the-bench', model: call.callerid() });
  client.addEventListener(OpenAI.RealtimeAPIEvents.SessionCreated, () => {});
  client.addEventListener(OpenAI.RealtimeAPIEvents.InputAudioBufferSpeechStarted, () => client.clearMediaBuffer());
  VoxEngine.sendMediaBetween(call, client);
});";

/// Pulses each way in a call.
const PULSES: u32 = 24;
/// From one pulse of the caller to the next.
const CALLER_EVERY_MS: usize = 300;
/// How long the agent's long sound is, and how much of it is heard before it is cleared, at least.
const LONG_MS: usize = 3_000;
const CLEARED_AFTER_MS: u64 = 700;
/// A sample louder than this belongs to a pulse.
const LOUD: i16 = 3_000;
/// Samples a millisecond on the provider's wire and on the phone's line.
const WIRE_PER_MS: usize = 24;
const LINE_PER_MS: usize = 8;

/// What the provider saw on one connection.
#[derive(Debug, Default, Clone)]
struct Seen {
    /// When a pulse of the caller came.
    came: Vec<Instant>,
    /// When a pulse of the agent went.
    went: Vec<Instant>,
}

type Log = Arc<Mutex<BTreeMap<String, Seen>>>;

fn main() {
    let calls: usize = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(60);
    let log = Log::default();
    let address = serve(&log);
    let socket_us = plain_clients(address, 200);
    let began = Instant::now();
    let result = run(&setup(address, calls), &Ending::default(), |_| true, &mut |_| ()).expect("a run");
    let log = log.lock().expect("the provider's log");
    let mut to_provider = Vec::new();
    let mut to_caller = Vec::new();
    for session in &result.run.sessions {
        assert!(session.report.error.is_none(), "{:?}", session.report.error);
        let caller = number(session.number as usize - 1);
        let seen = log.get(&caller).expect("its connection");
        let started = began + Duration::from_millis(session.started_ms);
        to_provider.extend(delays_to_provider(session, started, seen));
        to_caller.extend(delays_to_caller(session, started, seen));
    }
    println!("{calls} calls side by side, {PULSES} pulses each way in each");
    let late_ms = result.punctuality.quantile_ms(0.99);
    show("caller's frame to the provider's socket", &mut to_provider, "10 ms and 25 ms");
    show("provider's chunk to the caller's frame", &mut to_caller, "10 ms and 25 ms");
    println!("{:<44} at most {late_ms} ms late (p99), not counted in the line above", "  ticks");
    show("clear to silence", &mut silences(&result), "one frame");
    let mut created = created(&result);
    show("createRealtimeAPIClient to SessionCreated", &mut created, "2 ms over the socket");
    let mut sockets = socket_us.clone();
    show("  a bare client's first message", &mut sockets, "");
    println!(
        "{:<44} {:.2} ms  mark 2 ms",
        "  added (p50)",
        quantile(&created, 0.5) - quantile(&sockets, 0.5)
    );
}

fn number(index: usize) -> String {
    (15_550_000_000_u64 + index as u64).to_string()
}

fn setup(address: SocketAddr, calls: usize) -> LiveSetup {
    let tone = pulse(LINE_PER_MS * 20, 8_000.0);
    let mut samples = vec![0_i16; PULSES as usize * CALLER_EVERY_MS * LINE_PER_MS];
    for number in 0..PULSES as usize {
        let at = number * CALLER_EVERY_MS * LINE_PER_MS;
        samples[at..at + tone.len()].copy_from_slice(&tone);
    }
    let recording =
        Recording { samples: samples.into(), rate_hz: 8_000, transcript: Some("pulses".to_owned()) };
    let plan = |index| CallerPlan {
        from: number(index),
        steps: vec![Step::Wav(recording.clone())],
        hangup_after_ms: Some(u64::from(PULSES) * 420 + LONG_MS as u64 + 1_500),
        stays: true,
        greeting_patience_ms: 200,
        ..CallerPlan::silent()
    };
    let settings =
        ProviderSettings { base_url: Some(format!("ws://{address}")), ..ProviderSettings::default() };
    let world = WorldSetup {
        scenarios: vec![ScenarioFile::new("scenario.js", SCENARIO)],
        callers: (0..calls).map(plan).collect(),
        caller_gap_ms: 50,
        providers: [("openai".to_owned(), settings)].into(),
        ..WorldSetup::default()
    };
    LiveSetup { world, trust: Trust::default(), taped: false }
}

/// A tone of this many samples.
fn pulse(samples: usize, rate_hz: f64) -> Vec<i16> {
    let angle = |at: usize| (at as f64) * 1_000.0 * std::f64::consts::TAU / rate_hz;
    (0..samples).map(|at| (angle(at).cos() * 12_000.0) as i16).collect()
}

/// A provider that greets at once, notes the caller's pulses and sends its own.
fn serve(log: &Log) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let log = Arc::clone(&log);
            std::thread::spawn(move || {
                let _ = stream.set_nodelay(true);
                let mut caller = String::new();
                #[expect(clippy::result_large_err, reason = "the signature is the library's")]
                let note = |request: &Request, response: Response| {
                    let query = request.uri().query().unwrap_or_default();
                    caller = query.strip_prefix("model=").unwrap_or_default().to_owned();
                    Ok(response)
                };
                let Ok(socket) = accept_hdr(stream, note) else { return };
                talk(socket, &caller, &log);
            });
        }
    });
    address
}

fn say(socket: &mut WebSocket<TcpStream>, event: &Value) {
    let _ = socket.send(Message::Text(event.to_string().into()));
}

/// One connection: pulses at their times, then the long sound, which the caller interrupts.
fn talk(mut socket: WebSocket<TcpStream>, caller: &str, log: &Log) {
    let session = json!({ "type": "realtime", "object": "realtime.session", "id": "s" });
    say(&mut socket, &json!({ "type": "session.created", "event_id": "e0", "session": session }));
    let delta = |samples: &[i16]| {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        json!({ "type": "response.output_audio.delta", "event_id": "e", "response_id": "r", "item_id": "i",
            "output_index": 0, "content_index": 0, "delta": STANDARD.encode(bytes) })
    };
    let short = delta(&pulse(WIRE_PER_MS * 20, 24_000.0));
    let long = delta(&pulse(WIRE_PER_MS * LONG_MS, 24_000.0));
    let began = Instant::now();
    // Steps of the golden ratio fall evenly between two ticks, in every order.
    let pulse_at = |number: u32| {
        let phase = (f64::from(number) * 0.618_034).fract() * 20.0;
        began + Duration::from_millis(500 + u64::from(number) * 400) + Duration::from_secs_f64(phase / 1e3)
    };
    let long_at = pulse_at(PULSES);
    let clear_at = long_at + Duration::from_millis(CLEARED_AFTER_MS);
    let mut seen = Seen::default();
    let (mut heard_loud, mut sent_long, mut cleared) = (false, false, false);
    let _ = socket.get_ref().set_nonblocking(true);
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => {
                let now = Instant::now();
                let loud = is_loud(&text);
                if loud && !heard_loud {
                    seen.came.push(now);
                }
                heard_loud = loud;
                continue;
            }
            Ok(Message::Close(_)) => break,
            Ok(_) => continue,
            Err(tokio_tungstenite::tungstenite::Error::Io(error))
                if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
        let now = Instant::now();
        let number = u32::try_from(seen.went.len()).unwrap_or(u32::MAX);
        if number < PULSES && now >= pulse_at(number) {
            seen.went.push(Instant::now());
            say(&mut socket, &short);
        } else if now >= long_at && !sent_long {
            sent_long = true;
            say(&mut socket, &long);
        } else if now >= clear_at && !cleared {
            cleared = true;
            let item = json!({ "type": "input_audio_buffer.speech_started", "event_id": "e",
                "audio_start_ms": 0, "item_id": "i" });
            say(&mut socket, &item);
        }
        std::thread::sleep(Duration::from_micros(300));
    }
    let _ = socket.get_ref().set_nonblocking(false);
    let _ = socket.flush();
    log.lock().expect("the log").insert(caller.to_owned(), seen);
}

/// Whether a message of the client carries loud sound.
fn is_loud(text: &str) -> bool {
    let Ok(event) = serde_json::from_str::<Value>(text) else { return false };
    let Some(audio) = event["audio"].as_str() else { return false };
    let bytes = STANDARD.decode(audio).unwrap_or_default();
    bytes.chunks_exact(2).any(|pair| i16::from_le_bytes([pair[0], pair[1]]).abs() > LOUD)
}

/// Milliseconds from the end of the caller's frame until it was at the provider.
fn delays_to_provider(session: &SessionResult, started: Instant, seen: &Seen) -> Vec<f64> {
    let said = session.conversation.iter().find(|said| said.text == "pulses").expect("the recording");
    assert_eq!(seen.came.len(), PULSES as usize, "every pulse of the caller came");
    let due =
        |index: usize| started + Duration::from_millis(said.start_ms + (index * CALLER_EVERY_MS) as u64 + 20);
    seen.came.iter().enumerate().map(|(index, came)| ms_between(due(index), *came)).collect()
}

/// Milliseconds from a chunk at the provider until the frame of the caller's line that begins with it.
fn delays_to_caller(session: &SessionResult, started: Instant, seen: &Seen) -> Vec<f64> {
    let heard = onsets(session);
    assert_eq!(seen.went.len(), PULSES as usize);
    assert_eq!(heard.len(), PULSES as usize + 1, "every pulse of the agent, and the long sound");
    let at = |ms: f64| started + Duration::from_secs_f64(ms / 1e3);
    seen.went.iter().zip(heard).map(|(went, ms)| ms_between(*went, at(ms))).collect()
}

fn ms_between(from: Instant, to: Instant) -> f64 {
    match to.checked_duration_since(from) {
        Some(later) => later.as_secs_f64() * 1e3,
        None => -(from - to).as_secs_f64() * 1e3,
    }
}

/// What the caller heard: the right channel.
fn heard(session: &SessionResult) -> Vec<i16> {
    let audio = session.audio.as_ref().expect("the sound of the call");
    assert_eq!(audio.rate_hz as usize, LINE_PER_MS * 1000);
    audio.samples.iter().skip(1).step_by(2).copied().collect()
}

/// Where sound begins after silence, in milliseconds of the call: the frame that carries it.
fn onsets(session: &SessionResult) -> Vec<f64> {
    let samples = heard(session);
    let frames = samples.chunks(LINE_PER_MS * 20).map(|frame| frame.iter().any(|sample| sample.abs() > LOUD));
    let mut onsets = Vec::new();
    let mut loud = false;
    for (number, now) in frames.enumerate() {
        if now && !loud {
            onsets.push(number as f64 * 20.0);
        }
        loud = now;
    }
    onsets
}

/// Milliseconds from each command to clear until the last sound before silence.
fn silences(result: &LiveResult) -> Vec<f64> {
    let cleared = |number: u32| {
        let mut entries = result.run.entries.iter().filter(|entry| entry.session == number);
        entries.find(|entry| entry.kind == EntryKind::Media && entry.name == "playout_cleared").map(entry_ms)
    };
    let silence = |session: &SessionResult| {
        let samples = heard(session);
        let last = samples.iter().rposition(|sample| sample.abs() > LOUD / 4).expect("sound");
        (last + 1) as f64 / LINE_PER_MS as f64 - cleared(session.number).expect("a clear")
    };
    result.run.sessions.iter().map(silence).collect()
}

/// Milliseconds from the command to open, which connects at once, until SessionCreated.
fn created(result: &LiveResult) -> Vec<f64> {
    let of = |number: u32| {
        let entries: Vec<&Entry> =
            result.run.entries.iter().filter(|entry| entry.session == number).collect();
        let asked = entries.iter().find(|entry| entry.kind == EntryKind::WireOut && entry.name == "connect");
        let told = entries
            .iter()
            .find(|entry| entry.kind == EntryKind::Event && entry.name.ends_with("SessionCreated"));
        entry_ms(told.expect("created")) - entry_ms(asked.expect("asked"))
    };
    result.run.sessions.iter().map(|session| of(session.number)).collect()
}

fn entry_ms(entry: &Entry) -> f64 {
    entry.t_us as f64 / 1e3
}

/// How long clients that do nothing else take from connecting to the first message.
fn plain_clients(address: SocketAddr, count: usize) -> Vec<f64> {
    let one = || {
        let start = Instant::now();
        let stream = TcpStream::connect(address).expect("a connection");
        let _ = stream.set_nodelay(true);
        let (mut socket, _) =
            client(format!("ws://{address}/v1/realtime?model=nobody"), stream).expect("an upgrade");
        let _first = socket.read().expect("session.created");
        let took = start.elapsed().as_secs_f64() * 1e3;
        let _ = socket.close(None);
        took
    };
    (0..count).map(|_| one()).collect()
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len() as f64 * share).ceil() as usize;
    sorted[at.clamp(1, sorted.len()) - 1]
}

fn show(what: &str, delays_ms: &mut [f64], mark: &str) {
    delays_ms.sort_by(f64::total_cmp);
    let mark = if mark.is_empty() { String::new() } else { format!("  mark {mark}") };
    println!(
        "{what:<44} {:.1} ms (p50), {:.1} ms (p99), {:.1} ms (most){mark}",
        quantile(delays_ms, 0.5),
        quantile(delays_ms, 0.99),
        quantile(delays_ms, 1.0)
    );
}

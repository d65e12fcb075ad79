//! What the wires of the providers cost: a whole text turn through OpenAI's connector and emulator, and 20 ms of sound on
//! either end of each provider. `cargo bench --profile dev -p voxrun --bench wires`; the best of several runs, beside its
//! mark. No engine, no session and no network takes part.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use voxrun_audio::{Frame, Rate, speak};
use voxrun_bindings::contract::Datum;
use voxrun_bindings::contract::Time;
use voxrun_bindings::wire::{
    Emulator, EmulatorSetup, FromEmulator, FromUnit, Kind, ToEmulator, ToUnit, Unit, UnitSetup, WireFrame,
};

/// Frames in one measurement: two seconds.
const FRAMES: u32 = 100;

/// The two ends of one provider's wire, on a clock that jumps.
struct Wire {
    connector: Box<dyn Unit>,
    emulator: Box<dyn Emulator>,
    now: Time,
    events: Vec<String>,
    samples: usize,
    sent: Vec<WireFrame>,
    received: Vec<WireFrame>,
}

impl Wire {
    /// A connection that stands.
    fn open(kind: &Kind, params: &[Value]) -> Wire {
        let setup = UnitSetup { fallback_key: Some("key".to_owned()), ..UnitSetup::default() };
        let remote = kind.remote.expect("a provider");
        let mut wire = Wire {
            connector: (kind.make)(setup),
            emulator: (remote.emulator)(EmulatorSetup::default()).expect("settings"),
            now: Time::ZERO,
            events: Vec::new(),
            samples: 0,
            sent: Vec::new(),
            received: Vec::new(),
        };
        wire.tell(ToUnit::Start { params: &Datum::all(params) });
        wire.run_for(50);
        wire
    }

    fn openai() -> Wire {
        let provider = voxrun_bindings::kind("openai").expect("openai");
        Wire::open(provider, &[json!({"apiKey": "key"})])
    }

    /// One input to the connector, and everything that follows at once.
    fn tell(&mut self, input: ToUnit<'_>) {
        self.connector.handle(self.now, input);
        self.settle();
    }

    fn settle(&mut self) {
        loop {
            let mut up = VecDeque::new();
            while let Some(word) = self.connector.poll() {
                match word {
                    FromUnit::Connect(endpoint) => {
                        self.emulator.handle(self.now, ToEmulator::Upgrade(&endpoint));
                    }
                    FromUnit::Send { frame, .. } => up.push_back(frame),
                    FromUnit::Raise { name, .. } => self.events.push(name),
                    FromUnit::Audio { samples, .. } => self.samples += samples.len(),
                    _ => {}
                }
            }
            for frame in up {
                self.emulator.handle(self.now, ToEmulator::Frame(&frame));
                self.sent.push(frame);
            }
            let mut moved = false;
            while let Some(word) = self.emulator.poll() {
                moved = true;
                match word {
                    FromEmulator::Accept => self.connector.handle(self.now, ToUnit::Opened),
                    FromEmulator::Send(frame) => {
                        self.connector.handle(self.now, ToUnit::Frame(&frame));
                        self.received.push(frame);
                    }
                    _ => {}
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Lets time pass.
    fn run_for(&mut self, ms: u64) {
        let end = self.now.plus_ms(ms);
        loop {
            let next = [self.emulator.deadline(), self.connector.deadline()].into_iter().flatten().min();
            let Some(at) = next.filter(|at| *at <= end) else { break };
            self.now = self.now.max(at);
            if self.emulator.deadline().is_some_and(|at| at <= self.now) {
                self.emulator.handle(self.now, ToEmulator::Deadline);
            }
            if self.connector.deadline().is_some_and(|at| at <= self.now) {
                self.connector.handle(self.now, ToUnit::Deadline);
            }
            self.settle();
        }
        self.now = end;
    }

    fn call(&mut self, method: &str, params: Value) {
        self.tell(ToUnit::Tell { method, params: &[params.into()] });
    }
}

fn best(runs: u32, mut run: impl FnMut() -> Duration) -> Duration {
    (0..runs).map(|_| run()).min().unwrap_or_default()
}

fn micros(took: Duration) -> f64 {
    took.as_secs_f64() * 1e6
}

const LINE: &str = "Our opening hours on weekdays are from nine in the morning to five in the afternoon, and on Saturday until two.";

fn text_turn() -> String {
    let took = best(20, || {
        let mut wire = Wire::openai();
        wire.call("sessionUpdate", json!({"session": {"type": "realtime", "output_modalities": ["text"]}}));
        let start = Instant::now();
        wire.call("responseCreate", json!({"response": {"instructions": LINE}}));
        wire.run_for(10_000);
        let took = start.elapsed();
        assert!(
            wire.events.iter().any(|name| name == "OpenAI.RealtimeAPI.ResponseDone"),
            "{:?}",
            wire.events
        );
        took
    });
    format!("{:.2} ms for {} words  mark 1 ms", took.as_secs_f64() * 1e3, LINE.split(' ').count())
}

/// Two seconds of a caller's speech.
fn speech() -> Vec<Frame> {
    let samples = speak("can you hear me well on this line", Rate::Hz24000);
    samples
        .chunks_exact(480)
        .take(FRAMES as usize)
        .map(|chunk| Frame::from_samples(Rate::Hz24000, chunk))
        .collect()
}

fn openai_sends() -> String {
    let frames = speech();
    let took = best(20, || {
        let mut wire = Wire::openai();
        let start = Instant::now();
        for frame in &frames {
            wire.connector.handle(wire.now, ToUnit::Audio(frame));
            while wire.connector.poll().is_some() {}
        }
        start.elapsed() / FRAMES
    });
    format!("{:.1} us  mark 15 us", micros(took))
}

/// The messages of a caller's frames.
fn appends(frames: &[Frame]) -> Vec<WireFrame> {
    let mut wire = Wire::openai();
    let mut messages = Vec::new();
    for frame in frames {
        wire.connector.handle(wire.now, ToUnit::Audio(frame));
        while let Some(word) = wire.connector.poll() {
            if let FromUnit::Send { frame, .. } = word {
                messages.push(frame);
            }
        }
    }
    messages
}

fn openai_hears(frames: &[Frame]) -> String {
    let messages = appends(frames);
    assert_eq!(messages.len(), FRAMES as usize);
    let took = best(20, || {
        let mut wire = Wire::openai();
        let start = Instant::now();
        for message in &messages {
            wire.emulator.handle(wire.now, ToEmulator::Frame(message));
            while wire.emulator.poll().is_some() {}
            wire.now = wire.now.plus_ms(20);
        }
        start.elapsed() / FRAMES
    });
    format!("{:.1} us  mark 15 us", micros(took))
}

/// How long a connector takes for 20 ms of the sound that it was sent, whose messages hold `key`.
fn plays(make: impl Fn() -> Wire, key: &str, rate_hz: usize) -> String {
    let mut whole = make();
    whole.run_for(20_000);
    let text = |frame: &WireFrame| match frame {
        WireFrame::Text(text) => text.to_string(),
        WireFrame::Binary(_) => String::new(),
    };
    let audio: Vec<WireFrame> =
        whole.received.iter().filter(|frame| text(frame).contains(key)).cloned().collect();
    assert!(!audio.is_empty(), "there is sound");
    let mut played = 0;
    let took = best(20, || {
        let mut wire = make();
        wire.samples = 0;
        let start = Instant::now();
        for message in &audio {
            wire.connector.handle(wire.now, ToUnit::Frame(message));
            while let Some(word) = wire.connector.poll() {
                if let FromUnit::Audio { samples, .. } = word {
                    wire.samples += samples.len();
                }
            }
        }
        let took = start.elapsed();
        played = wire.samples;
        took
    });
    assert!(played > rate_hz, "at least a second was played, not {played} samples");
    let frames = (played / (rate_hz / 50)) as f64;
    format!("{:.1} us ({} messages, {:.1} s)  mark 15 us", micros(took) / frames, audio.len(), frames / 50.0)
}

fn openai_speaking() -> Wire {
    let mut wire = Wire::openai();
    wire.call("sessionUpdate", json!({"session": {"type": "realtime"}}));
    wire.call("responseCreate", json!({"response": {"instructions": LINE}}));
    wire
}

fn inworld_speaking() -> Wire {
    let provider = voxrun_bindings::kind("inworld").expect("inworld");
    let create = json!({"create": {"voiceId": "Ashley", "modelId": "inworld-tts-1.5-mini"}});
    let mut wire = Wire::open(provider, &[json!({"createContextParameters": create})]);
    wire.call("send", json!({"send_text": {"text": LINE, "flush_context": {}}}));
    wire
}

fn cartesia_speaking() -> Wire {
    let provider = voxrun_bindings::kind("cartesia").expect("cartesia");
    let request =
        json!({"model_id": "sonic-3", "voice": {"mode": "id", "id": "a0e99841-438c-4a64-b679-ae501e7d6091"}});
    Wire::open(provider, &[json!(LINE), json!({"generationRequestParameters": request})])
}

fn main() {
    let speech = speech();
    let silence = vec![Frame::silence(Rate::Hz24000); FRAMES as usize];
    println!("{:<52} {}", "openai: a text turn, both ends", text_turn());
    println!("20 ms of sound:");
    println!("{:<52} {}", "  openai, connector: a caller's frame to a message", openai_sends());
    println!("{:<52} {}", "  openai, emulator: a message of speech", openai_hears(&speech));
    println!("{:<52} {}", "  openai, emulator: a message of silence", openai_hears(&silence));
    println!(
        "{:<52} {}",
        "  openai, connector: the agent's sound",
        plays(openai_speaking, "output_audio.delta", 24_000)
    );
    println!(
        "{:<52} {}",
        "  inworld, connector: the agent's sound",
        plays(inworld_speaking, "audioChunk", 24_000)
    );
    println!(
        "{:<52} {}",
        "  cartesia, connector: the agent's sound",
        plays(cartesia_speaking, "\"chunk\"", 24_000)
    );
}

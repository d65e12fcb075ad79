//! Random conversations and random nonsense for both ends of a player's wire: what must hold whatever happens.

use proptest::prelude::*;
use serde_json::Value;
use voxrun_audio::{Frame, Rate};

use super::rig::Rig;
use crate::contract::{Datum, Time};
use crate::wire::{
    EmulatorSetup, Endpoint, FromEmulator, FromUnit, Kind, Playout, ToEmulator, ToUnit, UnitSetup, WireFrame,
};

/// The same cases in every run.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20),
        ..ProptestConfig::default()
    }
}

/// What a script does next.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// Asks for so many words.
    Say(usize),
    /// Does nothing for so many milliseconds.
    Wait(u64),
    /// Clears the buffer.
    Clear,
}

/// Conversations that interrupt themselves often.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1_usize..6).prop_map(Step::Say),
        2 => (0_u64..120).prop_map(Step::Wait),
        2 => (0_u64..3_000).prop_map(Step::Wait),
        3 => Just(Step::Clear),
    ];
    prop::collection::vec(step, 1..14)
}

/// One utterance: `(number, how often was cleared before)`, and its text.
pub(crate) type Say<'a> = &'a mut dyn FnMut(&mut Rig, usize, usize, &str);

/// Plays the steps and checks what was heard: nothing of before a clear after it, everything that was said since the
/// last clear, every word once and in order, and the end of the burst told.
pub(crate) fn weather(mut rig: Rig, steps: &[Step], say: Say<'_>) {
    let mut said: Vec<(usize, Vec<String>)> = Vec::new();
    let mut clears: Vec<u64> = Vec::new();
    for step in steps {
        match *step {
            Step::Wait(ms) => rig.run(ms),
            Step::Clear => {
                rig.clear();
                clears.push(rig.now.as_ms());
            }
            Step::Say(count) => {
                let number = said.len();
                let words: Vec<String> = (0..count).map(|word| format!("{number}w{word}")).collect();
                say(&mut rig, number, clears.len(), &words.join(" "));
                said.push((clears.len(), words));
            }
        }
    }
    rig.run(60_000);
    let heard = rig.heard_at();
    let mut expected: Vec<&String> = said.iter().flat_map(|(_, words)| words).collect();
    for (word, at) in &heard {
        let cut = |clear: &u64| (clear.saturating_sub(1_500)..clear + 20).contains(at);
        if word == "[...]" {
            assert!(clears.iter().any(cut), "a word was lost at {at}: {heard:?}, cleared at {clears:?}");
            continue;
        }
        let place = expected.iter().position(|expected| *expected == word);
        let place = place.unwrap_or_else(|| panic!("{word} twice or out of order: {heard:?}"));
        expected.drain(..=place);
        let (cleared_before, _) = said.iter().find(|(_, words)| words.contains(word)).unwrap();
        if let Some(clear) = clears.get(*cleared_before) {
            assert!(*at < clear + 20, "{word} at {at} after the clear at {clear}: {heard:?}");
        }
    }
    let last: Vec<&String> =
        said.iter().filter(|(before, _)| *before == clears.len()).flat_map(|(_, words)| words).collect();
    let tail: Vec<&String> = heard.iter().map(|(word, _)| word).filter(|word| last.contains(word)).collect();
    assert_eq!(tail, last, "all of what was said since the last clear");
    let events = rig.events();
    assert!(!events.contains(&"Error"), "{:?}", rig.seen);
    if !last.is_empty() {
        assert_eq!(events.last(), Some(&"AudioChunksPlaybackFinished"));
    }
    assert!(!events.windows(2).any(|two| two == ["AudioChunksPlaybackFinished"; 2]), "{events:?}");
}

/// Keys and values that the wires know, so that nonsense comes close to sense.
const WORDS: &[&str] = &[
    "create",
    "createContextParameters",
    "contextId",
    "send_text",
    "flush_context",
    "close_context",
    "cancel_context",
    "update_config",
    "text",
    "voiceId",
    "modelId",
    "Ashley",
    "inworld-tts-1.5-mini",
    "audioConfig",
    "audioEncoding",
    "PCM",
    "LINEAR16",
    "sampleRateHertz",
    "temperature",
    "maxBufferDelayMs",
    "autoMode",
    "timestampType",
    "WORD",
    "result",
    "error",
    "status",
    "code",
    "message",
    "audioChunk",
    "audioContent",
    "UklGRg==",
    "AAA=",
    "flushCompleted",
    "contextClosed",
    "contextCreated",
    "type",
    "chunk",
    "data",
    "done",
    "flush_done",
    "timestamps",
    "context_id",
    "c",
    "generationRequestParameters",
    "transcript",
    "Hello there.",
    "voice",
    "mode",
    "id",
    "model_id",
    "sonic-2",
    "output_format",
    "container",
    "raw",
    "encoding",
    "pcm_s16le",
    "pcm_f32le",
    "sample_rate",
    "continue",
    "flush",
    "cancel",
    "max_buffer_delay_ms",
    "add_timestamps",
    "apiKey",
    "",
    " ",
    "\u{0}",
];

/// Any JSON value over these words.
pub(crate) fn nonsense() -> impl Strategy<Value = Value> {
    let word = || prop::sample::select(WORDS).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(&[0_u32, 5, 8_000, 24_000][..]).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            4 => prop::collection::vec((word(), inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Anything that can be told to a connector, by number.
pub(crate) fn connector_survives(kind: &Kind, verbatim: bool, params: &[Value], inputs: &[(u8, Value)]) {
    let methods = ["send", "generationRequest", "cancelContextRequest", "clearBuffer", ""];
    let setup = UnitSetup { verbatim, ..UnitSetup::default() };
    let mut connector = (kind.make)(setup);
    connector.handle(Time::ZERO, ToUnit::Start { params: &Datum::all(params) });
    let frame = Frame::silence(Rate::Hz8000);
    for (step, (kind, value)) in inputs.iter().enumerate() {
        let now = Time::from_ms(step as u64 * 700);
        let text = WireFrame::json(value);
        let params = [value.clone(), value.clone()];
        let input = match kind % 24 {
            0..=5 => ToUnit::Tell {
                method: methods[usize::from(*kind) % methods.len()],
                params: &Datum::all(&params),
            },
            6 => ToUnit::Tell { method: "send", params: &[] },
            7 | 8 => ToUnit::Opened,
            9..=15 => ToUnit::Frame(&text),
            16 => ToUnit::Playout(Playout::Started),
            17 => ToUnit::Playout(Playout::Drained { played_ms: 20 }),
            18 => ToUnit::Playout(Playout::Cleared { dropped_ms: 0 }),
            19 | 20 => ToUnit::Deadline,
            21 => ToUnit::Audio(&frame),
            22 if value.is_boolean() => ToUnit::Close { stop: true },
            _ if value.is_null() => ToUnit::Closed { code: 1006, reason: "", clean: false },
            _ => ToUnit::Playout(Playout::Drained { played_ms: 0 }),
        };
        connector.handle(now, input);
        let mut said = 0;
        while let Some(output) = connector.poll() {
            said += 1;
            assert!(said < 1_000, "endless");
            assert!(!matches!(output, FromUnit::Settle(_)));
        }
    }
}

/// Frames for an emulator, with time between them.
pub(crate) fn emulator_survives(kind: &Kind, endpoint: &Endpoint, frames: &[Value]) {
    let mut emulator = (kind.remote.unwrap().emulator)(EmulatorSetup::default()).unwrap();
    emulator.handle(Time::ZERO, ToEmulator::Upgrade(endpoint));
    let mut now = Time::ZERO;
    let mut outputs = Vec::new();
    for frame in frames {
        emulator.handle(now, ToEmulator::Frame(&WireFrame::json(frame)));
        outputs.extend(std::iter::from_fn(|| emulator.poll()));
        for _ in 0..20 {
            let Some(at) = emulator.deadline().filter(|at| *at < now.plus_ms(5_000)) else { break };
            assert!(at >= now, "a deadline in the past");
            now = at;
            emulator.handle(now, ToEmulator::Deadline);
            outputs.extend(std::iter::from_fn(|| emulator.poll()));
        }
    }
    emulator.handle(now, ToEmulator::Closed { code: 1006 });
    assert_eq!(emulator.deadline(), None, "a connection that is gone wants nothing");
    for output in outputs {
        let FromEmulator::Send(WireFrame::Text(text)) = output else { continue };
        assert!(serde_json::from_str::<Value>(&text).is_ok_and(|message| message.is_object()));
    }
}

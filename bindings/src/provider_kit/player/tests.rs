//! The parts that all realtime players share, one by one.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde_json::{Value, json};
use voxrun_audio::{Frame, Listener, Rate, spoken};

use super::line::{Gone, PlayerLine};
use super::state::Player;
use crate::contract::Time;
use crate::provider_kit::{Encoding, Ids, Pace, PcmStream, Settings, Speech, address, audio_length};
use crate::wire::{Endpoint, FromUnit, Playout};

const CLEARED: Playout = Playout::Cleared { dropped_ms: 0 };
const DRAINED: Playout = Playout::Drained { played_ms: 0 };

fn names(out: &mut VecDeque<FromUnit>) -> Vec<(String, Value)> {
    let raised = |from| match from {
        FromUnit::Raise { name, fields } => (name, crate::contract::Datum::Map(fields).json()),
        other => panic!("{other:?}"),
    };
    out.drain(..).map(raised).collect()
}

#[test]
fn a_burst_is_started_once_and_finished_when_all_has_arrived() {
    let (mut player, mut out) = (Player::new(), VecDeque::new());
    player.requested(Time::from_ms(100));
    player.requested(Time::from_ms(200));
    player.audio(Time::from_ms(550), 2_400, 24_000);
    player.playout(Playout::Started, false, &mut out);
    assert_eq!(names(&mut out), [("Player.Started".to_owned(), json!({ "duration": 100 }))]);
    // The queue runs dry in the middle of a sentence: no event, and no second Started.
    player.playout(DRAINED, false, &mut out);
    player.audio(Time::from_ms(900), 2_400, 24_000);
    player.playout(Playout::Started, false, &mut out);
    assert!(out.is_empty());
    player.playout(DRAINED, false, &mut out);
    player.settled(true, &mut out);
    let finished = ("Player.AudioChunksPlaybackFinished".to_owned(), json!({ "timeToFirstByte": 450 }));
    assert_eq!(names(&mut out), [finished]);
    // Nothing is raised twice.
    player.settled(true, &mut out);
    player.playout(DRAINED, true, &mut out);
    assert!(out.is_empty());
}

#[test]
fn a_clear_ends_a_burst_without_an_event_and_the_next_one_starts_anew() {
    let (mut player, mut out) = (Player::new(), VecDeque::new());
    player.requested(Time::from_ms(0));
    player.audio(Time::from_ms(400), 24_000, 24_000);
    player.playout(Playout::Started, false, &mut out);
    player.playout(CLEARED, true, &mut out);
    player.playout(DRAINED, true, &mut out);
    assert_eq!(names(&mut out).len(), 1);
    player.requested(Time::from_ms(1_000));
    player.audio(Time::from_ms(1_300), 24_000, 24_000);
    player.playout(Playout::Started, true, &mut out);
    player.playout(DRAINED, true, &mut out);
    let raised = names(&mut out);
    assert_eq!(raised[0], ("Player.Started".to_owned(), json!({ "duration": 1_000 })));
    assert_eq!(raised[1].1, json!({ "timeToFirstByte": 300 }));
}

fn line() -> PlayerLine {
    let mut line = PlayerLine::new("Test");
    line.start(Endpoint { url: "wss://test/".to_owned(), headers: Vec::new() });
    line.opened();
    while line.poll().is_some() {}
    line
}

fn said(line: &mut PlayerLine) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(from) = line.poll() {
        all.push(match from {
            FromUnit::Raise { name, fields } => match fields.get("error") {
                Some(error) => format!("{name} {}", error.json()),
                None => name,
            },
            FromUnit::CloseSocket { code, .. } => format!("close {code}"),
            FromUnit::Note(remark) => format!("note {}", remark.policy.as_deref().unwrap_or("")),
            FromUnit::Audio { samples, .. } => format!("audio {}", samples.len()),
            FromUnit::ClearPlayout => "clear".to_owned(),
            other => format!("{other:?}"),
        });
    }
    all
}

#[test]
fn every_way_to_lose_the_line_has_its_end() {
    let closed = |code, clean| Gone::Closed { code, reason: "why", clean };
    let table: [(Gone<'_>, bool, &[&str]); 7] = [
        (closed(1000, true), true, &["Player.PlaybackFinished"]),
        (closed(1001, true), true, &["Player.PlaybackFinished"]),
        (closed(1000, true), false, &["Test closed the connection: 1000 (why)"]),
        (closed(1011, true), true, &["Test closed the connection: 1011 (why)"]),
        (closed(1006, false), true, &["Test closed the connection: 1006 (why)"]),
        (
            Gone::Refused { status: 429, body: " busy\n" },
            true,
            &["Test refused the connection: HTTP 429 busy"],
        ),
        (Gone::Failed { reason: "no such host" }, true, &["no connection to Test: no such host"]),
    ];
    for (gone, complete, expected) in table {
        let mut line = line();
        line.gone(Time::ZERO, gone, complete);
        let expected: Vec<String> = match expected {
            [name] if name.starts_with("Player.") => vec![(*name).to_owned()],
            texts => ["Player.Error", "Player.PlaybackFinished"]
                .map(|name| format!("{name} {}", json!(texts[0])))
                .to_vec(),
        };
        assert_eq!(said(&mut line), expected, "{gone:?}");
        assert!(line.is_over());
        assert!(line.refuse_if_over("send"));
        line.fail(Time::ZERO, "late");
        line.audio(Time::ZERO, "c", vec![1; 10]);
        line.close(true);
        assert_eq!(said(&mut line), ["note F-091", "clear"], "{gone:?}");
    }
}

#[test]
fn a_goodbye_during_speech_is_told_when_the_speech_was_played() {
    let mut line = line();
    line.requested(Time::ZERO);
    line.audio(Time::from_ms(300), "c", vec![1; 480]);
    line.playout(Time::from_ms(300), Playout::Started, true);
    line.gone(Time::from_ms(310), Gone::Closed { code: 1000, reason: "", clean: true }, true);
    assert_eq!(said(&mut line), ["audio 480", "Player.Started"]);
    assert!(line.refuse_if_over("send"));
    line.playout(Time::from_ms(320), DRAINED, true);
    assert_eq!(
        said(&mut line),
        ["note F-091", "Player.AudioChunksPlaybackFinished", "Player.PlaybackFinished"]
    );
}

#[test]
fn contexts_speak_in_turn_and_a_silent_one_is_not_waited_for_for_ever() {
    let mut line = line();
    line.turn("a");
    line.turn("b");
    line.audio(Time::from_ms(0), "b", vec![2; 2]);
    assert!(said(&mut line).is_empty());
    line.audio(Time::from_ms(10), "a", vec![1; 1]);
    line.audio(Time::from_ms(20), "b", vec![2; 2]);
    assert_eq!(said(&mut line), ["audio 1"]);
    assert_eq!(line.deadline(), None, "something is being played");
    line.turn_ended(Time::from_ms(30), "a");
    assert_eq!(said(&mut line), ["audio 2", "audio 2"]);
    line.turn_ended(Time::from_ms(40), "b");
    line.playout(Time::from_ms(60), DRAINED, true);
    said(&mut line);
    line.turn("c");
    line.turn("d");
    line.audio(Time::from_ms(100), "d", vec![4; 4]);
    line.settled(true);
    assert_eq!(line.deadline(), Some(Time::from_ms(1_100)));
    line.lose_patience(Time::from_ms(1_000));
    assert!(said(&mut line).is_empty());
    line.lose_patience(Time::from_ms(1_100));
    assert_eq!(said(&mut line), ["note F-096", "audio 4"]);
    // What waits when the line is lost is still heard.
    line.turn("e");
    line.audio(Time::from_ms(1_200), "e", vec![5; 5]);
    line.gone(Time::from_ms(1_300), Gone::Failed { reason: "x" }, false);
    assert_eq!(said(&mut line)[0], "audio 5");
    assert_eq!(line.deadline(), None);
}

#[test]
fn stop_silences_raises_stopped_and_hangs_up() {
    let mut line = line();
    line.close(true);
    line.close(true);
    line.gone(Time::from_ms(310), Gone::Closed { code: 1000, reason: "", clean: true }, true);
    assert_eq!(said(&mut line), ["clear", "Player.Stopped", "close 1000", "clear"]);
}

#[test]
fn remarks_of_one_kind_do_not_drown_the_others() {
    let mut line = line();
    for _ in 0..1_000 {
        line.note("garbage", None, "x");
    }
    line.note("other", None, "y");
    assert_eq!(said(&mut line).len(), 11);
}

fn chunk(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn riff(parts: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut bytes = b"RIFF\0\0\0\0WAVE".to_vec();
    for (name, body) in parts {
        bytes.extend(*name);
        bytes.extend((body.len() as u32).to_le_bytes());
        bytes.extend(*body);
    }
    bytes
}

#[test]
fn chunks_become_samples() {
    let headed = riff(&[(b"fmt ", &[0; 16]), (b"data", &[1, 0, 2, 0])]);
    let listed = riff(&[(b"fmt ", &[0; 16]), (b"LIST", &[9; 3]), (b"\0dat", &[])]);
    let odd_list = {
        let mut bytes = riff(&[(b"LIST", &[9; 3])]);
        bytes.push(0);
        bytes.extend(b"data\xff\xff\xff\xff\x07\0");
        bytes
    };
    let table: [(&str, String, Option<Vec<i16>>); 9] = [
        ("plain", chunk(&[1, 0, 255, 255]), Some(vec![1, -1])),
        ("unpadded", STANDARD_NO_PAD.encode([1, 0, 2, 0]), Some(vec![1, 2])),
        ("empty", String::new(), Some(vec![])),
        ("headed", chunk(&headed), Some(vec![1, 2])),
        ("odd part before the data, streamed length", chunk(&odd_list), Some(vec![7])),
        ("header without data", chunk(&listed), None),
        ("cut header", chunk(&headed[..20]), None),
        ("only RIFF", chunk(b"RIFF"), None),
        ("not base64", "@@@@".to_owned(), None),
    ];
    for (name, chunk, expected) in table {
        assert_eq!(PcmStream::default().decode(&chunk).ok(), expected, "{name}");
    }
}

#[test]
fn a_sample_split_between_chunks_is_joined() {
    let mut stream = PcmStream::default();
    assert_eq!(stream.decode(&chunk(&[1, 0, 2])), Ok(vec![1]));
    assert!(stream.is_split());
    assert_eq!(stream.decode(&chunk(&[1, 3, 0])), Ok(vec![258, 3]));
    assert_eq!(stream.decode(&chunk(&[5])), Ok(vec![]));
    assert_eq!(stream.decode(&chunk(&riff(&[(b"data", &[6, 0])]))), Ok(vec![6]), "a header starts anew");
}

#[test]
fn addresses_are_replaced_as_a_whole() {
    let table = [
        (None, "wss://api.test/v1"),
        (Some(""), "wss://api.test/v1"),
        (Some("http://127.0.0.1:9000/"), "ws://127.0.0.1:9000/v1"),
        (Some("https://eu.test"), "wss://eu.test/v1"),
        (Some("wss://eu.test/v1"), "wss://eu.test/v1"),
        (Some("eu.test"), "wss://eu.test/v1"),
    ];
    for (base, expected) in table {
        assert_eq!(address(base, "wss://api.test", "/v1"), expected, "{base:?}");
    }
}

#[test]
fn audio_is_shown_as_its_length() {
    for length in 0..7 {
        assert_eq!(audio_length(&chunk(&vec![0; length])), format!("<{length} bytes>"));
    }
}

#[test]
fn settings_name_what_is_wrong() {
    let read = |fields: Value| {
        let fields = fields.as_object().unwrap().clone();
        let mut settings = Settings::new(&fields);
        let seen =
            (settings.whole("a_ms", 5, 1, 10), settings.factor("rate", 2_000), settings.flag("on", true));
        settings.finish().map(|()| seen)
    };
    assert_eq!(read(json!({})), Ok((5, 2_000, true)));
    assert_eq!(read(json!({ "a_ms": 10, "rate": 1.5, "on": false })), Ok((10, 1_500, false)));
    for (fields, named) in [
        (json!({ "a_ms": 11 }), "a_ms = 11"),
        (json!({ "a_ms": -1 }), "a_ms = -1"),
        (json!({ "a_ms": "5" }), "a_ms = \"5\""),
        (json!({ "rate": 0 }), "rate = 0"),
        (json!({ "on": 1 }), "on = 1"),
        (json!({ "b": 1 }), "unknown setting b; known are a_ms, rate, on"),
    ] {
        assert!(read(fields).unwrap_err().starts_with(named), "{named}");
    }
}

#[test]
fn ids_are_those_of_the_seed() {
    let ids = |seed| {
        let mut ids = Ids::new(seed);
        (ids.uuid(), ids.uuid())
    };
    assert_eq!(ids(1), ids(1));
    assert_ne!(ids(1), ids(2));
    let (first, second) = ids(1);
    assert_ne!(first, second);
    let groups: Vec<usize> = first.split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12]);
    assert_eq!(&first[14..15], "4");
    assert!("89ab".contains(&first[19..20]));
    assert!((0..100).all(|_| Ids::new(3).up_to(0) == 0));
}

const PACE: Pace = Pace {
    first_audio_ms: 100,
    first_audio_jitter_ms: 0,
    first_chunk_ms: 50,
    chunk_ms: 200,
    realtime_factor_milli: 4_000,
};

#[test]
fn a_speech_comes_in_chunks_at_its_pace_and_every_word_once() {
    let text = "one two three four";
    let mut speech = Speech::new(text, 16_000, Time::ZERO, Time::from_ms(100), PACE).unwrap();
    let (mut samples, mut words, mut due) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        due.push(speech.due().as_us() / 100);
        let piece = speech.piece();
        assert_eq!(piece.is_first, samples.is_empty());
        samples.extend(piece.samples);
        words.extend(piece.words.into_iter().map(|word| word.text));
        if piece.is_last {
            break;
        }
    }
    assert_eq!(samples, spoken::speak(text, Rate::Hz16000));
    assert_eq!(words, ["one", "two", "three", "four"]);
    assert_eq!(&due[..4], [1_000, 1_125, 1_625, 2_125]);
    assert!(Speech::new(" \n", 16_000, Time::ZERO, Time::ZERO, PACE).is_none());
}

/// Every rate that a provider offers and frames do not have is heard after it was brought to 48 kHz again.
#[test]
fn the_voice_is_understood_at_every_rate() {
    for rate_hz in [8_000_u32, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] {
        let mut speech = Speech::new("seven rates", rate_hz, Time::ZERO, Time::ZERO, PACE).unwrap();
        let mut samples = Vec::new();
        loop {
            let piece = speech.piece();
            samples.extend(piece.samples);
            if piece.is_last {
                break;
            }
        }
        let at = |n: u64| samples.get(n as usize).copied().unwrap_or(0);
        let count = samples.len() as u64 * 48_000 / u64::from(rate_hz);
        let wide: Vec<i16> = (0..count).map(|n| at(n * u64::from(rate_hz) / 48_000)).collect();
        let mut ear = Listener::new(Rate::Hz48000);
        wide.chunks(960).for_each(|frame| ear.push(&Frame::from_samples(Rate::Hz48000, frame)));
        ear.flush();
        let mut heard = Vec::new();
        while let Some(one) = ear.poll() {
            heard.push(match one {
                spoken::Heard::Word { text, .. } => text,
                spoken::Heard::Lost { .. } => "[...]".to_owned(),
            });
        }
        assert_eq!(heard, ["seven", "rates"], "{rate_hz} Hz");
    }
}

#[test]
fn samples_are_written_in_every_encoding() {
    let samples = [0, 1, -1, i16::MAX, i16::MIN];
    assert_eq!(Encoding::Pcm16.bytes(&samples), [0, 0, 1, 0, 255, 255, 255, 127, 0, 128]);
    let floats = Encoding::Float32.bytes(&[0, 16_384, i16::MIN]);
    assert_eq!(floats, [0.0_f32, 0.5, -1.0].map(f32::to_le_bytes).concat());
    assert_eq!(Encoding::Mulaw.bytes(&[0]), [0xff]);
    assert_eq!(Encoding::Alaw.bytes(&[0]), [0xd5]);
}

//! Sound as messages of a WebSocket (semantics 8.3): `start`, `media` and `stop`, as the platform writes and reads them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use voxrun_audio::g711::{self, Law};
use voxrun_audio::{Frame, Rate};

use crate::contract::Dictionary;

/// How samples are written; the names are the values of `WebSocketAudioEncoding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// 16-bit little-endian at 8 kHz.
    Pcm8,
    /// 16-bit little-endian at 16 kHz.
    Pcm16,
    Alaw,
    Ulaw,
}

const ENCODINGS: [(&str, Encoding); 4] = [
    ("PCM8", Encoding::Pcm8),
    ("PCM16", Encoding::Pcm16),
    ("ALAW", Encoding::Alaw),
    ("ULAW", Encoding::Ulaw),
];

impl Encoding {
    /// The one of this name.
    pub(super) fn named(name: &str) -> Option<Encoding> {
        let found = ENCODINGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, encoding)| *encoding)
    }

    pub(super) fn name(self) -> &'static str {
        ENCODINGS.iter().find(|(_, encoding)| *encoding == self).map_or("", |(name, _)| name)
    }

    pub(super) fn rate(self) -> Rate {
        match self {
            Encoding::Pcm16 => Rate::Hz16000,
            Encoding::Pcm8 | Encoding::Alaw | Encoding::Ulaw => Rate::Hz8000,
        }
    }

    fn law(self) -> Option<Law> {
        match self {
            Encoding::Alaw => Some(Law::A),
            Encoding::Ulaw => Some(Law::Mu),
            Encoding::Pcm8 | Encoding::Pcm16 => None,
        }
    }

    fn bytes(self, samples: &[i16]) -> Vec<u8> {
        match self.law() {
            None => samples.iter().flat_map(|sample| sample.to_le_bytes()).collect(),
            Some(law) => {
                let mut codes = vec![0; samples.len()];
                g711::encode(law, samples, &mut codes);
                codes
            }
        }
    }

    fn samples(self, bytes: &[u8]) -> Vec<i16> {
        match self.law() {
            None => bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect(),
            Some(law) => {
                let mut samples = vec![0; bytes.len()];
                g711::decode(law, bytes, &mut samples);
                samples
            }
        }
    }
}

/// The stream that is sent.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) encoding: Encoding,
    tag: Option<String>,
    sequence: u64,
    chunk: u64,
    timestamp: u64,
    bytes: u64,
}

impl Sent {
    /// With what the script says of it. Also whether it asks for an encoding that is not built.
    pub(super) fn new(with: &Dictionary) -> (Sent, bool) {
        let asked = with.text("encoding");
        let encoding = asked.and_then(Encoding::named);
        let sent = Sent {
            encoding: encoding.unwrap_or(Encoding::Pcm8),
            tag: with.text("tag").map(str::to_owned),
            sequence: 0,
            chunk: 0,
            timestamp: 0,
            bytes: 0,
        };
        (sent, asked.is_some() && encoding.is_none())
    }

    /// Its first message.
    pub(super) fn start(&mut self, with: &Dictionary) -> Value {
        let rate = self.encoding.rate().hz();
        let format = json!({ "encoding": self.encoding.name(), "sampleRate": rate, "channels": 1 });
        let mut start = self.tagged();
        start.insert("mediaFormat".to_owned(), format);
        if let Some(parameters) = with.get("customParameters") {
            start.insert("customParameters".to_owned(), parameters.json().to_string().into());
        }
        self.message("start", start)
    }

    /// 20 ms of it.
    pub(super) fn media(&mut self, frame: &Frame) -> Value {
        let bytes = self.encoding.bytes(frame.samples());
        let mut media = self.tagged();
        media.insert("chunk".to_owned(), self.chunk.into());
        media.insert("timestamp".to_owned(), self.timestamp.into());
        media.insert("payload".to_owned(), STANDARD.encode(&bytes).into());
        self.chunk += 1;
        self.timestamp += frame.samples().len() as u64;
        self.bytes += bytes.len() as u64;
        self.message("media", media)
    }

    /// Its last message.
    pub(super) fn stop(&mut self) -> Value {
        let seconds = self.timestamp / u64::from(self.encoding.rate().hz());
        let mut stop = self.tagged();
        stop.insert("mediaInfo".to_owned(), json!({ "bytesSent": self.bytes, "duration": seconds }));
        self.message("stop", stop)
    }

    fn tagged(&self) -> Map<String, Value> {
        self.tag.iter().map(|tag| ("tag".to_owned(), tag.as_str().into())).collect()
    }

    fn message(&mut self, event: &str, body: Map<String, Value>) -> Value {
        let sequence = self.sequence;
        self.sequence += 1;
        json!({ "event": event, "sequenceNumber": sequence, (event): body })
    }
}

/// A message that is sound.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Heard {
    /// A stream begins.
    Start { encoding: Option<Encoding>, tag: Option<String>, parameters: Option<Value> },
    /// Some of it, in the stream's encoding.
    Media(Vec<u8>),
    /// It ends.
    Stop,
}

impl Heard {
    /// The sound in a message; `None` when it is an ordinary one.
    pub(super) fn read(text: &str) -> Option<Heard> {
        // Most messages are no sound, and some are long.
        if !text.contains("\"event\"") {
            return None;
        }
        let message: Value = serde_json::from_str(text).ok()?;
        let event = message.get("event")?.as_str()?;
        let body = message.get(event).unwrap_or(&Value::Null);
        let own = |name: &str| body.get(name).and_then(Value::as_str);
        match event {
            "start" => {
                let encoding = body.get("mediaFormat").and_then(|format| format.get("encoding")?.as_str());
                let parameters = match body.get("customParameters") {
                    Some(Value::String(text)) => serde_json::from_str(text).ok(),
                    other => other.cloned(),
                };
                let encoding = encoding.and_then(Encoding::named);
                Some(Heard::Start { encoding, tag: own("tag").map(str::to_owned), parameters })
            }
            "media" => Some(Heard::Media(STANDARD.decode(own("payload")?).ok()?)),
            "stop" => Some(Heard::Stop),
            _ => None,
        }
    }

    /// The samples of some sound.
    pub(super) fn samples(encoding: Encoding, bytes: &[u8]) -> Vec<i16> {
        encoding.samples(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_read_back_in_every_encoding() {
        for (name, encoding) in ENCODINGS {
            let with = Dictionary::from_iter([
                ("encoding", name.into()),
                ("tag", "left".into()),
                (
                    "customParameters",
                    Dictionary::from_iter([("a", crate::contract::Datum::from("1"))]).into(),
                ),
            ]);
            let (mut sent, unknown) = Sent::new(&with);
            assert!(!unknown);
            let start = sent.start(&with);
            assert_eq!(start["start"]["customParameters"], r#"{"a":"1"}"#);
            let parameters = Some(json!({ "a": "1" }));
            let tag = Some("left".to_owned());
            assert_eq!(
                Heard::read(&start.to_string()),
                Some(Heard::Start { encoding: Some(encoding), tag, parameters })
            );
            let samples = vec![8_031; encoding.rate().frame_samples()];
            let media = sent.media(&Frame::from_samples(encoding.rate(), &samples));
            let Some(Heard::Media(bytes)) = Heard::read(&media.to_string()) else { panic!("{media}") };
            let heard = Heard::samples(encoding, &bytes);
            assert_eq!(heard.len(), samples.len());
            assert!(heard.iter().all(|sample| (sample - 8_031).abs() < 300), "{name}: {}", heard[0]);
            let stop = sent.stop();
            assert_eq!((&stop["sequenceNumber"], &stop["stop"]["tag"]), (&json!(2), &json!("left")));
            assert_eq!(Heard::read(&stop.to_string()), Some(Heard::Stop));
        }
    }

    #[test]
    fn what_is_no_sound_is_a_message() {
        for text in
            ["", "hello", "{}", r#"{"event":"ping"}"#, r#"{"event":5}"#, r#"{"event":"media","media":{}}"#]
        {
            assert_eq!(Heard::read(text), None, "{text}");
        }
    }
}

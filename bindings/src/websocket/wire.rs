//! One socket: what it says to its far end, and what it hears from there.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Value, json};
use voxrun_audio::{Frame, Rate};

use super::media::{Encoding, Heard, Sent};
use super::{SEND, event};
use crate::contract::{Datum, Dictionary, Remark, Time, UnitId};
use crate::wire::{Endpoint, FromUnit, Playout, ToUnit, Unit, WireFrame};

/// Sound that waits to be played; what comes beyond it is dropped (semantics 2.3).
const BUFFER_MS: u64 = 10_000;
/// Silence that ends a stream.
const SILENCE_MS: u64 = 1_000;
/// What the script hears of its own `close()`.
const OWN_CLOSE: (u16, &str) = (1000, "Normal connection close");

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Connecting,
    Open,
    /// It came in and was closed before it stood.
    Leaving,
    Over,
}

/// The stream that is heard.
#[derive(Debug)]
struct Stream {
    encoding: Encoding,
    tag: Option<String>,
    /// It was told that it began.
    told: bool,
    /// When what came so far has been played.
    until: Time,
    /// When it counts as ended if nothing comes.
    ends_at: Option<Time>,
}

/// The socket.
#[derive(Debug, Default)]
pub(super) struct Socket {
    state: State,
    /// It came in from outside: its address is a path.
    came: bool,
    /// What was to be sent before it was open.
    waiting: Vec<WireFrame>,
    sources: BTreeSet<UnitId>,
    sent: Option<Sent>,
    stream: Option<Stream>,
    /// Sound that was heard in its whole life.
    heard_us: u64,
    out: VecDeque<FromUnit>,
}

impl Unit for Socket {
    fn handle(&mut self, now: Time, input: ToUnit<'_>) {
        if self.state == State::Over {
            return;
        }
        if self.state == State::Leaving {
            if matches!(input, ToUnit::Opened) {
                self.leave();
            }
            return;
        }
        match input {
            ToUnit::Start { params } => self.start(params),
            ToUnit::Tell { method: SEND, params } => self.send(params.first()),
            ToUnit::Opened => self.opened(),
            ToUnit::Refused { .. } | ToUnit::Failed { .. } => self.failed(),
            ToUnit::Frame(frame) => self.hear(now, frame),
            ToUnit::Closed { code, reason, clean } => self.closed(code, reason, clean),
            ToUnit::Close { .. } => self.close(),
            ToUnit::Source { from, with: Some(with) } => self.fed(from, with),
            ToUnit::Source { from, with: None } => self.left(from),
            ToUnit::Audio(frame) => self.speak(frame),
            ToUnit::Playout(playout) => self.played(now, playout),
            ToUnit::Deadline => self.silent(now),
            _ => {}
        }
    }

    fn poll(&mut self) -> Option<FromUnit> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Time> {
        self.stream.as_ref()?.ends_at
    }

    fn hears_at(&self) -> Option<Rate> {
        let sent = self.sent.as_ref().filter(|_| self.state == State::Open)?;
        Some(sent.encoding.rate())
    }
}

impl Socket {
    fn start(&mut self, params: &[Datum]) {
        let url = params.first().and_then(Datum::as_text).unwrap_or_default().to_owned();
        let none = Dictionary::new();
        let options = params.get(1).and_then(Datum::as_map).unwrap_or(&none);
        let header = |header: &Datum| {
            let header = header.as_map()?;
            Some((header.text("name")?.to_owned(), header.text("value")?.to_owned()))
        };
        let mut headers: Vec<(String, String)> = match options.get("headers") {
            Some(Datum::List(headers)) => headers.iter().filter_map(header).collect(),
            _ => Vec::new(),
        };
        let protocols = match options.get("protocols") {
            Some(Datum::Text(protocol)) => protocol.to_string(),
            Some(Datum::List(protocols)) => {
                protocols.iter().filter_map(Datum::as_text).collect::<Vec<_>>().join(", ")
            }
            _ => String::new(),
        };
        if !protocols.is_empty() {
            headers.push(("Sec-WebSocket-Protocol".to_owned(), protocols));
        }
        self.came = url.starts_with('/');
        if !self.came {
            self.raise(event::CREATED, Dictionary::new());
        }
        self.out.push_back(FromUnit::Connect(Endpoint { url, headers }));
    }

    fn opened(&mut self) {
        self.state = State::Open;
        self.raise(event::OPEN, Dictionary::new());
        for frame in std::mem::take(&mut self.waiting) {
            self.put(frame);
        }
    }

    /// Before it is open a message waits (policy F-170).
    fn send(&mut self, message: Option<&Datum>) {
        let frame = match message {
            Some(Datum::Text(text)) => WireFrame::Text((&**text).into()),
            Some(Datum::Bytes(bytes)) => WireFrame::Binary(bytes.to_vec()),
            _ => return,
        };
        if self.state == State::Open {
            return self.put(frame);
        }
        if self.waiting.is_empty() && !self.came {
            let text = "send() before the socket is open: the message waits until it is";
            self.out.push_back(FromUnit::Note(Remark::of("F-170", text)));
        }
        self.waiting.push(frame);
    }

    fn put(&mut self, frame: WireFrame) {
        let shown = shown(&frame);
        self.out.push_back(FromUnit::Send { frame, name: "message".into(), shown: Some(shown) });
    }

    fn hear(&mut self, now: Time, frame: &WireFrame) {
        let WireFrame::Text(text) = frame else {
            return self.message(frame);
        };
        match Heard::read(text) {
            None => self.message(frame),
            Some(Heard::Start { encoding, tag, parameters }) => {
                self.end_stream(now);
                let encoding = encoding.unwrap_or(Encoding::Pcm8);
                self.begin_stream(now, encoding, tag, parameters);
            }
            Some(Heard::Media(bytes)) => self.hear_sound(now, &bytes),
            Some(Heard::Stop) => self.end_stream(now),
        }
    }

    fn message(&mut self, frame: &WireFrame) {
        self.out.push_back(FromUnit::Received { name: "message".to_owned(), shown: shown(frame) });
        let field = match frame {
            WireFrame::Text(text) => ("text", Datum::from(&**text)),
            WireFrame::Binary(bytes) => ("data", Datum::Bytes(bytes.as_slice().into())),
        };
        self.raise(event::MESSAGE, Dictionary::from_iter([field]));
    }

    fn begin_stream(
        &mut self,
        now: Time,
        encoding: Encoding,
        tag: Option<String>,
        parameters: Option<Value>,
    ) {
        let mut fields = Dictionary::from_iter([("encoding", Datum::from(encoding.name()))]);
        if let Some(tag) = &tag {
            fields.insert("tag", tag.as_str());
        }
        if let Some(parameters) = parameters {
            fields.insert("customParameters", parameters);
        }
        self.raise(event::MEDIA_STARTED, fields);
        self.stream = Some(Stream { encoding, tag, told: true, until: now, ends_at: None });
    }

    /// Sound without a beginning begins by itself.
    fn hear_sound(&mut self, now: Time, bytes: &[u8]) {
        if self.stream.as_ref().is_none_or(|stream| !stream.told) {
            let encoding = self.stream.as_ref().map_or(Encoding::Pcm8, |stream| stream.encoding);
            self.begin_stream(now, encoding, None, None);
        }
        let Some(stream) = &mut self.stream else { return };
        let rate = stream.encoding.rate();
        let samples = Heard::samples(stream.encoding, bytes);
        let us = samples.len() as u64 * 1_000_000 / u64::from(rate.hz());
        let until = stream.until.max(now) + std::time::Duration::from_micros(us);
        if samples.is_empty() || until > now.plus_ms(BUFFER_MS) {
            return;
        }
        (stream.until, stream.ends_at) = (until, None);
        self.heard_us += us;
        self.out.push_back(FromUnit::Audio { rate, samples });
    }

    fn played(&mut self, now: Time, playout: Playout) {
        // One that has ended ends no more, although what came of it may still be heard.
        let Some(stream) = self.stream.as_mut().filter(|stream| stream.told) else { return };
        match playout {
            Playout::Started => stream.ends_at = None,
            Playout::Drained { .. } => stream.ends_at = Some(now.plus_ms(SILENCE_MS)),
            Playout::Cleared { .. } => {
                (stream.until, stream.ends_at) = (now, Some(now.plus_ms(SILENCE_MS)));
            }
        }
    }

    fn silent(&mut self, now: Time) {
        if self.deadline().is_some_and(|at| at <= now) {
            self.end_stream(now);
        }
    }

    /// A stream has ended. What comes in its encoding later is a new one.
    fn end_stream(&mut self, now: Time) {
        let Some(stream) = self.stream.as_mut().filter(|stream| stream.told) else { return };
        (stream.told, stream.ends_at, stream.until) = (false, None, now);
        #[expect(clippy::cast_precision_loss, reason = "whole seconds of a session")]
        let seconds = Datum::Number((self.heard_us / 1_000_000) as f64);
        let info = Dictionary::from_iter([("duration", seconds)]);
        let mut fields = Dictionary::from_iter([("mediaInfo", Datum::from(info))]);
        if let Some(tag) = stream.tag.take() {
            fields.insert("tag", tag);
        }
        self.raise(event::MEDIA_ENDED, fields);
    }

    /// Somebody is sent to it: from now on its sound is.
    fn fed(&mut self, from: UnitId, with: &Dictionary) {
        self.sources.insert(from);
        self.stop_sending();
        let (mut sent, unknown) = Sent::new(with);
        if unknown {
            let text = "the encoding is not built: the sound is sent as PCM8";
            self.out.push_back(FromUnit::Note(Remark::of("F-172", text)));
        }
        let start = sent.start(with);
        self.sent = Some(sent);
        self.say("start", &start);
    }

    fn left(&mut self, from: UnitId) {
        self.sources.remove(&from);
        if self.sources.is_empty() {
            self.stop_sending();
        }
    }

    fn stop_sending(&mut self) {
        if let Some(mut sent) = self.sent.take() {
            let stop = sent.stop();
            self.say("stop", &stop);
        }
    }

    fn speak(&mut self, frame: &Frame) {
        if let Some(sent) = &mut self.sent {
            let frame = WireFrame::json(&sent.media(frame));
            self.out.push_back(FromUnit::Send { frame, name: "media".into(), shown: None });
        }
    }

    /// A message about sound; before the socket is open it waits as any other.
    fn say(&mut self, name: &'static str, message: &Value) {
        let frame = WireFrame::json(message);
        if self.state == State::Open {
            self.out.push_back(FromUnit::Send { frame, name: name.into(), shown: Some(message.clone()) });
        } else {
            self.waiting.push(frame);
        }
    }

    fn failed(&mut self) {
        self.raise(event::ERROR, Dictionary::new());
        self.closed(1006, "", false);
    }

    /// The script closes it: it hears of that at once.
    fn close(&mut self) {
        let (code, reason) = OWN_CLOSE;
        let first_opens = self.came && self.state == State::Connecting;
        if !first_opens {
            self.out.push_back(FromUnit::CloseSocket { code, reason: String::new() });
        }
        self.closed(code, reason, true);
        if first_opens {
            self.state = State::Leaving;
        }
    }

    /// What it was told while it came about is sent before it closes.
    fn leave(&mut self) {
        self.state = State::Over;
        std::mem::take(&mut self.waiting).into_iter().for_each(|frame| self.put(frame));
        self.out.push_back(FromUnit::CloseSocket { code: OWN_CLOSE.0, reason: String::new() });
    }

    fn closed(&mut self, code: u16, reason: &str, clean: bool) {
        let fields = [
            ("code", Datum::Number(f64::from(code))),
            ("reason", Datum::from(reason)),
            ("wasClean", Datum::Bool(clean)),
        ];
        self.raise(event::CLOSE, Dictionary::from_iter(fields));
        self.state = State::Over;
        self.out.push_back(FromUnit::Over);
    }

    fn raise(&mut self, name: &str, fields: Dictionary) {
        self.out.push_back(FromUnit::Raise { name: name.to_owned(), fields });
    }
}

/// A message for the journal.
fn shown(frame: &WireFrame) -> Value {
    match frame {
        WireFrame::Text(text) => json!({ "text": &**text }),
        WireFrame::Binary(bytes) => json!({ "bytes": bytes.len() }),
    }
}

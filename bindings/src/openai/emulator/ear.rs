//! The caller's audio: any pieces of the session's format become 20 ms frames, which the voice-activity detector and
//! the listener of the spoken code hear. Samples are not kept; what counts is when speech was and which words it held.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use voxrun_audio::g711::{self, Law};
use voxrun_audio::{FRAME_MS, Frame, Heard, Listener, Rate, Vad, VadEvent, VadSettings};

use super::brain::LOST;
use super::session::Format;

/// What a caller said between two commits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Speech {
    /// The words; lost ones are `[...]`.
    pub(super) text: String,
    /// Length of the audio.
    pub(super) audio_ms: u64,
}

/// One connection's ear.
pub(super) struct AgentEar {
    format: Format,
    vad: Vad,
    listener: Listener,
    /// Samples that do not fill a frame yet.
    rest: Vec<i16>,
    /// Half a sample.
    odd: Option<u8>,
    heard: Vec<Heard>,
    /// Audio since the last commit or clear.
    buffered_ms: u64,
}

impl AgentEar {
    pub(super) fn new(vad: VadSettings) -> AgentEar {
        AgentEar {
            format: Format::Pcm,
            vad: Vad::new(vad),
            listener: Listener::new(Rate::Hz24000),
            rest: Vec::new(),
            odd: None,
            heard: Vec::new(),
            buffered_ms: 0,
        }
    }

    /// Follows the session's settings.
    pub(super) fn set(&mut self, format: Format, vad: VadSettings) {
        self.vad.set(vad);
        if format != self.format {
            self.format = format;
            self.rest.clear();
            self.odd = None;
        }
    }

    /// One silent frame. `None` when the prepared message of silence is none in this format, or the ear is in the middle
    /// of a frame: then it has to be taken like any other piece.
    pub(super) fn silence(&mut self) -> Option<Option<VadEvent>> {
        let whole = self.format == Format::Pcm && self.rest.is_empty() && self.odd.is_none();
        whole.then(|| self.frame(&Frame::silence(Rate::Hz24000)))
    }

    /// A piece of audio in base64 as whole frames; what is left waits for the next piece. An error is what is wrong.
    pub(super) fn frames(&mut self, base64: &str) -> Result<Vec<Frame>, &'static str> {
        let bytes = STANDARD.decode(base64).map_err(|_| "not base64")?;
        let (rate, samples) = match self.format {
            Format::Pcm => (Rate::Hz24000, self.pcm(&bytes)),
            Format::MuLaw => {
                (Rate::Hz8000, bytes.iter().map(|code| g711::decode_sample(Law::Mu, *code)).collect())
            }
            Format::ALaw => {
                (Rate::Hz8000, bytes.iter().map(|code| g711::decode_sample(Law::A, *code)).collect())
            }
        };
        let mut all = std::mem::take(&mut self.rest);
        all.extend_from_slice(&samples);
        let pieces = all.chunks_exact(rate.frame_samples());
        self.rest = pieces.remainder().to_vec();
        Ok(pieces.map(|piece| Frame::from_samples(rate, piece)).collect())
    }

    fn pcm(&mut self, bytes: &[u8]) -> Vec<i16> {
        let carried = self.odd.take().into_iter().chain(bytes.iter().copied());
        let mut samples = Vec::with_capacity(bytes.len() / 2 + 1);
        let mut low = None;
        for byte in carried {
            match low.take() {
                None => low = Some(byte),
                Some(first) => samples.push(i16::from_le_bytes([first, byte])),
            }
        }
        self.odd = low;
        samples
    }

    /// Hears one frame.
    pub(super) fn frame(&mut self, frame: &Frame) -> Option<VadEvent> {
        self.buffered_ms += u64::from(FRAME_MS);
        self.listener.push(frame);
        while let Some(heard) = self.listener.poll() {
            self.heard.push(heard);
        }
        self.vad.push(frame)
    }

    /// Milliseconds of audio ever taken.
    pub(super) fn now_ms(&self) -> u64 {
        self.vad.now_ms()
    }

    /// Milliseconds of audio since the last commit or clear.
    pub(super) fn buffered_ms(&self) -> u64 {
        self.buffered_ms
    }

    /// Forgets what was heard before `at_ms`.
    pub(super) fn forget_before(&mut self, at_ms: u64) {
        self.heard.retain(|heard| match heard {
            Heard::Word { end_ms, .. } | Heard::Lost { end_ms, .. } => *end_ms > at_ms,
        });
    }

    /// Forgets everything since the last commit.
    pub(super) fn clear(&mut self) {
        self.listener.flush();
        while self.listener.poll().is_some() {}
        self.heard.clear();
        self.rest.clear();
        self.odd = None;
        self.buffered_ms = 0;
    }

    /// What was said since the last commit.
    pub(super) fn commit(&mut self) -> Speech {
        if self.listener.hears_sound() {
            self.listener.flush();
        }
        while let Some(heard) = self.listener.poll() {
            self.heard.push(heard);
        }
        let mut words: Vec<String> = Vec::new();
        for heard in self.heard.drain(..) {
            match heard {
                Heard::Word { text, .. } => words.push(text),
                Heard::Lost { .. } => words.push(LOST.to_owned()),
            }
        }
        words.dedup_by(|next, before| next == LOST && before == LOST);
        let audio_ms = std::mem::take(&mut self.buffered_ms);
        Speech { text: words.join(" "), audio_ms }
    }
}

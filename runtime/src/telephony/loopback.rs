//! The line of an offline call: every frame, either way, passes G.711 mu-law at 8 kHz (ITU-T G.711) as it would on a
//! phone line. It has no packets, no jitter and no loss.

use voxrun_audio::g711::{self, Law};
use voxrun_audio::{Frame, Rate, Resampler};

/// The rate of every telephone line here.
pub const LINE_RATE: Rate = Rate::Hz8000;

/// What a telephone does to audio.
#[derive(Clone)]
pub struct LoopbackLine {
    law: Law,
    /// For a far end that plays at another rate than the line's.
    narrowing: Option<Resampler>,
}

impl LoopbackLine {
    /// A line of this companding law.
    #[must_use]
    pub fn new(law: Law) -> LoopbackLine {
        LoopbackLine { law, narrowing: None }
    }

    /// What arrives at this end of a frame that the far end sent at any rate: 8 kHz, after one pass of the codec.
    #[must_use]
    pub fn from_far_end(&mut self, frame: Frame) -> Frame {
        let mut heard = self.narrowed(frame);
        g711::transcode(self.law, &mut heard);
        heard
    }

    /// What arrives at the far end of a frame that was sent to it at 8 kHz.
    #[must_use]
    pub fn to_far_end(&self, mut frame: Frame) -> Frame {
        g711::transcode(self.law, &mut frame);
        frame
    }

    fn narrowed(&mut self, frame: Frame) -> Frame {
        if frame.rate() == LINE_RATE {
            return frame;
        }
        let fits = self.narrowing.as_ref().is_some_and(|resampler| resampler.from() == frame.rate());
        if !fits {
            self.narrowing = Some(Resampler::new(frame.rate(), LINE_RATE));
        }
        match &mut self.narrowing {
            Some(resampler) => resampler.process(&frame),
            None => Frame::silence(LINE_RATE),
        }
    }
}

impl std::fmt::Debug for LoopbackLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoopbackLine").field("law", &self.law).finish_non_exhaustive()
    }
}

/// The keys of this text that a telephone has, `p` for a pause among them, and how many characters were not.
#[must_use]
pub fn dialable(digits: &str) -> (String, usize) {
    let keys: String = digits.chars().filter(|c| matches!(c, '0'..='9' | '*' | '#' | 'p' | 'P')).collect();
    let dropped = digits.chars().count() - keys.len();
    (keys.replace('P', "p"), dropped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_companders_what_passes_and_keeps_silence() {
        let mut line = LoopbackLine::new(Law::Mu);
        let loud = Frame::from_samples(LINE_RATE, &[12_345; 160]);
        let heard = line.from_far_end(loud.clone());
        assert_ne!(heard, loud, "mu-law has no code for 12345");
        assert!(heard.samples().iter().all(|s| (i32::from(*s) - 12_345).abs() < 512));
        assert_eq!(line.to_far_end(heard.clone()), heard, "a second pass changes nothing");
        assert!(line.from_far_end(Frame::silence(LINE_RATE)).is_silent());
    }

    #[test]
    fn other_rates_are_brought_to_the_line() {
        let mut line = LoopbackLine::new(Law::Mu);
        let wide = Frame::from_samples(Rate::Hz24000, &[1000; 480]);
        let _ = line.from_far_end(wide.clone());
        let heard = line.from_far_end(wide);
        assert_eq!(heard.rate(), LINE_RATE);
        assert!(heard.samples().iter().all(|s| (900..1100).contains(s)), "{heard:?}");
    }

    #[test]
    fn only_keys_are_dialled() {
        assert_eq!(dialable("12p#x é*P"), ("12p#*p".to_owned(), 3));
    }
}

//! One frame: 20 ms of mono 16-bit linear PCM at one of the four rates voice uses here.
//!
//! Silence is a value of its own, so that quiet time can be recognised without looking at samples. A frame knows neither its
//! time nor its origin, and never holds more or less than 20 ms.

/// Length of every frame, milliseconds.
pub const FRAME_MS: u32 = 20;

/// Samples in the longest frame (20 ms at 48 kHz).
pub const MAX_FRAME_SAMPLES: usize = 960;

/// A sample rate of a media unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rate {
    /// 8 kHz, telephony (G.711).
    Hz8000,
    /// 16 kHz, wide-band telephony and speech recognition.
    Hz16000,
    /// 24 kHz, the realtime providers.
    Hz24000,
    /// 48 kHz, browsers and Opus.
    Hz48000,
}

impl Rate {
    /// Every rate, lowest first.
    pub const ALL: [Rate; 4] = [Rate::Hz8000, Rate::Hz16000, Rate::Hz24000, Rate::Hz48000];

    /// Samples a second.
    pub const fn hz(self) -> u32 {
        match self {
            Rate::Hz8000 => 8_000,
            Rate::Hz16000 => 16_000,
            Rate::Hz24000 => 24_000,
            Rate::Hz48000 => 48_000,
        }
    }

    /// Samples in one 20 ms frame.
    pub const fn frame_samples(self) -> usize {
        (self.hz() / 1000 * FRAME_MS) as usize
    }

    /// The rate of that many samples a second, if frames can have it.
    pub const fn from_hz(hz: u32) -> Option<Rate> {
        match hz {
            8_000 => Some(Rate::Hz8000),
            16_000 => Some(Rate::Hz16000),
            24_000 => Some(Rate::Hz24000),
            48_000 => Some(Rate::Hz48000),
            _ => None,
        }
    }
}

/// 20 ms of mono 16-bit PCM, or 20 ms of silence.
///
/// Equality compares rate and samples; a frame that is silent by value equals one that merely holds zeros.
#[derive(Clone)]
pub struct Frame {
    rate: Rate,
    silent: bool,
    samples: [i16; MAX_FRAME_SAMPLES],
}

impl Frame {
    /// 20 ms of silence.
    pub const fn silence(rate: Rate) -> Frame {
        Frame { rate, silent: true, samples: [0; MAX_FRAME_SAMPLES] }
    }

    /// A frame of the given samples, padded with zeros; samples beyond one frame are ignored. No samples at all make silence.
    pub fn from_samples(rate: Rate, samples: &[i16]) -> Frame {
        let mut frame = Frame::silence(rate);
        let taken = samples.len().min(rate.frame_samples());
        frame.samples[..taken].copy_from_slice(&samples[..taken]);
        frame.silent = taken == 0;
        frame
    }

    /// The frame's sample rate.
    pub const fn rate(&self) -> Rate {
        self.rate
    }

    /// True when the frame is silence by value. A frame whose samples merely happen to be zero says false.
    pub const fn is_silent(&self) -> bool {
        self.silent
    }

    /// The samples, exactly [`Rate::frame_samples`] of them; zeros when silent.
    pub fn samples(&self) -> &[i16] {
        &self.samples[..self.rate.frame_samples()]
    }

    /// The samples for writing. The frame is no longer silent, whatever is written.
    pub fn samples_mut(&mut self) -> &mut [i16] {
        self.silent = false;
        &mut self.samples[..self.rate.frame_samples()]
    }

    /// Adds another frame of the same rate, sample by sample, saturating at the 16-bit limits.
    ///
    /// A frame of another rate is ignored: resampling is the graph's business, and is checked in debug builds.
    pub fn mix(&mut self, other: &Frame) {
        debug_assert_eq!(self.rate, other.rate, "frames are resampled before they are mixed");
        if self.rate != other.rate || other.silent {
            return;
        }
        if self.silent {
            *self = other.clone();
            return;
        }
        for (sum, &add) in self.samples_mut().iter_mut().zip(other.samples()) {
            *sum = sum.saturating_add(add);
        }
    }
}

impl PartialEq for Frame {
    fn eq(&self, other: &Frame) -> bool {
        self.rate == other.rate && self.samples() == other.samples()
    }
}

impl Eq for Frame {}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let peak = self.samples().iter().map(|s| s.unsigned_abs()).max().unwrap_or(0);
        f.debug_struct("Frame")
            .field("rate_hz", &self.rate.hz())
            .field("silent", &self.silent)
            .field("peak", &peak)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_the_length_of_their_rate() {
        for (rate, samples) in Rate::ALL.into_iter().zip([160, 320, 480, 960]) {
            assert_eq!(rate.frame_samples(), samples);
            assert_eq!(Frame::silence(rate).samples().len(), samples);
            assert_eq!(Rate::from_hz(rate.hz()), Some(rate));
        }
        assert_eq!(Rate::from_hz(44_100), None);
    }

    #[test]
    fn short_input_is_padded_and_long_input_is_cut() {
        let short = Frame::from_samples(Rate::Hz8000, &[7; 3]);
        assert_eq!(short.samples()[..4], [7, 7, 7, 0]);
        assert!(!short.is_silent());
        let long = Frame::from_samples(Rate::Hz8000, &[7; 1000]);
        assert_eq!(long.samples(), [7; 160]);
        assert!(Frame::from_samples(Rate::Hz8000, &[]).is_silent());
    }

    #[test]
    fn mixing_saturates_and_silence_adds_nothing() {
        let mut sum = Frame::silence(Rate::Hz16000);
        sum.mix(&Frame::silence(Rate::Hz16000));
        assert!(sum.is_silent());
        sum.mix(&Frame::from_samples(Rate::Hz16000, &[30_000, -30_000, 5]));
        sum.mix(&Frame::silence(Rate::Hz16000));
        sum.mix(&Frame::from_samples(Rate::Hz16000, &[30_000, -30_000, -7]));
        assert_eq!(sum.samples()[..4], [i16::MAX, i16::MIN, -2, 0]);
    }

    #[test]
    fn writing_ends_silence() {
        let mut frame = Frame::silence(Rate::Hz8000);
        assert_eq!(frame.samples(), [0; 160]);
        frame.samples_mut()[0] = 1;
        assert!(!frame.is_silent());
        assert_ne!(frame, Frame::silence(Rate::Hz8000));
    }
}

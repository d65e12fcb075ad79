//! How sound comes into a leg: at the leg's own rate, whatever rate the far end has. A leg carries linear frames; a codec
//! belongs to the far end.

use voxrun_audio::{Frame, Rate, Resampler};

/// The rate of every telephone line here.
pub const LINE_RATE: Rate = Rate::Hz8000;

/// One leg's way in.
#[derive(Clone)]
pub struct Inlet {
    rate: Rate,
    /// For a far end of another rate.
    resampler: Option<Resampler>,
}

impl Inlet {
    /// Of a leg of this rate.
    #[must_use]
    pub const fn new(rate: Rate) -> Inlet {
        Inlet { rate, resampler: None }
    }

    /// The leg's rate.
    #[must_use]
    pub const fn rate(&self) -> Rate {
        self.rate
    }

    /// A frame of the far end at the leg's rate.
    #[must_use]
    pub fn take(&mut self, frame: Frame) -> Frame {
        if frame.rate() == self.rate {
            return frame;
        }
        let fits = self.resampler.as_ref().is_some_and(|resampler| resampler.from() == frame.rate());
        if !fits {
            self.resampler = Some(Resampler::new(frame.rate(), self.rate));
        }
        match &mut self.resampler {
            Some(resampler) => resampler.process(&frame),
            None => Frame::silence(self.rate),
        }
    }
}

impl std::fmt::Debug for Inlet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inlet").field("rate", &self.rate).finish_non_exhaustive()
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
    fn other_rates_are_brought_to_the_legs() {
        let mut inlet = Inlet::new(LINE_RATE);
        let narrow = Frame::from_samples(LINE_RATE, &[12_345; 160]);
        assert_eq!(inlet.take(narrow.clone()), narrow, "nothing is lost on the way");
        let wide = Frame::from_samples(Rate::Hz24000, &[1000; 480]);
        let _ = inlet.take(wide.clone());
        let heard = inlet.take(wide);
        assert_eq!(heard.rate(), LINE_RATE);
        assert!(heard.samples().iter().all(|s| (900..1100).contains(s)), "{heard:?}");
    }

    #[test]
    fn only_keys_are_dialled() {
        assert_eq!(dialable("12p#x é*P"), ("12p#*p".to_owned(), 3));
    }
}

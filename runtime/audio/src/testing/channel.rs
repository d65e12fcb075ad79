//! Lines: what happens to samples between a mouth and an ear.

use std::sync::OnceLock;

use crate::fir::{Polyphase, dot, round};
use crate::frame::{Frame, Rate};
use crate::g711::{Law, transcode};
use crate::resample::Resampler;

/// One thing a line does to each frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Resample to this rate.
    To(Rate),
    /// Compress and expand.
    Line(Law),
}

/// A line of several steps, keeping the state of its resamplers.
#[derive(Clone)]
pub struct Chain {
    steps: Vec<(Step, Option<Resampler>)>,
    to: Rate,
}

impl Chain {
    /// A line that takes frames of the rate and does the steps in order.
    pub fn new(from: Rate, steps: &[Step]) -> Chain {
        let mut to = from;
        let steps = steps
            .iter()
            .map(|&step| match step {
                Step::To(next) => (step, Some(Resampler::new(std::mem::replace(&mut to, next), next))),
                Step::Line(_) => (step, None),
            })
            .collect();
        Chain { steps, to }
    }

    /// The rate of the frames it gives.
    pub fn to(&self) -> Rate {
        self.to
    }

    /// Carries one frame.
    pub fn carry(&mut self, frame: Frame) -> Frame {
        let mut frame = frame;
        for (step, resampler) in &mut self.steps {
            match (step, resampler) {
                (_, Some(resampler)) => frame = resampler.process(&frame),
                (Step::Line(law), None) => transcode(*law, &mut frame),
                (Step::To(_), None) => {}
            }
        }
        frame
    }
}

/// Replays samples with a clock that is `ppm` millionths fast (they become fewer) or slow (they become more).
pub fn drift(samples: &[i16], ppm: i32) -> Vec<i16> {
    const PHASES: u64 = 256;
    static FILTER: OnceLock<Polyphase> = OnceLock::new();
    let filter = FILTER.get_or_init(|| Polyphase::design(PHASES as usize, PHASES as usize));
    if ppm == 0 {
        return samples.to_vec();
    }
    let delay = filter.delay() as u64;
    let padded: Vec<i16> = std::iter::repeat_n(0, filter.taps)
        .chain(samples.iter().copied())
        .chain(std::iter::repeat_n(0, filter.taps))
        .collect();
    let step = (1_000_000 + i64::from(ppm)).max(1) as u64;
    let length = samples.len() as u64 * 1_000_000 / step;
    (0..length)
        .map(|n| {
            let at = n * step * PHASES / 1_000_000 + delay;
            let newest = (at / PHASES) as usize + filter.taps;
            round(dot(filter.row((at % PHASES) as usize), &padded[newest + 1 - filter.taps..=newest]))
        })
        .collect()
}

/// Makes samples louder or quieter by a factor of `percent` hundredths, saturating.
pub fn gain(samples: &mut [i16], percent: u32) {
    for sample in samples {
        let scaled = i64::from(*sample) * i64::from(percent) / 100;
        *sample = scaled.clamp(i64::from(i16::MIN), i64::from(i16::MAX)) as i16;
    }
}

//! The line of a simulated phone: every frame, either way, passes G.711 mu-law at 8 kHz (ITU-T G.711) as it would on a
//! phone line. It has no packets, no jitter and no loss.

use voxrun_audio::Frame;
use voxrun_audio::g711::{self, Law};

/// What the line makes of a frame.
#[must_use]
pub(super) fn over_the_line(mut frame: Frame) -> Frame {
    g711::transcode(Law::Mu, &mut frame);
    frame
}

#[cfg(test)]
mod tests {
    use voxrun_audio::Rate;

    use super::*;

    #[test]
    fn a_line_companders_what_passes_and_keeps_silence() {
        let loud = Frame::from_samples(Rate::Hz8000, &[12_345; 160]);
        let heard = over_the_line(loud.clone());
        assert_ne!(heard, loud, "mu-law has no code for 12345");
        assert!(heard.samples().iter().all(|s| (i32::from(*s) - 12_345).abs() < 512));
        assert_eq!(over_the_line(heard.clone()), heard, "a second pass changes nothing");
        assert!(over_the_line(Frame::silence(Rate::Hz8000)).is_silent());
    }
}

//! One directed link between two units, with the resampler that turns the source's rate into the sink's. It keeps at
//! most 2 ms of what passed (the resampler's history).

use voxrun_audio::{Frame, Rate, Resampler};
use voxrun_bindings::contract::UnitId;

/// A link from a source to a sink.
pub(super) struct Edge {
    /// The source.
    pub(super) from: UnitId,
    /// The sink.
    pub(super) to: UnitId,
    resampler: Option<Resampler>,
    /// Sound passed on the last tick, so the resampler still owes its tail.
    warm: bool,
}

impl Edge {
    pub(super) fn new(from: UnitId, to: UnitId) -> Edge {
        Edge { from, to, resampler: None, warm: false }
    }

    /// What the sink gets of this source frame; `None` when the source gives nothing and owes nothing.
    pub(super) fn carry(&mut self, frame: Option<&Frame>, to: Rate) -> Option<Frame> {
        let Some(frame) = frame else {
            let owed = std::mem::take(&mut self.warm);
            return self.resampler.as_mut().filter(|r| owed && r.to() == to).map(|r| {
                let tail = Frame::silence(r.from());
                r.process(&tail)
            });
        };
        self.warm = !frame.is_silent();
        if frame.rate() == to {
            self.resampler = None;
            return Some(frame.clone());
        }
        let fits = self.resampler.as_ref().is_some_and(|r| r.from() == frame.rate() && r.to() == to);
        if !fits {
            self.resampler = Some(Resampler::new(frame.rate(), to));
        }
        self.resampler.as_mut().map(|r| r.process(frame))
    }

    /// Forgets what passed: nothing of it will be heard any more.
    pub(super) fn cut(&mut self) {
        self.resampler = None;
        self.warm = false;
    }
}

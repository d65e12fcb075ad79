//! How punctual the ticks of live calls are: a count of how late each came.

/// How many ticks came how many milliseconds after they were due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Punctuality {
    /// Counts by whole milliseconds; the last one counts everything later.
    pub late_ms: Vec<u64>,
}

impl Punctuality {
    const BUCKETS: usize = 101;

    /// One tick came so late.
    pub(super) fn note(&mut self, late_ms: u64) {
        self.late_ms.resize(Self::BUCKETS, 0);
        let bucket = usize::try_from(late_ms).unwrap_or(usize::MAX).min(Self::BUCKETS - 1);
        self.late_ms[bucket] += 1;
    }

    /// Adds another count.
    pub(super) fn add(&mut self, other: &Punctuality) {
        self.late_ms.resize(Self::BUCKETS, 0);
        for (sum, more) in self.late_ms.iter_mut().zip(&other.late_ms) {
            *sum += more;
        }
    }

    /// The lateness that this share of the ticks did not exceed, in milliseconds, rounded up.
    #[must_use]
    pub fn quantile_ms(&self, share: f64) -> u64 {
        let all: u64 = self.late_ms.iter().sum();
        let mut left = (all as f64 * share).ceil() as u64;
        for (late_ms, count) in (1..).zip(&self.late_ms) {
            if left <= *count {
                return late_ms;
            }
            left -= count;
        }
        0
    }
}

//! Audio in 20 ms frames of mono `i16`. Integer or table arithmetic only.

/// Sample rates that units work at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// 8 kHz
    Hz8000,
    /// 16 kHz
    Hz16000,
    /// 24 kHz
    Hz24000,
    /// 48 kHz
    Hz48000,
}

/// 20 ms of mono audio.
#[derive(Debug, Clone)]
pub struct Frame;

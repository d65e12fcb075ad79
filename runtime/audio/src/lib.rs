//! Audio in 20 ms frames of mono `i16`: frames and rates. Integer or table arithmetic only.

/// Placeholder rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate { /// 8 kHz
    Hz8000, /// 16 kHz
    Hz16000, /// 24 kHz
    Hz24000, /// 48 kHz
    Hz48000 }
/// Placeholder frame.
#[derive(Debug, Clone)]
pub struct Frame;

//! x
use crate::connector::{Emulator, EmulatorSetup};
pub(crate) fn emulator(_: EmulatorSetup) -> Result<Box<dyn Emulator>, String> {
    Err(String::new())
}

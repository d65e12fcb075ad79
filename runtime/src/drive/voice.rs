//! Speech for a caller whom real providers are to understand: `espeak-ng`, when it is installed. Emulators understand the
//! spoken code instead and need none of this.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Spoken words in a WAV file, which is removed when this goes out of scope.
#[derive(Debug)]
pub struct Spoken(PathBuf);

impl Spoken {
    /// Speaks these words.
    ///
    /// # Errors
    /// When `espeak-ng` is not installed or fails; the text says what to do.
    pub fn of(text: &str) -> Result<Spoken, String> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("voxrun-{}-{number}.wav", std::process::id()));
        let spoken = Spoken(path);
        // A file, because the header of a WAV on standard output cannot know its length.
        let said = Command::new("espeak-ng")
            .arg("-w")
            .arg(&spoken.0)
            .args(["--", text])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| {
                format!(
                    "a real provider needs real speech, and espeak-ng cannot be started ({error}). Install it, or \
                     give recordings with --caller"
                )
            })?;
        match said.status.success() {
            true => Ok(spoken),
            false => Err(format!("espeak-ng said nothing: {}", String::from_utf8_lossy(&said.stderr).trim())),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Spoken {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

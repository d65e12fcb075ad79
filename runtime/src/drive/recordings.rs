//! Files of what scripts record (`--recordings DIR`). One thread writes them all, piece by piece, so that no session waits for
//! a disk and an interrupted run leaves whole files of what was recorded until then.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use hound::{SampleFormat, WavSpec, WavWriter};
use voxrun_bindings::contract::UnitId;
use voxrun_bindings::wire::Recorded;

use crate::room::Archive;
use crate::session::file_name;

/// Samples that may wait for a slow disk, of all sessions: about four minutes of a hundred calls.
const MOST_WAITING: u64 = 200_000_000;

/// Whose recording it is.
type Of = (u32, UnitId);

enum Message {
    Part(Of, Recorded),
    Over,
}

/// A file that could not be written as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unwritten {
    /// Which.
    pub(crate) path: PathBuf,
    /// Why.
    pub(crate) cause: String,
}

/// The thread that writes, and the way to it.
pub(crate) struct Recordings {
    to: Sender<Message>,
    waiting: Arc<AtomicU64>,
    thread: JoinHandle<Vec<Unwritten>>,
}

impl Recordings {
    /// Writes into this folder, which is made when there is none.
    ///
    /// # Errors
    /// When the folder or the thread cannot be made.
    pub(crate) fn start(dir: &Path) -> std::io::Result<Recordings> {
        std::fs::create_dir_all(dir)?;
        let (to, from) = channel();
        let waiting = Arc::new(AtomicU64::new(0));
        let (dir, left) = (dir.to_owned(), Arc::clone(&waiting));
        let builder = std::thread::Builder::new().name("recordings".to_owned());
        let thread = builder.spawn(move || write_all(&dir, &from, &left))?;
        Ok(Recordings { to, waiting, thread })
    }

    /// What rooms give their parts to.
    pub(crate) fn archive(&self) -> Arc<dyn Archive> {
        Arc::new(Inlet { to: self.to.clone(), waiting: Arc::clone(&self.waiting) })
    }

    /// Waits until everything is written; what could not be.
    pub(crate) fn finish(self) -> Vec<Unwritten> {
        // It listens until it is told this; should it be gone, there is nothing to wait for.
        let _ = self.to.send(Message::Over);
        let broke = |_| vec![Unwritten { path: PathBuf::new(), cause: "the writer broke".to_owned() }];
        self.thread.join().unwrap_or_else(broke)
    }
}

#[derive(Debug)]
struct Inlet {
    to: Sender<Message>,
    waiting: Arc<AtomicU64>,
}

impl Archive for Inlet {
    fn keep(&self, session: u32, unit: UnitId, part: Recorded) {
        let samples = samples_of(&part);
        if self.waiting.load(Ordering::Relaxed) + samples > MOST_WAITING && samples > 0 {
            // The place of the next piece tells the writer that one is missing.
            return;
        }
        self.waiting.fetch_add(samples, Ordering::Relaxed);
        let _ = self.to.send(Message::Part((session, unit), part));
    }
}

fn samples_of(part: &Recorded) -> u64 {
    match part {
        Recorded::Sound(piece) => piece.samples.len() as u64,
        Recorded::Started { .. } | Recorded::Stopped { .. } => 0,
    }
}

fn write_all(dir: &Path, from: &Receiver<Message>, waiting: &AtomicU64) -> Vec<Unwritten> {
    let mut files: BTreeMap<Of, WavFile> = BTreeMap::new();
    let mut unwritten = Vec::new();
    while let Ok(Message::Part(of, part)) = from.recv() {
        waiting.fetch_sub(samples_of(&part), Ordering::Relaxed);
        let written = match part {
            Recorded::Started { url, rate, channels } => {
                let path = dir.join(file_name(&url));
                WavFile::create(path, rate.hz(), channels).map(|file| drop(files.insert(of, file)))
            }
            Recorded::Sound(piece) => match files.get_mut(&of) {
                Some(file) => file.sound(piece.at, &piece.samples),
                None => Ok(()),
            },
            Recorded::Stopped { length } => match files.remove(&of) {
                Some(file) => file.finish(length),
                None => Ok(()),
            },
        };
        if let Err(why) = written {
            files.remove(&of);
            unwritten.push(why);
        }
    }
    // What nobody stopped ends with its last sound.
    let left = std::mem::take(&mut files).into_values();
    unwritten.extend(left.filter_map(|file| file.finish(0).err()));
    unwritten
}

/// One file.
struct WavFile {
    path: PathBuf,
    writer: WavWriter<BufWriter<File>>,
    channels: usize,
    /// Samples of each channel so far.
    length: u64,
}

impl WavFile {
    fn create(path: PathBuf, sample_rate: u32, channels: usize) -> Result<WavFile, Unwritten> {
        let spec = WavSpec {
            channels: u16::try_from(channels).unwrap_or(1),
            sample_rate,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        match WavWriter::create(&path, spec) {
            Ok(writer) => Ok(WavFile { path, writer, channels, length: 0 }),
            Err(cause) => Err(Unwritten { path, cause: cause.to_string() }),
        }
    }

    fn sound(&mut self, at: u64, samples: &[i16]) -> Result<(), Unwritten> {
        self.try_sound(at, samples)
            .map_err(|cause| Unwritten { path: self.path.clone(), cause: cause.to_string() })
    }

    /// The header is renewed with each piece, so that the file is whole whenever the program ends.
    fn try_sound(&mut self, at: u64, samples: &[i16]) -> hound::Result<()> {
        self.silence_until(at)?;
        for sample in samples {
            self.writer.write_sample(*sample)?;
        }
        self.length += (samples.len() / self.channels) as u64;
        self.writer.flush()
    }

    fn finish(mut self, length: u64) -> Result<(), Unwritten> {
        let path = std::mem::take(&mut self.path);
        let finished = self.silence_until(length).and_then(|()| self.writer.finalize());
        finished.map_err(|cause| Unwritten { path, cause: cause.to_string() })
    }

    fn silence_until(&mut self, place: u64) -> hound::Result<()> {
        while self.length < place {
            for _ in 0..self.channels {
                self.writer.write_sample(0_i16)?;
            }
            self.length += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use voxrun_audio::{Piece, Rate};

    use super::*;

    #[test]
    fn pieces_become_files_with_silence_between_them() {
        let dir = std::env::temp_dir().join(format!("voxrun-recordings-{}", std::process::id()));
        let recordings = Recordings::start(&dir).unwrap();
        let archive = recordings.archive();
        let begins = |name: &str| Recorded::Started {
            url: format!("https://records.test/{name}.wav"),
            rate: Rate::Hz8000,
            channels: 2,
        };
        archive.keep(1, UnitId(1), begins("a"));
        archive.keep(2, UnitId(1), begins("b"));
        archive.keep(1, UnitId(1), Recorded::Sound(Piece { at: 2, samples: vec![1, 2, 3, 4] }));
        archive.keep(1, UnitId(1), Recorded::Stopped { length: 5 });
        archive.keep(9, UnitId(9), Recorded::Stopped { length: 5 });
        assert_eq!(recordings.finish(), []);
        let read = |name: &str| -> Vec<i16> {
            hound::WavReader::open(dir.join(name)).unwrap().into_samples().map(Result::unwrap).collect()
        };
        assert_eq!(read("a.wav"), [0, 0, 0, 0, 1, 2, 3, 4, 0, 0]);
        assert!(read("b.wav").is_empty(), "it was never stopped, and is a whole file all the same");
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_made_is_told() {
        let dir = std::env::temp_dir().join(format!("voxrun-no-recordings-{}", std::process::id()));
        let recordings = Recordings::start(&dir).unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
        let url = "https://records.test/a.wav".to_owned();
        recordings.archive().keep(1, UnitId(1), Recorded::Started { url, rate: Rate::Hz8000, channels: 1 });
        let unwritten = recordings.finish();
        assert_eq!(unwritten.len(), 1);
        assert_eq!(unwritten[0].path, dir.join("a.wav"));
    }
}

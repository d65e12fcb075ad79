//! How many conversations the emulator's server holds: 1,000 connections to `voxrun emulate` in a process of its own,
//! each with 20 ms frames of speech one way and the agent's audio the other. Prints the server's share of a core and how
//! long a question takes meanwhile. `cargo bench --profile dev -p voxrun --bench connections [CONNECTIONS] [SECONDS]`;
//! it needs an open-files limit above the number of connections. Loopback only, Linux only (it reads `/proc`).

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use voxrun_audio::{Rate, speak};

/// One frame of audio.
const FRAME: Duration = Duration::from_millis(20);

/// Groups in which the connections send, so that a tick's frames are spread over it as they are in life.
const GROUPS: usize = 20;

/// Connections that ask questions and send no audio.
const ASKING: usize = 20;

/// How often each of them asks.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// A question with a short answer, and a word of that answer.
const QUESTION: &str = r#"{"type":"conversation.item.retrieve","item_id":"nothing"}"#;
const ANSWER: &[u8] = b"item_not_found";

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let connections = numbers.next().unwrap_or(1000);
    let seconds = numbers.next().unwrap_or(15) as u64;
    let (mut server, address) = start_server();
    let frames = speech();
    let mut talking: Vec<Peer> = (0..connections).map(|number| Peer::open(&address, number * 7)).collect();
    let mut asking: Vec<Peer> = (0..ASKING).map(|number| Peer::open(&address, number)).collect();
    let run = Run::play(&mut talking, &mut asking, &frames, server.id(), Duration::from_secs(seconds));
    let _ = server.kill();
    let _ = server.wait();
    run.print(connections, &talking);
}

fn start_server() -> (Child, String) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_voxrun"))
        .args(["emulate", "--listen", "127.0.0.1:0", "--provider", "openai", "--quiet"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the built program");
    let mut first = String::new();
    let stdout = server.stdout.take().expect("piped");
    BufReader::new(stdout).read_line(&mut first).expect("a line");
    let address = first.trim().strip_prefix("listening on ").expect("its address").to_owned();
    (server, address)
}

/// A masked text frame; a mask of zeros leaves the text as it is.
fn text_frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short message");
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend(length.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

/// Three seconds of a caller: a sentence, then silence.
fn speech() -> Vec<Vec<u8>> {
    let mut samples = speak("can you hear me", Rate::Hz24000);
    samples.resize((samples.len() / 480 + 1) * 480, 0);
    samples.extend(vec![0; 24_000]);
    let frames = samples.chunks_exact(480).map(|frame| {
        let bytes: Vec<u8> = frame.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let audio = STANDARD.encode(bytes);
        text_frame(&format!(r#"{{"type":"input_audio_buffer.append","audio":"{audio}"}}"#))
    });
    frames.collect()
}

/// One connection of the client's side.
struct Peer {
    stream: TcpStream,
    /// Which frame comes next.
    at: usize,
    unsent: Vec<u8>,
    received: u64,
    asked: Option<Instant>,
}

impl Peer {
    fn open(address: &str, at: usize) -> Peer {
        let mut stream =
            TcpStream::connect(address).expect("a connection; is the open-files limit high enough?");
        let request = format!(
            "GET /v1/realtime?model=gpt-realtime HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
             Authorization: Bearer key\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).expect("answered");
        assert_eq!(&answer, b"HTTP/1.1 101");
        stream.set_nonblocking(true).expect("nonblocking");
        stream.set_nodelay(true).expect("nodelay");
        Peer { stream, at, unsent: Vec::new(), received: 0, asked: None }
    }

    /// Sends as much as fits; the rest stays for the next time.
    fn send(&mut self, frame: &[u8]) {
        self.unsent.extend(frame);
        match self.stream.write(&self.unsent) {
            Ok(count) => drop(self.unsent.drain(..count)),
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
        }
    }

    /// Takes what has come. True when an answer was in it.
    fn receive(&mut self, buffer: &mut [u8]) -> bool {
        let mut answered = false;
        loop {
            match self.stream.read(buffer) {
                Ok(0) => panic!("the server hung up"),
                Ok(count) => {
                    self.received += count as u64;
                    answered |= self.asked.is_some()
                        && buffer[..count].windows(ANSWER.len()).any(|window| window == ANSWER);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return answered,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// What was measured.
struct Run {
    took: Duration,
    server: Duration,
    answers: Vec<Duration>,
    frames: u64,
    late: Duration,
    memory_mb: f64,
}

impl Run {
    fn play(
        talking: &mut [Peer],
        asking: &mut [Peer],
        frames: &[Vec<u8>],
        pid: u32,
        length: Duration,
    ) -> Run {
        let mut buffer = vec![0; 64 * 1024];
        let mut run = Run {
            took: Duration::ZERO,
            server: Duration::ZERO,
            answers: Vec::new(),
            frames: 0,
            late: Duration::ZERO,
            memory_mb: 0.0,
        };
        let question = text_frame(QUESTION);
        let busy_before = busy(pid);
        let start = Instant::now();
        let slot = FRAME / u32::try_from(GROUPS).expect("few");
        for step in 0_u32.. {
            let due = start + slot * step;
            if due.duration_since(start) >= length {
                break;
            }
            let now = Instant::now();
            match due.checked_duration_since(now) {
                Some(early) => std::thread::sleep(early),
                None => run.late = run.late.max(now.duration_since(due)),
            }
            for peer in talking.iter_mut().skip(step as usize % GROUPS).step_by(GROUPS) {
                peer.send(&frames[peer.at % frames.len()]);
                peer.at += 1;
                run.frames += 1;
                peer.receive(&mut buffer);
            }
            for peer in asking.iter_mut() {
                if peer.receive(&mut buffer)
                    && let Some(asked) = peer.asked.take()
                {
                    run.answers.push(asked.elapsed());
                }
            }
            let turn = ASK_EVERY.as_micros() / slot.as_micros();
            if let Some(peer) = asking.get_mut((u128::from(step) % turn) as usize)
                && peer.asked.is_none()
            {
                peer.asked = Some(Instant::now());
                peer.send(&question);
            }
        }
        run.took = start.elapsed();
        run.server = busy(pid).saturating_sub(busy_before);
        run.memory_mb = resident_mb(pid);
        run
    }

    fn print(mut self, connections: usize, talking: &[Peer]) {
        self.answers.sort();
        let part = |share: f64| {
            let at = (self.answers.len() as f64 * share) as usize;
            self.answers.get(at.min(self.answers.len().saturating_sub(1))).copied().unwrap_or_default()
        };
        let received: u64 = talking.iter().map(|peer| peer.received).sum();
        let quiet = talking.iter().filter(|peer| peer.received < 10_000).count();
        let core = self.server.as_secs_f64() / self.took.as_secs_f64();
        println!(
            "{connections} connections for {:.1} s: {} frames of 20 ms to the server",
            self.took.as_secs_f64(),
            self.frames
        );
        println!(
            "  {:.1} MB of events back; connections that heard no audio: {quiet}  mark 0",
            received as f64 / 1e6
        );
        println!("  the server took {:.0} % of one core  mark 100 %", core * 100.0);
        println!(
            "  {:.1} us of it for each frame and what came back",
            self.server.as_secs_f64() * 1e6 / self.frames as f64
        );
        println!(
            "  a question was answered in {:.1} ms (p50), {:.1} ms (p99)",
            part(0.5).as_secs_f64() * 1e3,
            part(0.99).as_secs_f64() * 1e3
        );
        println!(
            "  the server's memory: {:.0} MB; this client was late by at most {:.0} ms",
            self.memory_mb,
            self.late.as_secs_f64() * 1e3
        );
    }
}

/// The processor time of a process so far. Linux counts it in hundredths of a second.
fn busy(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 =
        after.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn resident_mb(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kb = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<f64>().ok());
    kb.unwrap_or(f64::NAN) / 1024.0
}

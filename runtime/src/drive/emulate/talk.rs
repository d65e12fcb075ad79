//! One connection of the server: the request, the answer, then messages both ways until somebody closes. What happens
//! when is decided by the [`Pipe`]; this file only carries it to the socket and back.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, Sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use voxrun_bindings::connection::{FromPipe, NOT_HTTP, Pipe};
use voxrun_bindings::contract::Time;
use voxrun_bindings::wire::{Remote, SocketInput, WireFrame};

use super::Shared;
use crate::drive::http::{self, NoHead, PATIENCE, Transport, Upgrade, read_head};
use crate::drive::pace::WallClock;

/// The largest message taken, in bytes: the provider's largest (20 MiB of base64) and its frame.
const LARGEST_MESSAGE: usize = 24 * 1024 * 1024;

/// The buffers of one connection, in bytes: a 20 ms frame of audio is 1.3 KiB.
const BUFFER: usize = 8 * 1024;

/// A client that takes nothing for this long is dropped.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// How long the answer to a close is waited for.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// The longest life of a connection that hears and says nothing any more.
const HALF_OPEN_LONGEST: Duration = Duration::from_secs(600);

/// What `connect=garbage` answers instead of HTTP.
const GARBAGE_ANSWER: &[u8] = b"\x00\xffnot HTTP at all\r\n\r\n";

/// The body of a WebSocket ping.
const PING: [u8; 4] = *b"ping";

/// Serves one connection to its end.
pub(super) async fn talk(mut stream: impl Transport, tls: bool, shared: &Shared) {
    let scheme = if tls { "wss" } else { "ws" };
    let request = match timeout(PATIENCE, read_head(&mut stream)).await {
        Ok(Ok(head)) => Upgrade::of(head, scheme),
        Ok(Err(NoHead::Answered(status, why))) => Err((status, why)),
        Ok(Err(NoHead::Silent)) | Err(_) => return,
    };
    let request = match request {
        Ok(request) => request,
        Err((status, why)) => {
            shared.tell("", format!("a request was answered with {status}: {why}"));
            return answer(&mut stream, &http::answer(status, why)).await;
        }
    };
    let path = request.endpoint.path().to_owned();
    let Some(provider) = shared.setup.providers.iter().copied().find(|provider| provider.path == path) else {
        let known: Vec<&str> = shared.setup.providers.iter().map(|provider| provider.path).collect();
        shared.tell("", format!("a request was answered with 404: nothing is at {path}"));
        let body = format!("nothing is at {path}; there are: {}\n", known.join(", "));
        return answer(&mut stream, &http::answer(404, &body)).await;
    };
    let number = shared.number(provider.name);
    let unit = format!("{}#{number}", provider.name);
    let (link, emulator) = match shared.emulator(provider, number) {
        Ok(made) => made,
        Err(what) => return shared.tell(&unit, what),
    };
    let endpoint = request.endpoint.clone();
    let pipe = {
        let faults = &mut shared.faults.borrow_mut();
        Pipe::connect(Time::ZERO, provider.name, link, endpoint, emulator, faults).patient()
    };
    let line = Served { shared, provider, unit, clock: WallClock::start(), pipe };
    line.serve(stream, request).await;
}

async fn answer(stream: &mut impl Transport, text: &str) {
    if timeout(WRITE_PATIENCE, stream.write_all(text.as_bytes())).await.is_ok_and(|sent| sent.is_ok()) {
        let _ = stream.shutdown().await;
    }
}

/// One connection.
struct Served<'a> {
    shared: &'a Shared,
    provider: &'static Remote,
    unit: String,
    clock: WallClock,
    pipe: Pipe,
}

/// Why the loop of an open connection wakes up.
enum Woken {
    Message(Option<Result<Message, Error>>),
    Due,
    Stop,
}

/// Whether a connection goes on.
enum Course {
    On,
    /// The server closes with this code and reason.
    Close(u16, String),
    /// The connection is lost without a close.
    Reset,
    /// The client has closed, and its close is answered.
    Over,
}

impl Served<'_> {
    async fn serve(mut self, mut stream: impl Transport, request: Upgrade) {
        let Some(early) = self.open(&mut stream, &request).await else { return };
        self.shared.tell(&self.unit, format!("open from {}", agent(&request)));
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER)
            .max_write_buffer_size(2 * LARGEST_MESSAGE)
            .max_message_size(Some(LARGEST_MESSAGE))
            .max_frame_size(Some(LARGEST_MESSAGE));
        let rest = request.rest;
        let mut socket = WebSocketStream::from_partially_read(stream, rest, Role::Server, Some(config)).await;
        let course = self.exchange(&mut socket, early).await;
        self.end(socket, course).await;
    }

    /// The answer to the upgrade. `None` when there is no connection; else what the emulator has said already.
    async fn open(&mut self, stream: &mut impl Transport, request: &Upgrade) -> Option<Vec<SocketInput>> {
        loop {
            let mut opened = None;
            for item in self.advance() {
                match (item, &mut opened) {
                    (SocketInput::Opened, _) => opened = Some(Vec::new()),
                    (item, Some(early)) => early.push(item),
                    (SocketInput::Refused { status, body }, None) => {
                        self.shared.tell(&self.unit, format!("refused with {status}"));
                        answer(stream, &http::answer(status, &body)).await;
                        return None;
                    }
                    (SocketInput::Failed { reason }, None) if reason == NOT_HTTP => {
                        self.shared.tell(&self.unit, "answered with garbage");
                        let _ = timeout(WRITE_PATIENCE, stream.write_all(GARBAGE_ANSWER)).await;
                        return None;
                    }
                    (SocketInput::Failed { .. } | SocketInput::Closed { .. }, None) => {
                        self.shared.tell(&self.unit, "reset before it opened");
                        stream.reset_on_drop();
                        return None;
                    }
                    (SocketInput::Frame(_), None) => {}
                }
            }
            if let Some(early) = opened {
                let answer = request.accepted();
                let sent = timeout(WRITE_PATIENCE, stream.write_all(answer.as_bytes())).await;
                return sent.is_ok_and(|sent| sent.is_ok()).then_some(early);
            }
            if !self.wait_to_open(stream).await {
                return None;
            }
        }
    }

    /// Waits for what comes next while the client waits for its answer. False when it left, or the server stops.
    async fn wait_to_open(&mut self, stream: &mut impl Transport) -> bool {
        let until = self.pipe.deadline().map(|at| self.clock.until(at)).unwrap_or(HALF_OPEN_LONGEST);
        let mut due = pin!(tokio::time::sleep(until));
        let mut stop = pin!(self.shared.stop.notified());
        let mut byte = [0_u8];
        let mut gone = pin!(stream.read(&mut byte));
        let patience_ends = self.pipe.deadline().is_none();
        std::future::poll_fn(|context| {
            if self.shared.stopping.get()
                || stop.as_mut().poll(context).is_ready()
                || gone.as_mut().poll(context).is_ready()
            {
                return Poll::Ready(false);
            }
            due.as_mut().poll(context).map(|()| !patience_ends)
        })
        .await
    }

    /// Lets the pipe come to this instant: what happens on the socket, in order.
    fn advance(&mut self) -> Vec<SocketInput> {
        let mut happened = Vec::new();
        self.pipe.advance(self.clock.now(), &mut self.shared.faults.borrow_mut());
        while let Some(item) = self.pipe.poll() {
            match item {
                FromPipe::Socket(input) => happened.push(input),
                FromPipe::Heard(text) => self.shared.tell(&self.unit, format!("heard: {text}")),
                FromPipe::Fault(text) => self.shared.tell(&self.unit, format!("fault: {text}")),
                FromPipe::Broken(what) => self.shared.tell(&self.unit, what),
                FromPipe::Note(_) => {}
            }
        }
        happened
    }

    /// Messages both ways.
    async fn exchange<S: Transport>(
        &mut self,
        socket: &mut WebSocketStream<S>,
        early: Vec<SocketInput>,
    ) -> Course {
        let shared = self.shared;
        let mut stop = pin!(shared.stop.notified());
        let mut sleep = pin!(tokio::time::sleep(HALF_OPEN_LONGEST));
        let mut next_ping = self.provider.ping_every_ms.map(Time::from_ms);
        let mut happened = early;
        loop {
            match self.carry(socket, happened).await {
                Course::On => {}
                end => return end,
            }
            if let (Some(at), Some(every_ms)) = (next_ping, self.provider.ping_every_ms)
                && at <= self.clock.now()
            {
                next_ping = Some(at.plus_ms(every_ms));
                if !self.pipe.is_stalled() && !sent(socket.send(Message::Ping(PING.to_vec().into()))).await {
                    return self.lost();
                }
            }
            let deaf = self.pipe.is_deaf();
            self.set_alarm(sleep.as_mut(), next_ping.filter(|_| !deaf));
            let woken = std::future::poll_fn(|context| {
                if !deaf && let Poll::Ready(message) = socket.poll_next_unpin(context) {
                    return Poll::Ready(Woken::Message(message));
                }
                if shared.stopping.get() || stop.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Woken::Stop);
                }
                sleep.as_mut().poll(context).map(|()| Woken::Due)
            });
            match woken.await {
                Woken::Stop => return Course::Close(1001, "the server stops".to_owned()),
                Woken::Due if deaf && self.pipe.deadline().is_none() => return Course::Reset,
                Woken::Due => {}
                Woken::Message(message) => match self.take(message) {
                    Course::On => {}
                    end => return end,
                },
            }
            happened = self.advance();
        }
    }

    /// Sets the alarm to the next thing that happens by itself.
    fn set_alarm(&self, mut sleep: Pin<&mut Sleep>, ping: Option<Time>) {
        let next = [self.pipe.deadline(), ping].into_iter().flatten().min();
        let at = match next {
            Some(at) => self.clock.instant(at),
            None => self.clock.instant(self.clock.now()) + HALF_OPEN_LONGEST,
        };
        let at = Instant::from_std(at);
        if sleep.is_elapsed() || next.is_none() || sleep.deadline() != at {
            sleep.as_mut().reset(at);
        }
    }

    /// Something came from the client.
    fn take(&mut self, message: Option<Result<Message, Error>>) -> Course {
        let now = self.clock.now();
        let frame = match message {
            Some(Ok(Message::Text(text))) => WireFrame::Text(text.as_str().into()),
            Some(Ok(Message::Binary(bytes))) => WireFrame::Binary(bytes.to_vec()),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => return Course::On,
            Some(Ok(Message::Close(frame))) => {
                let code = frame.map_or(1005, |frame| u16::from(frame.code));
                self.shared.tell(&self.unit, format!("the client closed with {code}"));
                self.pipe.close(now, code);
                return Course::Over;
            }
            Some(Err(error)) => return self.broken(&error),
            None => return self.lost(),
        };
        self.pipe.send(now, frame, "".into());
        Course::On
    }

    /// The client broke the protocol, or the connection broke.
    fn broken(&mut self, error: &Error) -> Course {
        let (code, why) = match error {
            Error::Utf8(_) => (1007, "a text message is not UTF-8"),
            Error::Capacity(CapacityError::MessageTooLong { .. }) => {
                (1009, "a message is longer than 24 MiB")
            }
            Error::Protocol(_) => (1002, "the client broke the WebSocket protocol"),
            _ => return self.lost(),
        };
        self.pipe.close(self.clock.now(), code);
        self.shared.tell(&self.unit, format!("closed with {code}: {error}"));
        Course::Close(code, why.to_owned())
    }

    fn lost(&mut self) -> Course {
        self.shared.tell(&self.unit, "the client is gone without a close");
        self.pipe.close(self.clock.now(), 1006);
        Course::Reset
    }

    /// Carries to the client what happened.
    async fn carry<S: Transport>(
        &mut self,
        socket: &mut WebSocketStream<S>,
        happened: Vec<SocketInput>,
    ) -> Course {
        let mut fed = false;
        let mut course = Course::On;
        for item in happened {
            let message = match item {
                SocketInput::Frame(WireFrame::Text(text)) => Message::Text((&*text).into()),
                SocketInput::Frame(WireFrame::Binary(bytes)) => Message::Binary(bytes.into()),
                SocketInput::Closed { code, reason, clean: true } => {
                    self.shared.tell(&self.unit, format!("closed with {code} {reason}"));
                    course = Course::Close(code, reason);
                    break;
                }
                SocketInput::Closed { .. } | SocketInput::Failed { .. } => {
                    self.shared.tell(&self.unit, "dropped");
                    course = Course::Reset;
                    break;
                }
                SocketInput::Opened | SocketInput::Refused { .. } => continue,
            };
            fed = true;
            if !sent(socket.feed(message)).await {
                return self.lost();
            }
        }
        if fed && !sent(socket.flush()).await {
            return self.lost();
        }
        course
    }

    async fn end<S: Transport>(self, mut socket: WebSocketStream<S>, course: Course) {
        match course {
            Course::Reset => socket.get_ref().reset_on_drop(),
            Course::Over | Course::On => {
                // The answer to the client's close stands ready; it only has to be sent.
                let _ = timeout(CLOSE_PATIENCE, socket.flush()).await;
            }
            Course::Close(code, reason) => {
                let frame = CloseFrame { code: CloseCode::from(code), reason: reason.into() };
                let _ = timeout(CLOSE_PATIENCE, async {
                    if socket.close(Some(frame)).await.is_ok() {
                        while let Some(Ok(_)) = socket.next().await {}
                    }
                })
                .await;
            }
        }
    }
}

/// Whether something was sent in time.
async fn sent(sending: impl Future<Output = Result<(), Error>>) -> bool {
    let mut sending = pin!(sending);
    // Nearly always there is room at once, and then no timer is needed.
    let at_once = std::future::poll_fn(|context| Poll::Ready(sending.as_mut().poll(context)));
    match at_once.await {
        Poll::Ready(done) => done.is_ok(),
        Poll::Pending => timeout(WRITE_PATIENCE, sending).await.is_ok_and(|done| done.is_ok()),
    }
}

/// What the client calls itself.
fn agent(request: &Upgrade) -> &str {
    request.endpoint.header("User-Agent").unwrap_or("a client without a name")
}

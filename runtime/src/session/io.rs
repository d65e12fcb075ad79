//! What a session takes and gives. The law: one input, then drain `poll_output` until `Wait` or `Done`, then the next
//! input.

use voxrun_audio::Frame;
use voxrun_bindings::contract::Turn;
use voxrun_bindings::contract::{CallFacts, Headers, HostEvent, InDialog, RequestId, Time, UnitId};
use voxrun_bindings::wire::{
    Endpoint, HttpOutcome, HttpRequest, Recorded, Remote, SocketInput, StoreAnswer, StoreAsk, WireFrame,
    WireName,
};

/// One stimulus of a session. The stamp is given beside it.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a frame moves by value, so that a tick allocates nothing")]
pub enum Input {
    /// What the script's last task led to. The first one is the run of its top-level code.
    Script(Turn),
    /// A call comes in.
    IncomingCall(CallFacts),
    /// Something from the far end of a call.
    Leg {
        /// The call.
        call: UnitId,
        /// What.
        input: LegInput,
    },
    /// Something on a provider's socket.
    Socket {
        /// The unit it belongs to.
        unit: UnitId,
        /// What.
        input: SocketInput,
    },
    /// What came of an [`Output::Fetch`].
    Fetched {
        /// The unit it is for.
        unit: UnitId,
        /// The unit's number for it.
        fetch: u32,
        /// What.
        outcome: HttpOutcome,
    },
    /// What came of an [`Output::Store`].
    Stored {
        /// The unit it is for.
        unit: UnitId,
        /// What, or why not, in words.
        answer: Result<StoreAnswer, String>,
    },
    /// Somebody calls the session's own URL. What the script answers is told by [`Output::Replied`].
    Asked {
        /// Its number.
        request: RequestId,
        /// What.
        question: Question,
    },
    /// A WebSocket comes in at the session's own URL. What it sends comes as [`Input::Socket`] of a unit that asks to be
    /// connected to it.
    Visited {
        /// What its upgrade asks for.
        question: Question,
    },
    /// The instant that `Wait` named has come (also harmless at any other time).
    Deadline,
    /// The operator ends the run: calls are hung up, the script hears that, and the session ends.
    Stop,
    /// The session ends at once, whatever its script is doing; the script hears only Terminating and Terminated.
    Shutdown,
}

/// A request to the session's own URL; one of the method [`Question::SOCKET`] is the upgrade of a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// `GET`
    pub method: String,
    /// Behind the session's URL: `/status?x=1`.
    pub path: String,
    /// Its body.
    pub content: String,
    /// Its headers; the script sees those whose names begin with `X-`.
    pub headers: Headers,
}

impl Question {
    /// The method of an upgrade.
    pub const SOCKET: &str = "WS";
}

/// What the far end of a call does.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a frame moves by value, so that a tick allocates nothing")]
pub enum LegInput {
    /// The 20 ms frame that ends at this instant. A frame that is not given is silence.
    Audio(Frame),
    /// A DTMF key.
    Digit(char),
    /// 180 of who was called.
    Ringing {
        /// Headers of the response.
        headers: Headers,
    },
    /// 183 of who was called: its sound may come.
    EarlyMedia {
        /// Headers of the response.
        headers: Headers,
    },
    /// 200 of who was called.
    Answered {
        /// Headers of the response.
        headers: Headers,
    },
    /// A final refusal of who was called, or of the way there.
    Refused {
        /// SIP status.
        code: u16,
        /// Its reason phrase.
        reason: String,
        /// Headers of the response.
        headers: Headers,
    },
    /// A request within the dialog.
    InDialog(InDialog),
    /// BYE, or CANCEL of a caller before the answer.
    HangUp {
        /// Headers of the request.
        headers: Headers,
    },
}

/// What a session wants done.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a frame moves by value, so that a tick allocates nothing")]
pub enum Output {
    /// Tell the script; its turn comes back as [`Input::Script`]. The next event is told after that.
    Script(HostEvent),
    /// Tell the far end of a call.
    Leg {
        /// The call.
        call: UnitId,
        /// What.
        output: LegOutput,
    },
    /// Place a call. What the far end does comes back as [`Input::Leg`].
    Place {
        /// The call.
        call: UnitId,
        /// Whom it is for, from whom, with which headers.
        facts: CallFacts,
    },
    /// Get something over HTTP for a unit. What comes of it comes back as [`Input::Fetched`].
    Fetch {
        /// The unit it is for.
        unit: UnitId,
        /// The unit's number for it.
        fetch: u32,
        /// What.
        request: HttpRequest,
    },
    /// Ask the application's storage for a unit. What comes of it comes back as [`Input::Stored`].
    Store {
        /// The unit it is for.
        unit: UnitId,
        /// What.
        asked: StoreAsk,
    },
    /// Open a socket.
    Connect {
        /// The unit it belongs to.
        unit: UnitId,
        /// Who is there; `None` when only the script knows.
        remote: Option<&'static Remote>,
        /// Where to.
        endpoint: Endpoint,
    },
    /// Send on a socket.
    Send {
        /// The unit it belongs to.
        unit: UnitId,
        /// The message.
        frame: WireFrame,
        /// Its name in the journal (the wire's `type` or action).
        name: WireName,
    },
    /// Close a socket.
    CloseSocket {
        /// The unit it belongs to.
        unit: UnitId,
        /// Close code.
        code: u16,
        /// Reason.
        reason: String,
    },
    /// The answer to an [`Input::Asked`], always 200.
    Replied {
        /// Its number.
        request: RequestId,
        /// The type of the body.
        content_type: &'static str,
        /// The body.
        body: String,
    },
    /// A part of what the script records.
    Recorded {
        /// Who records: a call, or a recorder.
        unit: UnitId,
        /// What.
        part: Recorded,
    },
    /// Audio of a unit that waited to be played was thrown away.
    MediaCleared {
        /// The unit.
        unit: UnitId,
    },
    /// Nothing more now. Come back at this instant at the latest, or whenever there is an input.
    Wait(Option<Time>),
    /// The session is over; no input is taken any more.
    Done,
}

/// What the far end of a call is told.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a frame moves by value, so that a tick allocates nothing")]
pub enum LegOutput {
    /// 180.
    Ringing {
        /// Extra headers of the response.
        headers: Headers,
    },
    /// 183.
    EarlyMedia {
        /// Extra headers of the response.
        headers: Headers,
    },
    /// 200.
    Answered {
        /// Extra headers of the response.
        headers: Headers,
    },
    /// A final refusal.
    Rejected {
        /// SIP status.
        code: u16,
        /// Extra headers of the response.
        headers: Headers,
    },
    /// BYE, or CANCEL of a call that we placed and that was not answered.
    HungUp {
        /// Extra headers of the request.
        headers: Headers,
    },
    /// A 20 ms frame at the call's rate. A frame that is not sent is silence.
    Audio(Frame),
    /// DTMF keys, `p` is a pause.
    Digits(String),
    /// A request within the dialog.
    InDialog(InDialog),
}

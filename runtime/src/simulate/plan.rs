//! What a scripted caller is going to do: who it is, and its steps in order. A plain value that options, test files and
//! a person at the keyboard fill in; the machine that carries it out is in `caller.rs`.

use std::sync::Arc;

use voxrun_bindings::contract::{CallFacts, Headers};

/// What the caller says when nobody told it what to say.
pub const BUILT_IN_LINE: &str = "Hello, can you hear me?";

/// A recorded sound that a caller plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Mono samples. Shared, because many callers may play the same file.
    pub samples: Arc<[i16]>,
    /// Samples a second, 1,000 to 384,000.
    pub rate_hz: u32,
    /// What is said in it, when that is known.
    pub transcript: Option<String>,
}

/// One step of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Say these words when the agent's turn is over.
    Say(String),
    /// Say these words that long after the agent began its turn, whether or not it is still speaking.
    SayAfter {
        /// Milliseconds since the agent began.
        delay_ms: u64,
        /// The words.
        text: String,
    },
    /// Press these keys when the agent's turn is over; other characters than `0-9*#A-D` are skipped.
    Dtmf(String),
    /// Play a recording when the agent's turn is over.
    Wav(Recording),
    /// Stay silent that many milliseconds, from the end of the step before.
    Wait(u64),
    /// The beep of an answering machine, so many milliseconds after the end of the step before.
    Beep(u64),
    /// Ask to be transferred to this number or URI; hang up when that has come about.
    Refer(String),
    /// Put the call on hold for that many milliseconds, after as many as the first number says.
    Hold {
        /// Milliseconds from the end of the step before.
        after_ms: u64,
        /// Milliseconds.
        for_ms: u64,
    },
    /// Hang up at once.
    HangUp,
}

/// A caller: facts of its call, and what it does once it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerPlan {
    /// The calling number.
    pub from: String,
    /// The dialled number.
    pub to: String,
    /// The display name; the calling number when there is none.
    pub display_name: Option<String>,
    /// Further headers of the INVITE.
    pub headers: Headers,
    /// `pstn`, `sip` or `user`.
    pub client_type: String,
    /// Custom data of the call.
    pub custom_data: String,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// It hangs up at this instant, in milliseconds since the call began, and stays on the line until then.
    pub hangup_after_ms: Option<u64>,
    /// It stays on the line when its steps are done, until the agent or somebody at the keyboard ends the call.
    pub stays: bool,
    /// How long it waits for the agent's first word, or for a reaction to keys, in milliseconds; then it goes on.
    pub greeting_patience_ms: u64,
    /// How long it waits for the agent's reply to a line, in milliseconds; then it goes on.
    pub reply_patience_ms: u64,
}

impl Default for CallerPlan {
    /// Listens to the greeting, says one built-in line, hears the reply and hangs up.
    fn default() -> CallerPlan {
        CallerPlan { steps: vec![Step::Say(BUILT_IN_LINE.to_owned())], ..CallerPlan::silent() }
    }
}

impl CallerPlan {
    /// A caller without steps: it hears the agent's first turn out and hangs up, unless it is told to stay.
    #[must_use]
    pub fn silent() -> CallerPlan {
        CallerPlan {
            from: "15551230001".to_owned(),
            to: "15559870002".to_owned(),
            display_name: None,
            headers: Vec::new(),
            client_type: "pstn".to_owned(),
            custom_data: String::new(),
            steps: Vec::new(),
            hangup_after_ms: None,
            stays: false,
            greeting_patience_ms: 5_000,
            reply_patience_ms: 10_000,
        }
    }

    /// What the platform knows of the call when it alerts. `id` is the platform's name for it.
    #[must_use]
    pub fn call_facts(&self, id: String) -> CallFacts {
        let mut headers = vec![("VI-Client-Type".to_owned(), self.client_type.clone())];
        headers.extend(self.headers.iter().cloned());
        CallFacts {
            id,
            callerid: self.from.clone(),
            destination: self.to.clone(),
            display_name: self.display_name.clone().unwrap_or_else(|| self.from.clone()),
            to_uri: format!("sip:{}@voxrun.invalid", self.to),
            from_uri: format!("sip:{}@voxrun.invalid", self.from),
            headers,
            client_type: self.client_type.clone(),
            custom_data: self.custom_data.clone(),
        }
    }
}

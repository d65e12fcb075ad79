//! Requests to the session's own URL that a run was told to make: each at its time, and what the session answered.

use std::collections::VecDeque;

use serde_json::{Value, json};
use voxrun_bindings::contract::{RequestId, Time};

use crate::session::Question;

/// Those to come, and those that wait for their answer.
pub(super) struct Questions {
    to_come: VecDeque<(Time, Question)>,
    waiting: Vec<(RequestId, Question)>,
    asked: u32,
}

impl Questions {
    /// In the order of their times.
    pub(super) fn new(mut questions: Vec<(Time, Question)>) -> Questions {
        questions.sort_by_key(|(at, _)| *at);
        Questions { to_come: questions.into(), waiting: Vec::new(), asked: 0 }
    }

    /// When the next one comes.
    pub(super) fn next_at(&self) -> Option<Time> {
        self.to_come.front().map(|(at, _)| *at)
    }

    /// The next one that is due, with its number.
    pub(super) fn pop_due(&mut self, now: Time) -> Option<(RequestId, Question)> {
        let (_, question) = self.to_come.pop_front_if(|(at, _)| *at <= now)?;
        self.asked += 1;
        let request = RequestId(self.asked);
        self.waiting.push((request, question.clone()));
        Some((request, question))
    }

    /// One of them was answered: what the journal tells of it.
    pub(super) fn answered(&mut self, request: RequestId, content_type: &str, body: &str) -> Value {
        let at = self.waiting.iter().position(|(own, _)| *own == request);
        let question = at.map(|at| self.waiting.swap_remove(at).1);
        let (method, path) = question.map(|own| (own.method, own.path)).unwrap_or_default();
        json!({ "method": method, "path": path, "status": 200, "content_type": content_type, "body": body })
    }
}

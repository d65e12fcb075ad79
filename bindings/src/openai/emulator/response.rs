//! Responses: their beginning, their pieces over time, their end, and what cuts them. At most one response at a time
//! belongs to the conversation; out-of-band ones stand beside it.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::brain::{Prompt, words};
use super::context::Limit;
use super::conversation::Item;
use super::mcp::Tool;
use super::open::{Kind, Open};
use super::plan::{self, Beat, Ending, Plan};
use super::problem::Problem;
use super::session::{ResponseSettings, check_modalities};
use super::usage::Usage;
use super::{Due, Server};
use crate::contract::{Fields, Time};
use crate::wire::{Reply, ReplyError};

/// A response under way.
pub(super) struct Active {
    pub(super) id: String,
    pub(super) settings: ResponseSettings,
    started: Time,
    beats: VecDeque<(u64, Beat)>,
    ending: Ending,
    pub(super) usage: Usage,
    pub(super) output: Vec<Value>,
    pub(super) open: Option<Open>,
    /// When its audio will have been played.
    pub(super) played: Time,
    /// The reply that waits for the approval of its MCP call.
    held: Option<Reply>,
    /// The error that follows it.
    error: Option<ReplyError>,
}

impl Server {
    /// `response.create`
    pub(super) fn create_response(&mut self, response: &Fields) -> Result<(), Problem> {
        if !self.session.is_realtime() {
            let message = "A transcription session cannot create responses.";
            return Err(Problem::new("invalid_value", message).at("type"));
        }
        if let Some(modalities) = response.get("output_modalities") {
            check_modalities(modalities, "response.output_modalities")?;
        }
        let settings = self.session.response_settings(response);
        if settings.in_conversation {
            self.must_be_idle()?;
        }
        let prompt = match response.get("input").and_then(Value::as_array) {
            None => self.conversation.last().and_then(Item::prompt),
            Some(input) => self.last_input(input)?,
        };
        let instructions = response.get("instructions").and_then(Value::as_str).unwrap_or_default();
        let answer = if instructions.trim().is_empty() {
            self.brain.answer(&prompt.unwrap_or(Prompt::Nothing))
        } else {
            words(instructions)
        };
        let instructions = instructions.len();
        if let Some(tools) = response.get("tools") {
            self.list_tools(tools);
        }
        self.begin(settings, &answer, instructions, None);
        Ok(())
    }

    /// What the last of a response's own input items asks.
    fn last_input(&mut self, input: &[Value]) -> Result<Option<Prompt>, Problem> {
        let mut last = None;
        for (at, item) in input.iter().enumerate() {
            let Some(fields) = item.as_object() else { continue };
            last = if fields.get("type").and_then(Value::as_str) == Some("item_reference") {
                let id = fields.get("id").and_then(Value::as_str).unwrap_or_default();
                self.conversation.find(id).ok_or_else(|| Problem::no_item("referencing", id))?.prompt()
            } else {
                self.item_of(fields, &format!("response.input[{at}]"))?.prompt()
            };
        }
        Ok(last)
    }

    pub(super) fn must_be_idle(&self) -> Result<(), Problem> {
        let Some(active) = self.responses.iter().find(|active| active.settings.in_conversation) else {
            return Ok(());
        };
        let message = format!(
            "Conversation already has an active response in progress: {}. Wait until the response is finished before \
             creating a new one.",
            active.id
        );
        Err(Problem::new("conversation_already_has_active_response", message))
    }

    /// The server's own response to a turn.
    pub(super) fn respond(&mut self, prompt: &Prompt) {
        if let Err(problem) = self.must_be_idle() {
            self.complain(&problem, None);
            return;
        }
        let settings = self.session.response_settings(&Map::new());
        let answer = self.brain.answer(prompt);
        self.begin(settings, &answer, 0, None);
    }

    /// Starts a response, or sends the error that the reply has instead of one. `approval`: the request for its MCP call
    /// that was approved.
    pub(super) fn begin(
        &mut self,
        settings: ResponseSettings,
        answer: &Reply,
        instructions: usize,
        approval: Option<String>,
    ) {
        let acts = answer.say.is_some() || !answer.calls.is_empty() || answer.mcp.is_some();
        if let Some(error) = answer.error.as_ref().filter(|_| !acts && answer.fail.is_none()) {
            self.plan(self.now.plus_ms(answer.delay_ms), Due::Scripted(error.clone()));
            return;
        }
        let tool = answer.mcp.as_ref().map(|call| Tool::of(call, &settings.tools, approval));
        let asks = matches!(tool, Some(Tool::Ask { .. }));
        let limit = Limit::of(self.session.truncation(), self.settings.context_tokens);
        let letters = instructions.max(self.session.instructions().len());
        let (usage, problem) = self.conversation.read(letters, &limit);
        let plan = match problem {
            None => plan::plan(answer, tool.as_ref(), &settings, &self.settings),
            Some(problem) => Plan { ending: Ending::Failed(problem), ..Plan::default() },
        };
        let active = Active {
            id: self.ids.of("resp"),
            settings,
            started: self.now,
            beats: plan.beats,
            ending: plan.ending,
            usage,
            output: Vec::new(),
            open: None,
            played: self.now,
            held: asks.then(|| answer.clone()),
            error: answer.error.clone().filter(|_| !asks),
        };
        self.idle_generation += 1;
        let shown = self.shown(&active, "in_progress", Value::Null, false);
        self.send("response.created", json!({"response": shown}));
        let id = active.id.clone();
        let thinks_ms = self.settings.first_token_ms.saturating_add(answer.delay_ms);
        let after_ms = active.beats.front().map_or(thinks_ms, |(at, _)| *at);
        self.responses.push(active);
        self.plan(self.now.plus_ms(after_ms), Due::Beat(id));
    }

    /// What of a response is due now.
    pub(super) fn beat(&mut self, id: &str) {
        let Some(at) = self.responses.iter().position(|active| active.id == id) else { return };
        let mut active = self.responses.remove(at);
        while let Some((after_ms, beat)) = active.beats.pop_front() {
            let when = active.started.plus_ms(after_ms);
            if when > self.now {
                active.beats.push_front((after_ms, beat));
                self.plan(when, Due::Beat(active.id.clone()));
                self.responses.insert(at, active);
                return;
            }
            self.step(&mut active, beat);
        }
        let (status, details) = match &active.ending {
            Ending::Whole => ("completed", Value::Null),
            Ending::TokenLimit => {
                ("incomplete", json!({"type": "incomplete", "reason": "max_output_tokens"}))
            }
            Ending::Filtered => ("incomplete", json!({"type": "incomplete", "reason": "content_filter"})),
            Ending::Failed(problem) => ("failed", json!({"type": "failed", "error": problem.in_response()})),
        };
        self.finish(active, status, details);
    }

    fn step(&mut self, active: &mut Active, beat: Beat) {
        match beat {
            Beat::Message { text } => self.open_item(active, Kind::Message { text }, String::new()),
            Beat::Call { name } => {
                let call_id = self.ids.of("call");
                self.open_item(active, Kind::Call { name, call_id }, String::new());
            }
            Beat::Mcp { server, name, approval } => {
                let kind = Kind::Mcp { server, name, approval, running: false, outcome: None };
                self.open_item(active, kind, String::new());
            }
            Beat::Approval { server, name, arguments } => {
                self.open_item(active, Kind::Approval { server, name }, arguments);
                let request = active.open.as_ref().map(|open| open.id.clone()).unwrap_or_default();
                if let Some(held) = active.held.take() {
                    self.hold(&request, held);
                }
            }
            Beat::Text(delta) | Beat::Transcript(delta) | Beat::Arguments(delta) => {
                self.delta(active, &delta)
            }
            Beat::Audio(samples) => self.audio(active, &samples),
            Beat::Run => self.run_tool(active),
            Beat::Ran(result) => self.tool_ran(active, result),
            Beat::End { whole } => {
                self.close_item(active, if whole { "completed" } else { "incomplete" }, false)
            }
        }
    }

    fn finish(&mut self, active: Active, status: &str, details: Value) {
        let shown = self.shown(&active, status, details, true);
        self.send("response.done", json!({"response": shown}));
        let limits = self.account.charge(self.now, active.usage.total(), &self.settings);
        self.plan(self.now.plus_ms(self.settings.rate_limits_ms), Due::RateLimits(limits));
        if active.settings.in_conversation {
            self.expect_the_caller(active.played);
        }
        if let Some(error) = active.error.filter(|_| status != "cancelled") {
            self.scripted(&error);
        }
    }

    /// The response object.
    fn shown(&self, active: &Active, status: &str, details: Value, done: bool) -> Value {
        let conversation = active.settings.in_conversation.then_some(&self.conversation_id);
        let mut shown = json!({
            "object": "realtime.response", "id": active.id, "status": status, "status_details": details,
            "output": active.output, "conversation_id": conversation,
        });
        if let (Some(shown), Some(settings)) = (shown.as_object_mut(), active.settings.shown.as_object()) {
            shown.extend(settings.clone());
            shown.insert("usage".to_owned(), if done { active.usage.shown() } else { Value::Null });
            shown.insert("metadata".to_owned(), active.settings.metadata.clone());
        }
        shown
    }

    /// The caller speaks over the agent.
    pub(super) fn interrupt(&mut self) {
        if let Some(at) = self.responses.iter().position(|active| active.settings.in_conversation) {
            self.cut(at, "turn_detected");
        }
    }

    /// `response.cancel`
    pub(super) fn cancel_response(&mut self, id: Option<&str>) -> Result<(), Problem> {
        let at = self.responses.iter().position(|active| match id {
            Some(id) => active.id == id,
            None => active.settings.in_conversation,
        });
        match at {
            Some(at) => {
                self.cut(at, "client_cancelled");
                Ok(())
            }
            None => {
                let message = "Cancellation failed: no active response found";
                Err(Problem::new("response_cancel_not_active", message))
            }
        }
    }

    fn cut(&mut self, at: usize, reason: &str) {
        let mut active = self.responses.remove(at);
        active.played = self.now;
        self.close_item(&mut active, "incomplete", true);
        self.finish(active, "cancelled", json!({"type": "cancelled", "reason": reason}));
    }

    /// An error that a reply scripts, and the close that may follow it.
    pub(super) fn scripted(&mut self, error: &ReplyError) {
        let problem = Problem::scripted(&error.code, error.message.as_deref(), error.kind.as_deref());
        self.complain(&problem, None);
        if let Some(code) = error.close {
            self.close(code, &problem.reason());
        }
    }
}

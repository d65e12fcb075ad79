//! Remote MCP servers as the provider reaches them: the tools that they list, whether a call needs the client's
//! approval, and what a call returns. What servers list and return is scripted; nothing is ever connected to.

use serde_json::{Map, Value, json};

use super::conversation::Item;
use super::plan::arguments_text;
use super::problem::Problem;
use super::settings::tool_named;
use super::{Due, Server};
use crate::contract::Fields;
use crate::wire::{Reply, ReplyMcp};

/// What becomes of a scripted call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tool {
    /// The client is asked first.
    Ask { server: String, name: String, arguments: String },
    /// It is made.
    Run {
        server: String,
        name: String,
        arguments: String,
        /// The request that was approved.
        approval: Option<String>,
        /// Its text, or an error object.
        result: Result<String, Value>,
    },
}

impl Tool {
    /// What a call becomes with these tools of a session or a response. `approval` is the request that was approved.
    pub(super) fn of(call: &ReplyMcp, tools: &Value, approval: Option<String>) -> Tool {
        let (server, name) = (call.server.clone(), call.name.clone());
        let arguments = arguments_text(&call.arguments);
        let known = servers(tools).find(|(label, _)| *label == server);
        let result = match known {
            None => Err(format!("the session has no MCP server '{server}'")),
            Some((_, tool)) if !allowed(tool, &name) => {
                Err(format!("tool '{name}' of MCP server '{server}' is not allowed"))
            }
            Some((_, tool)) if approval.is_none() && needs_approval(tool, &name) => {
                return Tool::Ask { server, name, arguments };
            }
            Some(_) => {
                let failed = |message: &String| json!({"type": "tool_execution_error", "message": message});
                let output = call.output.clone().unwrap_or_default();
                let result = call.error.as_ref().map_or(Ok(output), |message| Err(failed(message)));
                return Tool::Run { server, name, arguments, approval, result };
            }
        };
        let result =
            result.map_err(|message| json!({"type": "protocol_error", "code": -32602, "message": message}));
        Tool::Run { server, name, arguments, approval, result }
    }
}

/// The MCP servers among tools: label and entry.
fn servers(tools: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let entries = tools.as_array().into_iter().flatten().filter(|tool| tool["type"] == "mcp");
    entries.filter_map(|tool| Some((tool["server_label"].as_str()?, tool)))
}

/// `allowed_tools`: names, or `{tool_names}`; without it all are.
fn allowed(tool: &Value, name: &str) -> bool {
    match &tool["allowed_tools"] {
        Value::Array(names) => names.iter().any(|own| own == name),
        Value::Object(filter) => listed(filter, name).unwrap_or(true),
        _ => true,
    }
}

/// `require_approval`: `always`, `never`, or a filter for either; without it always.
fn needs_approval(tool: &Value, name: &str) -> bool {
    match &tool["require_approval"] {
        Value::String(word) => word != "never",
        Value::Object(rules) => {
            let named = |rule: &str| {
                rules.get(rule).and_then(Value::as_object).and_then(|filter| listed(filter, name))
            };
            named("always").unwrap_or_else(|| !named("never").unwrap_or(false))
        }
        _ => true,
    }
}

/// Whether a filter's `tool_names` hold a name; `None` when it has none.
fn listed(filter: &Map<String, Value>, name: &str) -> Option<bool> {
    Some(filter.get("tool_names")?.as_array()?.iter().any(|own| own == name))
}

impl Server {
    /// Asks the MCP servers that are new among these tools for what they offer.
    pub(super) fn list_tools(&mut self, tools: &Value) {
        let labels: Vec<String> = servers(tools).map(|(label, _)| label.to_owned()).collect();
        for server in labels {
            if !self.listed.insert(server.clone()) {
                continue;
            }
            let id = self.ids.of("mcpl");
            let item = json!({"id": id, "type": "mcp_list_tools", "server_label": server, "tools": []});
            let before = self.conversation.last_id().map(str::to_owned);
            // A fresh id cannot stand there yet.
            let _fresh = self.conversation.insert(Item::plain(item.clone()), None);
            self.item_added(before.as_deref(), &item);
            self.send("mcp_list_tools.in_progress", json!({"item_id": id}));
            let at = self.now.plus_ms(self.settings.mcp_list_ms);
            self.plan(at, Due::ToolsListed { item_id: id, before, server });
        }
    }

    /// A server has answered, or cannot be reached.
    pub(super) fn tools_listed(&mut self, item_id: &str, before: Option<&str>, server: &str) {
        let known = self.settings.mcp.iter().find(|own| own.server == server);
        let fails = known.is_some_and(|own| own.fails);
        let tools: Vec<Value> = match known {
            Some(own) => own.tools.clone(),
            None => self.brain.tools_of(server).map(tool_named).collect(),
        };
        let entry = self.session.tools();
        let entry = servers(&entry).find(|(label, _)| *label == server).map(|(_, tool)| tool.clone());
        let tools: Vec<Value> = tools
            .into_iter()
            .filter(|tool| {
                entry.as_ref().is_none_or(|own| allowed(own, tool["name"].as_str().unwrap_or_default()))
            })
            .collect();
        let outcome = if fails { "failed" } else { "completed" };
        self.send(&format!("mcp_list_tools.{outcome}"), json!({"item_id": item_id}));
        if fails {
            // It may be tried again by a later update.
            self.listed.remove(server);
        }
        let Some(item) = self.conversation.find_mut(item_id) else { return };
        if !fails {
            item.shown["tools"] = Value::Array(tools);
        }
        let shown = item.shown.clone();
        self.item_done(before, &shown);
    }

    /// Whether an approval answers a request that is open.
    pub(super) fn check_approval(&self, item: &Fields) -> Result<(), Problem> {
        let request = item.get("approval_request_id").and_then(Value::as_str).unwrap_or_default();
        if self.approvals.contains_key(request) {
            return self.must_be_idle();
        }
        let message = format!("Approval request with id '{request}' not found in conversation.");
        Err(Problem::new("invalid_value", message).at("item.approval_request_id"))
    }

    /// The client's word on a call: approved, it is made, and the rest of its reply follows in the same response.
    pub(super) fn approval(&mut self, item: &Fields) {
        let request = item.get("approval_request_id").and_then(Value::as_str).unwrap_or_default();
        let Some(answer) = self.approvals.remove(request) else { return };
        if item.get("approve") == Some(&Value::Bool(true)) {
            let settings = self.session.response_settings(&Map::new());
            self.begin(settings, &answer, 0, Some(request.to_owned()));
        }
    }

    /// Keeps a reply until its call is approved.
    pub(super) fn hold(&mut self, request: &str, answer: Reply) {
        self.approvals.insert(request.to_owned(), answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approval_and_permission_in_every_form() {
        let table = [
            (json!(null), true),
            (json!("always"), true),
            (json!("never"), false),
            (json!({"never": {"tool_names": ["a"]}}), false),
            (json!({"never": {"tool_names": ["b"]}}), true),
            (json!({"always": {"tool_names": ["a"]}}), true),
            (json!({"always": {"tool_names": ["b"]}}), false),
        ];
        for (rule, asks) in table {
            assert_eq!(needs_approval(&json!({"require_approval": rule}), "a"), asks, "{rule}");
        }
        for (rule, may) in [
            (json!(null), true),
            (json!(["a"]), true),
            (json!(["b"]), false),
            (json!({"tool_names": ["b"]}), false),
            (json!({"read_only": true}), true),
        ] {
            assert_eq!(allowed(&json!({"allowed_tools": rule}), "a"), may, "{rule}");
        }
    }
}

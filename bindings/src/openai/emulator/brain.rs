//! What the emulated agent answers: scripted replies by pattern or in order, else what it heard, said back. It
//! deliberately understands nothing; an agent with a mind of its own would make tests guess.

use std::collections::VecDeque;

use regex::{Regex, RegexBuilder};

use crate::wire::Reply;

/// An answer of these words alone.
pub(super) fn words(text: impl Into<String>) -> Reply {
    Reply { say: Some(text.into()), ..Reply::default() }
}

/// What there is to answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Prompt {
    /// A caller's words; lost ones are `[...]`.
    Words(String),
    /// A function's result.
    Result(String),
    /// The caller has said nothing for long.
    Silence,
    /// Nobody has said anything yet.
    Nothing,
}

/// What stands for words that were lost.
pub(super) const LOST: &str = "[...]";

/// A regular expression over words. An error tells what is wrong with it.
pub(super) fn pattern(text: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(text).case_insensitive(true).size_limit(PATTERN_BYTES).build();
    built.map_err(|error| format!("= {text:?} is no regular expression: {error}"))
}

/// The scripted replies of one connection.
pub(super) struct Brain {
    by_pattern: Vec<(Regex, Reply)>,
    in_order: VecDeque<Reply>,
    /// Servers and tools of all scripted MCP calls, each once, in order.
    tools: Vec<(String, String)>,
}

/// A compiled pattern may take this much memory, in bytes.
const PATTERN_BYTES: usize = 1 << 20;

impl Brain {
    /// Reads the replies. An error names the pattern that is none.
    pub(super) fn new(replies: Vec<Reply>) -> Result<Brain, String> {
        let mut brain = Brain { by_pattern: Vec::new(), in_order: VecDeque::new(), tools: Vec::new() };
        for (at, mut answer) in replies.into_iter().enumerate() {
            // One list of calls from here on.
            answer.calls.splice(0..0, answer.call.take());
            if let Some(mcp) = &answer.mcp {
                let tool = (mcp.server.clone(), mcp.name.clone());
                if !brain.tools.contains(&tool) {
                    brain.tools.push(tool);
                }
            }
            match answer.heard.take() {
                None => brain.in_order.push_back(answer),
                Some(heard) => {
                    let pattern = pattern(&heard).map_err(|why| format!("reply {}: heard {why}", at + 1))?;
                    brain.by_pattern.push((pattern, answer));
                }
            }
        }
        Ok(brain)
    }

    /// The tools of an MCP server as far as the replies call them.
    pub(super) fn tools_of<'a>(&'a self, server: &'a str) -> impl Iterator<Item = &'a str> {
        self.tools.iter().filter(move |(own, _)| own == server).map(|(_, name)| name.as_str())
    }

    /// The answer to what was said: the first pattern that matches, else the next in order, else a plain one.
    pub(super) fn answer(&mut self, prompt: &Prompt) -> Reply {
        let text = match prompt {
            Prompt::Words(text) | Prompt::Result(text) => text.as_str(),
            Prompt::Silence => return words("Are you still there?"),
            Prompt::Nothing => "",
        };
        let matching =
            self.by_pattern.iter().find(|(pattern, _)| *prompt != Prompt::Nothing && pattern.is_match(text));
        if let Some((_, answer)) = matching {
            return answer.clone();
        }
        if let Some(answer) = self.in_order.pop_front() {
            return answer;
        }
        match prompt {
            Prompt::Words(text) if text.split_whitespace().all(|word| word == LOST) => {
                words("Sorry, I did not catch that.")
            }
            Prompt::Words(text) => {
                let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
                words(format!("You said: {text}{stop}"))
            }
            Prompt::Result(output) => words(format!("The result is: {output}")),
            Prompt::Silence | Prompt::Nothing => words("Hello. How can I help you?"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(heard: Option<&str>, say: &str) -> Reply {
        Reply { heard: heard.map(str::to_owned), say: Some(say.to_owned()), ..Reply::default() }
    }

    fn say(brain: &mut Brain, words: &str) -> String {
        brain.answer(&Prompt::Words(words.to_owned())).say.unwrap()
    }

    #[test]
    fn patterns_first_then_order_then_what_was_heard() {
        let replies = vec![
            reply(None, "one"),
            reply(Some("price|cost"), "ten"),
            reply(Some("p"), "p"),
            reply(None, "two"),
        ];
        let mut brain = Brain::new(replies).unwrap();
        assert_eq!(say(&mut brain, "The PRICE?"), "ten");
        assert_eq!(say(&mut brain, "hello"), "one");
        assert_eq!(say(&mut brain, "the cost"), "ten");
        assert_eq!(say(&mut brain, "pop"), "p");
        assert_eq!(say(&mut brain, ""), "two");
        assert_eq!(say(&mut brain, "a [...] c"), "You said: a [...] c.");
        assert_eq!(say(&mut brain, "really?"), "You said: really?");
        assert_eq!(say(&mut brain, ""), "Sorry, I did not catch that.");
        assert_eq!(say(&mut brain, "[...] [...]"), "Sorry, I did not catch that.");
    }

    #[test]
    fn other_prompts_have_plain_answers() {
        let mut brain = Brain::new(vec![reply(Some(""), "any")]).unwrap();
        assert_eq!(brain.answer(&Prompt::Nothing).say.unwrap(), "Hello. How can I help you?");
        assert_eq!(brain.answer(&Prompt::Silence).say.unwrap(), "Are you still there?");
        assert_eq!(brain.answer(&Prompt::Result("5".to_owned())).say.unwrap(), "any");
    }

    #[test]
    fn a_pattern_that_is_none_is_named() {
        let error = Brain::new(vec![reply(None, "x"), reply(Some("(oops"), "y")]).err().unwrap();
        assert!(error.contains("reply 2") && error.contains("(oops"), "{error}");
        assert!(Brain::new(vec![reply(Some("(a{1000}){1000}"), "y")]).is_err());
    }
}

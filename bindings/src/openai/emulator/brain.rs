//! What the emulated agent answers: scripted replies by pattern or in order, else what it heard, said back. It
//! deliberately understands nothing; an agent with a mind of its own would make tests guess.

use std::collections::VecDeque;

use regex::{Regex, RegexBuilder};

use crate::connector::{Reply, ReplyCall};

/// One answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Answer {
    /// Words; `None` for a function call alone, or for silence.
    pub(super) say: Option<String>,
    /// A function call after them.
    pub(super) call: Option<ReplyCall>,
    /// Extra thinking time.
    pub(super) delay_ms: u64,
}

impl Answer {
    /// Words alone.
    pub(super) fn words(text: impl Into<String>) -> Answer {
        Answer { say: Some(text.into()), call: None, delay_ms: 0 }
    }
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

/// The scripted replies of one connection.
pub(super) struct Brain {
    by_pattern: Vec<(Regex, Answer)>,
    in_order: VecDeque<Answer>,
}

/// A compiled pattern may take this much memory, in bytes.
const PATTERN_BYTES: usize = 1 << 20;

impl Brain {
    /// Reads the replies. An error names the pattern that is none.
    pub(super) fn new(replies: Vec<Reply>) -> Result<Brain, String> {
        let mut brain = Brain { by_pattern: Vec::new(), in_order: VecDeque::new() };
        for (at, reply) in replies.into_iter().enumerate() {
            let answer = Answer { say: reply.say, call: reply.call, delay_ms: reply.delay_ms };
            match reply.heard {
                None => brain.in_order.push_back(answer),
                Some(heard) => {
                    let pattern = RegexBuilder::new(&heard)
                        .case_insensitive(true)
                        .size_limit(PATTERN_BYTES)
                        .build()
                        .map_err(|error| {
                            format!("reply {}: heard = {heard:?} is no regular expression: {error}", at + 1)
                        })?;
                    brain.by_pattern.push((pattern, answer));
                }
            }
        }
        Ok(brain)
    }

    /// The answer to what was said: the first pattern that matches, else the next in order, else a plain one.
    pub(super) fn answer(&mut self, prompt: &Prompt) -> Answer {
        let text = match prompt {
            Prompt::Words(text) | Prompt::Result(text) => text.as_str(),
            Prompt::Silence => return Answer::words("Are you still there?"),
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
                Answer::words("Sorry, I did not catch that.")
            }
            Prompt::Words(text) => {
                let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
                Answer::words(format!("You said: {text}{stop}"))
            }
            Prompt::Result(output) => Answer::words(format!("The result is: {output}")),
            Prompt::Silence | Prompt::Nothing => Answer::words("Hello. How can I help you?"),
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

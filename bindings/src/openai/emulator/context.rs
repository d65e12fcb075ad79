//! What the model reads of the conversation for a response: everything that fits its context, else the newest of it,
//! as the session's `truncation` says; and how much of that it had read before. Items that no longer count stay in the
//! conversation. Deliberately an estimate in tokens, as `usage` is.

use serde_json::Value;

use super::conversation::Conversation;
use super::problem::Problem;
use super::usage::{self, Usage};

/// What is cached comes in blocks of so many tokens.
const CACHE_BLOCK: u64 = 64;

/// How much may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    /// The most tokens.
    most: u64,
    /// What is left when they are exceeded, in thousandths of `most`; `None`: that is an error.
    keep_milli: Option<u64>,
    /// The most tokens beside the instructions.
    after_instructions: Option<u64>,
}

impl Limit {
    /// From a session's `truncation`: `auto`, `disabled`, or `{type: "retention_ratio", retention_ratio, token_limits:
    /// {post_instructions}}`.
    pub(super) fn of(truncation: &Value, most: u64) -> Limit {
        let ratio = truncation["retention_ratio"].as_f64().map(|ratio| (ratio * 1000.0) as u64);
        Limit {
            most,
            keep_milli: if truncation == "disabled" { None } else { Some(ratio.unwrap_or(1000).min(1000)) },
            after_instructions: truncation["token_limits"]["post_instructions"].as_u64(),
        }
    }
}

/// A sum over items.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    letters: usize,
    audio_ms: u64,
    image_tokens: u64,
}

impl Sum {
    fn usage(self) -> Usage {
        Usage {
            input_text: usage::of_letters(self.letters),
            input_audio: usage::of_heard_ms(self.audio_ms),
            input_image: self.image_tokens,
            ..Usage::default()
        }
    }
}

impl Conversation {
    /// Reads the conversation for a response with instructions of so many letters. What does not fit any more is left
    /// out from now on; when that is not allowed, that is a problem, and nothing is read. Either way it tells the tokens
    /// of the input.
    pub(super) fn read(&mut self, instructions: usize, limit: &Limit) -> (Usage, Option<Problem>) {
        let mut sum = Sum { letters: instructions, ..Sum::default() };
        for item in self.items.iter().filter(|item| !item.dropped) {
            sum.letters += item.letters();
            sum.audio_ms += item.audio_ms;
            sum.image_tokens += item.image_tokens;
        }
        let own = usage::of_letters(instructions);
        let most =
            limit.after_instructions.map_or(limit.most, |after| limit.most.min(own.saturating_add(after)));
        if sum.usage().input() > most {
            let Some(keep_milli) = limit.keep_milli else {
                let usage = sum.usage();
                let message = format!(
                    "This conversation has {} tokens, but the model reads {most} at most and truncation is disabled.",
                    usage.input()
                );
                return (usage, Some(Problem::new("context_length_exceeded", message)));
            };
            self.drop_oldest(
                &mut sum,
                (most / 1000).saturating_mul(keep_milli) + most % 1000 * keep_milli / 1000,
            );
        }
        let cached = self.cached(instructions);
        self.instructions_read = Some(instructions);
        for item in &mut self.items {
            item.read = !item.dropped;
        }
        let mut usage = sum.usage();
        usage.cached_text = cached.min(usage.input_text);
        usage.cached_audio = (cached - usage.cached_text).min(usage.input_audio);
        usage.cached_image = (cached - usage.cached_text - usage.cached_audio).min(usage.input_image);
        (usage, None)
    }

    /// Leaves out the oldest items until the rest has `keep` tokens; the newest is always read.
    fn drop_oldest(&mut self, sum: &mut Sum, keep: u64) {
        let newest = self.items.len().saturating_sub(1);
        for item in self.items.iter_mut().take(newest).filter(|item| !item.dropped) {
            if sum.usage().input() <= keep {
                break;
            }
            item.dropped = true;
            sum.letters -= item.letters();
            sum.audio_ms -= item.audio_ms;
            sum.image_tokens -= item.image_tokens;
        }
        // What is read begins differently now, so nothing of it is cached.
        self.instructions_read = None;
    }

    /// Tokens at the beginning that an earlier response has read, in whole blocks.
    fn cached(&self, instructions: usize) -> u64 {
        if self.instructions_read != Some(instructions) {
            return 0;
        }
        let mut sum = Sum { letters: instructions, ..Sum::default() };
        for item in self.items.iter().filter(|item| !item.dropped).take_while(|item| item.read) {
            sum.letters += item.letters();
            sum.audio_ms += item.audio_ms;
            sum.image_tokens += item.image_tokens;
        }
        sum.usage().input() / CACHE_BLOCK * CACHE_BLOCK
    }
}

#[cfg(test)]
mod tests {
    use super::super::conversation::Item;
    use super::*;
    use serde_json::json;

    /// A conversation of items with 400 letters (100 tokens) each.
    fn of_items(count: usize) -> Conversation {
        let mut conversation = Conversation::default();
        for at in 0..count {
            let content = json!([{"type": "input_text", "text": "x".repeat(400)}]);
            let shown =
                json!({"id": format!("i{at}"), "type": "message", "role": "user", "content": content});
            conversation.insert(Item::plain(shown), None).unwrap();
        }
        conversation
    }

    fn read(conversation: &mut Conversation, truncation: Value) -> u64 {
        let (usage, problem) = conversation.read(400, &Limit::of(&truncation, 1000));
        assert_eq!(problem, None);
        usage.input()
    }

    #[test]
    fn truncation_in_every_form() {
        assert_eq!(read(&mut of_items(9), json!("auto")), 1000);
        assert_eq!(read(&mut of_items(10), json!("auto")), 1000);
        assert_eq!(read(&mut of_items(20), json!("auto")), 1000);
        let ratio = json!({"type": "retention_ratio", "retention_ratio": 0.5});
        assert_eq!(read(&mut of_items(9), ratio.clone()), 1000);
        let mut long = of_items(10);
        assert_eq!(read(&mut long, ratio), 500);
        assert_eq!(read(&mut long, json!("auto")), 500, "what was left out stays out");
        let limited = json!({"type": "retention_ratio", "retention_ratio": 1.0, "token_limits": {"post_instructions": 250}});
        assert_eq!(read(&mut of_items(9), limited), 300);
        let (usage, problem) = of_items(10).read(400, &Limit::of(&json!("disabled"), 1000));
        assert_eq!(problem.unwrap().code.as_deref(), Some("context_length_exceeded"));
        assert_eq!(usage.input(), 1100);
        assert_eq!(read(&mut of_items(9), json!("disabled")), 1000);
    }

    #[test]
    fn what_was_read_before_is_cached_in_blocks() {
        let limit = Limit::of(&json!("auto"), 1000);
        let mut conversation = of_items(2);
        assert_eq!(conversation.read(400, &limit).0.cached(), 0);
        let again = conversation.read(400, &limit).0;
        assert_eq!((again.input(), again.cached()), (300, 256));
        assert_eq!(conversation.read(500, &limit).0.cached(), 0, "other instructions");
        conversation.delete("i0").unwrap();
        assert_eq!(conversation.read(500, &limit).0.cached(), 192);
    }
}

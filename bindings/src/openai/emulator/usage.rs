//! Estimates of tokens that add up: four letters of text a token, 100 ms of the caller's audio a token, 50 ms of the
//! agent's; and the account that they are taken from, which fills up again within a minute. They are plausible and
//! repeatable; they are deliberately no tokenizer, and the account never refuses anything.

use serde_json::{Value, json};

use super::settings::Settings;
use crate::contract::Time;

/// Tokens of an image in low detail, and in any other.
const IMAGE_TOKENS: (u64, u64) = (85, 765);

/// Tokens of so many letters.
pub(super) fn of_letters(letters: usize) -> u64 {
    (letters as u64).div_ceil(4)
}

/// Tokens of so much audio of the caller.
pub(super) fn of_heard_ms(ms: u64) -> u64 {
    ms.div_ceil(100)
}

/// Tokens of so much audio of the agent.
pub(super) fn of_spoken_ms(ms: u64) -> u64 {
    ms.div_ceil(50)
}

/// Tokens of an image, by its detail.
pub(super) fn of_image(detail: Option<&str>) -> u64 {
    if detail == Some("low") { IMAGE_TOKENS.0 } else { IMAGE_TOKENS.1 }
}

/// Tokens of one response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) input_text: u64,
    pub(super) input_audio: u64,
    pub(super) input_image: u64,
    pub(super) cached_text: u64,
    pub(super) cached_audio: u64,
    pub(super) cached_image: u64,
    pub(super) output_text: u64,
    pub(super) output_audio: u64,
}

impl Usage {
    /// What was read.
    pub(super) fn input(self) -> u64 {
        self.input_text + self.input_audio + self.input_image
    }

    /// What of it had been read before.
    pub(super) fn cached(self) -> u64 {
        self.cached_text + self.cached_audio + self.cached_image
    }

    /// All of them.
    pub(super) fn total(self) -> u64 {
        self.input() + self.output_text + self.output_audio
    }

    /// The `usage` of a response.
    pub(super) fn shown(self) -> Value {
        json!({
            "total_tokens": self.total(),
            "input_tokens": self.input(),
            "output_tokens": self.output_text + self.output_audio,
            "input_token_details": {
                "text_tokens": self.input_text, "audio_tokens": self.input_audio,
                "image_tokens": self.input_image, "cached_tokens": self.cached(),
                "cached_tokens_details": {"text_tokens": self.cached_text, "audio_tokens": self.cached_audio,
                    "image_tokens": self.cached_image},
            },
            "output_token_details": {"text_tokens": self.output_text, "audio_tokens": self.output_audio},
        })
    }
}

/// What the account has used and not got back yet, in thousandths, as of an instant.
#[derive(Debug, Default)]
pub(super) struct Account {
    tokens_milli: u64,
    requests_milli: u64,
    at: Time,
}

impl Account {
    /// Takes one response; what is left right after it comes back as the list of `rate_limits.updated`.
    pub(super) fn charge(&mut self, now: Time, tokens: u64, settings: &Settings) -> Value {
        let gone_ms = now.as_ms().saturating_sub(self.at.as_ms()).min(60_000);
        self.at = now;
        let take = |used: &mut u64, most: u64, more: u64| {
            let back = gone_ms.saturating_mul(most) / 60;
            let full = most.saturating_mul(1000);
            *used = used.saturating_sub(back).saturating_add(more.saturating_mul(1000)).min(full);
            used.div_ceil(1000)
        };
        let row = |name: &str, most: u64, used: u64| {
            let reset_seconds = used as f64 * 60.0 / most as f64;
            json!({"name": name, "limit": most, "remaining": most - used, "reset_seconds": reset_seconds})
        };
        let most = settings.tokens_per_minute;
        let mut rows = vec![row("tokens", most, take(&mut self.tokens_milli, most, tokens))];
        if let Some(most) = settings.requests_per_minute {
            rows.insert(0, row("requests", most, take(&mut self.requests_milli, most, 1)));
        }
        Value::Array(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_adds_up_and_fills_again() {
        let settings =
            Settings { tokens_per_minute: 600, requests_per_minute: Some(60), ..Settings::default() };
        let mut account = Account::default();
        let mut left = |at_ms: u64, tokens: u64| {
            let rows = account.charge(Time::from_ms(at_ms), tokens, &settings);
            (rows[0]["remaining"].as_u64().unwrap(), rows[1]["remaining"].as_u64().unwrap())
        };
        assert_eq!(left(0, 100), (59, 500));
        assert_eq!(left(0, 100), (58, 400), "two in one instant add up");
        assert_eq!(left(5000, 10), (59, 440), "ten tokens and one request a second come back");
        assert_eq!(left(70_000, 1), (59, 599));
        assert_eq!(left(70_000, 10_000), (58, 0), "never below nothing");
        let rows = account.charge(Time::from_ms(70_000), 0, &settings);
        assert_eq!(rows[1], json!({"name": "tokens", "limit": 600, "remaining": 0, "reset_seconds": 60.0}));
    }
}

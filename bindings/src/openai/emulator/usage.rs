//! Estimates of tokens that add up: four letters of text a token, 100 ms of the caller's audio a token, 50 ms of the
//! agent's. They are plausible and repeatable; they are deliberately no tokenizer.

use serde_json::{Value, json};

/// What the emulated account may use.
pub(super) const TOKENS_A_MINUTE: u64 = 40_000;

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

/// Tokens of one response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) input_text: u64,
    pub(super) input_audio: u64,
    pub(super) output_text: u64,
    pub(super) output_audio: u64,
}

impl Usage {
    /// All of them.
    pub(super) fn total(self) -> u64 {
        self.input_text + self.input_audio + self.output_text + self.output_audio
    }

    /// The `usage` of a response.
    pub(super) fn shown(self) -> Value {
        let input = self.input_text + self.input_audio;
        let output = self.output_text + self.output_audio;
        json!({
            "total_tokens": input + output,
            "input_tokens": input,
            "output_tokens": output,
            "input_token_details": {
                "text_tokens": self.input_text, "audio_tokens": self.input_audio, "image_tokens": 0,
                "cached_tokens": 0,
                "cached_tokens_details": {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0},
            },
            "output_token_details": {"text_tokens": self.output_text, "audio_tokens": self.output_audio},
        })
    }
}

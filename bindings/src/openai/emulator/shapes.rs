//! The client events of the GA interface as shapes: every key the provider takes, and no other.

use super::schema::Shape::{
    Anything, Choice, Decimal, Either, Flag, Integer, List, Map, Null, Object, Tagged, Text,
};
use super::schema::{Key, Shape, may, must};

/// A client event and its keys beside `type`.
pub(super) type Event = (&'static str, &'static [Key]);

/// Every client event over WebSocket.
pub(super) const EVENTS: &[Event] = &[
    ("session.update", &[EVENT_ID, must("session", SESSION)]),
    ("input_audio_buffer.append", &[EVENT_ID, must("audio", Text)]),
    ("input_audio_buffer.commit", &[EVENT_ID]),
    ("input_audio_buffer.clear", &[EVENT_ID]),
    ("output_audio_buffer.clear", &[EVENT_ID]),
    ("conversation.item.create", &[EVENT_ID, must("item", ITEM), may("previous_item_id", TEXT_OR_NULL)]),
    ("conversation.item.retrieve", &[EVENT_ID, must("item_id", Text)]),
    (
        "conversation.item.truncate",
        &[EVENT_ID, must("item_id", Text), must("content_index", COUNT), must("audio_end_ms", COUNT)],
    ),
    ("conversation.item.delete", &[EVENT_ID, must("item_id", Text)]),
    ("response.create", &[EVENT_ID, may("response", Either(&[RESPONSE, Null]))]),
    ("response.cancel", &[EVENT_ID, may("response_id", TEXT_OR_NULL)]),
];

const EVENT_ID: Key = may("event_id", TEXT_OR_NULL);
const TEXT_OR_NULL: Shape = Either(&[Text, Null]);
const FLAG_OR_NULL: Shape = Either(&[Flag, Null]);
const MAP_OR_NULL: Shape = Either(&[Map, Null]);
const COUNT: Shape = Integer { least: 0, most: i64::MAX };

const SESSION: Shape = Tagged(&[("realtime", REALTIME), ("transcription", TRANSCRIPTION)]);

const REALTIME: &[Key] = &[
    may("model", Text),
    may("instructions", Text),
    may("tools", List(&TOOL)),
    may("tool_choice", TOOL_CHOICE),
    may("max_output_tokens", MAX_TOKENS),
    may("output_modalities", MODALITIES),
    may("audio", Object(&[may("input", Object(INPUT)), may("output", Object(OUTPUT))])),
    may("tracing", Either(&[Choice(&["auto"]), Map, Null])),
    may("include", INCLUDE),
    may("prompt", MAP_OR_NULL),
    may("truncation", Either(&[Choice(&["auto", "disabled"]), Map])),
    may("reasoning", MAP_OR_NULL),
    may("parallel_tool_calls", FLAG_OR_NULL),
];

const TRANSCRIPTION: &[Key] =
    &[may("audio", Object(&[may("input", Object(INPUT))])), may("include", INCLUDE)];

const INPUT: &[Key] = &[
    may("format", FORMAT),
    may("noise_reduction", Either(&[Object(&[must("type", Choice(&["near_field", "far_field"]))]), Null])),
    may("transcription", Either(&[Object(TRANSCRIBER), Null])),
    may("turn_detection", Either(&[TURN_DETECTION, Null])),
];

const OUTPUT: &[Key] =
    &[may("format", FORMAT), may("speed", Decimal { least: 0.25, most: 1.5 }), may("voice", VOICE)];

const VOICE: Shape = Either(&[Text, Object(&[must("id", Text)])]);

const FORMAT: Shape = Tagged(&[
    ("audio/pcm", &[may("rate", Integer { least: 24_000, most: 24_000 })]),
    ("audio/pcmu", &[]),
    ("audio/pcma", &[]),
]);

const TRANSCRIBER: &[Key] = &[
    may("model", Text),
    may("language", TEXT_OR_NULL),
    may("languages", Either(&[List(&Text), Null])),
    may("keywords", Either(&[List(&Text), Null])),
    may("prompt", TEXT_OR_NULL),
    may("delay", TEXT_OR_NULL),
];

const TURN_DETECTION: Shape = Tagged(&[
    (
        "server_vad",
        &[
            may("threshold", Decimal { least: 0.0, most: 1.0 }),
            may("prefix_padding_ms", Integer { least: 0, most: 10_000 }),
            may("silence_duration_ms", Integer { least: 0, most: 30_000 }),
            may("idle_timeout_ms", Either(&[Integer { least: 5_000, most: 30_000 }, Null])),
            may("create_response", Flag),
            may("interrupt_response", Flag),
        ],
    ),
    (
        "semantic_vad",
        &[
            may("eagerness", Choice(&["low", "medium", "high", "auto"])),
            may("create_response", Flag),
            may("interrupt_response", Flag),
        ],
    ),
]);

const MODALITIES: Shape = List(&Choice(&["text", "audio"]));
const INCLUDE: Shape = Either(&[List(&Choice(&["item.input_audio_transcription.logprobs"])), Null]);
const MAX_TOKENS: Shape = Either(&[Integer { least: 1, most: 4_096 }, Choice(&["inf"])]);
const TOOL_CHOICE: Shape = Either(&[Choice(&["none", "auto", "required"]), Map]);

const TOOL: Shape = Tagged(&[
    ("function", &[must("name", Text), may("description", Text), may("parameters", Map)]),
    (
        "mcp",
        &[
            must("server_label", Text),
            may("server_url", Text),
            may("connector_id", Text),
            may("authorization", Text),
            may("headers", MAP_OR_NULL),
            may("allowed_tools", Anything),
            may("require_approval", Anything),
            may("server_description", Text),
            may("defer_loading", Flag),
        ],
    ),
]);

const RESPONSE: Shape = Object(&[
    may("audio", Object(&[may("output", Object(&[may("format", FORMAT), may("voice", VOICE)]))])),
    may("conversation", Choice(&["auto", "none"])),
    may("input", List(&INPUT_ITEM)),
    may("instructions", Text),
    may("max_output_tokens", MAX_TOKENS),
    may("metadata", MAP_OR_NULL),
    may("output_modalities", MODALITIES),
    may("parallel_tool_calls", FLAG_OR_NULL),
    may("prompt", MAP_OR_NULL),
    may("reasoning", MAP_OR_NULL),
    may("tool_choice", TOOL_CHOICE),
    may("tools", List(&TOOL)),
]);

const ITEM_ID: Key = may("id", Text);
const OBJECT: Key = may("object", Choice(&["realtime.item"]));
const STATUS: Key = may("status", Choice(&["completed", "incomplete", "in_progress"]));

const MESSAGE: Event = (
    "message",
    &[
        ITEM_ID,
        OBJECT,
        STATUS,
        must("role", Choice(&["user", "assistant", "system"])),
        must("content", List(&CONTENT)),
    ],
);
const FUNCTION_CALL: Event = (
    "function_call",
    &[ITEM_ID, OBJECT, STATUS, must("name", Text), must("arguments", Text), may("call_id", Text)],
);
const FUNCTION_OUTPUT: Event =
    ("function_call_output", &[ITEM_ID, OBJECT, STATUS, must("call_id", Text), must("output", Text)]);
const MCP_APPROVAL: Event = (
    "mcp_approval_response",
    &[ITEM_ID, must("approval_request_id", Text), must("approve", Flag), may("reason", TEXT_OR_NULL)],
);

const ITEM: Shape = Tagged(&[MESSAGE, FUNCTION_CALL, FUNCTION_OUTPUT, MCP_APPROVAL]);
const INPUT_ITEM: Shape =
    Tagged(&[MESSAGE, FUNCTION_CALL, FUNCTION_OUTPUT, MCP_APPROVAL, ("item_reference", &[must("id", Text)])]);

const CONTENT: Shape = Tagged(&[
    ("input_text", &[must("text", Text)]),
    ("input_audio", &[must("audio", Text), may("transcript", TEXT_OR_NULL)]),
    ("input_image", &[may("image_url", Text), may("detail", Choice(&["auto", "low", "high"]))]),
    ("output_text", &[must("text", Text)]),
    ("output_audio", &[may("audio", Text), may("transcript", TEXT_OR_NULL)]),
]);

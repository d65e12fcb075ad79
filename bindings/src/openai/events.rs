//! The room's one truth about names, read from `events.toml`: which member of `OpenAI.RealtimeAPIEvents` a provider's
//! message raises, and which message a method of `RealtimeAPIClient` is. It deliberately knows nothing of bodies.

use std::sync::LazyLock;

use serde::Deserialize;

/// What stands before every member in the value of an event.
const PREFIX: &str = "OpenAI.RealtimeAPI.";

/// One member of `OpenAI.RealtimeAPIEvents`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventRow {
    /// The enum's member (`SessionCreated`).
    pub(crate) member: String,
    /// The provider's message that raises it (`session.created`).
    pub(crate) wire: Option<String>,
}

/// One method that is one message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MethodRow {
    /// The method (`sessionUpdate`).
    pub(crate) member: String,
    /// The message's type (`session.update`).
    pub(crate) wire: String,
    /// Keys that the message knows beside `type` and `event_id`.
    pub(crate) keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    event: Vec<EventRow>,
    method: Vec<MethodRow>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| match toml::from_str(include_str!("events.toml")) {
    Ok(table) => table,
    Err(error) => panic!("openai/events.toml: {error}"),
});

/// Every member, in the order of the typings.
pub(crate) fn events() -> &'static [EventRow] {
    &TABLE.event
}

/// Every method that is one message.
pub(crate) fn methods() -> &'static [MethodRow] {
    &TABLE.method
}

/// The value of a member (`OpenAI.RealtimeAPI.SessionCreated`).
pub(crate) fn value_of(member: &str) -> String {
    format!("{PREFIX}{member}")
}

/// The value of the event that a provider's message raises; `Unknown` for a type without a row.
pub(crate) fn value_for_wire(wire: &str) -> String {
    let row = events().iter().find(|row| row.wire.as_deref() == Some(wire));
    value_of(row.map_or("Unknown", |row| row.member.as_str()))
}

/// The row of a method.
pub(crate) fn method(member: &str) -> Option<&'static MethodRow> {
    methods().iter().find(|row| row.member == member)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Members and values of one enum of the typings' compact surface.
    fn surface_enum(name: &str) -> Vec<(String, String)> {
        let surface = include_str!("../surface/voxengine.txt");
        let head = format!("enum {name} ");
        surface
            .lines()
            .skip_while(|line| !line.starts_with(&head))
            .skip(1)
            .take_while(|line| line.starts_with("  "))
            .filter_map(|line| line.trim().split_once(" = "))
            .map(|(member, value)| (member.to_owned(), value.trim_matches('"').to_owned()))
            .collect()
    }

    #[test]
    fn every_event_of_the_typings_has_its_row_and_value() {
        let ours: Vec<_> = events().iter().map(|row| (row.member.clone(), value_of(&row.member))).collect();
        assert_eq!(ours.len(), 43);
        assert_eq!(ours, surface_enum("OpenAI.RealtimeAPIEvents"));
    }

    #[test]
    fn wire_names_are_unique_and_mirror_their_member() {
        let mut seen = std::collections::BTreeSet::new();
        for row in events() {
            let Some(wire) = &row.wire else { continue };
            assert!(seen.insert(wire.clone()), "{wire} stands twice");
            let letters = wire.replace(['.', '_'], "");
            assert_eq!(letters, row.member.to_lowercase(), "{} does not mirror {wire}", row.member);
            assert_eq!(value_for_wire(wire), value_of(&row.member));
        }
        assert_eq!(seen.len(), 39);
    }

    #[test]
    fn types_without_a_row_are_unknown() {
        for wire in [
            "conversation.created",
            "output_audio_buffer.started",
            "response.output_audio.delta",
            "",
            "Unknown",
        ] {
            assert_eq!(value_for_wire(wire), "OpenAI.RealtimeAPI.Unknown", "{wire}");
        }
    }

    #[test]
    fn every_message_method_is_a_method_of_the_typings() {
        let surface = include_str!("../surface/voxengine.txt");
        let members: Vec<&str> = surface
            .lines()
            .skip_while(|line| !line.starts_with("class OpenAI.RealtimeAPIClient "))
            .skip(1)
            .take_while(|line| line.starts_with("  "))
            .map(str::trim)
            .collect();
        for row in methods() {
            assert!(members.contains(&row.member.as_str()), "{} in {members:?}", row.member);
            let camel: String = row.wire.replace(['.', '_'], "");
            assert_eq!(camel, row.member.to_lowercase());
        }
        assert_eq!(methods().len(), 9);
    }
}

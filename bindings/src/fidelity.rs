//! The named policies: every behaviour of the platform that is inferred or unknown is decided once, in the
//! `fidelity.toml` of the room that it belongs to. `docs/fidelity.md` and the summary of a run print from here.

use std::sync::OnceLock;

use serde::Deserialize;

/// One decision about something that the platform does not document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// `F-012`
    pub id: String,
    /// What is unknown, in a few words.
    pub what: String,
    /// What voxrun does.
    pub choice: String,
    /// What speaks for it, and how certain that is.
    pub evidence: String,
    /// The spec or test that shows it (a folder below `tests/specs` or a test's name).
    pub shown_by: String,
    /// Members whose answer is a stand-in that this policy describes (`VoxEngine.enqueueACDRequest`).
    #[serde(default)]
    pub scripted: Vec<String>,
    /// Members that do something else than on the platform, as this policy says.
    #[serde(default)]
    pub differs: Vec<String>,
}

#[derive(Deserialize)]
struct Table {
    policy: Vec<Policy>,
}

/// One file a room. Ids: engine and globals 001-029, calls and media 030-049, OpenAI 050-069 and 120-139, Inworld 070-079,
/// Cartesia 080-089, players 090-099, running and callers 100-119, players of files and texts
/// 140-149, recognisers 150-159, conferences 160-169, sockets 170-179,
/// menus 180-189, requests over HTTP 190-199, digests 200-209,
/// call lists 210-219, queues 220-229, storage 230-239, answering machines 240-249, projects 300-309, mail and numbers 350-359,
/// recordings 360-369, what calls are watched for 370-379, small
/// services 380-389.
const TABLES: &[&str] = &[
    include_str!("engine/fidelity.toml"),
    include_str!("openai/fidelity.toml"),
    include_str!("inworld/fidelity.toml"),
    include_str!("cartesia/fidelity.toml"),
    include_str!("provider_kit/fidelity.toml"),
    include_str!("call/fidelity.toml"),
    include_str!("asr/fidelity.toml"),
    include_str!("conference/fidelity.toml"),
    include_str!("websocket/fidelity.toml"),
    include_str!("acd/fidelity.toml"),
    include_str!("amd/fidelity.toml"),
    include_str!("call_list/fidelity.toml"),
    include_str!("crypto/fidelity.toml"),
    include_str!("ivr/fidelity.toml"),
    include_str!("storage/fidelity.toml"),
    include_str!("mail/fidelity.toml"),
    include_str!("measurement_protocol/fidelity.toml"),
    include_str!("monitor/fidelity.toml"),
    include_str!("net/fidelity.toml"),
    include_str!("phone_number/fidelity.toml"),
    include_str!("player/fidelity.toml"),
    include_str!("recorder/fidelity.toml"),
    include_str!("smart_queue/fidelity.toml"),
    include_str!("streaming_agent/fidelity.toml"),
    include_str!("voximplant_api/fidelity.toml"),
    include_str!("simulated_fidelity.toml"),
];

/// Every policy, sorted by id.
///
/// # Panics
/// When a table does not parse; a test guards that.
pub fn policies() -> &'static [Policy] {
    static ALL: OnceLock<Vec<Policy>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all: Vec<Policy> = TABLES
            .iter()
            .flat_map(|text| match toml::from_str::<Table>(text) {
                Ok(table) => table.policy,
                Err(error) => panic!("fidelity.toml: {error}"),
            })
            .collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::surface;

    #[test]
    fn the_tables_parse_and_every_id_is_there_once() {
        let ids: Vec<&str> = policies().iter().map(|policy| policy.id.as_str()).collect();
        assert!(!ids.is_empty());
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
        assert!(ids.iter().all(|id| id.len() == 5 && id.starts_with("F-")), "{ids:?}");
        assert!(policies().iter().all(|policy| !policy.choice.is_empty() && !policy.shown_by.is_empty()));
        for name in policies().iter().flat_map(|policy| policy.scripted.iter().chain(&policy.differs)) {
            let function = surface().functions.iter().any(|function| function.name == name);
            let of_class = name.rsplit_once('.').is_some_and(|(class, member)| {
                let properties = surface().class(class).map(|class| class.properties.as_slice());
                surface().methods_of(class).contains(&member)
                    || properties.unwrap_or_default().contains(&member)
            });
            assert!(function || of_class, "{name} is no member of the surface");
        }
    }
}

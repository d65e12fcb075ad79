//! What a session is made with. Plain data: no file, no environment variable and no default that depends on the machine.

use std::collections::BTreeMap;

use serde_json::json;
use voxrun_bindings::contract::Fields;
use voxrun_bindings::wire::Kind;

/// What the configuration says of one provider.
#[derive(Debug, Clone, Default)]
pub struct ProviderSettings {
    /// Its address instead of the built-in one.
    pub base_url: Option<String>,
    /// The key to use when the script gives none.
    pub fallback_key: Option<String>,
    /// The secret that was to hold it, when it is not the provider's usual one.
    pub key_secret: Option<String>,
}

/// What `Application.Started` tells beyond its name.
#[derive(Debug, Clone)]
pub struct StartedFacts {
    /// Number of the account.
    pub account_id: u64,
    /// `app.account.voximplant.com`
    pub domain_name: String,
    /// Number of the application.
    pub application_id: u64,
    /// Name of the routing rule.
    pub rule_name: String,
    /// Number of the routing rule.
    pub rule_id: u64,
    /// The session's number for scripts (`sessionId`).
    pub session_id: u64,
    /// The session's own HTTP address.
    pub access_url: String,
    /// The same with TLS.
    pub access_secure_url: String,
    /// Where the session log will be.
    pub log_url: String,
}

impl Default for StartedFacts {
    fn default() -> StartedFacts {
        StartedFacts {
            account_id: 1,
            domain_name: "app.account.voxrun.invalid".to_owned(),
            application_id: 1,
            rule_name: "default".to_owned(),
            rule_id: 1,
            session_id: 1,
            access_url: "http://session.voxrun.invalid:12092/request/1/0".to_owned(),
            access_secure_url: "https://session.voxrun.invalid:12093/request/1/0".to_owned(),
            log_url: "https://session.voxrun.invalid/log/1".to_owned(),
        }
    }
}

impl StartedFacts {
    /// The event's fields, in the platform's order (semantics section 1.3).
    #[must_use]
    pub fn fields(&self) -> Fields {
        let value = json!({
            "accountId": self.account_id,
            "domainName": self.domain_name,
            "dialplanName": self.rule_name,
            "dialplanId": self.rule_id,
            "userId": -1,
            "applicationId": self.application_id,
            "accessURL": self.access_url,
            "accessSecureURL": self.access_secure_url,
            "logURL": self.log_url,
            "initiatorCountry": "",
            "sessionId": self.session_id,
            "nluAddresses": [],
            "config": { "acceptReInviteByDefault": true },
        });
        value.as_object().cloned().unwrap_or_default()
    }
}

/// What a session is made with.
#[derive(Debug, Clone)]
pub struct SessionSetup {
    /// The session's number in the journal, from 1.
    pub number: u32,
    /// What `Application.Started` tells.
    pub started: StartedFacts,
    /// The configuration of each provider, by name.
    pub providers: BTreeMap<String, ProviderSettings>,
    /// `[units.<kind>]` of the configuration: whole numbers by name.
    pub units: BTreeMap<String, BTreeMap<String, u64>>,
    /// Finds a provider by name; the inventory of the bindings unless a test has its own.
    pub inventory: fn(&str) -> Option<&'static Kind>,
    /// Send the script's provider messages as they are.
    pub verbatim: bool,
    /// Whether the platform's limits are enforced. The idle rule always is: without it a session may never end.
    pub limits: bool,
    /// For the ids that connectors make up.
    pub seed: u64,
    /// Keep the sound of every call.
    pub keep_audio: bool,
    /// Hand on what scripts record, so that somebody makes files of it.
    pub recordings: bool,
    /// Where the URLs of recordings begin.
    pub record_base_url: String,
}

impl Default for SessionSetup {
    fn default() -> SessionSetup {
        SessionSetup {
            number: 1,
            started: StartedFacts::default(),
            providers: BTreeMap::new(),
            units: BTreeMap::new(),
            inventory: voxrun_bindings::kind,
            verbatim: false,
            limits: true,
            seed: 0,
            keep_audio: true,
            recordings: false,
            record_base_url: "https://records.voxrun.invalid".to_owned(),
        }
    }
}

impl SessionSetup {
    /// What scripts are told of where the recording of a unit lies; it ends with the name of its file. The platform's are
    /// MP3 or FLAC files; a WAV file says that it is one (policy F-360).
    #[must_use]
    pub fn recording_url(&self, unit: &str) -> String {
        let base = self.record_base_url.trim_end_matches('/');
        format!("{base}/session-{}-{}.wav", self.number, unit.replace('#', "-"))
    }
}

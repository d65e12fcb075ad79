//! The public surface of VoxEngine as data: every name and enum value of the official typings, read from
//! `voxengine.txt`. Registration, the "planned" errors and `docs/compatibility.md` all print from here, so that no list
//! of names is written twice. It deliberately knows nothing about what is built.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;

/// A function of a namespace (`VoxEngine.createASR`) or of the global scope (`require`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Full name.
    pub name: &'static str,
    /// What `require` takes to bring it into being; `None` needs no `require`.
    pub module: Option<&'static str>,
}

/// An enum with its members in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Enum {
    /// Full name (`OpenAI.RealtimeAPIEvents`).
    pub name: &'static str,
    /// What `require` takes to bring it into being.
    pub module: Option<&'static str>,
    /// Name and value: a string or a number.
    pub members: Vec<(&'static str, Value)>,
}

/// A class whose objects scripts meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Full name (`Cartesia.RealtimeTTSPlayer`).
    pub name: &'static str,
    /// What `require` takes to bring it into being.
    pub module: Option<&'static str>,
    /// The class whose methods it has too.
    pub parent: Option<&'static str>,
    /// Its own methods.
    pub methods: Vec<&'static str>,
    /// Its own properties.
    pub properties: Vec<&'static str>,
}

/// A namespace of opaque constants (voices).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constants {
    /// Full name (`VoiceList.Amazon`).
    pub name: &'static str,
    /// What `require` takes to bring it into being.
    pub module: Option<&'static str>,
    /// Its members.
    pub members: Vec<&'static str>,
}

/// The whole surface.
#[derive(Debug, Default)]
pub struct Surface {
    /// Functions in the order of the typings.
    pub functions: Vec<Function>,
    /// Enums in the order of the typings, those of older ones last.
    pub enums: Vec<Enum>,
    /// The place of the first that is of older typings.
    legacy_from: usize,
    /// Classes in the order of the typings.
    pub classes: Vec<Class>,
    /// Namespaces of constants.
    pub constants: Vec<Constants>,
    /// Top-level namespaces with the module that brings each into being.
    pub namespaces: BTreeMap<&'static str, Option<&'static str>>,
    /// Names of the global scope that stand for objects: enums, namespaces and classes, sorted.
    pub globals: Vec<&'static str>,
}

/// The surface, read once a process.
pub fn surface() -> &'static Surface {
    static SURFACE: OnceLock<Surface> = OnceLock::new();
    SURFACE.get_or_init(|| Surface::parse(include_str!("voxengine.txt"), include_str!("legacy.txt")))
}

impl Surface {
    fn parse(today: &'static str, legacy: &'static str) -> Surface {
        let mut surface = Surface::default();
        surface.read(today);
        surface.legacy_from = surface.enums.len();
        surface.read(legacy);
        surface.globals = surface.top_level();
        surface
    }

    fn read(&mut self, text: &'static str) {
        let mut owner = "";
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(member) = line.strip_prefix("  ") {
                self.add_member(owner, member);
            } else {
                let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
                owner = kind;
                self.add_item(kind, rest);
            }
        }
    }

    /// The enums of older typings, which today's do not have.
    #[must_use]
    pub fn legacy_enums(&self) -> &[Enum] {
        &self.enums[self.legacy_from..]
    }

    fn top_level(&self) -> Vec<&'static str> {
        let enums = self.enums.iter().map(|item| item.name);
        let classes = self.classes.iter().map(|item| item.name);
        let named = enums.chain(classes).filter(|name| !name.contains('.'));
        let names: BTreeSet<&'static str> = named.chain(self.namespaces.keys().copied()).collect();
        names.into_iter().collect()
    }

    fn add_item(&mut self, kind: &str, rest: &'static str) {
        let (head, parent) =
            rest.split_once(" : ").map_or((rest, None), |(head, parent)| (head, Some(parent)));
        let (name, module) =
            head.split_once(" @").map_or((head, None), |(name, module)| (name, Some(module)));
        if let Some((top, _)) = name.split_once('.') {
            self.namespaces.entry(top).or_insert(if top == "VoxEngine" { None } else { module });
        }
        match kind {
            "fn" => self.functions.push(Function { name, module }),
            "enum" => self.enums.push(Enum { name, module, members: Vec::new() }),
            "class" => {
                self.classes.push(Class {
                    name,
                    module,
                    parent,
                    methods: Vec::new(),
                    properties: Vec::new(),
                });
            }
            _ => self.constants.push(Constants { name, module, members: Vec::new() }),
        }
    }

    fn add_member(&mut self, owner: &str, member: &'static str) {
        match owner {
            "enum" => {
                let (name, value) = member.split_once(" = ").unwrap_or((member, "null"));
                let value = serde_json::from_str(value).unwrap_or(Value::Null);
                if let Some(last) = self.enums.last_mut() {
                    last.members.push((name, value));
                }
            }
            "class" => {
                if let Some(last) = self.classes.last_mut() {
                    match member.strip_suffix(" =") {
                        Some(property) => last.properties.push(property),
                        None => last.methods.push(member),
                    }
                }
            }
            _ => {
                if let Some(last) = self.constants.last_mut() {
                    last.members.push(member);
                }
            }
        }
    }

    /// The enum of this full name.
    #[must_use]
    pub fn enumeration(&self, name: &str) -> Option<&Enum> {
        self.enums.iter().find(|item| item.name == name)
    }

    /// The class of this full name.
    #[must_use]
    pub fn class(&self, name: &str) -> Option<&Class> {
        self.classes.iter().find(|item| item.name == name)
    }

    /// Every method of a class, its parents' included.
    #[must_use]
    pub fn methods_of(&self, name: &str) -> Vec<&'static str> {
        let mut methods = Vec::new();
        let mut next = self.class(name);
        while let Some(class) = next {
            methods.extend(class.methods.iter().copied());
            next = class.parent.and_then(|parent| self.class(parent));
        }
        methods
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_values_and_modules() {
        let surface = surface();
        let call_events = surface.enumeration("CallEvents").expect("CallEvents");
        assert_eq!(call_events.members.len(), 41);
        assert!(call_events.members.contains(&("Connected", Value::from("Call.Connected"))));
        let irregular = surface.enumeration("AppEvents").expect("AppEvents");
        assert!(irregular.members.contains(&("WebSocket", Value::from("AppEvents.NewWebSocketConnection"))));
        assert_eq!(surface.enumeration("ASREvents").and_then(|item| item.module), Some("asr"));
        assert_eq!(surface.namespaces["OpenAI"], Some("openai"));
        assert_eq!(surface.namespaces["VoxEngine"], None);
        assert!(surface.methods_of("Inworld.RealtimeTTSPlayer").contains(&"sendMediaTo"), "inherited");
    }

    #[test]
    fn holds_the_whole_typings() {
        let surface = surface();
        let today = &surface.enums[..surface.legacy_from];
        assert_eq!(today.len(), 80);
        assert_eq!(today.iter().map(|item| item.members.len()).sum::<usize>(), 1076);
        assert_eq!(surface.classes.len(), 46);
        let older = |function: &&Function| function.name.starts_with("VoxEngine.CallList.");
        assert_eq!(surface.functions.iter().filter(older).count(), 8);
        assert_eq!(surface.functions.len(), 113 + 8);
    }

    #[test]
    fn older_voices_are_voices_of_today() {
        let surface = surface();
        let known = |voice: &str| {
            surface.constants.iter().any(|list| {
                let member = voice.strip_prefix(list.name).and_then(|rest| rest.strip_prefix('.'));
                member.is_some_and(|member| list.members.contains(&member))
            })
        };
        let mut voices = 0;
        for list in surface.legacy_enums().iter().filter(|list| list.name.starts_with("Language")) {
            for (name, value) in &list.members {
                let voice = value.as_str().expect("a voice");
                assert!(known(voice), "{}.{name}: {voice} is no voice", list.name);
                voices += 1;
            }
        }
        assert!(voices > 80, "{voices}");
    }
}

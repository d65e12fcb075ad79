//! The settings of an emulator (`[emulators.<name>]`) by name. Unknown names and values out of range are errors that say
//! what would be right.

use serde_json::Value;

use crate::contract::Fields;

/// Reads settings one by one; what was never asked for is unknown.
pub(crate) struct Settings<'a> {
    fields: &'a Fields,
    known: Vec<&'static str>,
    problem: Option<String>,
}

impl<'a> Settings<'a> {
    /// Over these fields.
    pub(crate) fn new(fields: &'a Fields) -> Settings<'a> {
        Settings { fields, known: Vec::new(), problem: None }
    }

    /// A whole number from `least` to `most`, both included.
    pub(crate) fn whole(&mut self, name: &'static str, default: u64, least: u64, most: u64) -> u64 {
        self.known.push(name);
        let Some(value) = self.fields.get(name) else { return default };
        match value.as_u64().filter(|number| (least..=most).contains(number)) {
            Some(number) => number,
            None => {
                self.complain(format!("{name} = {value}: a whole number from {least} to {most} is wanted"));
                default
            }
        }
    }

    /// A factor from 0.1 to 1000, in thousandths.
    pub(crate) fn factor(&mut self, name: &'static str, default_milli: u64) -> u64 {
        self.known.push(name);
        let Some(value) = self.fields.get(name) else { return default_milli };
        match value.as_f64().filter(|number| (0.1..=1000.0).contains(number)) {
            Some(number) => (number * 1000.0) as u64,
            None => {
                self.complain(format!("{name} = {value}: a number from 0.1 to 1000 is wanted"));
                default_milli
            }
        }
    }

    /// Yes or no.
    pub(crate) fn flag(&mut self, name: &'static str, default: bool) -> bool {
        self.known.push(name);
        match self.fields.get(name) {
            None => default,
            Some(Value::Bool(on)) => *on,
            Some(value) => {
                self.complain(format!("{name} = {value}: true or false is wanted"));
                default
            }
        }
    }

    /// The first thing that was wrong, if any.
    pub(crate) fn finish(self) -> Result<(), String> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        match self.fields.keys().find(|name| !self.known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(format!("unknown setting {name}; known are {}", self.known.join(", "))),
        }
    }

    fn complain(&mut self, text: String) {
        self.problem.get_or_insert(text);
    }
}

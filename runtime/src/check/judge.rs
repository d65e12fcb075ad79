//! What the facts of the files come to.

use std::collections::BTreeSet;

use voxrun_bindings::compatibility::State;
use voxrun_bindings::contract::limit;
use voxrun_bindings::members::Members;
use voxrun_bindings::syntax;

use super::calls;
use super::facts::{self, Arg, Facts, TopName, Used};
use super::keys;
use super::{Finding, Kind, Rank, Report};

/// Functions that place a call.
const PLACE: [&str; 6] =
    ["callPSTN", "callSIP", "callUser", "callUserDirect", "callConference", "callWhatsappUser"];
/// Functions that end the session by themselves, or have the platform do so.
const ENDS: [&str; 7] = [
    "terminate",
    "easyProcess",
    "forwardCallToPSTN",
    "forwardCallToSIP",
    "forwardCallToUser",
    "forwardCallToUserDirect",
    "playSoundAndHangup",
];

/// A file that is judged.
struct File<'a> {
    name: &'a str,
    text: &'a str,
    facts: Facts,
}

pub(super) fn report(files: &[(String, String)]) -> Report {
    let members = Members::default();
    let mut report =
        Report { files: files.iter().map(|(name, _)| name.clone()).collect(), ..Report::default() };
    let mut read = Vec::new();
    for (name, text) in files {
        match unparsed(name, text) {
            Some(finding) => report.findings.push(finding),
            None => read.push(File { name, text, facts: facts::read(name, text) }),
        }
    }
    // What one file declares is no member of the platform in the others either.
    let declared: BTreeSet<&str> =
        read.iter().flat_map(|file| file.facts.declared.iter().map(String::as_str)).collect();
    for file in &read {
        let mut found = Vec::new();
        file.members(&members, &declared, &mut found);
        file.texts(&mut found);
        file.calls(&mut found);
        found.sort_by_key(|finding| (finding.line, finding.column));
        report.findings.extend(found);
    }
    if read.len() == files.len() {
        report.findings.extend(whole(&read));
    }
    report.findings.extend(declared_twice(&read));
    needs(&read, &mut report);
    report
}

/// Why a file does not run at all.
fn unparsed(name: &str, text: &str) -> Option<Finding> {
    let script = voxrun_bindings::scenario(name.to_owned(), text.to_owned());
    let prepared = script.and_then(|script| {
        let prepared = syntax::prepare(&script.text).map(drop);
        prepared.map_err(|problem| match &script.origin {
            Some(origin) => {
                let (line, column) = origin.place(problem.line, problem.column);
                syntax::SyntaxProblem { line, column, ..problem }
            }
            None => problem,
        })
    });
    let problem = prepared.err()?;
    let (line, column) = (problem.line as usize, problem.column as usize);
    let excerpt = text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim().to_owned();
    Some(Finding {
        rank: Rank::Error,
        kind: Kind::Syntax,
        file: name.to_owned(),
        line,
        column,
        excerpt: shortened(&excerpt),
        what: format!("SyntaxError: {}", problem.message),
        todo: "correct it: nothing of this rule runs".to_owned(),
    })
}

impl File<'_> {
    fn finding(&self, rank: Rank, kind: Kind, offset: usize, what: String, todo: String) -> Finding {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        let excerpt = self.text.lines().nth(line - 1).unwrap_or_default().trim();
        let excerpt = shortened(excerpt);
        Finding { rank, kind, file: self.name.to_owned(), line, column, excerpt, what, todo }
    }

    fn members(&self, members: &Members, declared: &BTreeSet<&str>, found: &mut Vec<Finding>) {
        for used in &self.facts.used {
            if !declared.contains(used.owner.split('.').next().unwrap_or_default()) {
                found.extend(self.member(members, used));
            }
        }
        for method in &self.facts.methods {
            if let Some((State::Planned, classes)) = members.method(&method.name)
                && !IN_JAVASCRIPT.contains(&method.name.as_str())
            {
                let what = format!("{}.{}() is not built in voxrun yet", classes.join(" or "), method.name);
                found.push(self.not_built(method.offset, what));
            }
        }
        for (name, offset, _) in &self.facts.globals {
            if members.function("", name) == Some(State::Planned) {
                found.push(self.not_built(*offset, format!("{name}() is not built in voxrun yet")));
            }
        }
    }

    fn not_built(&self, offset: usize, what: String) -> Finding {
        let todo = "it throws an error that names it; see docs/compatibility.md".to_owned();
        self.finding(Rank::Error, Kind::NotBuilt, offset, what, todo)
    }

    fn member(&self, members: &Members, used: &Used) -> Option<Finding> {
        let Used { owner, name, offset, called } = used;
        let meant = || members.meant(owner, name).map(|meant| format!("did you mean {owner}.{meant}?"));
        if let Some(known) = members.enum_member(owner, name) {
            if known || members.is_other_member(owner, name) || members.function(owner, name).is_some() {
                return None;
            }
            let todo = meant().unwrap_or_else(|| format!("see docs/values.md for {owner}"));
            if calls::today(&format!("{owner}.{name}")).is_some() {
                return None;
            }
            if owner == "Modules" {
                let what =
                    format!("Modules.{name} is no module: require() of it stops the session on the platform");
                return Some(self.finding(Rank::Error, Kind::NoModule, *offset, what, todo));
            }
            let what =
                format!("{owner} has no member {name}: it is undefined, and such an event never comes");
            return Some(self.finding(Rank::Warning, Kind::NoEvent, *offset, what, todo));
        }
        if !members.is_namespace(owner) {
            return None;
        }
        match members.function(owner, name) {
            Some(State::Planned) => {
                Some(self.not_built(*offset, format!("{owner}.{name}() is not built in voxrun yet")))
            }
            Some(_) => None,
            None if members.is_other_member(owner, name) || !called => None,
            None => {
                let what = format!("{owner} has no function {name}");
                let todo =
                    meant().unwrap_or_else(|| "see docs/compatibility.md for what there is".to_owned());
                Some(self.finding(Rank::Error, Kind::Unknown, *offset, what, todo))
            }
        }
    }

    /// Forms of older typings, and texts that are too long.
    fn calls(&self, found: &mut Vec<Finding>) {
        let mut older = |offset, what: String, today: &str| {
            let todo = format!("today: {today}");
            found.push(self.finding(Rank::Remark, Kind::Older, offset, what, todo));
        };
        let mut named = BTreeSet::new();
        for used in &self.facts.used {
            let full = format!("{}.{}", used.owner, used.name);
            if let Some((name, today)) = calls::today(&full).filter(|(name, _)| named.insert(*name)) {
                older(used.offset, format!("{name} is a name of older typings"), today);
            }
        }
        for called in &self.facts.calls {
            if let Some(today) = calls::today_of(called) {
                older(called.offset, format!("an older form of {}", called.name), today);
            }
        }
        for called in &self.facts.calls {
            if let Some(what) = calls::too_long(called) {
                let todo = "make it shorter: what the platform does beyond is not documented".to_owned();
                found.push(self.finding(Rank::Warning, Kind::Limit, called.offset, what, todo));
            }
        }
    }

    fn texts(&self, found: &mut Vec<Finding>) {
        for (text, offset) in self.facts.texts.iter().filter(|(text, _)| keys::is_key(text)) {
            let what = "this looks like a key".to_owned();
            let todo =
                "read it with VoxEngine.getSecretValue(NAME): whoever sees the file has the key".to_owned();
            let mut finding = self.finding(Rank::Warning, Kind::KeyInText, *offset, what, todo);
            let line = self.text.lines().nth(finding.line - 1).unwrap_or_default().trim();
            finding.excerpt = shortened(&keys::hidden(line, text));
            found.push(finding);
        }
        for (name, offset, period) in &self.facts.globals {
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            let least = limit::INTERVAL_LEAST_MS as f64;
            if name == "setInterval" && period.is_some_and(|period| period < least) {
                let what = format!("a period below {least} ms is raised to {least} ms");
                let todo = format!("write {least}, or a chain of setTimeout");
                found.push(self.finding(Rank::Warning, Kind::Limit, *offset, what, todo));
            }
        }
        for offset in &self.facts.lost {
            let what = "VoxEngine.terminate() right after it loses this request".to_owned();
            let todo = "end the session when the answer has come".to_owned();
            found.push(self.finding(Rank::Warning, Kind::LostRequest, *offset, what, todo));
        }
    }

    fn uses(&self, owner: &str, names: &[&str]) -> Option<&Used> {
        let is = |used: &&Used| used.owner == owner && names.contains(&used.name.as_str());
        self.facts.used.iter().find(is)
    }
}

/// Names that two files declare, one of them with `let`, `const` or `class`.
fn declared_twice(files: &[File<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, file) in files.iter().enumerate() {
        for TopName { name, offset, once } in &file.facts.top {
            let same = |before: &&File<'_>| {
                before.facts.top.iter().any(|top| top.name == *name && (*once || top.once))
            };
            if let Some(before) = files[..at].iter().find(same) {
                let what = format!("{name} is declared in {} already", before.name);
                let todo =
                    "give it another name: here the later declaration takes it over, with a note (F-301)";
                let kind = Kind::DeclaredTwice;
                found.push(file.finding(Rank::Warning, kind, *offset, what, todo.to_owned()));
            }
        }
    }
    found
}

/// What all files together forget.
fn whole(files: &[File<'_>]) -> Vec<Finding> {
    let any = |owner: &str, names: &[&str]| files.iter().any(|file| file.uses(owner, names).is_some());
    let Some(first) = files.first() else { return Vec::new() };
    let mut found = Vec::new();
    let forwards = any("VoxEngine", &ENDS[1..]);
    if !any("VoxEngine", &ENDS) && !any("JSession", &["terminate", "close"]) {
        let what =
            "nothing ends the session: it lasts until 60 s after its last call, and is paid for".to_owned();
        let todo = "call VoxEngine.terminate() when the call is over".to_owned();
        found.push(first.finding(Rank::Warning, Kind::NoEnd, 0, what, todo));
    }
    let placed = files.iter().find_map(|file| Some((file, file.uses("VoxEngine", &PLACE)?)));
    if let Some((file, used)) = placed.filter(|_| !any("CallEvents", &["Failed"]) && !forwards) {
        let what = "nobody hears when this call fails: busy, refused, not answered".to_owned();
        let todo = "add a listener for CallEvents.Failed".to_owned();
        found.push(file.finding(Rank::Warning, Kind::Unheard, used.offset, what, todo));
    }
    let taken = files.iter().find_map(|file| Some((file, file.uses("AppEvents", &["CallAlerting"])?)));
    if let Some((file, used)) = taken.filter(|_| !any("CallEvents", &["Disconnected"]) && !forwards) {
        let what = "nobody hears when the caller hangs up".to_owned();
        let todo = "add a listener for CallEvents.Disconnected that ends the session".to_owned();
        found.push(file.finding(Rank::Warning, Kind::Unheard, used.offset, what, todo));
    }
    found
}

/// What the files ask for.
fn needs(files: &[File<'_>], report: &mut Report) {
    let (mut modules, mut secrets, mut hosts, mut numbers) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut sockets = BTreeSet::new();
    for Facts { used, calls, texts, .. } in files.iter().map(|file| &file.facts) {
        modules.extend(used.iter().filter(|used| used.owner == "Modules").map(|used| used.name.clone()));
        for called in calls {
            let Some(Arg::Text(text)) = called.args.first() else { continue };
            if called.name == "getSecretValue" {
                secrets.insert(text.clone());
            } else if PLACE.contains(&called.name.as_str()) {
                numbers.insert(text.clone());
            }
        }
        hosts.extend(texts.iter().filter_map(|(text, _)| host(text)));
        let by_socket = texts.iter().filter(|(text, _)| text.starts_with("ws"));
        sockets.extend(by_socket.filter_map(|(text, _)| host(text)));
    }
    report.modules = modules.into_iter().collect();
    report.secrets = secrets.into_iter().collect();
    report.hosts = hosts.into_iter().collect();
    report.sockets = sockets.into_iter().collect();
    report.numbers = numbers.into_iter().collect();
}

/// The host of a text that begins as a URL.
fn host(text: &str) -> Option<String> {
    let schemes = ["https://", "http://", "wss://", "ws://"];
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme))?;
    let host = rest.split(['/', '?', '#', '$']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    (!host.is_empty() && host.contains(['.', ':'])).then(|| host.to_owned())
}

/// Methods that objects of the language have too.
const IN_JAVASCRIPT: [&str; 8] = ["send", "close", "update", "reset", "start", "append", "dtmf", "custom"];

/// Characters of an excerpt.
const SHOWN: usize = 100;

fn shortened(line: &str) -> String {
    if line.chars().count() <= SHOWN {
        line.to_owned()
    } else {
        line.chars().take(SHOWN).chain("...".chars()).collect()
    }
}

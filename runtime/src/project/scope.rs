//! Names that several files of one rule declare. All files share one scope, where a second `let`, `const` or `class` of a name is a
//! SyntaxError by the rules of the language; what the platform does is not known, and real rules have such pairs (policy F-301).
//! Tolerated, the later declaration takes the name over: it becomes an assignment, so that functions of the earlier file see the
//! later value.

use std::collections::BTreeMap;
use std::sync::Arc;

use oxc_allocator::Allocator;
use oxc_ast::ast::{BindingPattern, Statement, VariableDeclarationKind};
use oxc_parser::Parser;
use oxc_span::{GetSpan, SourceType};
use voxrun_bindings::contract::{Origin, ScenarioFile};

/// A name that two files declare, and where: `file:line:column`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The name.
    pub name: String,
    /// Where it is declared first.
    pub first: String,
    /// Where again.
    pub again: String,
}

/// How a name is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Const,
    Let,
    Class,
    /// `var` and functions, which may be declared again.
    Var,
}

/// A declaration at the top of a file.
struct Declared {
    name: String,
    word: Word,
    /// Byte offsets of the name, and of the statement.
    at: usize,
    statement: (usize, usize),
}

/// A change of a text: from this byte, so many bytes become this.
struct Edit {
    at: usize,
    removed: usize,
    put: &'static str,
    name: String,
}

/// Lets files declare the same names. What was declared twice is told.
#[must_use]
pub fn share(files: Vec<ScenarioFile>) -> (Vec<ScenarioFile>, Vec<Duplicate>) {
    if files.len() < 2 {
        return (files, Vec::new());
    }
    let declared: Vec<Vec<Declared>> = files.iter().map(|file| top_of(&file.text)).collect();
    let mut edits: Vec<Vec<Edit>> = files.iter().map(|_| Vec::new()).collect();
    let mut duplicates = Vec::new();
    let mut known: BTreeMap<&str, (usize, &Declared)> = BTreeMap::new();
    for (index, of_file) in declared.iter().enumerate() {
        for later in of_file {
            match known.get(later.name.as_str()) {
                Some((file, first))
                    if *file != index && !(first.word == Word::Var && later.word == Word::Var) =>
                {
                    duplicates.push(Duplicate {
                        name: later.name.clone(),
                        first: place(&files[*file], first.at),
                        again: place(&files[index], later.at),
                    });
                    if first.word == Word::Const {
                        edits[*file].push(whole(first.statement.0, "const".len(), "let  "));
                    }
                    edits[index].extend(assignment(&files[index].text, later));
                }
                Some(_) => {}
                None => drop(known.insert(&later.name, (index, later))),
            }
        }
    }
    let shared = files.into_iter().zip(edits).map(|(file, edits)| edited(file, edits)).collect();
    (shared, duplicates)
}

fn whole(at: usize, removed: usize, put: &'static str) -> Edit {
    Edit { at, removed, put, name: String::new() }
}

/// What is declared at the top of a file; nothing when it does not parse.
fn top_of(text: &str) -> Vec<Declared> {
    if voxrun_bindings::syntax::check_nesting(text).is_err() {
        return Vec::new();
    }
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::script()).parse();
    let mut declared = Vec::new();
    let mut add = |name: &str, word, at: u32, statement: oxc_span::Span| {
        let statement = (statement.start as usize, statement.end as usize);
        declared.push(Declared { name: name.to_owned(), word, at: at as usize, statement });
    };
    for statement in &parsed.program.body {
        let span = statement.span();
        match statement {
            Statement::VariableDeclaration(declaration) => {
                let word = match declaration.kind {
                    VariableDeclarationKind::Var => Word::Var,
                    VariableDeclarationKind::Let => Word::Let,
                    _ => Word::Const,
                };
                // Patterns are left as they are: what they declare twice stays the language's error.
                for declarator in &declaration.declarations {
                    if let BindingPattern::BindingIdentifier(id) = &declarator.id {
                        add(id.name.as_str(), word, id.span.start, span);
                    }
                }
            }
            Statement::FunctionDeclaration(function) => {
                if let Some(id) = &function.id {
                    add(id.name.as_str(), Word::Var, id.span.start, span);
                }
            }
            Statement::ClassDeclaration(class) => {
                if let Some(id) = &class.id {
                    add(id.name.as_str(), Word::Class, id.span.start, span);
                }
            }
            _ => {}
        }
    }
    declared
}

/// The edits that make an assignment of a declaration.
fn assignment(text: &str, later: &Declared) -> Vec<Edit> {
    let (begin, end) = later.statement;
    let statement = &text[begin..end];
    let blank = ["const", "let", "var"].into_iter().find(|word| statement.starts_with(word));
    if let Some(word) = blank {
        let mut edits = vec![whole(begin, word.len(), &"     "[..word.len()])];
        // A name without a value begins anew all the same.
        let after = text[later.at + later.name.len()..end].trim_start();
        if !after.starts_with('=') {
            edits.push(whole(later.at + later.name.len(), 0, " = undefined"));
        }
        return edits;
    }
    let before = Edit { at: begin, removed: 0, put: " = ", name: later.name.clone() };
    vec![before, whole(end, 0, ";")]
}

/// `file:line:column` as the author wrote it.
fn place(file: &ScenarioFile, offset: usize) -> String {
    let (line, column) = line_column(&file.text, offset);
    let (line, column) = file.origin.as_ref().map_or((line, column), |origin| origin.place(line, column));
    format!("{}:{line}:{column}", file.name)
}

fn line_column(text: &str, offset: usize) -> (u32, u32) {
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    (u32::try_from(line).unwrap_or(0), u32::try_from(column).unwrap_or(0))
}

/// The file with its edits, and the way back to what its author wrote. No edit adds a line.
fn edited(file: ScenarioFile, mut edits: Vec<Edit>) -> ScenarioFile {
    if edits.is_empty() {
        return file;
    }
    edits.sort_by_key(|edit| (edit.at, edit.removed));
    edits.dedup_by(|a, b| (a.at, a.removed, a.put, &a.name) == (b.at, b.removed, b.put, &b.name));
    let mut text = String::with_capacity(file.text.len());
    let mut done = 0;
    for Edit { at, removed, put, name } in &edits {
        text.push_str(&file.text[done..*at]);
        text.push_str(name);
        text.push_str(put);
        done = at + removed;
    }
    text.push_str(&file.text[done..]);
    let source = file.source().to_owned();
    let places = places(&file, &edits);
    ScenarioFile { name: file.name, text, origin: Some(Arc::new(Origin { text: source, places })) }
}

/// The way back, with the columns that the edits have moved.
fn places(file: &ScenarioFile, edits: &[Edit]) -> Vec<((u32, u32), (u32, u32))> {
    let at = |edit: &Edit| line_column(&file.text, edit.at + edit.removed);
    let mut places = match &file.origin {
        Some(origin) => origin.places.clone(),
        None => {
            let lines = u32::try_from(file.text.matches('\n').count() + 1).unwrap_or(u32::MAX);
            (1..=lines).map(|line| (line, 1)).chain(edits.iter().map(at)).map(|at| (at, at)).collect()
        }
    };
    let moved: Vec<((u32, u32), usize, usize)> = edits
        .iter()
        .map(|edit| (at(edit), edit.put.chars().count() + edit.name.chars().count(), edit.removed))
        .collect();
    for ((line, column), _) in &mut places {
        let before = moved.iter().filter(|((of, from), ..)| of == line && from <= column);
        let (put, removed) =
            before.fold((0, 0), |(put, removed), (_, more, less)| (put + more, removed + less));
        *column = column
            .saturating_add(u32::try_from(put).unwrap_or(0))
            .saturating_sub(u32::try_from(removed).unwrap_or(0));
    }
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: &[&str]) -> Vec<ScenarioFile> {
        texts
            .iter()
            .enumerate()
            .map(|(index, text)| ScenarioFile::new(format!("{index}.js"), *text))
            .collect()
    }

    fn shared(texts: &[&str]) -> (Vec<String>, Vec<String>) {
        let (files, duplicates) = share(files(texts));
        let told = duplicates.iter().map(|one| format!("{} {} {}", one.name, one.first, one.again));
        (files.into_iter().map(|file| file.text).collect(), told.collect())
    }

    #[test]
    fn a_later_declaration_becomes_an_assignment() {
        let (texts, told) =
            shared(&["let a = 1; const b = 2;\nfunction f() {}", "let a;\nconst b = 3, c = 4\nclass f {}"]);
        assert_eq!(texts[0], "let a = 1; let   b = 2;\nfunction f() {}");
        assert_eq!(texts[1], "    a = undefined;\n      b = 3, c = 4\nf = class f {};");
        assert_eq!(told, ["a 0.js:1:5 1.js:1:5", "b 0.js:1:18 1.js:2:7", "f 0.js:2:10 1.js:3:7"]);
    }

    #[test]
    fn what_may_be_declared_again_stays_as_it_is() {
        for texts in [
            ["var a = 1", "var a = 2"],
            ["function f() {}", "function f() {}"],
            ["let a", "let b"],
            ["let a; {", "let a"],
        ] {
            let (shared, told) = shared(&texts);
            assert_eq!((shared, told), (texts.iter().map(|text| (*text).to_owned()).collect(), Vec::new()));
        }
    }

    #[test]
    fn places_lead_back() {
        let (files, _) = share(files(&["class A {}", "x;\nclass A {} missing();\nlet c = 1;"]));
        let origin = files[1].origin.as_ref().expect("edited");
        assert_eq!(files[1].text, "x;\nA = class A {}; missing();\nlet c = 1;");
        assert_eq!(origin.place(2, 17), (2, 12));
        assert_eq!(origin.place(2, 5), (2, 1));
        assert_eq!(origin.place(3, 5), (3, 5));
        assert_eq!(origin.text, "x;\nclass A {} missing();\nlet c = 1;");
    }
}

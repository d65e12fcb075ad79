//! Names declared twice in one list of statements (ECMAScript 16.1.1, 14.2.1, 15.2.1), with the place of the second.
//!
//! The parser leaves this to later passes and the engine's own reports no place. A `var` hoisted out of an inner block
//! is left to the engine.

use oxc_ast::ast::{
    BlockStatement, FunctionBody, Program, Statement, StaticBlock, SwitchStatement, VariableDeclarationKind,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::Span;
use std::collections::BTreeMap;

/// The first second declaration: its offset in bytes and what is wrong.
pub(super) fn find(program: &Program<'_>) -> Option<(usize, String)> {
    let mut search = Search { found: None };
    search.visit_program(program);
    search.found
}

struct Search {
    found: Option<(usize, String)>,
}

/// The word a declaration began with.
type Word = &'static str;

fn is_lexical(word: Word) -> bool {
    !matches!(word, "var" | "function")
}

impl Search {
    fn list<'b, 'a: 'b>(&mut self, statements: impl Iterator<Item = &'b Statement<'a>>) {
        let mut declared: BTreeMap<&str, Word> = BTreeMap::new();
        for statement in statements {
            for (name, span, word) in names(statement) {
                match declared.get(name) {
                    Some(earlier) if is_lexical(earlier) || is_lexical(word) => {
                        self.note(span, format!("redeclaration of {earlier} {name}"));
                    }
                    _ => drop(declared.insert(name, word)),
                }
            }
        }
    }

    fn note(&mut self, span: Span, what: String) {
        let offset = span.start as usize;
        if self.found.as_ref().is_none_or(|(earlier, _)| offset < *earlier) {
            self.found = Some((offset, what));
        }
    }
}

fn names<'b>(statement: &'b Statement<'_>) -> Vec<(&'b str, Span, Word)> {
    match statement {
        Statement::VariableDeclaration(declaration) => {
            let word = match declaration.kind {
                VariableDeclarationKind::Var => "var",
                VariableDeclarationKind::Let => "let",
                _ => "const",
            };
            let patterns = declaration.declarations.iter().map(|one| &one.id);
            patterns
                .flat_map(|pattern| pattern.get_binding_identifiers())
                .map(|name| (name.name.as_str(), name.span, word))
                .collect()
        }
        Statement::FunctionDeclaration(function) => {
            function.id.iter().map(|name| (name.name.as_str(), name.span, "function")).collect()
        }
        Statement::ClassDeclaration(class) => {
            class.id.iter().map(|name| (name.name.as_str(), name.span, "class")).collect()
        }
        _ => Vec::new(),
    }
}

impl<'a> Visit<'a> for Search {
    fn visit_program(&mut self, program: &Program<'a>) {
        self.list(program.body.iter());
        walk::walk_program(self, program);
    }

    fn visit_function_body(&mut self, body: &FunctionBody<'a>) {
        self.list(body.statements.iter());
        walk::walk_function_body(self, body);
    }

    fn visit_block_statement(&mut self, block: &BlockStatement<'a>) {
        self.list(block.body.iter());
        walk::walk_block_statement(self, block);
    }

    fn visit_static_block(&mut self, block: &StaticBlock<'a>) {
        self.list(block.body.iter());
        walk::walk_static_block(self, block);
    }

    fn visit_switch_statement(&mut self, switch: &SwitchStatement<'a>) {
        self.list(switch.cases.iter().flat_map(|case| case.consequent.iter()));
        walk::walk_switch_statement(self, switch);
    }
}

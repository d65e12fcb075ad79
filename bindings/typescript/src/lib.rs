//! TypeScript scenarios as JavaScript: types are erased, enums, namespaces and parameter properties become what they mean, and
//! every place of the JavaScript leads back to the author's file. What a classic script cannot have is refused by its name.
//!
//! The work is oxc's (<https://oxc.rs>). It deliberately checks no types, lowers nothing else, and runs nothing: what is newer
//! than the platform's engine is refused where all JavaScript is, by `voxrun_sandbox::prepare`.

mod refused;

use std::path::Path;

use oxc_allocator::Allocator;
use oxc_ast::ast::{Program, Statement};
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use oxc_transformer::{TransformOptions, Transformer};
use voxrun_sandbox::syntax::{self, SyntaxProblem};

/// A place of the JavaScript and the place that it comes from, lines and columns from 1, columns in code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mapping {
    /// Line and column of the JavaScript.
    pub at: (u32, u32),
    /// Line and column of the TypeScript.
    pub from: (u32, u32),
}

/// A TypeScript source as JavaScript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lowered {
    /// A classic script.
    pub code: String,
    /// In the order of the JavaScript.
    pub mappings: Vec<Mapping>,
}

/// Makes a classic script of a TypeScript source.
///
/// # Errors
/// The first thing that is wrong: no TypeScript, nested too deeply to be read safely, or something that a classic script cannot
/// have (an import or an export of a value, a decorator).
pub fn lower(source: &str) -> Result<Lowered, SyntaxProblem> {
    syntax::check_nesting(source)?;
    let allocator = Allocator::default();
    // Types are imported with the syntax of modules; what a module alone can do is refused below.
    let parsed = Parser::new(&allocator, source, SourceType::ts()).parse();
    problem(source, parsed.diagnostics.errors())?;
    let mut program = parsed.program;
    if let Some((offset, what)) = refused::find(&program) {
        return Err(SyntaxProblem::at(source, offset, what));
    }
    let semantic = SemanticBuilder::new().with_enum_eval(true).build(&program);
    problem(source, semantic.diagnostics.errors())?;
    let (path, options) = (Path::new("scenario.ts"), TransformOptions::default());
    let scoping = semantic.semantic.into_scoping();
    let transformed = Transformer::new(&allocator, path, &options).build_with_scoping(scoping, &mut program);
    problem(source, transformed.diagnostics.errors())?;
    leave_modules(&mut program);
    if let Some((offset, what)) = refused::module_syntax(&program) {
        return Err(SyntaxProblem::at(source, offset, what));
    }
    let options = CodegenOptions { source_map_path: Some(path.to_path_buf()), ..CodegenOptions::default() };
    let printed = Codegen::new().with_options(options).with_source_text(source).build(&program);
    let tokens = printed.map.iter().flat_map(|map| map.get_tokens());
    let (to, from) = (Columns::of(&printed.code), Columns::of(source));
    let mappings = tokens.map(|token| Mapping {
        at: to.place(token.get_dst_line(), token.get_dst_col()),
        from: from.place(token.get_src_line(), token.get_src_col()),
    });
    Ok(Lowered { mappings: mappings.collect(), code: printed.code })
}

/// The first of what was found wrong.
fn problem<'a>(
    source: &str,
    mut found: impl Iterator<Item = &'a oxc_diagnostics::OxcDiagnostic>,
) -> Result<(), SyntaxProblem> {
    match found.next() {
        None => Ok(()),
        Some(error) => {
            let offset = error.labels.first().map_or(0, |label| label.offset() as usize);
            Err(SyntaxProblem::at(source, offset, error.message.to_string()))
        }
    }
}

/// `export {}` says only that a file is a module, and is what erased imports leave behind.
fn leave_modules(program: &mut Program<'_>) {
    program.body.retain(|statement| match statement {
        Statement::ExportNamedDeclaration(export) => !export.specifiers.is_empty(),
        _ => true,
    });
}

/// The lines of a text, for columns that are counted in UTF-16.
struct Columns<'a>(Vec<&'a str>);

impl<'a> Columns<'a> {
    fn of(text: &'a str) -> Columns<'a> {
        Columns(text.split('\n').collect())
    }

    /// Line and column from 1, in code points.
    fn place(&self, line: u32, utf16: u32) -> (u32, u32) {
        let text = self.0.get(line as usize).copied().unwrap_or_default();
        let mut units = 0;
        let wide = if text.is_ascii() {
            0
        } else {
            text.chars()
                .take_while(|ch| {
                    units += ch.len_utf16() as u32;
                    units <= utf16
                })
                .filter(|ch| ch.len_utf16() == 2)
                .count()
        };
        (line + 1, utf16 + 1 - u32::try_from(wide).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests;

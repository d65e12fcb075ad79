//! What a scenario's file is before it runs: JavaScript as it stands, or TypeScript, which becomes JavaScript once, when it is
//! read, and keeps the way back to the author's places. Types are not checked.

use std::sync::Arc;

use voxrun_sandbox::syntax::SyntaxProblem;

use crate::contract::{Origin, ScenarioFile};

/// A scenario file as it was read; `.ts` is TypeScript.
///
/// # Errors
/// Why a TypeScript file cannot become a classic script. What is wrong with JavaScript is told when it runs.
pub fn scenario(name: String, text: String) -> Result<ScenarioFile, SyntaxProblem> {
    if !name.to_ascii_lowercase().ends_with(".ts") {
        return Ok(ScenarioFile::new(name, text));
    }
    let lowered = voxrun_typescript::lower(&text)?;
    let places = lowered.mappings.iter().map(|mapping| (mapping.at, mapping.from)).collect();
    Ok(ScenarioFile { name, text: lowered.code, origin: Some(Arc::new(Origin { text, places })) })
}

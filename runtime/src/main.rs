//! The `voxrun` program. It only gathers what lies around it; everything else is `voxrun::cli`.

use std::io::{BufReader, IsTerminal};
use std::process::ExitCode;

use voxrun::cli::{Surroundings, panics, run_args};
use voxrun_bindings::heap::CountingAllocator;

/// Counts what the scripts hold, so that the platform's limit on the heap can be enforced.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Columns where the terminal does not say.
const WIDTH: usize = 120;

fn main() -> ExitCode {
    panics::install();
    let terminal = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    let env: std::collections::BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let columns = env.get("COLUMNS").and_then(|columns| columns.parse().ok());
    let mut stdout = std::io::stdout();
    let mut stderr = std::io::stderr();
    let mut around = Surroundings {
        dir: ".".into(),
        colour: terminal && !env.contains_key("NO_COLOR"),
        width: columns.unwrap_or(WIDTH).max(60),
        env,
        stdin: Box::new(BufReader::new(std::io::stdin())),
        stdout: &mut stdout,
        stderr: &mut stderr,
    };
    let code = run_args(std::env::args_os(), &mut around);
    let _ = around.stdout.flush();
    ExitCode::from(code)
}

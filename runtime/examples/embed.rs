//! A program that embeds voxrun: it takes a scenario file through one call, tells what the caller said and heard, and fails
//! when the agent was not heard. `cargo run --example embed -- scenarios/openai-function-call.js "what is the weather"`

#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use std::process::ExitCode;

use voxrun::room::RunResult;
use voxrun::simulate::{CallerPlan, Step, World, WorldSetup, on_world_thread};
use voxrun_bindings::contract::ScenarioFile;
use voxrun_bindings::heap::CountingAllocator;

/// Without it the platform's limit on a script's memory is not enforced.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let path = args.next().unwrap_or_else(|| "scenarios/openai-function-call.js".to_owned());
    let lines: Vec<String> = args.collect();
    match play(&path, &lines) {
        Ok(result) => tell(&result),
        Err(what) => {
            println!("{path}: {what}");
            ExitCode::from(2)
        }
    }
}

/// Takes the scenario through a call in which the caller says these lines.
fn play(path: &str, lines: &[String]) -> Result<RunResult, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let steps: Vec<Step> = lines.iter().map(|line| Step::Say(line.clone())).collect();
    let caller =
        if steps.is_empty() { CallerPlan::default() } else { CallerPlan { steps, ..CallerPlan::silent() } };
    let setup = WorldSetup {
        scenarios: vec![ScenarioFile::new(path.to_owned(), text)],
        callers: vec![caller],
        ..WorldSetup::default()
    };
    let run = || World::new(setup).map(|mut world| world.run(|_| {}));
    on_world_thread(run).map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

fn tell(result: &RunResult) -> ExitCode {
    let mut heard = 0;
    for session in &result.sessions {
        for said in &session.conversation {
            println!("{:>7} ms  {:?}: {}", said.start_ms, said.who, said.text);
            heard += 1;
        }
        if let Some(error) = &session.report.error {
            println!("{}:{}:{}: {}", error.file, error.line, error.column, error.message);
            return ExitCode::FAILURE;
        }
    }
    if heard > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

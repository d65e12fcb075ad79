//! The one integration binary: specs of whole runs, the house rules, and the README.

mod check;
mod outputs;
mod readme;
mod specs;
mod tidy;

use std::path::{Path, PathBuf};

use voxrun_bindings::heap::CountingAllocator;

/// Runs happen in this process, and scripts are limited as in the program.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// The root of the workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace")
}

/// Every file below a folder with one of these extensions, sorted.
fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.expect("readable folder").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && name != "target" && name != ".git" {
            found.extend(files(&path, extensions));
        } else if path.extension().and_then(|end| end.to_str()).is_some_and(|end| extensions.contains(&end)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The path below the workspace, with forward slashes.
fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string().replace('\\', "/")
}

/// An empty folder of this name for outputs, below the build's own folder.
fn fresh_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for outputs");
    folder
}

/// What one run of the program printed, and its exit code.
struct Ran {
    code: u8,
    stdout: String,
    stderr: String,
}

/// Runs the program in this process, in a folder, with nothing in its environment.
fn voxrun(dir: &Path, args: &[String], stdin: &str) -> Ran {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut around = voxrun::cli::Surroundings {
        dir: dir.to_owned(),
        env: std::collections::BTreeMap::new(),
        stdin: Box::new(std::io::Cursor::new(stdin.to_owned())),
        stdout: &mut stdout,
        stderr: &mut stderr,
        colour: false,
        width: 120,
    };
    let words = std::iter::once("voxrun").chain(args.iter().map(String::as_str)).map(Into::into);
    let code = voxrun::cli::run_args(words, &mut around);
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code, stdout: text(stdout), stderr: text(stderr) }
}

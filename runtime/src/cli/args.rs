//! The subcommands, and the flags of `voxrun run`, declared once: parser, `--help` and the refusal of what is not built come from here.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Parser, Subcommand, ValueEnum};
use voxrun_bindings::connection::span;

use super::emulate::EmulateArgs;
use super::voice::Voice;

/// Runs unchanged VoxEngine scenario files off the VoxEngine cloud.
#[derive(Debug, Parser)]
#[command(name = "voxrun", version, about, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Subcommands,
}

/// What voxrun can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Subcommands {
    /// Run scenario files through one whole phone call, offline and in virtual time
    Run(Box<RunArgs>),
    /// Tell what scenarios need and what would stop them, without running them
    Check(CheckArgs),
    /// Serve the emulated providers over TCP and TLS, for official SDKs and other clients
    Emulate(Box<EmulateArgs>),
    /// Print a generated page of docs/
    #[command(hide = true)]
    Docs {
        /// Which page.
        page: Page,
        /// What the specs were seen to use.
        #[arg(long, value_name = "FILE")]
        proofs: Option<PathBuf>,
    },
}

/// A page of the documentation that is printed from the program's own tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Page {
    /// docs/compatibility.md
    Compatibility,
    /// docs/fidelity.md
    Fidelity,
    /// docs/values.md
    Values,
}

/// Where the caller calls from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClientType {
    /// A phone.
    Pstn,
    /// A SIP device.
    Sip,
    /// An application's user.
    User,
}

impl ClientType {
    /// The platform's word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ClientType::Pstn => "pstn",
            ClientType::Sip => "sip",
            ClientType::User => "user",
        }
    }
}

/// A duration of the command line in whole milliseconds.
pub(crate) fn milliseconds(text: &str) -> Result<u64, String> {
    let us =
        span::parse_us(text).ok_or_else(|| format!("`{text}` is not a duration; write {}", span::FORMS))?;
    Ok(us / 1000)
}

/// Flags of `voxrun check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Scenario files of one rule, a voxengine-ci project, or a folder whose files are read one by one
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `voxrun run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Scenario files of one rule, run in order in one global scope (.js, .ts), or the folder of a voxengine-ci project, whose
    /// rules choose them by --to
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Of a project with several applications: this one
    #[arg(long, value_name = "NAME")]
    pub(crate) application: Option<String>,
    /// Of a project: this rule, whichever number is called
    #[arg(long, value_name = "NAME")]
    pub(crate) rule: Option<String>,

    /// The caller says this when the agent's turn is over; repeat it for more lines
    #[arg(long, value_name = "TEXT", help_heading = CALLER)]
    pub(crate) say: Vec<String>,
    /// The caller says this so long after the agent began to speak, and so interrupts it
    #[arg(long, num_args = 2, value_names = ["DUR", "TEXT"], help_heading = CALLER)]
    pub(crate) say_after: Vec<String>,
    /// The caller presses these keys (0-9 * #) when the agent's turn is over
    #[arg(long, value_name = "DIGITS", help_heading = CALLER)]
    pub(crate) dtmf: Vec<String>,
    /// The caller plays this sound file (WAV, MP3, OGG Vorbis, FLAC) when the agent's turn is over
    #[arg(long, value_name = "FILE", help_heading = CALLER)]
    pub(crate) caller: Vec<PathBuf>,
    /// The caller hangs up so long after the call began
    #[arg(long, value_name = "DUR", value_parser = milliseconds, help_heading = CALLER)]
    pub(crate) hangup_after: Option<u64>,
    /// The calling number
    #[arg(long, value_name = "N", help_heading = CALLER)]
    pub(crate) from: Option<String>,
    /// The dialled number
    #[arg(long, value_name = "N", help_heading = CALLER)]
    pub(crate) to: Option<String>,
    /// The caller's display name
    #[arg(long, value_name = "S", help_heading = CALLER)]
    pub(crate) display_name: Option<String>,
    /// A header of the caller's INVITE
    #[arg(long, value_name = "X-NAME: VALUE", help_heading = CALLER)]
    pub(crate) header: Vec<String>,
    /// Where the caller calls from
    #[arg(long, value_enum, default_value = "pstn", help_heading = CALLER)]
    pub(crate) client_type: ClientType,
    /// Type the caller's lines on standard input while the call runs in real time; end of input hangs up
    #[arg(long, help_heading = CALLER, conflicts_with_all = ["say", "say_after", "dtmf", "caller"])]
    pub(crate) chat: bool,
    /// Run as fast as the clock on the wall, not faster
    #[arg(long, help_heading = CALLER)]
    pub(crate) realtime: bool,

    /// The session's custom data at start
    #[arg(long, value_name = "S", help_heading = WORLD)]
    pub(crate) custom_data: Option<String>,
    /// Start the session without a call, as StartScenarios does
    #[arg(long, help_heading = WORLD,
        conflicts_with_all = ["say", "say_after", "dtmf", "caller", "hangup_after", "chat", "cassette", "replay"])]
    pub(crate) api_start: bool,
    /// Call the session's own URL so long after its start: "2s POST /path BODY"
    #[arg(long, value_name = "DUR METHOD PATH [BODY]", help_heading = WORLD)]
    pub(crate) request: Vec<String>,
    /// Who is reached by a number that the scenario calls (globs; the first that fits): answer[:TEXT], answer-after:DUR[:TEXT],
    /// busy, no-answer, reject:CODE, voicemail[:TEXT], hangup-after:DUR, dtmf:DIGITS, refer:TO, hold:DUR
    #[arg(long, value_name = "PATTERN=BEHAVIOUR", help_heading = WORLD)]
    pub(crate) callee: Vec<String>,
    /// What the emulated agent answers, as [[reply]] tables
    #[arg(long, value_name = "FILE", help_heading = WORLD)]
    pub(crate) replies: Option<PathBuf>,
    /// Who answers offline instead of hosts that the scenario talks to, as [[stand_in]] tables
    #[arg(long, value_name = "FILE", help_heading = WORLD)]
    pub(crate) stand_ins: Option<PathBuf>,
    /// Let requests over HTTP through to this host, when no stand-in answers them: the run takes as long as they do
    #[arg(long, value_name = "HOST[:PORT]", help_heading = WORLD, conflicts_with_all = ["live", "replay"])]
    pub(crate) allow_net: Vec<String>,
    /// Make a provider fail: PROVIDER@MOMENT=ACTION, as in net@connect=refuse
    #[arg(long, value_name = "SPEC", help_heading = WORLD)]
    pub(crate) fault: Vec<String>,
    /// A secret of the scenario; an empty value makes it missing
    #[arg(long, value_name = "K=V", help_heading = WORLD)]
    pub(crate) secret: Vec<String>,
    /// The configuration (voxrun.toml of this folder, if there is one)
    #[arg(long, value_name = "FILE", help_heading = WORLD)]
    pub(crate) config: Option<PathBuf>,
    /// Seed of everything random (offline 1, live another each time)
    #[arg(long, value_name = "N", help_heading = WORLD)]
    pub(crate) seed: Option<u64>,
    /// The date and time at which the call begins
    #[arg(long, value_name = "RFC3339", default_value = "2026-01-01T00:00:00Z", help_heading = WORLD)]
    pub(crate) epoch: jiff::Timestamp,
    /// Send the scenario's provider messages as they are, without the gateway's corrections
    #[arg(long, help_heading = WORLD)]
    pub(crate) verbatim: bool,

    /// Write the sound as stereo WAV: the caller left, the agent right
    #[arg(long, value_name = "WAV", help_heading = OUTPUTS)]
    pub(crate) record: Option<PathBuf>,
    /// The voice of that file: the spoken code of the run, or speech that people understand
    #[arg(long, value_enum, default_value_t, requires = "record", help_heading = OUTPUTS)]
    pub(crate) voice: Voice,
    /// Write what the scenario records, a WAV file a recording, into this folder
    #[arg(long, value_name = "DIR", help_heading = OUTPUTS)]
    pub(crate) recordings: Option<PathBuf>,
    /// Write the session log in the platform's format (- for standard output)
    #[arg(long, value_name = "FILE", help_heading = OUTPUTS)]
    pub(crate) log: Option<PathBuf>,
    /// Write everything that happened as JSON lines (- for standard output)
    #[arg(long, value_name = "JSONL", help_heading = OUTPUTS)]
    pub(crate) journal: Option<PathBuf>,
    /// Write the summary as one JSON object (- for standard output)
    #[arg(long, value_name = "JSON", help_heading = OUTPUTS)]
    pub(crate) summary: Option<PathBuf>,
    /// Print nothing but errors
    #[arg(long, help_heading = OUTPUTS)]
    pub(crate) quiet: bool,
    /// Fail when the run relied on behaviour that the platform does not document
    #[arg(long, help_heading = OUTPUTS)]
    pub(crate) strict: bool,

    /// Use real sockets and the wall clock: the providers themselves, or `voxrun emulate` at [providers.NAME] base_url
    #[arg(long, help_heading = LIVE, conflicts_with_all = ["chat", "realtime", "fault", "replies"])]
    pub(crate) live: bool,
    /// So many calls side by side
    #[arg(long, value_name = "N", default_value_t = 1, requires = "live", help_heading = LIVE,
        value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) calls: u32,
    /// The time over which they begin
    #[arg(long, value_name = "DUR", value_parser = milliseconds, requires = "live", help_heading = LIVE)]
    pub(crate) ramp: Option<u64>,

    /// Record what comes from outside, to be played again by --replay
    #[arg(long, value_name = "FILE", requires = "live", conflicts_with = "calls", help_heading = LIVE)]
    pub(crate) cassette: Option<PathBuf>,
    /// Play a recorded call again, offline, and compare what the scenario sends with what it sent then
    #[arg(long, value_name = "FILE", help_heading = LIVE,
        conflicts_with_all = ["live", "chat", "realtime", "fault", "replies", "say", "say_after", "dtmf", "caller"])]
    pub(crate) replay: Option<PathBuf>,
}

const CALLER: &str = "The caller";
const WORLD: &str = "The world";
const OUTPUTS: &str = "Outputs";
const LIVE: &str = "Live";

/// One thing that the caller does when its turn comes, in the order of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallerArg {
    /// `--say`
    Say(String),
    /// `--say-after`, the delay in words and the text
    SayAfter(String, String),
    /// `--dtmf`
    Dtmf(String),
    /// `--caller`
    Play(PathBuf),
}

/// The caller's steps in the order in which their flags were written.
pub(crate) fn caller_args(matches: &ArgMatches, args: &RunArgs) -> Vec<CallerArg> {
    let places = |id: &str| matches.indices_of(id).map(Iterator::collect::<Vec<_>>).unwrap_or_default();
    let mut steps: Vec<(usize, CallerArg)> = Vec::new();
    let say = args.say.iter().cloned().map(CallerArg::Say);
    steps.extend(places("say").into_iter().zip(say));
    let after =
        args.say_after.chunks_exact(2).map(|pair| CallerArg::SayAfter(pair[0].clone(), pair[1].clone()));
    steps.extend(places("say_after").into_iter().step_by(2).zip(after));
    steps.extend(places("dtmf").into_iter().zip(args.dtmf.iter().cloned().map(CallerArg::Dtmf)));
    steps.extend(places("caller").into_iter().zip(args.caller.iter().cloned().map(CallerArg::Play)));
    steps.sort_by_key(|(place, _)| *place);
    steps.into_iter().map(|(_, step)| step).collect()
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches};

    use super::*;

    fn parsed(line: &str) -> Result<(ArgMatches, RunArgs), clap::Error> {
        let matches = Cli::command().try_get_matches_from(format!("voxrun run {line}").split(' '))?;
        let run = matches.subcommand_matches("run").expect("run").clone();
        let args = RunArgs::from_arg_matches(&run)?;
        Ok((run, args))
    }

    #[test]
    fn the_declaration_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_callers_steps_keep_the_order_of_the_command_line() {
        let (matches, args) =
            parsed("s.js --dtmf 1 --say a --say-after 1.2s b --caller x.wav --say c --say-after 1s d")
                .expect("valid");
        let say = |text: &str| CallerArg::Say(text.into());
        let after = |delay: &str, text: &str| CallerArg::SayAfter(delay.into(), text.into());
        let expected = [
            CallerArg::Dtmf("1".into()),
            say("a"),
            after("1.2s", "b"),
            CallerArg::Play("x.wav".into()),
            say("c"),
            after("1s", "d"),
        ];
        assert_eq!(caller_args(&matches, &args), expected);
    }

    #[test]
    fn wrong_values_are_refused() {
        for line in [
            "",
            "s.js --hangup-after 5",
            "s.js --seed x",
            "s.js --epoch now",
            "s.js --nonsense",
            "s.js --say-after 1s",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}

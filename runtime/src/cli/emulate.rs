//! `voxrun emulate`: the emulated providers as a server for clients written by others, and for `run --live`.

use std::path::PathBuf;
use std::sync::mpsc::sync_channel;

use clap::Args;
use voxrun_bindings::connection::span;
use voxrun_bindings::wire::Remote;

use super::config::Config;
use super::error::CliError;
use super::plan::fault;
use super::{FINE, Surroundings, replies};
use crate::drive::emulate::{Address, Happening, Server, ServerSetup};
use crate::drive::tls::Identity;

/// The flags of `voxrun emulate`.
#[derive(Debug, Args)]
pub(crate) struct EmulateArgs {
    /// The address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8790", value_parser = address)]
    listen: Address,
    /// Serve only this provider (may be repeated)
    #[arg(long, value_name = "NAME", value_parser = provider)]
    provider: Vec<&'static Remote>,
    /// A good key; without any, every key that is not empty is good (may be repeated)
    #[arg(long, value_name = "K")]
    key: Vec<String>,
    /// What the emulated agent answers, as [[reply]] tables
    #[arg(long, value_name = "FILE")]
    replies: Option<PathBuf>,
    /// Make a provider fail: PROVIDER@MOMENT=ACTION, as in openai@response.done#2=close:1011; a time counts from the
    /// start of each connection (may be repeated)
    #[arg(long, value_name = "SPEC")]
    fault: Vec<String>,
    /// The configuration: [emulators.NAME] holds latencies and habits (voxrun.toml of this folder, if there is one)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Seed of ids and small variations
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Accept TLS beside plain TCP, with a certificate that is made at the start unless --cert and --cert-key name one
    #[arg(long)]
    tls: bool,
    /// Where the made authority's certificate is written, for clients to trust
    #[arg(long, value_name = "PEM", default_value = "voxrun-ca.pem", requires = "tls")]
    ca_out: PathBuf,
    /// A certificate chain of your own
    #[arg(long, value_name = "PEM", requires = "tls", requires = "cert_key")]
    cert: Option<PathBuf>,
    /// Its private key
    #[arg(long, value_name = "PEM", requires = "cert")]
    cert_key: Option<PathBuf>,
    /// Print the addresses and nothing more
    #[arg(long)]
    quiet: bool,
}

fn address(text: &str) -> Result<Address, String> {
    let text = text.strip_prefix("localhost").map(|rest| format!("127.0.0.1{rest}")).unwrap_or(text.into());
    text.parse().map_err(|_| "write an address and a port, as in 127.0.0.1:8790".to_owned())
}

fn provider(name: &str) -> Result<&'static Remote, String> {
    let all = voxrun_bindings::remotes();
    all.iter().copied().find(|provider| provider.name == name).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|provider| provider.name).collect();
        format!("there are: {}", names.join(", "))
    })
}

/// Serves until Ctrl-C, and returns the exit code. An error is a mistake of the operator.
pub(crate) fn emulate(args: &EmulateArgs, around: &mut Surroundings<'_>) -> Result<u8, CliError> {
    let (setup, trust) = setup(args, around)?;
    let providers = setup.providers.clone();
    let server = Server::bind(setup)?;
    let address = server.address();
    let stdout = &mut *around.stdout;
    let _ = writeln!(stdout, "listening on {address}");
    let schemes: &[&str] = if args.tls { &["ws", "wss"] } else { &["ws"] };
    for provider in providers {
        for scheme in schemes {
            let _ = writeln!(stdout, "  {:<9} {scheme}://{address}{}", provider.name, provider.path);
        }
    }
    if let Some(file) = trust {
        let _ = writeln!(stdout, "trust {file} to use wss (in voxrun.toml: [tls] ca_file = \"{file}\")");
    }
    let _ = writeln!(stdout, "Ctrl-C stops it.");
    let _ = stdout.flush();
    let quiet = args.quiet;
    // Printing has a thread of its own, so that a slow terminal never holds up a connection.
    let (sender, lines) = sync_channel::<Happening>(LINES_WAITING);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for line in lines {
                if !quiet {
                    let at = span::format_us(line.at.as_us() / 1000 * 1000);
                    let _ = writeln!(stdout, "{at:>10}  {:<12} {}", line.unit, line.what);
                    let _ = stdout.flush();
                }
            }
        });
        server.run(true, move |happening| {
            // A line that nobody reads in time is better lost than waited for.
            let _ = sender.try_send(happening);
        });
    });
    Ok(FINE)
}

/// Lines that may wait to be printed.
const LINES_WAITING: usize = 4096;

/// The server's setup, and the file that its clients have to trust.
fn setup(args: &EmulateArgs, around: &Surroundings<'_>) -> Result<(ServerSetup, Option<String>), CliError> {
    let config = Config::read(&around.dir, args.config.as_deref())?;
    let providers = match args.provider.is_empty() {
        true => voxrun_bindings::remotes(),
        false => args.provider.clone(),
    };
    let replies = match &args.replies {
        Some(path) => replies::read(&around.dir, path)?,
        None => Vec::new(),
    };
    let keys = voxrun_bindings::remotes().into_iter().map(|provider| {
        let mut keys = args.key.clone();
        keys.extend(config.emulators.get(provider.name).into_iter().flat_map(|own| own.keys.clone()));
        (provider.name.to_owned(), keys)
    });
    let keys = keys.collect();
    let settings = config.emulators.into_iter().map(|(name, own)| (name, own.settings)).collect();
    let (identity, trust) = if args.tls { identity(args, around)? } else { (None, None) };
    let setup = ServerSetup {
        listen: args.listen,
        providers,
        replies,
        faults: args.fault.iter().map(|spec| fault(spec)).collect::<Result<_, _>>()?,
        settings,
        keys,
        seed: args.seed,
        identity,
    };
    Ok((setup, trust))
}

fn identity(
    args: &EmulateArgs,
    around: &Surroundings<'_>,
) -> Result<(Option<Identity>, Option<String>), CliError> {
    if let (Some(cert), Some(key)) = (&args.cert, &args.cert_key) {
        let read = Identity::read(&around.dir.join(cert), &around.dir.join(key));
        let identity = read.map_err(|what| CliError::Flag { flag: "--cert", what })?;
        return Ok((Some(identity), None));
    }
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let own = args.listen.ip();
    if !own.is_unspecified() && !names.contains(&own.to_string()) {
        names.push(own.to_string());
    }
    let (identity, authority) =
        Identity::made_for(&names).map_err(|what| CliError::Flag { flag: "--tls", what })?;
    let path = args.ca_out.display().to_string();
    std::fs::write(around.dir.join(&args.ca_out), authority).map_err(|cause| CliError::Output {
        flag: "--ca-out",
        path: path.clone(),
        cause: cause.to_string(),
    })?;
    Ok((Some(identity), Some(path)))
}

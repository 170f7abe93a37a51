//! `cargo xtask deploy`: page and worker to Cloudflare, with a place for shared reports and a key to seal them.

use std::{
    fs::{self, File},
    io::{Read, Write},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    build::{self, Mode},
    project::{node_program, path, program},
    run, tools,
};

/// What keeps shared reports, by its name in the account.
const NAMESPACE: &str = "lockstep-reports";
/// `wrangler.toml` with the number of that namespace, beside it, because the folders in it are named from there.
const CONFIG: &str = "wrangler.deploy.toml";
const SECRET: &str = "LOCKSTEP_SECRET";
/// For one answer of Cloudflare's, and for an upload.
const LIMIT: Duration = Duration::from_secs(300);

#[derive(clap::Args)]
pub struct Arguments {
    /// Build everything and check what would be uploaded; needs no account
    #[arg(long)]
    dry_run: bool,
    /// Upload what `cargo xtask build --sizes` has built before, as it is
    #[arg(long)]
    built: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    tools::node()?;
    if !arguments.dry_run {
        // Before minutes of building.
        logged_in(&run::captured(&mut wrangler(&["whoami"]))?)?;
    }
    if !arguments.built {
        tools::wasm_target()?;
        tools::packages(&[&tools::CLANG])?;
        build::page(Mode::Release, None)?;
        build::worker(Mode::Release)?;
        build::sizes(true, true)?;
    }
    bundled()?;
    if arguments.dry_run {
        println!("Nothing was uploaded. `cargo xtask deploy` does it.");
        return Ok(());
    }
    let id = namespace()?;
    let config = fs::read_to_string(path("wrangler.toml"))?;
    fs::write(path(CONFIG), with_namespace(&config, &id)?)?;
    run::shown(&mut wrangler(&["deploy", "--config", CONFIG]), LIMIT)?;
    secret()
}

/// Has wrangler put together what it would upload: the configuration is read, and every module found.
///
/// # Errors
/// What wrangler says.
pub fn bundled() -> Result<()> {
    run::shown(&mut wrangler(&["deploy", "--dry-run", "--outdir", "target/deploy"]), LIMIT)
}

fn wrangler(arguments: &[&str]) -> Command {
    let mut command = program(node_program("wrangler"));
    command.args(arguments);
    // Nobody is asked anything, and nobody told of it.
    command.envs([
        ("CI", "1"),
        ("NO_COLOR", "1"),
        ("WRANGLER_SEND_METRICS", "false"),
        ("WRANGLER_HIDE_BANNER", "true"),
    ]);
    command
}

fn logged_in(whoami: &str) -> Result<()> {
    if whoami.contains("not authenticated") {
        bail!(
            "Nobody is logged in at Cloudflare. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN to a token that may \
             edit Workers scripts and Workers KV (and CLOUDFLARE_ACCOUNT_ID, if it sees several accounts). \
             `cargo xtask deploy --dry-run` needs neither."
        );
    }
    Ok(())
}

/// The number of the namespace, made where there is none.
fn namespace() -> Result<String> {
    let list = || run::captured(&mut wrangler(&["kv", "namespace", "list"]));
    if let Some(id) = named(&list()?)? {
        return Ok(id);
    }
    println!("Making the namespace {NAMESPACE} …");
    run::shown(&mut wrangler(&["kv", "namespace", "create", NAMESPACE]), LIMIT)?;
    named(&list()?)?.with_context(|| format!("{NAMESPACE} was made and is not in the account"))
}

/// The number of our namespace in what wrangler lists.
fn named(list: &str) -> Result<Option<String>> {
    let all = listed(list).context("the list of namespaces cannot be read")?;
    let ours = all.iter().find(|namespace| namespace["title"] == NAMESPACE);
    Ok(ours.and_then(|namespace| namespace["id"].as_str()).map(str::to_owned))
}

/// The JSON in what wrangler prints, whatever it says before.
fn listed(text: &str) -> Result<Vec<Value>> {
    let json = text.find('[').and_then(|at| text.get(at..)).unwrap_or_default();
    Ok(serde_json::from_str(json)?)
}

/// The configuration with the namespace's number.
fn with_namespace(config: &str, id: &str) -> Result<String> {
    let binding = "binding = \"REPORTS\"\n";
    if config.matches(binding).count() != 1 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        bail!("wrangler.toml has no place for the namespace's number {id}");
    }
    Ok(config.replace(binding, &format!("{binding}id = \"{id}\"\n")))
}

/// Gives the worker a key, if it has none: one that nobody has seen.
fn secret() -> Result<()> {
    let known = listed(&run::captured(&mut wrangler(&["secret", "list", "--config", CONFIG]))?)?;
    if known.iter().any(|secret| secret["name"] == SECRET) {
        return Ok(());
    }
    println!("Making {SECRET} …");
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let key: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut child = wrangler(&["secret", "put", SECRET, "--config", CONFIG]).stdin(Stdio::piped()).spawn()?;
    child.stdin.take().context("no pipe to wrangler")?.write_all(key.as_bytes())?;
    let status = child.wait()?;
    if status.success() { Ok(()) } else { bail!("{SECRET} was not set ({status}); reports cannot be shared yet") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_not_logged_in_is_told_what_to_do() {
        let error = logged_in("Getting User settings...\nYou are not authenticated. Please run `wrangler login`.\n");
        let said = error.unwrap_err().to_string();
        assert!(said.contains("npx wrangler login") && said.contains("--dry-run"), "{said}");
        assert!(logged_in("You are logged in with an API Token.").is_ok());
    }

    #[test]
    fn the_namespace_is_found_by_its_name() {
        let list =
            "Some words before\n[{\"id\":\"0a\",\"title\":\"other\"},{\"id\":\"0b\",\"title\":\"lockstep-reports\"}]\n";
        assert_eq!(named(list).unwrap().as_deref(), Some("0b"));
        assert_eq!(named("[]").unwrap(), None);
        assert!(named("An error").is_err());
    }

    #[test]
    fn the_number_stands_below_its_binding_and_nothing_else_changes() {
        let config = fs::read_to_string(path("wrangler.toml")).unwrap();
        let with = with_namespace(&config, "0b1c").unwrap();
        let before: toml::Table = toml::from_str(&config).unwrap();
        let mut after: toml::Table = toml::from_str(&with).unwrap();
        let namespace = after["kv_namespaces"][0].as_table_mut().unwrap();
        assert_eq!(namespace.remove("id"), Some("0b1c".into()));
        assert_eq!(after, before);
        assert!(with_namespace("", "0b").is_err());
        assert!(with_namespace(&config, "0b\"\nx = \"").is_err());
    }
}

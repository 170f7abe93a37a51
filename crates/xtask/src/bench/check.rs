//! A check over a way that takes time: how long until something is known, how many connections, how much of the
//! processor; beside the commands that the guides have one type, and beside other checkers, in one run.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Lines, Write},
    path::{Path, PathBuf},
    process::{ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::unistd::geteuid;
use serde_json::Value;

use super::runtime::Runtime;
use crate::{
    build::{self, Mode},
    lab::Lab,
    project::{self, path, program},
    run::{self, Group},
    tools,
};

/// The namespace of the practice network, and the one of those who ask.
const FAR: &str = "lockstep-far";
const NEAR: &str = "lockstep-near";
/// The far side's addresses, as the relay lays them.
const FAR_V4: &str = "10.99.0.1";
const FAR_V6: &str = "[fd99::1]";

/// A healthy site with two names and two address families.
const SITE: &str = "healthy-apex.test";
/// Round trips of which none can be saved: DNS, TCP, TLS 1.3, HTTP.
const LOWER_BOUND: u32 = 4;
/// Connections at once.
const SLOTS: u32 = 5;
/// Passes; the least is shown.
const PASSES: usize = 5;
/// Checks that an isolate has done before it is measured, and how many of them at once.
const WARMING: usize = 100;
const TOGETHER: usize = 4;

/// Measures, from inside the near namespace; outside it makes the namespaces and starts itself again in there.
pub fn run(round_trip: u32, alone: bool) -> Result<()> {
    if let Some(why) = impossible() {
        println!("Not measured, because {why}.");
        return Ok(());
    }
    if is_inside()? {
        return measure(round_trip, alone);
    }
    tools::wasm_target()?;
    tools::packages(&[&tools::CLANG])?;
    tools::node()?;
    // What is measured is built out here, where the registries can be reached.
    build::page(Mode::Release, None)?;
    build::worker(Mode::Release)?;
    run::shown(project::cargo().args(["build", "--release", "--package", "cli"]), Duration::from_secs(1800))?;
    run::shown(project::cargo().args(["build", "--package", "tests", "--bins"]), Duration::from_secs(1800))?;
    if !alone {
        for (name, installed) in [("sslyze", venv()), ("testssl.sh", tools::packages(&[&tools::TESTSSL]))] {
            if let Err(error) = installed {
                eprintln!("{name} cannot be installed: {error:#}");
            }
        }
    }
    // What the practice network installs, it installs when it starts.
    drop(Lab::start(&path(".dev/bench-lab"))?);
    let _namespaces = [Namespace::new(FAR)?, Namespace::new(NEAR)?];
    let mut again = within(NEAR, &std::env::current_exe()?);
    again.args(["bench", "check", "--round-trip", &round_trip.to_string()]);
    if alone {
        again.arg("--alone");
    }
    run::shown(&mut again, Duration::from_secs(1800))
}

fn impossible() -> Option<&'static str> {
    if !geteuid().is_root() {
        Some("network namespaces need root")
    } else if !Path::new("/dev/net/tun").exists() {
        Some("this kernel has no TUN devices")
    } else if !tools::found("ip") {
        Some("`ip` is not installed (package iproute2)")
    } else {
        None
    }
}

/// A network namespace, gone when dropped.
struct Namespace(&'static str);

impl Namespace {
    fn new(name: &'static str) -> Result<Namespace> {
        // One that an interrupted run left behind is in the way.
        let _ = program("ip").args(["netns", "delete", name]).stderr(Stdio::null()).status();
        run::captured(program("ip").args(["netns", "add", name]))?;
        let namespace = Namespace(name);
        run::captured(program("ip").args(["-netns", name, "link", "set", "lo", "up"]))?;
        Ok(namespace)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = program("ip").args(["netns", "delete", self.0]).status();
    }
}

fn is_inside() -> Result<bool> {
    Ok(run::captured(program("ip").args(["netns", "identify"]))?.trim() == NEAR)
}

fn within(namespace: &str, what: &Path) -> Command {
    let mut command = program("ip");
    command.args(["netns", "exec", namespace]).arg(what);
    command
}

fn folder() -> PathBuf {
    project::target().join("bench")
}

fn measure(round_trip: u32, alone: bool) -> Result<()> {
    let lab = Lab::start_in(&path(".dev/bench-lab"), Some(FAR))?;
    let names = ("dig".to_owned(), lab.names.clone());
    let ports = ports(lab.settings.iter().chain([&names]));
    let mut relay = Relay::start(round_trip, &ports)?;
    let over = |value: &str| value.replace("127.0.0.1", FAR_V4).replace("[::1]", FAR_V6);
    let mut settings: Vec<(String, String)> =
        lab.settings.iter().map(|(name, value)| (name.clone(), over(value))).collect();
    // Nothing waits for the public logs, and here nothing is measured of them.
    settings.retain(|(name, _)| name != "LOCKSTEP_CT_CERTSPOTTER");
    let site = Site::of(&settings, over(&lab.names))?;
    println!("{SITE}: two names, IPv4 and IPv6, {round_trip} ms round trip; the least of {PASSES} passes.\n");

    let mut rows = Vec::new();
    let cli = project::target().join("release/lockstep");
    rows.push(row("lockstep check", &site, &mut relay, || {
        let mut command = program(&cli);
        command.args(["check", "--format", "ndjson", SITE]).envs(settings.iter().cloned());
        command
    })?);
    rows.push(edge(&lab, &settings, &site, &mut relay)?);
    println!("{}", table(&rows, round_trip)?);
    println!("{}", site.guides(&settings, &mut relay)?);
    if !alone {
        for line in others(&site) {
            println!("{line}");
        }
    }
    Ok(())
}

/// The relay between the namespaces.
struct Relay {
    _group: Group,
    ask: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Relay {
    fn start(round_trip: u32, ports: &BTreeSet<u16>) -> Result<Relay> {
        let mut command = program(project::target().join("debug/relay"));
        command.args([FAR, NEAR, &round_trip.to_string()]).args(ports.iter().map(u16::to_string));
        let mut group = Group::start_until_input_ends(command.stdout(Stdio::piped()))?;
        let ask = group.child().stdin.take().context("no way to ask the relay")?;
        let answers = BufReader::new(group.child().stdout.take().context("no way to hear the relay")?).lines();
        let mut relay = Relay { _group: group, ask, answers };
        let line = relay.line()?;
        anyhow::ensure!(line == "relay ready", "the relay said {line}");
        Ok(relay)
    }

    fn line(&mut self) -> Result<String> {
        Ok(self.answers.next().context("the relay ended")??)
    }

    /// Everything that went over it since the last call.
    fn take(&mut self) -> Result<Vec<Carried>> {
        writeln!(self.ask)?;
        let connections: Value = serde_json::from_str(&self.line()?)?;
        let number = |it: &Value, name: &str| it[name].as_u64().unwrap_or_default();
        let one = |it: &Value| Carried {
            port: u16::try_from(number(it, "port")).unwrap_or_default(),
            opened: it["opened"] == true,
            round_trips: u32::try_from(number(it, "round_trips")).unwrap_or_default(),
        };
        Ok(connections.as_array().map(|all| all.iter().map(one).collect()).unwrap_or_default())
    }
}

/// What one connection carried: one that is kept open from before counts for its round trips alone.
struct Carried {
    port: u16,
    opened: bool,
    round_trips: u32,
}

/// Every port on loopback that the settings name.
fn ports<'s>(settings: impl IntoIterator<Item = &'s (String, String)>) -> BTreeSet<u16> {
    let named = |value: &str| {
        let after = ["127.0.0.1:", "[::1]:"].into_iter().flat_map(|host| value.split(host).skip(1));
        let number = |rest: &str| rest.split(|sign: char| !sign.is_ascii_digit()).next()?.parse().ok();
        after.filter_map(number).collect::<Vec<u16>>()
    };
    settings.into_iter().flat_map(|(_, value)| named(value)).collect()
}

/// Where the site is on the far side.
struct Site {
    http: String,
    https: String,
    names: String,
    /// The ports of its web servers: connections to them are connections to the site.
    ports: BTreeSet<u16>,
}

impl Site {
    /// As the dial map of the practice network says it: `192.0.2.11:443=10.99.0.1:29393`.
    fn of(settings: &[(String, String)], names: String) -> Result<Site> {
        const ADDRESSES: [&str; 2] = ["192.0.2.11", "[2001:db8::11]"];
        let dial = settings.iter().find(|(name, _)| name == "LOCKSTEP_DIAL").map_or("", |(_, value)| value);
        let to = |from: &str| dial.split(',').find_map(|pair| pair.strip_prefix(from)?.strip_prefix('='));
        let [v4, _] = ADDRESSES;
        let web = ADDRESSES.iter().flat_map(|address| [80, 443].map(|port| format!("{address}:{port}")));
        let port = |at: &str| at.rsplit(':').next()?.parse().ok();
        Ok(Site {
            http: to(&format!("{v4}:80")).context("the site's port 80 is not in the dial map")?.to_owned(),
            https: to(&format!("{v4}:443")).context("the site's port 443 is not in the dial map")?.to_owned(),
            names,
            ports: web.filter_map(|from| port(to(&from)?)).collect(),
        })
    }

    /// The commands of the guides, one after the other as one types them, without the typing.
    fn guides(&self, settings: &[(String, String)], relay: &mut Relay) -> Result<String> {
        let trust = settings.iter().find(|(name, _)| name == "LOCKSTEP_TRUST").map_or("", |(_, value)| value);
        let www = format!("www.{SITE}");
        let split = |at: &str| at.rsplit_once(':').map(|(host, port)| (host.to_owned(), port.to_owned()));
        let (server, port) = split(&self.names).context("the name server has no port")?;
        let mut commands = Vec::new();
        for (name, kind) in [(SITE, "A"), (SITE, "AAAA"), (&*www, "A")] {
            let mut dig = program("dig");
            dig.args(["+short", "+tries=1", &format!("@{server}"), "-p", &port, name, kind]);
            commands.push(dig);
        }
        for (scheme, at, from) in [("http", &self.http, 80), ("https", &self.https, 443)] {
            for name in [SITE, &www] {
                let mut curl = program("curl");
                curl.args(["-sI", "--cacert", trust, "--connect-to", &format!("{name}:{from}:{at}")]);
                curl.arg(format!("{scheme}://{name}/"));
                commands.push(curl);
            }
        }
        for name in [SITE, &www] {
            let mut openssl = program("openssl");
            openssl.args(["s_client", "-connect", &self.https, "-servername", name, "-CAfile", trust]);
            commands.push(openssl);
        }
        let mut least = Duration::MAX;
        for _ in 0..PASSES {
            let begun = Instant::now();
            for command in &mut commands {
                run::captured(command)?;
            }
            least = least.min(begun.elapsed());
        }
        relay.take()?;
        Ok(format!(
            "The guides' own sequence ({} commands: dig, curl -I, openssl s_client), one after the other: {} ms.",
            commands.len(),
            least.as_millis()
        ))
    }
}

/// One way of checking, measured.
struct Row {
    name: String,
    first: Duration,
    headline: Duration,
    end: Duration,
    /// Connections to the site, and to anybody else.
    connections: (usize, usize),
    round_trips: u32,
    /// What a check costs the processor: the first one of an isolate, and one of many.
    cpu: Option<(Duration, Duration)>,
}

/// The moments of one pass: the first finding, the five facts, the end.
type Moments = (Duration, Duration, Duration);

fn row(name: &str, site: &Site, relay: &mut Relay, command: impl Fn() -> Command) -> Result<Row> {
    let mut best: Option<Row> = None;
    for _ in 0..PASSES {
        relay.take()?;
        let (first, headline, end) = pass(&mut command())?;
        // What is still on its way belongs to this pass.
        run::pause(Duration::from_millis(300))?;
        let carried = relay.take()?;
        let (to_site, to_others): (Vec<_>, Vec<_>) =
            carried.iter().filter(|it| it.opened).partition(|it| site.ports.contains(&it.port));
        let row = Row {
            name: name.into(),
            first,
            headline,
            end,
            connections: (to_site.len(), to_others.len()),
            round_trips: carried.iter().map(|it| it.round_trips).sum(),
            cpu: None,
        };
        if best.as_ref().is_none_or(|best| row.end < best.end) {
            best = Some(row);
        }
    }
    best.context("nothing was measured")
}

/// Runs a check that prints its events, and notes when they come.
fn pass(command: &mut Command) -> Result<Moments> {
    let begun = Instant::now();
    let mut group = Group::start(command.stdout(Stdio::piped()).stderr(Stdio::null()))?;
    let lines = BufReader::new(group.child().stdout.take().context("no pipe")?).lines();
    let (mut first, mut headline, mut end) = (None, None, None);
    let mut facts = Value::Null;
    for line in lines {
        let event: Value = serde_json::from_str(&line?)?;
        let now = begun.elapsed();
        if event.get("finding").is_some() {
            first.get_or_insert(now);
        } else if let Some(told) = event.get("facts") {
            facts = told.clone();
            headline = Some(now);
        } else if let Some(report) = event.get("report") {
            anyhow::ensure!(
                report["facts"] == facts,
                "the headline came too early: {} became {}",
                facts,
                report["facts"]
            );
            end = Some(now);
        }
    }
    while group.ended()?.is_none() {
        run::pause(Duration::from_millis(1))?;
    }
    match (first, headline, end) {
        (Some(first), Some(headline), Some(end)) => Ok((first, headline, end)),
        _ => bail!("the check did not come to an end: {}", run::line(command)),
    }
}

/// The worker under the edge runtime, asked over loopback.
fn edge(lab: &Lab, settings: &[(String, String)], site: &Site, relay: &mut Relay) -> Result<Row> {
    let mut vars = lab.worker_vars()?;
    vars.extend(["LOCKSTEP_IPV4", "LOCKSTEP_IPV6"].map(|name| (name.to_owned(), "yes".to_owned())));
    for (name, value) in &mut vars {
        if let Some((_, over)) = settings.iter().find(|(known, _)| known == name) {
            value.clone_from(over);
        }
    }
    vars.retain(|(name, _)| name != "LOCKSTEP_CT_CERTSPOTTER");
    // Each pass is a look of its own, and a bare workerd has no cache.
    vars.extend(["LOCKSTEP_RATE", "LOCKSTEP_CACHE"].map(|name| (name.to_owned(), "off".to_owned())));
    let runtime = Runtime::start(&path(".dev/bench-worker"), 8787, &vars)?;
    let url = format!("{}/api/v1/check?domain={SITE}", runtime.url());
    let ask = || {
        let mut curl = program("curl");
        curl.args(["-sN", "-H", "Accept: application/x-ndjson", &url]);
        curl
    };
    // The isolate's first checks read its files and open its resolvers' connections, and for many more the platform goes
    // on compiling the parts that turn out to be used a lot.
    let begun = workerd_time()?;
    pass(&mut ask())?;
    let first = workerd_time()?.saturating_sub(begun);
    for _ in 0..WARMING / TOGETHER {
        thread::scope(|scope| {
            let asked: Vec<_> = (0..TOGETHER).map(|_| scope.spawn(|| pass(&mut ask()))).collect();
            asked.into_iter().try_for_each(|pass| pass.join().map_or(Ok(()), |moments| moments.map(drop)))
        })?;
    }
    let before = workerd_time()?;
    let mut row = row("the worker, in workerd", site, relay, ask)?;
    row.cpu = Some((first, workerd_time()?.saturating_sub(before) / u32::try_from(PASSES).unwrap_or(1)));
    Ok(row)
}

/// What the workerd in this namespace has used of the processor.
fn workerd_time() -> Result<Duration> {
    const TICKS: u64 = 100; // USER_HZ, which Linux shows to programs on every machine
    let own = fs::read_link("/proc/self/ns/net")?;
    let mut used = Duration::ZERO;
    for process in fs::read_dir("/proc")?.flatten() {
        let folder = process.path();
        let here = fs::read_link(folder.join("ns/net")).is_ok_and(|namespace| namespace == own);
        if !here || !fs::read_to_string(folder.join("comm")).is_ok_and(|name| name.trim() == "workerd") {
            continue;
        }
        let stat = fs::read_to_string(folder.join("stat")).unwrap_or_default();
        // After the name in brackets, utime and stime are the twelfth and thirteenth.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum::<u64>();
        used += Duration::from_millis(ticks * 1000 / TICKS);
    }
    Ok(used)
}

fn table(rows: &[Row], round_trip: u32) -> Result<String> {
    let mut out = String::from(
        "| | first finding | headline facts | all | least possible | to the site | to others | round trips | processor |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for row in rows {
        let trips = |time: Duration| time.as_secs_f64() * 1000.0 / f64::from(round_trip);
        let cpu = row.cpu.map_or_else(
            || "–".to_owned(),
            |(first, cpu)| format!("{} ms (an isolate’s first: {} ms)", cpu.as_millis(), first.as_millis()),
        );
        let bound = u64::from(row.round_trips.div_ceil(SLOTS) * round_trip);
        writeln!(
            out,
            "| {} | {} ms | {} ms ({:.1} round trips, {:.1} × {LOWER_BOUND}) | {} ms ({:.2} × bound) | {bound} ms | {} | {} | {} | {cpu} |",
            row.name,
            row.first.as_millis(),
            row.headline.as_millis(),
            trips(row.headline),
            trips(row.headline) / f64::from(LOWER_BOUND),
            row.end.as_millis(),
            row.end.as_secs_f64() * 1000.0 / (bound as f64).max(1.0),
            row.connections.0,
            row.connections.1,
            row.round_trips,
        )?;
    }
    Ok(out)
}

/// Other checkers, where this machine has them.
fn others(site: &Site) -> Vec<String> {
    let sslyze = folder().join("sslyze/bin/sslyze");
    let (host, port) = site.https.rsplit_once(':').unwrap_or((&site.https, "443"));
    let mut one = program(&sslyze);
    one.arg("--certinfo").arg(format!("{SITE}:{port}{{{host}}}"));
    let testssl = tools::which("testssl");
    let mut two = program(testssl.clone().unwrap_or_default());
    two.args(["-S", "-h", "--quiet", "--warnings", "off", "--ip", host]).arg(format!("{SITE}:{port}"));
    [("sslyze --certinfo", sslyze.exists(), one), ("testssl.sh -S -h", testssl.is_some(), two)]
        .into_iter()
        .map(|(name, there, mut command)| {
            if !there {
                return format!("{name}: not on this machine.");
            }
            let begun = Instant::now();
            match run::shown(command.stdout(Stdio::null()).stderr(Stdio::null()), Duration::from_secs(180)) {
                Ok(()) => format!("{name} (one name, one address): {} ms.", begun.elapsed().as_millis()),
                Err(error) => format!("{name}: {error:#} after {} ms.", begun.elapsed().as_millis()),
            }
        })
        .collect()
}

fn venv() -> Result<()> {
    let venv = folder().join("sslyze");
    if !venv.join("bin/sslyze").exists() {
        fs::create_dir_all(folder())?;
        run::shown(program("python3").args(["-m", "venv"]).arg(&venv), Duration::from_secs(120))?;
        let pip = venv.join("bin/pip");
        run::shown(program(pip).args(["install", "--quiet", "sslyze"]), Duration::from_secs(300))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_on_loopback_is_found() {
        let settings = [
            ("A".to_owned(), "192.0.2.1:80=127.0.0.1:29381,[2001:db8::15]:80=[::1]:29387".to_owned()),
            ("B".to_owned(), "North=http://127.0.0.1:38691/dns-query".to_owned()),
            ("C".to_owned(), "127.0.0.0/8".to_owned()),
        ];
        assert_eq!(ports(&settings), [29381, 29387, 38691].into());
    }
}

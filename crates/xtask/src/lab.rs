//! The practice network: real servers on loopback, and the settings that point Lockstep at them.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{
    project::{self, path},
    run::{self, Group},
    tools,
};

#[derive(clap::Args)]
pub struct Arguments {
    /// Where the practice network keeps its files
    #[arg(long, default_value = ".dev/lab")]
    dir: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let mut lab = Lab::start(&path(&arguments.dir.to_string_lossy()))?;
    println!("{}", exports(&lab.settings));
    println!("Then for example: cargo run -p cli -- check {}", lab.first_site().unwrap_or("SITE"));
    println!("Ctrl-C ends the practice network.");
    loop {
        lab.check()?;
        run::pause(Duration::from_millis(500))?;
    }
}

/// The practice network, stopped when dropped.
pub struct Lab {
    group: Group,
    /// Its files; `lab.json` among them.
    pub folder: PathBuf,
    /// `LOCKSTEP_…` and values.
    pub settings: Vec<(String, String)>,
    /// Where its name server answers: `127.0.0.1:45667`.
    pub names: String,
    sites: Value,
}

impl Lab {
    /// Starts it and waits until all its servers answer.
    pub fn start(folder: &Path) -> Result<Lab> {
        Lab::start_in(folder, None)
    }

    /// The same in a network namespace.
    pub fn start_in(folder: &Path, namespace: Option<&str>) -> Result<Lab> {
        tools::packages(&tools::LAB.iter().collect::<Vec<_>>())?;
        let mut build = project::cargo();
        run::shown(build.args(["build", "--package", "tests", "--bin", "lab"]), Duration::from_secs(1800))?;
        eprintln!("Starting the practice network …");
        fs::create_dir_all(folder)?;
        let lab = project::target().join("debug/lab");
        let mut command = project::program(if namespace.is_some() { Path::new("ip") } else { &lab });
        if let Some(namespace) = namespace {
            command.args(["netns", "exec", namespace]).arg(&lab);
        }
        let mut group = Group::start_until_input_ends(command.arg("--dir").arg(folder).stdout(Stdio::piped()))?;
        let lines = group.child().stdout.take().context("no pipe to the practice network")?;
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(lines).lines().map_while(Result::ok) {
                if sender.send(line.clone()).is_err() {
                    eprintln!("lab: {line}");
                }
            }
        });
        wait(&mut group, &receiver, Duration::from_secs(180))?;
        let file = folder.join("lab.json");
        let text = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let value: Value = serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))?;
        let settings = settings(&value)?;
        Ok(Lab {
            group,
            folder: folder.to_owned(),
            settings,
            names: value["names"].as_str().unwrap_or_default().to_owned(),
            sites: value["sites"].clone(),
        })
    }

    /// The settings as the worker takes them: it has no files, so the trust anchors go as text.
    pub fn worker_vars(&self) -> Result<Vec<(String, String)>> {
        self.settings
            .iter()
            .map(|(name, value)| {
                if name == "LOCKSTEP_TRUST" {
                    let text = fs::read_to_string(value).with_context(|| format!("{value} cannot be read"))?;
                    Ok(("LOCKSTEP_TRUST_PEM".to_owned(), text))
                } else {
                    Ok((name.clone(), value.clone()))
                }
            })
            .collect()
    }

    /// What the page offers as examples.
    pub fn examples(&self) -> String {
        json!({ "sites": self.sites }).to_string()
    }

    /// Fails once it has ended by itself.
    pub fn check(&mut self) -> Result<()> {
        match self.group.ended()? {
            Some(status) => bail!("the practice network ended ({status})"),
            None => Ok(()),
        }
    }

    fn first_site(&self) -> Option<&str> {
        self.sites[0]["domain"].as_str()
    }
}

/// Waits for the line that says so.
fn wait(group: &mut Group, lines: &mpsc::Receiver<String>, limit: Duration) -> Result<()> {
    let since = Instant::now();
    loop {
        while let Ok(line) = lines.try_recv() {
            eprintln!("{line}");
            if line.starts_with("lab ready") {
                return Ok(());
            }
        }
        if let Some(status) = group.ended()? {
            bail!("the practice network did not start ({status})");
        }
        if since.elapsed() > limit {
            bail!("the practice network is not ready after {} seconds", limit.as_secs());
        }
        run::pause(Duration::from_millis(50))?;
    }
}

fn settings(lab: &Value) -> Result<Vec<(String, String)>> {
    let settings = lab["settings"].as_object().context("lab.json has no settings")?;
    settings
        .iter()
        .map(|(name, value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                other => bail!("lab.json: {name} is {other}, not text"),
            };
            Ok((name.clone(), text))
        })
        .collect()
}

fn exports(settings: &[(String, String)]) -> String {
    let line = |(name, value): &(String, String)| format!("export {name}='{}'", value.replace('\'', "'\\''"));
    settings.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_become_lines_a_shell_takes() {
        let lab =
            json!({ "settings": { "LOCKSTEP_ALLOW": "127.0.0.0/8 ::1/128", "LOCKSTEP_DEADLINE": 20, "X": "it's" } });
        let text = exports(&settings(&lab).unwrap());
        assert_eq!(
            text,
            "export LOCKSTEP_ALLOW='127.0.0.0/8 ::1/128'\nexport LOCKSTEP_DEADLINE='20'\nexport X='it'\\''s'"
        );
        assert!(settings(&json!({ "settings": { "A": [] } })).is_err());
        assert!(settings(&json!({})).is_err());
    }
}

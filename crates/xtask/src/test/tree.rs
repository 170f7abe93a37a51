//! Who may depend on whom: the page stays small and free of C, the product's crates stay free of any platform.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Result, bail};

use super::TARGET;
use crate::{
    project::{self, Package, cargo, path},
    run,
};

/// What the page must not carry: it would be heavy, or need a C compiler.
const NOT_IN_THE_PAGE: [&str; 7] = ["hickory-proto", "hyper", "psl", "ring", "rustls", "rustls-webpki", "tokio"];
/// What the worker reads from its files instead.
const NOT_IN_THE_WORKER: [&str; 2] = ["psl", "webpki-roots"];
/// Nobody's cryptography but ring's: the other default does not build for wasm.
const NOWHERE: [&str; 3] = ["aws-lc-rs", "aws-lc-sys", "openssl-sys"];
/// The platforms, which only `worker`, `frontend`, `cli` and `xtask` may name.
const PLATFORMS: [&str; 6] = ["gloo-net", "js-sys", "wasm-bindgen", "wasm-bindgen-futures", "web-sys", "worker"];

pub fn check() -> Result<()> {
    let mut broken = Vec::new();
    let page = names(&["--package", "frontend", "--target", TARGET, "--edges", "normal"])?;
    let reader = names(&["--package", "reader", "--target", TARGET, "--edges", "normal"])?;
    let report = names(&["--package", "report", "--target", TARGET, "--edges", "normal"])?;
    let worker = names(&["--package", "lockstep-worker", "--target", TARGET, "--edges", "normal"])?;
    let native = names(&["--package", "cli", "--edges", "normal,build"])?;
    // A listing without these would be no listing.
    for (list, name, expected) in [
        ("frontend", &page, "domain"),
        ("reader", &reader, "nginx"),
        ("report", &report, "view"),
        ("lockstep-worker", &worker, "domain"),
        ("cli", &native, "domain"),
    ] {
        if !name.iter().any(|name| name == expected) {
            bail!("cargo tree does not list {expected} for {list}: this part looks at the wrong thing");
        }
    }
    broken.extend(forbidden("the page", &page, &NOT_IN_THE_PAGE));
    broken.extend(forbidden("the nginx page", &reader, &NOT_IN_THE_PAGE));
    broken.extend(forbidden("what is done with a report", &report, &NOT_IN_THE_PAGE));
    broken.extend(forbidden("the worker", &worker, &NOT_IN_THE_WORKER));
    // Patterns run in the browser's own engine; one of ours would be most of what this page weighs.
    broken.extend(forbidden("the nginx page", &reader, &["fancy-regex", "regex", "regex-automata"]));
    for (who, list) in [("the page", &page), ("the worker", &worker), ("the command line", &native)] {
        broken.extend(forbidden(who, list, &NOWHERE));
    }
    broken.extend(arrows(&project::packages()?, &path("crates")));
    if broken.is_empty() {
        println!(
            "{} crates in the page, {} in the nginx page, {} in the worker, {} in the command line",
            page.len(),
            reader.len(),
            worker.len(),
            native.len()
        );
        return Ok(());
    }
    bail!("{}", broken.join("\n"))
}

/// The names of all crates that a package is built from.
fn names(arguments: &[&str]) -> Result<Vec<String>> {
    let mut tree = cargo();
    tree.args(["tree", "--prefix", "none", "--format", "{p}"]).args(arguments);
    let mut names: Vec<String> = run::captured(&mut tree)?
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

fn forbidden(who: &str, list: &[String], names: &[&str]) -> Vec<String> {
    names
        .iter()
        .filter(|name| list.iter().any(|listed| listed == *name))
        .map(|name| format!("{who} depends on {name} (cargo tree --invert {name} shows how)"))
        .collect()
}

/// The rules for what a crate's own manifest names.
fn arrows(packages: &BTreeMap<String, Package>, crates: &Path) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, package) in packages {
        if !package.folder.starts_with(crates) || name == "xtask" {
            continue;
        }
        for (dependency, ours) in &package.dependencies {
            if PLATFORMS.contains(&dependency.as_str()) && name != "cli" {
                broken.push(format!("{name} names {dependency}: crates/ knows no platform"));
            }
            if dependency == "leptos" && name != "view" {
                broken.push(format!("{name} names leptos: only view and the page do"));
            }
            if *ours
                && level(dependency) >= level(name)
                && !SUBJECTS_OF_SUBJECTS.contains(&(name.as_str(), dependency.as_str()))
            {
                broken.push(format!("{name} names {dependency}: arrows point down, from the whole to its parts"));
            }
        }
    }
    broken
}

/// Subjects that build on another's observation: the name's addresses come first, then what answers there.
const SUBJECTS_OF_SUBJECTS: [(&str, &str); 5] =
    [("tls", "dns"), ("web", "dns"), ("web", "tls"), ("renewal", "dns"), ("renewal", "tls")];

/// How far up a package of ours stands: each names only what is below it. The vocabulary knows nobody; the gate and
/// the door know the vocabulary at most; subjects know those; the whole knows the subjects; the rest shows it.
fn level(name: &str) -> u8 {
    match name {
        "findings" => 0,
        "domain" => 1,
        "network" => 2,
        "lockstep" => 4,
        "view" => 5,
        "cli" => 6,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_can_fail() {
        for (folder, name, dependency, broken) in [
            ("crates/dns", "dns", "web-sys", true),
            ("crates/view", "view", "web-sys", true),
            ("crates/view", "view", "leptos", false),
            ("crates/lockstep", "lockstep", "leptos", true),
            ("crates/domain", "domain", "dns", true),
            ("crates/findings", "findings", "domain", true),
            ("crates/tls", "tls", "lockstep", true),
            ("crates/tls", "tls", "web", true),
            ("crates/tls", "tls", "dns", false),
            ("crates/lockstep", "lockstep", "tls", false),
            ("crates/xtask", "xtask", "worker", false),
            ("worker", "lockstep-worker", "worker", false),
            ("frontend", "frontend", "leptos", false),
        ] {
            let ours = ["dns", "domain", "lockstep", "tls", "web"].contains(&dependency);
            let package = Package {
                folder: Path::new("/x").join(folder),
                features: Vec::new(),
                dependencies: vec![(dependency.to_owned(), ours)],
            };
            let found = arrows(&[(name.to_owned(), package)].into(), Path::new("/x/crates"));
            assert_eq!(found.len(), usize::from(broken), "{name} → {dependency}");
        }
        let list = ["ring".to_owned(), "serde".to_owned()];
        assert_eq!(forbidden("the page", &list, &NOT_IN_THE_PAGE).len(), 1);
    }
}

//! Who may depend on whom: the page stays small and free of C, the product's crates stay free of any platform.

use anyhow::{Result, bail};
use serde_json::Value;

use super::TARGET;
use crate::{project::cargo, run};

/// What the page must not carry: it would be heavy, or need a C compiler.
const NOT_IN_THE_PAGE: [&str; 7] = ["hickory-proto", "hyper", "psl", "ring", "rustls", "rustls-webpki", "tokio"];
/// Nobody's cryptography but ring's: the other default does not build for wasm.
const NOWHERE: [&str; 3] = ["aws-lc-rs", "aws-lc-sys", "openssl-sys"];
/// The platforms, which only `worker`, `frontend`, `cli` and `xtask` may name.
const PLATFORMS: [&str; 6] = ["gloo-net", "js-sys", "wasm-bindgen", "wasm-bindgen-futures", "web-sys", "worker"];

pub fn check() -> Result<()> {
    let mut broken = Vec::new();
    let page = names(&["--package", "frontend", "--target", TARGET, "--edges", "normal"])?;
    let worker = names(&["--package", "lockstep-worker", "--target", TARGET, "--edges", "normal"])?;
    let native = names(&["--package", "cli", "--edges", "normal,build"])?;
    // A listing without these would be no listing.
    for (list, name, expected) in
        [("frontend", &page, "domain"), ("lockstep-worker", &worker, "domain"), ("cli", &native, "domain")]
    {
        if !name.iter().any(|name| name == expected) {
            bail!("cargo tree does not list {expected} for {list}: this part looks at the wrong thing");
        }
    }
    broken.extend(forbidden("the page", &page, &NOT_IN_THE_PAGE));
    for (who, list) in [("the page", &page), ("the worker", &worker), ("the command line", &native)] {
        broken.extend(forbidden(who, list, &NOWHERE));
    }
    let metadata = run::captured(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    broken.extend(arrows(&serde_json::from_str(&metadata)?));
    if broken.is_empty() {
        println!(
            "{} crates in the page, {} in the worker, {} in the command line",
            page.len(),
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
fn arrows(metadata: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        let product = manifest.contains("/crates/") && name != "cli" && name != "xtask";
        let dependencies: Vec<&str> = package["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|dependency| dependency["kind"] != "dev")
            .filter_map(|dependency| dependency["name"].as_str())
            .collect();
        for dependency in dependencies {
            if product && PLATFORMS.contains(&dependency) {
                broken.push(format!("{name} names {dependency}: crates/ knows no platform"));
            }
            if dependency == "leptos" && name != "view" && name != "frontend" && manifest.contains("/crates/") {
                broken.push(format!("{name} names leptos: only view and the page do"));
            }
            if ["findings", "domain", "network"].contains(&name)
                && ["dns", "tls", "web", "lockstep", "view", "cli"].contains(&dependency)
            {
                broken.push(format!("{name} names {dependency}: the arrow points the other way"));
            }
            if ["dns", "tls", "web"].contains(&name) && ["lockstep", "view", "cli"].contains(&dependency) {
                broken.push(format!("{name} names {dependency}: the arrow points the other way"));
            }
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(folder: &str, name: &str, dependencies: &[&str]) -> Value {
        let dependencies: Vec<Value> = dependencies.iter().map(|name| json!({ "name": name, "kind": null })).collect();
        json!({ "name": name, "manifest_path": format!("/x/{folder}/Cargo.toml"), "dependencies": dependencies })
    }

    #[test]
    fn every_rule_can_fail() {
        for (folder, name, dependency, broken) in [
            ("crates/dns", "dns", "web-sys", true),
            ("crates/view", "view", "web-sys", true),
            ("crates/view", "view", "leptos", false),
            ("crates/lockstep", "lockstep", "leptos", true),
            ("crates/domain", "domain", "dns", true),
            ("crates/tls", "tls", "lockstep", true),
            ("crates/xtask", "xtask", "worker", false),
            ("worker", "lockstep-worker", "worker", false),
            ("frontend", "frontend", "leptos", false),
        ] {
            let metadata = json!({ "packages": [package(folder, name, &[dependency])] });
            assert_eq!(arrows(&metadata).len(), usize::from(broken), "{name} → {dependency}");
        }
        let list = ["ring".to_owned(), "serde".to_owned()];
        assert_eq!(forbidden("the page", &list, &NOT_IN_THE_PAGE).len(), 1);
    }
}

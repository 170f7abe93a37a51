//! Where the project's things are.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use anyhow::Result;
use serde_json::Value;

use crate::run;

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    // `cargo run` says where the manifest is now; the compiled-in path is for a binary started by hand.
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.ancestors().nth(2).map(Path::to_path_buf).unwrap_or(manifest)
});

/// A path inside the project.
pub fn path(relative: &str) -> PathBuf {
    ROOT.join(relative)
}

/// A program that starts in the project's root.
pub fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(&*ROOT);
    // What `cargo run` told this program about itself would make build scripts of others run again.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
            .iter()
            .any(|prefix| text.starts_with(prefix))
        {
            command.env_remove(name);
        }
    }
    command
}

/// The cargo that started this program.
pub fn cargo() -> Command {
    program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Where cargo puts what is built for this machine.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| path("target"), |directory| ROOT.join(directory))
}

/// A program that `npm ci` brings.
pub fn node_program(name: &str) -> PathBuf {
    path("node_modules/.bin").join(name)
}

/// One package of the workspace, as cargo tells it.
pub struct Package {
    /// Its folder.
    pub folder: PathBuf,
    /// The features that it has.
    pub features: Vec<String>,
    /// What its manifest names, dev-dependencies aside; `true` for packages of the workspace.
    pub dependencies: Vec<(String, bool)>,
}

/// The packages of the workspace by name.
pub fn packages() -> Result<BTreeMap<String, Package>> {
    let text = run::captured(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    Ok(packages_in(&serde_json::from_str(&text)?))
}

fn packages_in(metadata: &Value) -> BTreeMap<String, Package> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let package = |package: &Value| {
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        Package {
            folder: manifest.parent().unwrap_or(&manifest).to_owned(),
            features: package["features"].as_object().into_iter().flat_map(|all| all.keys().cloned()).collect(),
            dependencies: dependencies
                .filter(|dependency| dependency["kind"] != "dev")
                .map(|dependency| (text(&dependency["name"]), dependency["path"].is_string()))
                .collect(),
        }
    };
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.map(|found| (text(&found["name"]), package(found))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_read_as_it_is() {
        let packages = packages().unwrap();
        assert_eq!(packages["xtask"].folder, path("crates/xtask"));
        assert!(packages["dns"].features.iter().any(|feature| feature == "probe"));
        assert!(packages["dns"].dependencies.contains(&("domain".to_owned(), true)));
        assert!(packages["dns"].dependencies.contains(&("serde".to_owned(), false)));
        assert!(!packages["xtask"].dependencies.iter().any(|(name, _)| name == "tempfile"), "a dev-dependency");
    }
}

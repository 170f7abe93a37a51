//! Where the project's things are.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

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

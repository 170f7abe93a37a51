//! What the machine must have: got where that can be done, named exactly where it cannot.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{
    project::{self, node_program, path, program},
    run,
};

const TARGET: &str = "wasm32-unknown-unknown";
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// The compiler's wasm target.
pub fn wasm_target() -> Result<()> {
    let sysroot = run::captured(program("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).is_dir() {
        return Ok(());
    }
    if !found("rustup") {
        bail!("The compiler has no {TARGET} target and there is no rustup. Install that target with your Rust.");
    }
    eprintln!("Getting the compiler's {TARGET} target …");
    run::shown(program("rustup").args(["target", "add", TARGET]), Duration::from_secs(600))
}

/// rustfmt and clippy.
pub fn rust_components() -> Result<()> {
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if run::captured(project::cargo().args([subcommand, "--version"])).is_err() {
            eprintln!("Getting {component} …");
            run::shown(program("rustup").args(["component", "add", component]), Duration::from_secs(600))?;
        }
    }
    Ok(())
}

/// Node and the packages of the lock file.
pub fn node() -> Result<()> {
    let wanted =
        "Node 20.3 or newer is needed (with npm): https://nodejs.org or your distribution's `nodejs` and `npm`.";
    let Ok(version) = run::captured(program("node").arg("--version")) else {
        bail!("{wanted} There is none.");
    };
    if !new_enough(&version) {
        bail!("{wanted} This is {}.", version.trim());
    }
    // npm writes the second file when it is done.
    let changed = |file: &str| fs::metadata(path(file)).and_then(|data| data.modified());
    let done = changed("node_modules/.package-lock.json");
    if matches!((changed("package-lock.json"), done), (Ok(locked), Ok(done)) if locked <= done) {
        return Ok(());
    }
    eprintln!("Getting the edge runtime and the browser's tools (npm ci, about 450 MB) …");
    run::shown(program("npm").args(["ci", "--no-fund", "--no-audit", "--loglevel=error"]), Duration::from_secs(900))?;
    // An npm that leaves an older time would otherwise run again and again.
    let _ = fs::File::open(path("node_modules/.package-lock.json"))
        .and_then(|file| file.set_modified(std::time::SystemTime::now()));
    Ok(())
}

/// A browser for the page's tests.
pub fn chromium() -> Option<PathBuf> {
    env::var_os("CHROMIUM")
        .map(PathBuf::from)
        .filter(|file| file.exists())
        .or_else(|| ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| which(name)))
}

/// One thing that a Debian package brings.
pub struct Package {
    /// Its name in Debian and Ubuntu.
    pub name: &'static str,
    /// What it is needed for.
    pub purpose: &'static str,
    /// It is there already.
    pub there: fn() -> bool,
}

/// For ring's C parts, in the worker.
pub const CLANG: Package =
    Package { name: "clang", purpose: "C parts of the worker's cryptography", there: || found("clang") };

/// For the practice network.
pub const LAB: [Package; 3] = [
    Package { name: "nginx", purpose: "the practice sites", there: || found("nginx") },
    Package { name: "bind9", purpose: "the practice name server", there: || found("named") },
    Package {
        name: "python3-venv",
        purpose: "Flask and Gunicorn of the practice sites",
        there: || run::captured(program("python3").args(["-c", "import ensurepip, venv"])).is_ok(),
    },
];

/// To be measured beside.
pub const TESTSSL: Package =
    Package { name: "testssl.sh", purpose: "another checker to measure beside", there: || found("testssl") };

/// For the page's tests.
pub const BROWSER: [Package; 2] = [
    Package { name: "chromium", purpose: "the page's tests", there: || chromium().is_some() },
    Package {
        name: "fonts-liberation",
        purpose: "letters in the page's tests",
        there: || Path::new("/usr/share/fonts/truetype/liberation").is_dir() || !debian(),
    },
];

/// Installs what is missing, or says exactly what to install.
pub fn packages(wanted: &[&Package]) -> Result<()> {
    let missing: Vec<&&Package> = wanted.iter().filter(|package| !(package.there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    if !(debian() && nix::unistd::geteuid().is_root()) {
        bail!("{}", what_to_install(&missing));
    }
    eprintln!("Installing {} …", names.join(", "));
    let _policy = ServicesStayOff::new()?;
    apt(&["update"])?;
    let install = ["install", "--yes", "--no-install-recommends"];
    apt(&[&install[..], &names[..]].concat())?;
    match missing.iter().find(|package| !(package.there)()) {
        Some(package) => bail!("{} was installed but is still not found ({})", package.name, package.purpose),
        None => Ok(()),
    }
}

/// A program of this name is on the path.
pub fn found(name: &str) -> bool {
    which(name).is_some()
}

/// Where the program of this name is; servers live in `sbin`, which users do not always have on their path.
pub fn which(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn new_enough(version: &str) -> bool {
    let mut parts = version.trim().trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    (major, minor) >= (20, 3)
}

fn debian() -> bool {
    found("apt-get")
}

fn what_to_install(missing: &[&&Package]) -> String {
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    let list: Vec<String> =
        missing.iter().map(|package| format!("  {:<18}{}", package.name, package.purpose)).collect();
    let how = if debian() {
        format!("As root: apt-get install --no-install-recommends {}", names.join(" "))
    } else {
        "(Names as in Debian; your system may call them differently.)".to_owned()
    };
    format!("Missing on this machine:\n{}\n{how}", list.join("\n"))
}

/// Package servers hiccup: three attempts.
fn apt(arguments: &[&str]) -> Result<()> {
    let mut attempt = 1;
    loop {
        let mut command = program("apt-get");
        command.args(["-qq", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120"]).args(arguments);
        command.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
        match run::shown(&mut command, Duration::from_secs(900)) {
            Err(error) if attempt < 3 && !run::interrupted() => {
                eprintln!("{error:#}; once more …");
                attempt += 1;
                run::pause(Duration::from_secs(5))?;
            }
            outcome => return outcome,
        }
    }
}

/// While this lives, packaged services do not start when they are installed.
struct ServicesStayOff {
    ours: bool,
}

impl ServicesStayOff {
    fn new() -> Result<ServicesStayOff> {
        if Path::new(POLICY).exists() {
            return Ok(ServicesStayOff { ours: false });
        }
        fs::write(POLICY, "#!/bin/sh\nexit 101\n").context("the policy that keeps services off cannot be written")?;
        let off = ServicesStayOff { ours: true };
        fs::set_permissions(POLICY, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        Ok(off)
    }
}

impl Drop for ServicesStayOff {
    fn drop(&mut self) {
        if self.ours {
            let _ = fs::remove_file(POLICY);
        }
    }
}

/// A program of `node_modules`, for commands that can do without it.
pub fn optional_node_program(name: &str) -> Option<PathBuf> {
    Some(node_program(name)).filter(|file| file.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_compared_as_numbers() {
        for (version, enough) in [
            ("v20.3.0\n", true),
            ("v20.20.2", true),
            ("v22.1.0", true),
            ("v20.2.9", false),
            ("v18.19.0", false),
            ("", false),
        ] {
            assert_eq!(new_enough(version), enough, "{version:?}");
        }
    }

    #[test]
    fn the_list_names_every_missing_package_and_its_purpose() {
        let list = what_to_install(&[&&CLANG, &&LAB[0]]);
        assert!(list.contains("clang") && list.contains("nginx") && list.contains("the practice sites"), "{list}");
    }
}

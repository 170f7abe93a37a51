//! Real Flask applications behind real Gunicorn, and Flask's development server, from a cached virtual environment.

use std::{
    collections::BTreeMap,
    fs,
    fs::File,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{
    home,
    process::{self, Process, Processes},
    server::Placed,
};

/// The virtual environment's Python; made with `pip install` when it is not there or its requirements changed.
///
/// # Errors
/// When it could not be made, and what is missing.
pub fn python() -> Result<PathBuf> {
    let wanted = fs::read_to_string(home().join("lab/requirements.txt"))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| home().join("../target"), PathBuf::from);
    fs::create_dir_all(&target)?;
    // Two labs may start at once.
    let lock = File::create(target.join("lab-venv.lock"))?;
    lock.lock()?;
    let venv = target.join("lab-venv");
    let python = venv.join("bin/python");
    let made_from = venv.join("made-from.txt");
    if fs::read_to_string(&made_from).is_ok_and(|text| text == wanted) {
        return Ok(python);
    }
    let _ = fs::remove_dir_all(&venv);
    let system = process::find("python3").context("python3")?;
    process::run(&system, &["-m".into(), "venv".into(), venv.display().to_string()])
        .context("no virtual environment could be made. On Debian and Ubuntu: apt-get install python3-venv")?;
    let requirements = home().join("lab/requirements.txt").display().to_string();
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", &requirements];
    process::run(&python, &install.map(str::to_owned)).context("lab/requirements.txt could not be installed by pip")?;
    fs::write(&made_from, wanted)?;
    Ok(python)
}

/// One Gunicorn per application, bound to each socket and port that its sites expect, and the development servers.
pub(super) fn start(dir: &Path, python: &Path, placed: &[Placed], processes: &mut Processes) -> Result<()> {
    let apps = home().join("lab/apps").display().to_string();
    let mut binds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for server in placed {
        if let Some(app) = &server.server.gunicorn {
            let binds = binds.entry(app).or_default();
            binds.push(format!("unix:{}", server.socket.display()));
            binds.push(format!("127.0.0.1:{}", server.upstream));
        }
        if let Some(app) = &server.server.flask_run {
            let live = dir.join("live").join(&server.domain);
            for (port, own) in server.development_ports() {
                let port = port.to_string();
                let mut arguments = ["-m", "flask", "--app", &format!("{apps}/{app}.py"), "run", "--port", &port]
                    .map(str::to_owned)
                    .to_vec();
                if server.server.flask_debugger {
                    arguments.extend(["--debug", "--no-reload"].map(str::to_owned));
                }
                if own == 443 {
                    arguments.extend(["--cert".into(), live.join("fullchain.pem").display().to_string()]);
                    arguments.extend(["--key".into(), live.join("privkey.pem").display().to_string()]);
                }
                processes.0.push(Process::start(dir, &format!("flask-{}-{own}", server.domain), python, &arguments)?);
            }
        }
    }
    for (app, binds) in binds {
        let mut arguments =
            ["-m", "gunicorn", "--workers", "1", "--threads", "4", "--graceful-timeout", "1", "--chdir", &apps]
                .map(str::to_owned)
                .to_vec();
        arguments.extend(["--worker-tmp-dir".into(), dir.display().to_string()]);
        for bind in binds {
            arguments.extend(["--bind".into(), bind]);
        }
        arguments.push(format!("{app}:app"));
        processes.0.push(Process::start(dir, &format!("gunicorn-{app}"), python, &arguments)?);
    }
    Ok(())
}

//! The nginx reader natively and in wasm, side by side with `nginx -t` and the checkers on PyPI, in one run.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    build,
    project::{self, program},
    run, tools,
};

/// Servers in each text, chosen for 1 kB, 15 kB, 400 kB and 5 MB.
const SIZES: [(&str, usize); 4] = [("1 kB", 1), ("15 kB", 23), ("400 kB", 620), ("5 MB", 7800)];

/// The others may take this long for one text.
const PATIENCE: Duration = Duration::from_secs(60);

/// A row of the table; `None` where there is no figure.
struct Row {
    name: String,
    times: Vec<Option<f64>>,
    note: String,
}

pub fn run(alone: bool) -> Result<()> {
    let folder = project::target().join("bench");
    fs::create_dir_all(&folder)?;
    let mut files = Vec::new();
    for (name, servers) in SIZES {
        let home = folder.join(name.replace(' ', "-"));
        fs::create_dir_all(home.join("logs"))?;
        let file = home.join("nginx.conf");
        fs::write(&file, text(servers))?;
        files.push(file);
    }
    let mut rows = vec![native(&files)?, wasm(&folder, &files)?];
    if !alone {
        rows.extend(others(&folder, &files));
    }
    println!("{}", table(&files, &rows)?);
    Ok(())
}

/// Sites as they stand in `sites-enabled`, all different.
fn text(servers: usize) -> String {
    let mut out = String::from(
        "events {}\nhttp {\n    access_log off;\n    server_names_hash_max_size 65536;\n    server_names_hash_bucket_size 128;\n",
    );
    for at in 0..servers {
        write!(
            out,
            "    upstream app{at} {{\n        server 127.0.0.1:{};\n    }}\n    server {{\n        listen 80;\n        listen [::]:80;\n        server_name site{at}.test www.site{at}.test;\n        client_max_body_size 20m;\n        # static files\n        location /static/ {{\n            alias /var/www/site{at}/static/;\n            expires 7d;\n        }}\n        location / {{\n            proxy_pass http://app{at};\n            proxy_set_header Host $host;\n            proxy_set_header X-Real-IP $remote_addr;\n            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n            proxy_set_header X-Forwarded-Proto $scheme;\n        }}\n    }}\n",
            8000 + at % 50_000,
        )
        .unwrap_or_default();
    }
    out.push_str("}\n");
    out
}

fn native(files: &[PathBuf]) -> Result<Row> {
    run::shown(
        project::cargo().args(["build", "--package", "bench", "--release", "--bin", "bench-nginx"]),
        Duration::from_secs(1800),
    )?;
    let bench = project::target().join("release/bench-nginx");
    let mut times = Vec::new();
    for file in files {
        let said = run::captured(program(&bench).arg(file))?;
        times.push(said.split_whitespace().next().and_then(|time| time.parse().ok()));
    }
    Ok(Row { name: "Lockstep, native".into(), times, note: "one answer in a running process".into() })
}

/// The reader as visitors get it: the module of the page itself, asked as the page asks it.
fn wasm(folder: &Path, files: &[PathBuf]) -> Result<Row> {
    tools::wasm_target()?;
    let out = build::reader()?;
    let module = out.join("reader_bg.wasm");
    // Node takes it for a module by its name.
    let reader = folder.join("reader.mjs");
    fs::copy(out.join("reader.js"), &reader)?;
    let script = folder.join("measure.mjs");
    fs::write(&script, include_str!("measure.mjs"))?;
    let (mut times, mut memory) = (Vec::new(), Vec::new());
    for (file, (size, _)) in files.iter().zip(SIZES) {
        let said = run::captured(program("node").arg(&script).arg(&reader).arg(&module).arg(file))?;
        let mut words = said.split_whitespace();
        times.push(words.next().and_then(|time| time.parse().ok()));
        let bytes: f64 = words.nth(1).and_then(|bytes| bytes.parse().ok()).context("no memory was told")?;
        memory.push(format!("{:.1} MB for {size}", bytes / 1e6));
    }
    let brotli = build::brotli(&fs::read(module)?)?;
    Ok(Row {
        name: "Lockstep, the page’s module in node".into(),
        times,
        note: format!("one answer; memory: {}; module {:.1} kB brotli", memory.join(", "), brotli as f64 / 1000.0),
    })
}

fn others(folder: &Path, files: &[PathBuf]) -> Vec<Row> {
    let mut rows = Vec::new();
    rows.push(if tools::found("nginx") {
        measured("nginx -t", files, |file| {
            let mut command = program(tools::which("nginx").unwrap_or_else(|| "nginx".into()));
            command.arg("-t").arg("-p").arg(file.parent().unwrap_or(file)).arg("-c").arg(file);
            command.args(["-g", "pid nginx.pid; error_log stderr;"]);
            command
        })
    } else {
        absent("nginx -t", "there is no nginx on this machine")
    });
    match venv(folder) {
        Ok(venv) => {
            rows.push(measured("crossplane parse", files, |file| {
                let mut command = program(venv.join("bin/crossplane"));
                command.arg("parse").arg(file);
                command
            }));
            rows.push(measured("gixy-ng", files, |file| {
                let mut command = program(venv.join("bin/gixy"));
                command.arg(file);
                command
            }));
        }
        Err(error) => {
            rows.push(absent("crossplane parse", &format!("not installed: {error:#}")));
            rows.push(absent("gixy-ng", "not installed"));
        }
    }
    rows
}

fn absent(name: &str, why: &str) -> Row {
    Row { name: name.into(), times: Vec::new(), note: why.into() }
}

/// Processor time of a whole process, the least of three.
fn measured(name: &str, files: &[PathBuf], command: impl Fn(&Path) -> Command) -> Row {
    let mut times = Vec::new();
    let mut note = "processor time of a whole process".to_owned();
    for (file, (size, _)) in files.iter().zip(SIZES) {
        let mut least: Option<f64> = None;
        for _ in 0..3 {
            let before = run::processor_time();
            match quietly(&mut command(file)) {
                Ok(true) => {
                    let used = (run::processor_time() - before).as_secs_f64() * 1000.0;
                    least = Some(least.map_or(used, |least| least.min(used)));
                    if used > 5000.0 {
                        break;
                    }
                }
                Ok(false) => {
                    let _ = write!(note, "; {size} not done in {} s", PATIENCE.as_secs());
                    break;
                }
                Err(error) => {
                    let _ = write!(note, "; {size}: {error}");
                    break;
                }
            }
        }
        times.push(least);
    }
    Row { name: name.into(), times, note }
}

/// Runs a program with its output thrown away; `false` when it takes too long.
fn quietly(command: &mut Command) -> Result<bool> {
    let mut group = run::Group::start(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
    let since = Instant::now();
    loop {
        match group.ended()? {
            // gixy's exit code says that it found something.
            Some(status) if status.code().is_some_and(|code| code < 2) => return Ok(true),
            Some(status) => bail!("{status}"),
            None if since.elapsed() > PATIENCE => return Ok(false),
            None => run::pause(Duration::from_millis(1))?,
        }
    }
}

fn venv(folder: &Path) -> Result<PathBuf> {
    let venv = folder.join("venv");
    if !venv.join("bin/gixy").exists() {
        run::shown(program("python3").args(["-m", "venv"]).arg(&venv), Duration::from_secs(120))?;
        let pip = venv.join("bin/pip");
        run::shown(program(pip).args(["install", "--quiet", "crossplane", "gixy-ng"]), Duration::from_secs(300))?;
    }
    Ok(venv)
}

fn table(files: &[PathBuf], rows: &[Row]) -> Result<String> {
    let mut out = String::from("| milliseconds |");
    for (file, (size, _)) in files.iter().zip(SIZES) {
        write!(out, " {size} ({} bytes) |", fs::metadata(file)?.len())?;
    }
    out.push_str(" |\n|---|");
    out.push_str(&"---:|".repeat(files.len()));
    out.push_str("---|\n");
    for row in rows {
        write!(out, "| {} |", row.name)?;
        for at in 0..files.len() {
            match row.times.get(at).copied().flatten() {
                Some(time) if time < 10.0 => write!(out, " {time:.2} |")?,
                Some(time) => write!(out, " {time:.0} |")?,
                None => out.push_str(" – |"),
            }
        }
        writeln!(out, " {} |", row.note)?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_size_that_they_are_called_by() {
        for ((name, servers), bytes) in SIZES.into_iter().zip([1_000.0, 15_000.0, 400_000.0, 5_000_000.0]) {
            let length = text(servers).len() as f64;
            assert!((bytes * 0.7..bytes * 1.3).contains(&length), "{name}: {length}");
        }
    }
}

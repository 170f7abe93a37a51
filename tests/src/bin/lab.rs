//! Starts the practice network and keeps it until SIGTERM, SIGINT or the end of standard input.

use std::{
    fs,
    io::{self, Read, Write},
    path::PathBuf,
};

use anyhow::{Context, Result, bail};
use tests::lab::Lab;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let dir = match (arguments.next(), arguments.next(), arguments.next()) {
        (Some(flag), Some(dir), None) if flag == "--dir" => PathBuf::from(dir),
        _ => bail!("usage: lab --dir DIR   (writes DIR/lab.json, runs until standard input ends)"),
    };
    fs::create_dir_all(&dir)?;
    let lab = Lab::start()?;
    let guide = serde_json::to_vec_pretty(lab.guide())?;
    // Complete or not there: whoever waits for the file may read it at once.
    let unfinished = dir.join("lab.json.new");
    fs::write(&unfinished, guide)?;
    fs::rename(&unfinished, dir.join("lab.json")).context("lab.json")?;
    let mut out = io::stdout();
    writeln!(out, "lab ready: {} sites", lab.guide().sites.len())?;
    out.flush()?;
    let mut ignored = [0; 1024];
    while io::stdin().read(&mut ignored)? > 0 {}
    Ok(())
}

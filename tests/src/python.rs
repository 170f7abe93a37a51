//! Python's libraries as judges of what we write for others: parsers and validators that are not ours.

use std::{fs, path::Path, process::Command};

use serde::de::DeserializeOwned;

use crate::lab::python;

/// What a Python function `answer` says to each text. The script finds an argument of its own in `sys.argv[1]`.
///
/// # Errors
/// What Python said.
pub fn asked<T: DeserializeOwned>(script: &str, argument: &Path, texts: &[String]) -> anyhow::Result<Vec<T>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("texts.json");
    fs::write(&file, serde_json::to_vec(texts)?)?;
    let script = format!(
        "import sys, json\n{script}\nprint(json.dumps([answer(text) for text in json.load(open(sys.argv[2]))]))"
    );
    let ran = Command::new(python()?).args(["-c", &script]).arg(argument).arg(&file).output()?;
    anyhow::ensure!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Ok(serde_json::from_slice(&ran.stdout)?)
}

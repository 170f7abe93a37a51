//! A folder of built files: named by content, put in place only when all of it is there.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Files by their path inside the folder.
#[derive(Default)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// Adds one file.
    pub fn add(&mut self, name: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.0.insert(name.into(), content.into());
    }

    /// Adds everything in a folder, if there is one, under `prefix`.
    pub fn add_folder(&mut self, prefix: &str, folder: &Path) -> Result<()> {
        for file in listed(folder)? {
            let inside = file.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
            let content = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            self.add(format!("{prefix}{inside}"), content);
        }
        Ok(())
    }

    /// Makes `folder` hold exactly these files. All are written beside it first; then each is renamed into place,
    /// `last` (which names the others) after the rest, and what is no longer wanted is removed at the end. A server
    /// that reads the folder meanwhile sees the old whole or the new whole.
    pub fn replace(self, folder: &Path, last: &str) -> Result<()> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let beside = folder.with_file_name(format!(".{name}.new"));
        let _ = fs::remove_dir_all(&beside);
        let mut changed: Vec<&String> = Vec::new();
        for (name, content) in &self.0 {
            if fs::read(folder.join(name)).is_ok_and(|there| there == *content) {
                continue;
            }
            write(&beside.join(name), content)?;
            changed.push(name);
        }
        changed.sort_by_key(|name| *name == last);
        for name in changed {
            let to = folder.join(name);
            fs::create_dir_all(to.parent().unwrap_or(folder))?;
            fs::rename(beside.join(name), &to).with_context(|| format!("{} cannot be put in place", to.display()))?;
        }
        for file in listed(folder)? {
            let inside = file.strip_prefix(folder)?.to_string_lossy();
            if !self.0.contains_key(inside.as_ref()) {
                fs::remove_file(&file)?;
            }
        }
        let _ = fs::remove_dir_all(&beside);
        Ok(())
    }
}

/// `stem-HASH.extension`: a name that changes with the content, so that it may be cached for ever.
pub fn hashed(stem: &str, extension: &str, content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let hash: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{stem}-{hash}.{extension}")
}

/// Every file below a folder, in order; none when there is no folder.
pub fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return Ok(files) };
    for entry in entries {
        let file = entry?.path();
        if file.is_dir() {
            files.extend(listed(&file)?);
        } else {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn write(file: &Path, content: &[u8]) -> Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, content).with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_ends_up_with_exactly_these_files() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("dist");
        let mut first = Files::default();
        first.add("index.html", "one");
        first.add("assets/app-1.js", "old");
        first.add("kept.txt", "same");
        first.replace(&folder, "index.html").unwrap();
        let written = fs::metadata(folder.join("kept.txt")).unwrap().modified().unwrap();

        let mut second = Files::default();
        second.add("index.html", "two");
        second.add("assets/app-2.js", "new");
        second.add("kept.txt", "same");
        second.replace(&folder, "index.html").unwrap();

        let names: Vec<_> = listed(&folder).unwrap();
        let names: Vec<_> = names.iter().map(|file| file.strip_prefix(&folder).unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["assets/app-2.js", "index.html", "kept.txt"]);
        assert_eq!(fs::read_to_string(folder.join("index.html")).unwrap(), "two");
        assert_eq!(fs::metadata(folder.join("kept.txt")).unwrap().modified().unwrap(), written);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1, "nothing is left beside the folder");
    }

    #[test]
    fn a_name_follows_its_content() {
        assert_eq!(hashed("app", "js", b"a"), "app-ca978112ca1b.js");
        assert_ne!(hashed("app", "js", b"a"), hashed("app", "js", b"b"));
    }
}

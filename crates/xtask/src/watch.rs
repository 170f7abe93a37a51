//! Which half of the product an edit belongs to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::Result;

use crate::{
    project::{self, Package, path},
    run,
};

/// What has to be built again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changed {
    pub page: bool,
    pub worker: bool,
}

/// Looks at the files now and then: no watcher of the system's runs out of handles, and every editor's way of saving
/// is the same to it.
pub struct Watch {
    page: BTreeSet<PathBuf>,
    worker: BTreeSet<PathBuf>,
    seen: BTreeMap<PathBuf, (SystemTime, u64)>,
}

impl Watch {
    /// Starts with the files as they are.
    pub fn new() -> Result<Watch> {
        let packages = project::packages()?;
        let shared = [path("Cargo.toml"), path("Cargo.lock")];
        let with = |package| folders(&packages, package).into_iter().chain(shared.clone()).collect::<BTreeSet<_>>();
        let mut page = with("frontend");
        page.extend(with("reader"));
        let mut watch = Watch { page, worker: with("lockstep-worker"), seen: BTreeMap::new() };
        watch.seen = watch.look();
        Ok(watch)
    }

    /// What changed since the last look, once the files have come to rest.
    pub fn changes(&mut self) -> Result<Changed> {
        let mut now = self.look();
        if now == self.seen {
            return Ok(Changed::default());
        }
        loop {
            run::pause(Duration::from_millis(150))?;
            let next = self.look();
            if next == now {
                break;
            }
            now = next;
        }
        let different: BTreeSet<&PathBuf> = now
            .iter()
            .filter(|(file, stamp)| self.seen.get(*file) != Some(stamp))
            .chain(self.seen.iter().filter(|(file, _)| !now.contains_key(*file)))
            .map(|(file, _)| file)
            .collect();
        let touches =
            |roots: &BTreeSet<PathBuf>| different.iter().any(|file| roots.iter().any(|root| file.starts_with(root)));
        let changed = Changed { page: touches(&self.page), worker: touches(&self.worker) };
        self.seen = now;
        Ok(changed)
    }

    fn look(&self) -> BTreeMap<PathBuf, (SystemTime, u64)> {
        let mut stamps = BTreeMap::new();
        for root in self.page.union(&self.worker) {
            stamp(root, &mut stamps);
        }
        stamps
    }
}

fn stamp(file: &Path, stamps: &mut BTreeMap<PathBuf, (SystemTime, u64)>) {
    let Ok(data) = fs::metadata(file) else { return };
    if data.is_dir() {
        for entry in fs::read_dir(file).into_iter().flatten().flatten() {
            // Editors keep their own files beside ours.
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if !name.starts_with('.') && !name.ends_with('~') {
                stamp(&entry.path(), stamps);
            }
        }
    } else if let Ok(time) = data.modified() {
        stamps.insert(file.to_owned(), (time, data.len()));
    }
}

/// The folders of a workspace package and of every workspace package it is built from.
fn folders(packages: &BTreeMap<String, Package>, package: &str) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut next = vec![package];
    while let Some(name) = next.pop() {
        let Some(package) = packages.get(name) else { continue };
        if found.insert(package.folder.clone()) {
            next.extend(package.dependencies.iter().filter(|(_, ours)| *ours).map(|(name, _)| name.as_str()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(root: &Path) -> Watch {
        let folder = |name: &str| root.join(name);
        let mut watch = Watch {
            page: [folder("view"), folder("shared")].into(),
            worker: [folder("worker"), folder("shared")].into(),
            seen: BTreeMap::new(),
        };
        watch.seen = watch.look();
        watch
    }

    #[test]
    fn an_edit_touches_the_half_it_belongs_to() {
        let root = tempfile::tempdir().unwrap();
        for name in ["view", "worker", "shared", "cli"] {
            fs::create_dir(root.path().join(name)).unwrap();
            fs::write(root.path().join(name).join("lib.rs"), "//").unwrap();
        }
        let mut watch = watch(root.path());
        let mut edit = |file: &str, expected: (bool, bool)| {
            fs::write(root.path().join(file), format!("// {file}")).unwrap();
            assert_eq!(watch.changes().unwrap(), Changed { page: expected.0, worker: expected.1 }, "{file}");
            assert_eq!(watch.changes().unwrap(), Changed::default());
        };
        edit("view/lib.rs", (true, false));
        edit("worker/new.rs", (false, true));
        edit("shared/lib.rs", (true, true));
        edit("cli/lib.rs", (false, false));
        edit("view/.lib.rs.swp", (false, false));
        fs::remove_file(root.path().join("worker/new.rs")).unwrap();
        assert_eq!(watch.changes().unwrap(), Changed { page: false, worker: true });
    }

    #[test]
    fn the_halves_are_what_cargo_says() {
        let packages = project::packages().unwrap();
        let (page, worker) = (folders(&packages, "frontend"), folders(&packages, "lockstep-worker"));
        assert!(page.contains(&path("frontend")) && worker.contains(&path("worker")));
        assert!(page.contains(&path("crates/domain")) && worker.contains(&path("crates/domain")));
        assert!(!page.contains(&path("worker")) && !worker.contains(&path("crates/cli")));
    }
}

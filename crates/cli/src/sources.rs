//! nginx configuration from files and from standard input.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use nginx::{Config, Source, Version};

/// One text with the name that the visitor gave it.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// The path as typed; `-` for standard input.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) text: String,
    /// It was named, not included.
    pub(crate) named: bool,
    /// It is no UTF-8 and was read as Latin-1, a character a byte: so it is written, too.
    pub(crate) latin1: bool,
}

impl Given {
    /// The bytes of a text that takes this one's place; `None` when the encoding has no such character.
    pub(crate) fn bytes(&self, text: &str) -> Option<Vec<u8>> {
        if !self.latin1 {
            return Some(text.as_bytes().to_vec());
        }
        text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
    }

    /// Is it a pipe rather than a file?
    pub(crate) fn is_stdin(&self) -> bool {
        self.name == "-"
    }
}

/// nginx's reader stops at 32 MiB too.
const LARGEST: u64 = 32 << 20;

/// Files that includes may add.
const MOST_INCLUDED: usize = 1_000;

/// Reads all files; `-` is standard input. What they include is read too, where it lies in the folder of the first file:
/// a configuration from elsewhere cannot have other files shown.
///
/// # Errors
/// The first that cannot be read, in the system's words. A file that is only included may be missing.
pub(crate) fn read(names: &[String]) -> Result<Vec<Given>, String> {
    if names.iter().filter(|name| *name == "-").count() > 1 {
        return Err("standard input can be read once".to_owned());
    }
    let mut given = Vec::new();
    for name in names {
        let failed = |error: io::Error| format!("cannot read {name}: {error}");
        let (text, latin1) = if name == "-" {
            text(io::stdin().lock()).map_err(failed)?
        } else {
            text(std::fs::File::open(name).map_err(failed)?).map_err(failed)?
        };
        given.push(Given { name: name.clone(), text, named: true, latin1 });
    }
    follow(&mut given);
    given.iter().filter(|one| one.latin1).for_each(say_latin1);
    Ok(given)
}

#[expect(clippy::print_stderr, reason = "the command's remark")]
fn say_latin1(one: &Given) {
    let name = if one.is_stdin() { "standard input" } else { &one.name };
    eprintln!("lockstep: {} is not UTF-8 text: read as Latin-1, a character a byte", crate::lint::clean(name));
}

/// All of it, and whether it had to be read as Latin-1: nginx takes any bytes, so a comment from long ago is no reason
/// to refuse the file.
fn text(from: impl Read) -> io::Result<(String, bool)> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("it is larger than 32 MiB"));
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(other) => (other.into_bytes().into_iter().map(char::from).collect(), true),
    })
}

/// Adds what is included, and what that includes.
fn follow(given: &mut Vec<Given>) {
    let Some(first) = given.first().filter(|first| !first.is_stdin()) else { return };
    let folder = match Path::new(&first.name).parent() {
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => return,
    };
    let Ok(inside) = folder.canonicalize() else { return };
    let mut known: Vec<PathBuf> = given.iter().filter_map(|one| Path::new(&one.name).canonicalize().ok()).collect();
    loop {
        let patterns: Vec<String> = {
            let config = Config::read(&sources(given), None, false);
            config.all("include").map(|include| include.arg(0).to_owned()).collect()
        };
        let before = given.len();
        for pattern in patterns {
            // A relative pattern counts from the folder of nginx.conf.
            let Some(pattern) = folder.join(&pattern).to_str().map(str::to_owned) else { continue };
            let Ok(paths) = glob::glob(&pattern) else { continue };
            for path in paths.take(MOST_INCLUDED).flatten() {
                let Ok(real) = path.canonicalize() else { continue };
                if !real.starts_with(&inside) || known.contains(&real) || !real.is_file() {
                    continue;
                }
                let name = path.strip_prefix("./").unwrap_or(&path).display().to_string();
                let read = std::fs::File::open(&real).and_then(text);
                known.push(real);
                if let Ok((text, latin1)) = read {
                    given.push(Given { name, text, named: false, latin1 });
                }
                if given.len() > MOST_INCLUDED {
                    return;
                }
            }
        }
        if given.len() == before {
            return;
        }
    }
}

/// As the linter takes them. Standard input has no name.
pub(crate) fn sources(given: &[Given]) -> Vec<Source<'_>> {
    given.iter().map(|one| Source { name: if one.is_stdin() { "" } else { &one.name }, text: &one.text }).collect()
}

/// Reads `1.24`, `1.22.1`, `mainline`.
///
/// # Errors
/// What would be right.
pub(crate) fn version(text: &str) -> Result<Version, String> {
    Version::parse(text).ok_or_else(|| "a release such as 1.24, 1.22.1 or mainline".to_owned())
}

//! nginx configuration from files and from standard input.

use std::io::Read as _;

use nginx::{Source, Version};

/// One text with the name that the visitor gave it.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// The path as typed; `-` for standard input.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) text: String,
}

impl Given {
    /// Is it a pipe rather than a file?
    pub(crate) fn is_stdin(&self) -> bool {
        self.name == "-"
    }
}

/// nginx's reader stops at 32 MiB too.
const LARGEST: u64 = 32 << 20;

/// Reads all files; `-` is standard input.
///
/// # Errors
/// The first that cannot be read, in the system's words.
pub(crate) fn read(names: &[String]) -> Result<Vec<Given>, String> {
    if names.iter().filter(|name| *name == "-").count() > 1 {
        return Err("standard input can be read once".to_owned());
    }
    names
        .iter()
        .map(|name| {
            let mut bytes = Vec::new();
            let read = if name == "-" {
                std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)
            } else {
                std::fs::File::open(name).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
            };
            read.map_err(|error| format!("cannot read {name}: {error}"))?;
            if bytes.len() as u64 > LARGEST {
                return Err(format!("{name} is larger than 32 MiB"));
            }
            let text = String::from_utf8(bytes).map_err(|_| format!("{name} is not UTF-8 text"))?;
            Ok(Given { name: name.clone(), text })
        })
        .collect()
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

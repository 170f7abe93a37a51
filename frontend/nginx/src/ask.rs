//! Questions, as the page writes them.

use nginx::{Options, Source, Version};

/// A file as it stands in the editor.
#[derive(Debug, Clone)]
pub struct Given {
    /// Its name; empty for pasted text.
    pub name: String,
    /// All of it, with line feeds alone, as browsers keep it.
    pub text: String,
}

/// What is asked.
#[derive(Debug)]
pub struct Ask {
    /// The question.
    pub kind: Kind,
    /// The release, and whether anything is left out.
    pub options: Options,
    /// The files.
    pub files: Vec<Given>,
}

/// The questions.
#[derive(Debug)]
pub enum Kind {
    /// What is wrong? With how many findings of a group to show.
    Read(usize),
    /// Everything that can be put right unseen.
    Mend,
    /// What is different? The files are those before, followed by as many after.
    Compare,
    /// The findings as a text to take along.
    Report(Form),
    /// What happens to this URL?
    Route(String),
    /// Where does each name lead?
    Map,
    /// Does the live site agree? With what the check of it answered, in JSON.
    Against(String),
    /// A new configuration, from the lines of a form.
    Generate(String),
}

impl Ask {
    /// Reads a question: its kind, the kind's own detail, the version (`1.22`, or nothing for a guess), `everything` or
    /// nothing, and for each file its name and its text. NUL stands between them: the page lets none into a text.
    /// (JSON would be plainer; reading it is a sixth of what the reader weighs.)
    pub fn read(question: &str) -> Option<Ask> {
        let mut parts = question.split('\0');
        let (kind, detail) = (parts.next()?, parts.next()?);
        let kind = match kind {
            "read" => Kind::Read(detail.parse().ok()?),
            "mend" => Kind::Mend,
            "compare" => Kind::Compare,
            "route" => Kind::Route(detail.to_owned()),
            "map" => Kind::Map,
            "against" => Kind::Against(detail.to_owned()),
            "generate" => Kind::Generate(detail.to_owned()),
            "report" => Kind::Report(Form::read(detail)?),
            _ => return None,
        };
        let options = Options { version: Version::parse(parts.next()?), everything: parts.next()? == "everything" };
        let mut files = Vec::new();
        while let Some(name) = parts.next() {
            files.push(Given { name: name.to_owned(), text: parts.next()?.to_owned() });
        }
        Some(Ask { kind, options, files })
    }
}

impl Ask {
    /// The files as the linter takes them.
    pub(crate) fn sources(&self) -> Vec<Source<'_>> {
        sources(&self.files)
    }
}

/// Which kind of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For an issue or a chat.
    Markdown,
    /// For a program.
    Json,
    /// For an editor or a code host.
    Sarif,
}

impl Form {
    fn read(name: &str) -> Option<Form> {
        match name {
            "markdown" => Some(Form::Markdown),
            "json" => Some(Form::Json),
            "sarif" => Some(Form::Sarif),
            _ => None,
        }
    }
}

pub(crate) fn sources(files: &[Given]) -> Vec<Source<'_>> {
    files.iter().map(|file| Source { name: &file.name, text: &file.text }).collect()
}

//! The findings as a text to take along.

use serde_json::json;

use crate::ask::{Ask, Form, Kind};

/// Answers as JSON; nothing to a question of another kind.
pub(crate) fn answer(ask: &Ask) -> Option<String> {
    let Kind::Report(form) = ask.kind else { return None };
    let sources = ask.sources();
    let linted = nginx::lint_all(&sources, &ask.options);
    let text = match form {
        Form::Markdown => nginx::markdown(&linted, &sources),
        Form::Json => serde_json::to_string_pretty(&linted).unwrap_or_default(),
        Form::Sarif => serde_json::to_string_pretty(&nginx::sarif(&linted, &sources)).unwrap_or_default(),
    };
    Some(json!({ "text": text }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_name_every_finding() {
        for form in ["markdown", "json", "sarif"] {
            let question = ["report", form, "1.22", "", "a.conf", "server {\n    listen 80\n}\n"].join("\0");
            let said: serde_json::Value =
                serde_json::from_str(&answer(&Ask::read(&question).unwrap()).unwrap()).unwrap();
            let text = said["text"].as_str().unwrap();
            assert!(form == "markdown" || serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
            assert!(text.to_lowercase().replace('-', " ").contains("semicolon"), "{form}: {text}");
        }
    }
}

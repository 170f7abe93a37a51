//! All that can be put right unseen, and what is different. It comes with the reports: every rule is asked there, too, and
//! few want it before they have read what was found.

use nginx::Options;
use view::markup::Html;

use crate::{
    ask::{Ask, Given, Kind, sources},
    diff,
    json::{Json, replacement},
    units::Units,
};

/// Answers as JSON; nothing to a question of another kind.
pub(crate) fn answer(ask: &Ask) -> Option<String> {
    let files = &ask.files;
    match ask.kind {
        Kind::Mend => Some(mend(files, &ask.options)),
        Kind::Compare => {
            let (before, after) = files.split_at(files.len() / 2);
            let mut json = Json::default();
            json.object(|json| json.text("html", &compare(before, after)));
            Some(json.done())
        }
        _ => None,
    }
}

/// `edits` (in all files) and `html` (what they change).
fn mend(files: &[Given], options: &Options) -> String {
    let texts = nginx::apply_safe_all(&sources(files), options);
    let mut json = Json::default();
    json.object(|json| {
        json.list("edits", |json| {
            for ((at, file), text) in (0_u32..).zip(files).zip(&texts) {
                let changes = diff::changes(&file.text, text);
                let units = Units::new(&file.text);
                for change in changes {
                    replacement(json, at, units.at(change.start), units.at(change.end), &change.text);
                }
            }
        });
        let after: Vec<Given> = files
            .iter()
            .zip(&texts)
            .map(|(file, text)| Given { name: file.name.clone(), text: text.clone() })
            .collect();
        json.text("html", &compare(files, &after));
    });
    json.done()
}

fn compare(before: &[Given], after: &[Given]) -> String {
    let mut html = Html::default();
    for (before, after) in before.iter().zip(after) {
        let rows = diff::between(&before.text, &after.text);
        if rows.is_empty() {
            continue;
        }
        if !after.name.is_empty() {
            html.line("p", "of value", &after.name);
        }
        diff::write(&mut html, &rows);
    }
    html.done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{TEXT, asked, replaced};

    #[test]
    fn everything_safe_is_mended_and_shown() {
        let said = asked(&["mend", "", "1.22", "", "", TEXT]);
        let mended = replaced(TEXT, &said["edits"]);
        assert_eq!(
            mended,
            nginx::apply_safe(TEXT, &Options { version: nginx::Version::parse("1.22"), everything: false })
        );
        assert!(mended.contains("listen 443 ssl;\n"));
        assert!(said["html"].as_str().unwrap().contains("listen 443 ssl;"));
    }

    #[test]
    fn several_files_keep_their_own_positions() {
        let said =
            asked(&["mend", "", "", "", "é.conf", "# é\nlisten 80\n;;", "b.conf", "server {\n    listen 80\n}\n"]);
        let second: Vec<_> =
            said["edits"].as_array().unwrap().iter().filter(|edit| edit["file"] == 1).cloned().collect();
        assert_eq!(replaced("server {\n    listen 80\n}\n", &second.into()), "server {\n    listen 80;\n}\n");
    }

    #[test]
    fn nothing_differs_from_itself() {
        assert_eq!(asked(&["compare", "", "", "", "a", TEXT, "a", TEXT])["html"], "");
        assert!(asked(&["compare", "", "", "", "a", TEXT, "a", ""])["html"].as_str().unwrap().contains("gone"));
    }
}

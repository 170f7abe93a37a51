//! What is wrong, what to underline, what to replace.

use nginx::{Linted, Safety};
use view::words::class;

use crate::{
    ask::{Ask, Given, Kind},
    card::{Card, cards},
    json::{Json, replacement},
    panel,
    units::Units,
};

/// Marks in one text; an editor with more of them is no longer quick, and nobody reads them.
const MOST_MARKS: usize = 1000;

/// Answers as JSON; nothing to a question of another kind.
pub(crate) fn answer(ask: &Ask) -> Option<String> {
    let files = &ask.files;
    match ask.kind {
        Kind::Read(most) => Some(read(files, &nginx::lint_all(&ask.sources(), &ask.options), most)),
        _ => None,
    }
}

/// `html` (the verdict and the findings), `state` (the worst), `said` (the verdict, to be announced), `marks` (for each
/// file what to underline), `fixes` (by card, what its button replaces), `safe` (how many fixes can be applied unseen)
/// and `version` (that the rules respected).
fn read(files: &[Given], linted: &Linted, most: usize) -> String {
    let cards = cards(linted);
    let units: Vec<Units<'_>> = files.iter().map(|file| Units::new(&file.text)).collect();
    let unit = |file: u32, byte: u32| units.get(file as usize).map_or(0, |units| units.at(byte));
    let (state, said) = panel::verdict(linted);
    let fixable = || cards.iter().filter_map(|card| Some((card, card.edits()?)));
    let safe = fixable().filter(|(_, fix)| fix.safety == Safety::Safe).count();
    let mut json = Json::default();
    json.object(|json| {
        json.text("html", &panel::panel(files, linted, &cards, most));
        json.text("state", class(state));
        json.text("said", &said);
        json.text("version", &linted.version.to_string());
        json.number("safe", u32::try_from(safe).unwrap_or(u32::MAX));
        json.list("marks", |json| {
            for (file, _) in (0_u32..).zip(files) {
                let here = cards.iter().filter(|card| card.finding.place.source == Some(file)).take(MOST_MARKS);
                json.inner(|json| here.for_each(|card| mark(json, card, |byte| unit(file, byte))));
            }
        });
        json.list("fixes", |json| {
            for (card, fix) in fixable() {
                json.object(|json| {
                    json.text("card", &card.id);
                    json.list("edits", |json| {
                        for edit in &fix.edits {
                            let at = |byte| unit(edit.source, byte);
                            replacement(json, edit.source, at(edit.start), at(edit.end), &edit.text);
                        }
                    });
                });
            }
        });
    });
    json.done()
}

/// Something to underline: where, how bad, the card that explains it, its title and text, and what its fix does.
fn mark(json: &mut Json, card: &Card<'_>, unit: impl Fn(u32) -> u32) {
    let finding = card.finding;
    json.object(|json| {
        json.number("from", unit(finding.place.start));
        json.number("to", unit(finding.place.end));
        json.text("severity", class(card.state()));
        json.text("card", &card.id);
        json.text("title", &finding.title);
        json.text("text", [&*finding.seen, " ", &*finding.means].concat().trim());
        if let Some(fix) = card.edits() {
            json.text("fix", &fix.text);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{TEXT, asked, replaced};

    #[test]
    fn marks_and_fixes_count_as_browsers_do() {
        let said = asked(&["read", "40", "1.22", "", "", TEXT]);
        let mark = &said["marks"][0][0];
        assert_eq!(mark["card"], "missing-semicolon-1");
        let units: Vec<u16> = TEXT.encode_utf16().collect();
        let at = |name: &str| mark[name].as_u64().unwrap() as usize;
        assert_eq!(String::from_utf16(&units[at("from")..at("to")]).unwrap(), "listen 443 ssl");
        let fix = said["fixes"].as_array().unwrap().iter().find(|fix| fix["card"] == "missing-semicolon-1").unwrap();
        assert_eq!(replaced(TEXT, &fix["edits"]), TEXT.replace("443 ssl\n", "443 ssl;\n"));
        assert!(!said["html"].as_str().unwrap().contains("<script"));
    }

    #[test]
    fn where_nginx_stops_leads_to_what_puts_it_right() {
        let html = asked(&["read", "40", "1.22", "", "a/site.conf", TEXT])["html"].as_str().unwrap().to_owned();
        // nginx reads the next line as values of this one.
        let (_, line) = html.split_once("<p class=\"stops\">").unwrap();
        let (line, rest) = line.split_once("</p>").unwrap();
        assert!(line.starts_with("<code>nginx -t</code> stops at site.conf, line 4: <code class=\"words\">"), "{line}");
        assert!(line.contains("data-to=\"missing-semicolon-1\""), "{line}");
        assert!(rest.contains("id=\"missing-semicolon-1\"") && rest.contains("</code> at line 4</p>"), "{rest}");
        let html = asked(&["read", "0", "1.22", "", "", TEXT])["html"].as_str().unwrap().to_owned();
        assert!(html.contains("class=\"stops\"") && !html.contains("data-to"), "not shown, not gone to: {html}");
        let fine = asked(&["read", "40", "1.22", "", "", "server {\n    listen 80;\n    return 204;\n}\n"]);
        assert!(!fine["html"].as_str().unwrap().contains("class=\"stops\""));
    }

    #[test]
    fn an_unknown_question_has_no_answer() {
        for question in ["", "read", "read\0x\0\0", "what\0\0\0", "read\u{0}1\0\0\0name without text"] {
            assert!(Ask::read(question).is_none(), "{question:?}");
        }
    }
}

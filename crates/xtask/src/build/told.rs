//! `/about`, `/api`, `/privacy` and `/limits`: what this checker is, does for programs, keeps and allows, with the numbers that the programs use.

use std::fs;

use anyhow::{Context, Result, bail};

use super::frame::frame;
use crate::project::path;

/// The pages of `frontend/pages/`, each with what search engines show of it.
const PAGES: [(&str, &str); 4] = [
    ("about", "Who visits your server, what it does there, and how often."),
    ("api", "Check a domain from a program: one report or a stream, links, a calendar and a badge."),
    ("limits", "How often may be asked, how long the same answer is given, and how far one check goes."),
    ("privacy", "What is kept of a check, of a shared report and of you: where, and for how long."),
];

/// The pages by their paths in the folder of static files.
pub fn pages(styles: &[&str], copy: &str) -> Result<Vec<(String, String)>> {
    let page = |name: &str, description| -> Result<String> {
        let page = page(name, description, styles)?;
        // Lines to copy get a button, where there are scripts.
        let script = format!("<script type=\"module\" src=\"/{copy}\"></script>\n</head>");
        Ok(if name == "api" { page.replacen("</head>", &script, 1) } else { page })
    };
    PAGES.iter().map(|(name, description)| Ok((format!("{name}.html"), page(name, description)?))).collect()
}

/// One of them. Its title is its heading.
pub fn page(name: &str, description: &str, styles: &[&str]) -> Result<String> {
    let file = format!("frontend/pages/{name}.html");
    let text = fs::read_to_string(path(&file)).with_context(|| format!("{file} cannot be read"))?;
    let title = text.split_once("<h1>").and_then(|(_, rest)| rest.split_once("</h1>")).map(|(title, _)| title);
    let title = title.with_context(|| format!("{file} has no heading"))?;
    Ok(frame(title, description, &filled(&text).context(file.clone())?, styles))
}

/// A text with its placeholders `{{file NAME}}` replaced by the number that the program has there; `{{file NAME/60}}`
/// divides it.
fn filled(text: &str) -> Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (placeholder, after) = after.split_once("}}").context("a placeholder does not end")?;
        filled.push_str(before);
        filled.push_str(&value(placeholder)?);
        rest = after;
    }
    Ok(filled + rest)
}

fn value(placeholder: &str) -> Result<String> {
    let deadline = || {
        let settings = fs::read_to_string(path("crates/network/src/settings.rs"))?;
        after(&settings, "deadline: Duration::from_secs(").context("there is no deadline")
    };
    match placeholder {
        "DEADLINE" => return deadline(),
        "USER_AGENT" => {
            let source = fs::read_to_string(path("crates/network/src/http.rs"))?;
            let (_, name) = source.split_once("USER_AGENT: &str = \"").context("there is no name")?;
            return Ok(name.split('"').next().unwrap_or_default().to_owned());
        }
        _ => {}
    }
    let (file, name) = placeholder.split_once(' ').with_context(|| format!("{placeholder} is no file and name"))?;
    let (name, by) = name.split_once('/').unwrap_or((name, "1"));
    let source = fs::read_to_string(path(file)).with_context(|| format!("{file} cannot be read"))?;
    let (number, by) = (constant(&source, name)?, by.parse::<u64>()?);
    if by == 0 || number % by != 0 {
        bail!("{placeholder}: {number} is no whole multiple of {by}");
    }
    Ok(grouped(number / by))
}

/// The number that a constant is, written out or as a product.
pub fn constant(source: &str, name: &str) -> Result<u64> {
    let of = |kind: &str| after(source, &format!("const {name}: {kind} = "));
    let text =
        ["u32", "usize", "u64"].into_iter().find_map(of).with_context(|| format!("there is no number {name}"))?;
    let factors = text.split('*').map(|factor| Ok(factor.trim().replace('_', "").parse::<u64>()?));
    factors.product()
}

/// What stands between this and the end of the expression.
fn after(source: &str, before: &str) -> Option<String> {
    let (_, rest) = source.split_once(before)?;
    rest.split([';', ')']).next().map(str::to_owned)
}

/// `2000` as `2,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_programs() {
        let source = "const A: u32 = 20;\npub(crate) const B: usize = 512 * 1024;\nconst C: u64 = 2_000;";
        assert_eq!(["A", "B", "C"].map(|name| constant(source, name).unwrap()), [20, 524_288, 2_000]);
        assert!(constant(source, "D").is_err());
        assert_eq!([7, 999, 1_000, 1_234_567].map(grouped), ["7", "999", "1,000", "1,234,567"]);
        assert_eq!(filled("a {{worker/src/limits.rs TARGET_SECONDS/60}} b").unwrap(), "a 10 b");
        for wrong in ["{{worker/src/limits.rs TARGET_SECONDS/7}}", "{{nothing}}", "{{no.rs X}}", "{{open"] {
            assert!(filled(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_page_is_whole_and_leads_to_the_others() {
        for (name, page) in pages(&["assets/style-1.css", "assets/pages-2.css"], "assets/copy-3.js").unwrap() {
            assert!(page.contains("<h1>") && !page.contains("{{"), "{name}: {page}");
            for link in ["/about", "/privacy", "/limits", "/checks", "/api"] {
                assert!(page.contains(&format!("href=\"{link}\"")), "{name}: {link}");
            }
            assert_eq!(page.matches("rel=\"stylesheet\"").count(), 2, "{name}");
        }
        let limits = page("limits", "", &[]).unwrap();
        for said in ["<td>20</td><td>60 seconds</td>", "<td>10</td><td>10 minutes</td>", "<td>24 hours</td>"] {
            assert!(limits.contains(said), "{said}: {limits}");
        }
    }
}

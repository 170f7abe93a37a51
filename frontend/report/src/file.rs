//! Reports read from what somebody opened: a file that the page, the API or the command line wrote.

use lockstep::{Report, SCHEMA};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Bytes of a file that is read. A report is some hundred thousand bytes, and grows with what was asked for.
const LIMIT: usize = 8 << 20;
/// Reports that are taken from one file.
const MOST: usize = 50;

/// What says that a JSON text is a report, or holds one.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(default)]
    schema: Option<String>,
    /// The last event of a stream.
    #[serde(borrow, default)]
    report: Option<&'a RawValue>,
}

/// Each report in a text, as its own JSON text: one report, one a line, or the lines of a stream.
pub(crate) fn reports(text: &str) -> Result<Vec<&str>, String> {
    if text.len() > LIMIT {
        return Err(format!("This is larger than {} MB, which no report is. It was not opened.", LIMIT >> 20));
    }
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err("This is empty.".into());
    }
    let mut found = Vec::new();
    match head(text) {
        Ok(head) => found.extend(inside(text, &head)?),
        // Several lines are several texts; of one line the error says where it breaks off.
        Err(error) => {
            for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                match head(line) {
                    Ok(head) => {
                        found.extend(inside(line, &head).or_else(|error| if at == 0 { Err(error) } else { Ok(None) })?)
                    }
                    Err(_) if at == 0 => return Err(error),
                    Err(error) => return Err(format!("Line {}: {error}", at + 1)),
                }
                if found.len() > MOST {
                    return Err(format!("This holds more than {MOST} reports. It was not opened."));
                }
            }
        }
    }
    if found.is_empty() { Err("This is JSON, and no report of Lockstep's is in it.".into()) } else { Ok(found) }
}

/// One report, understood.
pub(crate) fn report(text: &str) -> Result<Report, String> {
    serde_json::from_str(text)
        .map_err(|error| format!("This report cannot be read: a part of it is missing or was changed ({error})."))
}

fn head(text: &str) -> Result<Head<'_>, String> {
    match serde_json::from_str(text) {
        Ok(head) => Ok(head),
        Err(error) if error.is_data() => Ok(Head { schema: None, report: None }),
        Err(error) if error.is_eof() => Err(format!("This is not whole JSON: it breaks off ({error}).")),
        Err(error) => Err(format!("This is not JSON ({error}).")),
    }
}

/// The report that a JSON text is or holds; none in the other lines of a stream.
fn inside<'a>(text: &'a str, head: &Head<'a>) -> Result<Option<&'a str>, String> {
    match (&head.schema, head.report) {
        (Some(schema), _) if schema == SCHEMA => Ok(Some(text)),
        (Some(schema), _) => Err(other(schema)),
        (None, Some(report)) => {
            let text = report.get();
            let inner = self::head(text)?;
            if inner.schema.is_some() { inside(text, &Head { report: None, ..inner }) } else { Ok(None) }
        }
        (None, None) => Ok(None),
    }
}

/// Why a schema is not ours.
fn other(schema: &str) -> String {
    let (ours, version) = SCHEMA.rsplit_once('/').unwrap_or((SCHEMA, ""));
    let newer = schema.strip_prefix(ours).and_then(|rest| rest.strip_prefix('/')?.parse::<u32>().ok());
    match newer {
        Some(newer) if version.parse().is_ok_and(|known: u32| newer > known) => format!(
            "This report was made by a newer Lockstep ({ours}/{newer}); this page reads {SCHEMA}. Load the page again, or open it where it was made."
        ),
        _ => {
            let shown: String = schema.chars().take(60).collect();
            format!("This is not a report of Lockstep's: it says that it is \"{shown}\", and this page reads {SCHEMA}.")
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may")]
mod tests {
    use super::*;
    use crate::forms::tests::{json, recorded};

    #[test]
    fn a_report_is_found_alone_in_lines_and_in_a_stream() {
        let json = json();
        assert_eq!(reports(&json).unwrap(), [&json]);
        let pretty = serde_json::to_string_pretty(&recorded()).unwrap();
        assert_eq!(report(reports(&format!("\u{feff}{pretty}\n")).unwrap()[0]).unwrap(), recorded());
        assert_eq!(reports(&format!("{json}\n\n{json}\n")).unwrap(), [&json, &json]);
        let stream = format!("{{\"progress\":{{\"done\":1}}}}\n{{\"report\":{json}}}\n");
        assert_eq!(reports(&stream).unwrap(), [&json], "byte for byte");
        assert_eq!(reports(&format!("{{\"report\":{json}}}")).unwrap(), [&json]);
    }

    #[test]
    fn what_is_no_report_is_refused_with_the_reason() {
        let deep = "[".repeat(100_000);
        for (text, why) in [
            ("", "This is empty."),
            ("  \n", "This is empty."),
            ("server { listen 80; }", "This is not JSON ("),
            ("{\"schema\": \"lockstep.rep", "This is not whole JSON: it breaks off ("),
            ("[1, 2]", "no report of Lockstep's is in it"),
            ("\"lockstep.report/1\"", "no report of Lockstep's is in it"),
            ("{}", "no report of Lockstep's is in it"),
            ("{\"report\":{}}", "no report of Lockstep's is in it"),
            ("{\"report\":7}", "no report of Lockstep's is in it"),
            ("{\"schema\":7}", "no report of Lockstep's is in it"),
            ("{\"schema\":\"lockstep.report/2\"}", "made by a newer Lockstep (lockstep.report/2)"),
            ("{\"schema\":\"lockstep.report/0\"}", "it says that it is \"lockstep.report/0\""),
            ("{\"schema\":\"other/9\"}", "it says that it is \"other/9\""),
            (&deep, "no report of Lockstep's is in it"),
            ("[\"lockstep.report/1\"]", "cannot be read"),
        ] {
            let error =
                reports(text).and_then(|all| all.into_iter().map(report).collect::<Result<Vec<_>, _>>()).unwrap_err();
            assert!(error.contains(why), "{text:.40}: {error}");
        }
        let large = format!("\"{}\"", "x".repeat(LIMIT));
        assert!(reports(&large).unwrap_err().contains("larger than 8 MB"));
        let many = "{\"schema\":\"lockstep.report/1\"}\n".repeat(MOST + 1);
        assert!(reports(&many).unwrap_err().contains("more than 50 reports"));
    }

    #[test]
    fn a_report_of_which_a_part_is_missing_is_refused() {
        let text = "{\"schema\":\"lockstep.report/1\",\"domain\":\"a.test\"}";
        assert_eq!(reports(text).unwrap(), [text]);
        let error = report(text).unwrap_err();
        assert!(error.starts_with("This report cannot be read: a part of it is missing"), "{error}");
    }
}

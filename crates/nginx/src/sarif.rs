//! Findings as SARIF 2.1.0, the form in which editors and code hosts take them
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use findings::Severity;
use serde::Serialize;

use crate::{Edit, Files, Finding, Linted, Place, Source, Stops, rules};

/// A SARIF log: serialise it as JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Sarif {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

/// What a lint found, for other tools. `sources` are the texts that were linted, in the same order.
pub fn sarif(linted: &Linted, sources: &[Source<'_>]) -> Sarif {
    let files = Files::read(sources);
    let mut used: Vec<&str> = linted.findings.iter().map(|finding| finding.rule.as_str()).collect();
    used.sort_unstable();
    used.dedup();
    let results = linted.findings.iter().map(|finding| result(finding, &files, &used)).collect();
    let unseen = linted
        .undecided
        .iter()
        .map(|undecided| Notification {
            level: "note",
            message: Text { text: format!("{} could not judge: {}", undecided.rule, undecided.because) },
            locations: vec![location(&undecided.place, &files, None)],
        })
        .collect();
    Sarif {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "Lockstep",
                    version: env!("CARGO_PKG_VERSION"),
                    rules: used.iter().map(|id| descriptor(id)).collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            invocations: [Invocation { execution_successful: true, tool_execution_notifications: unseen }],
            results,
            properties: linted.stops.as_ref().map(|stops| Whole { nginx_stops: stops.clone() }),
        }],
    }
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    invocations: [Invocation; 1],
    results: Vec<Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Whole>,
}

/// Where `nginx -t` would stop.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole {
    nginx_stops: Stops,
}

/// The line that nginx names for a mistake.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Noticed {
    nginx_line: u32,
}

#[derive(Debug, Clone, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Clone, Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: String,
    name: String,
    short_description: Text,
    full_description: Text,
    help: Help,
    default_configuration: Configuration,
}

#[derive(Debug, Clone, Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Debug, Clone, Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct Text {
    text: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Debug, Clone, Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
    locations: Vec<Location>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Repair>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Noticed>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
    physical_location: Physical,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Repair {
    description: Text,
    artifact_changes: Vec<Change>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}

fn descriptor(id: &str) -> Descriptor {
    let about = rules::by_id(id).map(rules::Rule::about);
    let doc: String = about.map_or("", |about| about.doc).lines().fold(String::new(), |mut doc, line| {
        let line = line.strip_prefix(' ').unwrap_or(line);
        // The words after the language are for this project's own tests.
        doc.push_str(if line.starts_with("```nginx ") { "```nginx" } else { line });
        doc.push('\n');
        doc
    });
    let first = doc.lines().next().unwrap_or_default().to_owned();
    let prose: Vec<&str> = doc.split("```").next().unwrap_or_default().lines().skip(1).collect();
    let prose: String = prose.join("\n").replace("## ", "");
    Descriptor {
        id: id.to_owned(),
        name: id.split('-').map(capitalised).collect(),
        short_description: Text { text: about.map_or(id, |about| about.title).to_owned() },
        full_description: Text { text: first },
        help: Help { text: prose.trim().to_owned(), markdown: doc.trim().to_owned() },
        default_configuration: Configuration { level: level(about.map_or(Severity::Warning, |about| about.severity)) },
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Failed => "error",
    }
}

fn result(finding: &Finding, files: &Files<'_>, used: &[&str]) -> Outcome {
    let mut text = finding.seen.clone();
    for more in [Some(&finding.means), finding.fix.as_ref().map(|fix| &fix.text)].into_iter().flatten() {
        if !more.is_empty() {
            text.push(' ');
            text.push_str(more);
        }
    }
    if let Some(nginx) = &finding.nginx {
        text.push_str(" nginx says");
        if let Some(line) = finding.nginx_line.filter(|line| *line != finding.place.line) {
            text.push_str(&format!(", at line {line}"));
        }
        text.push_str(": ");
        text.push_str(nginx);
    }
    let fixes = finding.fix.iter().filter(|fix| !fix.edits.is_empty()).map(|fix| repair(&fix.text, &fix.edits, files));
    Outcome {
        rule_id: finding.rule.clone(),
        rule_index: used.binary_search(&finding.rule.as_str()).unwrap_or(0),
        level: level(finding.severity),
        message: Text { text },
        locations: [location(&finding.place, files, None)],
        related_locations: finding
            .related
            .iter()
            .enumerate()
            .map(|(at, related)| location(&related.place, files, Some((at, &related.text))))
            .collect(),
        fixes: fixes.collect(),
        properties: finding.nginx_line.map(|nginx_line| Noticed { nginx_line }),
    }
}

fn repair(text: &str, edits: &[Edit], files: &Files<'_>) -> Repair {
    let mut changes: Vec<Change> = Vec::new();
    for edit in edits {
        let place = files.place(edit.source, edit.start, edit.end);
        let Location { physical_location, .. } = location(&place, files, None);
        let replacement = Replacement {
            deleted_region: physical_location.region,
            inserted_content: Text { text: edit.text.clone() },
        };
        match changes.iter_mut().find(|change| change.artifact_location == physical_location.artifact_location) {
            Some(change) => change.replacements.push(replacement),
            None => changes.push(Change {
                artifact_location: physical_location.artifact_location,
                replacements: vec![replacement],
            }),
        }
    }
    Repair { description: Text { text: text.to_owned() }, artifact_changes: changes }
}

fn location(place: &Place, files: &Files<'_>, related: Option<(usize, &str)>) -> Location {
    let (lines, end_column) = files.extent(place);
    Location {
        id: related.map(|(at, _)| at),
        message: related.map(|(_, text)| Text { text: text.to_owned() }),
        physical_location: Physical {
            artifact_location: Artifact { uri: uri(&place.path) },
            region: Region {
                start_line: place.line,
                start_column: place.column,
                end_line: place.line.saturating_add(lines),
                end_column,
            },
        },
    }
}

/// A path as a URI reference (RFC 3986).
fn uri(path: &str) -> String {
    if path.is_empty() || path == "-" {
        return "nginx.conf".to_owned(); // nobody said what it is called
    }
    let mut out = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => {
                out.push('%');
                for half in [byte >> 4, byte & 15] {
                    out.extend(char::from_digit(u32::from(half), 16).map(|digit| digit.to_ascii_uppercase()));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, lint_all};

    #[test]
    fn positions_are_those_of_the_true_file() {
        let text = "# configuration file /etc/nginx/a b.conf:\nevents {}\n# configuration file /etc/nginx/é.conf:\nserver {\n    listen 443\n    root /srv;\n}\n";
        let sources = [Source { name: "dump", text }];
        let log = serde_json::to_value(sarif(&lint_all(&sources, &Options::default()), &sources)).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        let gap = results.iter().find(|result| result["ruleId"] == "missing-semicolon").unwrap();
        let physical = &gap["locations"][0]["physicalLocation"];
        assert_eq!(physical["artifactLocation"]["uri"], "file:///etc/nginx/%C3%A9.conf");
        assert_eq!(physical["region"]["startLine"], 2);
        let change = &gap["fixes"][0]["artifactChanges"][0];
        assert_eq!(change["artifactLocation"], physical["artifactLocation"]);
        let replacement = &change["replacements"][0];
        assert_eq!(replacement["insertedContent"]["text"], ";");
        assert_eq!(
            replacement["deletedRegion"],
            serde_json::json!({ "startLine": 2, "startColumn": 15, "endLine": 2, "endColumn": 15 })
        );
        // nginx notices a line later than where the mistake is.
        assert!(gap["message"]["text"].as_str().unwrap().contains("nginx says, at line 3: invalid parameter"), "{gap}");
        assert_eq!(gap["properties"]["nginxLine"], 3);
        let stops = &log["runs"][0]["properties"]["nginxStops"];
        assert_eq!((stops["path"].as_str(), stops["line"].as_u64()), (Some("/etc/nginx/é.conf"), Some(3)));
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }
    }

    #[test]
    fn every_rule_can_be_described() {
        for rule in rules::ALL {
            let about = descriptor(rule.about().id);
            assert!(!about.full_description.text.is_empty() && !about.help.text.is_empty(), "{about:?}");
            assert!(!about.help.markdown.contains("```nginx fires") && !about.help.text.contains("```"), "{about:?}");
        }
    }
}

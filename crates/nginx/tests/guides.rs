//! The configurations of the three guides, as they stand there: following a guide to the letter earns no warning.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

use findings::Severity;
use nginx::{Options, Version, lint};

const HTTPS: &str = include_str!("guides/https.conf");
const PRODUCTION: &str = include_str!("guides/production.conf");
const PROXY_HEREDOC: &str = include_str!("guides/proxy-heredoc.txt");
const PROXY_SOCKET: &str = include_str!("guides/proxy-socket.conf");

fn loud(text: &str, version: Option<Version>) -> Vec<String> {
    let linted = lint(text, &Options { version, everything: false });
    linted
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Note || finding.refused)
        .map(|finding| format!("{} (line {}): {}", finding.rule, finding.place.line, finding.seen))
        .collect()
}

#[test]
fn the_guides_own_configurations_earn_no_warning() {
    for text in [HTTPS, PRODUCTION, PROXY_HEREDOC, PROXY_SOCKET] {
        for version in [None, Some(Version::V1_18), Some(Version::V1_22), Some(Version::V1_24)] {
            assert_eq!(loud(text, version), Vec::<String>::new(), "{text}");
        }
        // Web copies lose their line ends.
        let flat = text
            .lines()
            .filter(|line| !line.starts_with("sudo") && !line.starts_with("EOF"))
            .collect::<Vec<_>>()
            .join(" ");
        assert_eq!(loud(&flat, None), Vec::<String>::new(), "{flat}");
    }
}

#[test]
fn each_guide_in_a_whole_configuration_is_quiet_too() {
    for text in [HTTPS, PRODUCTION, PROXY_SOCKET] {
        let whole = format!("events {{}}\nhttp {{\n{text}\n}}\n");
        let linted = lint(&whole, &Options { version: None, everything: true });
        let loud: Vec<_> = linted.findings.iter().filter(|finding| finding.severity > Severity::Note).collect();
        assert!(loud.is_empty(), "{loud:#?}");
    }
}

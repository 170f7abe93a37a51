//! Any text at all: the linter and the fixer answer, their edits lie within the text, and the same text gives the same
//! answer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

use nginx::{Options, apply, apply_safe, lint};
use proptest::prelude::*;

/// Good configurations, cut and mixed: near enough to nginx to reach the rules.
fn mutated() -> impl Strategy<Value = String> {
    let seeds = prop::sample::select(vec![
        include_str!("guides/https.conf"),
        include_str!("guides/production.conf"),
        include_str!("guides/proxy-heredoc.txt"),
    ]);
    let piece = prop::sample::select(vec![
        "",
        ";",
        "{",
        "}",
        "\"",
        "'",
        "\n",
        " ",
        "$",
        "${",
        "\\",
        "é",
        "\u{a0}",
        "#",
        "{{ x }}",
        "<A>",
        "/",
        "*",
        "~",
        "[::]:",
        ":443",
        "ssl on;",
        "http2 on;",
        "return 301 https://$server_name$uri;",
        "location ~* \\.(css|js)$ {",
        "include snippets/x;",
        "if ($host = a) {",
        "proxy_pass http://unix:;",
        "proxy_pass http://;",
        "listen unix:;",
        "listen [;",
        "alias ;",
        "alias \"/a/\";",
        "server_name \"\";",
        "map $a $b {",
        "add_header Strict-Transport-Security \"max-age=1; preload\";",
        "# configuration file /a:\n",
        "<<EOF\n",
        "```nginx\n",
        "rewrite ^ https://${host}$request_uri permanent;",
        "upstream x { server 127.0.0.1:443; }",
        "ssl_certificate /etc/letsencrypt/archive/a;",
    ]);
    (seeds, prop::collection::vec((any::<prop::sample::Index>(), 0_usize..30, piece), 0..8)).prop_map(
        |(seed, edits)| {
            let mut text: Vec<char> = seed.chars().collect();
            for (at, cut, insert) in edits {
                let at = at.index(text.len() + 1);
                let end = (at + cut).min(text.len());
                text.splice(at..end, insert.chars());
            }
            text.into_iter().collect()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]
    #[test]
    fn is_linted_and_fixed(text in prop_oneof![3 => mutated(), 1 => any::<String>()], everything in any::<bool>()) {
        let options = Options { version: None, everything };
        let linted = lint(&text, &options);
        for finding in &linted.findings {
            let Some(fix) = &finding.fix else { continue };
            for edit in &fix.edits {
                let (start, end) = (edit.start as usize, edit.end as usize);
                prop_assert!(start <= end && text.is_char_boundary(start) && text.is_char_boundary(end), "{}: {edit:?}", finding.rule);
            }
            prop_assert!(fix.edits.windows(2).all(|pair| pair[0].end <= pair[1].start), "{}: {:?}", finding.rule, fix.edits);
            apply(&text, &fix.edits);
        }
        prop_assert_eq!(&lint(&text, &options), &linted);
        apply_safe(&text, &options);
    }
}

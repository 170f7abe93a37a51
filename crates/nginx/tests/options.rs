//! What the visitor says about the text is respected: the release, and whether it is all there is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

use nginx::{Linted, Options, Source, Version, lint, lint_all};

fn at(text: &str, version: Version) -> Linted {
    lint(text, &Options { version: Some(version), everything: true })
}

fn has(linted: &Linted, rule: &str) -> bool {
    linted.findings.iter().any(|finding| finding.rule == rule)
}

/// (text, rule, the releases in which it speaks)
const BY_RELEASE: &[(&str, &str, [bool; 5])] = &[
    ("server { listen 80; http2 on; }", "unknown-directive", [true, true, true, false, false]),
    ("server { listen 80; http3 on; }", "unknown-directive", [true, true, true, false, false]),
    ("server { listen 80; ssl off; }", "unknown-directive", [false, false, false, true, true]),
    ("server { listen 80; ssl_reject_handshake on; }", "unknown-directive", [true, false, false, false, false]),
    ("server { add_header_inherit merge; }", "unknown-directive", [true, true, true, true, false]),
    (
        "server { listen 443 ssl http2; ssl_certificate /a; ssl_certificate_key /b; }",
        "listen-http2",
        [false, false, false, true, true],
    ),
    ("upstream a { server 127.0.0.1:1; resolver 127.0.0.1; }", "wrong-context", [true, true, true, true, false]),
    ("upstream a { server 127.0.0.1:1; keepalive 5 local; }", "bad-parameter", [true, true, true, true, false]),
    ("server { listen 443 quic; }", "bad-listen", [true, true, true, false, false]),
    (
        "server { location / { proxy_pass http://127.0.0.1:1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } }",
        "upgrade-incomplete",
        [true, true, true, true, false],
    ),
];

#[test]
fn each_release_has_its_own_rules() {
    for (text, rule, speaks) in BY_RELEASE {
        for (version, speaks) in Version::ALL.into_iter().zip(speaks) {
            let linted = at(text, version);
            assert_eq!(has(&linted, rule), *speaks, "{rule} for {version}: {text}\n{:#?}", linted.findings);
            assert_eq!(linted.version, version);
        }
    }
}

/// What is absent is only claimed of what was pasted, unless it is all there is.
#[test]
fn absence_is_claimed_of_what_was_seen() {
    let site = "server {\n    listen 80;\n    server_name app.test www.app.test;\n    return 301 https://$host$request_uri;\n}\nserver {\n    listen 443 ssl;\n    server_name app.test;\n    ssl_certificate /a/fullchain.pem;\n    ssl_certificate_key /a/privkey.pem;\n}\n";
    let words = |text: &str, everything: bool| {
        let linted = lint(text, &Options { version: None, everything });
        let finding = linted.findings.into_iter().find(|finding| finding.rule == "www-forgotten");
        finding.unwrap_or_else(|| panic!("{text}")).seen
    };
    assert!(words(site, false).starts_with("In what you pasted: "), "{}", words(site, false));
    assert!(!words(site, true).contains("pasted"), "{}", words(site, true));
    let dump = format!("# configuration file /etc/nginx/nginx.conf:\nevents {{}}\nhttp {{\n{site}}}\n");
    assert!(!words(&dump, false).contains("pasted"), "{}", words(&dump, false));
    // Rules that may only speak when nothing is left out.
    for (text, rule) in [
        ("events { }\nhttp { server { listen 80; } }", "one-worker"),
        (
            "server { listen 443 ssl; server_name a.test; ssl_certificate /a; ssl_certificate_key /b; }",
            "port-80-missing",
        ),
        ("server { access_log /var/log/a detailed; }", "zone-undefined"),
    ] {
        assert!(!has(&lint(text, &Options::default()), rule), "{rule}");
        assert!(has(&lint(text, &Options { version: None, everything: true }), rule), "{rule}");
    }
}

/// Rules that an include keeps from judging say so, and are quiet.
#[test]
fn what_was_not_pasted_leaves_rules_undecided() {
    let text = "events {}\nhttp {\n  include extra.conf;\n  server {\n    include more.conf;\n    listen 443 ssl;\n    return 200 $nowhere;\n    location /admin { allow 10.0.0.0/8; }\n    location /s { stub_status; }\n    location / { proxy_pass http://127.0.0.1:1; limit_req zone=a; }\n  }\n}\n";
    let linted = lint(text, &Options::default());
    for rule in [
        "certificate-missing",
        "allow-without-deny",
        "status-page-open",
        "zone-undefined",
        "unknown-variable",
        "proxy-headers-missing",
    ] {
        assert!(linted.undecided.iter().any(|one| one.rule == rule), "{rule}: {:#?}", linted.undecided);
        assert!(!has(&linted, rule), "{rule}");
    }
    assert!(linted.undecided.iter().all(|one| one.because.ends_with("was not pasted.")));
    assert!(linted.findings.iter().all(|finding| !finding.refused), "{:#?}", linted.findings);
}

/// nginx stops at one mistake, and reads included files in their place.
#[test]
fn the_first_stop_is_in_reading_order() {
    let stops = |sources: &[Source<'_>]| {
        let linted = lint_all(sources, &Options { version: Some(Version::V1_22), everything: true });
        let stops = linted.stops.unwrap();
        let finding = &linted.findings[stops.finding.unwrap() as usize];
        assert_eq!(finding.nginx_line, stops.line);
        (stops.path, stops.line, stops.words, finding.rule.clone())
    };
    let main = "events {}\nhttp {\n  include sites/a.conf;\n  gzip maybe;\n}\n";
    let first = stops(&[
        Source { name: "nginx.conf", text: main },
        Source { name: "sites/a.conf", text: "server {\n  listen 80;\n  etag perhaps;\n}\n" },
    ]);
    assert_eq!((first.0.as_str(), first.1, first.3.as_str()), ("sites/a.conf", Some(3), "flag-not-on-or-off"));
    let text = "server {\n  root /a\n  index b;\n  gzip maybe;\n}\n";
    let (_, line, words, rule) = stops(&[Source { name: "", text }]);
    assert_eq!((line, rule.as_str()), (Some(3), "missing-semicolon"));
    assert_eq!(words, "invalid number of arguments in \"root\" directive");
    assert_eq!(lint("server { listen 80; }", &Options::default()).stops, None);
}

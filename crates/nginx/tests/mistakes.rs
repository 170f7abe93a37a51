//! The mistakes that the guides warn of, one change each to a configuration that earns no warning: each is named, at its
//! line, and nothing else is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

use findings::Severity;
use nginx::{Options, Version, lint};

const GOOD: &str = r"events {}
http {
    upstream flask_app { server 127.0.0.1:8000; }
    server {
        listen 80 default_server;
        listen [::]:80 default_server;
        server_name app.test www.app.test;
        location ^~ /.well-known/acme-challenge/ { root /var/www/letsencrypt; }
        location / { return 301 https://$host$request_uri; }
    }
    server {
        listen 443 ssl http2 default_server;
        listen [::]:443 ssl http2 default_server;
        server_name app.test www.app.test;
        ssl_certificate /etc/letsencrypt/live/app.test/fullchain.pem;
        ssl_certificate_key /etc/letsencrypt/live/app.test/privkey.pem;
        client_max_body_size 20m;
        location /static/ {
            alias /var/www/app/static/;
        }
        location / {
            proxy_pass http://unix:/run/gunicorn.sock;
            proxy_set_header Host $host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
        }
    }
}
";

fn loud(text: &str, version: Version) -> Vec<(String, u32)> {
    let mut all: Vec<_> = lint(text, &Options { version: Some(version), everything: true })
        .findings
        .into_iter()
        .filter(|finding| finding.severity > Severity::Note)
        .map(|finding| (finding.rule, finding.place.line))
        .collect();
    all.dedup();
    all
}

#[test]
fn the_good_one_is_quiet() {
    assert_eq!(loud(GOOD, Version::V1_22), []);
}

/// (what is replaced, by what, the rule, its line)
const MISTAKES: &[(&str, &str, &str, u32)] = &[
    (
        "server_name app.test www.app.test;\n        ssl_cert",
        "server_name app.test www.app.test\n        ssl_cert",
        "missing-semicolon",
        14,
    ),
    ("client_max_body_size 20m;", "client_max_body_size 20m", "missing-semicolon", 17),
    (
        "            alias /var/www/app/static/;\n        }",
        "            alias /var/www/app/static/;",
        "unclosed-brace",
        18,
    ),
    (
        "            alias /var/www/app/static/;\n        }",
        "            alias /var/www/app/static/;\n        }\n        }",
        "extra-brace",
        21,
    ),
    ("X-Real-IP $remote_addr;", "X-Real-IP \"$remote_addr;", "unclosed-quote", 24),
    ("client_max_body_size 20m;", "client_max_bodysize 20m;", "unknown-directive", 17),
    ("client_max_body_size 20m;", "proxy_pass http://127.0.0.1:8000;", "wrong-context", 17),
    ("client_max_body_size 20m;", "client_max_body_size 20 m;", "wrong-argument-count", 17),
    ("client_max_body_size 20m;", "client_max_body_size 20m; client_max_body_size 30m;", "duplicate-directive", 17),
    ("client_max_body_size 20m;", "gzip yes;", "flag-not-on-or-off", 17),
    ("client_max_body_size 20m;", "client_max_body_size 20mb;", "unreadable-value", 17),
    ("Host $host;", "Host $hots;", "unknown-variable", 23),
    ("        ssl_certificate_key /etc/letsencrypt/live/app.test/privkey.pem;\n", "", "certificate-key-missing", 15),
    ("listen 443 ssl http2 default_server;", "listen 443 default_server;", "plain-http-on-443", 12),
    ("client_max_body_size 20m;", "return 301 https://$host$request_uri;", "redirect-to-itself", 17),
    (
        "listen 443 ssl http2 default_server;",
        "listen 8080; listen 443 ssl http2 default_server; return 301 https://$host$request_uri;",
        "redirect-loop-on-both-ports",
        12,
    ),
    (
        "return 301 https://$host$request_uri;",
        "proxy_pass http://unix:/run/gunicorn.sock; include proxy_params;",
        "not-redirected-to-https",
        7,
    ),
    (
        "server_name app.test www.app.test;\n        location ^~",
        "server_name app.test;\n        location ^~",
        "www-forgotten",
        7,
    ),
    (
        "        location ^~ /.well",
        "        add_header Strict-Transport-Security \"max-age=31536000\" always;\n        location ^~ /.well",
        "hsts-on-plain-http",
        8,
    ),
    (
        "client_max_body_size 20m;",
        "add_header Strict-Transport-Security \"max-age=300; preload\" always;",
        "hsts-premature",
        17,
    ),
    ("            proxy_set_header X-Forwarded-Proto $scheme;\n", "", "forwarded-proto-missing", 22),
    ("            proxy_set_header Host $host;\n", "", "proxy-headers-missing", 22),
    (
        "client_max_body_size 20m;",
        "proxy_set_header X-App app; location /ws { proxy_set_header A b; proxy_pass http://flask_app; }",
        "proxy-headers-dropped",
        17,
    ),
    ("http://unix:/run/gunicorn.sock", "unix:/run/gunicorn.sock", "proxy-pass-without-scheme", 22),
    ("http://unix:/run/gunicorn.sock", "127.0.0.1:8000", "proxy-pass-without-scheme", 22),
    ("http://unix:/run/gunicorn.sock", "https://127.0.0.1", "proxy-to-itself", 22),
    ("http://unix:/run/gunicorn.sock", "http://0.0.0.0:8000", "proxy-to-any-address", 22),
    ("http://unix:/run/gunicorn.sock", "http://flask_ap", "upstream-undefined", 22),
    ("location /static/ {", "location /static {", "alias-traversal", 18),
    ("alias /var/www/app/static/;", "alias /var/www/app/static;", "alias-slash-missing", 19),
    ("alias /var/www/app/static/;", "root /var/www/app/static/;", "root-doubles-path", 19),
    (
        "server_name app.test www.app.test;\n        ssl_cert",
        "server_name https://app.test www.app.test;\n        ssl_cert",
        "bad-server-name",
        14,
    ),
    ("live/app.test/fullchain.pem", "live/app.test/cert.pem", "certificate-without-chain", 15),
    ("live/app.test/fullchain.pem", "archive/app.test/fullchain3.pem", "certificate-in-archive", 15),
    (
        "location ^~ /.well-known/acme-challenge/ { root /var/www/letsencrypt; }",
        "return 301 https://$host$request_uri; location /.well-known/acme-challenge/ { root /var/www/letsencrypt; }",
        "challenge-swallowed",
        8,
    ),
    ("        listen [::]:443 ssl http2 default_server;\n", "", "ipv6-listen-missing", 12),
    ("location / {\n", "location /static/ { }\n        location / {\n", "duplicate-location", 21),
    (
        "location / {\n            proxy",
        "location ~ ^/a { proxy_pass http://flask_app/; include proxy_params; }\n        location / {\n            proxy",
        "proxy-pass-uri-in-regex",
        21,
    ),
    ("client_max_body_size 20m;", "return 301 http://www.other.test$request_uri;", "https-to-http", 17),
    ("client_max_body_size 20m;", "error_log off;", "logs-off", 17),
    ("listen 80 default_server;", "listen 80 default_server; listen 0.0.0.0:80;", "duplicate-listen", 5),
];

#[test]
fn each_mistake_is_named_once_at_its_line() {
    let mut wrong = Vec::new();
    for (from, to, rule, line) in MISTAKES {
        assert!(GOOD.contains(from), "{from}");
        let text = GOOD.replacen(from, to, 1);
        let said = loud(&text, Version::V1_22);
        if !said.contains(&((*rule).to_owned(), *line)) {
            wrong.push(format!("{rule} line {line}: {said:?}"));
        } else if rule_is_about_the_text(rule) && said.len() != 1 {
            wrong.push(format!("{rule} brings more: {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One missing sign is one finding.
fn rule_is_about_the_text(rule: &str) -> bool {
    matches!(
        rule,
        "missing-semicolon"
            | "unclosed-brace"
            | "extra-brace"
            | "unclosed-quote"
            | "unknown-directive"
            | "unreadable-value"
    )
}

#[test]
fn whole_servers_that_clash() {
    let second = "    server {\n        listen 443 ssl;\n        server_name www.app.test;\n        ssl_certificate /etc/letsencrypt/live/app.test/fullchain.pem;\n        ssl_certificate_key /etc/letsencrypt/live/app.test/privkey.pem;\n    }\n}\n";
    let text = format!("{}{second}", GOOD.strip_suffix("}\n").unwrap());
    let said = loud(&text, Version::V1_22);
    assert!(said.contains(&("conflicting-server-name".into(), 31)), "{said:?}");
    let circle = "server { listen 80; server_name a.test; return 301 https://www.a.test$request_uri; }\nserver { listen 443 ssl; server_name www.a.test; ssl_certificate /a; ssl_certificate_key /b; return 301 http://a.test$request_uri; }\n";
    let said = loud(circle, Version::V1_22);
    assert!(said.iter().any(|(rule, _)| rule == "redirect-circle"), "{said:?}");
}

#[test]
fn a_comment_silences_one_line() {
    let text = "server {\n    # lockstep:ignore server-tokens-on it is a test server\n    server_tokens on;\n    gzip yes; # lockstep:ignore flag-not-on-or-off\n    etag yes;\n}\n";
    let rules: Vec<_> = lint(text, &Options::default())
        .findings
        .into_iter()
        .map(|finding| (finding.rule, finding.place.line))
        .collect();
    assert_eq!(rules, [("flag-not-on-or-off".to_owned(), 5)]);
}

#[test]
fn an_include_that_was_not_pasted_leaves_rules_undecided() {
    let text = "server {\n    location / {\n        include snippets/headers.conf;\n        proxy_pass http://127.0.0.1:8000;\n    }\n}\n";
    let linted = lint(text, &Options::default());
    assert!(linted.findings.iter().all(|finding| finding.severity == Severity::Note), "{:#?}", linted.findings);
    assert!(linted.undecided.iter().any(|one| one.rule == "proxy-headers-missing" && one.place.line == 3));
    assert!(linted.findings.iter().any(|finding| finding.rule == "include-not-pasted"));
}

#[test]
fn a_dump_is_read_with_its_includes_in_place() {
    let text = "# configuration file /etc/nginx/nginx.conf:\nevents {}\nhttp {\n    include /etc/nginx/sites-enabled/*;\n    include conf.d/*.conf;\n}\n\n# configuration file /etc/nginx/sites-enabled/app:\nserver {\n    listen 80;\n    server_name app.test;\n    location / {\n        include snippets/headers.conf;\n        proxy_pass http://127.0.0.1:8000;\n    }\n}\n\n# configuration file /etc/nginx/snippets/headers.conf:\nproxy_set_header X-Real-IP $remote_addr;\n\n# configuration file /etc/nginx/sites-enabled/old:\nserver {\n    listen 80;\n    server_name app.test;\n}\n";
    let linted = lint(text, &Options::default());
    assert!(linted.everything && linted.undecided.is_empty());
    let of = |rule: &str| linted.findings.iter().find(|finding| finding.rule == rule);
    let headers = of("proxy-headers-missing").unwrap();
    assert_eq!(
        (headers.place.path.as_str(), headers.place.line, headers.place.pasted_line),
        ("/etc/nginx/sites-enabled/app", 6, 14)
    );
    let twin = of("conflicting-server-name").unwrap();
    assert_eq!(twin.place.path, "/etc/nginx/sites-enabled/old");
    assert_eq!(twin.related[0].place.line, 3);
    assert!(linted.findings.iter().all(|finding| !finding.refused));
}

#[test]
fn findings_survive_the_wire() {
    let linted = lint("server { listen 443\n gzip yes; }", &Options::default());
    assert!(!linted.findings.is_empty());
    let wire = serde_json::to_string(&linted).unwrap();
    assert_eq!(serde_json::from_str::<nginx::Linted>(&wire).unwrap(), linted);
}

#[test]
fn safe_fixes_give_each_header_once() {
    let text = "server {
    listen 80;
    server_name app.test;
    proxy_set_header Host $host;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    location /ws/ {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_pass http://127.0.0.1:8000;
        if ($arg_a) {
            proxy_set_header X-B 1;
        }
    }
}
";
    let rules = |text: &str| -> Vec<String> {
        let linted = nginx::lint(text, &Options::default());
        linted
            .findings
            .into_iter()
            .map(|finding| finding.rule)
            .filter(|rule| rule.starts_with("proxy-headers"))
            .collect()
    };
    assert_eq!(rules(text), ["proxy-headers-dropped"], "one cause, one finding");
    let fixed = nginx::apply_safe(text, &Options::default());
    assert_eq!(rules(&fixed), [""; 0]);
    for name in ["Host", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Proto"] {
        let count = fixed.matches(&format!("proxy_set_header {name} ")).count();
        assert_eq!(count, 2, "{name}: once in the server, once in the location:\n{fixed}");
    }
    let inside = fixed.split("if ($arg_a) {").nth(1).unwrap().split('}').next().unwrap();
    assert_eq!(inside.trim(), "proxy_set_header X-B 1;", "nothing is added where nothing of the kind may stand");
}

#[test]
fn a_line_of_nothing_but_braces_comes_to_an_end() {
    for text in ["{".repeat(200_000), "location / {".repeat(20_000)] {
        let linted = nginx::lint(&text, &Options::default());
        assert!(linted.findings.iter().any(|finding| finding.rule == "unclosed-brace"));
    }
}

#[test]
fn ssl_on_a_socket_counts_for_every_server_on_it() {
    let two = |second: &str| {
        let one = |listen: &str| {
            format!(
                "server {{ listen {listen}; server_name a.test; ssl_certificate /a.pem; ssl_certificate_key /a.key; }}\n"
            )
        };
        let text = one("443 ssl default_server") + &one(second).replace("a.test", "b.test");
        lint(&text, &Options::default()).findings.iter().any(|finding| finding.rule == "plain-http-on-443")
    };
    assert!(!two("443"));
    assert!(!two("*:443"));
    assert!(two("10.0.0.1:443"));
}

#[test]
fn a_folder_beside_the_servers_may_hold_what_they_inherit() {
    let of = |folder: &str| {
        let text = format!(
            "events {{}} http {{ include {folder}; server {{ listen 443 ssl; server_name acme.test; location / {{ proxy_pass http://127.0.0.1:8000; }} }} }}"
        );
        let linted = lint(&text, &Options::default());
        ["certificate-missing", "proxy-headers-missing"].map(|rule| {
            (linted.findings.iter().any(|one| one.rule == rule), linted.undecided.iter().any(|one| one.rule == rule))
        })
    };
    assert_eq!(of("conf.d/*.conf"), [(false, true); 2]);
    assert_eq!(of("mime.types"), [(true, false); 2]);
}

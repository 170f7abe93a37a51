//! What people really paste, and what they get told: each mistake once, at its place, with a fix that mends it; and the
//! near neighbours, of which nothing is said.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

use findings::Severity;
use nginx::{Options, apply_safe, lint};

/// `rule line:column` of all that is more than a note.
fn said(text: &str) -> Vec<String> {
    let loud = |finding: &nginx::Finding| finding.severity > Severity::Note;
    let findings = lint(text, &Options::default()).findings;
    let spot =
        |finding: nginx::Finding| format!("{} {}:{}", finding.rule, finding.place.pasted_line, finding.place.column);
    findings.into_iter().filter(loud).map(spot).collect()
}

/// Says exactly this, and nothing once the safe fixes are applied.
fn mended(text: &str, expected: &[&str], after: &str) {
    assert_eq!(said(text), expected, "{text}");
    let fixed = apply_safe(text, &Options::default());
    assert_eq!(fixed, after);
    assert_eq!(said(&fixed), [""; 0], "{fixed}");
}

fn quiet(text: &str) {
    assert_eq!(said(text), [""; 0], "{text}");
}

#[test]
fn a_heredoc_with_its_continuation_prompts_is_read() {
    let text = "$ sudo tee /etc/nginx/sites-available/app <<'EOF'\n> server {\n>     listen 80\n>     server_name a.test;\n> }\n> EOF\n$ sudo nginx -t\n";
    mended(text, &["missing-semicolon 3:7"], &text.replace("listen 80", "listen 80;"));
    let place = &lint(text, &Options::default()).findings[0].place;
    assert_eq!((place.path.as_str(), place.line), ("/etc/nginx/sites-available/app", 2));
    // Root's prompt, and a mail that cites.
    assert_eq!(said("# cat > /etc/nginx/a <<EOF\n> server { lisen 80; }\n> EOF\n"), ["unknown-directive 2:12"]);
    assert_eq!(said("> server {\n>   lisen 80;\n> }\n"), ["unknown-directive 2:5"]);
    quiet("server {\n    # cat <<EOF\n    listen 80;\n}\n");
}

#[test]
fn where_nothing_was_read_that_is_said() {
    for text in [
        "sudo nginx -t\nsudo systemctl reload nginx\n",
        "```json\n{\"a\": 1}\n```\n",
        "2026/11/21 10:00:00 [emerg] 1#1: unknown directive \"foo\" in /etc/nginx/sites-enabled/app:3\n",
        "# nothing but this\n",
        "",
    ] {
        assert_eq!(said(text), ["nothing-read 1:1"], "{text}");
    }
    quiet("events {}\n");
    quiet("# a comment\nserver { listen 80; }\n");
}

#[test]
fn prompts_in_fences_are_none_of_nginx() {
    for fence in ["", "bash", "console", "nginx"] {
        let text = format!(
            "Here it is:\n```{fence}\n$ cat /etc/nginx/sites-enabled/app\nserver {{\n    lisen 80;\n}}\nroot@host:~# nginx -t\n# nginx -s reload\n```\nThanks.\n"
        );
        assert_eq!(said(&text), ["unknown-directive 5:5"], "{text}");
    }
    // Another language's fence stays shut.
    quiet("```js\nif (a) {\n  lisen(80);\n}\n```\n```nginx\nserver { listen 80; }\n```\n");
}

#[test]
fn what_nginx_and_its_log_said_is_no_directive() {
    let config = "server {\n    listen 80;\n}\n";
    for message in [
        "nginx: [emerg] unknown directive \"foo\" in /etc/nginx/sites-enabled/app:3",
        "nginx: configuration file /etc/nginx/nginx.conf test failed",
        "2026/11/21 10:00:00 [emerg] 1#1: unknown directive \"foo\" in /etc/nginx/sites-enabled/app:3",
        "web-1  | 2026/11/21 10:00:00 [error] 29#29: *1 connect() failed (111: Connection refused)",
        "Nov 21 10:00:00 web nginx[812]: nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)",
        "Nov 21 10:00:00 web systemd[1]: nginx.service: Failed with result 'exit-code'.",
        "192.0.2.1 - - [21/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 502 157 \"-\" \"curl/8.5.0\"",
    ] {
        quiet(&format!("{message}\n{config}"));
        quiet(&format!("{config}{message}\n"));
        // Where a sign is missing before it, it is still no value.
        assert_eq!(said(&format!("server {{\n    listen 80\n{message}\n}}\n")), ["missing-semicolon 2:5"], "{message}");
    }
    quiet(
        "events {}\nhttp {\n    log_format main '$remote_addr [$time_local] \"$request HTTP/1.1\" '\n                    '$status';\n}\n",
    );
}

#[test]
fn a_pattern_with_braces_is_to_be_quoted() {
    mended(
        "server {\n    location ~ ^/user/[0-9]{2,5}$ {\n        return 204;\n    }\n}\n",
        &["unquoted-braces 2:16"],
        "server {\n    location ~ \"^/user/[0-9]{2,5}$\" {\n        return 204;\n    }\n}\n",
    );
    mended(
        "server {\n    rewrite ^/u/(\\d{2,})$ /x/$1 last;\n    if ($uri ~ ^/(a{3})$) { return 403; }\n}\n",
        &["unquoted-braces 2:13", "unquoted-braces 3:16"],
        "server {\n    rewrite \"^/u/(\\d{2,})$\" /x/$1 last;\n    if ($uri ~ \"^/(a{3})$\") { return 403; }\n}\n",
    );
    quiet("server {\n    location ~ \"^/a{2}$\" { return 204; }\n    location /b{ return 204; }\n}\n");
}

#[test]
fn a_line_for_people_becomes_a_comment() {
    mended(
        "Here is my server:\nserver {\n    // the main site\n    listen 80; // plain\n    ...\n    Then add this to the file\n    location / {\n        return 204;\n    }\n    /* not\n       this */\n}\nThat is all of it.\n",
        &[
            "remark-without-hash 1:1",
            "remark-without-hash 3:5",
            "remark-without-hash 4:16",
            "remark-without-hash 5:5",
            "remark-without-hash 6:5",
            "remark-without-hash 10:5",
            "remark-without-hash 13:1",
        ],
        "# Here is my server:\nserver {\n    # the main site\n    listen 80; # plain\n    # ...\n    # Then add this to the file\n    location / {\n        return 204;\n    }\n    # /* not\n#        this */\n}\n# That is all of it.\n",
    );
    // A slip of the pen is one, and values may look like anything.
    assert_eq!(
        said("server {\n    Listen 80\n    return 204;\n}\n"),
        ["missing-semicolon 2:5", "unknown-directive 2:5"]
    );
    quiet("map $request_uri $a {\n    default 0;\n    //twice 1;\n    ... 2;\n    Then 3;\n}\n");
}

#[test]
fn what_a_word_processor_put_in_is_named() {
    mended(
        "server {\n    listen\u{a0}80;\n    server_name a.test;\n}\n",
        &["invisible-character 2:11"],
        "server {\n    listen 80;\n    server_name a.test;\n}\n",
    );
    mended(
        "server {\n    listen 80\u{a0}default_server;\n    server_\u{200b}name a.test;\n}\n",
        &["invisible-character 2:14", "invisible-character 3:12"],
        "server {\n    listen 80 default_server;\n    server_name a.test;\n}\n",
    );
    mended(
        "server {\n    add_header X-Robots-Tag “noindex, nofollow”;\n    server_name ‘a.test’;\n}\n",
        &["curly-quotes 2:29", "curly-quotes 3:17"],
        "server {\n    add_header X-Robots-Tag \"noindex, nofollow\";\n    server_name \"a.test\";\n}\n",
    );
    quiet("server {\n    return 200 \"He said\u{a0}“yes”\"; # “so”\n}\n");
    quiet("server {\n    server_name bücher.test;\n}\n");
}

#[test]
fn each_missing_semicolon_is_told_at_its_own_line() {
    let good = "server {\n    listen 80;\n    server_name a.test;\n    root /srv;\n    index index.html;\n    client_max_body_size 20m;\n    gzip on;\n    access_log /var/log/nginx/a.log;\n    location /static/ {\n        alias /srv/static/;\n        expires 7d;\n    }\n    location / {\n        proxy_pass http://127.0.0.1:8000;\n        proxy_set_header Host $host;\n        proxy_set_header X-Real-IP $remote_addr;\n        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n        proxy_set_header X-Forwarded-Proto $scheme;\n        proxy_read_timeout 60s;\n    }\n}\n";
    quiet(good);
    let ends: Vec<usize> = good.match_indices(';').map(|(at, _)| at).collect();
    let mut wrong = Vec::new();
    for run in [1, 2, 3] {
        for these in ends.windows(run) {
            let mut text = good.to_owned();
            these.iter().rev().for_each(|at| text.replace_range(at..&(at + 1), ""));
            let expected: Vec<u32> =
                these.iter().map(|at| u32::try_from(good[..*at].matches('\n').count() + 1).unwrap()).collect();
            for text in [text.clone(), text.replace('\n', "\r\n"), text.replace("    ", "")] {
                let findings = lint(&text, &Options::default()).findings;
                let lines: Vec<u32> = findings
                    .iter()
                    .filter(|finding| finding.severity == Severity::Failed)
                    .map(|finding| if finding.rule == "missing-semicolon" { finding.place.line } else { 0 })
                    .collect();
                if lines != expected {
                    wrong.push(format!("{expected:?} told as {lines:?}:\n{text}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A claim that something is absent is made of what was pasted, unless all of it was.
#[test]
fn what_is_absent_is_absent_from_what_was_pasted() {
    let server = "server {\n    listen 443 ssl;\n    server_name a.test;\n    add_header X $made_elsewhere;\n    location / {\n        proxy_pass http://127.0.0.1:8000;\n    }\n}\n";
    let linted = lint(server, &Options::default());
    assert!(!linted.refused() && linted.stops.is_none(), "{linted:#?}");
    for rule in ["certificate-missing", "unknown-variable", "proxy-headers-missing"] {
        let finding = linted.findings.iter().find(|finding| finding.rule == rule).unwrap();
        assert!(finding.seen.starts_with("In what you pasted: "), "{}", finding.seen);
        assert_eq!(finding.severity, Severity::Warning, "{rule}");
    }
    let whole = format!("events {{}}\nhttp {{\n{server}}}\n");
    for (text, everything) in [(server, true), (whole.as_str(), false)] {
        let linted = lint(text, &Options { everything, ..Options::default() });
        assert!(linted.refused() && linted.findings.iter().all(|finding| !finding.seen.contains("you pasted")));
    }
}

/// So that no new rule forgets it: what its examples are told in words of absence is either said of what was pasted, or
/// the rule stands here with why it need not be.
#[test]
fn no_rule_forgets_to_say_so() {
    const WITHIN: [(&str, &str); 15] = [
        ("missing-semicolon", "a sign of the text itself"),
        ("extra-brace", "a sign of the text itself"),
        ("text-after-quote", "a sign of the text itself"),
        ("missing-opening-brace", "a sign of the text itself"),
        ("unexpected-block", "a sign of the text itself"),
        ("empty-statement", "a sign of the text itself"),
        ("nothing-read", "it speaks of what was pasted"),
        ("unknown-variable", "a near name is a slip of the pen, whatever else there is"),
        ("bad-target", "it is there, and stands in the way"),
        ("bad-upstream", "a block is all there is of it"),
        ("not-redirected-to-https", "a redirect stands in the server itself; an include leaves it undecided"),
        ("redirect-without-scheme", "a part of the value"),
        ("buffering-off", "it is said outright"),
        ("referers-none", "a part of the list"),
        ("exact-path-as-pattern", "a part of the pattern"),
    ];
    let absence =
        ["Nothing ", "nothing ", "Nobody ", "does not get", " without ", " is missing", "names no ", " has no ", "No "];
    let mut forgot = Vec::new();
    for rule in nginx::rules::ALL {
        let doc = rule.about().doc;
        for example in doc.split("```nginx fires").skip(1) {
            let (options, text) = example.split("```").next().unwrap().split_once('\n').unwrap();
            if options.contains("everything") || text.contains("http {") {
                continue;
            }
            for finding in lint(text, &Options::default()).findings {
                let says = absence.iter().any(|word| finding.seen.contains(word));
                let known = finding.seen.starts_with("In what you pasted: ")
                    || WITHIN.iter().any(|(own, _)| finding.rule == *own);
                if finding.rule == rule.about().id && says && !known {
                    forgot.push(format!("{}: {}", finding.rule, finding.seen));
                }
            }
        }
    }
    forgot.dedup();
    assert!(forgot.is_empty(), "{forgot:#?}");
}

/// Circles: what the redirect map draws, the linter finds.
#[test]
fn a_circle_is_found_however_it_is_written() {
    const TLS: &str = "ssl_certificate /a/fullchain.pem; ssl_certificate_key /a/privkey.pem;";
    let tls = |name: &str, rest: &str| format!("server {{ listen 443 ssl; server_name {name}; {TLS} {rest} }}\n");
    let plain = |name: &str, rest: &str| format!("server {{ listen 80; server_name {name}; {rest} }}\n");
    let circles = |text: &str| -> Vec<String> {
        let found = lint(text, &Options::default()).findings.into_iter().map(|finding| finding.rule);
        let own: Vec<String> =
            found.filter(|rule| matches!(rule.as_str(), "redirect-circle" | "redirect-to-itself")).collect();
        let config = nginx::Config::read(&[nginx::Source { name: "", text }], None, false);
        let drawn = nginx::redirect_map(&config, &nginx::Fancy::default()).loops.len();
        assert_eq!(drawn > 0, !own.is_empty(), "{drawn} drawn, said {own:?}: {text}");
        own
    };
    let itself = ["redirect-to-itself"];
    assert_eq!(circles(&tls("own.test", "return 301 https://own.test/;")), itself);
    assert_eq!(circles(&tls("own.test", "location / { return 301 https://own.test/start; }")), itself);
    assert_eq!(circles(&plain("own.test", "return 301 /;")), itself);
    assert_eq!(circles(&plain("own.test", "return 301 //www.own.test$request_uri;")), itself);
    assert_eq!(circles(&plain("own.test", "rewrite ^ /start permanent;")), itself);
    let wild = plain("a.test", "return 301 https://www.a.test$request_uri;");
    assert_eq!(circles(&(wild.clone() + &tls("*.a.test", "return 301 http://a.test/;"))), ["redirect-circle"]);
    assert_eq!(
        circles(&(wild.clone() + &tls(".a.test", "return 301 http://a.test$request_uri;"))),
        ["redirect-circle"]
    );
    for healthy in [
        wild.clone() + &tls("*.a.test", "root /srv;"),
        wild + &tls("www.a.test", "root /srv;") + &tls("*.a.test", "return 301 http://a.test$request_uri;"),
        tls("own.test", "return 301 https://other.test/;"),
        tls("own.test", "location = / { return 301 /start; } location / { root /srv; }"),
        tls("own.test", "location / { return 301 https://own.test/start/; } location /start/ { root /srv; }"),
        plain("own.test", "return 301 https://$host$request_uri;"),
        plain("_", "return 301 https://own.test/;"),
    ] {
        assert_eq!(circles(&healthy), [""; 0], "{healthy}");
    }
}

#[test]
fn what_is_added_ends_its_lines_as_the_others_do() {
    let text = "server {\r\n    listen 80\r\n    server_name a.test;\r\n    location / {\r\n        proxy_pass http://127.0.0.1:8000;\r\n    }\r\n}\r\n";
    let fixed = apply_safe(text, &Options::default());
    assert!(fixed.contains("proxy_set_header Host $host;\r\n"), "{fixed:?}");
    assert_eq!(fixed.matches('\n').count(), fixed.matches("\r\n").count(), "{fixed:?}");
    assert!(!fixed.contains("\r\r"), "{fixed:?}");
    assert!(!apply_safe(&text.replace("\r\n", "\n"), &Options::default()).contains('\r'));
}

/// Whatever is typed into the generator: it is refused with a word about it, or what comes out is fine.
#[test]
fn the_generator_writes_nothing_that_the_linter_refuses() {
    let site = |app: &str, tls: bool| nginx::Site {
        domain: "lockstep-test.org".into(),
        app: app.into(),
        tls,
        ..nginx::Site::default()
    };
    for app in [
        "127.0.0.1:443",
        "127.0.0.1:80",
        "localhost:443",
        "[::1]:443",
        "lockstep-test.org:443",
        "WWW.lockstep-test.org:80",
        "127.0.0.9:80",
    ] {
        let refused = nginx::generate(&site(app, true)).unwrap_err();
        assert_eq!((refused.len(), refused[0].field.as_str()), (1, "app"), "{app}");
        assert!(refused[0].text.contains("port"), "{}", refused[0].text);
    }
    for (app, tls) in [
        ("127.0.0.1:443", false),
        ("127.0.0.1:8000", true),
        ("app:80", true),
        ("backend.internal:443", true),
        ("lockstep-test.org:8000", true),
    ] {
        let text = nginx::generate(&site(app, tls)).unwrap_or_else(|why| panic!("{app}: {why:?}"));
        quiet(&text);
    }
}

#[test]
fn a_value_of_a_later_release_is_told_so() {
    let text = "server {\n    listen 80;\n    proxy_http_version 2;\n}\n";
    let at =
        |version: &str| lint(text, &Options { version: nginx::Version::parse(version), everything: false }).findings;
    let old = at("1.22");
    assert_eq!((old[0].rule.as_str(), old[0].refused), ("value-not-in-list", true));
    assert!(old[0].means.contains("since 1.29.4"), "{}", old[0].means);
    assert!(at("mainline").is_empty());
}

//! Our verdict against the real nginx, where one is installed: the same configurations, accepted or refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking
#![allow(clippy::print_stderr)] // it says what was not run

use std::{path::Path, process::Command};

use nginx::{Options, Version, directives, lint};

mod generate;
mod mutate;
mod probes;
mod random;

/// nginx's verdict and its first complaint.
fn ask(folder: &Path, text: &str) -> (bool, String) {
    let file = folder.join("nginx.conf");
    std::fs::write(&file, text).unwrap();
    let out = Command::new("nginx").arg("-t").arg("-p").arg(folder).arg("-c").arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    // A name that nginx quotes may hold line ends.
    let first = said.find("[emerg]").and_then(|at| said.get(at..)).unwrap_or_default();
    let first = first
        .split("\nnginx: configuration file")
        .next()
        .unwrap_or_default()
        .split("\n20")
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_owned();
    (out.status.success(), first)
}

/// The installed release, or `None` with a word about it.
fn installed() -> Option<Version> {
    let Ok(out) = Command::new("nginx").arg("-v").output() else {
        eprintln!("not run: no nginx on PATH");
        return None;
    };
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let version = said.split("nginx/").nth(1)?.split_whitespace().next()?;
    Version::parse(version)
}

/// A scratch folder with what the configurations name: two certificates' files, logs, pages.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["logs", "html"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    std::fs::write(folder.path().join("mime.types"), "types { text/html html; }").unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["example.com".to_owned()]).unwrap();
    std::fs::write(folder.path().join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    folder
}

fn head() -> String {
    "error_log stderr;\npid nginx.pid;\nevents {}\n".to_owned()
}

fn http(inner: &str) -> String {
    format!("{}http {{\naccess_log off;\n{inner}\n}}\n", head())
}

fn server(inner: &str) -> String {
    http(&format!("server {{\nlisten 8099;\n{inner}\n}}"))
}

fn location(inner: &str) -> String {
    server(&format!("location /x {{\n{inner}\n}}"))
}

fn corpus() -> Vec<String> {
    let mut all = vec![http(""), head() + "http {", head() + "http {}}", "http {}".to_owned(), head() + "bogus;"];
    for inner in [
        "server { listen 8099; }",
        "server { listen 8099 }",
        "server { listen 8099; ",
        "server { listen 8099; }}",
        "server { listen 8099;; }",
        "server { listen 8099; };",
        "server listen 8099; }",
        "server { { listen 8099; } }",
        "server { listen 8099\n root /x;\n }",
        "server { return 200 \"a; }",
        "server { return 200 'it's'; }",
        "server { return 200 \"it's\"; }",
        "server { return 200 \"a\\\"b\"; }",
        "server { return 200 a\\;b; }",
        "server { return 200 a\"b; }",
        "server { set $a \"${host}x\"; return 200 $a; }",
        "server { set $a ${host}x; return 200 \"{}\"; }",
        "server { if ($host = \"a\") { return 200; } }",
        "server { if ($host = a) { return 200; } }",
        "server { listen 8099; listen 8099; }",
        "server { listen 8099; listen *:8099; }",
        "server { listen 8099; listen 127.0.0.1:8099; }",
        "server { listen 8099 default_server; } server { listen 8099 default_server; }",
        "server { listen 8099 default_server; } server { listen 0.0.0.0:8099; }",
        "server { listen 8099 bogus; }",
        "server { listen 99999; }",
        "server { listen 80x; }",
        "server { listen 127.0.0.1:x; }",
        "server { listen unix:nginx.sock; }",
        "server { listen; }",
        "server { listen 8099 ssl; }",
        "server { listen 8099 ssl; ssl_reject_handshake on; }",
        "server { listen 8099; server_name a.test; } server { listen 8099; server_name a.test; }",
        "server { listen 8099; server_name https://a.test; }",
        "server { listen 8099; server_name a.*.test; }",
        "server { listen 8099; server_name *; }",
        "server { listen 8099; server_name *.test test.* .a.test; }",
        "server { listen 8099; server_name ~^(?<x>.*)$; return 200 $x; }",
        "upstream a { server 127.0.0.1:1; } server { listen 8099; location / { proxy_pass http://a; } }",
        "upstream a { server 127.0.0.1:1; listen 80; } ",
        "map $host $x { default 1; a 2; } server { listen 8099; return 200 $x; }",
        "map $host $x { default 1; a 2 3; } server { listen 8099; return 200 $x; }",
        "types { text/html html; }",
        "types { text/html { html; } }",
        "geo $g { default 0; 10.0.0.0/8 1; }",
        "split_clients $remote_addr $s { 50% a; * b; }",
        "log_format m '$remote_addr'\n '$status';",
        "log_format m '$remote_adr';",
        "location / {}",
        "listen 80;",
        "proxy_pass http://a;",
        "gzip on; gzip off;",
        "gzip maybe;",
        "gzip ON;",
        "gzip_comp_level 10;",
        "gzip_comp_level x;",
        "keepalive_timeout 65; keepalive_timeout 70;",
        "client_max_body_size 1m; client_max_body_size 2m;",
        "include mime.types;\n",
        "sendfile on\n tcp_nopush on;",
        "sendfile\n on;",
        "worker_processes 1;",
        "events {}",
        "server_tokens build;",
        "server_tokens bogus;",
        "proxy_redirect default;",
        "ssl_protocols TLSv1.2 TLS1.3;",
        "ssl_protocols tlsv1.2;",
        "add_header A 1; add_header A 2;",
        "add_header A;",
        "add_header A 1 2 3;",
    ] {
        all.push(http(inner));
    }
    for inner in [
        "return 200 $hots;",
        "return 200 $http_anything$arg_x$cookie_y;",
        "return 200 \"$1 $\";",
        "return 301 https://$host$request_uri;",
        "rewrite ^/a(.*)$ /b$1 permanent;",
        "rewrite ^/a$ /$bogus;",
        "set $x $y;",
        "set $x 1; return 200 $X;",
        "root /a; root /b;",
        "root /a\nindex b;",
        "index a; index b;",
        "location / {} location / {}",
        "location / {} location ^~ / {}",
        "location / {} location = / {}",
        "location ~ a {} location ~ a {}",
        "location @a {} location @a {}",
        "location /a { location /a/b {} }",
        "location ~ ^/a$ { proxy_pass http://127.0.0.1:1/; }",
        "location ~ ^/a$ { proxy_pass http://127.0.0.1:1; }",
        "location @a { proxy_pass http://127.0.0.1:1/b; }",
        "location / { if ($host) { proxy_pass http://127.0.0.1:1/; } }",
        "location / { limit_except GET { proxy_pass http://127.0.0.1:1/; } }",
        "location / { limit_except GET { deny all; } }",
        "if ($host) { if ($host) { return 200; } }",
        "if ($host) { root /x; }",
        "location / { if ($host) { root /x; } }",
        "server { }",
        "http2 on;",
        "ssl on;",
        "ssl off;",
        "try_files $uri;",
        "try_files $uri =404;",
        "error_page 404 /x;",
        "error_page 404;",
        "access_log off;",
        "server_name a.test b.test; server_name c.test;",
        "client_max_body_size 20mb;",
        "client_max_body_size 20 m;",
        "client_max_body_size 1g;",
        "client_max_body_size 1k;",
        "client_header_timeout 1h 30m;",
        "client_header_timeout \"1h 30m\";",
        "client_header_timeout 1h30m;",
        "client_header_timeout 2min;",
        "client_header_timeout 30;",
        "client_header_timeout 30s1m;",
        "client_header_timeout 1d2x;",
        "client_header_timeout 500ms;",
        "proxy_buffers 8 16k;",
        "proxy_buffers 0 16k;",
        "proxy_buffers x 16k;",
        "proxy_buffers 8;",
        "resolver_timeout 5x;",
        "ssl_session_timeout 1d;",
        "ssl_session_timeout 1dd;",
        "limit_rate 10k;",
        "sever_name a;",
        "Listen 80;",
        "listen 8098;",
        "if ($host) { return 200; } else { return 404; }",
        "location { }",
        "location / a b { }",
        "location ~ ^/x{2}$ { }",
        "location ~ \"^/x{2}$\" { }",
        "location ~ ^/x{2,}$ { return 200; }",
        "rewrite ^/u/(\\d{2,5})$ /x/$1 last;",
        "if ($uri ~ ^/(a{3})$) { return 403; }",
        "if ($uri ~ \"^/(a{3})$\") { return 403; }",
        "// a comment\nreturn 200;",
        "return 200; // a comment",
        "/* a comment */ return 200;",
        "...\nreturn 200;",
        "Then add this\nlocation /y { }",
        "Here it is:\nreturn 200;",
        "server_name\u{a0}a.test;",
        "server_name a.test\u{a0}b.test;",
        "server_name a.test\u{a0};",
        "ser\u{200b}ver_name a.test;",
        "listen 8098\u{a0}default_server;",
        "listen 8098\u{a0};",
        "add_header X “a b”;",
        "add_header X “ab”;",
        "add_header X “a b c”;",
        "server_name ‘a.test’;",
        "return “200”;",
    ] {
        all.push(server(inner));
    }
    for inner in [
        "root /a; alias /b;",
        "alias /a; alias /b;",
        "proxy_pass 127.0.0.1:1;",
        "proxy_pass unix:/run/a.sock;",
        "proxy_pass http://unix:/run/a.sock;",
        "proxy_pass http://unix:/run/a.sock:/b;",
        "proxy_pass http:/127.0.0.1;",
        "proxy_pass HTTP://127.0.0.1:1;",
        "proxy_pass http://127.0.0.1:1; proxy_pass http://127.0.0.1:2;",
        "proxy_pass http://127.0.0.1:1/$uri;",
        "proxy_pass http://127.0.0.1:1;\nproxy_set_header Host $host\nproxy_set_header A b;",
        "proxy_set_header Host;",
        "proxy_set_header Host $host;",
        "proxy_redirect off; proxy_redirect default;",
        "proxy_http_version 1.2;",
        "proxy_http_version 1.1;",
        "proxy_http_version 2;",
        "proxy_redirect default; proxy_pass http://127.0.0.1:1;",
        "proxy_redirect default;",
        "proxy_pass http://127.0.0.1:1; proxy_redirect default;",
        "proxy_pass http://127.0.0.1:1$request_uri; proxy_redirect default;",
        "proxy_pass http://127.0.0.1:1; location /x/y { proxy_redirect default; }",
        "proxy_pass http://127.0.0.1:1; proxy_redirect default; proxy_redirect http://a/ /;",
        "proxy_pass http://127.0.0.1:1; proxy_set_header Host a; proxy_set_header Host b;",
        "proxy_pass http://127.0.0.1:1; proxy_set_header X $FOO;",
        "return 200 $FOO;",
        "return 200 $HOST;",
        "proxy_next_upstream error timeout bogus;",
        "proxy_next_upstream error timeout http_502;",
        "proxy_read_timeout 60s;",
        "proxy_read_timeout 60 s;",
        "proxy_buffering no;",
        "expires 7d; expires 1d;",
        "expires 7d;",
        "autoindex_format xml;",
        "autoindex_format yaml;",
        "server_name a;",
        "internal; internal;",
        "internal;",
        "deny all; allow 10.0.0.0/8;",
        "etag on; etag on;",
        "default_type text/plain;",
        "return 200;",
        "listen 80;",
        "upstream a { server b; }",
        "fastcgi_param A b; fastcgi_pass 127.0.0.1:9000;",
        "fastcgi_param A;",
        "types { }",
        "satisfy some;",
        "satisfy any;",
    ] {
        all.push(location(inner));
    }
    all
}

fn compare(texts: &[String], version: Version) -> (usize, Vec<String>) {
    let folder = folder();
    let options = Options { version: Some(version), everything: true };
    let mut refused = 0;
    let mut differ = Vec::new();
    for text in texts {
        let (accepted, said) = ask(folder.path(), text);
        let linted = lint(text, &options);
        refused += usize::from(!accepted);
        let ours: Vec<String> = linted
            .findings
            .iter()
            .filter(|finding| finding.refused)
            .map(|finding| {
                format!("{} line {}: {}", finding.rule, finding.place.line, finding.nginx.clone().unwrap_or_default())
            })
            .collect();
        if accepted != ours.is_empty() {
            differ.push(format!(
                "nginx {}: {said}\nours: {ours:#?}\n{text}",
                if accepted { "accepts" } else { "refuses" }
            ));
            continue;
        }
        // Its first complaint must be among ours, in its own words (it says no more than where a text breaks off).
        let word = said.split("[emerg] ").nth(1).unwrap_or_default();
        let word = word.split_once(": ").map_or(word, |(_, rest)| rest);
        let named = linted
            .findings
            .iter()
            .filter(|finding| finding.refused)
            .any(|finding| finding.nginx.as_ref().is_some_and(|own| word.contains(own.as_str()) || syntax(own)));
        if !accepted && !named && !syntax(word) {
            differ.push(format!("nginx says: {said}\nours: {ours:#?}\n{text}"));
        }
    }
    (refused, differ)
}

/// Where a sign is missing, nginx complains about whatever comes next.
fn syntax(words: &str) -> bool {
    words.starts_with("unexpected") || words.contains("has no opening") || words.contains("is not terminated")
}

#[test]
fn our_verdict_is_nginxs() {
    let Some(version) = installed() else { return };
    let corpus = corpus();
    let (refused, differ) = compare(&corpus, version);
    eprintln!("{} configurations, {refused} refused, {} differ", corpus.len(), differ.len());
    assert!(differ.is_empty(), "{} of {} differ:\n{}", differ.len(), corpus.len(), differ.join("\n----\n"));
    assert!(refused * 10 >= corpus.len() * 4, "only {refused} of {} are refused", corpus.len());
}

/// A sample of the table's names in places where they may not stand: nginx agrees with the table.
#[test]
fn wrong_places_are_refused() {
    let Some(version) = installed() else { return };
    // Modules that a package may leave out, and those of later releases, say "unknown directive": not compared.
    let folder = tempfile::tempdir().unwrap();
    let mut asked = 0;
    for name in directives::names().iter().step_by(9) {
        let rows = directives::rows(name);
        if rows.iter().any(|row| row.third || !row.exists_in(version) || row.is_block()) {
            continue;
        }
        for (text, context) in [
            (server(&format!("{name} on;")), directives::Context::SERVER),
            (head() + &format!("{name} on;"), directives::Context::MAIN),
        ] {
            let (_, said) = ask(folder.path(), &text);
            if said.contains("unknown directive") {
                continue;
            }
            asked += 1;
            let linted = lint(&text, &Options { version: Some(version), everything: true });
            let has = |rule: &str| linted.findings.iter().any(|finding| finding.rule == rule);
            assert_eq!(said.contains("is not allowed here"), has("wrong-context"), "{said}\n{text}{context:?}");
            if !said.contains("is not allowed here") {
                assert_eq!(said.contains("invalid number of arguments"), has("wrong-argument-count"), "{said}\n{text}");
            }
        }
    }
    assert!(asked > 60, "only {asked} were asked");
}

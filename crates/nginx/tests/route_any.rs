//! Whatever is pasted and asked: the explainer and the map answer, soon, and without a panic. And what they say of TLS,
//! addresses and what nobody knows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking
#![allow(clippy::disallowed_methods)] // how long it takes is what is tested

use std::time::{Duration, Instant};

use nginx::{Config, Fancy, Outcome, Pattern, Patterns as _, Request, Route, Source, redirect_map, route};
use proptest::prelude::*;

fn ask(text: &str, url: &str) -> Route {
    ask_with(text, &Request::parse(url).unwrap())
}

fn ask_with(text: &str, request: &Request) -> Route {
    let config = Config::read(&[Source { name: "", text }], None, false);
    route(&config, request, &Fancy::default())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_and_any_url(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..120),
        url in "(https?://)?[a-z.\\[\\]:0-9]{0,12}(/[ -~]{0,20})?",
    ) {
        let text = words.join(" ");
        let config = Config::read(&[Source { name: "", text: &text }], None, false);
        if let Ok(request) = Request::parse(&url) {
            route(&config, &request, &Fancy::default());
        }
        route(&config, &Request::parse("https://a.test/x/..%2f?y=$1").unwrap(), &Fancy::default());
        redirect_map(&config, &Fancy::default());
    }

    #[test]
    fn any_pattern(pattern in "[a-c(){}\\[\\]\\\\?*+|^$.:<>=!0-9,dwsbQEAzx-]{0,24}", text in "[ -~]{0,20}") {
        if let Ok(pattern) = Pattern::from_pcre(&pattern, false) {
            let _ = Fancy::default().find(&pattern, &text);
        }
    }
}

const WORDS: &[&str] = &[
    "server",
    "{",
    "}",
    "{",
    "}",
    ";",
    ";",
    ";",
    "listen",
    "80",
    "443 ssl",
    "[::]:80",
    "server_name",
    "a.test",
    "*.test",
    "~^(.*)$",
    "location",
    "/",
    "/x/",
    "= /x",
    "~ ^/(x)(.*)$",
    "^~ /x",
    "@n",
    "return",
    "301",
    "https://$host$request_uri",
    "404",
    "/x",
    "rewrite",
    "^/(.*)$ /x/$1",
    "^(.*)$ $1$1",
    "last",
    "break",
    "permanent",
    "set $a $a$a$a",
    "set $b \"$uri$1\"",
    "if ($a)",
    "if ($uri ~ (x))",
    "if (-f $request_filename)",
    "if ()",
    "if",
    "(",
    "proxy_pass",
    "http://a/",
    "http://unix:/s:/",
    "http://$a",
    "root /r",
    "alias /r/",
    "try_files $uri $uri/ @n",
    "try_files $uri /x",
    "index x /y",
    "error_page 404 /x",
    "error_page 404 = @n",
    "map $uri $a",
    "map $a $a",
    "default $b",
    "~(.)(.) $a$2",
    "include x",
    "internal",
    "deny all",
    "add_header A $a",
    "proxy_set_header B \"$b$hots\"",
    "limit_except GET",
    "auth_basic x",
    "upstream a",
    "server 127.0.0.1:1",
    "merge_slashes off",
    "autoindex on",
    "$",
    "${",
    "\"",
    "'",
    "http",
];

/// Hostile configurations end within seconds in a build that is not optimised.
#[test]
fn what_multiplies_is_bounded() {
    let nested = "location / {".repeat(5_000) + &"}".repeat(5_000);
    let doubling = "set $a \"$a$a$a$a\";".repeat(2_000);
    let many_names: String =
        (0..3_000).map(|at| format!("server {{ listen 80; server_name ~^a{at}(.*)*b$ x{at}.test; }}\n")).collect();
    let many_patterns: String = (0..30_000).map(|at| format!("location ~ ^/(x+)+y{at}$ {{}}\n")).collect();
    let maps: String =
        (0..200).map(|at| format!("map $v{at} $v{} {{ default \"$v{at}$v{at}\"; }}\n", at + 1)).collect();
    for text in [
        format!("server {{ listen 80; {nested} }}"),
        format!("server {{ listen 80; {doubling} location / {{ return 200 $a; rewrite ^ /$a last; }} }}"),
        many_names,
        format!("server {{ listen 80; {many_patterns} }}"),
        format!("http {{ {maps} server {{ listen 80; return 200 $v200; }} }}"),
        "map $a $b { default $b; } map $b $a { default $a; } server { listen 80; return 200 $a; }".to_owned(),
        "server { listen 80; location / { try_files $uri /; } error_page 404 500 /x; }".to_owned(),
        "server { listen 80; server_name a.test; location / { rewrite ^(.*)$ $1$1 last; } }".to_owned(),
        format!("server {{ listen 80; location ~ {} {{ }} }}", "(".repeat(10_000)),
    ] {
        let start = Instant::now();
        let way = ask(&text, &format!("http://a.test/{}", "x".repeat(2_000)));
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}: {}", start.elapsed(), &text[..60]);
        assert!(way.steps.len() <= 300);
        let size = serde_json::to_string(&way).unwrap().len();
        assert!(size < 12 << 20, "{size}");
    }
}

#[test]
fn what_decides_is_told_after_many_that_do_not() {
    let misses: String = (0..400).map(|at| format!("location ~ ^/no{at}$ {{ return 404; }}\n")).collect();
    let text = format!("server {{ listen 80;\n{misses}\nlocation ~ ^/yes$ {{ return 200 found; }} }}");
    let way = ask(&text, "http://a.test/yes");
    assert!(way.steps.iter().any(|step| step.text.contains("^/yes$")), "{:?}", way.steps.last());
    assert!(matches!(way.outcome, Outcome::Answer { body, .. } if body == "found"));
}

#[test]
fn tls_is_decided_before_the_name() {
    let text = "server { listen 443 ssl default_server; ssl_certificate /d.pem; ssl_certificate_key /k; ssl_reject_handshake on; }
        server { listen 443 ssl; server_name a.test; ssl_certificate /a.pem; ssl_certificate_key /k; return 200 a; }
        server { listen 443; server_name b.test; ssl_certificate /b.pem; ssl_certificate_key /k; return 200 b; }
        server { listen 8080; server_name a.test; return 200 plain; }";
    assert!(matches!(ask(text, "https://a.test/").outcome, Outcome::Answer { body, .. } if body == "a"));
    // TLS is a matter of the socket: the other server's listen speaks it too.
    assert!(matches!(ask(text, "https://b.test/").outcome, Outcome::Answer { body, .. } if body == "b"));
    assert!(matches!(ask(text, "https://c.test/").outcome, Outcome::HandshakeFails { .. }));
    assert!(matches!(ask(text, "https://a.test:8080/").outcome, Outcome::HandshakeFails { .. }));
    let mut request = Request::parse("https://b.test/").unwrap();
    request.sni = Some("a.test".into());
    let way = ask_with(text, &request);
    assert!(way.steps.iter().any(|step| step.text.contains("/a.pem")), "{:?}", way.steps);
    assert!(matches!(way.outcome, Outcome::Answer { body, .. } if body == "b"));
    // Plain HTTP to TLS.
    assert!(matches!(ask(text, "http://a.test:443/").outcome, Outcome::Error { code: 400, .. }));
}

#[test]
fn sockets_are_told_apart() {
    let text = "http { server { listen 80; return 200 any; } server { listen 127.0.0.1:80; return 200 own; }
        server { listen [::]:80; return 200 six; } server { listen 8000-8010; return 200 range; } }";
    let body = |url: &str, address: Option<&str>| {
        let mut request = Request::parse(url).unwrap();
        request.arrives_at = address.map(|address| address.parse().unwrap());
        match ask_with(text, &request).outcome {
            Outcome::Answer { body, .. } => body,
            other => format!("{other:?}"),
        }
    };
    assert_eq!(body("http://a.test/", None), "any");
    assert_eq!(body("http://a.test/", Some("192.0.2.1")), "any");
    assert_eq!(body("http://a.test/", Some("127.0.0.1")), "own");
    assert_eq!(body("http://127.0.0.1/", None), "own");
    assert_eq!(body("http://[2001:db8::1]/", None), "six");
    assert_eq!(body("http://a.test:8007/", None), "range");
    assert!(matches!(ask(text, "http://a.test:8011/").outcome, Outcome::NothingListens { .. }));
    assert!(matches!(ask("server { listen 80; }", "https://a.test/").outcome, Outcome::Undecided { .. }));
}

#[test]
fn what_nobody_knows_is_said() {
    let text = "server { listen 80; root /srv;
        if ($http_x = 1) { return 403; }
        location / { try_files $uri @app; }
        location /who { return 200 \"$remote_addr $host\"; }
        location /go { return 302 https://$cookie_to/; }
        location /var { proxy_pass http://$http_backend; }
        location @app { proxy_pass http://127.0.0.1:8000; proxy_set_header Host $host; proxy_set_header X-Real-IP $remote_addr; } }";
    let way = ask(text, "http://a.test/page");
    assert!(matches!(&way.outcome, Outcome::Proxy { uri, .. } if uri == "/page"));
    assert!(way.assumed.iter().any(|one| one.text.contains("$http_x")), "{:?}", way.assumed);
    assert!(way.assumed.iter().any(|one| one.text.contains("/srv/page")), "{:?}", way.assumed);
    let header = |name: &str| way.request_headers.iter().find(|header| header.name == name).unwrap();
    assert_eq!((header("Host").value.as_str(), header("Host").known), ("a.test", true));
    assert_eq!((header("X-Real-IP").value.as_str(), header("X-Real-IP").known), ("$remote_addr", false));
    assert!(
        matches!(ask(text, "http://a.test/who").outcome, Outcome::Answer { body, .. } if body == "$remote_addr a.test")
    );
    assert!(matches!(ask(text, "http://a.test/go").outcome, Outcome::Redirect { known: false, .. }));
    assert!(matches!(ask(text, "http://a.test/var").outcome, Outcome::Undecided { .. }));
    // What is said is known.
    let mut request = Request::parse("http://a.test/page").unwrap();
    request.headers = Some(vec![("X".into(), "1".into())]);
    request.files = Some(vec!["/srv/page".into()]);
    let way = ask_with(text, &request);
    assert!(matches!(way.outcome, Outcome::Error { code: 403, .. }) && way.assumed.is_empty());
    request.headers = Some(Vec::new());
    let way = ask_with(text, &request);
    assert!(matches!(&way.outcome, Outcome::File { path, .. } if path == "/srv/page") && way.assumed.is_empty());
    // An include that was not pasted.
    let way = ask("server { listen 80; include snippets/x.conf; return 200 a; }", "http://a.test/");
    assert!(way.assumed.iter().any(|one| one.text.contains("snippets/x.conf")));
}

#[test]
fn fragments_are_explained_too() {
    let way = ask("listen 80;\nserver_name a.test;\nlocation / { proxy_pass http://app/; }\n", "http://a.test/x");
    assert!(matches!(&way.outcome, Outcome::Proxy { to, .. } if to == "app"), "{way:?}");
    let way = ask(
        "location /static/ { alias /srv/static/; }\nlocation / { proxy_pass http://app; }\n",
        "https://a.test/static/x.css",
    );
    assert!(matches!(&way.outcome, Outcome::File { path, .. } if path == "/srv/static/x.css"), "{way:?}");
    assert!(matches!(ask("", "http://a.test/").outcome, Outcome::Undecided { .. }));
}

#[test]
fn steps_name_their_lines() {
    let text = "server {\n    listen 80;\n    server_name a.test;\n    location / {\n        return 301 https://$host$request_uri;\n    }\n}\n";
    let way = ask(text, "http://a.test/x");
    let lines: Vec<u32> = way.steps.iter().map(|step| step.place.as_ref().unwrap().line).collect();
    assert_eq!(lines, [2, 3, 4, 5]);
    assert_eq!((way.server.unwrap().line, way.location.unwrap().line), (1, 4));
}

//! The route explainer against the real nginx, where one is installed: generated servers and locations run in it, and
//! what it answers (which block, which status, which Location, which URI the application receives) must be what we say.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking
#![allow(clippy::print_stderr)] // it says what was not run
#![allow(clippy::disallowed_methods)] // a real socket to a real server

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, TcpListener, TcpStream},
    os::unix::net::UnixStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use nginx::{Config, Fancy, Outcome, Request, Source, route};

/// Ports, each with servers that share it.
const PORTS: usize = 60;

/// Requests for each port.
const REQUESTS: usize = 50;

#[test]
fn every_answer_is_nginx_s() {
    if Command::new("nginx").arg("-v").output().is_err() {
        eprintln!("not run: no nginx on PATH");
        return;
    }
    let seed = std::env::var("LOCKSTEP_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() & 0xffff_ffff).unwrap()
    });
    eprintln!("LOCKSTEP_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let files = write_files(folder.path());
    let made = rcgen::generate_simple_self_signed(vec!["one.test".to_owned()]).unwrap();
    std::fs::write(folder.path().join("fullchain.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.path().join("privkey.pem"), made.signing_key.serialize_pem()).unwrap();
    // Between the choice of a port and nginx's use of it, somebody else may take it.
    let (mut random, ports, text, running) = (0..5)
        .find_map(|_| {
            let mut random = Random(seed);
            let ports = free_ports(PORTS);
            let text = configuration(&mut random, folder.path(), &ports);
            let running = Running::start(folder.path(), &text)?;
            Some((random, ports, text, running))
        })
        .expect("nginx does not start");

    let sources = [Source { name: "nginx.conf", text: &text }];
    let config = Config::read(&sources, Some(running.version), true);
    let patterns = Fancy::default();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for port in &ports {
        for _ in 0..REQUESTS {
            let request = self::request(&mut random, *port, &files);
            let theirs = ask(&request);
            let ours = route(&config, &request, &patterns);
            asked += 1;
            *kinds.entry(kind(&ours.outcome)).or_default() += 1;
            let mut complaint = compare(&ours, &theirs, request.method == "HEAD");
            if !ours.assumed.is_empty() {
                let _ = write!(complaint, "assumed: {:?}", ours.assumed);
            }
            if !complaint.is_empty() {
                let steps: String = ours
                    .steps
                    .iter()
                    .map(|step| format!("  {} {}\n", step.place.as_ref().map_or(0, |place| place.line), step.text))
                    .collect();
                wrong.push(format!(
                    "{} {} ({:?})\n{complaint}\nours: {:?}\nsteps:\n{steps}theirs: {theirs:?}\n",
                    request.method,
                    request.url(),
                    request.headers,
                    ours.outcome
                ));
            }
        }
    }
    eprintln!("{asked} requests: {kinds:?}");
    if !wrong.is_empty() {
        let kept = std::env::temp_dir().join(format!("lockstep-route-{seed}.conf"));
        std::fs::write(&kept, &text).unwrap();
        let shown = wrong.iter().take(6).cloned().collect::<Vec<_>>().join("\n");
        panic!("{} of {asked} differ (seed {seed}, configuration in {}):\n{shown}", wrong.len(), kept.display());
    }
    assert!(asked >= 2_000);
    // Every usual kind of answer was met.
    for kind in ["redirect", "answer", "proxy", "file", "error"] {
        assert!(kinds.get(kind).is_some_and(|count| *count >= 5), "too few of {kind}: {kinds:?} (seed {seed})");
    }
}

fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Redirect { .. } => "redirect",
        Outcome::Answer { .. } => "answer",
        Outcome::Proxy { .. } => "proxy",
        Outcome::Handler { .. } => "handler",
        Outcome::File { .. } => "file",
        Outcome::Listing { .. } => "listing",
        Outcome::Error { .. } => "error",
        Outcome::Closed => "closed",
        Outcome::HandshakeFails { .. } => "handshake",
        Outcome::NothingListens { .. } => "nothing",
        Outcome::Undecided { .. } => "undecided",
    }
}

/// What nginx said.
#[derive(Debug, Default)]
struct Theirs {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Theirs {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What differs; empty when nothing does.
fn compare(ours: &nginx::Route, theirs: &Theirs, head: bool) -> String {
    let mut out = String::new();
    let mut same = |what: &str, ours: &str, theirs: &str| {
        if ours != theirs {
            let _ = writeln!(out, "{what}: we say {ours:?}, nginx {theirs:?}");
        }
    };
    let (status, location, body) = match &ours.outcome {
        Outcome::Redirect { code, to, known: true } => (*code, to.clone(), None),
        Outcome::Answer { code, body } => (*code, String::new(), Some(body.clone())),
        Outcome::Proxy { uri, known: true, code, .. } => {
            let header = |name: &str| {
                let found = ours.request_headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
                found.map(|header| header.value.clone()).unwrap_or_default()
            };
            let body = format!("app|{uri}|{}|{}|{}", header("Host"), header("X-Forwarded-Proto"), header("X-Two"));
            // nginx passes on what no application takes.
            if uri.contains(' ') || !uri.starts_with('/') {
                (code.unwrap_or(400), String::new(), None)
            } else {
                (code.unwrap_or(200), String::new(), Some(body))
            }
        }
        Outcome::File { path, known: true, code } => {
            (*code, String::new(), Some(format!("file {}", path.replace("///", "/").replace("//", "/"))))
        }
        Outcome::Listing { code, .. } => (*code, String::new(), None),
        Outcome::Error { code, .. } => (*code, String::new(), None),
        Outcome::Closed => (0, String::new(), None),
        other => {
            let _ = writeln!(out, "undecided: {other:?}");
            return out;
        }
    };
    same("status", &status.to_string(), &theirs.status.to_string());
    same("Location", &location, theirs.header("Location").unwrap_or_default());
    if let Some(body) = body.filter(|_| !head && status != 204 && status != 304) {
        same("body", &body, &theirs.body);
    }
    // Which block replied: each says its number.
    if status != 0 {
        let block = ours.response_headers.iter().find(|header| header.name == "X-Block");
        same("block", block.map_or("", |header| &header.value), theirs.header("X-Block").unwrap_or_default());
        let good = ours.response_headers.iter().find(|header| header.name == "X-Good");
        if !good.is_some_and(|header| header.only_on_success) {
            same("X-Good", good.map_or("", |header| &header.value), theirs.header("X-Good").unwrap_or_default());
        }
    }
    out
}

fn ask(request: &Request) -> Theirs {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, request.port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut text = format!(
        "{} {} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n",
        request.method, request.path, request.host, request.port
    );
    for (name, value) in request.headers.iter().flatten() {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    text.push_str("\r\n");
    stream.write_all(text.as_bytes()).unwrap();
    let mut raw = Vec::new();
    let _ = stream.read_to_end(&mut raw);
    let raw = String::from_utf8_lossy(&raw).into_owned();
    let Some((head, body)) = raw.split_once("\r\n\r\n") else { return Theirs::default() };
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let chunked = headers.iter().any(|(name, value)| name == "Transfer-Encoding" && value == "chunked");
    let body = if chunked { unchunked(body) } else { body.to_owned() };
    Theirs { status, headers, body }
}

fn unchunked(mut body: &str) -> String {
    let mut out = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or(0);
        if size == 0 {
            break;
        }
        out.push_str(&rest[..size]);
        body = rest[size..].trim_start_matches("\r\n");
    }
    out
}

/// nginx on loopback ports, stopped when dropped.
struct Running {
    child: Child,
    version: nginx::Version,
}

impl Running {
    /// `None` when a port is taken.
    fn start(folder: &Path, text: &str) -> Option<Running> {
        let _ = std::fs::remove_file(folder.join("app.sock"));
        let file = folder.join("nginx.conf");
        std::fs::write(&file, text).unwrap();
        let command = |arguments: &[&str]| {
            let mut command = Command::new("nginx");
            command.arg("-p").arg(folder).arg("-c").arg(&file).args(arguments);
            command
        };
        let tested = command(&["-t"]).output().unwrap();
        let said = String::from_utf8_lossy(&tested.stderr);
        if said.contains("Address already in use") {
            return None;
        }
        if !tested.status.success() {
            std::fs::write(std::env::temp_dir().join("lockstep-route-refused.conf"), text).unwrap();
            panic!("nginx refuses what was generated: {said}");
        }
        let version = Command::new("nginx").arg("-v").output().unwrap();
        let version = String::from_utf8_lossy(&version.stderr).into_owned();
        let version = nginx::Version::parse(version.split("nginx/").nth(1).unwrap().split_whitespace().next().unwrap());
        let mut child = command(&[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let socket = folder.join("app.sock");
        let start = Instant::now();
        while UnixStream::connect(&socket).is_err() {
            assert!(start.elapsed() < Duration::from_secs(10), "nginx does not answer");
            if child.try_wait().unwrap().is_some() {
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Running { child, version: version.unwrap() })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_ports(count: usize) -> Vec<u16> {
    // All held at once, so that none comes twice.
    let held: Vec<TcpListener> = (0..count).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()).collect();
    held.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}

/// splitmix64
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// One in `of`.
    fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}

const TREE: [&str; 16] = [
    "index.html",
    "a.txt",
    "err.html",
    "a/index.html",
    "a/b.css",
    "a/x.php",
    "a/b/c.txt",
    "b/home.htm",
    "b/a.txt",
    "static/x.css",
    "static/img/y.txt",
    "static/a b.txt",
    "dir/sub/z.txt",
    "img/index.html",
    "img/x.php",
    "app/index.html",
];

/// Files that hold their own path; the whole list, folders included.
fn write_files(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for root in ["www", "alt"] {
        for name in TREE {
            if root == "alt" && name.starts_with("b/") {
                continue;
            }
            let path = folder.join(root).join(name);
            let parent = path.parent().unwrap();
            std::fs::create_dir_all(parent).unwrap();
            std::fs::write(&path, format!("file {}", path.display())).unwrap();
            all.push(path.display().to_string());
            for above in parent.ancestors().take_while(|above| above.starts_with(folder)) {
                all.push(format!("{}/", above.display()));
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

fn request(random: &mut Random, port: u16, files: &[String]) -> Request {
    const HOSTS: [&str; 14] = [
        "one.test",
        "two.test",
        "www.two.test",
        "deep.www.two.test",
        "wild.three.test",
        "three.test",
        "shop.example",
        "shop.test",
        "r7.four.test",
        "r12.four.test",
        "five.test",
        "nobody.test",
        "127.0.0.1",
        "one.test.",
    ];
    const PARTS: [&str; 30] = [
        "a",
        "b",
        "a",
        "b",
        "static",
        "img",
        "dir",
        "sub",
        "app",
        "x.php",
        "b.css",
        "a.txt",
        "y.txt",
        "index.html",
        "home.htm",
        "err.html",
        "c.txt",
        "..",
        ".",
        "",
        "%61",
        "a%20b.txt",
        "a+b",
        "a%2fb",
        "%2e%2e",
        "A",
        "old",
        "new",
        "q%3fr",
        "in",
    ];
    let mut path = String::new();
    for _ in 0..=random.below(4) {
        path.push('/');
        path.push_str(random.pick(&PARTS));
    }
    if random.one_in(3) {
        path.push('/');
    }
    if random.one_in(8) {
        path = "/".to_owned();
    }
    if random.one_in(3) {
        // Something that is there, or a folder on the way to it.
        let known = random.pick(&TREE).replace(' ', "%20");
        path = format!("/{known}");
        for _ in 0..random.below(3) {
            path.truncate(path.trim_end_matches('/').rfind('/').map_or(1, |at| at + 1));
        }
    }
    if random.one_in(3) {
        path.push_str(random.pick(&["?x=1", "?x=2&y=3", "?", "?a=%20b", "?next=/a?b", "?X=1"]));
    }
    let mut headers = Vec::new();
    if random.one_in(3) {
        headers.push(("X-One".to_owned(), random.pick(&["1", "two words", "a"]).to_owned()));
    }
    if random.one_in(4) {
        headers.push(("Cookie".to_owned(), random.pick(&["c=1; d=2", "d=3", "c=a"]).to_owned()));
    }
    let method = random.pick(&["GET", "GET", "GET", "GET", "GET", "GET", "GET", "HEAD", "POST", "DELETE"]);
    Request {
        https: false,
        host: random.pick(&HOSTS).to_owned(),
        port,
        path,
        sni: None,
        method: method.to_owned(),
        arrives_at: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        headers: Some(headers),
        files: Some(files.to_vec()),
    }
}

/// Writes configurations that nginx accepts.
struct Generator<'g> {
    random: &'g mut Random,
    folder: String,
    out: String,
    block: usize,
    /// Locations with a name in this server.
    named: usize,
    /// This location has its `limit_except`.
    limited: bool,
}

fn configuration(random: &mut Random, folder: &Path, ports: &[u16]) -> String {
    let mut generator = Generator {
        random,
        folder: folder.display().to_string(),
        out: String::new(),
        block: 0,
        named: 0,
        limited: false,
    };
    let scratch = generator.folder.clone();
    generator.out = format!(
        "daemon off;\nmaster_process off;\npid {scratch}/nginx.pid;\nerror_log {scratch}/error.log;\nevents {{ worker_connections 512; }}\nhttp {{\naccess_log off;\n\
         client_body_temp_path {scratch}/t1;\nproxy_temp_path {scratch}/t2;\nfastcgi_temp_path {scratch}/t3;\nuwsgi_temp_path {scratch}/t4;\nscgi_temp_path {scratch}/t5;\n\
         default_type text/plain;\nssl_certificate fullchain.pem;\nssl_certificate_key privkey.pem;\nserver_names_hash_bucket_size 128;\n\
         upstream backend {{ server unix:{scratch}/app.sock; }}\n\
         map $uri $kind {{ default page; ~\\.css$ style; ~*^/(A|b)/(?<mapped>.*) $mapped; /a.txt text; }}\n\
         map $arg_y $tree {{ default www; 3 alt; }}\n\
         map $http_x_one $one {{ default \"\"; 1 yes; ~^two no; }}\n\
         map $host $site {{ hostnames; default none; .two.test two; *.three.test three; shop.* shop; one.test $one; }}\n\
         server {{ listen unix:{scratch}/app.sock; merge_slashes off; return 200 \"app|$request_uri|$http_host|$http_x_forwarded_proto|$http_x_two\"; }}\n"
    );
    for port in ports {
        generator.port(*port);
    }
    generator.out.push_str("}\n");
    generator.out
}

impl Generator<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn port(&mut self, port: u16) {
        let mut names = vec![
            "one.test",
            "two.test .two.test",
            "*.three.test",
            "shop.*",
            "~^r\\d+\\.four\\.test$",
            "~^(?<sub>r\\d)(\\d*)\\.four\\.test$",
            "\"\"",
            "five.test *.www.two.test",
            "deep.*",
            "~^(.+)\\.test$",
        ];
        let count = 1 + self.random.below(5);
        // What is asked is plain HTTP all the same: nginx says 400, or what error_page 497 makes of it.
        let tls = self.random.one_in(15).then(|| self.random.below(count));
        let default = self.random.below(count * 2);
        for server in 0..count {
            let at = self.random.below(names.len());
            let own = names.remove(at);
            let own = if own == "two.test .two.test" {
                self.random.pick(&[".two.test", "two.test", "*.two.test"])
            } else {
                own
            };
            self.line("server {");
            let flag = if server == default { " default_server" } else { "" };
            let ssl = if tls == Some(server) { " ssl" } else { "" };
            self.line(&format!("listen 127.0.0.1:{port}{flag}{ssl};"));
            if tls.is_some() && self.random.one_in(2) {
                self.line("error_page 497 =301 https://$host$request_uri;");
            }
            if !own.is_empty() {
                self.line(&format!("server_name {own};"));
            }
            self.server();
            self.line("}");
        }
    }

    fn mark(&mut self) {
        self.block += 1;
        let block = self.block;
        self.line(&format!("add_header X-Block {block} always;"));
        if self.random.one_in(3) {
            self.line("add_header X-Good \"$uri\";");
        }
    }

    fn server(&mut self) {
        self.mark();
        self.named = self.random.below(3);
        let root = self.random.pick(&["www", "alt", "www/"]);
        let folder = self.folder.clone();
        self.line(&format!("root {folder}/{root};"));
        for (of, text) in [
            (6, "index index.html home.htm;"),
            (10, "index nothing.html /a.txt;"),
            (3, "autoindex on;"),
            (8, "merge_slashes off;"),
            (5, "absolute_redirect off;"),
            (5, "port_in_redirect off;"),
            (8, "server_name_in_redirect on;"),
            (4, "error_page 404 /err.html;"),
            (8, "error_page 404 =200 /a.txt;"),
            (8, "error_page 403 404 = /new/;"),
            (10, "error_page 405 https://other.test/$uri;"),
            (10, "error_page 404 =301 http://other.test/;"),
            (8, "recursive_error_pages on;"),
            (6, "proxy_set_header Host $host;"),
            (8, "proxy_set_header X-Two \"$http_x_one$cookie_c\"; proxy_set_header X-Forwarded-Proto $scheme;"),
        ] {
            if self.random.one_in(of) {
                self.line(text);
            }
        }
        if self.named > 0 && self.random.one_in(4) {
            self.line("error_page 404 @n0;");
        }
        if self.random.one_in(3) {
            let count = 1 + self.random.below(2);
            for _ in 0..count {
                self.rewriting(true, false);
            }
        }
        let mut taken = Vec::new();
        for _ in 0..2 + self.random.below(6) {
            self.location("", &mut taken, 0);
        }
        for at in 0..self.named {
            self.line(&format!("location @n{at} {{"));
            self.mark();
            self.body(Kind::Named);
            self.line("}");
        }
    }

    fn location(&mut self, inside: &str, taken: &mut Vec<String>, depth: usize) {
        const PREFIXES: [&str; 14] = [
            "/", "/a", "/a/", "/b", "/b/", "/static/", "/img", "/img/", "/dir/", "/a/b", "/app/", "/old/", "/in/",
            "/static",
        ];
        const EXACTS: [&str; 8] = ["/", "/a", "/a/", "/b/a.txt", "/img", "/static/", "/new/", "/a.txt"];
        const REGEXES: [&str; 11] = [
            "~ \\.php$",
            "~* \\.(css|TXT)$",
            "~ ^/(a|b)/(.*)$",
            "~ ^/(?<first>[^/]+)/?$",
            "~* ^/A/",
            "~ /\\.",
            "~ ^/static/(?!img)",
            "~ \\d",
            "~ ^/(?:img|dir)\\b",
            "~ [[:upper:]]",
            "~ (^|/)in(/|$)",
        ];
        // Only regular expressions may stand in one.
        let least = if inside == "~" { 6 } else { 0 };
        let (text, kind, path) = match least + self.random.below(10 - least) {
            0..=4 => {
                let path = format!("{}{}", inside.trim_end_matches('/'), self.random.pick(&PREFIXES));
                let sign = self.random.pick(&["", "", "", "^~ "]);
                (format!("{sign}{path}"), Kind::Prefix, path)
            }
            5 => {
                let path = format!("{}{}", inside.trim_end_matches('/'), self.random.pick(&EXACTS));
                (format!("= {path}"), Kind::Exact, format!("= {path}"))
            }
            _ => {
                let pattern = self.random.pick(&REGEXES);
                (pattern.to_owned(), Kind::Regex, pattern.to_owned())
            }
        };
        if taken.contains(&path) || !path.trim_start_matches("= ").starts_with(inside) && kind != Kind::Regex {
            return;
        }
        taken.push(path.clone());
        // A regular expression that captures keeps its quotes away from the brace.
        self.line(&format!("location {text} {{"));
        self.mark();
        if self.random.one_in(16) {
            self.line("internal;");
        }
        self.body(kind);
        if depth < 2 && kind != Kind::Exact && self.random.one_in(4) {
            let mut taken = Vec::new();
            let inside = if kind == Kind::Prefix { path.as_str() } else { "~" };
            for _ in 0..1 + self.random.below(2) {
                self.location(inside, &mut taken, depth + 1);
            }
        }
        self.line("}");
    }

    /// What a location does.
    fn body(&mut self, kind: Kind) {
        self.limited = false;
        for _ in 0..self.random.below(3) {
            if self.random.one_in(2) {
                self.rewriting(false, kind != Kind::Prefix && kind != Kind::Exact);
            }
        }
        let folder = self.folder.clone();
        let strict = kind == Kind::Regex || kind == Kind::Named;
        if self.random.one_in(12) {
            self.line("deny all;");
        }
        if self.random.one_in(10) {
            self.line("error_page 404 /err.html;");
        }
        if self.random.one_in(10) {
            self.line("proxy_set_header X-Two \"$uri\";");
        }
        match self.random.below(11) {
            0 | 10 => {
                let text = self.random.pick(&[
                    "return 200 \"$uri|$args|$1|$2|$request_method\";",
                    "return 200 \"$kind|$one|$site|$sub|$first|$mapped\";",
                    "return 200 \"$arg_x$is_args$args $request_uri $document_root $request_filename\";",
                    "return 200 \"${host}x$http_host $server_name $server_port $scheme\";",
                    "return 404 \"gone $document_uri\";",
                    "return 204;",
                    "return 200 \"$v|$uri\";",
                ]);
                self.line(text);
            }
            1 => {
                let text = self.random.pick(&[
                    "return 301 https://$host$request_uri;",
                    "return 302 /new$uri;",
                    "return 303 $scheme://$http_host/$1;",
                    "return 308 /a?$args;",
                    "return https://other.test$uri;",
                    "return 404;",
                    "return 403;",
                    "return 444;",
                    "return 301;",
                ]);
                self.line(text);
            }
            2..=4 => {
                let target = if strict {
                    self.random.pick(&[
                        "http://backend",
                        "http://unix:SOCKET",
                        "http://backend$uri",
                        "http://backend/x$1?$args",
                    ])
                } else {
                    self.random.pick(&[
                        "http://backend",
                        "http://backend/",
                        "http://backend/app",
                        "http://backend/app/",
                        "http://unix:SOCKET",
                        "http://unix:SOCKET:/",
                        "http://unix:SOCKET:/u/",
                        "http://backend$request_uri",
                        "http://backend/v/$kind",
                        "http://backend?k=$kind",
                    ])
                };
                let target = target.replace("SOCKET", &format!("{folder}/app.sock"));
                self.line(&format!("proxy_pass {target};"));
            }
            5 if kind != Kind::Named => {
                let alias = if kind == Kind::Regex {
                    self.random.pick(&["www/$1", "alt/a/$2", "www/a.txt"])
                } else {
                    self.random.pick(&["www/", "alt/", "www/a/", "www/static", "www/a.txt", "$tree/", "$tree/a/"])
                };
                self.line(&format!("alias {folder}/{alias};"));
                if self.random.one_in(3) {
                    self.tries(true);
                }
            }
            6..=7 => self.tries(false),
            8 => {
                let tree = self.random.pick(&["alt", "$tree", "www/a"]);
                self.line(&format!("root {folder}/{tree};"));
                if self.random.one_in(3) {
                    self.line("index home.htm index.html;");
                }
            }
            _ => {}
        }
    }

    fn tries(&mut self, aliased: bool) {
        let mut text = "try_files ".to_owned();
        for _ in 0..1 + self.random.below(3) {
            text.push_str(self.random.pick(&[
                "$uri",
                "$uri/",
                "$uri.html",
                "/a$uri",
                "/b/",
                "$uri/index.html",
                "/static/x.css",
                "/$1",
            ]));
            text.push(' ');
        }
        let last: &[&str] = &["=404", "=403", "/index.html", "/new/?$args", "/a/$uri", "=444", "/a.txt", "@n0", "@n1"];
        let usable = if self.named > 1 {
            last.len()
        } else if self.named > 0 {
            last.len() - 1
        } else {
            last.len() - 2
        };
        let mut last = self.random.pick(&last[..usable]);
        if aliased && last.starts_with("/new/") {
            // Cut off, it would leave an empty URI, and nginx's answer to that is undefined.
            last = "/a.txt";
        }
        text.push_str(last);
        text.push(';');
        self.line(&text);
    }

    /// A directive of the rewrite module.
    fn rewriting(&mut self, at_server: bool, strict: bool) {
        match self.random.below(5) {
            0..=1 => {
                let rule = self.random.pick(&[
                    "^/old/(.*)$ /new/$1",
                    "^/a/(.*)$ /b/$1",
                    "^/b/([^/]*)$ /a/$1?from=b",
                    "^/(static|img)/(.*)\\.txt$ /$2/$1?",
                    "^(.*)/$ $1/index.html",
                    "^/app(/.*)?$ /a$1",
                    "^/A /a.txt?",
                    "^/in/ /in/in/",
                    "^/(.+)\\+(.+)$ /$1?p=$2&q=$args",
                    "^/dir$ https://other.test/$uri",
                    "^/dir/(.*) $scheme://$host/d/$1?",
                ]);
                let mut flag = self.random.pick(&["", " last", " break", " redirect", " permanent", " last", " break"]);
                if flag.is_empty() && rule.contains('?') {
                    // What follows in the list is escaped or not by a fault that nginx mended later.
                    flag = " last";
                }
                self.line(&format!("rewrite {rule}{flag};"));
            }
            2 => {
                let text = self.random.pick(&[
                    "set $v \"$uri-$1\";",
                    "set $v $arg_x;",
                    "set $v \"$v$host\";",
                    "set $args \"z=$args\";",
                ]);
                self.line(text);
            }
            3 => {
                let condition = self.random.pick(&[
                    "$arg_x",
                    "$arg_x = 1",
                    "$args != \"\"",
                    "$uri ~ ^/(a|b)",
                    "$uri !~ \\.css$",
                    "$http_x_one ~* ^TWO",
                    "$cookie_c = a",
                    "$host = one.test",
                    "$request_method = POST",
                    "-f $request_filename",
                    "!-e $document_root$uri",
                    "-d $document_root$uri",
                    "$kind = style",
                    "$one",
                    "$site = two",
                ]);
                self.line(&format!("if ({condition}) {{"));
                if at_server {
                    let inner = self.random.pick(&[
                        "return 200 \"if $uri\";",
                        "return 302 /a.txt;",
                        "rewrite ^/(.*)$ /new/$1 last;",
                        "rewrite ^/(.*)$ /b/$1 break;",
                        "set $v if;",
                        "break;",
                        "return 403;",
                    ]);
                    self.line(inner);
                } else {
                    self.mark();
                    let inner = self.random.pick(&[
                        "return 200 \"if $uri $1 $v\";",
                        "return 301 /a.txt?$v;",
                        "rewrite ^/(.*)$ /new/$1 last;",
                        "rewrite ^/(.*)$ /b/$1 break;",
                        "set $v if;",
                        "break;",
                        "return 404;",
                        "proxy_pass http://backend;",
                        "error_page 404 /a.txt;",
                    ]);
                    self.line(inner);
                }
                self.line("}");
            }
            _ => {
                if self.random.one_in(3) {
                    self.line("break;");
                } else if !at_server && !strict && !self.limited && self.random.one_in(4) {
                    self.limited = true;
                    self.line("limit_except GET {");
                    let inner = self.random.pick(&["deny all;", "proxy_pass http://backend;"]);
                    self.line(inner);
                    self.line("}");
                }
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Prefix,
    Exact,
    Regex,
    Named,
}

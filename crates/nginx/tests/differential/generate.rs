//! Makes good configurations: realistic ones, of servers, locations, upstreams, maps, in many spellings.

/// Numbers that look random and are the same for the same seed (xorshift64*).
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        // Neighbouring seeds must not begin alike.
        let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..8 {
            chance.next();
        }
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// 0..`below`.
    pub(crate) fn below(&mut self, below: usize) -> usize {
        usize::try_from((self.next() >> 33) % below.max(1) as u64).unwrap()
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `name values;`
    Statement,
    /// `name values {`
    Open,
    /// `}`
    Close,
    /// An entry of a `map` and its like.
    Entry,
}

/// One line of a good configuration.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) kind: Kind,
    pub(crate) depth: usize,
    /// The block around it: `main`, `http`, `server`, `location`, `if`, `upstream`, `map` …
    pub(crate) block: &'static str,
    pub(crate) text: String,
}

const MAIN: &[&str] = &[
    "worker_processes 1|2|auto",
    "worker_rlimit_nofile 1024|4096",
    "timer_resolution 100ms",
    "worker_shutdown_timeout 10s|1m",
    "pcre_jit on|off",
    "env LANG|TZ=UTC",
    "worker_priority 0|5|-5",
    "debug_points abort|stop",
];

const EVENTS: &[&str] = &[
    "worker_connections 512|1024",
    "multi_accept on|off",
    "use epoll",
    "accept_mutex on|off",
    "accept_mutex_delay 500ms",
];

/// `name values|other values`, allowed in http, server and location.
const ANYWHERE: &[&str] = &[
    "sendfile on|off",
    "tcp_nopush on|off",
    "tcp_nodelay on|off",
    "keepalive_timeout 65|30s|0|75s 60s|1m",
    "keepalive_requests 100|1000",
    "client_max_body_size 1m|20m|0|10M|1g",
    "client_body_buffer_size 16k|128K",
    "client_body_timeout 12s|60|1m30s|\"1m 30s\"",
    "send_timeout 10|60s",
    "gzip on|off",
    "gzip_comp_level 1|5|9",
    "gzip_min_length 256|1000",
    "gzip_types text/css|text/css application/json|*",
    "gzip_proxied any|expired no-cache|off",
    "gzip_vary on|off",
    "gzip_http_version 1.0|1.1",
    "gzip_buffers 16 8k|32 4k",
    "etag on|off",
    "server_tokens on|off|build",
    "autoindex on|off",
    "autoindex_format html|json|xml",
    "autoindex_exact_size on|off",
    "charset utf-8|off|koi8-r",
    "index index.html|index.html index.htm|index.$host.html index.html",
    "default_type text/plain|application/octet-stream|\"\"",
    "error_page 404 /404.html|500 502 503 504 /50x.html|404 =200 /empty.gif|403 http://example.com/forbidden.html",
    "add_header X-Frame-Options DENY|X-Frame-Options SAMEORIGIN always|X-Frame-Options \"ALLOW-FROM $host\"",
    "add_header X-A \"a b; c\"|X-A 'it is \"so\"' always|X-A \"\"|X-A a\\;b",
    "add_header Strict-Transport-Security \"max-age=31536000; includeSubDomains\" always|Strict-Transport-Security max-age=300",
    "expires 7d|off|max|-1|epoch|modified +24h|@15h30m",
    "access_log off",
    "error_log stderr|stderr warn|stderr crit",
    "log_not_found on|off",
    "log_subrequest on|off",
    "open_file_cache off|max=1000 inactive=20s",
    "open_file_cache_valid 30s|1m",
    "open_file_cache_min_uses 1|2",
    "open_file_cache_errors on|off",
    "proxy_buffering on|off",
    "proxy_buffers 8 16k|4 32k",
    "proxy_connect_timeout 5s|60|1m",
    "proxy_read_timeout 60s|120|2m",
    "proxy_send_timeout 60s|90s",
    "proxy_http_version 1.0|1.1",
    "proxy_set_header Host $host|Host $http_host|Host \"$host:$server_port\"",
    "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for|X-Forwarded-For $remote_addr",
    "proxy_set_header X-Forwarded-Proto $scheme|X-Forwarded-Proto https",
    "proxy_set_header Connection \"\"|Connection upgrade|Connection $http_connection",
    "proxy_hide_header X-Powered-By|Server",
    "proxy_pass_header Server|Date",
    "proxy_next_upstream error timeout|error timeout http_502 http_503|off|error non_idempotent",
    "proxy_next_upstream_tries 0|3",
    "proxy_intercept_errors on|off",
    "proxy_ignore_headers Expires|Expires Cache-Control|X-Accel-Redirect",
    "proxy_request_buffering on|off",
    "proxy_ssl_server_name on|off",
    "proxy_ssl_protocols TLSv1.2|TLSv1.2 TLSv1.3",
    "proxy_ssl_verify off",
    "proxy_cookie_path / \"/; secure\"|off|/app/ /",
    "proxy_redirect off|http://localhost:8000/ /|~^http://([^:]+):\\d+(/.+)$ http://$1$2",
    "proxy_max_temp_file_size 0|1024m",
    "proxy_buffer_size 4k|8k",
    "proxy_headers_hash_max_size 512|1024",
    "proxy_ignore_client_abort on|off",
    "fastcgi_buffers 8 4k|16 16k",
    "fastcgi_read_timeout 60s|300",
    "fastcgi_keep_conn on|off",
    "uwsgi_read_timeout 60s|300",
    "satisfy all|any",
    "deny 10.0.0.1|10.0.0.0/8|2001:db8::/32",
    "allow 192.0.2.1|127.0.0.1|::1|192.0.2.0/24",
    "auth_basic off|\"closed site\"|$host",
    "limit_rate 0|10k|$limit",
    "limit_rate_after 500k|1m",
    "limit_conn_log_level warn|error",
    "limit_req_status 503|429",
    "reset_timedout_connection on|off",
    "large_client_header_buffers_ 4 8k",
    "port_in_redirect on|off",
    "absolute_redirect on|off",
    "server_name_in_redirect on|off",
    "msie_padding on|off",
    "recursive_error_pages on|off",
    "resolver 127.0.0.1|127.0.0.1 valid=30s|127.0.0.1:53 [::1]:5353 ipv6=off",
    "resolver_timeout 5s|30",
    "real_ip_header X-Forwarded-For|X-Real-IP|proxy_protocol",
    "set_real_ip_from 127.0.0.1|10.0.0.0/8|unix:",
    "real_ip_recursive on|off",
    "sub_filter_once on|off",
    "sub_filter 'href=\"http://' 'href=\"https://'|a $host",
    "ssi on|off",
    "chunked_transfer_encoding on|off",
    "if_modified_since exact|before|off",
    "lingering_close on|always|off",
    "lingering_time 30s",
    "max_ranges 0|1",
    "output_buffers 2 32k",
    "postpone_output 1460|0",
    "client_body_in_file_only on|clean|off",
    "disable_symlinks off|on|if_not_owner from=$document_root",
    "types_hash_max_size 1024|2048",
];

const HTTP_AND_SERVER: &[&str] = &[
    "client_header_timeout 60s|1m|500ms",
    "client_header_buffer_size 1k|2k",
    "large_client_header_buffers 4 8k|8 16k",
    "ignore_invalid_headers on|off",
    "merge_slashes on|off",
    "underscores_in_headers on|off",
    "connection_pool_size 256|512",
    "request_pool_size 4k",
    "ssl_protocols TLSv1.2|TLSv1.2 TLSv1.3|TLSv1 TLSv1.1 TLSv1.2",
    "ssl_ciphers HIGH:!aNULL:!MD5|ECDHE-RSA-AES128-GCM-SHA256",
    "ssl_prefer_server_ciphers on|off",
    "ssl_session_timeout 1d|10m|5m",
    "ssl_session_tickets on|off",
    "ssl_session_cache off|none|shared:SSL:10m|builtin:1000|builtin shared:SSL:10m",
    "ssl_buffer_size 4k|16k",
    "ssl_early_data on|off",
    "ssl_verify_depth 1|2",
    "ssl_stapling off",
    "http2_max_concurrent_streams 64|128",
];

const HTTP: &[&str] = &[
    "server_names_hash_bucket_size 64|128",
    "server_names_hash_max_size 512|1024",
    "types_hash_bucket_size 64|128",
    "variables_hash_max_size 1024|2048",
    "map_hash_bucket_size 64|128",
    "map_hash_max_size 2048|4096",
    "limit_conn_zone $binary_remote_addr zone=addr:10m|$server_name zone=names:1m",
];

const PROXY: &[&str] = &[
    "http://127.0.0.1:8000",
    "http://127.0.0.1:8000/",
    "http://127.0.0.1:8000/app/",
    "http://unix:/run/gunicorn.sock",
    "http://unix:/run/gunicorn.sock:/app/",
    "http://app",
    "http://app/",
    "https://127.0.0.1:8443",
    "http://localhost:8000",
    "http://[::1]:8000",
    "http://127.0.0.1:8000$request_uri",
    "http://$host:8000",
    "http://127.0.0.1",
];

const PATHS: &[&str] = &[
    "/api/",
    "/static/",
    "/media/",
    "= /favicon.ico",
    "= /robots.txt",
    "^~ /.well-known/acme-challenge/",
    "/uploads/",
    "/admin",
    "~ \\.php$",
    "~* \\.(css|js|png|jpg)$",
    "~ /\\.",
    "/health",
    "\"/with space/\"",
    "~ ^/user/(?<id>[0-9]+)$",
    "~* \"^/y{2}$\"",
    "=/exact",
];

const NAMES: &[&str] = &[
    "example.com",
    "www.example.com",
    "app.test www.app.test",
    "*.example.org",
    ".example.net",
    "_",
    "\"\"",
    "mail.*",
    "~^www\\d+\\.example\\.com$",
    "localhost",
];

/// A good configuration, line by line.
pub(crate) fn good(chance: &mut Chance) -> Vec<Line> {
    let mut make =
        Maker { chance, lines: Vec::new(), stack: vec!["main"], ports: 8100, maps: false, named: Vec::new() };
    make.line("error_log stderr;");
    make.line("pid nginx.pid;");
    make.some(MAIN, 2);
    make.open("events", "events");
    if make.chance.one_in(2) {
        make.some(EVENTS, 2);
    }
    make.close();
    make.http();
    make.lines
}

struct Maker<'a> {
    chance: &'a mut Chance,
    lines: Vec<Line>,
    stack: Vec<&'static str>,
    ports: u16,
    maps: bool,
    /// Paths of locations in the current server.
    named: Vec<String>,
}

impl Maker<'_> {
    fn add(&mut self, kind: Kind, text: String) {
        let block = self.stack.last().unwrap();
        self.lines.push(Line { kind, depth: self.stack.len() - 1, block, text });
    }

    fn line(&mut self, text: &str) {
        self.add(Kind::Statement, text.to_owned());
    }

    fn entry(&mut self, text: &str) {
        self.add(Kind::Entry, text.to_owned());
    }

    fn open(&mut self, head: &str, block: &'static str) {
        self.add(Kind::Open, format!("{head} {{"));
        self.stack.push(block);
    }

    fn close(&mut self) {
        self.stack.pop();
        self.add(Kind::Close, "}".to_owned());
    }

    /// Up to `most` of the list, each at most once; `expires`, `limit_rate $limit` and the like need what is made elsewhere.
    fn some(&mut self, list: &[&str], most: usize) {
        let count = self.chance.below(most + 1);
        let mut taken = Vec::new();
        for _ in 0..count {
            let at = self.chance.below(list.len());
            let (name, values) = list[at].split_once(' ').unwrap();
            if taken.contains(&at) || name.ends_with('_') {
                continue;
            }
            let values: Vec<&str> = values.split('|').collect();
            let value = self.chance.pick(&values);
            if value.contains("$limit") && !self.maps {
                continue;
            }
            taken.push(at);
            self.line(&format!("{name} {value};"));
        }
    }

    fn http(&mut self) {
        self.open("http", "http");
        self.line("access_log off;");
        self.some(HTTP, 3);
        // What servers may repeat is not repeated here, where a second `access_log` would be a matter of taste.
        let anywhere: Vec<&str> = ANYWHERE.iter().copied().filter(|text| !text.starts_with("access_log")).collect();
        self.some(&anywhere, 6);
        self.some(HTTP_AND_SERVER, 3);
        if self.chance.one_in(2) {
            self.lists();
        }
        self.open("upstream app", "upstream");
        self.upstream();
        self.close();
        if self.chance.one_in(3) {
            self.line("log_format main '$remote_addr - $remote_user [$time_local] \"$request\" $status';");
        }
        let zones = self.chance.one_in(3);
        if zones {
            self.line("limit_req_zone $binary_remote_addr zone=one:10m rate=5r/s;");
        }
        let count = 1 + self.chance.below(3);
        for at in 0..count {
            self.server(at, zones);
        }
        self.close();
    }

    fn lists(&mut self) {
        self.maps = true;
        self.open("map $http_user_agent $limit", "map");
        for text in ["default 0;", "~*bot 1k;", "\"~Opera Mini\" 2k;", "curl 5k;", "'' 10k;"] {
            if text.starts_with("default") || self.chance.one_in(2) {
                self.entry(text);
            }
        }
        self.close();
        if self.chance.one_in(2) {
            self.open("geo $office", "geo");
            for text in ["default 0;", "127.0.0.1 2;", "10.0.0.0/8 1;", "2001:db8::/32 1;"] {
                self.entry(text);
            }
            self.close();
        }
        if self.chance.one_in(2) {
            self.open("split_clients \"${remote_addr}AAA\" $variant", "split_clients");
            for text in ["0.5% .one;", "20% .two;", "* \"\";"] {
                self.entry(text);
            }
            self.close();
        }
        if self.chance.one_in(3) {
            self.open("types", "types");
            for text in ["text/html html htm;", "text/css css;", "image/png png;"] {
                self.entry(text);
            }
            self.close();
        }
    }

    fn upstream(&mut self) {
        if self.chance.one_in(4) {
            let way = self.chance.pick(&[
                "least_conn;",
                "ip_hash;",
                "random;",
                "hash $request_uri consistent;",
                "random two least_conn;",
            ]);
            self.line(way);
        }
        self.line("server 127.0.0.1:8000;");
        if self.chance.one_in(2) {
            let more = self.chance.pick(&[
                "server unix:/run/gunicorn.sock;",
                "server 127.0.0.1:8001 weight=5;",
                "server 127.0.0.1:8002 max_fails=3 fail_timeout=30s;",
                "server [::1]:8003 down;",
            ]);
            self.line(more);
        }
        if self.chance.one_in(3) {
            self.line("keepalive 16;");
        }
    }

    fn server(&mut self, at: usize, zones: bool) {
        self.named.clear();
        self.open("server", "server");
        let tls = self.chance.one_in(2);
        self.ports += 1;
        let port = if self.chance.one_in(3) { 8090 } else { self.ports };
        let default = at == 0 && self.chance.one_in(2);
        let address = self.chance.pick(&["", "", "127.0.0.1:", "*:", "[::]:", "0.0.0.0:"]);
        let options = [
            if tls { " ssl" } else { "" },
            if tls && self.chance.one_in(2) { " http2" } else { "" },
            if default { " default_server" } else { "" },
        ]
        .concat();
        self.line(&format!("listen {address}{port}{options};"));
        if self.chance.one_in(3) {
            let more = self.chance.pick(&[
                "8091",
                "[::]:8092",
                "unix:nginx.sock",
                "127.0.0.1:PORT backlog=128",
                "PORT reuseport",
                "PORT so_keepalive=on",
            ]);
            let more = more.replace("PORT", &(self.ports + 500).to_string());
            self.line(&format!("listen {more};"));
        }
        if !self.chance.one_in(6) {
            let names = self.chance.pick(NAMES);
            self.line(&format!("server_name {names};"));
        }
        if tls {
            self.line("ssl_certificate cert.pem;");
            self.line("ssl_certificate_key key.pem;");
        }
        if self.chance.one_in(3) {
            self.line("root /var/www/html;");
        }
        self.some(HTTP_AND_SERVER, 2);
        self.some(ANYWHERE, 4);
        if self.chance.one_in(4) {
            let head = self.condition();
            self.open(&format!("if {head}"), "if");
            let text = self.chance.pick(&[
                "return 301 https://$host$request_uri;",
                "return 444;",
                "set $a 1;",
                "rewrite ^ /x last;",
                "break;",
            ]);
            self.line(text);
            self.close();
        }
        if self.chance.one_in(4) {
            let text = self.chance.pick(&[
                "return 301 https://$host$request_uri;",
                "rewrite ^/old/(.*)$ /new/$1 permanent;",
                "set $target \"http://127.0.0.1:8000\";",
                "rewrite ^/x$ /y;",
                "return 200 \"ok\\n\";",
                "return 404;",
                "rewrite \"^/z{2}$\" /q? redirect;",
            ]);
            self.line(text);
        }
        if zones && self.chance.one_in(2) {
            let text = self.chance.pick(&[
                "limit_req zone=one burst=5;",
                "limit_req zone=one burst=5 nodelay;",
                "limit_req zone=one;",
            ]);
            self.line(text);
        }
        let locations = 1 + self.chance.below(4);
        for _ in 0..locations {
            let path = if self.named.is_empty() { "/" } else { self.chance.pick(PATHS) };
            if self.named.iter().any(|old| old == path) {
                continue;
            }
            self.named.push(path.to_owned());
            self.location(path);
        }
        if self.chance.one_in(5) {
            self.open("location @app", "location");
            self.line("proxy_pass http://app;");
            self.close();
        }
        self.close();
    }

    fn condition(&mut self) -> String {
        self.chance
            .pick(&[
                "($host = www.example.com)",
                "($scheme != https)",
                "($request_method = POST)",
                "($http_user_agent ~* (bot|spider))",
                "($http_cookie ~ \"id=([^;]+)\")",
                "(-f $request_filename)",
                "(!-e $request_filename)",
                "($arg_x)",
                "( $host = 'a' )",
                "($uri !~ ^/api/)",
            ])
            .to_owned()
    }

    fn location(&mut self, path: &str) {
        let regex = path.starts_with('~');
        self.open(&format!("location {path}"), "location");
        match self.chance.below(8) {
            0..=3 => {
                let target = loop {
                    let target = self.chance.pick(PROXY);
                    // No URI part where the path is an expression, unless variables make it.
                    if !regex
                        || target.contains('$')
                        || !target.trim_start_matches("http://").contains('/') && !target.contains("unix")
                    {
                        break target;
                    }
                };
                self.line(&format!("proxy_pass {target};"));
                if self.chance.one_in(2) {
                    self.line("proxy_set_header Host $host;");
                    self.line("proxy_set_header X-Real-IP $remote_addr;");
                    self.line("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;");
                    self.line("proxy_set_header X-Forwarded-Proto $scheme;");
                }
                let simple: Vec<&str> =
                    ANYWHERE.iter().copied().filter(|text| !text.starts_with("proxy_set_header")).collect();
                self.some(&simple, 3);
            }
            4 => {
                let text = self.chance.pick(&["alias /srv/files/;", "root /srv/www;", "alias /srv/$host/;"]);
                self.line(text);
                self.some(ANYWHERE, 3);
            }
            5 => {
                let text = self.chance.pick(&[
                    "try_files $uri $uri/ =404;",
                    "try_files $uri /index.html;",
                    "try_files $uri @app;",
                ]);
                if text.contains('@') {
                    self.line("error_page 404 = @missing;");
                }
                self.line(text);
                self.some(ANYWHERE, 2);
            }
            6 => {
                let text = self.chance.pick(&[
                    "return 200 \"ok\";",
                    "return 301 /other/;",
                    "return 204;",
                    "return 302 https://example.com$request_uri;",
                    "return 200 '{\"a\": 1}';",
                ]);
                self.line(text);
            }
            _ => {
                self.line("fastcgi_pass 127.0.0.1:9000;");
                self.line("fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;");
                self.line("fastcgi_index index.php;");
            }
        }
        if self.chance.one_in(8) {
            let head = self.condition();
            self.open(&format!("if {head}"), "if");
            let text = self.chance.pick(&[
                "return 403;",
                "set $b \"$host\";",
                "rewrite ^ /y break;",
                "add_header X-If yes;",
                "expires 1h;",
            ]);
            self.line(text);
            self.close();
        }
        if self.chance.one_in(10) {
            self.open("limit_except GET POST", "limit_except");
            self.line("deny all;");
            self.close();
        }
        if path == "/api/" && self.chance.one_in(3) {
            self.open("location /api/v1/", "location");
            self.line("return 200;");
            self.close();
        }
        self.close();
    }
}

/// As people lay it out: two or four spaces or tabs, blank lines, comments, `}` where it belongs.
pub(crate) fn write(lines: &[Line], chance: &mut Chance) -> String {
    let indent = chance.pick(&["    ", "  ", "\t", "", "        "]);
    let comments = chance.one_in(3);
    let mut out = String::new();
    for line in lines {
        if comments && chance.one_in(12) {
            out.push_str(&indent.repeat(line.depth));
            out.push_str(chance.pick(&["# a comment", "# listen 80; }", "# it's \"odd", "#"]));
            out.push('\n');
        }
        out.push_str(&indent.repeat(line.depth));
        out.push_str(&line.text);
        if comments && chance.one_in(20) {
            out.push_str(" # so");
        }
        out.push('\n');
        if line.kind == Kind::Close && chance.one_in(4) {
            out.push('\n');
        }
    }
    out
}

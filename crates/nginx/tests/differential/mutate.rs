//! One change each to a good configuration: what people do to theirs by accident, and what a slip of the finger does.

use super::generate::{Chance, Kind, Line, write};

/// Makes a text of good lines; `None` when there is nothing of the kind to change.
pub(crate) type Change = fn(Vec<Line>, &mut Chance) -> Option<String>;

/// Every kind of change by name. `untouched`, `commented` and `respaced` leave a good configuration good.
pub(crate) const KINDS: &[(&str, Change)] = &[
    ("untouched", |lines, chance| Some(write(&lines, chance))),
    ("commented", commented),
    ("respaced", respaced),
    ("semicolon-dropped", semicolon_dropped),
    ("closing-brace-dropped", |lines, chance| without(lines, chance, Kind::Close)),
    ("closing-brace-added", closing_brace_added),
    ("opening-brace-dropped", |lines, chance| replaced(lines, chance, Kind::Open, " {", "")),
    ("opening-brace-for-semicolon", |lines, chance| replaced(lines, chance, Kind::Statement, ";", " {")),
    ("semicolon-for-opening-brace", |lines, chance| replaced(lines, chance, Kind::Open, " {", ";")),
    ("quote-dropped", quote_dropped),
    ("quote-added", quote_added),
    ("name-misspelt", name_misspelt),
    ("name-in-capitals", name_in_capitals),
    ("moved-elsewhere", moved_elsewhere),
    ("value-dropped", value_dropped),
    ("value-added", value_added),
    ("flag-changed", |lines, chance| {
        value_of(
            lines,
            chance,
            |value| value == "on" || value == "off",
            &["yes", "true", "1", "On", "OFF", "\"\"", "oof", "auto", "enabled"],
        )
    }),
    ("listed-value-changed", listed_value_changed),
    ("size-changed", |lines, chance| {
        value_of(
            lines,
            chance,
            is_size,
            &[
                "20mb",
                "1.5m",
                "10K",
                "1g",
                "2G",
                "-1",
                "m",
                "5 m",
                "0",
                "\"10 m\"",
                "99999999999999999999",
                "16kb",
                "8M",
            ],
        )
    }),
    ("time-changed", |lines, chance| {
        value_of(
            lines,
            chance,
            is_time,
            &["5min", "1h30m", "30s1h", "\"1h 30m\"", "1.5s", "-5", "2d", "500ms", "5S", "0", "10 s", "1M", "1y2w"],
        )
    }),
    ("number-changed", |lines, chance| {
        value_of(
            lines,
            chance,
            |value| value.bytes().all(|byte| byte.is_ascii_digit()),
            &["x", "-1", "0", "99999999999", "1k", "10", "\"5\"", "5x", "1000"],
        )
    }),
    ("line-doubled", line_doubled),
    ("block-doubled", block_doubled),
    ("variable-changed", variable_changed),
    ("target-changed", |lines, chance| {
        arguments_of(
            lines,
            chance,
            &["proxy_pass"],
            &[
                "127.0.0.1:8000",
                "unix:/run/gunicorn.sock",
                "http:/127.0.0.1:8000",
                "http//127.0.0.1:8000",
                "HTTP://127.0.0.1:8000",
                "http://127.0.0.1:8000/x",
                "http://127.0.0.1:99999",
                "http://127.0.0.1:port",
                "http://unix:",
                "http://unix:/run/a.sock:/b",
                "http://",
                "https://127.0.0.1",
                "http://$host",
                "$scheme://127.0.0.1:8000",
                "/run/gunicorn.sock",
                "http://127.0.0.1:8000 ",
                "http://[::1",
                "http://127.0.0.1:0",
                "http://app:8000",
                "http://app/x/",
                "https://app",
                "http://:8000",
            ],
        )
    }),
    ("listen-changed", |lines, chance| {
        arguments_of(
            lines,
            chance,
            &["listen"],
            &[
                "80x",
                "99999",
                "0",
                "8081 h2",
                "8081 ssl",
                "[::]",
                "[::1]:8081",
                "[::1:8081",
                "127.0.0.1",
                "127.0.0.1:x",
                "unix:",
                "unix:other.sock",
                "8081 backlog=x",
                "8081 backlog=10",
                "8081 ipv6only=on",
                "[::]:8081 ipv6only=off",
                "[::]:8081 ipv6only=yes",
                "8081 default",
                "8081 rcvbuf=8k sndbuf=x",
                "8081 so_keepalive=30m::10",
                "8081 so_keepalive=yes",
                "8081-8083",
                "8083-8081",
                "8081 http2",
                "8081 proxy_protocol deferred",
                "*:8081",
                "*",
                ":8081",
                "8081 8082",
                "8081 reuseport bind",
                "8081 fastopen=10",
                "8081 fastopen=x",
                "8081 quic",
                "localhost:8081",
                "256.0.0.1:80",
                "8081 accept_filter=httpready",
            ],
        )
    }),
    ("server-name-changed", |lines, chance| {
        arguments_of(
            lines,
            chance,
            &["server_name"],
            &[
                "https://example.com",
                "example.com:443",
                "example.com/",
                "*",
                "*.",
                "a*.example.com",
                "www.*.example.com",
                "*example.com",
                "mail.*",
                "~(",
                "~^a$",
                "\"\"",
                "a.test a.test",
                "EXAMPLE.com",
                "*.*",
                "$hostname",
                ".",
                ".com",
                "~",
                "a..b",
                "_",
                "ex ample.com",
                "www.example.*.com",
                "~^(?<n>.+)\\.test$",
            ],
        )
    }),
    ("certificate-line-dropped", certificate_line_dropped),
    ("pattern-changed", pattern_changed),
    ("condition-changed", condition_changed),
    ("redirect-changed", |lines, chance| {
        arguments_of(
            lines,
            chance,
            &["return", "rewrite"],
            &[
                "301",
                "200 a b",
                "301 https://$host$uri",
                "x",
                "999",
                "1000",
                "-1",
                "\"\"",
                "https://example.com",
                "example.com",
                "/x",
                "301 ",
                "^/a$",
                "^/a$ /b bogus",
                "^/a$ /b last x",
                "^/(a /b",
                "^/a$ https://$host/b",
                "^/a$ /b/$2 permanent",
                "444",
                "200 \"$\"",
                "200 ${host",
                "30 x",
                "http://a",
                "0",
                "200 $1",
                "^ /x? redirect",
                "$scheme://x",
            ],
        )
    }),
    ("entry-changed", entry_changed),
    ("definition-dropped", definition_dropped),
    ("location-changed", location_changed),
    ("location-nested", location_nested),
    ("upstream-changed", |lines, chance| {
        arguments_of_block(
            lines,
            chance,
            "upstream",
            &["server", "keepalive", "least_conn", "ip_hash", "hash", "random"],
            &[
                "server 127.0.0.1:8000 weight=x;",
                "server 127.0.0.1:8000 weight=0;",
                "server 127.0.0.1:8000 bogus;",
                "server 127.0.0.1:8000 max_fails=-1;",
                "server 127.0.0.1:8000 fail_timeout=5x;",
                "server 127.0.0.1:99999;",
                "server http://127.0.0.1:8000;",
                "server unix:/a.sock backup;",
                "server 127.0.0.1;",
                "server 127.0.0.1:8000 down backup;",
                "server 127.0.0.1:8000 max_conns=x;",
                "server;",
                "keepalive 0;",
                "keepalive x;",
                "least_conn x;",
                "zone app 64k;",
                "zone app;",
                "hash;",
                "hash $host consisten;",
                "server 127.0.0.1:8000 weight=3 max_fails=2 fail_timeout=10;",
                "server 127.0.0.1:8000/;",
                "ip_hash;",
                "server 127.0.0.1:8000 weight=;",
            ],
        )
    }),
    ("byte-dropped", byte_dropped),
    ("byte-added", byte_added),
    ("bytes-swapped", bytes_swapped),
    ("byte-changed", byte_changed),
    ("lines-joined", lines_joined),
    ("lines-swapped", lines_swapped),
    ("line-dropped", line_dropped),
    ("text-cut", text_cut),
];

fn choose(lines: &[Line], chance: &mut Chance, fits: impl Fn(&Line) -> bool) -> Option<usize> {
    let found: Vec<usize> = (0..lines.len()).filter(|at| fits(&lines[*at])).collect();
    (!found.is_empty()).then(|| found[chance.below(found.len())])
}

fn without(mut lines: Vec<Line>, chance: &mut Chance, kind: Kind) -> Option<String> {
    let at = choose(&lines, chance, |line| line.kind == kind)?;
    lines.remove(at);
    Some(write(&lines, chance))
}

fn replaced(mut lines: Vec<Line>, chance: &mut Chance, kind: Kind, old: &str, new: &str) -> Option<String> {
    let at = choose(&lines, chance, |line| line.kind == kind)?;
    let text = lines[at].text.strip_suffix(old)?.to_owned();
    lines[at].text = text + new;
    Some(write(&lines, chance))
}

fn semicolon_dropped(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| line.text.ends_with(';'))?;
    lines[at].text.pop();
    Some(write(&lines, chance))
}

fn closing_brace_added(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = chance.below(lines.len() + 1);
    let mut brace = lines[at.min(lines.len() - 1)].clone();
    brace.text = "}".into();
    brace.kind = Kind::Close;
    lines.insert(at, brace);
    Some(write(&lines, chance))
}

fn quote_dropped(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| line.text.contains(['"', '\'']))?;
    let quotes: Vec<usize> = lines[at].text.match_indices(['"', '\'']).map(|(at, _)| at).collect();
    let quote = quotes[chance.below(quotes.len())];
    lines[at].text.remove(quote);
    Some(write(&lines, chance))
}

fn quote_added(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| line.kind != Kind::Close)?;
    let place = chance.below(lines[at].text.len() + 1);
    lines[at].text.insert(place, if chance.one_in(2) { '"' } else { '\'' });
    Some(write(&lines, chance))
}

fn name_misspelt(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| matches!(line.kind, Kind::Open | Kind::Statement))?;
    let end = lines[at].text.find([' ', ';']).unwrap_or(1);
    let place = chance.below(end);
    match chance.below(3) {
        0 => drop(lines[at].text.remove(place)),
        1 => lines[at].text.insert(place, chance.pick(&["e", "s", "_", "x"]).chars().next().unwrap()),
        _ if place + 1 < end => {
            let second = lines[at].text.remove(place + 1);
            lines[at].text.insert(place, second);
        }
        _ => lines[at].text.insert(place, '-'),
    }
    Some(write(&lines, chance))
}

fn name_in_capitals(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| matches!(line.kind, Kind::Open | Kind::Statement))?;
    let first = lines[at].text.remove(0);
    lines[at].text.insert(0, first.to_ascii_uppercase());
    Some(write(&lines, chance))
}

fn moved_elsewhere(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| line.kind == Kind::Statement)?;
    let mut line = lines.remove(at);
    let to = chance.below(lines.len() + 1);
    if let Some(next) = lines.get(to) {
        line.depth = next.depth;
    }
    lines.insert(to, line);
    Some(write(&lines, chance))
}

fn value_dropped(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| line.kind != Kind::Close && line.text.contains(' '))?;
    let (head, end) = lines[at].text.split_at(lines[at].text.len() - if lines[at].kind == Kind::Open { 2 } else { 1 });
    let cut = head.rfind(' ')?;
    lines[at].text = format!("{}{end}", &head[..cut]);
    Some(write(&lines, chance))
}

fn value_added(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| line.kind != Kind::Close)?;
    let (head, end) = lines[at].text.split_at(lines[at].text.len() - if lines[at].kind == Kind::Open { 2 } else { 1 });
    let more = chance.pick(&["extra", "on", "5", "\"a b\"", "$host", "always"]);
    lines[at].text = format!("{head} {more}{end}");
    Some(write(&lines, chance))
}

fn is_size(value: &str) -> bool {
    value.len() > 1
        && value.ends_with(['k', 'K', 'm', 'M', 'g'])
        && value[..value.len() - 1].bytes().all(|byte| byte.is_ascii_digit())
}

fn is_time(value: &str) -> bool {
    value.len() > 1 && value.ends_with(['s', 'm', 'h', 'd']) && value.starts_with(|c: char| c.is_ascii_digit())
}

/// Replaces one value that fits by another.
fn value_of(mut lines: Vec<Line>, chance: &mut Chance, fits: impl Fn(&str) -> bool, others: &[&str]) -> Option<String> {
    let values = |text: &str| -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut from = 0;
        for word in text.split([' ', ';']) {
            if from > 0 && !word.is_empty() && fits(word) {
                found.push((from, from + word.len()));
            }
            from += word.len() + 1;
        }
        found
    };
    let at = choose(&lines, chance, |line| matches!(line.kind, Kind::Statement) && !values(&line.text).is_empty())?;
    let found = values(&lines[at].text);
    let (from, to) = found[chance.below(found.len())];
    let other = chance.pick(others);
    lines[at].text.replace_range(from..to, other);
    Some(write(&lines, chance))
}

fn listed_value_changed(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    const LISTED: &[&str] = &[
        "autoindex_format ",
        "gzip_proxied ",
        "proxy_next_upstream ",
        "proxy_ignore_headers ",
        "ssl_protocols ",
        "proxy_ssl_protocols ",
        "satisfy ",
        "if_modified_since ",
        "lingering_close ",
        "server_tokens ",
        "proxy_http_version ",
        "gzip_http_version ",
        "limit_conn_log_level ",
        "client_body_in_file_only ",
        "use ",
        "error_log stderr ",
        "debug_points ",
        "expires ",
        "ssl_session_cache ",
    ];
    let at = choose(&lines, chance, |line| LISTED.iter().any(|name| line.text.starts_with(name)))?;
    let text = &mut lines[at].text;
    let last = text.trim_end_matches(';').rfind(' ')? + 1;
    let end = text.len() - 1;
    match chance.below(4) {
        0 => text.replace_range(last..end, "bogus"),
        1 => {
            let upper = text[last..end].to_ascii_uppercase();
            text.replace_range(last..end, &upper);
        }
        2 => text.insert(end, 'x'),
        _ => {
            let value = format!(" {}", &text[last..end]);
            text.insert_str(end, &value);
        }
    }
    Some(write(&lines, chance))
}

fn line_doubled(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| matches!(line.kind, Kind::Statement | Kind::Entry))?;
    let line = lines[at].clone();
    lines.insert(at + 1 + chance.below(2), line);
    Some(write(&lines, chance))
}

fn block_of(lines: &[Line], at: usize) -> usize {
    (at + 1..lines.len())
        .find(|end| lines[*end].kind == Kind::Close && lines[*end].depth == lines[at].depth)
        .unwrap_or(at)
}

fn block_doubled(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| line.kind == Kind::Open)?;
    let end = block_of(&lines, at);
    let copy: Vec<Line> = lines[at..=end].to_vec();
    lines.splice(end + 1..end + 1, copy);
    Some(write(&lines, chance))
}

fn variable_changed(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| line.kind != Kind::Close && line.text.contains('$'))?;
    let text = &mut lines[at].text;
    let places: Vec<usize> = text.match_indices('$').map(|(at, _)| at).collect();
    let place = places[chance.below(places.len())];
    let end = text[place + 1..]
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .map_or(text.len(), |end| place + 1 + end);
    let name = text[place + 1..end].to_owned();
    let new = match chance.below(8) {
        0 => format!("${name}x"),
        1 => "$hots".into(),
        2 => format!("${{{name}}}"),
        3 => format!("${{{name}"),
        4 => "$".into(),
        5 => format!("${}", name.to_ascii_uppercase()),
        6 => "$http_anything_at_all".into(),
        _ => "$1".into(),
    };
    text.replace_range(place..end, &new);
    Some(write(&lines, chance))
}

/// Gives one of these directives other arguments.
fn arguments_of(mut lines: Vec<Line>, chance: &mut Chance, names: &[&str], others: &[&str]) -> Option<String> {
    let at = choose(&lines, chance, |line| {
        line.kind == Kind::Statement && names.iter().any(|name| line.text.starts_with(&format!("{name} ")))
    })?;
    let name = lines[at].text.split(' ').next()?.to_owned();
    lines[at].text = format!("{name} {};", chance.pick(others));
    Some(write(&lines, chance))
}

/// Replaces a directive of that block.
fn arguments_of_block(
    mut lines: Vec<Line>,
    chance: &mut Chance,
    block: &str,
    names: &[&str],
    others: &[&str],
) -> Option<String> {
    let at = choose(&lines, chance, |line| {
        line.kind == Kind::Statement && line.block == block && names.iter().any(|name| line.text.starts_with(name))
    })?;
    lines[at].text = chance.pick(others).to_owned();
    Some(write(&lines, chance))
}

fn certificate_line_dropped(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| line.text.starts_with("ssl_certificate") || line.text.contains(" ssl"))?;
    if lines[at].text.starts_with("listen") {
        lines[at].text = lines[at].text.replace(" ssl", "").replace(" http2", "");
    } else {
        lines.remove(at);
    }
    Some(write(&lines, chance))
}

fn pattern_changed(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| {
        line.text.contains('~') && line.kind != Kind::Close || line.text.starts_with("rewrite")
    })?;
    let text = &mut lines[at].text;
    let from = text.find('~').or_else(|| text.find(' '))? + 1;
    let inner = from + chance.below(text.len() - from);
    let sign =
        chance.pick(&["(", ")", "[", "]", "*", "+", "?", "|", ".", "\\", "^", "$", "(?:", "(?<n>a)", "\\d", "{2}"]);
    text.insert_str(inner, sign);
    Some(write(&lines, chance))
}

fn condition_changed(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| line.text.starts_with("if "))?;
    let head = chance.pick(&[
        "if $host = a",
        "if ($host == a)",
        "if ($host = a",
        "if $host = a)",
        "if ()",
        "if",
        "if (host = a)",
        "if ($host ~ )",
        "if ($host ~ \"(\")",
        "if (!$host)",
        "if (-x /bin/sh)",
        "if (-q /x)",
        "if ($host = a b)",
        "if ($host != \"\")",
        "if ($host = a && $uri = b)",
        "if ($bogus_variable)",
        "if ($host !~* ^a)",
        "if ( $host )",
        "if (-f)",
        "if (-f $a.x)",
        "if ($)",
        "if(host = a)",
        "if($host = a)",
        "if (\"$host\" = a)",
        "if ($host=a)",
        "if (!-f /x)",
        "if (!-q /x)",
        "if ($host ~* [a)",
        "if ($host = a)b",
    ]);
    lines[at].text = format!("{head} {{");
    Some(write(&lines, chance))
}

fn entry_changed(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| line.kind == Kind::Entry)?;
    let others: &[&str] = match lines[at].block {
        "map" => &[
            "default;",
            "default 1 2;",
            "a b c;",
            "~( 1;",
            "~^a$ $host;",
            "hostnames;",
            "volatile;",
            "a $bogus;",
            "\"\" 1;",
            "*.example.com 1;",
            "default 0; default 1;",
            "~*b x;",
            "include;",
            "a { }",
            "curl 1; curl 2;",
        ],
        "geo" => &[
            "default;",
            "10.0.0.0/33 1;",
            "10.0.0 1;",
            "default 1;",
            "ranges;",
            "10.0.0.0/8 1 2;",
            "delete 10.0.0.0/8;",
            "10.0.0.1 1;",
            "::1 1;",
            "proxy 10.0.0.1;",
            "bogus 1;",
            "300.0.0.1 1;",
        ],
        "split_clients" => &[
            "50%;",
            "120% a;",
            "0.005% a;",
            "x% a;",
            "50 a;",
            "* a b;",
            "99.99% a;",
            "-5% b;",
            "0.001% c;",
            "10.5% d;",
        ],
        _ => &["text/html;", "text/html {", "text/plain txt txt;", "a b c d;", "text/css css;", "\"a b\" c;"],
    };
    lines[at].text = chance.pick(others).to_owned();
    Some(write(&lines, chance))
}

/// Takes away what other lines refer to.
fn definition_dropped(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| {
        ["limit_req_zone", "log_format", "set $", "map ", "geo ", "split_clients "]
            .iter()
            .any(|name| line.text.starts_with(name))
    })?;
    let end = if lines[at].kind == Kind::Open { block_of(&lines, at) } else { at };
    lines.drain(at..=end);
    Some(write(&lines, chance))
}

fn location_changed(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| line.text.starts_with("location ") && line.kind == Kind::Open)?;
    let head = chance.pick(&[
        "location",
        "location / /",
        "location = / x",
        "location ! /x",
        "location =",
        "location ~",
        "location ~ (",
        "location /",
        "location = /",
        "location ^~ /",
        "location static",
        "location \"\"",
        "location ~* [a-",
        "location @named",
        "location @",
        "location ~^/a",
        "location =/a",
        "location ^~/a",
        "location ~ ^/x{2}$",
        "location ~*\\.js$",
        "location /a/{b}",
        "location == /x",
        "location *~ /x",
    ]);
    lines[at].text = format!("{head} {{");
    Some(write(&lines, chance))
}

/// Puts a location into another one: beside it, below it, named, exact, by a pattern.
fn location_nested(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = choose(&lines, chance, |line| line.text.starts_with("location ") && line.kind == Kind::Open)?;
    let outer = lines[at].text.trim_end_matches(" {").rsplit(' ').next()?.trim_start_matches('=').to_owned();
    let head = match chance.below(12) {
        0 => "/elsewhere/".to_owned(),
        1 => format!("{outer}below/"),
        2 => "= /elsewhere".to_owned(),
        3 => format!("= {outer}below"),
        4 => format!("^~ {outer}below/"),
        5 => "^~ /elsewhere/".to_owned(),
        6 => "~ \\.json$".to_owned(),
        7 => "~* ^/elsewhere".to_owned(),
        8 => "@inner".to_owned(),
        9 => outer,
        10 => "\"\"".to_owned(),
        _ => format!("={outer}"),
    };
    let depth = lines[at].depth + 1;
    // Now and then with an `if` between them, which is no place of a location.
    let between = if chance.one_in(8) { Some("if ($host = a) {") } else { None };
    let mut block: Vec<(Kind, &str)> = between.map(|head| (Kind::Open, head)).into_iter().collect();
    let head = format!("location {head} {{");
    block.extend([(Kind::Open, &*head), (Kind::Statement, "return 204;"), (Kind::Close, "}")]);
    block.extend(between.map(|_| (Kind::Close, "}")));
    // At the end of the block or at its beginning.
    let place = if chance.one_in(2) { at + 1 } else { block_of(&lines, at) };
    let new = block.into_iter().map(|(kind, text)| Line { kind, depth, block: "location", text: text.to_owned() });
    lines.splice(place..place, new);
    Some(write(&lines, chance))
}

fn bytes(lines: &[Line], chance: &mut Chance) -> (String, usize) {
    let text = write(lines, chance);
    // The head of the file keeps nginx from writing elsewhere.
    let from = text.find("pid nginx.pid;").map_or(0, |at| at + "pid nginx.pid;".len());
    let at = from + chance.below(text.len() - from);
    (text, at)
}

fn byte_dropped(lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let (mut text, at) = bytes(&lines, chance);
    text.remove(at);
    Some(text)
}

fn byte_added(lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let (mut text, at) = bytes(&lines, chance);
    text.insert_str(
        at,
        chance.pick(&[
            ";", "{", "}", "\"", "'", "\\", "$", "#", " ", "\n", "a", "1", "(", ")", "\t", "/", "~", "=", "\u{e9}",
        ]),
    );
    Some(text)
}

fn bytes_swapped(lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let (mut text, at) = bytes(&lines, chance);
    let at = at.min(text.len() - 2);
    let second = text.remove(at + 1);
    text.insert(at, second);
    Some(text)
}

fn byte_changed(lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let (mut text, at) = bytes(&lines, chance);
    text.remove(at);
    text.insert_str(at, chance.pick(&["x", ";", " ", "0", "_", "\"", "}", "-", ".", "A"]));
    Some(text)
}

fn lines_joined(lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let (mut text, at) = bytes(&lines, chance);
    let end = text[at..].find('\n')? + at;
    text.replace_range(end..=end, chance.pick(&[" ", "", "\r\n"]));
    Some(text)
}

fn lines_swapped(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let at = 2 + chance.below(lines.len() - 3);
    lines.swap(at, at + 1);
    Some(write(&lines, chance))
}

fn line_dropped(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    lines.remove(2 + chance.below(lines.len() - 2));
    Some(write(&lines, chance))
}

fn text_cut(lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    let (mut text, at) = bytes(&lines, chance);
    text.truncate(at);
    Some(text)
}

fn commented(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    for line in &mut lines {
        if chance.one_in(5) {
            line.text.push_str(chance.pick(&[" # a { b", " #;", "\t# it's", " # }", "\n\n# \"quote"]));
        }
    }
    Some(write(&lines, chance))
}

fn respaced(mut lines: Vec<Line>, chance: &mut Chance) -> Option<String> {
    for line in &mut lines {
        let quoted = line.text.contains(['"', '\'']);
        if chance.one_in(3) && !quoted {
            line.text = line.text.replace(' ', chance.pick(&["  ", "\t", "\n        ", " \r\n  "]));
        } else if chance.one_in(6) && line.kind == Kind::Open {
            line.text = line.text.replace(" {", "\n{");
        }
    }
    Some(write(&lines, chance))
}

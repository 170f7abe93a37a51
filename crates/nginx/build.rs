//! Compacts the directive and variable facts in `data/` into const tables.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a build script stops by panicking

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
    path::Path,
};

use serde_json::Value;

/// Said to be duplicates when they follow their own `off`, and lists otherwise.
const LISTS: [&str; 4] = ["proxy_cookie_domain", "proxy_cookie_flags", "proxy_cookie_path", "proxy_redirect"];

/// What is known of each form of a directive.
const COLUMNS: [&str; 6] = ["CONTEXTS", "ARGS", "KIND", "LEGAL", "SINCE", "REMOVED"];

/// The kinds of values, in the order of `directives::KINDS`.
const KINDS: [&str; 16] = [
    "flag",
    "string",
    "size",
    "offset",
    "number",
    "msec",
    "sec",
    "enum",
    "bitmask",
    "number size",
    "complex",
    "complex size",
    "predicate",
    "key value",
    "path",
    "access",
];

fn main() {
    println!("cargo:rerun-if-changed=data");
    println!("cargo:rerun-if-changed=build.rs");
    let own = read("nginx-directives.json");
    let removed = read("nginx-directives-removed.json");
    let third = read("nginx-directives-thirdparty.json");
    let history = read("nginx-directive-history.json");
    let variables = read("nginx-variables.json");

    // What each word is: directive and variable share many of their words, and are one list.
    let mut roles: BTreeMap<&str, u8> = BTreeMap::new();
    for row in own.iter().chain(&removed).chain(&third) {
        *roles.entry(text(row, "name")).or_default() |= 1;
    }
    for row in &variables {
        let stream = u8::from(text(row, "protocol") == "stream");
        let prefix = u8::from(row.get("prefix").and_then(Value::as_bool) == Some(true));
        *roles.entry(text(row, "name")).or_default() |= 2 << (stream + 2 * prefix);
    }
    let names: Vec<&str> = roles.iter().filter(|(_, roles)| **roles & 1 != 0).map(|(name, _)| *name).collect();
    let mut origins: Vec<String> = Vec::new();
    let mut values: Vec<Vec<&str>> = vec![Vec::new()];

    let mut rows = Vec::new();
    for (row, is_third) in own.iter().chain(&removed).map(|row| (row, false)).chain(third.iter().map(|row| (row, true)))
    {
        let name = text(row, "name");
        // The module's own entry, else one of the same protocol.
        let entries = || history.iter().filter(|old| text(old, "name") == name);
        let known = entries()
            .find(|old| text(old, "module") == text(row, "module"))
            .or_else(|| entries().find(|old| protocol(text(old, "module")) == protocol(text(row, "module"))));
        let legal: Vec<&str> = match row.get("bounds").or_else(|| row.get("values")) {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let at = values.iter().position(|old| *old == legal).unwrap_or_else(|| {
            values.push(legal);
            values.len() - 1
        });
        let position = names.binary_search(&name).unwrap();
        let duplicate_is_error =
            row.get("duplicate_is_error").and_then(Value::as_bool).unwrap_or(false) && !LISTS.contains(&name);
        let columns: [u16; COLUMNS.len()] = [
            contexts(row),
            if name.ends_with("_by_lua_block") { lua_args(text(row, "args")) } else { args(text(row, "args")) },
            // What goes together is one column: of few pairs, one place each.
            pair(
                kind(row.get("type").and_then(Value::as_str)).into(),
                usize::from(duplicate_is_error) | usize::from(is_third) << 1,
            ),
            at.try_into().unwrap(),
            match text(row, "module") {
                // The history has no release for these: HTTP/3 came with 1.25.0.
                "ngx_http_v3_module" | "ngx_quic_bpf_module" => version("1.25.0"),
                _ => known.and_then(|old| old.get("since")).and_then(Value::as_str).map_or(0, version),
            },
            row.get("removed").and_then(Value::as_str).map_or(0, version),
        ];
        let origin = [text(row, "module"), known.map_or("", |old| page(text(old, "doc")))].join(" ");
        origins.push(origin.clone());
        rows.push((position, columns, origin));
    }
    rows.sort_by_key(|(position, ..)| *position);
    origins.sort_unstable();
    origins.dedup();

    let mut out = String::new();
    let (shared, rests) = apart(roles.keys());
    lines(&mut out, "WORDS", &rests);
    bytes(&mut out, "SHARED", &shared);
    bytes(&mut out, "ROLES", &roles.into_values().collect::<Vec<u8>>());
    lines(&mut out, "ORIGINS", &origins);
    let origin = |(_, _, origin): &(_, _, String)| origins.binary_search(origin).unwrap().try_into().unwrap();
    bytes(&mut out, "ORIGIN", &rows.iter().map(origin).collect::<Vec<u8>>());
    lines(&mut out, "VALUES", &values.iter().map(|legal| legal.join(" ")).collect::<Vec<_>>());
    // Column by column, and what is larger than a byte by its place in a list of its own: so it compresses best.
    let forms: Vec<u8> =
        (0..names.len()).map(|at| rows.iter().filter(|(name, ..)| *name == at).count().try_into().unwrap()).collect();
    bytes(&mut out, "FORMS", &forms);
    for (at, name) in COLUMNS.iter().enumerate() {
        let distinct: Vec<u16> =
            rows.iter().map(|(_, columns, _)| columns[at]).collect::<BTreeSet<_>>().into_iter().collect();
        let places: Vec<u8> = rows
            .iter()
            .map(|(_, columns, _)| distinct.binary_search(&columns[at]).unwrap().try_into().unwrap())
            .collect();
        writeln!(out, "pub(super) static {name}: Column = Column {{ distinct: &{distinct:?}, places: &{places:?} }};")
            .unwrap();
    }
    let target = Path::new(&env::var("OUT_DIR").unwrap()).join("tables.rs");
    fs::write(target, out).unwrap();
}

/// Two small numbers as one.
fn pair(low: usize, high: usize) -> u16 {
    u16::from(u8::try_from(low).unwrap()) | u16::from(u8::try_from(high).unwrap()) << 8
}

fn read(name: &str) -> Vec<Value> {
    let path = format!("{}/data/{name}", env::var("CARGO_MANIFEST_DIR").unwrap());
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap()
}

/// A documentation page without its anchor, and what is the same of all.
fn page(doc: &str) -> &str {
    doc.split('#').next().unwrap().strip_prefix("/en/docs/").unwrap().strip_suffix(".html").unwrap()
}

/// Sorted names without the words (`_` is between them) with which the one before begins as well, and how many those are.
fn apart<'a>(names: impl Iterator<Item = &'a &'a str>) -> (Vec<u8>, Vec<String>) {
    let mut before: Vec<&str> = Vec::new();
    names
        .map(|name| {
            let words: Vec<&str> = name.split('_').collect();
            let shared = words.iter().zip(&before).take_while(|(word, before)| word == before).count();
            let rest = words[shared..].join("_");
            before = words;
            (u8::try_from(shared).unwrap(), rest)
        })
        .unzip()
}

fn protocol(module: &str) -> &str {
    ["_http_", "_stream_", "_mail_"].into_iter().find(|part| module.contains(part)).unwrap_or("core")
}

/// 1.22.1 is 2201: every version that matters is 1.something.
fn version(text: &str) -> u16 {
    let mut parts = text.split('.').map(|part| part.parse::<u16>().unwrap());
    let (major, minor, patch) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    if major == 0 { 0 } else { minor * 100 + patch }
}

fn contexts(row: &Value) -> u16 {
    let Some(Value::Array(list)) = row.get("contexts") else { panic!("contexts") };
    list.iter()
        .filter_map(Value::as_str)
        .map(|name| match name {
            "main" => 1,
            "events" => 1 << 1,
            "http" => 1 << 2,
            "http/server" => 1 << 3,
            "http/location" => 1 << 4,
            "http/server/if" => 1 << 5,
            "http/location/if" => 1 << 6,
            "http/location/limit_except" => 1 << 7,
            "http/upstream" => 1 << 8,
            "stream" => 1 << 9,
            "stream/server" => 1 << 10,
            "stream/upstream" => 1 << 11,
            "mail" => 1 << 12,
            "mail/server" => 1 << 13,
            "any" => 0x3fff,
            other => panic!("context {other}"),
        })
        .fold(0, |all, one: u16| all | one)
}

/// Bits 0–7: exactly so many; 8: one or more; 9: two or more; 10: flag; 11: block; 12: any number.
fn args(text: &str) -> u16 {
    text.split('|')
        .map(|part| match part {
            "1more" => 1 << 8,
            "2more" => 1 << 9,
            "flag" => 1 << 10,
            "block" => 1 << 11,
            "any" => 1 << 12,
            number => 1 << number.parse::<u16>().unwrap(),
        })
        .fold(0, |all, one: u16| all | one)
}

/// The tables count a Lua body as the last argument.
fn lua_args(text: &str) -> u16 {
    let before = args(text) >> 1;
    before | 1 << 11
}

/// 0 is a directive's own.
fn kind(text: Option<&str>) -> u16 {
    text.map_or(0, |text| KINDS.iter().position(|kind| *kind == text).unwrap() as u16 + 1)
}

/// One item a line.
fn lines(out: &mut String, name: &str, items: &[impl AsRef<str>]) {
    let text = items.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("\n");
    writeln!(out, "pub(super) static {name}: &str = {text:?};").unwrap();
}

fn bytes(out: &mut String, name: &str, items: &[u8]) {
    writeln!(out, "pub(super) static {name}: &[u8] = &{items:?};").unwrap();
}

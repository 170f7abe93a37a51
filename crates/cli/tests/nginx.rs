//! `lockstep lint`, `route`, `redirects` and `generate`, as somebody types them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn lockstep(folder: &Path, arguments: &[&str], input: &str) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let _ = pipe.write_all(input.as_bytes());
    drop(pipe);
    let out = child.wait_with_output().unwrap();
    Said {
        code: out.status.code().unwrap(),
        out: String::from_utf8(out.stdout).unwrap(),
        err: String::from_utf8(out.stderr).unwrap(),
    }
}

const BROKEN: &str = "server {\n    listen 80\n    server_name a.test;\n    root /srv/a;\n}\n";

#[test]
fn lint_tells_place_line_and_fix() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.conf"), BROKEN).unwrap();
    let said = lockstep(folder.path(), &["lint", "a.conf"], "");
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.starts_with("a.conf:2:5: error missing-semicolon: "), "{}", said.out);
    assert!(said.out.contains("  2 |     listen 80\n"), "{}", said.out);
    assert!(said.out.contains("(--fix does it)"), "{}", said.out);
    let json = lockstep(folder.path(), &["lint", "--format", "json", "a.conf"], "");
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["findings"][0]["place"]["line"], 2);
    let sarif = lockstep(folder.path(), &["lint", "--format", "sarif", "a.conf"], "");
    let sarif: serde_json::Value = serde_json::from_str(&sarif.out).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "a.conf");
    let github = lockstep(folder.path(), &["lint", "--format", "github", "a.conf"], "");
    assert!(github.out.starts_with("::error file=a.conf,line=2,col=5,title="), "{}", github.out);
}

#[test]
fn lint_fixes_files_and_pipes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.conf");
    fs::write(&file, BROKEN).unwrap();
    let said = lockstep(folder.path(), &["lint", "--fix", "--diff", "a.conf"], "");
    assert_eq!(said.code, 1);
    assert!(said.out.contains("-    listen 80\n+    listen 80;\n"), "{}", said.out);
    assert_eq!(fs::read_to_string(&file).unwrap(), BROKEN);
    let said = lockstep(folder.path(), &["lint", "--fix", "a.conf"], "");
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let fixed = BROKEN.replace("listen 80", "listen 80;");
    assert_eq!(fs::read_to_string(&file).unwrap(), fixed);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let said = lockstep(folder.path(), &["lint", "--fix", "-"], BROKEN);
    assert_eq!((said.code, said.out), (0, fixed));
}

#[test]
fn lint_reads_files_together_and_says_what_it_cannot() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("nginx.conf"), "events {}\nhttp {\n    include a.conf;\n}\n").unwrap();
    fs::write(folder.path().join("a.conf"), BROKEN).unwrap();
    let said = lockstep(folder.path(), &["lint", "nginx.conf", "a.conf"], "");
    assert!(said.out.contains("a.conf:2:5: error missing-semicolon"), "{}", said.out);
    let said = lockstep(folder.path(), &["lint", "missing.conf"], "");
    assert_eq!(said.code, 2);
    assert!(said.err.contains("cannot read missing.conf"), "{}", said.err);
    let dump = format!("# configuration file /etc/nginx/nginx.conf:\nevents {{}}\nhttp {{\n{BROKEN}}}\n");
    let said = lockstep(folder.path(), &["lint", "-"], &dump);
    assert!(said.out.contains("/etc/nginx/nginx.conf:4:5: error missing-semicolon"), "{}", said.out);
    let said = lockstep(folder.path(), &["lint", "--fix", "-"], &dump);
    assert_eq!(said.code, 2, "{}", said.out);
}

#[test]
fn latin1_is_read_and_written_back_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.conf");
    fs::write(&file, b"# caf\xe9\nserver {\n    listen 80 # \xfc\xfc\n    server_name a.test;\n    bogus on;\n}\n")
        .unwrap();
    let said = lockstep(folder.path(), &["lint", "a.conf"], "");
    assert!(said.err.contains("a.conf is not UTF-8 text: read as Latin-1"), "{}", said.err);
    assert!(said.out.contains("a.conf:3:5: error missing-semicolon"), "{}", said.out);
    assert!(said.out.contains("a.conf:5:5: error unknown-directive"), "{}", said.out);
    lockstep(folder.path(), &["lint", "--fix", "a.conf"], "");
    let fixed = b"# caf\xe9\nserver {\n    listen 80; # \xfc\xfc\n    server_name a.test;\n    bogus on;\n}\n";
    assert_eq!(fs::read(&file).unwrap(), fixed);
    fs::write(&file, "# café\nserver { listen 80; }\n").unwrap();
    assert_eq!(lockstep(folder.path(), &["lint", "a.conf"], "").err, "");
}

#[test]
fn nothing_read_is_never_nothing_found() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["", "sudo nginx -t\n", "# only this\n"] {
        for format in ["text", "github", "sarif"] {
            let said = lockstep(folder.path(), &["lint", "--format", format, "-"], text);
            assert!(said.out.contains("nothing-read") && !said.out.contains("Nothing found"), "{}", said.out);
        }
    }
    let said = lockstep(folder.path(), &["lint", "-"], "$ cat <<EOF\n> server {\n>     listen 80;\n> }\n> EOF\n");
    assert!(said.out.starts_with("Nothing found"), "{}", said.out);
}

#[test]
fn a_dump_is_not_promised_a_fix_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let dump = format!("# configuration file /etc/nginx/nginx.conf:\nevents {{}}\nhttp {{\n{BROKEN}}}\n");
    let said = lockstep(folder.path(), &["lint", "-"], &dump);
    assert!(
        !said.out.contains("--fix does it") && said.out.contains("A dump cannot be fixed in place"),
        "{}",
        said.out
    );
    let said = lockstep(folder.path(), &["lint", "--fix", "--diff", "-"], &dump);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("+    listen 80;\n"), "{}", said.out);
    assert!(lockstep(folder.path(), &["lint", "--fix", "-"], &dump).err.contains("--fix --diff"));
    // Where nothing would change, the exit code says so.
    let said = lockstep(folder.path(), &["lint", "--fix", "--diff", "-"], "server { listen 80; }\n");
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    let help = lockstep(folder.path(), &["lint", "--help"], "").out;
    assert!(help.contains("exit code is 1 when something would"), "{help}");
}

#[test]
fn includes_are_followed_within_the_folder() {
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().join("etc");
    fs::create_dir_all(folder.join("conf.d")).unwrap();
    fs::create_dir_all(folder.join("snippets")).unwrap();
    fs::write(
        folder.join("nginx.conf"),
        "events {}\nhttp {\n    include conf.d/*.conf;\n    include ../out.conf;\n}\n",
    )
    .unwrap();
    let broken = BROKEN.replace("root /srv/a;", "include snippets/deep.conf;");
    fs::write(folder.join("conf.d/site.conf"), &broken).unwrap();
    fs::write(folder.join("snippets/deep.conf"), "root /srv/a;\nbogus on;\n").unwrap();
    fs::write(around.path().join("out.conf"), "secret on;\n").unwrap();
    let said = lockstep(&folder, &["lint", "nginx.conf"], "");
    assert!(said.out.contains("conf.d/site.conf:2:5: error missing-semicolon"), "{}", said.out);
    assert!(said.out.contains("snippets/deep.conf:2:1: error unknown-directive"), "{}", said.out);
    assert!(!said.out.contains("secret"), "{}", said.out);
    let said = lockstep(around.path(), &["lint", "etc/nginx.conf"], "");
    assert!(said.out.contains("etc/conf.d/site.conf:2:5: error missing-semicolon"), "{}", said.out);
    // What was not named is not written.
    lockstep(&folder, &["lint", "--fix", "nginx.conf"], "");
    assert_eq!(fs::read_to_string(folder.join("conf.d/site.conf")).unwrap(), broken);
}

#[test]
fn fail_on_decides_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let warned = "server {\n    listen 80;\n    server_name a.test;\n    location / {\n        proxy_pass http://127.0.0.1:8000;\n    }\n}\n";
    let code = |arguments: &[&str]| lockstep(folder.path(), arguments, warned).code;
    assert_eq!(code(&["lint", "-"]), 0);
    assert_eq!(code(&["lint", "--fail-on", "warning", "-"]), 1);
    assert_eq!(code(&["lint", "--fail-on", "never", "-"]), 2);
}

#[test]
fn route_and_redirects_explain() {
    let folder = tempfile::tempdir().unwrap();
    let generated = lockstep(folder.path(), &["generate", "lockstep-test.org", "--static", "/srv/static"], "");
    assert_eq!(generated.code, 0, "{}", generated.err);
    fs::write(folder.path().join("site.conf"), &generated.out).unwrap();
    let said = lockstep(folder.path(), &["route", "site.conf", "http://www.lockstep-test.org/a?b=c"], "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("=> 301 to https://lockstep-test.org/a?b=c"), "{}", said.out);
    let said = lockstep(folder.path(), &["route", "site.conf", "https://lockstep-test.org/static/x.css"], "");
    assert!(said.out.contains("=> the file /srv/static/x.css"), "{}", said.out);
    let said =
        lockstep(folder.path(), &["route", "--format", "json", "-", "https://lockstep-test.org/login"], &generated.out);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["outcome"]["kind"], "proxy");
    assert_eq!(json["outcome"]["uri"], "/login");
    let said = lockstep(folder.path(), &["redirects", "site.conf"], "");
    assert!(said.out.contains("http://www.lockstep-test.org   301 to https://lockstep-test.org/"), "{}", said.out);
    let said = lockstep(folder.path(), &["route", "site.conf", "ftp://x/"], "");
    assert_eq!(said.code, 2);
}

#[test]
fn generate_says_what_it_cannot_use() {
    let folder = tempfile::tempdir().unwrap();
    let said = lockstep(folder.path(), &["generate", "a.test; root /", "--app", "0.0.0.0:80"], "");
    assert_eq!(said.code, 2);
    assert!(said.err.contains("domain: ") && said.err.contains("app: ") && said.out.is_empty(), "{}", said.err);
}

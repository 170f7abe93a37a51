//! Every configuration that the generator can write: it lints clean, and the real nginx (where one is installed) takes it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking
#![allow(clippy::print_stderr)] // it says what was not run

use std::{fs, path::Path, process::Command};

use nginx::{
    Answer, Canonical, Config, Fancy, Options, Outcome, Request, Site, Source, Version, generate, lint_all,
    redirect_map, route,
};

/// Every combination of what can be chosen.
fn sites() -> Vec<Site> {
    let mut all = Vec::new();
    for canonical in [Canonical::Apex, Canonical::Www, Canonical::Both, Canonical::Single] {
        for tls in [true, false] {
            for app in ["127.0.0.1:8000", "unix:/run/app.sock"] {
                for (static_files, uploads) in
                    [("", ""), ("/srv/app/static", ""), ("", "/srv/app/uploads/"), ("/srv/app/static/", "/srv/app/up")]
                {
                    for flags in 0..16 {
                        for version in [Version::V1_18, Version::V1_22, Version::V1_26, Version::MAINLINE] {
                            // Two releases stand for their neighbours where the text is the same.
                            let full = !static_files.is_empty() && !uploads.is_empty();
                            if !full && matches!(version, Version::V1_18 | Version::V1_26) {
                                continue;
                            }
                            all.push(Site {
                                domain: "lockstep-test.org".into(),
                                more_names: if flags & 1 > 0 { vec!["shop.lockstep-test.org".into()] } else { vec![] },
                                canonical,
                                app: app.into(),
                                tls,
                                lineage: String::new(),
                                static_files: static_files.into(),
                                uploads: uploads.into(),
                                largest_request: 20,
                                ipv6: flags & 2 > 0,
                                http2: flags & 4 > 0,
                                acme: if flags & 8 > 0 { "/var/www/letsencrypt".into() } else { String::new() },
                                hsts: flags & 4 > 0 && flags & 2 > 0,
                                version,
                            });
                        }
                    }
                }
            }
        }
    }
    all
}

fn whole(site: &Site) -> String {
    format!("worker_processes auto;\nevents {{}}\nhttp {{\ninclude mime.types;\n{}}}\n", generate(site).unwrap())
}

#[test]
fn every_choice_lints_clean() {
    let mut wrong = Vec::new();
    let sites = sites();
    for site in &sites {
        let both = [(generate(site).unwrap(), false), (whole(site), true)];
        // What else is on the machine does not depend on the release.
        let count = if site.version == Version::V1_22 { 2 } else { 1 };
        for (text, everything) in both.into_iter().take(count) {
            let sources = [Source { name: "nginx.conf", text: &text }];
            let linted = lint_all(&sources, &Options { version: Some(site.version), everything });
            // Without a folder for them, that static files are the app's is what was chosen; and which site answers
            // for unknown names is for the whole machine to say, not for one site.
            let chosen = |rule: &str| {
                (rule == "static-not-served" && site.static_files.is_empty())
                    || (rule == "no-default-server" && everything)
            };
            for finding in linted.findings.into_iter().filter(|finding| !chosen(&finding.rule)) {
                wrong.push(format!("{}: {}\n{site:?}\n{text}", finding.rule, finding.seen));
            }
        }
    }
    assert!(wrong.is_empty(), "{} findings over {} sites; the first:\n{}", wrong.len(), sites.len(), wrong[0]);
}

#[test]
fn every_choice_leads_to_the_app() {
    let patterns = Fancy::default();
    for site in sites() {
        let text = whole(&site);
        let config = Config::read(&[Source { name: "nginx.conf", text: &text }], Some(site.version), true);
        let map = redirect_map(&config, &patterns);
        assert!(map.loops.is_empty(), "{text}");
        let bare = "lockstep-test.org";
        let www = "www.lockstep-test.org";
        for corner in &map.corners {
            if corner.scheme == "https" && !site.tls {
                assert_eq!(corner.answer, Answer::Closed, "{text}");
                continue;
            }
            let end = &map.corners[corner.ends_at.unwrap()];
            assert_eq!(end.answer, Answer::App, "{corner:?}\n{text}");
            assert_eq!(end.scheme == "https", site.tls, "{text}");
            assert!(corner.hops.unwrap() <= 1, "{corner:?}\n{text}");
            assert!(corner.keeps_path.is_none_or(|keeps| keeps), "{corner:?}\n{text}");
            let expected = match site.canonical {
                Canonical::Apex if corner.host == www => bare,
                Canonical::Www if corner.host == bare => www,
                _ => corner.host.as_str(),
            };
            assert_eq!(end.host, expected, "{corner:?}\n{text}");
        }
        let scheme = if site.tls { "https" } else { "http" };
        let host = if site.canonical == Canonical::Www { www } else { bare };
        let ask = |scheme: &str, path: &str| {
            let request = Request::parse(&format!("{scheme}://{host}{path}")).unwrap();
            route(&config, &request, &patterns)
        };
        let way = ask(scheme, "/login?next=/");
        assert!(matches!(&way.outcome, Outcome::Proxy { uri, .. } if uri == "/login?next=/"), "{way:?}\n{text}");
        let sent: Vec<&str> = way.request_headers.iter().map(|header| header.name.as_str()).collect();
        for name in ["Host", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Proto"] {
            assert!(sent.contains(&name), "{sent:?}");
        }
        let hsts = |way: &nginx::Route| way.response_headers.iter().any(|one| one.name == "Strict-Transport-Security");
        assert_eq!(hsts(&way), site.hsts && site.tls, "{text}");
        if !site.uploads.is_empty() {
            let way = ask(scheme, "/uploads/a%20b.png");
            let folder = site.uploads.trim_end_matches('/');
            assert!(
                matches!(&way.outcome, Outcome::File { path, .. } if *path == format!("{folder}/a b.png")),
                "{way:?}"
            );
            assert_eq!(hsts(&way), site.hsts && site.tls, "{text}");
        }
        if !site.acme.is_empty() {
            let way = ask("http", "/.well-known/acme-challenge/token");
            let file = "/var/www/letsencrypt/.well-known/acme-challenge/token";
            assert!(matches!(&way.outcome, Outcome::File { path, .. } if path == file), "{way:?}\n{text}");
        }
    }
}

#[test]
fn nginx_takes_every_choice() {
    let Ok(out) = Command::new("nginx").arg("-v").output() else {
        eprintln!("not run: no nginx on PATH");
        return;
    };
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let installed = Version::parse(said.split("nginx/").nth(1).unwrap().split_whitespace().next().unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["lockstep-test.org".to_owned()]).unwrap();
    fs::write(folder.path().join("fullchain.pem"), made.cert.pem()).unwrap();
    fs::write(folder.path().join("privkey.pem"), made.signing_key.serialize_pem()).unwrap();
    fs::write(folder.path().join("mime.types"), "types { text/html html; }\n").unwrap();
    // The form of HTTP/2 is the release's: other releases are asked in the lint above.
    let sites: Vec<Site> = sites()
        .into_iter()
        .filter(|site| (site.version >= Version::new(25, 1)) == (installed >= Version::new(25, 1)))
        .filter(|site| site.version != Version::V1_18 && site.version != Version::MAINLINE)
        .collect();
    assert!(sites.len() >= 250, "only {} are asked", sites.len());
    // Many at once, each on ports of its own: nginx complains with the line.
    for some in sites.chunks(64) {
        let servers: String =
            some.iter().zip(0..).map(|(site, at)| here(&generate(site).unwrap(), folder.path(), at)).collect();
        let head = head(folder.path());
        let file = folder.path().join("nginx.conf");
        fs::write(&file, format!("{head}{servers}}}\n")).unwrap();
        let out = Command::new("nginx").arg("-t").arg("-p").arg(folder.path()).arg("-c").arg(&file).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success() && !said.contains("[warn]"), "{said}\n{servers}");
    }
}

fn head(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "error_log stderr;\npid {folder}/nginx.pid;\nevents {{}}\nhttp {{\naccess_log off;\nserver_names_hash_max_size 4096;\nclient_body_temp_path {folder}/t1;\nproxy_temp_path {folder}/t2;\nfastcgi_temp_path {folder}/t3;\nuwsgi_temp_path {folder}/t4;\nscgi_temp_path {folder}/t5;\n"
    )
}

/// The same servers where an ordinary user can test them: other ports, certificates and folders.
fn here(text: &str, folder: &Path, at: u16) -> String {
    let (plain, tls) = (18_000 + at, 19_000 + at);
    text.replace("/etc/letsencrypt/live/lockstep-test.org/", &format!("{}/", folder.display()))
        .replace("listen 80;", &format!("listen 127.0.0.1:{plain};"))
        .replace("listen [::]:80;", &format!("listen [::1]:{plain};"))
        .replace("listen 443", &format!("listen 127.0.0.1:{tls}"))
        .replace("listen [::]:443", &format!("listen [::1]:{tls}"))
}

//! Writes the smallest configuration that is right for a site.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::{Version, config::ip};

/// What the configuration is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    /// The name without `www.`: `example.com`.
    pub domain: String,
    /// Further names that are served the same.
    pub more_names: Vec<String>,
    /// Which of the two names visitors end at.
    pub canonical: Canonical,
    /// Where the application listens: `127.0.0.1:8000` or `unix:/run/app.sock`.
    pub app: String,
    /// TLS, with certificates where certbot puts them.
    pub tls: bool,
    /// The name of certbot's folder under `/etc/letsencrypt/live`; the domain when empty.
    pub lineage: String,
    /// Folder of `/static/`; none when empty.
    pub static_files: String,
    /// Folder of `/uploads/`; none when empty.
    pub uploads: String,
    /// The largest request, in megabytes.
    pub largest_request: u16,
    /// Listens on IPv6 too.
    pub ipv6: bool,
    /// HTTP/2, in the release's own form.
    pub http2: bool,
    /// Folder for ACME challenges (certbot's `--webroot`); none when empty.
    pub acme: String,
    /// Strict-Transport-Security. Off until everything else is right: browsers do not forget it.
    pub hsts: bool,
    /// The release.
    pub version: Version,
}

/// Which name visitors end at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Canonical {
    /// `www.` redirects to the bare name.
    Apex,
    /// The bare name redirects to `www.`.
    Www,
    /// Both are served.
    Both,
    /// There is no `www.`.
    Single,
}

impl Default for Site {
    fn default() -> Site {
        Site {
            domain: String::new(),
            more_names: Vec::new(),
            canonical: Canonical::Apex,
            app: "127.0.0.1:8000".to_owned(),
            tls: true,
            lineage: String::new(),
            static_files: String::new(),
            uploads: String::new(),
            largest_request: 10,
            ipv6: true,
            http2: true,
            acme: "/var/www/letsencrypt".to_owned(),
            hsts: false,
            version: Version::V1_22,
        }
    }
}

/// A field that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unusable {
    /// The field's name as in [`Site`].
    pub field: String,
    /// What it should be.
    pub text: String,
}

/// Writes the server blocks, for a file in `sites-available` or `conf.d`.
///
/// # Errors
/// Every field that cannot be used: nothing that is typed can become a directive.
pub fn generate(site: &Site) -> Result<String, Vec<Unusable>> {
    let mut unusable = Vec::new();
    let mut check = |field: &str, good: bool, text: &str| {
        if !good {
            unusable.push(Unusable { field: field.to_owned(), text: text.to_owned() });
        }
    };
    let domain = site.domain.trim().trim_end_matches('.').to_ascii_lowercase();
    let more: Vec<String> = site.more_names.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    // Where the last part is a number it is an address, for which certbot asks in another way.
    let address = domain.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    check(
        "domain",
        is_name(&domain) && !address,
        "A domain name, such as example.com (international names in their xn-- form).",
    );
    check(
        "domain",
        site.canonical == Canonical::Single || !domain.starts_with("www."),
        "The name without www.: which of the two is served is a choice of its own.",
    );
    check("more_names", more.iter().all(|name| is_name(name)) && more.len() <= 100, "Domain names.");
    let app = app(site.app.trim());
    check("app", app.is_some(), "An address with a port, such as 127.0.0.1:8000, or unix:/run/app.sock.");
    let back = app.as_deref().and_then(|app| app.rsplit_once(':')).is_some_and(|(host, port)| {
        let www = format!("www.{domain}");
        let local = host == "localhost" || host.starts_with("127.") || host == "[::1]";
        let named = host.eq_ignore_ascii_case(&domain)
            || host.eq_ignore_ascii_case(&www)
            || more.iter().any(|name| name.eq_ignore_ascii_case(host));
        (local || named) && (port == "80" || (site.tls && port == "443"))
    });
    check("app", !back, "Another port than nginx's own: the application cannot listen where nginx does.");
    for (field, path) in [("static_files", &site.static_files), ("uploads", &site.uploads), ("acme", &site.acme)] {
        check(field, path.trim().is_empty() || is_path(path.trim()), "A folder's whole path, such as /srv/app/static.");
    }
    let lineage = if site.lineage.trim().is_empty() { domain.as_str() } else { site.lineage.trim() };
    check("lineage", is_lineage(lineage), "The name that certbot certificates shows.");
    check("largest_request", site.largest_request > 0, "At least 1 megabyte.");
    if !unusable.is_empty() {
        return Err(unusable);
    }
    let writer = Writer { site, app: app.unwrap_or_default(), lineage };
    Ok(writer.write(&domain, &more))
}

struct Writer<'s> {
    site: &'s Site,
    /// What follows `proxy_pass http://`.
    app: String,
    lineage: &'s str,
}

impl Writer<'_> {
    fn write(&self, domain: &str, more: &[String]) -> String {
        let www = format!("www.{domain}");
        let (mut served, sent_on) = match self.site.canonical {
            Canonical::Apex => (vec![domain], vec![www.as_str()]),
            Canonical::Www => (vec![www.as_str()], vec![domain]),
            Canonical::Both => (vec![domain, www.as_str()], Vec::new()),
            Canonical::Single => (vec![domain], Vec::new()),
        };
        let canonical = served.first().copied().unwrap_or_default();
        for name in more {
            if !served.contains(&name.as_str()) && !sent_on.contains(&name.as_str()) {
                served.push(name);
            }
        }
        let mut out = String::new();
        if self.site.tls {
            // Where one name is served, plain HTTP leads there in one step.
            let target = if served.len() == 1 { canonical } else { "$host" };
            if target == "$host" && !sent_on.is_empty() {
                self.plain_redirect(&mut out, &sent_on, canonical);
                out.push('\n');
                self.plain_redirect(&mut out, &served, "$host");
            } else {
                let all: Vec<&str> = served.iter().chain(&sent_on).copied().collect();
                self.plain_redirect(&mut out, &all, target);
            }
            if !sent_on.is_empty() {
                out.push_str("\nserver {\n");
                self.listen(&mut out, true);
                let _ = writeln!(out, "    server_name {};\n", sent_on.join(" "));
                self.certificate(&mut out);
                self.hsts(&mut out, "    ");
                let _ = writeln!(out, "\n    return 301 https://{canonical}$request_uri;\n}}");
            }
            out.push('\n');
        } else if !sent_on.is_empty() {
            self.plain_sent_on(&mut out, &sent_on, canonical);
            out.push('\n');
        }
        self.main(&mut out, &served);
        out
    }

    /// Port 80 of a site with TLS.
    fn plain_redirect(&self, out: &mut String, names: &[&str], target: &str) {
        self.redirecting(out, names, &format!("https://{target}"));
    }

    /// Port 80 of the other name of a site without TLS.
    fn plain_sent_on(&self, out: &mut String, names: &[&str], target: &str) {
        self.redirecting(out, names, &format!("http://{target}"));
    }

    fn redirecting(&self, out: &mut String, names: &[&str], target: &str) {
        out.push_str("server {\n");
        self.listen(out, false);
        let _ = writeln!(out, "    server_name {};\n", names.join(" "));
        if self.has_acme() {
            self.challenge(out);
            let _ = writeln!(out, "\n    location / {{\n        return 301 {target}$request_uri;\n    }}\n}}");
        } else {
            let _ = writeln!(out, "    return 301 {target}$request_uri;\n}}");
        }
    }

    fn main(&self, out: &mut String, served: &[&str]) {
        let site = self.site;
        out.push_str("server {\n");
        self.listen(out, site.tls);
        let _ = writeln!(out, "    server_name {};\n", served.join(" "));
        if site.tls {
            self.certificate(out);
            self.hsts(out, "    ");
            out.push('\n');
        }
        let _ = writeln!(out, "    client_max_body_size {}m;", site.largest_request);
        if !site.tls && self.has_acme() {
            out.push('\n');
            self.challenge(out);
        }
        let static_files = site.static_files.trim();
        if !static_files.is_empty() {
            let folder = static_files.trim_end_matches('/');
            let _ = writeln!(out, "\n    location /static/ {{\n        alias {folder}/;\n    }}");
        }
        let uploads = site.uploads.trim();
        if !uploads.is_empty() {
            let folder = uploads.trim_end_matches('/');
            let _ = writeln!(out, "\n    location /uploads/ {{\n        alias {folder}/;");
            out.push_str("        # Files of strangers are shown as what they are named, never guessed.\n");
            out.push_str("        add_header X-Content-Type-Options nosniff always;\n");
            if site.tls {
                // A header here drops those of the server.
                self.hsts(out, "        ");
            }
            out.push_str("    }\n");
        }
        let _ = writeln!(out, "\n    location / {{\n        proxy_pass http://{};", self.app);
        for (name, value) in [
            ("Host", "$host"),
            ("X-Real-IP", "$remote_addr"),
            ("X-Forwarded-For", "$proxy_add_x_forwarded_for"),
            ("X-Forwarded-Proto", "$scheme"),
        ] {
            let _ = writeln!(out, "        proxy_set_header {name} {value};");
        }
        out.push_str("    }\n}\n");
    }

    fn has_acme(&self) -> bool {
        !self.site.acme.trim().is_empty()
    }

    fn challenge(&self, out: &mut String) {
        let folder = self.site.acme.trim().trim_end_matches('/');
        let _ = writeln!(out, "    location ^~ /.well-known/acme-challenge/ {{\n        root {folder};\n    }}");
    }

    fn listen(&self, out: &mut String, tls: bool) {
        let newer = self.site.version >= Version::new(25, 1);
        let parameters = match (tls, self.site.http2 && !newer) {
            (true, true) => "443 ssl http2",
            (true, false) => "443 ssl",
            (false, _) => "80",
        };
        let _ = writeln!(out, "    listen {parameters};");
        if self.site.ipv6 {
            let _ = writeln!(out, "    listen [::]:{parameters};");
        }
        if tls && self.site.http2 && newer {
            out.push_str("    http2 on;\n");
        }
    }

    fn certificate(&self, out: &mut String) {
        let lineage = self.lineage;
        let _ = writeln!(out, "    ssl_certificate /etc/letsencrypt/live/{lineage}/fullchain.pem;");
        let _ = writeln!(out, "    ssl_certificate_key /etc/letsencrypt/live/{lineage}/privkey.pem;");
        out.push_str("    ssl_protocols TLSv1.2 TLSv1.3;\n");
    }

    fn hsts(&self, out: &mut String, indent: &str) {
        if self.site.hsts {
            let _ = writeln!(out, "{indent}add_header Strict-Transport-Security \"max-age=31536000\" always;");
        }
    }
}

/// A host name that nginx and certificates take (RFC 1123).
fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.len() <= 250 && name.contains('.') && name.split('.').all(label)
}

fn is_lineage(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

/// Nothing that nginx reads as more than a path.
fn is_path(path: &str) -> bool {
    path.len() <= 1000
        && path.starts_with('/')
        && path.trim_end_matches('/').len() > 1
        && !path.split('/').any(|part| part == "..")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'+' | b'@'))
}

/// What follows `http://` in `proxy_pass`.
fn app(text: &str) -> Option<String> {
    let text = text.strip_prefix("http://").unwrap_or(text);
    if let Some(path) = text.strip_prefix("unix:").or_else(|| text.starts_with('/').then_some(text)) {
        return (is_path(path) && !path.ends_with('/')).then(|| format!("unix:{path}"));
    }
    let (host, port) = text.rsplit_once(':')?;
    let port: u16 = port.parse().ok().filter(|port| *port > 0)?;
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let good = match inner {
        Some(inner) => ip::v6(inner).is_some_and(|ip| !ip.is_unspecified()),
        None => match ip::v4(host) {
            Some(ip) => !ip.is_unspecified(),
            None => host == "localhost" || is_name(host) || is_name(&format!("{host}.internal")),
        },
    };
    good.then(|| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_cannot_become_a_directive() {
        let good = Site { domain: "example.com".into(), ..Site::default() };
        assert!(generate(&good).is_ok());
        for bad in [
            "",
            "a",
            "192.0.2.1",
            "a.test; root /",
            "a.test b.test",
            "*.a.test",
            "a..test",
            "a.test\n}",
            "$host.test",
            "www.a.test",
        ] {
            assert!(generate(&Site { domain: bad.into(), ..good.clone() }).is_err(), "{bad}");
        }
        for bad in
            ["", "8000", "0.0.0.0:8000", "a b:1", "127.0.0.1:0", "unix:run.sock", "unix:/a;b", "/a/../b", "x:1/y"]
        {
            assert!(generate(&Site { app: bad.into(), ..good.clone() }).is_err(), "{bad}");
        }
        for bad in ["static", "/", "/a b", "/a;b", "/a/../etc", "/$x", "/a{b"] {
            assert!(generate(&Site { static_files: bad.into(), ..good.clone() }).is_err(), "{bad}");
            assert!(generate(&Site { acme: bad.into(), ..good.clone() }).is_err(), "{bad}");
        }
    }
}

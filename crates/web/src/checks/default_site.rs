//! The page that a web server or a panel shows before a site is set up.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Response,
    finals::{self, Faulty},
    words::{names, quoted, server_names, short, verb},
};

findings::check! {
    /// The page of a freshly installed web server answers instead of the site.
    ///
    /// ## Why it matters
    /// Visitors see "Welcome to nginx!" or a placeholder. The request reaches the server, but no server block names
    /// this host on this port, so the default one answers. Often its certificate is the wrong one, too.
    ///
    /// ## How to fix
    /// Name the host in `server_name` of the site's server block, for port 443 as well as 80, and remove the default
    /// site.
    CHECK: Check<Observation> = "default-site",
        section: App, severity: Failed,
        title: "A default page answers", healthy: "No default page",
        source: "Seed A12, C4, C11", run: run
}

/// What a fresh installation shows.
struct Mark {
    /// Whose page it is.
    whose: &'static str,
    /// How the title starts, in lower case; empty when it has none.
    title: &'static str,
    /// What the page must contain besides, in lower case; empty when the title is enough.
    body: &'static str,
}

const fn mark(whose: &'static str, title: &'static str, body: &'static str) -> Mark {
    Mark { whose, title, body }
}

/// Titles and words of the default pages themselves, so that a page *about* one of them is not taken for it.
const MARKS: &[Mark] = &[
    mark("nginx", "welcome to nginx!", "if you see this page, the nginx web server"),
    mark("nginx", "welcome to nginx on ", ""),
    mark("nginx", "test page for the nginx http server", ""),
    mark("OpenResty", "welcome to openresty!", ""),
    mark("Apache", "apache2 debian default page: it works", ""),
    mark("Apache", "apache2 ubuntu default page: it works", ""),
    mark("Apache", "apache2 default page: it works", ""),
    mark("Apache", "test page for the apache http server", ""),
    mark("Apache", "apache http server test page powered by", ""),
    mark("Apache", "http server test page powered by", ""),
    mark("Apache", "test page for the http server on", ""),
    mark("Caddy", "caddy works!", ""),
    mark("IIS", "iis windows", ""),
    mark("Tomcat", "apache tomcat/", "if you're seeing this, you've successfully installed tomcat"),
    mark("XAMPP", "welcome to xampp", ""),
    mark("Nginx Proxy Manager", "default site", "nginx proxy manager"),
    mark("Plesk", "web server's default page", ""),
    mark("Plesk", "domain default page", "plesk"),
    mark("Plesk", "default plesk page", ""),
    mark("cPanel", "default web site page", ""),
    mark("HestiaCP", "success! your new web server is ready to use", ""),
    mark("ISPConfig", "welcome to your website!", "this is the default index page of your website"),
    mark("lighttpd", "welcome page", "lighttpd"),
];

fn run(seen: &Observation) -> Vec<Verdict> {
    let finals = finals::prefer_https(finals::of(seen));
    finals::ask(seen, &finals, whose, |whose, faulty| say(seen, whose, faulty))
}

fn whose(response: &Response) -> Option<&'static str> {
    let title = response.title.as_deref().unwrap_or_default().trim().to_lowercase();
    let body = response.start.to_lowercase();
    let marked = MARKS.iter().find(|m| title.starts_with(m.title) && body.contains(m.body));
    // Apache's own page has no title: a heading and nothing else.
    let bare = || {
        let squeezed: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        (squeezed == "<html><body><h1>itworks!</h1></body></html>").then_some("Apache")
    };
    let cpanel = || body.contains("/cgi-sys/defaultwebpage.cgi").then_some("cPanel");
    marked.map(|mark| mark.whose).or_else(bare).or_else(cpanel)
}

fn say(seen: &Observation, whose: &str, faulty: &Faulty<'_, '_>) -> Said {
    let urls = faulty.urls();
    let show = verb(&urls, "shows", "show");
    let title = faulty.finals.iter().find_map(|f| f.response.title.as_deref());
    let words = title.map(|title| format!(", \"{}\",", short(title))).unwrap_or_default();
    let said = found(
        faulty.subject.clone(),
        format!("{urls} {show} the default page of {whose}{words} at {}.", faulty.places()),
    )
    .means(format!(
        "{} see a placeholder: the server is reached, but it does not know that this name is your site.",
        faulty.whom
    ));
    let said = match whose {
        "nginx" | "OpenResty" => said.fix_code(
            "Name the host in your site's server block, for port 443 too, enable that site and remove the default one; \
             then test and reload.",
            format!(
                "# in your site's server blocks:\n\
                 server_name {};\n\n\
                 # then:\n\
                 sudo rm /etc/nginx/sites-enabled/default\n\
                 sudo nginx -t && sudo systemctl reload nginx",
                server_names(seen)
            ),
        ),
        "Apache" => said.fix_code(
            "Name the host in your site's virtual host, enable it and disable the default one; then reload. If nginx \
             should answer here, stop Apache: only one of them can have the ports.",
            format!(
                "# in your site's virtual hosts:\n\
                 {}\n\n\
                 # then:\n\
                 sudo a2dissite 000-default\n\
                 sudo apachectl configtest && sudo systemctl reload apache2",
                apache_names(seen)
            ),
        ),
        _ => said.fix(format!(
            "In {whose}, connect {} with your site; until then the placeholder answers.",
            server_names(seen)
        )),
    };
    let said =
        said.prove(format!("curl -s {} | grep -i '<title>'", quoted(faulty.url())), "The title of your own site");
    faulty.server().into_iter().fold(said, |said, server| said.evidence("Server", server))
}

/// Apache takes one `ServerName`; further names are aliases.
fn apache_names(seen: &Observation) -> String {
    let line = |(index, name)| format!("{} {name}", if index == 0 { "ServerName" } else { "ServerAlias" });
    names(seen).into_iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_not_tested, passes};

    const NGINX: &str = "title: Welcome to nginx! | body: <h1>Welcome to nginx!</h1><p>If you see this page, the nginx \
                         web server is successfully installed and working.";

    #[test]
    fn default_pages_are_known_by_their_own_words() {
        let finding = fires(CHECK, &format!("https example.com 203.0.113.7 200 | server: nginx/1.22.1 | {NGINX}"));
        assert!(finding.seen.contains("the default page of nginx, \"Welcome to nginx!\", at 203.0.113.7"));
        assert!(finding.fix.unwrap().code.unwrap().contains("server_name example.com;"));
        for page in [
            "title: Apache2 Debian Default Page: It works",
            "title: Caddy works!",
            "title: IIS Windows Server",
            "title: Web Server's Default Page",
            "body: <html><body><h1>It works!</h1></body></html>",
        ] {
            fires(CHECK, &format!("https example.com 203.0.113.7 200 | {page}"));
        }
    }

    #[test]
    fn pages_about_them_and_plain_answers_pass() {
        for page in [
            "title: Welcome to nginx! A tutorial | body: <p>Today we install nginx.",
            "title: Welcome to our default page",
            "title: How to remove the Apache2 Debian Default Page: It works",
            "body: <html><body><h1>It works!</h1><p>My first page</p></body></html>",
            "body: plain",
        ] {
            passes(CHECK, &format!("https example.com 203.0.113.7 200 | {page}"));
        }
        passes(CHECK, "https example.com 203.0.113.7 404 | server: nginx | title: 404 Not Found");
    }

    #[test]
    fn over_http_it_counts_only_while_https_does_not_answer() {
        let http = format!("http example.com 203.0.113.7 200 | {NGINX}");
        fires(CHECK, &format!("{http}\nhttps example.com 203.0.113.7 refused"));
        passes(CHECK, &format!("{http}\nhttps example.com 203.0.113.7 200"));
        is_not_tested(CHECK, "https example.com 203.0.113.7 refused");
    }
}

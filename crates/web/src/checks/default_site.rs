//! The page that a web server or a panel shows before a site is set up.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Response,
    finals::{self, Final},
    words::{list, quoted, server_names, short},
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
        title: "A default page answers", healthy: "The site's own page answers",
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
    finals::ask(seen, &finals, whose, |whose, about, finals| say(seen, whose, about, finals))
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

fn say(seen: &Observation, whose: &str, about: String, finals: &[&Final<'_>]) -> Said {
    let urls = list(finals.iter().map(|f| short(f.url.as_str())));
    let title = finals.iter().find_map(|f| f.response.title.as_deref());
    let words = title.map(|title| format!(", \"{}\"", short(title))).unwrap_or_default();
    let names = server_names(seen);
    let said = found(about, format!("{urls} shows the default page of {whose}{words}, at {}.", finals::places(finals)))
        .means("Visitors see a placeholder: the server is reached, but it does not know that this name is your site.");
    let said = match whose {
        "nginx" | "OpenResty" => said.fix_code(
            "Name the host in your site's server block, for port 443 too, enable that site and remove the default one; \
             then test and reload.",
            format!(
                "server_name {names};\n\n\
                 sudo rm /etc/nginx/sites-enabled/default\n\
                 sudo nginx -t && sudo systemctl reload nginx"
            ),
        ),
        "Apache" => said.fix_code(
            "Name the host in your site's virtual host, enable it and disable the default one; then reload. If nginx \
             should answer here, stop Apache: only one of them can have the ports.",
            format!("ServerName {names}\n\nsudo a2dissite 000-default\nsudo systemctl reload apache2"),
        ),
        _ => said.fix(format!("In {whose}, connect {names} with your site; until then the placeholder answers.")),
    };
    let said = match finals.first() {
        Some(first) => said
            .prove(format!("curl -s {} | grep -i '<title>'", quoted(first.url.as_str())), "The title of your own site"),
        None => said,
    };
    finals.iter().filter_map(|f| f.response.server.as_deref()).take(1).fold(said, |said, s| said.evidence("Server", s))
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

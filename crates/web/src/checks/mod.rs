//! What we think of it: one file per check, listed here in report order.

use findings::{Check, Finding, State, Verdict, judge, not_tested, pass};

use crate::{Crawl, Observation, Page, Reference, words::list};

mod addresses_show_different_sites;
mod answers_shared_with_any_site;
mod answers_slowly;
mod bad_gateway;
mod client_certificate_demanded;
mod content_policy_mistaken;
mod content_policy_permissive;
mod cookie_refused_by_browsers;
mod corners_end_apart;
mod debugger_exposed;
mod default_site;
mod development_server;
mod first_redirect_changes_host;
mod foreign_script_unpinned;
mod gateway_timeout;
mod headers_missing_on_some_answers;
mod health_path_fails;
mod health_path_missing;
mod hsts_invalid;
mod hsts_missing;
mod hsts_over_http;
mod hsts_short_lived;
mod http_calls_in_scripts;
mod http_links_to_self;
mod insecure_form;
mod internal_location_leaks;
mod internal_urls_in_page;
mod mixed_active_content;
mod mixed_passive_content;
mod page_names_itself_over_http;
mod parked_page;
mod plain_http_hop;
mod plain_page_not_ready;
mod port_80_closed;
mod redirect_drops_path;
mod redirect_kept_for_long;
mod redirect_leads_nowhere;
mod redirect_loop;
mod redirect_repeats_any_host;
mod referrer_policy_tells_all;
mod router_answers;
mod security_header_ignored;
mod security_headers_missing;
mod server_answers_itself;
mod server_error;
mod server_version_shown;
mod service_unavailable;
mod session_cookie_without_httponly;
mod session_cookie_without_secure;
mod static_file_missing;
mod static_file_wrong_type;
mod temporary_redirect_to_https;
mod tls_on_port_80;
mod too_many_redirects;
mod traceback_shown;
mod unknown_name_gets_the_site;
mod www_shows_another_site;

/// Every check of this subject, in report order.
pub const ALL: &[Check<Observation>] = &[
    port_80_closed::CHECK,
    tls_on_port_80::CHECK,
    redirect_loop::CHECK,
    too_many_redirects::CHECK,
    redirect_leads_nowhere::CHECK,
    plain_http_hop::CHECK,
    internal_location_leaks::CHECK,
    corners_end_apart::CHECK,
    redirect_drops_path::CHECK,
    hsts_invalid::CHECK,
    temporary_redirect_to_https::CHECK,
    bad_gateway::CHECK,
    gateway_timeout::CHECK,
    service_unavailable::CHECK,
    server_error::CHECK,
    client_certificate_demanded::CHECK,
    server_answers_itself::CHECK,
    default_site::CHECK,
    parked_page::CHECK,
    router_answers::CHECK,
    addresses_show_different_sites::CHECK,
    development_server::CHECK,
    debugger_exposed::CHECK,
    traceback_shown::CHECK,
    health_path_fails::CHECK,
    static_file_missing::CHECK,
    static_file_wrong_type::CHECK,
    mixed_active_content::CHECK,
    mixed_passive_content::CHECK,
    insecure_form::CHECK,
    internal_urls_in_page::CHECK,
    page_names_itself_over_http::CHECK,
    http_links_to_self::CHECK,
    http_calls_in_scripts::CHECK,
    plain_page_not_ready::CHECK,
    www_shows_another_site::CHECK,
    session_cookie_without_secure::CHECK,
    cookie_refused_by_browsers::CHECK,
    hsts_missing::CHECK,
    hsts_over_http::CHECK,
    headers_missing_on_some_answers::CHECK,
    hsts_short_lived::CHECK,
    server_version_shown::CHECK,
    first_redirect_changes_host::CHECK,
    redirect_kept_for_long::CHECK,
    health_path_missing::CHECK,
    session_cookie_without_httponly::CHECK,
    security_headers_missing::CHECK,
    security_header_ignored::CHECK,
    referrer_policy_tells_all::CHECK,
    content_policy_mistaken::CHECK,
    content_policy_permissive::CHECK,
    answers_shared_with_any_site::CHECK,
    foreign_script_unpinned::CHECK,
    unknown_name_gets_the_site::CHECK,
    redirect_repeats_any_host::CHECK,
    answers_slowly::CHECK,
];

/// Those that are asked of further pages as well.
const OF_PAGES: &[Check<Observation>] = &[
    mixed_active_content::CHECK,
    mixed_passive_content::CHECK,
    insecure_form::CHECK,
    internal_urls_in_page::CHECK,
    page_names_itself_over_http::CHECK,
    http_links_to_self::CHECK,
    http_calls_in_scripts::CHECK,
];

/// What is to be said of further pages, by the same checks that judge the first ones. What these were already told to
/// name as well is in a template: told once. Where nothing is wrong, one row says what was read.
pub fn further(seen: &Observation, crawl: &Crawl) -> Vec<Finding> {
    let pages = crawl.pages.iter().map(|page| {
        let is_new = |it: &&Reference| !seen.pages.iter().any(|known| names(known, it));
        Page { references: page.references.iter().filter(is_new).cloned().collect(), ..page.clone() }
    });
    let inner = Observation { pages: pages.collect(), ..seen.clone() };
    let mut findings = judge(OF_PAGES, &inner);
    findings.retain(|finding| finding.state > State::NotTested);
    if findings.iter().all(|finding| finding.id != mixed_active_content::CHECK.about.id) {
        findings.extend(judge(&[Check { about: mixed_active_content::CHECK.about, run: read }], crawl));
    }
    findings
}

/// Whether a page names this as well: the same URL, or the same path of its own host.
fn names(known: &Page, it: &Reference) -> bool {
    known.references.iter().any(|other| {
        let is_own = other.url.host() == known.url.host() && other.url.path() == it.url.path();
        other.r#use == it.r#use && (other.url == it.url || is_own)
    })
}

/// What was read of further pages.
fn read(crawl: &Crawl) -> Vec<Verdict> {
    let subject = format!("further pages of {}", crawl.start);
    let kept_out = match crawl.kept_out {
        0 => String::new(),
        count => format!(" Its robots.txt keeps robots out of {count} more."),
    };
    let verdict = match (&crawl.robots, crawl.pages.len()) {
        (Err(why), _) => {
            not_tested(subject, format!("What robots may read there could not be learned: {}.", why.clause()))
        }
        (Ok(()), 0) => {
            not_tested(subject, format!("{} links to no page of its own that could be read.{kept_out}", crawl.start))
        }
        (Ok(()), count) => pass(
            subject,
            format!(
                "{count} more {} read, with nothing that browsers refuse beyond what the first page has: {}.{kept_out}",
                if count == 1 { "page was" } else { "pages were" },
                list(crawl.pages.iter().map(|page| page.url.as_str())),
            ),
        ),
    };
    vec![verdict]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use findings::judge;

    use super::*;
    use crate::case::observe;

    #[test]
    fn every_file_is_listed_and_every_listed_check_has_its_file() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/checks");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| Some(name.strip_suffix(".rs")?.replace('_', "-")))
            .filter(|name| name != "mod")
            .collect();
        let listed: BTreeSet<String> = ALL.iter().map(|check| check.about.id.to_owned()).collect();
        assert_eq!(files, listed);
        assert_eq!(listed.len(), ALL.len());
    }

    #[test]
    fn sections_come_in_layer_order() {
        assert!(ALL.is_sorted_by_key(|check| check.about.section));
    }

    #[test]
    fn every_check_explains_itself() {
        for Check { about, .. } in ALL {
            for title in [about.title, about.healthy] {
                assert!((1..=6).contains(&title.split_whitespace().count()), "{}: {title}", about.id);
            }
            for heading in ["\n ## Why it matters\n", "\n ## How to fix\n"] {
                assert!(about.doc.contains(heading), "{}: {heading}\n{}", about.id, about.doc);
            }
            assert!(!about.source.is_empty());
        }
    }

    /// A web in which most things are wrong, so that most checks speak.
    const WRONG: &str = "
        http  example.com     203.0.113.7  302 https://example.com/ | strict-transport-security: max-age=1
        http  example.com     203.0.113.8  refused
        http  example.com     2001:db8::7  timed-out
        http  www.example.com 203.0.113.7  301 http://127.0.0.1:8000/
        https example.com     203.0.113.7  502 | server: nginx
        https example.com     203.0.113.8  504
        https example.com     2001:db8::7  503
        https example.com     2001:db8::8  500 | strict-transport-security: max-age=x
        https www.example.com 203.0.113.7  301 https://www.example.com/
        https www.example.com 203.0.113.8  301 http://www.example.com/x
        https www.example.com 2001:db8::7  200 | title: Welcome to nginx!
        https www.example.com 2001:db8::8  200 | server: Werkzeug/3.0.1 Python/3.12.3
        page  http://www.example.com/x 200
        https cookie.example.com 203.0.113.7 200 | set-cookie: session | set-cookie: __Host-a
        uses  https://example.com/ script http://cdn.example.net/a.js
        uses  https://example.com/ image http://cdn.example.net/a.png 404
        uses  https://example.com/ form http://example.com/login
        uses  https://example.com/ canonical http://example.com/
        uses  https://example.com/ link http://example.com/about
        uses  https://example.com/ style http://127.0.0.1:8000/a.css
        uses  https://example.com/ call http://api.example.net/
        asset https://example.com/ style /static/a.css 404
        asset https://example.com/ script /static/a.js 200 | content-type: text/html
        nobody https://example.com/ 500 | title: Page not found at /x | body: <meta name=\"robots\" content=\"NONE,NOARCHIVE\"> Traceback (most recent call last):
        deep  example.com     203.0.113.7  301 https://example.com/";

    #[test]
    fn machine_words_stay_in_evidence() {
        let findings = judge(ALL, &observe(WRONG));
        let fired = findings.iter().filter(|finding| !finding.means.is_empty()).count();
        assert!(fired >= 26, "{findings:#?}");
        for finding in findings {
            for text in [&finding.title, &finding.seen, &finding.means] {
                for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
                    assert!(!["SNI", "SAN", "SANs", "ALPN", "EDE"].contains(&word), "{}: {text}", finding.id);
                }
            }
            assert!(finding.seen.ends_with('.'), "{}: {}", finding.id, finding.seen);
        }
    }

    #[test]
    fn every_row_has_an_anchor_of_its_own() {
        let findings = judge(ALL, &observe(WRONG));
        let keys: BTreeSet<String> = findings.iter().map(findings::Finding::key).collect();
        assert_eq!(keys.len(), findings.len(), "{keys:#?}");
    }

    #[test]
    fn the_guides_own_setup_earns_nothing_but_passes_and_notes() {
        let seen = observe(
            "http  example.com     203.0.113.7 301 https://example.com/
             http  www.example.com 203.0.113.7 301 https://www.example.com/
             https example.com     203.0.113.7 200 | server: nginx/1.22.1
             https www.example.com 203.0.113.7 200 | server: nginx/1.22.1
             deep  example.com     203.0.113.7 301 https://example.com/NONCE
             deep  www.example.com 203.0.113.7 301 https://www.example.com/NONCE",
        );
        for finding in judge(ALL, &seen) {
            let is_note =
                ["hsts-missing", "server-version-shown", "security-headers-missing"].contains(&finding.id.as_str());
            let expected = if is_note { findings::State::Note } else { findings::State::Passed };
            assert_eq!(finding.state, expected, "{finding:#?}");
        }
    }

    /// Further pages as a case of their own, followed from the first page.
    fn crawled(pages: &str) -> Crawl {
        let start = domain::HttpUrl::parse("https://example.com/").unwrap();
        Crawl { start, robots: Ok(()), pages: observe(pages).pages, kept_out: 2, more: 0 }
    }

    fn said(front: &str, crawl: &Crawl) -> Vec<String> {
        let front = observe(&format!("https example.com 203.0.113.7 200\nread https://example.com/\n{front}"));
        let all = further(&front, crawl);
        all.into_iter().map(|it| format!("{} {} {}", it.state.word(), it.id, it.subject)).collect()
    }

    #[test]
    fn an_inner_page_is_judged_as_the_first_one_is() {
        let crawl = crawled(
            "read https://example.com/about\nuses https://example.com/tickets script http://cdn.example.net/a.js\n\
             uses https://example.com/tickets image http://cdn.example.net/a.png 404\n\
             uses https://example.com/tickets form http://example.com/order",
        );
        let told = said("", &crawl);
        assert_eq!(
            told,
            [
                "Failed mixed-active-content https://example.com/tickets",
                "Warning mixed-passive-content https://example.com/tickets",
                "Failed insecure-form https://example.com/tickets",
            ]
        );
    }

    #[test]
    fn what_every_page_has_from_its_template_is_told_once() {
        let crawl = crawled(
            "uses https://example.com/about script http://cdn.example.net/a.js\n\
             uses https://example.com/about style http://example.com/a.css",
        );
        let front = "uses https://example.com/ script http://cdn.example.net/a.js\n\
                     uses https://example.com/ style http://example.com/a.css";
        assert_eq!(said(front, &crawl), ["Passed mixed-active-content further pages of https://example.com/"]);
    }

    #[test]
    fn what_was_read_is_said() {
        let pass = further(&observe(""), &crawled("read https://example.com/about"));
        assert!(pass[0].seen.starts_with("1 more page was read") && pass[0].seen.contains("/about"), "{pass:?}");
        assert!(pass[0].seen.ends_with("robots out of 2 more."), "{pass:?}");
        let none = said("", &crawled(""));
        assert_eq!(none, ["Not tested mixed-active-content further pages of https://example.com/"]);
        let unknown = Crawl { robots: Err(network::Unseen::TimedOut), ..crawled("") };
        assert_eq!(said("", &unknown), none);
    }

    #[test]
    fn nothing_looked_at_says_nothing() {
        assert_eq!(judge(ALL, &observe("")), []);
    }
}

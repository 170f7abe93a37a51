//! What we think of it: one file per check, listed here in report order.

use findings::Check;

use crate::Observation;

mod addresses_show_different_sites;
mod answers_shared_with_any_site;
mod answers_slowly;
mod bad_gateway;
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

    #[test]
    fn nothing_looked_at_says_nothing() {
        assert_eq!(judge(ALL, &observe("")), []);
    }
}

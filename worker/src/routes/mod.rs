//! Which route answers which path; one file per route.

pub(crate) mod api_check;
pub(crate) mod api_proof;
pub(crate) mod api_report;
pub(crate) mod api_reports;
pub(crate) mod asset;
pub(crate) mod badge;
pub(crate) mod calendar;
pub(crate) mod check;
pub(crate) mod form;
pub(crate) mod home;
pub(crate) mod name;
pub(crate) mod problem;
pub(crate) mod shared;
pub(crate) mod shared_delete;
pub(crate) mod shared_since;

use domain::Target;

/// Everything that this worker answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route<'p> {
    /// `/api/v1/check`.
    ApiCheck,
    /// `/api/v1/proof`.
    ApiProof,
    /// `/api/v1/reports/<id>`.
    ApiReport(&'p str),
    /// `/api/v1/reports`.
    ApiReports,
    /// Anything else under `/api/`.
    ApiUnknown,
    /// A file, or nothing.
    Asset,
    /// `/badge/<name>.svg` and `.json`.
    Badge(&'p str, badge::Form),
    /// `/calendar/<name>.ics`.
    Calendar(&'p str),
    /// `/check/<what was typed>`.
    Check(&'p str),
    /// `/check`, where the form leads when no script runs.
    Form,
    /// `/`.
    Home,
    /// `/<one segment with a dot>`: a file, or a name to check.
    Name(&'p str),
    /// `/problems/<kind>`.
    Problem(&'p str),
    /// `/r/<id>`.
    Shared(&'p str),
    /// `/r/<id>/delete`.
    SharedDelete(&'p str),
    /// `/r/<id>/since`.
    SharedSince(&'p str),
}

impl<'p> Route<'p> {
    /// The route of a path as it stands in the URL, percent-encoded.
    pub(crate) fn of(path: &'p str) -> Route<'p> {
        match path {
            "/" | "" => return Route::Home,
            "/api/v1/check" => return Route::ApiCheck,
            "/api/v1/proof" => return Route::ApiProof,
            "/api" | "/api/" | "/api/openapi.json" => return Route::Asset,
            "/api/v1/reports" => return Route::ApiReports,
            "/check" | "/check/" => return Route::Form,
            _ => {}
        }
        if let Some(id) = path.strip_prefix("/api/v1/reports/") {
            Route::ApiReport(id)
        } else if path.starts_with("/api/") {
            Route::ApiUnknown
        } else if let Some(name) = path.strip_prefix("/calendar/").and_then(|name| name.strip_suffix(".ics")) {
            Route::Calendar(name)
        } else if let Some((name, form)) = path.strip_prefix("/badge/").and_then(badge) {
            Route::Badge(name, form)
        } else if let Some(shared) = path.strip_prefix("/r/") {
            match shared.split_once('/') {
                Some((id, "delete")) => Route::SharedDelete(id),
                Some((id, "since")) => Route::SharedSince(id),
                _ => Route::Shared(shared),
            }
        } else if let Some(typed) = path.strip_prefix("/check/") {
            Route::Check(typed)
        } else if let Some(kind) = path.strip_prefix("/problems/") {
            Route::Problem(kind)
        } else {
            match path.strip_prefix('/') {
                Some(segment) if !segment.contains('/') && is_public(segment) => Route::Name(segment),
                _ => Route::Asset,
            }
        }
    }

    /// Whether a file answers, and nothing else.
    pub(crate) fn is_file(self) -> bool {
        matches!(self, Route::Asset | Route::Home)
    }

    /// Whether errors are problem documents rather than text.
    pub(crate) fn is_api(self) -> bool {
        matches!(self, Route::ApiCheck | Route::ApiProof | Route::ApiReport(_) | Route::ApiReports | Route::ApiUnknown)
    }

    /// The methods that it takes, as `Allow` lists them.
    pub(crate) fn methods(self) -> &'static str {
        match self {
            Route::ApiReport(_) => "GET, HEAD, DELETE, OPTIONS",
            Route::ApiReports => "POST, OPTIONS",
            Route::SharedDelete(_) => "GET, HEAD, POST",
            _ if self.is_api() => "GET, HEAD, OPTIONS",
            _ => "GET, HEAD",
        }
    }

    /// Whether it takes this method.
    pub(crate) fn takes(self, method: &str) -> bool {
        self.methods().split(", ").any(|known| known == method)
    }
}

/// The name on a badge, and its form.
fn badge(file: &str) -> Option<(&str, badge::Form)> {
    let of = |ending, form| Some((file.strip_suffix(ending)?, form));
    of(".svg", badge::Form::Svg).or_else(|| of(".json", badge::Form::Json))
}

/// Whether a path segment ends as public names do: `example.com`, not `robots.txt`. `test` is what a practice
/// network uses.
fn is_public(segment: &str) -> bool {
    segment.contains('.')
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        && Target::parse(segment, None).is_ok_and(|target| target.has_known_suffix() || segment.ends_with(".test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_one_route() {
        for (path, route) in [
            ("/", Route::Home),
            ("/api/v1/check", Route::ApiCheck),
            ("/api/v1/proof", Route::ApiProof),
            ("/api/v1/check/", Route::ApiUnknown),
            ("/api/v2/check", Route::ApiUnknown),
            ("/api", Route::Asset),
            ("/api/openapi.json", Route::Asset),
            ("/api/openapi", Route::ApiUnknown),
            ("/api/v1/reports", Route::ApiReports),
            ("/api/v1/reports/", Route::ApiReport("")),
            ("/api/v1/reports/0a/b", Route::ApiReport("0a/b")),
            ("/r/", Route::Shared("")),
            ("/r/0a", Route::Shared("0a")),
            ("/r/0a/", Route::Shared("0a/")),
            ("/r/0a/since", Route::SharedSince("0a")),
            ("/r/0a/delete", Route::SharedDelete("0a")),
            ("/r/0a/delete/", Route::Shared("0a/delete/")),
            ("/r", Route::Asset),
            ("/apis", Route::Asset),
            ("/check", Route::Form),
            ("/check/", Route::Form),
            ("/check/example.com", Route::Check("example.com")),
            ("/check/https://example.com/a", Route::Check("https://example.com/a")),
            ("/checks/plain-http-hop", Route::Asset),
            ("/calendar/example.com.ics", Route::Calendar("example.com")),
            ("/calendar/example.com", Route::Asset),
            ("/badge/example.com.svg", Route::Badge("example.com", badge::Form::Svg)),
            ("/badge/example.com.json", Route::Badge("example.com", badge::Form::Json)),
            ("/badge/example.com.png", Route::Asset),
            ("/problems/empty", Route::Problem("empty")),
            ("/example.com", Route::Name("example.com")),
            ("/www.example.co.uk", Route::Name("www.example.co.uk")),
            ("/xn--mnchen-3ya.de", Route::Name("xn--mnchen-3ya.de")),
            ("/healthy.test", Route::Name("healthy.test")),
            ("/example.com/x", Route::Asset),
            ("/robots.txt", Route::Asset),
            ("/favicon.ico", Route::Asset),
            ("/app-1a2b3c_bg.wasm", Route::Asset),
            ("/wp-login.php", Route::Asset),
            ("/.env", Route::Asset),
            ("/.well-known/security.txt", Route::Asset),
            ("/exa%20mple.com", Route::Asset),
            ("//example.com", Route::Asset),
            ("/..", Route::Asset),
        ] {
            assert_eq!(Route::of(path), route, "{path}");
        }
    }

    #[test]
    fn only_reports_are_written_and_deleted() {
        let took = |path: &str, method: &str| Route::of(path).takes(method);
        assert!(took("/api/v1/reports", "POST") && !took("/api/v1/reports", "GET"));
        assert!(took("/api/v1/reports/0a", "DELETE") && !took("/api/v1/reports/0a", "POST"));
        assert!(took("/r/0a/delete", "POST") && !took("/r/0a", "POST") && !took("/r/0a/since", "POST"));
        for path in ["/", "/check", "/check/example.com", "/api/v1/check", "/api/v1/proof", "/example.com", "/r/0a"] {
            assert!(took(path, "GET") && took(path, "HEAD"), "{path}");
            for method in ["POST", "PUT", "DELETE", "PATCH", "GE", ""] {
                assert!(!took(path, method), "{method} {path}");
            }
        }
    }
}

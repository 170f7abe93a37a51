//! Everything that can go wrong with a request, in one table: problem documents (RFC 9457) with stable types.

use domain::RequestError;
use serde::Serialize;

use crate::limits::{TARGET_CHECKS, TARGET_SECONDS};

/// Why a request has no better answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// The key that deletes a shared report is missing or another one.
    DeleteKey,
    /// A shared report that stood long enough.
    Expired,
    /// Something that nobody foresaw, in the platform's words.
    Internal(String),
    /// What a shared report should keep cannot be read: why.
    Keep(String),
    /// Another method than the ones named here.
    MethodNotAllowed(&'static str),
    /// A setting of this checker cannot be read.
    Misconfigured(String),
    /// No report is shared under this number.
    NoReport,
    /// Nothing lives at this path.
    NotFound,
    /// What was sent is not called JSON.
    NotJson,
    /// A path that was to be asked for cannot be read: why.
    Path(String),
    /// The secret of a proof cannot be read: why.
    Proof(String),
    /// Too many checks, by which limit, and how many seconds to wait.
    RateLimited(Limit, u32),
    /// What was sent is not a report: why.
    Report(String),
    /// What was typed is not something that can be checked.
    Request(RequestError),
    /// A report that was not made here, or not like this.
    Seal,
    /// This checker keeps no reports.
    SharingOff,
    /// More was sent than this many bytes.
    TooLarge(usize),
}

/// Whose checks are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Those of one place.
    Client,
    /// Those of this registrable domain, whoever asks.
    Domain(String),
}

/// One kind of problem, apart from the occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Kebab-case; `type` is `/problems/` and this.
    pub(crate) kind: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
    /// Short, the same for every occurrence.
    pub(crate) title: &'static str,
    /// What to do about it: the text at `/problems/<kind>`.
    pub(crate) help: &'static str,
}

/// The wire form of an occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Document {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
}

const fn bad(kind: &'static str, title: &'static str, help: &'static str) -> Problem {
    Problem { kind, status: 400, title, help }
}

/// Every problem there is.
pub(crate) const PROBLEMS: &[Problem] = &[
    bad("empty", "No domain name was given", "Send the name to check as `domain`, for example ?domain=example.com."),
    bad(
        "expect",
        "The expectation cannot be read",
        "`expect` takes one or several addresses separated by commas, or one host name that the domain should point to.",
    ),
    bad(
        "ip-literal",
        "An address is not a domain name",
        "Certificates and redirects are checked for names. Send the domain name that leads to the address.",
    ),
    bad(
        "keep",
        "What the link should keep cannot be read",
        "`keep` takes words with commas between them: expect, path, subdomains, exposed. Without it a link keeps none of \
         these.",
    ),
    bad(
        "not-a-name",
        "This is not a domain name",
        "A domain name has letters, digits and hyphens, and dots between its parts. International names are welcome.",
    ),
    bad(
        "not-public",
        "This name is not on the public internet",
        "Some endings are set aside for private networks and examples. Only public names can be looked at from outside.",
    ),
    bad(
        "path",
        "A path cannot be read",
        "`path` takes a path such as /login, /login=200 or /about=Contact, up to ten of them.",
    ),
    bad(
        "proof",
        "The proof cannot be read",
        "`proof` takes the secret that /api/v1/proof?domain=<domain> gives: 32 hexadecimal digits.",
    ),
    bad(
        "public-suffix",
        "This is a public suffix",
        "Others register their names under it. Send a registered name, which has one more part in front.",
    ),
    bad(
        "report",
        "This is no report",
        "Send the JSON of a report as /api/v1/check?domain=<domain> gave it, with its `seal`.",
    ),
    bad(
        "seal",
        "This report was not made here",
        "A link can only be made of a report as this checker gave it, unchanged. Check the domain again, and share what \
         comes then.",
    ),
    bad(
        "single-label",
        "A public domain has at least two parts",
        "Send the whole name, for example example.com rather than example.",
    ),
    bad("too-long", "This is too long for a domain name", "A domain name has at most 253 characters."),
    bad(
        "userinfo",
        "There is a user name or password in front",
        "Send the domain name alone, without anything before an at sign.",
    ),
    Problem {
        kind: "delete-key",
        status: 401,
        title: "This key does not delete the report",
        help: "Whoever made the link was given its key. The API takes it as `Authorization: Bearer <key>`, the page \
               /r/<id>/delete as `key`. Without it a report stays until its time is over.",
    },
    Problem {
        kind: "expired",
        status: 410,
        title: "This report is no longer kept",
        help: "A shared report is kept for 90 days. Check the domain again to see what is so now.",
    },
    Problem {
        kind: "internal",
        status: 500,
        title: "Something went wrong here",
        help: "The fault is on this side and says nothing about the domain. Trying again in a minute is worth it.",
    },
    Problem {
        kind: "method-not-allowed",
        status: 405,
        title: "This method is not understood here",
        help: "Everything here is read with GET. `Allow` says what else an address takes.",
    },
    Problem {
        kind: "misconfigured",
        status: 500,
        title: "This checker is not set up correctly",
        help: "One of its settings cannot be read. Whoever runs it finds the setting's name and form in the README.",
    },
    Problem {
        kind: "no-report",
        status: 404,
        title: "There is no report here",
        help: "Its link may be cut short, it may have been deleted, or its 90 days are over.",
    },
    Problem {
        kind: "not-found",
        status: 404,
        title: "There is nothing here",
        help: "A check lives at /check/<domain>, the API at /api/v1/check?domain=<domain>.",
    },
    Problem {
        kind: "not-json",
        status: 415,
        title: "A report is sent as JSON",
        help: "Send it with `Content-Type: application/json`.",
    },
    Problem {
        kind: "rate-limited",
        status: 429,
        title: "Too many checks in a short time",
        help: "Each check opens many connections, so there is a limit for each place that asks and one for each domain \
               that is looked at: /limits has both. `Retry-After` says when the next check is welcome. The command line \
               has no such limit.",
    },
    Problem {
        kind: "sharing-off",
        status: 501,
        title: "This checker keeps no reports",
        help: "Whoever runs it has given it no place to keep them, or no LOCKSTEP_SECRET to seal them with. A report can be \
               saved as a file instead, and opened again.",
    },
    Problem {
        kind: "too-large",
        status: 413,
        title: "This is too large for a report",
        help: "A report has at most 4,000,000 bytes of JSON.",
    },
];

/// What stands in when a kind is missing from the table, which a test rules out.
const UNKNOWN: Problem = bad("about:blank", "Bad request", "");

impl Problem {
    /// The row of this kind.
    pub(crate) fn of(kind: &str) -> Option<Problem> {
        PROBLEMS.iter().find(|problem| problem.kind == kind).copied()
    }
}

impl ApiError {
    /// The stable name of this kind of error.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            ApiError::DeleteKey => "delete-key",
            ApiError::Expired => "expired",
            ApiError::Internal(_) => "internal",
            ApiError::Keep(_) => "keep",
            ApiError::MethodNotAllowed(_) => "method-not-allowed",
            ApiError::Misconfigured(_) => "misconfigured",
            ApiError::NoReport => "no-report",
            ApiError::NotFound => "not-found",
            ApiError::NotJson => "not-json",
            ApiError::Path(_) => "path",
            ApiError::Proof(_) => "proof",
            ApiError::RateLimited(..) => "rate-limited",
            ApiError::Report(_) => "report",
            ApiError::Request(error) => error.kind(),
            ApiError::Seal => "seal",
            ApiError::SharingOff => "sharing-off",
            ApiError::TooLarge(_) => "too-large",
        }
    }

    /// Its row of the table.
    pub(crate) fn problem(&self) -> Problem {
        Problem::of(self.kind()).unwrap_or(UNKNOWN)
    }

    /// This occurrence, in one or two sentences for a person.
    pub(crate) fn detail(&self) -> String {
        match self {
            ApiError::DeleteKey => "The key is missing, or it is not the one that came with the link.".into(),
            ApiError::Expired => "Its time was over.".into(),
            ApiError::Internal(what) => format!("The platform said: {what}."),
            ApiError::MethodNotAllowed(allowed) => format!("Use one of {allowed}."),
            ApiError::Misconfigured(what) => format!("A setting cannot be read: {what}."),
            ApiError::NoReport => {
                "The link may be cut short, the report may have been deleted, or its 90 days are over.".into()
            }
            ApiError::NotFound => "No page and no part of the API has this address.".into(),
            ApiError::NotJson => "The content type is not application/json.".into(),
            ApiError::Keep(why) | ApiError::Path(why) | ApiError::Proof(why) | ApiError::Report(why) => why.clone(),
            ApiError::RateLimited(Limit::Client, seconds) => {
                format!("Please wait {seconds} seconds before the next check.")
            }
            ApiError::RateLimited(Limit::Domain(domain), seconds) => format!(
                "{domain} was looked at {TARGET_CHECKS} times within {} minutes. Please wait {seconds} seconds before the \
                 next look.",
                TARGET_SECONDS / 60
            ),
            ApiError::Request(error) => sentence(error.to_string()),
            ApiError::Seal => "Its seal is missing, or does not fit what it says.".into(),
            ApiError::SharingOff => "It has no place to keep them.".into(),
            ApiError::TooLarge(limit) => format!("It has more than {limit} bytes."),
        }
    }

    /// The problem document.
    pub(crate) fn document(&self) -> Document {
        let problem = self.problem();
        Document {
            r#type: format!("/problems/{}", problem.kind),
            title: problem.title,
            status: problem.status,
            detail: self.detail(),
        }
    }

    /// The same in plain text, for a terminal.
    pub(crate) fn text(&self) -> String {
        format!("{}.\n{}\n", self.problem().title, self.detail())
    }

    /// The headers that belong to this kind of error, whatever its form.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        match self {
            ApiError::DeleteKey => vec![("www-authenticate", "Bearer".into())],
            ApiError::MethodNotAllowed(allowed) => vec![("allow", (*allowed).to_owned())],
            ApiError::RateLimited(_, seconds) => vec![("retry-after", seconds.to_string())],
            _ => Vec::new(),
        }
    }
}

/// Ends with a full stop.
fn sentence(mut text: String) -> String {
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}

impl From<RequestError> for ApiError {
    fn from(error: RequestError) -> ApiError {
        ApiError::Request(error)
    }
}

impl From<worker::Error> for ApiError {
    fn from(error: worker::Error) -> ApiError {
        ApiError::Internal(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use domain::{ExpectError, NameError, TargetError};

    use super::*;

    /// One of each.
    fn all() -> Vec<ApiError> {
        let targets = [
            TargetError::Empty,
            TargetError::IpLiteral("127.0.0.1".into()),
            TargetError::SingleLabel("localhost".into()),
            TargetError::NotAName("a b".into(), NameError::Character(' ')),
            TargetError::NotPublic("a.local".into(), "local"),
            TargetError::PublicSuffix("co.uk".into()),
            TargetError::TooLong,
            TargetError::Userinfo,
        ];
        let mut all: Vec<ApiError> =
            targets.into_iter().map(|error| ApiError::Request(RequestError::Target(error))).collect();
        all.push(ApiError::Request(RequestError::Expect(ExpectError("x y".into()))));
        all.extend([
            ApiError::DeleteKey,
            ApiError::Expired,
            ApiError::Internal("x".into()),
            ApiError::Keep("\"notes\" is not known.".into()),
            ApiError::MethodNotAllowed("GET, HEAD"),
            ApiError::Misconfigured("\"x\" is not yes or no".into()),
            ApiError::NoReport,
            ApiError::NotFound,
            ApiError::NotJson,
            ApiError::Path("\"login\" is not a path.".into()),
            ApiError::Proof("\"yes\" is not a secret.".into()),
            ApiError::RateLimited(Limit::Client, 60),
            ApiError::Report("It ends too early.".into()),
            ApiError::Seal,
            ApiError::SharingOff,
            ApiError::TooLarge(1),
        ]);
        all
    }

    #[test]
    fn every_error_has_exactly_one_row() {
        let mut kinds: Vec<&str> = all().iter().map(ApiError::kind).collect();
        let mut rows: Vec<&str> = PROBLEMS.iter().map(|problem| problem.kind).collect();
        kinds.sort_unstable();
        rows.sort_unstable();
        assert_eq!(kinds, rows);
    }

    #[test]
    fn every_kind_stands_in_the_documentation_under_its_status() {
        let table = include_str!("../../docs/api.md").split_once("\n| status |").map(|(_, rest)| rest).unwrap();
        for problem in PROBLEMS {
            let row = table.lines().find(|line| line.starts_with(&format!("| {} |", problem.status))).unwrap();
            assert!(row.contains(&format!("`{}`", problem.kind)), "{} is not in: {row}", problem.kind);
        }
        let named = table.lines().filter(|line| line.starts_with("| ")).map(|line| line.matches('`').count() / 2);
        assert_eq!(named.sum::<usize>(), PROBLEMS.len());
    }

    #[test]
    fn documents_agree_with_their_status_and_say_something() {
        for error in all() {
            let json = serde_json::to_value(error.document()).unwrap();
            assert_eq!(json["type"], format!("/problems/{}", error.kind()));
            assert_eq!(json["status"], error.problem().status);
            assert!(json["detail"].as_str().unwrap().ends_with('.'), "{json}");
            assert!(!error.problem().help.is_empty());
        }
    }

    #[test]
    fn bad_input_is_400_and_limits_say_when_to_return() {
        let error = ApiError::from(domain::Target::parse("localhost", None).unwrap_err());
        assert_eq!((error.kind(), error.problem().status), ("single-label", 400));
        let limited = ApiError::RateLimited(Limit::Domain("example.com".into()), 423);
        assert_eq!(limited.headers(), [("retry-after", "423".to_owned())]);
        assert_eq!(limited.problem().status, 429);
        assert!(limited.detail().contains("example.com") && limited.detail().contains("423"), "{}", limited.detail());
    }
}

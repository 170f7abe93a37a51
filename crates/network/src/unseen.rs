//! Not seeing is an observation: why a look at something ended without an answer.

use serde::{Deserialize, Serialize};

/// Why something was not seen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Unseen {
    /// The peer closed the connection before it had answered.
    Closed,
    /// The overall deadline of the check passed before this could be looked at.
    Deadline,
    /// Something else, in the platform's own words.
    Failed(String),
    /// The address is not one that may be visited; the registry entry says why.
    NotAllowed(String),
    /// Our vantage point has no IPv4 or no IPv6 at all; nothing follows about the site.
    NoVantage,
    /// The platform cannot dial this address (Cloudflare's own ranges at the edge).
    PlatformCannot,
    /// The connection was refused: the address answers, nothing listens.
    Refused,
    /// The connection was reset after it had been set up.
    Reset,
    /// No answer within the step's limit: filtered, or nobody is there.
    TimedOut,
    /// The network said that there is no way to the address.
    Unreachable,
}

impl Unseen {
    /// Whether this says something about the site rather than about us.
    pub fn is_about_the_site(&self) -> bool {
        matches!(self, Unseen::Closed | Unseen::Refused | Unseen::Reset | Unseen::TimedOut | Unseen::Unreachable)
    }

    /// A clause for a person: "it did not answer within the time limit".
    pub fn clause(&self) -> String {
        match self {
            Unseen::Closed => "the connection was closed before an answer came".into(),
            Unseen::Deadline => "the time for the whole check was used up before it was looked at".into(),
            Unseen::Failed(what) => format!("the attempt failed ({what})"),
            Unseen::NotAllowed(why) => format!("the address may not be visited: {why}"),
            Unseen::NoVantage => "the place we look from does not have this kind of address".into(),
            Unseen::PlatformCannot => {
                "the address belongs to Cloudflare, which cannot be looked at directly from here".into()
            }
            Unseen::Refused => "the connection was refused".into(),
            Unseen::Reset => "the connection was reset".into(),
            Unseen::TimedOut => "no answer came within the time limit".into(),
            Unseen::Unreachable => "the network says there is no way to the address".into(),
        }
    }
}

/// Either what was seen, or why it was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Saw_{T}"))]
#[serde(rename_all = "kebab-case")]
pub enum Saw<T> {
    /// It was seen.
    Seen(T),
    /// It was not, and why.
    Unseen(Unseen),
}

impl<T> Saw<T> {
    /// What was seen, if it was.
    pub fn seen(&self) -> Option<&T> {
        match self {
            Saw::Seen(it) => Some(it),
            Saw::Unseen(_) => None,
        }
    }

    /// Why it was not seen, if it was not.
    pub fn unseen(&self) -> Option<&Unseen> {
        match self {
            Saw::Seen(_) => None,
            Saw::Unseen(why) => Some(why),
        }
    }

    /// The same, with what was seen turned into something else.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Saw<U> {
        match self {
            Saw::Seen(it) => Saw::Seen(f(it)),
            Saw::Unseen(why) => Saw::Unseen(why),
        }
    }
}

impl<T> From<Result<T, Unseen>> for Saw<T> {
    fn from(result: Result<T, Unseen>) -> Saw<T> {
        match result {
            Ok(it) => Saw::Seen(it),
            Err(why) => Saw::Unseen(why),
        }
    }
}

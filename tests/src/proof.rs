//! What is told to whom of ports inside and private files: with a proof that holds, with one that does not, without one.

use std::{collections::BTreeSet, fs};

use anyhow::Result;
use findings::State;
use lockstep::Report;

use crate::lab::Guide;

/// The secret whose hashes the lab's sites have published.
pub const SECRET: &str = "000102030405060708090a0b0c0d0e0f";

/// One look with or without a proof.
#[derive(Debug)]
pub struct Case {
    /// The site.
    pub domain: &'static str,
    /// The secret that is offered.
    pub secret: Option<&'static str>,
    /// State, check, and words of what is seen or of the subject; nothing else may be told by [`CHECKS`].
    pub told: &'static [(State, &'static str, &'static str)],
    /// Which ports inside are connected to.
    pub knocks: &'static [&'static str],
}

/// The checks that are about what only the owner has looked at.
pub const CHECKS: [&str; 3] = ["backend-port-public", "database-port-public", "private-file-served"];

const UNPROVED: &str = "Not looked at, because control of proved-by-record.test has not been proved: the TXT record at \
                        _lockstep.proved-by-record.test has another value; ";

/// Every case.
pub const CASES: &[Case] = &[
    Case { domain: "proved-by-record.test", secret: None, told: &[], knocks: &[] },
    Case {
        domain: "proved-by-record.test",
        secret: Some(SECRET),
        told: &[
            (State::Failed, "backend-port-public", "gunicorn answers at 203.0.113.240 on port 8000"),
            (State::Warning, "database-port-public", "203.0.113.240 on port 5432"),
            (State::Failed, "private-file-served", "https://proved-by-record.test/.env"),
        ],
        knocks: &["203.0.113.240:8000", "203.0.113.240:5432"],
    },
    // Somebody who guesses.
    Case {
        domain: "proved-by-record.test",
        secret: Some("0f0e0d0c0b0a09080706050403020100"),
        told: &[
            (State::NotTested, "backend-port-public", UNPROVED),
            (State::NotTested, "database-port-public", UNPROVED),
            (State::NotTested, "private-file-served", UNPROVED),
        ],
        knocks: &[],
    },
    // Somebody who has read what the owner published, and offers it.
    Case {
        domain: "proved-by-record.test",
        secret: Some(PUBLISHED),
        told: &[
            (State::NotTested, "backend-port-public", UNPROVED),
            (State::NotTested, "database-port-public", UNPROVED),
            (State::NotTested, "private-file-served", UNPROVED),
        ],
        knocks: &[],
    },
    // Of three machines, one serves the file at port 80 and one behind its redirect to https.
    Case {
        domain: "proved-by-file.test",
        secret: Some(SECRET),
        told: &[
            (State::Failed, "backend-port-public", "203.0.113.241 on port 8000 and gunicorn answers at 203.0.113.243"),
            (
                State::NotTested,
                "backend-port-public",
                "203.0.113.242 has not shown that it is yours, it does not serve",
            ),
            (State::Passed, "database-port-public", "take no connections"),
            (
                State::NotTested,
                "database-port-public",
                "203.0.113.242 has not shown that it is yours, it does not serve",
            ),
            (State::Passed, "private-file-served", "Neither"),
        ],
        knocks: &["203.0.113.241:8000", "203.0.113.243:8000"],
    },
    // The domain is theirs, the machine is not.
    Case {
        domain: "borrowed-address.test",
        secret: Some(SECRET),
        told: &[
            (
                State::NotTested,
                "backend-port-public",
                "203.0.113.244 has not shown that it is yours, it shows a certificate",
            ),
            (
                State::NotTested,
                "database-port-public",
                "it shows a certificate for other names, and does not serve the",
            ),
            (
                State::NotTested,
                "private-file-served",
                "203.0.113.244 has not shown that it is yours, it shows a certificate",
            ),
        ],
        knocks: &[],
    },
    // Nothing was published.
    Case {
        domain: "healthy-apex.test",
        secret: Some(SECRET),
        told: &[
            (
                State::NotTested,
                "backend-port-public",
                "there is no TXT record at _lockstep.healthy-apex.test, which resolv",
            ),
            (State::NotTested, "database-port-public", " answers 404 at "),
            (State::NotTested, "private-file-served", "http://healthy-apex.test/.well-known/acme-challenge/lockstep-"),
        ],
        knocks: &[],
    },
];

/// The first half of the hash that proved-by-record.test has published.
const PUBLISHED: &str = "3faf5ca6c6a2dfc358d87fef1898867e";

impl Case {
    /// Takes a look and holds against the lists what was told and who knocked. Empty when all is as it should be.
    ///
    /// # Errors
    /// When there is no report, or the doorbells' book cannot be read.
    pub fn faults(&self, lab: &Guide, look: impl FnOnce() -> Result<Report>) -> Result<Vec<String>> {
        let before = fs::read_to_string(&lab.knocks)?.len();
        let report = look()?;
        let book = fs::read_to_string(&lab.knocks)?;
        let mut lines = Vec::new();
        let came: BTreeSet<&str> = book.get(before..).unwrap_or_default().lines().collect();
        if came != self.knocks.iter().copied().collect() {
            lines.push(format!("connections came to {came:?}"));
        }
        let mut told: Vec<_> = report.findings.iter().filter(|finding| CHECKS.contains(&finding.id.as_str())).collect();
        for (state, id, words) in self.told {
            let fits = |it: &&findings::Finding| {
                it.state == *state && it.id == *id && (it.seen.contains(words) || it.subject.contains(words))
            };
            match told.iter().position(fits) {
                Some(at) => drop(told.swap_remove(at)),
                None => lines.push(format!("missing  {state:?} {id} {words}")),
            }
        }
        lines.extend(told.iter().map(|it| format!("unexpected  {:?} {} {}: {}", it.state, it.id, it.subject, it.seen)));
        let written = serde_json::to_string(&report)?;
        // What is published may be in the report; the secret of whoever can use it may not.
        if self.secret.is_some_and(|secret| secret != PUBLISHED && written.contains(secret)) {
            lines.push("the secret is in the report".into());
        }
        let who = format!("{} with {}", self.domain, self.secret.unwrap_or("nothing"));
        Ok(lines.into_iter().map(|line| format!("{who}: {line}")).collect())
    }
}

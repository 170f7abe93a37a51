//! `GET /api/v1/proof?domain=…[&proof=…]`: what to publish to prove that a domain is yours, for a secret of the visitor's
//! own or a new one. Nothing is remembered, nothing is looked at.

use domain::{DomainName, Target};
use lockstep::Publication;
use network::{Network, Proof};
use serde::Serialize;

use crate::{
    error::ApiError,
    network::Edge,
    settings,
    visit::{self, Answer, Visit},
};

pub(crate) fn answer(visit: &Visit) -> Answer {
    let target = Target::parse(&visit.query("domain").unwrap_or_default(), None)?;
    let proof = match settings::proof(visit.query("proof"))? {
        Some(proof) => proof,
        None => fresh(&Edge::new())?,
    };
    if visit.is_head() {
        return visit::api("application/json", Vec::new());
    }
    let told = told(&target.name, &proof, &visit.url.origin().ascii_serialization());
    visit::api("application/json", serde_json::to_vec(&told).unwrap_or_default())
}

/// A secret that nobody had before.
fn fresh(network: &impl Network) -> Result<Proof, ApiError> {
    let mut bytes = [0; 16];
    network.random(&mut bytes);
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.parse().map_err(|_| ApiError::Internal("no random digits".into()))
}

/// The answer.
#[derive(Debug, Serialize)]
struct Told {
    /// The name in ASCII.
    domain: String,
    /// Not to be published: whoever has it can have ports and files of the domain looked at.
    secret: String,
    record: Record,
    file: File,
    /// The same as lines to type, one way after the other. The page shows these.
    steps: Vec<Step>,
    /// How to check with it.
    check: String,
}

#[derive(Debug, Serialize)]
struct Record {
    name: String,
    r#type: &'static str,
    value: String,
}

#[derive(Debug, Serialize)]
struct File {
    url: String,
    content: String,
}

/// What to do, and the lines for it; the page shows it as it shows what to change.
#[derive(Debug, Serialize)]
struct Step {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

/// Where the guides let certbot put its challenges.
const WEBROOT: &str = "/var/www/certbot/.well-known/acme-challenge";

fn told(host: &DomainName, proof: &Proof, origin: &str) -> Told {
    let Publication { value, record, file } = Publication::of(proof, host);
    let url = Publication::of(proof, host).url(host).to_string();
    let steps = vec![
        Step {
            text: "Publish this TXT record where the domain's DNS is kept. Then every address counts as yours that shows a \
                   trusted certificate for the name."
                .into(),
            code: Some(format!("{record}. 300 IN TXT \"{value}\"")),
        },
        Step {
            text: format!(
                "Or put this file where certbot's challenges are served from; your webroot may be another directory. Then \
                 every address counts that answers with it at `{url}`."
            ),
            code: Some(format!("sudo mkdir -p {WEBROOT}\necho '{value}' | sudo tee {WEBROOT}/{file}")),
        },
        Step {
            text: "Then check. Everybody may read what is published: it is a hash, and of use only to whoever has the \
                   secret, which stays with you. Afterwards it can go."
                .into(),
            code: None,
        },
    ];
    let secret = proof.secret().to_owned();
    Told {
        check: format!("{origin}/api/v1/check?domain={host}&proof={secret}"),
        domain: host.to_string(),
        secret,
        record: Record { name: record, r#type: "TXT", value: value.clone() },
        file: File { url, content: value },
        steps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_holds_together_and_gives_the_secret_away_nowhere_else() {
        let secret = "000102030405060708090a0b0c0d0e0f";
        let told = told(&"example.com".parse().unwrap(), &secret.parse().unwrap(), "https://lockstep.example");
        assert_eq!(told.record.name, "_lockstep.example.com");
        assert_eq!(told.record.value, told.file.content);
        assert!(told.file.url.starts_with("http://example.com/.well-known/acme-challenge/lockstep-"));
        assert_eq!(told.check, format!("https://lockstep.example/api/v1/check?domain=example.com&proof={secret}"));
        let lines: Vec<&str> = told.steps.iter().filter_map(|step| step.code.as_deref()).collect();
        let [record, file] = lines.as_slice() else { panic!("two ways: {lines:?}") };
        assert!(record.contains(&told.record.value) && file.contains(&told.file.content));
        assert!(file.ends_with(told.file.url.rsplit('/').next().unwrap()), "{file}");
        let published = serde_json::to_string(&(&told.record, &told.file, &told.steps)).unwrap();
        assert!(!published.contains(secret));
    }
}

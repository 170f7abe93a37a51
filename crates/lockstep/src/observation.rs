//! Everything that was seen in one check.

use domain::{Target, Time};
use network::Saw;
use serde::{Deserialize, Serialize};

use crate::{Exposed, Preload, Subdomains};

/// Everything that was seen in one check: what checks across subjects, diagnoses and later joins work from. A
/// recording is a value of this type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Observations {
    /// When the check began.
    pub seen_at: Time,
    /// What was checked.
    pub target: Target,
    /// The names in DNS.
    pub dns: dns::Observation,
    /// TLS at every address.
    pub tls: tls::Observation,
    /// HTTP at every corner.
    pub web: web::Observation,
    /// The ways by which the certificate is renewed.
    #[serde(default)]
    pub renewal: renewal::Observation,
    /// What nobody but the machine itself should reach; `None` where the owner did not ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposed: Option<Exposed>,
    /// What the browsers' built-in list says of the domain, or why it could not be asked. `None` where the settings say
    /// that nobody is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preload: Option<Saw<Preload>>,
    /// What subdomains are like; `None` where the visitor did not ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subdomains: Option<Subdomains>,
    /// Further pages of the site; `None` where the visitor did not ask for it, or there was no page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crawl: Option<web::Crawl>,
}

//! What was seen of subdomains that the public logs know, where the visitor asked for it.

use std::net::IpAddr;

use domain::DomainName;
use network::Saw;
use serde::{Deserialize, Serialize};

/// The subdomains looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Subdomains {
    /// Each with where it leads, or why the logs could not be asked.
    pub names: Saw<Vec<Subdomain>>,
    /// How many more there are that were not looked at.
    #[serde(default)]
    pub more: u32,
    /// What the first address of each showed.
    pub tls: tls::Observation,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Subdomain {
    /// Its name.
    pub name: DomainName,
    /// Its addresses; none when it is gone.
    pub addresses: Saw<Vec<IpAddr>>,
}

//! What was seen of ports and files that nobody but the machine itself should reach.

use std::net::IpAddr;

use domain::HttpUrl;
use network::Saw;
use serde::{Deserialize, Serialize};

/// Seen only on request of the site's owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposed {
    /// Ports behind the web server.
    pub ports: Vec<Port>,
    /// Files that were never meant to be served.
    pub files: Vec<File>,
}

/// One port at one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// The address.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
    /// What usually listens there: `PostgreSQL`.
    pub usual: String,
    /// Whether it is a database.
    pub database: bool,
    /// Whether it took a connection.
    pub open: Saw<()>,
    /// What it calls itself over HTTP, asked where an application is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its URL.
    pub url: HttpUrl,
    /// Whether it is served, by what it says; its content is not kept.
    pub served: Saw<bool>,
}

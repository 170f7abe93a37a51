//! What was seen of ports and files that nobody but the machine itself should reach.

use std::net::IpAddr;

use domain::HttpUrl;
use network::Saw;
use serde::{Deserialize, Serialize};

use crate::Control;

/// Seen only on request of the site's owner: on their own command line, or with a proof.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Exposed {
    /// Ports behind the web server.
    pub ports: Vec<Port>,
    /// Files that were never meant to be served.
    pub files: Vec<File>,
    /// Paths of which the visitor says what they should answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Wanted>,
    /// What was seen of the proof that the domain is the visitor's; `None` where none was offered. Without one that holds
    /// there are neither ports nor files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Control>,
}

/// One path of which the visitor says what it should answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Wanted {
    /// Its URL.
    pub url: HttpUrl,
    /// The status wanted; any of 200 to 399 when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The text wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The status that came, and whether the text was in the answer.
    pub answer: Saw<(u16, bool)>,
}

/// One port at one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct File {
    /// Its URL.
    pub url: HttpUrl,
    /// Whether it is served, by what it says; its content is not kept.
    pub served: Saw<bool>,
}

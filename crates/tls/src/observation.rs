//! What was seen of TLS at every host and address.

use std::net::IpAddr;

use domain::{DomainName, Time};
use network::{Saw, Unseen};
use serde::{Deserialize, Serialize};

/// What was seen of TLS, over all hosts and addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "TlsObservation"))]
pub struct Observation {
    /// When the check began: dates are judged against it.
    pub seen_at: Time,
    /// One per host and address, in the order of `dns::Observation::entrances`.
    pub endpoints: Vec<Endpoint>,
    /// The distinct chains that were served; [`Handshake::chain`] points into it.
    pub chains: Vec<Chain>,
    /// What one address shows to a client that names no host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_sni: Option<WithoutSni>,
    /// What the issuers' lists say of the certificates shown; asked last. Empty where nothing was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocations: Vec<Revocation>,
    /// What one address answers to finer questions; asked last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closer: Option<Closer>,
}

/// Port 443 of one host at one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Endpoint {
    /// The host name sent as server name.
    pub host: DomainName,
    /// The address dialled.
    pub address: IpAddr,
    /// Whether the port accepted a connection.
    pub port: Saw<()>,
    /// The handshake over that connection; `None` when there was no connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handshake: Option<Result<Handshake, Fault>>,
    /// Whether HTTP/2 is agreed on when offered; asked once per host and address, in a handshake of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http2: Option<Saw<bool>>,
    /// Old protocol versions, asked by hand-built ClientHellos once per address; empty when not asked here. Where
    /// rustls could not agree, TLS 1.2 is among them, with every suite of its time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legacy: Vec<Legacy>,
    /// Where the handshake did not complete: the chain shown before it broke off, or shown in clear text to a
    /// hand-built ClientHello of TLS ≤ 1.2, as an index into [`Observation::chains`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_text_chain: Option<usize>,
}

/// A completed handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Handshake {
    /// The version agreed on.
    pub version: Version,
    /// The cipher suite by its IANA name.
    pub suite: String,
    /// The key exchange group by its IANA name, if the version has one.
    pub group: String,
    /// The application protocol agreed on, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alpn: Option<String>,
    /// The chain served, as an index into [`Observation::chains`].
    pub chain: usize,
    /// Whether the server asked for a certificate of the visitor's (RFC 8446 §4.3.2).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks_client: bool,
    /// Bytes of the stapled OCSP response; 0 when none was stapled.
    pub staple: usize,
    /// Whether the server proved that it has the certificate's key; `false` when the signature was wrong, `None`
    /// when we cannot check signatures of that kind.
    pub signature: Option<bool>,
    /// How long the handshake took, in milliseconds.
    pub millis: u64,
}

/// Why a handshake did not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The server sent an alert, by its RFC 8446 §6 name: `handshake_failure`, `protocol_version`, …
    Alert(String),
    /// The server answered in plain HTTP.
    PlainHttp,
    /// The server's bytes were not TLS, or broke its rules; our library's words.
    Protocol(String),
    /// It ended without a word of TLS.
    Unseen(Unseen),
}

/// Protocol versions, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Version {
    /// TLS 1.0 (RFC 2246), deprecated by RFC 8996.
    #[serde(rename = "TLS 1.0")]
    Tls10,
    /// TLS 1.1 (RFC 4346), deprecated by RFC 8996.
    #[serde(rename = "TLS 1.1")]
    Tls11,
    /// TLS 1.2 (RFC 5246).
    #[serde(rename = "TLS 1.2")]
    Tls12,
    /// TLS 1.3 (RFC 8446).
    #[serde(rename = "TLS 1.3")]
    Tls13,
}

impl Version {
    /// As people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Version::Tls10 => "TLS 1.0",
            Version::Tls11 => "TLS 1.1",
            Version::Tls12 => "TLS 1.2",
            Version::Tls13 => "TLS 1.3",
        }
    }
}

/// Whether an old version is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Legacy {
    /// The version offered as the highest.
    pub version: Version,
    /// Whether the server agreed to it.
    pub accepted: Saw<bool>,
    /// The suite that it chose, by its IANA name; empty when it did not agree.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suite: String,
}

impl Legacy {
    /// Whether browsers would agree as well: TLS 1.2 with a suite that they still offer, which is ECDHE or plain RSA
    /// with AES or ChaCha20, in GCM or with SHA-1.
    pub fn suits_browsers(&self) -> bool {
        let exchange = self.suite.starts_with("TLS_ECDHE_") || self.suite.starts_with("TLS_RSA_WITH_AES_");
        let cipher = ["_GCM_SHA256", "_GCM_SHA384", "_CBC_SHA", "_CHACHA20_POLY1305_SHA256"]
            .iter()
            .any(|end| self.suite.ends_with(end));
        self.version == Version::Tls12 && exchange && cipher && !self.suite.contains("3DES")
    }
}

/// What one address shows to a client that names no host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WithoutSni {
    /// The address dialled.
    pub address: IpAddr,
    /// The chain served, as an index into [`Observation::chains`], or why there was none.
    pub chain: Result<usize, Fault>,
}

/// What the issuer's list of revoked certificates (RFC 5280 §5) says of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Revocation {
    /// [`Certificate::sha256`] of the certificate.
    pub sha256: String,
    /// Where the list is.
    pub url: String,
    /// Whether it is on the list. Only a list that its issuer signed, that is about this certificate and that has not
    /// run out counts as seen.
    pub revoked: Saw<bool>,
}

/// What one address answers to finer questions, when everything else is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Closer {
    /// The host named.
    pub host: DomainName,
    /// The address dialled.
    pub address: IpAddr,
    /// What it agrees to of TLS 1.2, a group of suites at a time; those that need an RSA certificate only where it shows
    /// one.
    pub tried: Vec<Tried>,
    /// Whether it takes the key exchange that withstands quantum computers, X25519MLKEM768; asked where TLS 1.3 is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hybrid: Option<Saw<bool>>,
    /// The certificate shown to a client that names a host which nobody has.
    pub any_name: Result<Box<Certificate>, Fault>,
    /// The chain shown to a client that takes only the other kind of key: RSA where the certificate is ECDSA, ECDSA where
    /// it is RSA. A fault where there is none of that kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Result<Box<Chain>, Fault>>,
}

/// One group of suites of TLS 1.2, offered alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tried {
    /// The group.
    pub suites: Suites,
    /// Whether the server agreed.
    pub accepted: Saw<bool>,
    /// The suite that it chose, by its IANA name; empty when it did not agree.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suite: String,
    /// Bits of the prime of a finite-field Diffie-Hellman exchange; 0 when there was none.
    #[serde(default)]
    pub prime_bits: u32,
    /// Protections that were offered and not taken up; see [`Lack`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Lack>,
    /// Whether it sent promises of public logs (RFC 6962 §3.3.1) in the handshake.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub promises: bool,
}

/// Groups of suites of TLS 1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Suites {
    /// ECDHE with AES-GCM or ChaCha20: Mozilla's intermediate profile.
    Modern,
    /// RSA key exchange: what is recorded today can be read by whoever gets the key later.
    PlainRsa,
    /// ECDHE with AES in CBC mode.
    Cbc,
    /// Finite-field Diffie-Hellman.
    FiniteField,
    /// 3DES, DES, RC4, export grade, without encryption, without authentication.
    Broken,
}

/// What a TLS library of the last ten years has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Lack {
    /// Secure renegotiation (RFC 5746).
    Renegotiation,
    /// The extended master secret (RFC 7627).
    MasterSecret,
    /// Compression is off (RFC 7457 §2.6); here it was taken up.
    NoCompression,
}

/// A chain exactly as served, and what path building made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Chain {
    /// Leaf first, in the order served, bounded to 10.
    pub certificates: Vec<Certificate>,
    /// Whether a path to a trusted root exists, dates apart.
    pub path: Path,
    /// Whether the rules of public authorities bind its issuer: it leads to one of Mozilla's roots, or the issuer goes
    /// by the name of a public authority. A company's own root is under none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
}

/// What path building (RFC 5280 §6, rustls-webpki) made of a chain. Dates and names are judged apart, so that each
/// fault is named and not just the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Path {
    /// The chain as served leads to a trusted root.
    Trusted,
    /// It does once the certificate at the leaf's caIssuers URL is added: an intermediate is missing.
    Incomplete {
        /// Where the missing certificate was fetched.
        fetched: String,
        /// Subject of the missing certificate.
        missing: String,
    },
    /// It does not.
    Untrusted {
        /// The library's reason.
        why: String,
        /// What came of fetching the caIssuers URL: URL and outcome; empty when the certificate names none.
        fetched: String,
    },
    /// We cannot tell: a signature on the way is of a kind that we cannot check (P-521, for example), though browsers
    /// may.
    Unverified {
        /// The library's reason.
        why: String,
    },
    /// The leaf could not be read as X.509 (RFC 5280).
    Unreadable {
        /// What was wrong.
        why: String,
    },
}

/// One certificate, read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Certificate {
    /// SHA-256 over the DER, in hex.
    pub sha256: String,
    /// The subject as RFC 4514 text, bounded.
    pub subject: String,
    /// The issuer as RFC 4514 text, bounded.
    pub issuer: String,
    /// Organisation and common name of the issuer, for people.
    pub issued_by: String,
    /// The serial number in hex.
    pub serial: String,
    /// Subject alternative names of type dNSName and iPAddress, bounded to 200.
    pub names: Vec<String>,
    /// Valid from.
    pub not_before: Time,
    /// Valid until.
    pub not_after: Time,
    /// The public key.
    pub key: Key,
    /// The signature algorithm's name, such as `sha256WithRSAEncryption`.
    pub signature: String,
    /// Whether basic constraints say it is an authority.
    pub is_ca: bool,
    /// Whether subject and issuer are the same and the key signed itself.
    pub self_signed: bool,
    /// http URLs of the issuer's certificate (authority information access, RFC 5280 §4.2.2.1).
    pub ca_issuers: Vec<String>,
    /// OCSP responder URLs.
    pub ocsp: Vec<String>,
    /// http URLs of the issuer's list of revoked certificates (RFC 5280 §4.2.1.13).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crls: Vec<String>,
    /// The issuer's key identifier (RFC 5280 §4.2.1.1), in hex; empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub authority_key: String,
    /// The public logs that promised to list it (RFC 6962 §3.3), each once, by the start of its id in hex.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<String>,
    /// Whether it demands a stapled OCSP response (RFC 7633).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub must_staple: bool,
    /// Whether it names purposes, and web servers are none of them (RFC 5280 §4.2.1.12).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_for_servers: bool,
}

/// A public key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Key {
    /// `RSA`, `ECDSA P-256`, `Ed25519`, or an object identifier.
    pub algorithm: String,
    /// Size in bits; 0 when not known.
    pub bits: u32,
    /// Whether it is an RSA key with the exponent 1, which encrypts and proves nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exponent_one: bool,
}

impl Certificate {
    /// Length of validity in seconds.
    pub fn lifetime(&self) -> i64 {
        self.not_after.since(self.not_before).max(0)
    }

    /// Whether it covers this host, by subject alternative names only (RFC 9525).
    pub fn covers(&self, host: &DomainName) -> bool {
        self.names.iter().any(|name| host.is_covered_by(name))
    }

    /// A wildcard with the host further below than it reaches: it stands for one label (RFC 9525 §6.3).
    pub fn wildcard_above(&self, host: &DomainName) -> Option<&str> {
        let stops_short = |name: &&String| {
            let base = name.strip_prefix("*.");
            let below = base.and_then(|base| host.as_str().strip_suffix(base)?.strip_suffix('.'));
            below.is_some_and(|labels| labels.contains('.'))
        };
        self.names.iter().find(stops_short).map(String::as_str)
    }

    /// Whether it was signed with SHA-1, MD5 or MD2, which anyone can forge and browsers refuse.
    pub fn is_weakly_signed(&self) -> bool {
        let signature = self.signature.to_ascii_lowercase();
        ["sha1", "sha-1", "md5", "md2"].iter().any(|hash| signature.contains(hash))
    }

    /// When a healthy client renews it: at 2/3 of its life, or at half for lives under 10 days (certbot's rule).
    pub fn renewal_due(&self) -> Time {
        let lifetime = self.lifetime();
        self.not_before.plus(if lifetime < 10 * 86_400 { lifetime / 2 } else { lifetime / 3 * 2 })
    }

    /// When a renewal that works would long have happened: at 5/6 of the lifetime, at 3/4 below 10 days. A fraction of
    /// the lifetime and never a number of days: lifetimes go from 90 days to 64, 45 and 6.
    pub fn renewal_overdue(&self) -> Time {
        let lifetime = self.lifetime();
        self.not_before.plus(if lifetime < 10 * 86_400 { lifetime / 4 * 3 } else { lifetime / 6 * 5 })
    }
}

impl Chain {
    /// The certificate of the server itself.
    pub fn leaf(&self) -> Option<&Certificate> {
        self.certificates.first()
    }
}

impl Endpoint {
    /// The completed handshake.
    pub fn shaken(&self) -> Option<&Handshake> {
        self.handshake.as_ref().and_then(|handshake| handshake.as_ref().ok())
    }

    /// Why the handshake failed.
    pub fn fault(&self) -> Option<&Fault> {
        self.handshake.as_ref().and_then(|handshake| handshake.as_ref().err())
    }

    /// `www.example.com at 203.0.113.7`.
    pub fn subject(&self) -> String {
        format!("{} at {}", self.host, self.address)
    }

    /// The chain this endpoint was seen to serve, by whichever handshake showed it.
    pub fn chain<'o>(&self, observation: &'o Observation) -> Option<&'o Chain> {
        let index = self.shaken().map(|handshake| handshake.chain).or(self.clear_text_chain)?;
        observation.chains.get(index)
    }
}

impl Observation {
    /// The endpoints of one host.
    pub fn of<'o>(&'o self, host: &'o DomainName) -> impl Iterator<Item = &'o Endpoint> {
        self.endpoints.iter().filter(move |endpoint| endpoint.host == *host)
    }

    /// Every endpoint with the leaf certificate that it serves.
    pub fn leaves(&self) -> impl Iterator<Item = (&Endpoint, &Certificate)> {
        self.endpoints.iter().filter_map(|endpoint| Some((endpoint, endpoint.chain(self)?.leaf()?)))
    }
}

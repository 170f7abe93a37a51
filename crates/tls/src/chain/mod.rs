//! Chains as served: read, followed to a root, and completed where a certificate is missing.

mod certificate;
mod fetch;
mod name;
mod path;
mod revocation;

use domain::DomainName;
use network::{Network, Session};
use rustls_pki_types::{CertificateDer, pem::PemObject};

use crate::{Chain, Client, Path};

use certificate::Read;
pub use certificate::sha256;
pub(crate) use certificate::{issuer, key_is_too_small_to_verify};
pub(crate) use fetch::Fetches;
pub use revocation::revocations;

/// The most text read as trust anchors, in bytes.
const PEM_LIMIT: usize = 1024 * 1024;

/// The most trust anchors in one text.
const PEM_COUNT: usize = 200;

/// The most certificates recorded of one chain.
const RECORDED: usize = 10;

/// How many certificates are fetched for one chain, one above the other.
const FETCHES_PER_CHAIN: usize = 2;

/// The certificates in a PEM text, DER, each of which can serve as a trust anchor. For [`network::Settings::trust`].
///
/// # Errors
/// What is wrong with the text, in words for the person who set it.
pub fn certificates_from_pem(text: &str) -> Result<Vec<Vec<u8>>, String> {
    if text.len() > PEM_LIMIT {
        return Err(format!("the file is longer than {PEM_LIMIT} bytes"));
    }
    let mut found = Vec::new();
    for (index, certificate) in CertificateDer::pem_slice_iter(text.as_bytes()).enumerate() {
        let number = index + 1;
        if number > PEM_COUNT {
            return Err(format!("there are more than {PEM_COUNT} certificates"));
        }
        let der = certificate.map_err(|error| format!("certificate {number} is not PEM: {error:?}"))?;
        webpki::anchor_from_trusted_cert(&der)
            .map_err(|error| format!("certificate {number} cannot serve as a trust anchor: {error:?}"))?;
        found.push(der.to_vec());
    }
    if found.is_empty() {
        return Err("there is no block that begins with -----BEGIN CERTIFICATE-----".into());
    }
    Ok(found)
}

/// Reads the chain at this index and follows it to a root. Names that cover one of `hosts` are never left out.
pub(crate) async fn examine<N: Network>(
    client: &Client,
    session: &Session<N>,
    index: usize,
    hosts: &[DomainName],
    fetches: &Fetches,
) -> Chain {
    let served = client.chain(index);
    let read: Vec<Read> = served.iter().map(|der| certificate::read(der, hosts)).collect();
    let path = follow(client, session, &served, &read, fetches).await;
    let public = is_public(client, session, &served, &read, &path);
    Chain { certificates: read.into_iter().take(RECORDED).map(|read| read.certificate).collect(), path, public }
}

/// One certificate as plain data. Names that cover one of `hosts` are never left out.
pub(crate) fn certificate_of(der: &CertificateDer<'_>, hosts: &[DomainName]) -> crate::Certificate {
    certificate::read(der, hosts).certificate
}

/// Whether the chain is one of a public authority: by its roots, or by its issuer's name where the root is one that the
/// settings add.
fn is_public<N: Network>(
    client: &Client,
    session: &Session<N>,
    served: &[CertificateDer<'static>],
    read: &[Read],
    path: &Path,
) -> bool {
    let (Path::Trusted, Some((leaf_der, others)), Some(leaf)) = (path, served.split_first(), read.first()) else {
        return false;
    };
    let moments = path::moments(session.started(), &leaf.certificate);
    dns::authorities::of_issuer(&leaf.certificate.issuer).is_some()
        || client.adds_no_roots()
        || path::leads_to_a_root(crate::roots::roots(), leaf_der, others, &moments).is_ok()
}

async fn follow<N: Network>(
    client: &Client,
    session: &Session<N>,
    served: &[CertificateDer<'static>],
    read: &[Read],
    fetches: &Fetches,
) -> Path {
    let (Some((leaf_der, others)), Some((leaf, read_others))) = (served.split_first(), read.split_first()) else {
        return Path::Unreadable { why: "no certificate was shown".into() };
    };
    if let Some(why) = &leaf.unreadable {
        return Path::Unreadable { why: why.clone() };
    }
    let moments = path::moments(session.started(), &leaf.certificate);
    let mut known_der = others.to_vec();
    let error = match path::leads_to_a_root(client.anchors(), leaf_der, &known_der, &moments) {
        Ok(()) => return Path::Trusted,
        Err(error) => error,
    };
    if path::is_beyond_us(&error) && !read.iter().any(|read| read.certificate.is_weakly_signed()) {
        return Path::Unverified { why: path::words(&error) };
    }
    let untrusted = |fetched: &[String]| Path::Untrusted { why: path::words(&error), fetched: fetched.join("; ") };
    if !path::may_be_incomplete(&error) || leaf.certificate.self_signed {
        return untrusted(&[]);
    }

    let mut known: Vec<Read> = read_others.to_vec();
    let mut outcomes = Vec::new();
    let mut missing = None;
    for _ in 0..FETCHES_PER_CHAIN {
        let top = top_of(leaf, &known);
        if top.certificate.self_signed {
            break;
        }
        let Some(url) = top.certificate.ca_issuers.first().cloned() else { break };
        let der = match fetches.certificate(session, &url).await {
            Ok(der) => der,
            Err(why) => {
                outcomes.push(format!("{url}: {why}"));
                break;
            }
        };
        let fetched = certificate::read(&der, &[]);
        outcomes.push(format!("{url}: {}", fetched.certificate.subject));
        let (first_url, first_subject) =
            missing.get_or_insert_with(|| (url.clone(), fetched.certificate.subject.clone()));
        known.push(fetched);
        known_der.push(der);
        match path::leads_to_a_root(client.anchors(), leaf_der, &known_der, &moments) {
            Ok(()) => {
                return Path::Incomplete { fetched: first_url.clone(), missing: first_subject.clone() };
            }
            Err(error) if path::is_beyond_us(&error) => {
                return Path::Unverified { why: path::words(&error) };
            }
            Err(_) => {}
        }
    }
    untrusted(&outcomes)
}

/// The highest certificate that the leaf leads to by names, among those at hand.
fn top_of<'r>(leaf: &'r Read, others: &'r [Read]) -> &'r Read {
    let mut top = leaf;
    // As many steps as there are certificates: a chain that goes round ends anyway.
    for _ in 0..others.len() {
        match others
            .iter()
            .find(|other| other.subject == top.issuer && other.certificate.sha256 != top.certificate.sha256)
        {
            Some(issuer) if !top.certificate.self_signed => top = issuer,
            _ => break,
        }
    }
    top
}

//! Whether a certificate is on its issuer's list of revoked ones (RFC 5280 §5).

use network::{Network, Saw, Session, Unseen};
use sha2::{Digest, Sha256};

use super::{certificate::hex, fetch, path};
use crate::{Certificate, Client, Observation, Path, Revocation};

/// The most bytes of a list. Let's Encrypt's shards have some ten thousand; of longer ones nothing is said.
const LIMIT: usize = 2 * 1024 * 1024;

/// The most certificates looked up in one check.
const LOOKED_UP: usize = 2;

/// Looks the trusted certificates up in the lists that they name, each certificate once. One whose dates are over is
/// not: lists leave those out.
pub async fn revocations<N: Network>(client: &Client, session: &Session<N>, seen: &Observation) -> Vec<Revocation> {
    let mut leaves: Vec<(&Certificate, &str)> = Vec::new();
    for endpoint in &seen.endpoints {
        let Some(chain) = endpoint.chain(seen) else { continue };
        let Some(leaf) = chain.leaf() else { continue };
        let Some(url) = leaf.crls.first() else { continue };
        let valid = (leaf.not_before..=leaf.not_after).contains(&seen.seen_at);
        let known = leaves.iter().any(|(other, _)| other.sha256 == leaf.sha256);
        if chain.path == Path::Trusted && valid && !known && leaves.len() < LOOKED_UP {
            leaves.push((leaf, url));
        }
    }
    let mut revocations = Vec::new();
    for (leaf, url) in leaves {
        let revoked = match look_up(client, session, leaf, url).await {
            Ok(revoked) => Saw::Seen(revoked),
            Err(why) => Saw::Unseen(Unseen::Failed(why)),
        };
        revocations.push(Revocation { sha256: leaf.sha256.clone(), url: url.to_owned(), revoked });
    }
    revocations
}

async fn look_up<N: Network>(
    client: &Client,
    session: &Session<N>,
    leaf: &Certificate,
    url: &str,
) -> Result<bool, String> {
    let chain = client
        .chain_of(|der| hex(&Sha256::digest(der), "") == leaf.sha256)
        .ok_or_else(|| "the certificate is not at hand".to_owned())?;
    let list = fetch::document(session, url, LIMIT).await?;
    let (der, others) = chain.split_first().ok_or_else(|| "the chain is empty".to_owned())?;
    path::is_revoked(client.anchors(), der, others, session.started(), &list)
        .map_err(|error| format!("the list cannot be relied on ({})", path::words(&error)))
}

//! Whether a certificate is on its issuer's list of revoked ones (RFC 5280 §5).

use domain::Time;
use network::{Network, Saw, Session, Unseen};
use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};

use super::{
    certificate::{element, hex, http_urls, signed_by, signed_parts},
    fetch,
};
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
    is_listed(&list, leaf, der, others, url, session.started()).map_err(|why| format!("the list {why}"))
}

/// Whether the leaf is on the list (RFC 5280 §5.1). The list has to be signed by the key that signed the leaf, about
/// certificates such as the leaf, and current. webpki would look it up as well; its readers of lists weigh three times
/// as much at the edge.
///
/// # Errors
/// Why the list says nothing about it: the end of "the list …".
fn is_listed(
    list: &[u8],
    leaf: &Certificate,
    der: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    url: &str,
    now: Time,
) -> Result<bool, &'static str> {
    const UNREADABLE: &str = "cannot be read";
    let (parts, of_leaf) = signed_parts(list).zip(signed_parts(der)).ok_or(UNREADABLE)?;
    if !others.iter().any(|issuer| signed_by(issuer, &of_leaf) && signed_by(issuer, &parts)) {
        return Err("is not signed by the certificate's issuer");
    }
    let (_, mut rest, _) = element(parts.signed).ok_or(UNREADABLE)?;
    let (mut sequences, mut times) = (0, 0);
    let mut listed = false;
    while let Some((tag, inside, after)) = element(rest) {
        rest = after;
        match tag {
            // The algorithm, the issuer's name, then the list.
            0x30 => {
                sequences += 1;
                listed |= sequences == 3 && contains(inside, &leaf.serial);
            }
            // This update, and the next.
            0x17 | 0x18 => {
                times += 1;
                if times == 2 && moment(inside).is_none_or(|next| next < now) {
                    return Err("has run out");
                }
            }
            0xa0 => is_about(inside, url)?,
            _ => {}
        }
    }
    match (rest.is_empty(), times) {
        (true, 2) => Ok(listed),
        (true, _) => Err("does not say how long it counts"),
        (false, _) => Err(UNREADABLE),
    }
}

/// Whether one of the entries begins with this serial number.
fn contains(mut entries: &[u8], serial: &str) -> bool {
    let serial: Vec<u8> = serial.split(':').filter_map(|byte| u8::from_str_radix(byte, 16).ok()).collect();
    while let Some((_, entry, rest)) = element(entries) {
        entries = rest;
        if matches!(element(entry), Some((0x02, number, _)) if bare(number) == bare(&serial)) {
            return true;
        }
    }
    false
}

/// A number without its leading zeros.
fn bare(number: &[u8]) -> &[u8] {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    number.get(start..).unwrap_or_default()
}

/// Whether a list with these extensions is about every certificate that names this place (RFC 5280 §5.2.5).
fn is_about(extensions: &[u8], url: &str) -> Result<(), &'static str> {
    const PLACE: [u8; 3] = [0x55, 0x1d, 0x1c];
    const OTHERS: &str = "is about other certificates";
    let (_, mut rest, _) = element(extensions).ok_or(OTHERS)?;
    while let Some((_, extension, after)) = element(rest) {
        rest = after;
        let (_, id, value) = element(extension).ok_or(OTHERS)?;
        let (tag, inside, value) = element(value).ok_or(OTHERS)?;
        let critical = tag == 0x01 && inside != [0];
        if id != PLACE {
            if critical {
                return Err("has a part that we do not know");
            }
            continue;
        }
        let place = if tag == 0x01 { element(value).ok_or(OTHERS)?.1 } else { inside };
        let (_, mut fields, _) = element(place).ok_or(OTHERS)?;
        while let Some((tag, inside, after)) = element(fields) {
            fields = after;
            let fits = match tag {
                0xa0 => http_urls(inside).iter().any(|known| known == url),
                // Only certificates of servers and people: such as the leaf.
                0x81 => true,
                // Only of authorities, only for some reasons, of other issuers, of attributes.
                _ => false,
            };
            if !fits {
                return Err(OTHERS);
            }
        }
    }
    Ok(())
}

/// `261121063000Z`, or with four digits of the year (RFC 5280 §5.1.2.4).
fn moment(text: &[u8]) -> Option<Time> {
    let text = str::from_utf8(text).ok()?;
    let century = match text.len() {
        13 => "20",
        15 => "",
        _ => return None,
    };
    let text = format!("{century}{text}");
    let part = |from: usize, until: usize| text.get(from..until);
    let (date, clock) = ([part(0, 4)?, part(4, 6)?, part(6, 8)?], [part(8, 10)?, part(10, 12)?, part(12, 14)?]);
    Time::try_from(format!("{}T{}{}", date.join("-"), clock.join(":"), part(14, 15)?)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{
        CertificateParams, CertificateRevocationListParams, CrlDistributionPoint, CrlIssuingDistributionPoint,
        CrlScope, Issuer, KeyIdMethod, KeyPair, RevokedCertParams, date_time_ymd,
    };

    use super::*;
    use crate::chain::certificate;

    const URL: &str = "http://ca.example/1.crl";

    /// A certificate with the serial number 5, its issuer, and what its issuer signs with.
    fn issued() -> (CertificateDer<'static>, CertificateDer<'static>, Issuer<'static, KeyPair>) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let authority = params.self_signed(&key).unwrap().der().clone();
        let issuer = Issuer::new(params, key);
        let mut params = CertificateParams::new(vec!["a.example".into()]).unwrap();
        params.serial_number = Some(vec![0x85, 9].into());
        let leaf = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().der().clone();
        (leaf, authority, issuer)
    }

    fn list(issuer: &Issuer<'static, KeyPair>, serials: &[&[u8]], place: Option<(&str, Option<CrlScope>)>) -> Vec<u8> {
        let revoked = serials.iter().map(|serial| RevokedCertParams {
            serial_number: serial.to_vec().into(),
            revocation_time: date_time_ymd(2026, 11, 1),
            reason_code: Some(rcgen::RevocationReason::KeyCompromise),
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 11, 18),
            next_update: date_time_ymd(2026, 11, 25),
            crl_number: 7.into(),
            issuing_distribution_point: place.map(|(url, scope)| CrlIssuingDistributionPoint {
                distribution_point: CrlDistributionPoint { uris: vec![url.into()] },
                scope,
            }),
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(issuer).unwrap().der().to_vec()
    }

    const NOW: i64 = crate::sample::NOW;

    #[test]
    fn the_list_has_to_be_about_the_certificate() {
        let (leaf, authority, issuer) = issued();
        let read = certificate::read(&leaf, &[]).certificate;
        let ask = |list: &[u8], now: i64| {
            is_listed(list, &read, &leaf, std::slice::from_ref(&authority), URL, Time::from_unix(now))
        };
        let on: &[&[u8]] = &[&[0x11, 9], &[0x85, 9]];
        assert_eq!(ask(&list(&issuer, on, None), NOW), Ok(true));
        assert_eq!(ask(&list(&issuer, &[&[0x11, 9], &[0x85, 0x19]], None), NOW), Ok(false));
        assert_eq!(ask(&list(&issuer, &[], None), NOW), Ok(false));
        let many: Vec<Vec<u8>> = (0..3000_u16).map(|n| [&[1][..], &n.to_be_bytes()].concat()).collect();
        let mut many: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
        assert_eq!(ask(&list(&issuer, &many, None), NOW), Ok(false), "lengths of three bytes");
        many.push(&[0x85, 9]);
        assert_eq!(ask(&list(&issuer, &many, None), NOW), Ok(true));
        let servers = Some(CrlScope::UserCertsOnly);
        assert_eq!(ask(&list(&issuer, on, Some((URL, servers))), NOW), Ok(true));
        for other in [("http://ca.example/2.crl", servers), (URL, Some(CrlScope::CaCertsOnly))] {
            assert_eq!(ask(&list(&issuer, on, Some(other)), NOW), Err("is about other certificates"));
        }
        assert_eq!(ask(&list(&issuer, on, None), NOW + 30 * 86_400), Err("has run out"));
        assert_eq!(ask(&list(&self::issued().2, on, None), NOW), Err("is not signed by the certificate's issuer"));
        assert_eq!(ask(&leaf, NOW), Err("does not say how long it counts"), "a certificate is no list");
    }

    #[test]
    fn nobody_but_the_issuer_counts_as_such() {
        let (leaf, _, _) = issued();
        let (_, stranger, stranger_signs) = issued();
        let read = certificate::read(&leaf, &[]).certificate;
        let list = list(&stranger_signs, &[], None);
        let told = is_listed(&list, &read, &leaf, &[stranger], URL, Time::from_unix(NOW));
        assert_eq!(told, Err("is not signed by the certificate's issuer"), "of the same name, sent along by the site");
    }

    #[test]
    fn both_kinds_of_time_are_read() {
        assert_eq!(moment(b"261121063000Z").unwrap().unix(), NOW);
        assert_eq!(moment(b"20261121063000Z").unwrap().unix(), NOW);
        for bad in [&b""[..], b"261121063000+", b"2611210630Z", b"26\xc3\x9f121063000Z", b"269921063000Z"] {
            assert_eq!(moment(bad), None);
        }
    }

    proptest! {
        #[test]
        fn damaged_lists_never_panic(place in 0usize..400, byte in any::<u8>(), bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (_, _, issuer) = issued();
            let mut list = list(&issuer, &[&[5]], Some((URL, None)));
            let place = place % list.len();
            list[place] = byte;
            let _ = element(&list).map(|(_, inside, _)| (contains(inside, "05"), is_about(inside, URL)));
            let _ = (contains(&bytes, "05"), is_about(&bytes, URL), moment(&bytes));
        }
    }
}

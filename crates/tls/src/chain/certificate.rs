//! One certificate, from DER to the plain data that checks read.

use der::{Decode, Encode, Reader, SliceReader, asn1::ObjectIdentifier};
use domain::{DomainName, Time};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error};
use x509_cert::{
    certificate::{CertificateInner, Raw},
    ext::pkix::{AuthorityInfoAccessSyntax, BasicConstraints, ExtendedKeyUsage, SubjectAltName, name::GeneralName},
    name::Name,
    spki::SubjectPublicKeyInfoOwned,
};

use super::name::distinguished;
use crate::{Certificate, Key};

/// The most characters kept of a subject or issuer.
const TEXT_LIMIT: usize = 300;

/// The most subject alternative names kept.
const NAME_LIMIT: usize = 200;

/// The most URLs kept of each kind.
const URL_LIMIT: usize = 4;

/// The most logs kept; two or three are usual.
const LOG_LIMIT: usize = 8;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");
const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const ANY_PURPOSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
const CRL_POINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.31");
const AUTHORITY_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
const SCTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.2");
const TLS_FEATURES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.24");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// The signature algorithms that certificates are signed with (RFC 3279, 4055, 5758, 8410).
const SIGNATURES: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
    ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
    ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
    ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
    ("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
    ("1.2.840.113549.1.1.12", "sha384WithRSAEncryption"),
    ("1.2.840.113549.1.1.13", "sha512WithRSAEncryption"),
    ("1.2.840.113549.1.1.14", "sha224WithRSAEncryption"),
    ("1.2.840.10040.4.3", "dsa-with-sha1"),
    ("2.16.840.1.101.3.4.3.2", "dsa-with-sha256"),
    ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
    ("1.2.840.10045.4.3.1", "ecdsa-with-SHA224"),
    ("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
    ("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
    ("1.2.840.10045.4.3.4", "ecdsa-with-SHA512"),
    ("1.3.14.3.2.29", "sha1WithRSAEncryption"), // the OIW's number, in very old certificates
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
];

/// A certificate, and what path building needs beside it.
#[derive(Debug, Clone)]
pub(super) struct Read {
    /// The plain data; placeholders where it could not be read.
    pub(super) certificate: Certificate,
    /// The subject's DER.
    pub(super) subject: Vec<u8>,
    /// The issuer's DER.
    pub(super) issuer: Vec<u8>,
    /// Why it could not be read, if so.
    pub(super) unreadable: Option<String>,
}

/// Reads a certificate. Of more than 200 names, those that cover one of `hosts` are kept before all others.
pub(super) fn read(der: &CertificateDer<'_>, hosts: &[DomainName]) -> Read {
    let sha256 = sha256(der);
    match CertificateInner::<Raw>::from_der(der) {
        Ok(parsed) => understood(der, &parsed, sha256, hosts),
        Err(error) => unreadable(sha256, &error),
    }
}

/// The issuer's distinguished name alone, if the certificate can be read.
pub(crate) fn issuer(der: &CertificateDer<'_>) -> Option<String> {
    CertificateInner::<Raw>::from_der(der).ok().map(|parsed| clean(&distinguished(parsed.tbs_certificate().issuer())))
}

/// Whether the key is an RSA key below 2048 bits, whose signatures our library refuses to look at.
pub(crate) fn key_is_too_small_to_verify(der: &CertificateDer<'_>) -> bool {
    CertificateInner::<Raw>::from_der(der).is_ok_and(|parsed| {
        let key = key(parsed.tbs_certificate().subject_public_key_info());
        key.algorithm == "RSA" && key.bits < 2048
    })
}

fn understood(der: &[u8], parsed: &CertificateInner<Raw>, sha256: String, hosts: &[DomainName]) -> Read {
    let tbs = parsed.tbs_certificate();
    let moment = |time: x509_cert::time::Time| {
        Time::from_unix(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX))
    };
    let subject = tbs.subject().to_der().unwrap_or_default();
    let issuer = tbs.issuer().to_der().unwrap_or_default();
    let is_ca = matches!(tbs.get_extension::<BasicConstraints>(), Ok(Some((_, constraints))) if constraints.ca);
    let (ca_issuers, ocsp) = access(parsed);
    let key = key(tbs.subject_public_key_info());
    let certificate = Certificate {
        sha256,
        subject: clean(&distinguished(tbs.subject())),
        issuer: clean(&distinguished(tbs.issuer())),
        issued_by: issued_by(tbs.issuer()),
        serial: hex(tbs.serial_number().as_bytes(), ":"),
        names: names(parsed, hosts),
        not_before: moment(tbs.validity().not_before),
        not_after: moment(tbs.validity().not_after),
        signature: named(parsed.signature_algorithm().oid),
        is_ca,
        self_signed: subject == issuer && signed_itself(der, &key),
        key,
        ca_issuers,
        ocsp,
        crls: extension(parsed, CRL_POINTS).map(http_urls).unwrap_or_default(),
        authority_key: extension(parsed, AUTHORITY_KEY).and_then(key_identifier).unwrap_or_default(),
        logs: extension(parsed, SCTS).and_then(logs).unwrap_or_default(),
        must_staple: extension(parsed, TLS_FEATURES).is_some_and(asks_for_staple),
        not_for_servers: matches!(
            tbs.get_extension::<ExtendedKeyUsage>(),
            Ok(Some((_, ExtendedKeyUsage(all)))) if !all.contains(&SERVER_AUTH) && !all.contains(&ANY_PURPOSE)
        ),
    };
    Read { certificate, subject, issuer, unreadable: None }
}

/// What is kept of something that is not X.509: its hash. Its dates are all of time, so that nobody calls it expired.
fn unreadable(sha256: String, error: &der::Error) -> Read {
    let certificate = Certificate {
        sha256,
        subject: "(not readable)".into(),
        issuer: "(not readable)".into(),
        issued_by: "an unknown issuer".into(),
        serial: String::new(),
        names: Vec::new(),
        not_before: Time::from_unix(i64::MIN),
        not_after: Time::from_unix(i64::MAX),
        key: Key { algorithm: "unknown".into(), ..Key::default() },
        signature: "unknown".into(),
        is_ca: false,
        self_signed: false,
        ca_issuers: Vec::new(),
        ocsp: Vec::new(),
        crls: Vec::new(),
        authority_key: String::new(),
        logs: Vec::new(),
        must_staple: false,
        not_for_servers: false,
    };
    Read { certificate, subject: Vec::new(), issuer: Vec::new(), unreadable: Some(clean(&error.to_string())) }
}

fn names(parsed: &CertificateInner<Raw>, hosts: &[DomainName]) -> Vec<String> {
    let Ok(Some((_, SubjectAltName(all)))) = parsed.tbs_certificate().get_extension::<SubjectAltName>() else {
        return Vec::new();
    };
    let mut names: Vec<String> = all.iter().filter_map(name).collect();
    if names.len() > NAME_LIMIT {
        // Those that matter come first.
        let (mut of_hosts, others): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|name| hosts.iter().any(|host| host.is_covered_by(name)));
        of_hosts.extend(others);
        names = of_hosts;
        names.truncate(NAME_LIMIT);
    }
    names
}

fn name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(clean(name.as_str())),
        GeneralName::IpAddress(octets) => {
            let octets = octets.as_bytes();
            let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

/// The http URLs of the issuer's certificate, and those of OCSP responders.
fn access(parsed: &CertificateInner<Raw>) -> (Vec<String>, Vec<String>) {
    let Ok(Some((_, AuthorityInfoAccessSyntax(all)))) =
        parsed.tbs_certificate().get_extension::<AuthorityInfoAccessSyntax>()
    else {
        return (Vec::new(), Vec::new());
    };
    let of = |method: ObjectIdentifier| -> Vec<String> {
        all.iter()
            .filter(|access| access.access_method == method)
            .filter_map(|access| match &access.access_location {
                GeneralName::UniformResourceIdentifier(url) => Some(clean(url.as_str())),
                _ => None,
            })
            .filter(|url| is_http(url))
            .take(URL_LIMIT)
            .collect()
    };
    (of(CA_ISSUERS), of(OCSP))
}

/// The content of an extension that we read byte by byte: reading all of its kind would weigh more at the edge.
fn extension(parsed: &CertificateInner<Raw>, oid: ObjectIdentifier) -> Option<&[u8]> {
    let extensions = parsed.tbs_certificate().extensions()?;
    extensions.iter().find(|extension| extension.extn_id == oid).map(|extension| extension.extn_value.as_bytes())
}

/// One element of DER: its tag, what is in it, and what follows.
pub(super) fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 3))?;
            (length.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (inside, rest) = rest.split_at_checked(length)?;
    Some((*tag, inside, rest))
}

/// The http URLs anywhere inside: every general name of that kind has the tag \[6\].
pub(super) fn http_urls(points: &[u8]) -> Vec<String> {
    let mut urls = Vec::new();
    let mut left = vec![points];
    while let Some((tag, inside, rest)) = left.pop().and_then(element) {
        if !rest.is_empty() {
            left.push(rest);
        }
        match tag {
            0x86 => urls.extend(str::from_utf8(inside).ok().filter(|url| is_http(url)).map(clean)),
            // SEQUENCE, \[0\] distributionPoint, \[0\] fullName.
            0x30 | 0xa0 => left.push(inside),
            _ => {}
        }
        if urls.len() == URL_LIMIT {
            break;
        }
    }
    urls
}

/// SEQUENCE { \[0\] keyIdentifier, … }, in hex.
fn key_identifier(value: &[u8]) -> Option<String> {
    let (_, inside, _) = element(value)?;
    let (tag, id, _) = element(inside)?;
    (tag == 0x80 && id.len() <= 64).then(|| hex(id, ""))
}

/// The logs of a list of promises: OCTET STRING { length, then each a length, a version and the log's id, … }.
fn logs(value: &[u8]) -> Option<Vec<String>> {
    let (_, list, _) = element(value)?;
    let (_, mut list) = list.split_at_checked(2)?;
    let mut logs: Vec<String> = Vec::new();
    // What comes before a damaged promise still counts.
    while let Some((length, rest)) = list.split_first_chunk::<2>() {
        let Some((promise, rest)) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length))) else { break };
        list = rest;
        let Some(id) = promise.get(1..9).map(|id| hex(id, "")) else { continue };
        if !logs.contains(&id) && logs.len() < LOG_LIMIT {
            logs.push(id);
        }
    }
    Some(logs)
}

/// SEQUENCE OF INTEGER, with 5 among them: status_request.
fn asks_for_staple(value: &[u8]) -> bool {
    element(value).is_some_and(|(_, numbers, _)| numbers.chunks(3).any(|number| number == [2, 1, 5]))
}

fn is_http(url: &str) -> bool {
    url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

/// `Let's Encrypt E7`; the common name alone where it names the organisation itself.
fn issued_by(issuer: &Name) -> String {
    match (attribute(issuer, ORGANISATION), attribute(issuer, COMMON_NAME)) {
        (Some(organisation), Some(name)) if name.contains(&organisation) => name,
        (Some(organisation), Some(name)) => format!("{organisation} {name}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "an issuer without a name".into(),
    }
}

/// An attribute as text, whichever of the five string types it has: what is not UTF-8 loses its accents, no more.
fn attribute(name: &Name, oid: ObjectIdentifier) -> Option<String> {
    let value = name.iter().find(|attribute| attribute.oid == oid)?;
    Some(clean(&String::from_utf8_lossy(value.value.value()))).filter(|text| !text.is_empty())
}

fn key(info: &SubjectPublicKeyInfoOwned) -> Key {
    let oid = info.algorithm.oid;
    if oid == RSA || oid == RSA_PSS {
        let (bits, exponent_one) = rsa(info).unwrap_or_default();
        return Key { algorithm: "RSA".into(), bits, exponent_one };
    }
    if oid == EC {
        let curve = info.algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
        let (algorithm, bits) = match curve.map(|curve| curve.to_string()).as_deref() {
            Some("1.2.840.10045.3.1.7") => ("ECDSA P-256".to_owned(), 256),
            Some("1.3.132.0.34") => ("ECDSA P-384".to_owned(), 384),
            Some("1.3.132.0.35") => ("ECDSA P-521".to_owned(), 521),
            Some(other) => (format!("ECDSA {other}"), 0),
            None => ("ECDSA".to_owned(), 0),
        };
        return Key { algorithm, bits, ..Key::default() };
    }
    match oid.to_string().as_str() {
        "1.3.101.112" => Key { algorithm: "Ed25519".into(), bits: 256, ..Key::default() },
        "1.3.101.113" => Key { algorithm: "Ed448".into(), bits: 456, ..Key::default() },
        other => Key { algorithm: other.to_owned(), ..Key::default() },
    }
}

/// Bits of the modulus, and whether the exponent is 1 (RFC 8017 §A.1.1).
fn rsa(info: &SubjectPublicKeyInfoOwned) -> Option<(u32, bool)> {
    let bytes = info.subject_public_key.as_bytes()?;
    let mut reader = SliceReader::new(bytes).ok()?;
    let (modulus, exponent) = reader
        .sequence(|inner: &mut SliceReader<'_>| {
            let modulus = der::asn1::UintRef::decode(inner)?;
            let exponent = der::asn1::UintRef::decode(inner)?;
            Ok::<_, der::Error>((modulus, exponent))
        })
        .ok()?;
    let bytes = modulus.as_bytes();
    let first = bytes.first()?;
    let bits = u32::try_from(bytes.len()).ok()?.checked_mul(8)?.checked_sub(first.leading_zeros())?;
    Some((bits, exponent.as_bytes() == [1]))
}

/// Whether the key in a certificate signed that certificate. Where our library cannot check (an algorithm or a key that
/// it does not know or finds too weak), equal names have to do.
fn signed_itself(der: &[u8], key: &Key) -> bool {
    let der = CertificateDer::from(der);
    let Some(parts) = signed_parts(&der) else { return true };
    let Ok(results) = verified(&der, &parts) else { return true };
    let too_small = key.algorithm == "RSA" && key.bits < 2048;
    too_small || !results.contains(&Err(Error::InvalidSignatureForPublicKey)) || results.contains(&Ok(()))
}

/// Whether the key in a certificate signed something, as far as our library can tell.
pub(super) fn signed_by(issuer: &CertificateDer<'_>, parts: &Parts<'_>) -> bool {
    verified(issuer, parts).is_ok_and(|results| results.contains(&Ok(())))
}

/// What each algorithm that fits says of a signature.
fn verified(issuer: &CertificateDer<'_>, parts: &Parts<'_>) -> Result<Vec<Result<(), Error>>, Error> {
    let issuer = EndEntityCert::try_from(issuer)?;
    let fits =
        |algorithm: &&&dyn SignatureVerificationAlgorithm| algorithm.signature_alg_id().as_ref() == parts.algorithm;
    let fitting = ALL_VERIFICATION_ALGS.iter().filter(fits);
    Ok(fitting.map(|algorithm| issuer.verify_signature(*algorithm, parts.signed, parts.signature)).collect())
}

/// The parts of a certificate, or of a list of revoked ones, that its signature is about.
pub(super) struct Parts<'d> {
    /// The signed bytes exactly as they are.
    pub(super) signed: &'d [u8],
    /// The algorithm identifier, without the header of its sequence.
    algorithm: &'d [u8],
    /// The signature.
    signature: &'d [u8],
}

pub(super) fn signed_parts(der: &[u8]) -> Option<Parts<'_>> {
    let mut reader = SliceReader::new(der).ok()?;
    reader
        .sequence(|inner: &mut SliceReader<'_>| {
            let signed = inner.tlv_bytes()?;
            let algorithm = der::asn1::AnyRef::decode(inner)?.value();
            let signature = der::asn1::BitStringRef::decode(inner)?.raw_bytes();
            Ok::<_, der::Error>(Parts { signed, algorithm, signature })
        })
        .ok()
}

/// An algorithm's registered name, or its number.
fn named(oid: ObjectIdentifier) -> String {
    let oid = oid.to_string();
    SIGNATURES.iter().find(|(number, _)| *number == oid).map_or(oid.as_str(), |(_, name)| name).to_owned()
}

/// Text that a stranger chose, safe to show: no control characters, nothing that turns the direction of writing,
/// bounded.
fn clean(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    text.chars().filter(|c| !c.is_control() && !turns(*c)).take(TEXT_LIMIT).collect()
}

/// SHA-256 in hex, in lower case: 64 digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes), "")
}

pub(super) fn hex(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rustls_pki_types::pem::PemObject;

    use super::*;

    fn fixture(pem: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
    }

    const SMALL: &str = include_str!("../../tests/data/rsa-1024-sha1.pem");
    const P521: &str = include_str!("../../tests/data/p521.pem");
    const ODD: &str = include_str!("../../tests/data/odd.pem");

    #[test]
    fn a_small_old_key_is_read_as_one() {
        let der = fixture(SMALL);
        let read = read(&der, &[]).certificate;
        assert_eq!(read.key, Key { algorithm: "RSA".into(), bits: 1024, ..Key::default() });
        assert_eq!(read.signature, "sha1WithRSAEncryption");
        assert!(read.is_weakly_signed() && read.self_signed && key_is_too_small_to_verify(&der));
        assert_eq!(read.names, ["small.example", "192.0.2.9"]);
        assert_eq!(read.issued_by, "Old Works small.example");
    }

    #[test]
    fn a_kind_of_key_that_we_cannot_verify_is_still_named() {
        let read = read(&fixture(P521), &[]).certificate;
        assert_eq!(read.key, Key { algorithm: "ECDSA P-521".into(), bits: 521, ..Key::default() });
        assert!(read.self_signed, "equal names have to do");
    }

    #[test]
    fn odd_serials_are_read_and_turned_text_is_straightened() {
        let read = read(&fixture(ODD), &[]);
        assert_eq!(read.unreadable, None);
        assert_eq!(read.certificate.issued_by, "Line evilmoc");
        assert!(!read.certificate.subject.contains('\u{202e}'), "{}", read.certificate.subject);
        assert!(read.certificate.serial.len() > 60, "{}", read.certificate.serial);
    }

    /// A certificate of an authority's, with these further extensions.
    fn issued(change: impl FnOnce(&mut rcgen::CertificateParams)) -> Certificate {
        let authority_key = rcgen::KeyPair::generate().unwrap();
        let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let issuer = rcgen::Issuer::new(authority, authority_key);
        let mut params = rcgen::CertificateParams::new(vec!["a.example".into()]).unwrap();
        params.use_authority_key_identifier_extension = true;
        change(&mut params);
        let key = rcgen::KeyPair::generate().unwrap();
        read(params.signed_by(&key, &issuer).unwrap().der(), &[]).certificate
    }

    #[test]
    fn lists_keys_purposes_and_demands_are_read() {
        let urls = ["http://a.example/1.crl", "ldap://a.example/cn=x", "HTTP://b.example/2.crl"].map(str::to_owned);
        let of = issued(|params| {
            params.crl_distribution_points = vec![rcgen::CrlDistributionPoint { uris: urls.to_vec() }];
            params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
            let feature = rcgen::CustomExtension::from_oid_content(
                &[1, 3, 6, 1, 5, 5, 7, 1, 24],
                vec![0x30, 6, 2, 1, 17, 2, 1, 5],
            );
            params.custom_extensions.push(feature);
        });
        assert_eq!(of.crls, ["http://a.example/1.crl", "HTTP://b.example/2.crl"]);
        assert_eq!(of.authority_key.len(), 40, "{}", of.authority_key);
        assert!(of.not_for_servers && of.must_staple && of.logs.is_empty());
        let plain = issued(|params| {
            params.extended_key_usages =
                vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth, rcgen::ExtendedKeyUsagePurpose::ServerAuth];
        });
        assert!(!plain.not_for_servers && !plain.must_staple && plain.crls.is_empty());
        assert!(!issued(|_| ()).not_for_servers, "no purposes are all purposes");
    }

    #[test]
    fn each_log_that_promised_is_counted_once() {
        let promise = |log: u8| [&[0, 45, 0][..], &[log; 32], &[0; 12]].concat();
        let of = |logs: &[u8]| {
            let list: Vec<u8> = logs.iter().flat_map(|log| promise(*log)).collect();
            let length = u16::try_from(list.len()).unwrap().to_be_bytes();
            let inner = [&length[..], &list].concat();
            let outer = [&[4, 0x82][..], &u16::try_from(inner.len()).unwrap().to_be_bytes(), &inner].concat();
            let scts = rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 11129, 2, 4, 2], outer);
            issued(|params| params.custom_extensions.push(scts)).logs
        };
        assert_eq!(of(&[1, 2, 1]), ["01".repeat(8), "02".repeat(8)]);
        assert!(of(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn what_we_read_byte_by_byte_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (http_urls(&bytes), key_identifier(&bytes), logs(&bytes), asks_for_staple(&bytes));
            let wrapped = [&[0x30, 0x81, u8::try_from(bytes.len()).unwrap()][..], &bytes].concat();
            let _ = (http_urls(&wrapped), key_identifier(&wrapped), logs(&wrapped), asks_for_staple(&wrapped));
        }
    }

    #[test]
    fn what_is_not_a_certificate_is_recorded_by_its_hash() {
        let read = read(&CertificateDer::from(b"nonsense".to_vec()), &[]);
        assert!(read.unreadable.is_some());
        assert_eq!(read.certificate.sha256.len(), 64);
        assert!(read.certificate.not_after > Time::from_unix(4_000_000_000));
    }

    #[test]
    fn of_many_names_those_of_the_site_are_kept() {
        let mut names: Vec<String> = (0..300).map(|number| format!("n{number}.example")).collect();
        names.push("*.site.example".into());
        let key = rcgen::KeyPair::generate().unwrap();
        let der = rcgen::CertificateParams::new(names).unwrap().self_signed(&key).unwrap().der().clone();
        let host: DomainName = "www.site.example".parse().unwrap();
        let read = read(&der, std::slice::from_ref(&host)).certificate;
        assert_eq!(read.names.len(), NAME_LIMIT);
        assert!(read.covers(&host));
        assert_eq!(read.names[1], "n0.example");
    }

    proptest! {
        #[test]
        fn damaged_certificates_never_panic(place in 0usize..900, byte in any::<u8>(), cut in 0usize..900) {
            for pem in [SMALL, P521, ODD] {
                let mut der = fixture(pem).to_vec();
                let place = place % der.len();
                der[place] = byte;
                let _ = read(&CertificateDer::from(der.as_slice()), &[]);
                der.truncate(cut);
                let _ = read(&CertificateDer::from(der.as_slice()), &[]);
                let _ = key_is_too_small_to_verify(&CertificateDer::from(der.as_slice()));
            }
        }
    }
}

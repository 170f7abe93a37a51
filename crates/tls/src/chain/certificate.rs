//! One certificate, from DER to the plain data that checks read.

use der::{Decode, Encode, Reader, SliceReader, asn1::ObjectIdentifier};
use domain::{DomainName, Time};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error};
use x509_cert::{
    certificate::{CertificateInner, Raw},
    ext::pkix::{AuthorityInfoAccessSyntax, BasicConstraints, SubjectAltName, name::GeneralName},
    name::Name,
    spki::SubjectPublicKeyInfoOwned,
};

use crate::{Certificate, Key};

/// The most characters kept of a subject or issuer.
const TEXT_LIMIT: usize = 300;

/// The most subject alternative names kept.
const NAME_LIMIT: usize = 200;

/// The most URLs kept of each kind.
const URL_LIMIT: usize = 4;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");
const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

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
    let sha256 = hex(&Sha256::digest(der), "");
    match CertificateInner::<Raw>::from_der(der) {
        Ok(parsed) => understood(der, &parsed, sha256, hosts),
        Err(error) => unreadable(sha256, &error),
    }
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
    let certificate = Certificate {
        sha256,
        subject: clean(&tbs.subject().to_string()),
        issuer: clean(&tbs.issuer().to_string()),
        issued_by: issued_by(tbs.issuer()),
        serial: hex(tbs.serial_number().as_bytes(), ":"),
        names: names(parsed, hosts),
        not_before: moment(tbs.validity().not_before),
        not_after: moment(tbs.validity().not_after),
        key: key(tbs.subject_public_key_info()),
        signature: named(parsed.signature_algorithm().oid),
        is_ca,
        self_signed: subject == issuer && signed_itself(der),
        ca_issuers,
        ocsp,
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
        key: Key { algorithm: "unknown".into(), bits: 0 },
        signature: "unknown".into(),
        is_ca: false,
        self_signed: false,
        ca_issuers: Vec::new(),
        ocsp: Vec::new(),
    };
    Read { certificate, subject: Vec::new(), issuer: Vec::new(), unreadable: Some(clean(&error.to_string())) }
}

fn names(parsed: &CertificateInner<Raw>, hosts: &[DomainName]) -> Vec<String> {
    let Ok(Some((_, SubjectAltName(all)))) = parsed.tbs_certificate().get_extension::<SubjectAltName>() else {
        return Vec::new();
    };
    let mut names: Vec<String> = all.iter().filter_map(name).collect();
    if names.len() > NAME_LIMIT {
        // Stable: those that matter come first, the rest keeps its order.
        names.sort_by_key(|name| !hosts.iter().any(|host| host.is_covered_by(name)));
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
            .filter(|url| url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://")))
            .take(URL_LIMIT)
            .collect()
    };
    (of(CA_ISSUERS), of(OCSP))
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
        return Key { algorithm: "RSA".into(), bits: rsa_bits(info).unwrap_or_default() };
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
        return Key { algorithm, bits };
    }
    match oid.to_string().as_str() {
        "1.3.101.112" => Key { algorithm: "Ed25519".into(), bits: 256 },
        "1.3.101.113" => Key { algorithm: "Ed448".into(), bits: 456 },
        other => Key { algorithm: other.to_owned(), bits: 0 },
    }
}

/// Bits of the modulus (RFC 8017 §A.1.1).
fn rsa_bits(info: &SubjectPublicKeyInfoOwned) -> Option<u32> {
    let bytes = info.subject_public_key.as_bytes()?;
    let mut reader = SliceReader::new(bytes).ok()?;
    let modulus = reader
        .sequence(|inner: &mut SliceReader<'_>| {
            let modulus = der::asn1::UintRef::decode(inner)?;
            der::asn1::UintRef::decode(inner)?;
            Ok::<_, der::Error>(modulus)
        })
        .ok()?;
    let bytes = modulus.as_bytes();
    let first = bytes.first()?;
    u32::try_from(bytes.len()).ok()?.checked_mul(8)?.checked_sub(first.leading_zeros())
}

/// Whether the key in a certificate signed that certificate. Where our library does not know the kind of signature,
/// equal names have to do.
fn signed_itself(der: &[u8]) -> bool {
    let der = CertificateDer::from(der);
    let (Ok(certificate), Some((signed, signature))) = (EndEntityCert::try_from(&der), signed_parts(&der)) else {
        return true;
    };
    let verify =
        |algorithm: &&dyn SignatureVerificationAlgorithm| certificate.verify_signature(*algorithm, signed, &signature);
    let results: Vec<Result<(), Error>> = ALL_VERIFICATION_ALGS.iter().map(verify).collect();
    results.contains(&Ok(())) || !results.contains(&Err(Error::InvalidSignatureForPublicKey))
}

/// The signed bytes exactly as they are, and the signature over them.
fn signed_parts(der: &[u8]) -> Option<(&[u8], Vec<u8>)> {
    let mut reader = SliceReader::new(der).ok()?;
    reader
        .sequence(|inner: &mut SliceReader<'_>| {
            let signed = inner.tlv_bytes()?;
            inner.tlv_bytes()?;
            let signature = der::asn1::BitStringRef::decode(inner)?;
            Ok::<_, der::Error>((signed, signature.raw_bytes().to_vec()))
        })
        .ok()
}

/// An algorithm's registered name, or its number.
fn named(oid: ObjectIdentifier) -> String {
    const_oid::db::DB.by_oid(&oid).map_or_else(|| oid.to_string(), str::to_owned)
}

/// Text that a stranger chose, safe to show: no control characters, nothing that turns the direction of writing,
/// bounded.
fn clean(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    text.chars().filter(|c| !c.is_control() && !turns(*c)).take(TEXT_LIMIT).collect()
}

fn hex(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between)
}

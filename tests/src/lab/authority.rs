//! Certificate authorities made at start: a trusted one, a staging one and one that nobody knows.

use std::{cell::RefCell, fs, path::Path};

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, CrlDistributionPoint,
    CrlIssuingDistributionPoint, CrlScope, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod,
    KeyPair, KeyUsagePurpose, RevocationReason, RevokedCertParams, SerialNumber, SubjectPublicKeyInfo,
};
use time::{Duration, OffsetDateTime};

use super::{
    logs::{Logged, Renewable},
    process,
    site::{Certificate, Issuer},
};

/// Where the trusted intermediate's certificate is served (authority information access, RFC 5280 §4.2.2.1).
const CA_ISSUERS: &str = "http://aia.lab.test/intermediate.der";

/// Where the intermediate's list of revoked certificates is served.
const CRL: &str = "http://aia.lab.test/r3.crl";

/// Diffie-Hellman parameters of 1024 bits: the Second Oakley Group (RFC 2409 §6.2).
const SHORT_PRIME: &str = "-----BEGIN DH PARAMETERS-----
MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR
Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL
/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC
-----END DH PARAMETERS-----
";

/// It stands in for the authority that the guides use: its name in CAA records is known.
const ORGANISATION: &str = "Let's Encrypt";
const INTERMEDIATE: &str = "Practice R3";

type Signer = CertifiedIssuer<'static, KeyPair>;

/// Every authority of the lab.
pub(super) struct Authority {
    root: Signer,
    intermediate: Signer,
    staging: Signer,
    untrusted: Signer,
    /// Stands in for a root that only newer devices know, and is trusted.
    young_root: Signer,
    young: Signer,
    /// When the lab started, to the second: certificates and logs agree on it.
    now: OffsetDateTime,
    /// What the intermediate signed so far.
    issued: RefCell<Vec<Issued>>,
}

/// One certificate of the intermediate.
struct Issued {
    serial: SerialNumber,
    days: (i64, i64),
    revoked: bool,
    recalled: bool,
}

impl Authority {
    /// Makes fresh keys and certificates.
    pub(super) fn new() -> Result<Authority> {
        let root = root("Practice Root X1", "Practice Trust")?;
        let intermediate = intermediate(INTERMEDIATE, ORGANISATION, &root)?;
        let staging_root = self::root("(STAGING) Pretend Pear X1", "(STAGING) Internet Security Research Group")?;
        let staging = self::intermediate("(STAGING) Counterfeit Cashew R10", "(STAGING) Let's Encrypt", &staging_root)?;
        let untrusted_root = self::root("Office Root", "Somebody's Office")?;
        let untrusted = self::intermediate("Office Web Servers", "Somebody's Office", &untrusted_root)?;
        let young_root = self::root("ISRG Root X2", "Internet Security Research Group")?;
        let young = self::intermediate("Practice E9", ORGANISATION, &young_root)?;
        let now = OffsetDateTime::now_utc().replace_nanosecond(0)?;
        let issued = RefCell::default();
        Ok(Authority { root, intermediate, staging, untrusted, young_root, young, now, issued })
    }

    pub(super) fn root_pem(&self) -> String {
        format!("{}{}", self.root.pem(), self.young_root.pem())
    }

    pub(super) fn intermediate_der(&self) -> &[u8] {
        self.intermediate.der()
    }

    /// The intermediate's list of revoked certificates, as far as they are written.
    pub(super) fn crl_der(&self) -> Result<Vec<u8>> {
        let issued = self.issued.borrow();
        let revoked = issued.iter().filter(|issued| issued.revoked).map(|issued| RevokedCertParams {
            serial_number: issued.serial.clone(),
            revocation_time: self.now - Duration::days(1),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: self.now - Duration::hours(2),
            next_update: self.now + Duration::days(7),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: Some(CrlIssuingDistributionPoint {
                distribution_point: CrlDistributionPoint { uris: vec![CRL.into()] },
                scope: Some(CrlScope::UserCertsOnly),
            }),
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(list.signed_by(&self.intermediate)?.der().to_vec())
    }

    /// When each certificate of the intermediate should be renewed: a day before and after two thirds of its life, half
    /// a day around the middle below ten days; of one that is to be recalled, yesterday.
    pub(super) fn renewable(&self) -> Vec<Renewable> {
        let of = |issued: &Issued| {
            let life = issued.days.1 - issued.days.0;
            let from = self.now + Duration::days(issued.days.0);
            let (middle, around) = match life {
                _ if issued.recalled => (self.now - Duration::hours(30), Duration::hours(6)),
                0..10 => (from + Duration::days(life) / 2, Duration::hours(6)),
                _ => (from + Duration::days(life) * 2 / 3, Duration::days(1)),
            };
            Renewable {
                serial: issued.serial.to_bytes(),
                start: rfc3339(middle - around),
                end: rfc3339(middle + around),
                explanation: issued.recalled.then(|| "https://authority.lab.test/incidents/1".to_owned()),
            }
        };
        self.issued.borrow().iter().map(of).collect()
    }

    /// What the public logs know of a certificate: itself and those before it, if a public authority issued them.
    pub(super) fn logged(&self, certificate: &Certificate) -> Vec<Logged> {
        let signer = match certificate.issuer {
            Issuer::Intermediate => INTERMEDIATE,
            Issuer::Young => "Practice E9",
            Issuer::Itself | Issuer::Staging | Issuer::Untrusted => return Vec::new(),
        };
        let day = |days: i64| rfc3339(self.now + Duration::days(days));
        std::iter::once(&certificate.days)
            .chain(&certificate.before)
            .map(|days| Logged {
                names: certificate.names.clone(),
                issuer: format!("O={ORGANISATION}, CN={signer}"),
                not_before: day(days.0),
                not_after: day(days.1),
                revoked: certificate.revoked && *days == certificate.days,
            })
            .chain(certificate.elsewhere.iter().map(|days| Logged {
                names: certificate.names.clone(),
                issuer: "C=US, O=Google Trust Services, CN=WR1".into(),
                not_before: day(days.0),
                not_after: day(days.1),
                revoked: false,
            }))
            .collect()
    }

    /// Issues a certificate and writes certbot's four files into the folder.
    pub(super) fn write(&self, certificate: &Certificate, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        let mut params = CertificateParams::new(certificate.names.clone())?;
        let common = certificate.names.first().context("a certificate has names")?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common.as_str());
        params.not_before = self.now + Duration::days(certificate.days.0);
        params.not_after = self.now + Duration::days(certificate.days.1);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![match certificate.for_clients {
            true => ExtendedKeyUsagePurpose::ClientAuth,
            false => ExtendedKeyUsagePurpose::ServerAuth,
        }];
        if certificate.must_staple {
            // SEQUENCE { INTEGER 5 }: status_request (RFC 7633).
            let feature = CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 24], vec![0x30, 3, 2, 1, 5]);
            params.custom_extensions.push(feature);
        }
        if certificate.short_prime {
            fs::write(folder.join("dhparam.pem"), SHORT_PRIME)?;
        }
        if certificate.issuer == Issuer::Intermediate {
            params.custom_extensions.push(ca_issuers());
            if !certificate.unlogged {
                params.custom_extensions.push(promises());
            }
            params.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![CRL.into()] }];
            let [high, low] = u16::try_from(self.issued.borrow().len())?.to_be_bytes();
            let serial = SerialNumber::from(vec![5, 0, high, low]);
            params.serial_number = Some(serial.clone());
            self.issued.borrow_mut().push(Issued {
                serial,
                days: certificate.days,
                revoked: certificate.on_list,
                recalled: certificate.recalled,
            });
        }
        if certificate.issuer == Issuer::Young {
            params.custom_extensions.push(promises());
        }
        let key = Key::new(certificate.rsa, folder)?;
        let signer = match certificate.issuer {
            Issuer::Intermediate => Some(&self.intermediate),
            Issuer::Staging => Some(&self.staging),
            Issuer::Untrusted => Some(&self.untrusted),
            Issuer::Young => Some(&self.young),
            Issuer::Itself => None,
        };
        params.use_authority_key_identifier_extension = signer.is_some();
        let leaf = match (signer, &key) {
            (Some(signer), Key::Ours(key)) => params.signed_by(key.as_ref(), signer)?,
            (Some(signer), Key::Openssl { public, .. }) => params.signed_by(public, signer)?,
            (None, Key::Ours(key)) => params.self_signed(key.as_ref())?,
            (None, Key::Openssl { .. }) => {
                anyhow::bail!("a self-signed certificate has a key of our own making")
            }
        };
        let leaf = leaf.pem();
        let chain = signer.map(|signer| signer.pem()).unwrap_or_default();
        let fullchain = if certificate.wrong_order {
            // As copied together by hand: root before intermediate.
            format!("{leaf}{}{chain}", self.root.pem())
        } else {
            format!("{leaf}{chain}")
        };
        fs::write(folder.join("cert.pem"), &leaf)?;
        fs::write(folder.join("chain.pem"), &chain)?;
        fs::write(folder.join("fullchain.pem"), fullchain)?;
        fs::write(folder.join("privkey.pem"), key.pem())?;
        Ok(())
    }
}

/// A leaf's key.
enum Key {
    Ours(Box<KeyPair>),
    /// RSA keys of sizes that our own library refuses to make.
    Openssl {
        public: SubjectPublicKeyInfo,
        private: String,
    },
}

impl Key {
    fn new(rsa: Option<u32>, folder: &Path) -> Result<Key> {
        let Some(bits) = rsa else { return Ok(Key::Ours(Box::new(KeyPair::generate()?))) };
        let openssl = process::find("openssl").context("openssl")?;
        let path = folder.join("made.pem").display().to_string();
        let made = ["genpkey", "-algorithm", "RSA", "-pkeyopt", &format!("rsa_keygen_bits:{bits}"), "-out", &path];
        process::run(&openssl, &made.map(str::to_owned))?;
        let public = process::run(&openssl, &["pkey", "-in", &path, "-pubout"].map(str::to_owned))?;
        Ok(Key::Openssl { public: SubjectPublicKeyInfo::from_pem(&public)?, private: fs::read_to_string(&path)? })
    }

    fn pem(&self) -> String {
        match self {
            Key::Ours(key) => key.serialize_pem(),
            Key::Openssl { private, .. } => private.clone(),
        }
    }
}

fn root(name: &str, organisation: &str) -> Result<Signer> {
    Ok(CertifiedIssuer::self_signed(authority(name, organisation, 3650)?, KeyPair::generate()?)?)
}

fn intermediate(name: &str, organisation: &str, root: &Signer) -> Result<Signer> {
    let mut params = authority(name, organisation, 1095)?;
    params.use_authority_key_identifier_extension = true;
    Ok(CertifiedIssuer::signed_by(params, KeyPair::generate()?, root)?)
}

fn authority(name: &str, organisation: &str, days: i64) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, organisation);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::days(365);
    params.not_after = now + Duration::days(days);
    Ok(params)
}

/// `2026-11-21T07:51:33Z`.
fn rfc3339(time: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// `AuthorityInfoAccessSyntax` with one caIssuers URL: SEQUENCE { SEQUENCE { id-ad-caIssuers, \[6\] URL } }.
fn ca_issuers() -> CustomExtension {
    const ID_AD_CA_ISSUERS: [u8; 10] = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];
    let mut url = vec![0x86, length(CA_ISSUERS.len())];
    url.extend_from_slice(CA_ISSUERS.as_bytes());
    let mut description = ID_AD_CA_ISSUERS.to_vec();
    description.extend(url);
    let mut inner = vec![0x30, length(description.len())];
    inner.extend(description);
    let mut outer = vec![0x30, length(inner.len())];
    outer.extend(inner);
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], outer)
}

/// Promises of two logs to list the certificate (RFC 6962 §3.3): OCTET STRING { list of SCTs }. Nobody checks their
/// signatures but the browsers that know the logs' keys.
fn promises() -> CustomExtension {
    let mut list = Vec::new();
    for log in [[0x11_u8; 32], [0x22; 32]] {
        let mut promise = vec![0]; // version 1
        promise.extend(log);
        promise.extend([0; 8]); // the time
        promise.extend([0, 0]); // no extensions
        promise.extend([4, 3, 0, 2, 0x30, 0]); // an ECDSA signature, empty
        list.extend([0, length(promise.len())]);
        list.extend(promise);
    }
    let mut outer = vec![4, length(list.len() + 2), 0, length(list.len())];
    outer.extend(list);
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 11129, 2, 4, 2], outer)
}

/// A length in DER's short form; what we write is short.
fn length(of: usize) -> u8 {
    u8::try_from(of).ok().filter(|length| *length < 0x80).unwrap_or_else(|| unreachable!("{of} is longer than 127"))
}

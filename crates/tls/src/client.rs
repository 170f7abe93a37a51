//! Our side of a handshake: offers, records what it is shown, accepts everything.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{DomainName, Time};
use network::{Held, Limits, Network, Session, Settings, Unseen, http::from_io};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, ProtocolVersion, SignatureScheme,
    client::{
        ResolvesClientCert, Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{
        CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, WebPkiSupportedAlgorithms, ring,
        verify_tls12_signature, verify_tls13_signature,
    },
    sign::{CertifiedKey, SigningKey},
    time_provider::TimeProvider,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, TrustAnchor, UnixTime};
use tokio_rustls::TlsConnector;
use webpki::ring as verify;

use crate::{Fault, Handshake, Version, chain, hello};

/// An established connection that carries HTTP.
pub type Tunnel<S> = tokio_rustls::client::TlsStream<S>;

/// The most certificates taken of one chain; real ones have two to four, but a path may lead through any.
const CHAIN_LIMIT: usize = 50;

/// What one check needs for its handshakes: algorithms, trust anchors, a clock that stands still, and the chains seen
/// so far. For one thread.
pub struct Client {
    provider: Arc<CryptoProvider>,
    clock: Arc<Clock>,
    anchors: Vec<TrustAnchor<'static>>,
    chains: RefCell<Vec<Vec<CertificateDer<'static>>>>,
}

impl Client {
    /// Trusts Mozilla's roots and [`Settings::trust`], at the moment the check began. Anchors that cannot be read are
    /// left out: [`crate::certificates_from_pem`] has refused them before.
    pub fn new(settings: &Settings, seen_at: Time) -> Client {
        let mut anchors = crate::roots::roots().to_vec();
        for der in &settings.trust {
            let der = CertificateDer::from(der.as_slice());
            anchors.extend(webpki::anchor_from_trusted_cert(&der).ok().map(|anchor| anchor.to_owned()));
        }
        Client { provider: Arc::new(provider()), clock: Arc::new(Clock(seen_at)), anchors, chains: RefCell::default() }
    }

    /// The roots that a path may end in.
    pub(crate) fn anchors(&self) -> &[TrustAnchor<'static>] {
        &self.anchors
    }

    /// Whether the roots are Mozilla's alone.
    pub(crate) fn adds_no_roots(&self) -> bool {
        self.anchors.len() == crate::roots::roots().len()
    }

    /// The chain at an index that [`Client::intern`] gave.
    pub(crate) fn chain(&self, index: usize) -> Vec<CertificateDer<'static>> {
        self.chains.borrow().get(index).cloned().unwrap_or_default()
    }

    /// The chain whose leaf is the one looked for.
    pub(crate) fn chain_of(&self, is_it: impl Fn(&CertificateDer<'_>) -> bool) -> Option<Vec<CertificateDer<'static>>> {
        self.chains.borrow().iter().find(|chain| chain.first().is_some_and(&is_it)).cloned()
    }

    /// The distinguished name of the issuer of the certificate that an endpoint was seen to serve, before its chain is
    /// examined.
    pub fn issuer(&self, endpoint: &crate::Endpoint) -> Option<String> {
        let index = endpoint.shaken().map(|handshake| handshake.chain).or(endpoint.clear_text_chain)?;
        crate::chain::issuer(self.chain(index).first()?)
    }

    /// Keeps a chain once, however many handshakes show it.
    pub(crate) fn intern(&self, mut chain: Vec<CertificateDer<'static>>) -> usize {
        chain.truncate(CHAIN_LIMIT);
        let mut chains = self.chains.borrow_mut();
        match chains.iter().position(|known| *known == chain) {
            Some(index) => index,
            None => {
                chains.push(chain);
                chains.len() - 1
            }
        }
    }

    /// One handshake over an open connection.
    pub(crate) async fn shake<N: Network>(
        &self,
        session: &Session<N>,
        stream: Held<N::Stream>,
        offer: Offer<'_>,
    ) -> Shaken<N> {
        let begun = session.elapsed();
        let witness = Arc::new(Witness {
            algorithms: self.provider.signature_verification_algorithms,
            proofs: offer.proofs,
            checks: offer.checks,
            shown: Mutex::default(),
        });
        let result = match self.config(Arc::clone(&witness), offer) {
            Ok((config, name)) => {
                let connect = TlsConnector::from(Arc::new(config)).connect(name, stream);
                match session.within(Limits::HANDSHAKE, connect).await {
                    Ok(Ok(tunnel)) => Ok(tunnel),
                    Ok(Err(error)) => Err(fault(&error)),
                    Err(why) => Err(Fault::Unseen(why)),
                }
            }
            Err(error) => Err(Fault::Protocol(error.to_string())),
        };
        let shown = witness.take();
        // Where a signature was found good, the key was large enough.
        let unknown = shown.signature == Some(false)
            && shown.chain.first().is_some_and(|leaf| chain::key_is_too_small_to_verify(leaf));
        let chain = (!shown.chain.is_empty()).then(|| self.intern(shown.chain));
        let result = result.and_then(|tunnel| {
            let (_, connection) = tunnel.get_ref();
            let version = match connection.protocol_version() {
                Some(ProtocolVersion::TLSv1_3) => Version::Tls13,
                _ => Version::Tls12,
            };
            let suite = connection.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite()));
            let group = connection.negotiated_key_exchange_group().map(|group| format!("{:?}", group.name()));
            let alpn = connection.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
            let chain = chain.ok_or_else(|| Fault::Protocol("no certificate was shown".into()))?;
            let handshake = Handshake {
                version,
                suite: suite.unwrap_or_default().replace("TLS13_", "TLS_"),
                group: group.unwrap_or_default(),
                alpn,
                chain,
                asks_client: shown.asks_client,
                staple: shown.staple,
                signature: shown.signature.filter(|_| !unknown),
                millis: session.elapsed().saturating_sub(begun),
            };
            Ok((handshake, tunnel))
        });
        Shaken { chain, result }
    }

    fn config(&self, witness: Arc<Witness>, offer: Offer<'_>) -> Result<(ClientConfig, ServerName<'static>), Error> {
        let clock = Arc::clone(&self.clock);
        let mut config = ClientConfig::builder_with_details(Arc::clone(&self.provider), clock)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::<Witness>::clone(&witness))
            .with_client_cert_resolver(witness);
        config.resumption = Resumption::disabled();
        config.enable_sni = offer.name_host;
        config.alpn_protocols = offer.protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let name =
            ServerName::try_from(offer.host.as_str().to_owned()).map_err(|error| Error::General(error.to_string()))?;
        Ok((config, name))
    }
}

/// What to offer in a handshake.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer<'a> {
    /// The host.
    pub(crate) host: &'a DomainName,
    /// Whether to name it; an address is never named (RFC 6066 §3).
    pub(crate) name_host: bool,
    /// Application protocols, preferred first.
    pub(crate) protocols: &'a [&'a str],
    /// Which keys the server may have.
    pub(crate) proofs: Proofs,
    /// Whether it is checked that it has the key: nearly half of what a handshake costs us, which is for nothing where
    /// nobody reads [`Handshake::signature`].
    pub(crate) checks: bool,
}

/// The keys whose signatures a handshake takes, which decides among the certificates of a server that has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proofs {
    /// Of every kind, as browsers do.
    Any,
    /// RSA alone.
    Rsa,
    /// ECDSA alone.
    Ecdsa,
}

impl Proofs {
    fn take(self, scheme: SignatureScheme) -> bool {
        use SignatureScheme as It;
        let ecdsa = matches!(scheme, It::ECDSA_NISTP256_SHA256 | It::ECDSA_NISTP384_SHA384 | It::ECDSA_NISTP521_SHA512);
        match self {
            Proofs::Any => true,
            Proofs::Ecdsa => ecdsa,
            Proofs::Rsa => !ecdsa && scheme != It::ED25519,
        }
    }
}

/// What came of a handshake.
pub(crate) struct Shaken<N: Network> {
    /// The chain shown, even when the handshake broke off after it.
    pub(crate) chain: Option<usize>,
    /// The handshake and its tunnel, or why there is none.
    pub(crate) result: Result<Agreed<N>, Fault>,
}

/// A completed handshake, and what it opened.
type Agreed<N> = (Handshake, Tunnel<Held<<N as Network>::Stream>>);

fn fault(error: &std::io::Error) -> Fault {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::AlertReceived(alert)) => Fault::Alert(hello::alert_name(u8::from(*alert))),
        Some(error) => Fault::Protocol(error.to_string()),
        None => match from_io(error) {
            // tokio-rustls says "tls handshake eof".
            Unseen::Failed(what) if what.contains("eof") => Fault::Unseen(Unseen::Closed),
            why => Fault::Unseen(why),
        },
    }
}

/// ring's algorithms, named one by one: its ready-made provider brings those that sign, which we have no key for and
/// which weigh 20 kB at the edge.
fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: ring::DEFAULT_CIPHER_SUITES.to_vec(),
        kx_groups: ring::DEFAULT_KX_GROUPS.to_vec(),
        signature_verification_algorithms: VERIFIED,
        secure_random: &Random,
        key_provider: &Keyless,
    }
}

/// The signatures that we can check.
const VERIFIED: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: webpki::ALL_VERIFICATION_ALGS,
    // TLS 1.2 leaves the curve open; TLS 1.3 takes the first of each.
    mapping: &[
        (SignatureScheme::ECDSA_NISTP384_SHA384, &[verify::ECDSA_P384_SHA384, verify::ECDSA_P256_SHA384]),
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[verify::ECDSA_P256_SHA256, verify::ECDSA_P384_SHA256]),
        (SignatureScheme::ED25519, &[verify::ED25519]),
        (SignatureScheme::RSA_PSS_SHA512, &[verify::RSA_PSS_2048_8192_SHA512_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA384, &[verify::RSA_PSS_2048_8192_SHA384_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA256, &[verify::RSA_PSS_2048_8192_SHA256_LEGACY_KEY]),
        (SignatureScheme::RSA_PKCS1_SHA512, &[verify::RSA_PKCS1_2048_8192_SHA512]),
        (SignatureScheme::RSA_PKCS1_SHA384, &[verify::RSA_PKCS1_2048_8192_SHA384]),
        (SignatureScheme::RSA_PKCS1_SHA256, &[verify::RSA_PKCS1_2048_8192_SHA256]),
    ],
};

/// ring's source of random bytes: the operating system's, or the platform's.
#[derive(Debug)]
struct Random;

impl SecureRandom for Random {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), GetRandomFailed> {
        use ::ring::rand::SecureRandom;
        ::ring::rand::SystemRandom::new().fill(buffer).map_err(|_| GetRandomFailed)
    }
}

/// Loads no private key.
#[derive(Debug)]
struct Keyless;

impl KeyProvider for Keyless {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General("a client of ours has no key".into()))
    }
}

/// The moment the check began, whatever the machine's clock says later.
#[derive(Debug)]
struct Clock(Time);

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.unix()).ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
    }
}

/// What one handshake was shown.
#[derive(Debug, Default)]
struct Shown {
    chain: Vec<CertificateDer<'static>>,
    staple: usize,
    signature: Option<bool>,
    asks_client: bool,
}

/// Watches a handshake and objects to nothing: what is wrong with a certificate is a finding, not an abort.
#[derive(Debug)]
struct Witness {
    algorithms: WebPkiSupportedAlgorithms,
    proofs: Proofs,
    checks: bool,
    shown: Mutex<Shown>,
}

impl Witness {
    fn take(&self) -> Shown {
        std::mem::take(&mut *self.shown.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes whether the server has the key, where that is asked.
    fn signature(&self, check: impl FnOnce() -> Result<HandshakeSignatureValid, Error>) -> HandshakeSignatureValid {
        if !self.checks {
            return HandshakeSignatureValid::assertion();
        }
        let signature = match check() {
            Ok(_) => Some(true),
            Err(Error::InvalidCertificate(CertificateError::BadSignature)) => Some(false),
            // A kind of key or signature that we cannot check, such as P-521.
            Err(_) => None,
        };
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).signature = signature;
        HandshakeSignatureValid::assertion()
    }
}

/// Asked for a certificate of ours, it notes that and shows none.
impl ResolvesClientCert for Witness {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).asks_client = true;
        None
    }

    fn has_certs(&self) -> bool {
        true // or nobody would ask
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp_response: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let served = std::iter::once(end_entity).chain(intermediates).take(CHAIN_LIMIT);
        shown.chain = served.map(|certificate| certificate.clone().into_owned()).collect();
        shown.staple = ocsp_response.len();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(self.signature(|| verify_tls12_signature(message, cert, dss, &self.algorithms)))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(self.signature(|| verify_tls13_signature(message, cert, dss, &self.algorithms)))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.algorithms.supported_schemes();
        // We cannot check these signatures, but a server with such a key is not broken: browsers speak to it.
        schemes.push(SignatureScheme::ECDSA_NISTP521_SHA512);
        schemes.retain(|scheme| self.proofs.take(*scheme));
        schemes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_know_the_algorithms_of_the_ready_made_provider() {
        let (ours, ready) = (provider(), ring::default_provider());
        let all = |provider: &CryptoProvider| {
            let it = provider.signature_verification_algorithms;
            let schemes: Vec<_> = it.mapping.iter().map(|(scheme, of)| format!("{scheme:?} {}", of.len())).collect();
            (format!("{:?} {:?}", provider.cipher_suites, provider.kx_groups), schemes)
        };
        assert_eq!(all(&ours), all(&ready));
    }
}

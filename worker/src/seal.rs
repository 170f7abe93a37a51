//! The mark on every report made here. Only a report that carries it can be shared, so that nobody can put a page of their
//! own making behind a link of ours.

use lockstep::Report;
use ring::hmac;
use worker::Env;

use crate::{error::ApiError, settings, store};

/// The setting with the key. Whoever has it can make links that say anything.
const SETTING: &str = "LOCKSTEP_SECRET";
/// What is shorter might be guessed.
const SHORTEST: usize = 32;

/// The key of this worker.
pub(crate) struct Sealer(hmac::Key);

impl Sealer {
    /// The key, where this worker has one and somewhere to keep reports: a seal says that sharing works.
    ///
    /// # Errors
    /// [`ApiError::Misconfigured`] where the key is too short.
    pub(crate) fn read(env: &Env) -> Result<Option<Sealer>, ApiError> {
        if store::is_bound(env) { Sealer::new(settings::var(env, SETTING).as_deref()) } else { Ok(None) }
    }

    fn new(secret: Option<&str>) -> Result<Option<Sealer>, ApiError> {
        match secret.map(str::trim) {
            None | Some("") => Ok(None),
            Some(short) if short.len() < SHORTEST => {
                Err(ApiError::Misconfigured(format!("{SETTING} has fewer than {SHORTEST} characters")))
            }
            Some(secret) => Ok(Some(Sealer(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())))),
        }
    }

    /// Marks a report; a mark that it has already is replaced.
    pub(crate) fn seal(&self, report: &mut Report) {
        report.seal = None;
        report.seal = Some(hex(hmac::sign(&self.0, &canonical(report)).as_ref()));
    }

    /// Takes the mark off a report that came back.
    ///
    /// # Errors
    /// [`ApiError::Seal`] where there is none, or it belongs to other content or another key.
    pub(crate) fn open(&self, report: &mut Report) -> Result<(), ApiError> {
        let tag = report.seal.take().and_then(|text| bytes(&text)).ok_or(ApiError::Seal)?;
        hmac::verify(&self.0, &canonical(report), &tag).map_err(|_| ApiError::Seal)
    }
}

/// The bytes of a report that has no seal. However a stranger's JSON is laid out, the same report has the same bytes; what
/// does not belong to a report is not among them, and is not kept either.
fn canonical(report: &Report) -> Vec<u8> {
    // Plain data with text keys always has a JSON form.
    serde_json::to_vec(report).unwrap_or_default()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of a SHA-256 in hexadecimal digits.
fn bytes(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let digits = hex.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let value = |digit: Option<&u8>| char::from(*digit?).to_digit(16).and_then(|value| u8::try_from(value).ok());
        *byte = value(pair.first())? << 4 | value(pair.get(1))?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn sealer(key: &str) -> Sealer {
        Sealer::new(Some(key)).unwrap().unwrap()
    }

    fn report() -> Report {
        let recorded = include_str!("../../crates/view/tests/recordings/missing-www.json");
        lockstep::report(serde_json::from_str(recorded).unwrap(), lockstep::Timing::default())
    }

    #[test]
    fn a_sealed_report_opens_however_its_json_is_laid_out() {
        let mut report = report();
        sealer(KEY).seal(&mut report);
        let plain = Report { seal: None, ..report.clone() };
        assert_eq!(report.seal.as_deref().map(str::len), Some(64));
        let spaced = serde_json::to_string_pretty(&serde_json::to_value(&report).unwrap()).unwrap();
        let spaced = spaced.replacen('{', "{\"foreign\":\"not kept\",", 1);
        let mut back: Report = serde_json::from_str(&spaced).unwrap();
        sealer(KEY).open(&mut back).unwrap();
        assert_eq!(back, plain);
        let mut again = report.clone();
        sealer(KEY).seal(&mut again);
        assert_eq!(again, report, "sealing twice is sealing once");
    }

    #[test]
    fn what_was_touched_or_sealed_elsewhere_does_not_open() {
        let mut sealed = report();
        sealer(KEY).seal(&mut sealed);
        let seal = sealed.seal.clone().unwrap();
        let mut touched = sealed.clone();
        touched.findings[0].title = "All is well".into();
        let elsewhere = {
            let mut report = report();
            sealer(&KEY.replace('0', "1")).seal(&mut report);
            report
        };
        let with = |seal: Option<&str>| Report { seal: seal.map(str::to_owned), ..sealed.clone() };
        let cut = seal.get(..62);
        for mut bad in [touched, elsewhere, with(None), with(Some("")), with(cut), with(Some(&"é".repeat(32)))] {
            assert_eq!(sealer(KEY).open(&mut bad), Err(ApiError::Seal), "{:?}", bad.seal);
        }
        assert_eq!(sealer(KEY).open(&mut sealed), Ok(()));
    }

    #[test]
    fn a_key_is_absent_or_long_enough() {
        assert!(Sealer::new(None).unwrap().is_none());
        assert!(Sealer::new(Some(" ")).unwrap().is_none());
        let Err(error) = Sealer::new(Some("short")) else { panic!("a short key was taken") };
        assert_eq!(error.kind(), "misconfigured");
        assert!(!error.detail().contains("short "), "the key itself is not said");
    }

    #[test]
    fn digits_are_lower_case() {
        assert_eq!(hex(&[0, 15, 16, 255]), "000f10ff");
        assert_eq!(bytes(&"0f".repeat(32)), Some([15; 32]));
    }
}

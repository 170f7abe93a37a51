//! Reports that somebody asked to keep: in Workers KV, under a number that nobody guesses, for 90 days.

use domain::Time;
use lockstep::Report;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ReadableWritablePair, Response};
use worker::{
    Date, Env,
    js_sys::{Array, ArrayBuffer, Function, Reflect, Uint8Array, futures::JsFuture, global},
    kv::{KvError, KvStore},
};

use crate::{error::ApiError, log, seal::hex, settings, wire};

/// The binding. Without it nothing is kept.
const BINDING: &str = "REPORTS";
/// How long a report is kept.
pub(crate) const DAYS: u32 = 90;
const DAY: i64 = 86_400;
/// The shape of [`Record`]. A new shape gets a new number, and what has an older one is still read.
const VERSION: u32 = 1;

/// What is kept of a share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// [`VERSION`].
    version: u32,
    /// When it was shared.
    pub(crate) created: Time,
    /// From when on nobody is shown it.
    pub(crate) expires: Time,
    /// The SHA-256 of the key that deletes it, in hex: the key itself is not kept.
    delete: String,
    /// What is shown: without a seal, and without what was left out.
    pub(crate) report: Report,
}

/// A record's version, whatever else is in it.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// A number that nobody guesses: 128 bits in 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Id(String);

impl Id {
    /// One that nobody had before.
    ///
    /// # Errors
    /// [`ApiError::Internal`] where the platform has no randomness.
    pub(crate) fn fresh() -> Result<Id, ApiError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| ApiError::Internal("it has no random numbers".into()))?;
        Ok(Id(hex(&bytes)))
    }

    /// What a visitor sent, where it can be one.
    pub(crate) fn parse(text: &str) -> Option<Id> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        (text.len() == 32 && text.bytes().all(is_digit)).then(|| Id(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Record {
    /// A report to be kept from now on, deleted by this key.
    pub(crate) fn new(report: Report, key: &Id, now: Time) -> Record {
        let expires = now.plus(i64::from(DAYS) * DAY);
        Record { version: VERSION, created: now, expires, delete: hash(key.as_str()), report }
    }

    /// Reads what was kept.
    ///
    /// # Errors
    /// [`ApiError::Internal`] where it cannot be read, which is nobody's fault who follows a link.
    fn read(json: &[u8]) -> Result<Record, ApiError> {
        let versioned: Versioned = wire::read(json).map_err(|_| unreadable())?;
        match versioned.version {
            VERSION => wire::read(json).map_err(|_| unreadable()),
            newer => Err(ApiError::Internal(format!("the report is kept in a form of its own, number {newer}"))),
        }
    }

    /// The record, as long as it stands.
    ///
    /// # Errors
    /// [`ApiError::Expired`] afterwards.
    fn standing(self, now: Time) -> Result<Record, ApiError> {
        if now < self.expires { Ok(self) } else { Err(ApiError::Expired) }
    }

    /// Whether this key deletes it. What is compared are hashes: how long it takes says nothing about the key.
    pub(crate) fn is_deleted_by(&self, key: &str) -> bool {
        hash(key) == self.delete
    }
}

fn hash(key: &str) -> String {
    tls::sha256(key.as_bytes())
}

fn unreadable() -> ApiError {
    ApiError::Internal("the report that is kept cannot be read".into())
}

/// Whether there is somewhere to keep reports.
pub(crate) fn is_bound(env: &Env) -> bool {
    settings::is_bound(env, BINDING)
}

/// Now, to the second.
pub(crate) fn now() -> Time {
    Time::from_unix(i64::try_from(Date::now().as_millis() / 1000).unwrap_or_default())
}

/// The kept reports.
///
/// # Errors
/// [`ApiError::SharingOff`] where none are kept.
fn store(env: &Env) -> Result<KvStore, ApiError> {
    if is_bound(env) { env.kv(BINDING).map_err(|_| ApiError::SharingOff) } else { Err(ApiError::SharingOff) }
}

/// Keeps a record.
pub(crate) async fn put(env: &Env, id: &Id, record: &Record) -> Result<(), ApiError> {
    let store = store(env)?;
    let json = serde_json::to_vec(record).map_err(|_| unreadable())?;
    let kept = through("CompressionStream", &json).await?;
    let seconds = u64::try_from(record.expires.since(record.created)).unwrap_or_default();
    store.put_bytes(id.as_str(), &kept).map_err(kv)?.expiration_ttl(seconds).execute().await.map_err(kv)
}

/// The record of this number, if it stands.
///
/// # Errors
/// [`ApiError::NoReport`] and [`ApiError::Expired`].
pub(crate) async fn get(env: &Env, id: &str) -> Result<(Id, Record), ApiError> {
    let store = store(env)?;
    let id = Id::parse(id).ok_or(ApiError::NoReport)?;
    let kept = store.get(id.as_str()).bytes().await.map_err(kv)?.ok_or(ApiError::NoReport)?;
    let json = through("DecompressionStream", &kept).await?;
    let record = Record::read(&json)?.standing(now())?;
    Ok((id, record))
}

/// Deletes a record.
pub(crate) async fn delete(env: &Env, id: &Id) -> Result<(), ApiError> {
    store(env)?.delete(id.as_str()).await.map_err(kv)?;
    log::write(&log::Line::Deleted);
    Ok(())
}

/// Bytes on their way through one of the platform's gzip streams, which cost nothing of what may be uploaded.
async fn through(stream: &str, bytes: &[u8]) -> Result<Vec<u8>, ApiError> {
    let class: Function = Reflect::get(&global(), &stream.into()).map_err(js)?.unchecked_into();
    let stream = Reflect::construct(&class, &Array::of1(&"gzip".into())).map_err(js)?;
    let source = Uint8Array::new_from_slice(bytes);
    let source = Response::new_with_opt_js_u8_array(Some(&source)).map_err(js)?.body().ok_or_else(unreadable)?;
    let piped = source.pipe_through(stream.unchecked_ref::<ReadableWritablePair>());
    let whole = Response::new_with_opt_readable_stream(Some(&piped)).map_err(js)?.array_buffer().map_err(js)?;
    let whole: ArrayBuffer = JsFuture::from(whole).await.map_err(js)?.unchecked_into();
    Ok(Uint8Array::new(&whole).to_vec())
}

fn js(error: JsValue) -> ApiError {
    ApiError::Internal(worker::Error::from(error).to_string())
}

fn kv(error: KvError) -> ApiError {
    ApiError::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One record of each version that was ever written; they are never changed.
    const WRITTEN: [(u32, &str); 1] = [(1, include_str!("../tests/reports/v1.json"))];

    #[test]
    fn what_was_kept_by_every_version_is_still_read() {
        for (version, json) in WRITTEN {
            let record = Record::read(json.as_bytes()).unwrap();
            assert_eq!(record.version, version);
            assert_eq!(record.report.domain, "missing-www.test");
            assert!(!view::components::report(&record.report, &view::compare::Changes::default()).is_empty());
            assert!(record.is_deleted_by("00112233445566778899aabbccddeeff"));
        }
        assert_eq!(WRITTEN.last().map(|(version, _)| *version), Some(VERSION), "a file for the newest version");
    }

    #[test]
    fn the_newest_version_is_written_as_it_is_read() {
        let record = Record::read(WRITTEN[0].1.as_bytes()).unwrap();
        let again = serde_json::to_vec(&record).unwrap();
        assert_eq!(Record::read(&again).unwrap(), record);
    }

    #[test]
    fn a_report_stands_for_90_days_and_not_a_second_longer() {
        let key = Id::parse("00112233445566778899aabbccddeeff").unwrap();
        let report = Record::read(WRITTEN[0].1.as_bytes()).unwrap().report;
        let now = Time::from_unix(1_800_000_000);
        let record = Record::new(report, &key, now);
        assert_eq!(record.expires.days_since(now), 90);
        assert!(record.clone().standing(now).is_ok());
        assert!(record.clone().standing(record.expires.plus(-1)).is_ok());
        for late in [record.expires, record.expires.plus(1_000_000)] {
            assert_eq!(record.clone().standing(late), Err(ApiError::Expired));
        }
    }

    #[test]
    fn only_its_own_key_deletes_it_and_the_key_is_not_kept() {
        let (key, other) = (Id::fresh().unwrap(), Id::fresh().unwrap());
        assert_ne!(key, other);
        let report = Record::read(WRITTEN[0].1.as_bytes()).unwrap().report;
        let record = Record::new(report, &key, Time::from_unix(1_800_000_000));
        assert!(record.is_deleted_by(key.as_str()));
        for wrong in [other.as_str(), "", &record.delete, &key.as_str().to_uppercase()] {
            assert!(!record.is_deleted_by(wrong), "{wrong}");
        }
        assert!(!serde_json::to_string(&record).unwrap().contains(key.as_str()));
    }

    #[test]
    fn a_number_is_32_digits_or_none() {
        let fresh = Id::fresh().unwrap();
        assert_eq!(Id::parse(fresh.as_str()), Some(fresh));
        let long = "0".repeat(33);
        for bad in ["", "0", "../../etc/passwd", &long, &"G".repeat(32), &"A".repeat(32), &"é".repeat(16)] {
            assert_eq!(Id::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_our_fault_and_no_panic() {
        for bad in ["", "{}", "[]", "{\"version\":1}", "{\"version\":2}", "{\"version\":\"1\"}", "\u{0}"] {
            assert_eq!(Record::read(bad.as_bytes()).unwrap_err().kind(), "internal", "{bad}");
        }
    }
}

//! Moments as facts: seconds since 1970 in UTC, written as RFC 3339.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A moment in UTC with a resolution of one second. Crosses the wire as RFC 3339, `2026-11-21T06:30:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Time(i64);

/// Seconds in a day.
const DAY: i64 = 86_400;

impl Time {
    /// From seconds since 1970-01-01T00:00:00Z, clamped to the years 1 to 9999.
    pub fn from_unix(seconds: i64) -> Time {
        Time(seconds.clamp(-62_135_596_800, 253_402_207_200))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// This moment plus whole or negative seconds.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Time {
        Time::from_unix(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to this moment; negative when it is later.
    pub fn since(self, earlier: Time) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole days from `earlier` to this moment, rounded towards zero.
    pub fn days_since(self, earlier: Time) -> i64 {
        self.since(earlier) / DAY
    }

    /// `2026-11-21`, in UTC.
    pub fn date(self) -> String {
        let (year, month, day) = self.civil();
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// `21 November 2026`, in UTC.
    pub fn long_date(self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let (year, month, day) = self.civil();
        let month = usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default();
        format!("{day} {month} {year}")
    }

    /// `14:20 UTC`.
    pub fn clock(self) -> String {
        let second = self.0.rem_euclid(DAY);
        format!("{:02}:{:02} UTC", second / 3600, second % 3600 / 60)
    }

    fn civil(self) -> (i64, i64, i64) {
        civil(self.0.div_euclid(DAY))
    }
}

/// Days in 400 years of the Gregorian calendar, after which it repeats.
const ERA: i64 = 146_097;

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar. Years are counted from
/// March, so that the leap day comes last. Written out because a calendar library would be a tenth of what the page's
/// visitors download; a test holds it against one.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// The day of a date, counted from 1970-01-01; the reverse of [`civil`].
fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * ERA + year * 365 + year / 4 - year / 100 + day - 719_468
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.0.rem_euclid(DAY);
        write!(f, "{}T{:02}:{:02}:{:02}Z", self.date(), second / 3600, second % 3600 / 60, second % 60)
    }
}

impl From<Time> for String {
    fn from(time: Time) -> String {
        time.to_string()
    }
}

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Time, String> {
        parse(&text).ok_or_else(|| format!("{text:?} is not a moment like 2026-11-21T06:30:00Z"))
    }
}

/// Reads exactly what [`fmt::Display`] writes: the wire has one form.
fn parse(text: &str) -> Option<Time> {
    let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-');
    let mut clock = clock.splitn(3, ':');
    let mut number = |digits: usize| {
        date.next().filter(|text| text.len() == digits && text.bytes().all(|b| b.is_ascii_digit()))?.parse::<i64>().ok()
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let days = day_of(year, month, day);
    if civil(days) != (year, month, day) {
        return None;
    }
    let mut part = |limit: i64| clock.next()?.parse::<i64>().ok().filter(|n| (0..limit).contains(n));
    let (hour, minute, second) = (part(24)?, part(60)?, part(60)?);
    Some(Time::from_unix(days * DAY + hour * 3600 + minute * 60 + second))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_moments() {
        assert_eq!(Time::from_unix(1_795_242_600).to_string(), "2026-11-21T06:30:00Z");
        assert_eq!(Time::from_unix(1_795_242_600).long_date(), "21 November 2026");
        assert_eq!(Time::from_unix(-1).to_string(), "1969-12-31T23:59:59Z");
        assert_eq!(Time::from_unix(1_795_242_600).clock(), "06:30 UTC");
    }

    #[test]
    fn other_forms_are_errors() {
        for text in ["", "2026-11-21", "2026-13-01T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T06:30:00+01:00"] {
            assert!(Time::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_errors() {
        for date in ["2026-02-29", "2026-04-31", "2100-02-29", "2026-00-10", "2026-10-00", "2026-1-01", "+026-01-01"] {
            assert!(Time::try_from(format!("{date}T00:00:00Z")).is_err(), "{date}");
        }
        for date in ["2024-02-29", "2000-02-29", "0001-01-01", "9999-12-30"] {
            let moment = format!("{date}T00:00:00Z");
            assert_eq!(Time::try_from(moment.clone()).map(|it| it.to_string()), Ok(moment));
        }
    }

    proptest! {
        #[test]
        fn every_date_is_the_calendar_librarys(day in -719_162_i64..2_932_890) {
            let epoch = jiff::civil::date(1970, 1, 1);
            let theirs = epoch + jiff::Span::new().days(day);
            prop_assert_eq!(Time::from_unix(day * DAY).date(), theirs.to_string());
        }

        #[test]
        fn what_is_written_is_read_again(seconds in any::<i64>()) {
            let time = Time::from_unix(seconds);
            prop_assert_eq!(Time::try_from(time.to_string()), Ok(time));
        }
    }
}

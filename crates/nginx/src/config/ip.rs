//! IP addresses as text, read and written. The standard library's own way is three kilobytes of what the page loads,
//! because it writes into formatters of every kind; a test holds the two against each other.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{search::Search, words::joined};

/// `127.0.0.1`
pub(crate) fn v4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0_u8; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        if part.len() > 3 || (part.len() > 1 && part.starts_with('0')) {
            return None;
        }
        *octet = number(part, 10)?.try_into().ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

/// `::1`
pub(crate) fn v6(text: &str) -> Option<Ipv6Addr> {
    let mut groups = [0_u16; 8];
    let (head, tail) = match text.cut("::") {
        Some((head, tail)) => (read_groups(head, false)?, Some(read_groups(tail, true)?)),
        None => (read_groups(text, true)?, None),
    };
    let given = head.len() + tail.as_ref().map_or(0, Vec::len);
    if given > 8 || (given == 8) != tail.is_none() {
        return None;
    }
    let gap = std::iter::repeat_n(0, 8 - given);
    let all = head.into_iter().chain(gap).chain(tail.unwrap_or_default());
    groups.iter_mut().zip(all).for_each(|(group, value)| *group = value);
    Some(groups.into())
}

/// Either.
pub(crate) fn any(text: &str) -> Option<IpAddr> {
    v4(text).map(IpAddr::V4).or_else(|| v6(text).map(IpAddr::V6))
}

fn read_groups(text: &str, v4_may_end: bool) -> Option<Vec<u16>> {
    let mut groups = Vec::new();
    let mut parts = if text.is_empty() { None } else { Some(text) };
    while let Some(text) = parts {
        let (part, rest) = text.split_once(':').map_or((text, None), |(part, rest)| (part, Some(rest)));
        match v4(part).filter(|_| v4_may_end && rest.is_none()) {
            Some(last) => {
                let [a, b, c, d] = last.octets();
                groups.extend([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]);
            }
            None if part.len() <= 4 => groups.push(number(part, 16)?),
            None => return None,
        }
        parts = rest;
    }
    Some(groups)
}

/// At most four digits.
fn number(digits: &str, base: u32) -> Option<u16> {
    let value = digits.chars().try_fold(0, |value, digit| Some(value * base + digit.to_digit(base)?));
    value.filter(|_| !digits.is_empty()).and_then(|value| value.try_into().ok())
}

pub(crate) fn v4_words(ip: Ipv4Addr) -> String {
    let octets: Vec<String> = ip.octets().iter().map(|octet| u32::from(*octet).to_string()).collect();
    joined(&octets, ".")
}

/// As RFC 5952 has it: the longest gap is left out.
pub(crate) fn v6_words(ip: Ipv6Addr) -> String {
    if let Some(inner) = ip.to_ipv4_mapped() {
        return ["::ffff:", &v4_words(inner)].concat();
    }
    let groups = ip.segments();
    let zeros = |from: usize| groups.iter().skip(from).take_while(|group| **group == 0).count();
    let (mut from, mut length) = (0, 1);
    for at in 0..groups.len() {
        if zeros(at) > length {
            (from, length) = (at, zeros(at));
        }
    }
    let mut words = String::new();
    for (at, group) in groups.iter().enumerate() {
        if length > 1 && (from..from + length).contains(&at) {
            if at == from {
                words.push_str("::");
            }
            continue;
        }
        if !words.is_empty() && !words.ends_with(':') {
            words.push(':');
        }
        let digits = [12, 8, 4, 0].map(|shift| u32::from(*group >> shift) & 15);
        let first = digits.iter().position(|digit| *digit != 0).unwrap_or(3);
        words.extend(digits.iter().skip(first).filter_map(|digit| char::from_digit(*digit, 16)));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn addresses_are_read_as_the_standard_library_reads_them(
            text in "([0-9a-f]{0,5}[:.]){0,9}[0-9a-f]{0,4}|([0-9]{1,3}[.]){3}[0-9]{1,3}|(::)?([0-9a-f]{1,4}:){0,7}(::)?([0-9]{1,3}[.]){3}[0-9]{1,3}"
        ) {
            proptest::prop_assert_eq!(v4(&text), text.parse().ok());
            proptest::prop_assert_eq!(v6(&text), text.parse().ok());
            proptest::prop_assert_eq!(any(&text), text.parse().ok());
        }

        #[test]
        fn addresses_are_written_as_the_standard_library_writes_them(bits: u128, mask: u128, more: u128) {
            for ip in [Ipv6Addr::from(bits), Ipv6Addr::from(bits & mask & more), Ipv6Addr::from(0xffff_0000_0000 | (bits >> 96))] {
                proptest::prop_assert_eq!(v6_words(ip), ip.to_string());
                proptest::prop_assert_eq!(v6(&ip.to_string()), Some(ip));
            }
            let groups = ip_with_gaps(bits, mask);
            proptest::prop_assert_eq!(v6_words(groups), groups.to_string());
            let ip = Ipv4Addr::from(bits as u32);
            proptest::prop_assert_eq!(v4_words(ip), ip.to_string());
        }
    }

    /// Whole groups are zero where a bit of the mask is.
    fn ip_with_gaps(bits: u128, mask: u128) -> Ipv6Addr {
        let mut groups = Ipv6Addr::from(bits).segments();
        for (at, group) in groups.iter_mut().enumerate() {
            *group *= u16::from(mask >> at & 1 == 1);
        }
        groups.into()
    }

    #[test]
    fn what_is_no_address() {
        for bad in ["", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "+1.2.3.4", ".1.2.3"] {
            assert_eq!(v4(bad), None, "{bad}");
        }
        for bad in [
            "",
            ":",
            ":::",
            "1::2::3",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1.2.3.4::",
            "::12345",
            "1::2:3:4:5:6:7:8",
        ] {
            assert_eq!(v6(bad), None, "{bad}");
        }
    }
}

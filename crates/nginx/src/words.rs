//! Lists written as text, and numbers read from it, each in one way: every type for which the standard library does it
//! is half a kilobyte of what the page loads.

/// All of them, with `between` in between.
pub(crate) fn joined(items: &[impl AsRef<str>], between: &str) -> String {
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(between);
        }
        out.push_str(item.as_ref());
    }
    out
}

/// Digits and nothing else, as far as 64 bits reach.
pub(crate) fn number(digits: &str) -> Option<u64> {
    let add = |value: u64, byte: u8| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        value.checked_mul(10)?.checked_add(digit.into())
    };
    let value = digits.bytes().try_fold(0, add)?;
    (!digits.is_empty()).then_some(value)
}

/// A number of 16 bits, such as a port.
pub(crate) fn port(digits: &str) -> Option<u16> {
    number(digits)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits() {
        assert_eq!(number("0"), Some(0));
        assert_eq!(number("007"), Some(7));
        assert_eq!(number("18446744073709551615"), Some(u64::MAX));
        for bad in ["", "+1", "-1", "1 ", "18446744073709551616", "١"] {
            assert_eq!(number(bad), None, "{bad}");
        }
        assert_eq!((port("65535"), port("65536")), (Some(65535), None));
    }

    #[test]
    fn lists_have_something_in_between() {
        assert_eq!(joined(&["a", "b", "c"], ", "), "a, b, c");
        assert_eq!(joined(&[""; 0], ", "), "");
    }
}

//! Byte positions as the UTF-16 units in which browsers count, all of them in one pass over the text.

/// Positions of one text.
#[derive(Debug)]
pub(crate) struct Units {
    /// Byte and unit, sorted; empty when every byte is a unit.
    known: Vec<(u32, u32)>,
    ascii: bool,
}

impl Units {
    /// Reads the text once for these byte positions.
    pub(crate) fn new(text: &str, mut wanted: Vec<u32>) -> Units {
        if text.is_ascii() {
            return Units { known: Vec::new(), ascii: true };
        }
        wanted.sort_unstable();
        wanted.dedup();
        let mut known = Vec::with_capacity(wanted.len());
        let mut wanted = wanted.into_iter().peekable();
        let mut unit = 0_u32;
        for (byte, sign) in text.char_indices() {
            while let Some(at) = wanted.next_if(|at| *at as usize <= byte) {
                known.push((at, unit));
            }
            if wanted.peek().is_none() {
                break;
            }
            unit = unit.saturating_add(if sign.len_utf16() == 2 { 2 } else { 1 });
        }
        known.extend(wanted.map(|at| (at, unit)));
        Units { known, ascii: false }
    }

    /// The unit of a position that was asked for; of the nearest one before it otherwise.
    pub(crate) fn at(&self, byte: u32) -> u32 {
        if self.ascii {
            return byte;
        }
        let after = self.known.partition_point(|(known, _)| *known <= byte);
        after.checked_sub(1).and_then(|at| self.known.get(at)).map_or(0, |(_, unit)| *unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_what_a_browser_counts() {
        for text in ["listen 80;", "# é\nlisten 80;", "# 🦀 schön\r\nserver_name münchen.de;", "", "🦀"] {
            let bytes: Vec<u32> =
                (0..=text.len()).filter(|at| text.is_char_boundary(*at)).map(|at| at as u32).collect();
            let units = Units::new(text, bytes.iter().rev().copied().collect());
            for byte in bytes {
                let expected = text[..byte as usize].encode_utf16().count();
                assert_eq!(units.at(byte) as usize, expected, "{text:?} at {byte}");
            }
        }
    }

    #[test]
    fn a_position_beyond_the_end_is_the_end() {
        assert_eq!(Units::new("é", vec![99]).at(99), 1);
    }
}

//! Byte positions as the UTF-16 units in which browsers count.

/// The positions of one text.
#[derive(Debug)]
pub(crate) struct Units<'a> {
    text: &'a [u8],
    /// The unit at the beginning of each block of bytes.
    blocks: Vec<u32>,
}

const BLOCK: usize = 256;

impl<'a> Units<'a> {
    /// Reads the text once.
    pub(crate) fn new(text: &'a str) -> Units<'a> {
        let text = text.as_bytes();
        let mut next = 0;
        let blocks = text.chunks(BLOCK).map(|block| {
            let unit = next;
            next += units(block);
            unit
        });
        Units { blocks: blocks.collect(), text }
    }

    /// The unit of a byte; of the end for what lies beyond it.
    pub(crate) fn at(&self, byte: u32) -> u32 {
        let byte = (byte as usize).min(self.text.len());
        // At the end of the last block no other begins.
        let block = (byte / BLOCK).min(self.blocks.len().saturating_sub(1));
        let rest = self.text.get(block * BLOCK..byte).unwrap_or_default();
        self.blocks.get(block).map_or(0, |unit| unit + units(rest))
    }
}

/// Every character is a unit, and one of four bytes is two.
fn units(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from(byte & 0xc0 != 0x80) + u32::from(*byte >= 0xf0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_what_a_browser_counts() {
        for text in ["listen 80;", "# é\nlisten 80;", "# 🦀 schön\r\nserver_name münchen.de;", "", "🦀"] {
            let bytes: Vec<u32> =
                (0..=text.len()).filter(|at| text.is_char_boundary(*at)).map(|at| at as u32).collect();
            let units = Units::new(text);
            for byte in bytes {
                let expected = text[..byte as usize].encode_utf16().count();
                assert_eq!(units.at(byte) as usize, expected, "{text:?} at {byte}");
            }
        }
    }

    #[test]
    fn long_texts_are_counted_by_blocks() {
        let text = "é🦀a".repeat(500);
        let units = Units::new(&text);
        for (byte, _) in text.char_indices() {
            assert_eq!(units.at(byte as u32) as usize, text[..byte].encode_utf16().count());
        }
        assert_eq!(units.at(text.len() as u32), 2000);
    }

    #[test]
    fn a_position_beyond_the_end_is_the_end() {
        assert_eq!(Units::new("é").at(99), 1);
    }
}

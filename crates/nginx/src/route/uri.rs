//! A request's path as nginx reads it: decoded, slashes merged, dots resolved; and written again.

use crate::Version;

/// A path that nginx answers with 400.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused;

/// From the path of a request line (without `?`) to the URI that locations are compared with.
pub(super) fn normalise(path: &[u8], merge_slashes: bool) -> Result<Vec<u8>, Refused> {
    #[derive(Clone, Copy, PartialEq)]
    enum At {
        Usual,
        Slash,
        Dot,
        DotDot,
    }
    let mut out: Vec<u8> = Vec::with_capacity(path.len());
    let mut at = At::Usual;
    let mut bytes = path.iter().copied();
    while let Some(mut byte) = bytes.next() {
        if byte < 0x20 || byte == 0x7f || byte == b' ' {
            return Err(Refused);
        }
        if byte == b'%' {
            let half = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).ok_or(Refused);
            let value = half(bytes.next())? * 16 + half(bytes.next())?;
            byte = u8::try_from(value).map_err(|_| Refused)?;
            match byte {
                0 => return Err(Refused),
                // These are data, whatever stands before them.
                b'%' | b'#' | b'?' => {
                    at = At::Usual;
                    out.push(byte);
                    continue;
                }
                _ => {}
            }
        }
        at = match (at, byte) {
            (At::Usual, b'/') => {
                out.push(byte);
                At::Slash
            }
            (At::Slash, b'/') => {
                if !merge_slashes {
                    out.push(byte);
                }
                At::Slash
            }
            (At::Slash, b'.') => {
                out.push(byte);
                At::Dot
            }
            (At::Dot, b'/') => {
                out.pop();
                At::Slash
            }
            (At::Dot, b'.') => {
                out.push(byte);
                At::DotDot
            }
            (At::DotDot, b'/') => {
                up(&mut out)?;
                At::Slash
            }
            _ => {
                out.push(byte);
                At::Usual
            }
        };
    }
    match at {
        At::Dot => {
            out.pop();
        }
        At::DotDot => up(&mut out)?,
        At::Usual | At::Slash => {}
    }
    Ok(out)
}

/// Takes `/..` and the part before it away; the slash stays.
fn up(out: &mut Vec<u8>) -> Result<(), Refused> {
    out.truncate(out.len().saturating_sub(3));
    let slash = out.iter().rposition(|byte| *byte == b'/').ok_or(Refused)?;
    out.truncate(slash + 1);
    Ok(())
}

/// What is escaped when a URI is written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// A path.
    Uri,
    /// A captured group in arguments or in a redirect.
    Args,
}

/// Percent-encodes as `ngx_escape_uri`.
pub(super) fn escape(text: &[u8], what: Escape, version: Version) -> Vec<u8> {
    let newer = version >= Version::new(21, 1);
    let mut out = Vec::with_capacity(text.len());
    for byte in text.iter().copied() {
        let escaped = match byte {
            0..=b' ' | b'#' | b'%' | b'?' | 0x7f.. => true,
            b'&' | b'+' | b';' => what == Escape::Args,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => newer,
            _ => false,
        };
        if escaped {
            out.push(b'%');
            for half in [byte >> 4, byte & 15] {
                out.extend(char::from_digit(u32::from(half), 16).map(|digit| digit.to_ascii_uppercase() as u8));
            }
        } else {
            out.push(byte);
        }
    }
    out
}

/// What nginx decodes in the target of a `rewrite … redirect`.
pub(super) fn unescape_redirect(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (*first, after) {
            (b'?', _) => {
                out.push(b'?');
                out.extend_from_slice(after);
                break;
            }
            (b'%', [high, low, tail @ ..]) => {
                let digits = [*high, *low].map(|byte| char::from(byte).to_digit(16));
                let [Some(h), Some(l)] = digits else {
                    out.push(b'%');
                    continue;
                };
                rest = tail;
                match u8::try_from(h * 16 + l) {
                    Ok(b'?') => {
                        out.push(b'?');
                        out.extend_from_slice(tail);
                        break;
                    }
                    Ok(byte) if byte > b'%' && byte < 0x7f => out.push(byte),
                    _ => out.extend_from_slice(&[b'%', *high, *low]),
                }
            }
            (byte, _) => out.push(byte),
        }
    }
    out
}

/// Path and arguments of an internal redirect.
pub(super) fn split_args(uri: &[u8]) -> (Vec<u8>, Vec<u8>) {
    match uri.iter().position(|byte| *byte == b'?') {
        Some(at) => (uri.get(..at).unwrap_or_default().to_vec(), uri.get(at + 1..).unwrap_or_default().to_vec()),
        None => (uri.to_vec(), Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Option<String> {
        normalise(path.as_bytes(), true).ok().map(|uri| String::from_utf8_lossy(&uri).into_owned())
    }

    #[test]
    fn paths_are_read_as_nginx_does() {
        for (path, uri) in [
            ("/", "/"),
            ("//a///b", "/a/b"),
            ("/a/./b", "/a/b"),
            ("/a/../b", "/b"),
            ("/a/..", "/"),
            ("/a/b/..", "/a/"),
            ("/a/.", "/a/"),
            ("/a/...", "/a/..."),
            ("/a%2fb", "/a/b"),
            ("/a/%2e%2e/b", "/b"),
            ("/a%20b", "/a b"),
            ("/%25%32%35", "/%25"),
            ("/a%2F%2Fb", "/a/b"),
            ("/a%3fb", "/a?b"),
            ("/.a", "/.a"),
            ("/..a", "/..a"),
        ] {
            assert_eq!(read(path).as_deref(), Some(uri), "{path}");
        }
        for bad in ["/..", "/../a", "/%00", "/%zz", "/%2", "/a/../../b"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}

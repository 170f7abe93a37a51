//! Distinguished names as text, by RFC 4514.

use der::{Encode, Tag, Tagged};
use x509_cert::name::Name;

/// What the attributes of subjects and issuers are called (RFC 4514 §3; the others as OpenSSL writes them). A table of
/// all registered names would be an eighth of the worker.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.42", "GN"),
    ("2.5.4.97", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST"),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC"),
];

/// `CN=R13,O=Let's Encrypt,C=US`: the last part first, as the RFC has it. A value that is not text is written as the
/// hexadecimal digits of its DER.
pub(super) fn distinguished(name: &Name) -> String {
    let mut parts: Vec<_> = name.iter_rdn().collect();
    parts.reverse();
    let mut out = String::new();
    for part in parts {
        for (place, attribute) in part.iter().enumerate() {
            if !out.is_empty() {
                out.push(if place == 0 { ',' } else { '+' });
            }
            let oid = attribute.oid.to_string();
            out.push_str(ATTRIBUTES.iter().find(|(number, _)| *number == oid).map_or(oid.as_str(), |(_, name)| name));
            out.push('=');
            let value = &attribute.value;
            let text =
                matches!(value.tag(), Tag::PrintableString | Tag::Utf8String | Tag::Ia5String | Tag::TeletexString);
            match str::from_utf8(value.value()) {
                Ok(text_value) if text => escape(text_value, &mut out),
                _ => {
                    out.push('#');
                    out.push_str(&super::certificate::hex(&value.to_der().unwrap_or_default(), ""));
                }
            }
        }
    }
    out
}

/// RFC 4514 §2.4.
fn escape(value: &str, out: &mut String) {
    let last = value.chars().count().saturating_sub(1);
    for (place, char) in value.chars().enumerate() {
        match char {
            '#' if place == 0 => out.push('\\'),
            ' ' if place == 0 || place == last => out.push('\\'),
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => out.push('\\'),
            _ => {}
        }
        out.push(char);
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    #[test]
    fn the_last_part_comes_first_and_marks_are_escaped() {
        for (written, expected) in [
            ("CN=R13,O=Let's Encrypt,C=US", "CN=R13,O=Let's Encrypt,C=US"),
            (r#"O=Smith\, Sons \"& Co\",L=\#1"#, r#"O=Smith\, Sons \"& Co\",L=\#1"#),
            ("OU=Sales+CN=J. Smith,DC=example,DC=net", "OU=Sales+CN=J. Smith,DC=example,DC=net"),
            ("1.3.6.1.4.1.1466.0=#04024869", "1.3.6.1.4.1.1466.0=#04024869"),
        ] {
            assert_eq!(distinguished(&Name::from_str(written).unwrap()), expected);
        }
    }
}

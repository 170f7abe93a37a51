//! Certification authorities: whom a certificate's issuer is, and by which names it goes in CAA records.

/// An authority, by the organisation in its certificates, and the CAA identifiers that it honours (CCADB, and each
/// authority's certification practice statement).
#[derive(Debug, PartialEq, Eq)]
pub struct Authority {
    /// Its name, for a sentence.
    pub name: &'static str,
    /// Beginnings of the organisation name in its issuing certificates, in lower case.
    organisations: &'static [&'static str],
    /// The names it goes by in CAA records; the first is the one to write.
    pub identifiers: &'static [&'static str],
    /// Whether it is mostly used through ACME, with HTTP-01 as the common way.
    pub acme: bool,
}

const fn authority(
    name: &'static str,
    acme: bool,
    organisations: &'static [&'static str],
    identifiers: &'static [&'static str],
) -> Authority {
    Authority { name, organisations, identifiers, acme }
}

/// The authorities that most sites use. Of others nothing is claimed.
pub const ALL: &[Authority] = &[
    authority(
        "Let's Encrypt",
        true,
        &["let's encrypt", "internet security research group", "isrg"],
        &["letsencrypt.org"],
    ),
    authority("ZeroSSL", true, &["zerossl"], &["sectigo.com", "zerossl.com", "comodoca.com", "comodo.com"]),
    authority(
        "Sectigo",
        false,
        &["sectigo", "comodo", "the usertrust", "gogetssl", "cpanel", "network solutions", "gandi"],
        &["sectigo.com", "comodoca.com", "comodo.com", "usertrust.com", "trust-provider.com"],
    ),
    authority("Google Trust Services", false, &["google trust services"], &["pki.goog", "google.com"]),
    authority(
        "DigiCert",
        false,
        &["digicert", "geotrust", "rapidssl", "thawte", "symantec", "cloudflare, inc"],
        &[
            "digicert.com",
            "www.digicert.com",
            "digicert.ne.jp",
            "symantec.com",
            "geotrust.com",
            "rapidssl.com",
            "thawte.com",
            "quovadisglobal.com",
        ],
    ),
    authority("Amazon", false, &["amazon"], &["amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"]),
    authority("GlobalSign", false, &["globalsign"], &["globalsign.com"]),
    authority("Buypass", true, &["buypass"], &["buypass.com", "buypass.no"]),
    authority("SSL.com", false, &["ssl corp", "ssl.com"], &["ssl.com"]),
    authority("Entrust", false, &["entrust"], &["entrust.net", "entrust.com", "affirmtrust.com", "ssl.com"]),
    authority("GoDaddy", false, &["godaddy", "starfield"], &["godaddy.com", "starfieldtech.com"]),
    authority("Certum", false, &["asseco data systems", "unizeto", "certum"], &["certum.pl", "certum.eu"]),
    authority("Actalis", false, &["actalis"], &["actalis.it"]),
    authority("HARICA", false, &["hellenic academic", "harica"], &["harica.gr"]),
    authority("SwissSign", false, &["swisssign"], &["swisssign.com", "swisssign.net"]),
    authority("IdenTrust", false, &["identrust"], &["identrust.com"]),
    authority("TWCA", false, &["taiwan-ca"], &["twca.com.tw"]),
    authority("Certainly", false, &["certainly"], &["certainly.com"]),
];

/// The authority behind an issuer's distinguished name in RFC 4514 form, if we know it: by its organisation.
pub fn of_issuer(distinguished_name: &str) -> Option<&'static Authority> {
    let organisation = organisation(distinguished_name)?.to_lowercase();
    ALL.iter().find(|authority| authority.organisations.iter().any(|known| organisation.starts_with(known)))
}

/// The organisation in a distinguished name, in RFC 4514 form or as `C=US, O="Cloudflare, Inc.", CN=…`.
pub fn organisation(distinguished_name: &str) -> Option<String> {
    attributes(distinguished_name).into_iter().find_map(|attribute| {
        let (name, value) = attribute.trim().split_once('=')?;
        name.trim().eq_ignore_ascii_case("O").then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// Splits at commas and pluses that are neither escaped nor quoted.
fn attributes(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => part.extend(characters.next()),
            '"' => quoted = !quoted,
            ',' | '+' if !quoted => parts.push(std::mem::take(&mut part)),
            other => part.push(other),
        }
    }
    parts.push(part);
    parts
}

/// The identifier that was most likely meant by one that no authority has: a slip of the keyboard away from it, or
/// dressed up as a URL. `None` for identifiers that are in use, and for those like none.
pub fn meant_by(identifier: &str) -> Option<&'static str> {
    let typed = identifier.trim().to_ascii_lowercase();
    let known = || ALL.iter().flat_map(|authority| authority.identifiers.iter().copied());
    if typed.is_empty() || typed.len() > 64 || known().any(|known| known == typed) {
        return None;
    }
    let bare = typed.split_once("//").map_or(typed.as_str(), |(_, rest)| rest);
    let bare = bare.split(['/', ' ', '"', '\'']).find(|part| !part.is_empty()).unwrap_or_default();
    let bare = bare.trim_end_matches('.').strip_prefix("www.").unwrap_or(bare.trim_end_matches('.'));
    if let Some(dressed) = known().find(|known| *known == bare) {
        return Some(dressed);
    }
    if bare.strip_prefix("letsencrypt").is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) {
        return Some("letsencrypt.org");
    }
    let near = known().map(|known| (slips(bare, known), known)).min_by_key(|(slips, _)| *slips);
    // Short names are close to each other by chance.
    near.filter(|(slips, known)| *slips <= if known.len() < 12 { 1 } else { 2 }).map(|(_, known)| known)
}

/// How many characters were left out, added, mistaken or swapped with their neighbour.
pub(crate) fn slips(one: &str, other: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut cost = (at(&last, j) + usize::from(x != y)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    at(&last, b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_known_by_their_organisation() {
        for (issuer, name) in [
            ("CN=E7,O=Let's Encrypt,C=US", Some("Let's Encrypt")),
            ("C=US, O=Let's Encrypt, CN=R13", Some("Let's Encrypt")),
            ("CN=WE1,O=Google Trust Services,C=US", Some("Google Trust Services")),
            ("CN=Cloudflare Inc ECC CA-3,O=Cloudflare\\, Inc.,C=US", Some("DigiCert")),
            ("C=US, O=\"Cloudflare, Inc.\", CN=Cloudflare Inc ECC CA-3", Some("DigiCert")),
            ("CN=ZeroSSL ECC Domain Secure Site CA,O=ZeroSSL,C=AT", Some("ZeroSSL")),
            ("CN=(STAGING) X,O=(STAGING) Let's Encrypt,C=US", None),
            ("CN=Let's Encrypt", None),
            ("CN=Office,O=Somebody's Office", None),
            ("", None),
        ] {
            assert_eq!(of_issuer(issuer).map(|authority| authority.name), name, "{issuer}");
        }
    }

    #[test]
    fn slips_of_the_keyboard_are_understood() {
        for slip in [
            "letsecrypt.org",
            "letsencrpyt.org",
            "lets-encrypt.org",
            "letsencrypt.com",
            "letsencrypt",
            "letsencrypt.org.",
            "www.letsencrypt.org",
            "https://letsencrypt.org/",
            "\"letsencrypt.org\"",
            "letsencrypt.org digicert.com",
        ] {
            assert_eq!(meant_by(slip), Some("letsencrypt.org"), "{slip}");
        }
        assert_eq!(meant_by("digcert.com"), Some("digicert.com"));
        assert_eq!(meant_by("pki.gog"), Some("pki.goog"));
        for fine in ["letsencrypt.org", "pki.goog", "digicert.com", "", ";", "telesec.de", "d-trust.net", "ca.example"]
        {
            assert_eq!(meant_by(fine), None, "{fine}");
        }
    }

    #[test]
    fn no_identifier_in_use_is_taken_for_a_slip() {
        for known in ALL.iter().flat_map(|authority| authority.identifiers) {
            assert_eq!(meant_by(known), None, "{known}");
            assert!(known.parse::<domain::DomainName>().is_ok());
        }
    }

    #[test]
    fn slips_are_counted() {
        for (one, other, count) in
            [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("ab", "abc", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(slips(one, other), count, "{one} {other}");
        }
    }
}

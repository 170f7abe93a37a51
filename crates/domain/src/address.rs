//! Which addresses may be visited: only globally reachable unicast, by the IANA special-purpose registries.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Why an address is not globally reachable, in the registry's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotGlobal(pub &'static str);

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// IANA IPv4 Special-Purpose Address Registry (RFC 6890 and successors), where "Globally Reachable" is false,
/// plus multicast (RFC 5771).
const SPECIAL_V4: &[(Ipv4Net, &str)] = &[
    (v4(0, 0, 0, 0, 8), "\"this network\" (RFC 791)"),
    (v4(10, 0, 0, 0, 8), "private use (RFC 1918)"),
    (v4(100, 64, 0, 0, 10), "carrier-grade NAT (RFC 6598)"),
    (v4(127, 0, 0, 0, 8), "loopback (RFC 1122)"),
    (v4(169, 254, 0, 0, 16), "link-local (RFC 3927)"),
    (v4(172, 16, 0, 0, 12), "private use (RFC 1918)"),
    (v4(192, 0, 0, 0, 24), "IETF protocol assignments (RFC 6890)"),
    (v4(192, 0, 2, 0, 24), "documentation (RFC 5737)"),
    (v4(192, 88, 99, 0, 24), "6to4 relay anycast (RFC 7526)"),
    (v4(192, 168, 0, 0, 16), "private use (RFC 1918)"),
    (v4(198, 18, 0, 0, 15), "benchmarking (RFC 2544)"),
    (v4(198, 51, 100, 0, 24), "documentation (RFC 5737)"),
    (v4(203, 0, 113, 0, 24), "documentation (RFC 5737)"),
    (v4(224, 0, 0, 0, 4), "multicast (RFC 5771)"),
    (v4(240, 0, 0, 0, 4), "reserved (RFC 1112)"),
];

/// IANA IPv6 Special-Purpose Address Registry inside 2000::/3; everything outside 2000::/3 is refused as a whole.
const SPECIAL_V6: &[(Ipv6Net, &str)] = &[
    (v6(0x2001, 0, 0, 23), "IETF protocol assignments, Teredo and ORCHID (RFC 2928, 4380, 7343)"),
    (v6(0x2001, 0xdb8, 0, 32), "documentation (RFC 3849)"),
    (v6(0x3fff, 0, 0, 20), "documentation (RFC 9637)"),
];

/// Global unicast as IANA allocates it (RFC 4291 §2.4 and the IANA IPv6 address space registry).
const GLOBAL_UNICAST_V6: Ipv6Net = v6(0x2000, 0, 0, 3);
const SIX_TO_FOUR: Ipv6Net = v6(0x2002, 0, 0, 16);
const NAT64: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// `Ok` when the address is globally reachable unicast. Addresses that carry an IPv4 address inside
/// (v4-mapped, NAT64, 6to4) are never visited: the one inside is what a resolver should have said.
///
/// # Errors
/// The registry entry that says otherwise.
pub fn classify(address: IpAddr) -> Result<(), NotGlobal> {
    match address {
        IpAddr::V4(address) => match SPECIAL_V4.iter().find(|(net, _)| net.contains(&address)) {
            Some((_, why)) => Err(NotGlobal(why)),
            None => Ok(()),
        },
        IpAddr::V6(address) => classify_v6(address),
    }
}

fn classify_v6(address: Ipv6Addr) -> Result<(), NotGlobal> {
    if address.is_unspecified() {
        return Err(NotGlobal("unspecified (RFC 4291)"));
    }
    if address.is_loopback() {
        return Err(NotGlobal("loopback (RFC 4291)"));
    }
    if address.to_ipv4_mapped().is_some() {
        return Err(NotGlobal("IPv4-mapped (RFC 4291)"));
    }
    if NAT64.contains(&address) {
        return Err(NotGlobal("NAT64 (RFC 6052)"));
    }
    if SIX_TO_FOUR.contains(&address) {
        return Err(NotGlobal("6to4 (RFC 7526)"));
    }
    if address.is_multicast() {
        return Err(NotGlobal("multicast (RFC 4291)"));
    }
    if address.is_unique_local() {
        return Err(NotGlobal("unique local (RFC 4193)"));
    }
    if address.is_unicast_link_local() {
        return Err(NotGlobal("link-local (RFC 4291)"));
    }
    if !GLOBAL_UNICAST_V6.contains(&address) {
        return Err(NotGlobal("outside global unicast 2000::/3 (IANA)"));
    }
    match SPECIAL_V6.iter().find(|(net, _)| net.contains(&address)) {
        Some((_, why)) => Err(NotGlobal(why)),
        None => Ok(()),
    }
}

/// Whether [`classify`] has nothing against it.
pub fn is_global(address: IpAddr) -> bool {
    classify(address).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_are_global() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.255",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2001:200::1",
            "2a00:1450::1",
            "2620:4f:8000::1",
            "192.175.48.1",
        ] {
            assert_eq!(classify(address.parse().unwrap()), Ok(()), "{address}");
        }
    }

    #[test]
    fn special_purpose_addresses_are_refused() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(classify(address.parse().unwrap()).is_err(), "{address}");
        }
    }
}

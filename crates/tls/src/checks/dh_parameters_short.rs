//! Are Diffie-Hellman parameters long enough?

use findings::{Verdict, found, pass};

use super::group_tried;
use crate::{Observation, Suites};

findings::check! {
    /// The server exchanges keys over Diffie-Hellman parameters of less than 2048 bits.
    ///
    /// ## Why it matters
    /// A prime of 1024 bits is within reach of states, and one prime serves many servers. Browsers no longer offer this
    /// exchange; old programs do, and some refuse short parameters.
    ///
    /// ## How to fix
    /// Make parameters of 2048 bits for `ssl_dhparam`, or leave ciphers that begin with DHE out of `ssl_ciphers`.
    CHECK: Check<Observation> = "dh-parameters-short",
        section: Hardening, severity: Note,
        title: "Short Diffie-Hellman parameters", healthy: "Diffie-Hellman parameters are long enough",
        source: "RFC 9325 §4.3; Mozilla's server-side TLS guidelines: dh_param_size", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    group_tried(
        seen,
        Suites::FiniteField,
        |closer, tried| {
            let (host, bits) = (&closer.host, tried.prime_bits);
            if !is_short(bits) {
                let said = match bits {
                    0 => "The parameters were not seen.".to_owned(),
                    bits => format!("The parameters have {bits} bits."),
                };
                return pass(super::place(closer), said);
            }
            found(super::place(closer), format!("{} exchanges keys over parameters of {bits} bits.", closer.address))
                .means("Browsers do not use this exchange. What old programs send can be read with great effort.")
                .fix_code(
                    "Make longer ones, which takes a minute, name the file in the server block, and reload nginx.",
                    "sudo openssl dhparam -out /etc/nginx/dhparam.pem 2048\n# in the server block:\n\
                     ssl_dhparam /etc/nginx/dhparam.pem;",
                )
                .prove(
                    format!(
                        "openssl s_client -connect {host}:443 -servername {host} -tls1_2 -cipher 'DHE:@SECLEVEL=0' \
                         </dev/null 2>/dev/null | grep 'Server Temp Key'"
                    ),
                    "Server Temp Key: DH, 2048 bits",
                )
                .evidence("Cipher agreed on", &tried.suite)
                .evidence("Bits of the prime", bits.to_string())
                .into()
        },
        "This exchange is declined; elliptic curves are used instead.",
    )
}

/// Whether a prime of so many bits is too short; 0 is not known.
pub(super) fn is_short(bits: u32) -> bool {
    (1..2048).contains(&bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        checks::tests::closer_with,
        sample::{healthy, says},
    };

    #[test]
    fn a_short_prime_is_a_note_and_2048_bits_are_not() {
        let of = |bits| {
            closer_with(Suites::FiniteField, |tried| {
                tried.agree("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256");
                tried.prime_bits = bits;
            })
        };
        assert_eq!(says(&CHECK, &of(1024)), ["! example.com at 203.0.113.7"]);
        assert_eq!(says(&CHECK, &of(2048)), [". example.com at 203.0.113.7"]);
        assert_eq!(says(&CHECK, &of(0)), [". example.com at 203.0.113.7"]);
        assert_eq!(says(&CHECK, &healthy()), [". example.com at 203.0.113.7"]);
    }
}

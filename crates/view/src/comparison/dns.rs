//! What the names are in DNS.

use dns::{Kind, NameSeen};
use lockstep::Report;
use network::{Saw, Unseen};

use super::{Entry, Value, place};

/// The other types that change hands. A zone's SOA counts its own changes.
const OTHERS: [(Kind, &str); 4] = [
    (Kind::Ns, "Name servers (NS)"),
    (Kind::Caa, "Authorities allowed (CAA)"),
    (Kind::Https, "HTTPS record"),
    (Kind::Ds, "Signatures asked for (DS)"),
];

pub(super) fn entries(report: &Report) -> Vec<Entry> {
    let mut all = Vec::new();
    for name in &report.observed.dns.names {
        let mut entry = |what: &'static str, value: Value| {
            let of = name.name.to_string();
            all.push(Entry { place: place(report, &of), of, what, value });
        };
        let silent = name.nobody_answered();
        entry(
            "Addresses",
            match silent {
                Some(why) => unseen(why),
                None => Value::sorted(name.visit.iter().map(ToString::to_string)),
            },
        );
        entry(
            "Alias (CNAME)",
            match silent {
                Some(why) => unseen(why),
                None => aliases(name),
            },
        );
        for (kind, what) in OTHERS {
            match name.asked(kind).map(|asked| &asked.answer) {
                Some(Saw::Seen(answer)) => {
                    let records = answer.records.iter().filter(|record| record.kind == kind.as_str());
                    entry(what, Value::sorted(records.map(|record| record.value.clone())));
                }
                Some(Saw::Unseen(why)) => entry(what, unseen(why)),
                None => {}
            }
        }
    }
    if let Some(listed) = &report.observed.dns.registry {
        let of = report.observed.target.registrable.to_string();
        let value = match listed {
            Saw::Seen(registry) => Value::sorted(registry.listed.iter().cloned()),
            Saw::Unseen(why) => unseen(why),
        };
        all.push(Entry { place: place(report, &of), of, what: "Name servers at the registry", value });
    }
    all
}

fn aliases(name: &NameSeen) -> Value {
    let longest = name.answers().map(|(_, _, answer)| answer.aliases().collect::<Vec<_>>()).max_by_key(Vec::len);
    Value::seen(longest.filter(|all| !all.is_empty()).map(|all| all.join(" → ")))
}

pub(super) fn unseen(why: &Unseen) -> Value {
    Value::Unseen(why.clause())
}

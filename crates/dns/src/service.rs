//! HTTPS records, read back from the words in which they are kept (RFC 9460).

use std::net::IpAddr;

use crate::{Kind, NameSeen};

/// One HTTPS record of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service<'s> {
    /// The name that has it.
    pub(crate) owner: &'s str,
    /// 0 is an alias.
    pub(crate) priority: u16,
    /// Where the site is, without the final dot; empty for the name itself.
    pub(crate) target: &'s str,
    /// Every address in its hints.
    pub(crate) hints: Vec<IpAddr>,
    /// The record as text.
    pub(crate) text: &'s str,
}

impl<'s> Service<'s> {
    /// The HTTPS records of a name; where it is an alias, those of the name it leads to.
    pub(crate) fn all(name: &'s NameSeen) -> impl Iterator<Item = Service<'s>> {
        let answer = name.asked(Kind::Https).and_then(|asked| asked.answer.seen());
        let records = answer.into_iter().flat_map(|answer| &answer.records);
        records.filter(|record| record.kind == Kind::Https.as_str()).filter_map(|record| {
            let mut words = record.value.split(' ');
            let priority = words.next()?.parse().ok()?;
            let target = words.next()?.trim_end_matches('.');
            let hints = words.filter_map(|word| word.strip_prefix("ipv4hint=").or(word.strip_prefix("ipv6hint=")));
            let hints = hints.flat_map(|list| list.split(',')).filter_map(|address| address.parse().ok()).collect();
            Some(Service { owner: &record.name, priority, target, hints, text: &record.value })
        })
    }

    /// Another name to which it sends browsers, in lower case.
    pub(crate) fn elsewhere(&self) -> Option<String> {
        let target = self.target.to_ascii_lowercase();
        (!target.is_empty() && target != self.owner).then_some(target)
    }
}

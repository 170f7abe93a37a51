//! The same for a terminal, a mail or a ticket.

use lockstep::line;

use super::{Comparison, Group, Value};

/// The comparison as plain text: the headline, the rows, then what was seen, before and now.
pub fn text(it: &Comparison<'_>) -> String {
    let when = |report: &lockstep::Report| {
        format!("{}, {} at {}", line(&report.domain), report.seen_at.long_date(), report.seen_at.clock())
    };
    let mut out = format!("{}\n", line(&it.headline()));
    let detail = it.detail();
    if !detail.is_empty() {
        out.push_str(&format!("{detail}\n"));
    }
    let [before, now] = if it.of_one_domain() { ["Before", "Now"] } else { ["One (-)", "The other (+)"] };
    out.push_str(&format!("{before}: {}\n{now}: {}\n", when(it.before), when(it.now)));
    for (group, title, rows) in it.groups() {
        out.push_str(&format!("\n{}\n", line(&title)));
        for row in rows {
            let word = match group {
                Group::Broke | Group::Found | Group::Still => row.finding.state.word(),
                Group::Fixed => "Right",
                Group::Unknown => "Not known",
            };
            let (title, place) = (line(&row.finding.title), line(&row.whereabouts));
            let seen = row.now(group).map(|now| format!(": {}", line(&now.seen)));
            out.push_str(&format!("  {word}  {title} ({place}){}\n", seen.unwrap_or_default()));
        }
    }
    for part in &it.parts {
        out.push_str(&format!("\nChanged: {}\n", part.title));
        for change in &part.changes {
            out.push_str(&format!("  {} of {}\n", change.what, line(&change.of)));
            for (mark, value) in [("-", &change.before), ("+", &change.now)] {
                for value in said(value) {
                    out.push_str(&format!("    {mark} {}\n", line(&value)));
                }
            }
        }
    }
    out
}

fn said(value: &Value) -> Vec<String> {
    match value {
        Value::Seen(none) if none.is_empty() => vec!["nothing".into()],
        Value::Seen(values) => values.clone(),
        Value::Unseen(why) => vec![format!("not seen: {why}")],
    }
}

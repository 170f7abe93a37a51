//! A name that nobody has gets the application.

use findings::{Verdict, found, pass};

use super::redirect_repeats_any_host;
use crate::{
    Deep, Observation, Page, finals,
    words::{quoted, server_names},
};

findings::check! {
    /// The application answers under any host name.
    ///
    /// ## Why it matters
    /// nginx hands requests for unknown names to the first server block. An application that builds links from the name it
    /// is asked by can then be made to write somebody else's name into them, into a mail with a reset link for instance.
    ///
    /// ## How to fix
    /// Put a server block before it that refuses unknown names, or let Flask know its names (`TRUSTED_HOSTS`).
    CHECK: Check<Observation> = "unknown-name-gets-the-site",
        section: Hardening, severity: Note,
        title: "Unknown names get the site", healthy: "Unknown names do not get in",
        source: "seed A12, C4; nginx documentation: server names", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let Some((page, misnamed, is_same)) = asked(seen) else { return Vec::new() };
    let (url, stranger) = (&page.url, misnamed.url.host());
    if !is_same {
        return vec![pass(
            url.as_str(),
            format!("{stranger}, which nobody has, gets another answer at {} than the site.", misnamed.address),
        )];
    }
    let said = found(url.as_str(), format!("{} answers for {stranger}, which nobody has, with the page of {url}.", misnamed.address))
        .means("Nothing has to change. Links that the application builds from the name it is asked by can carry a stranger's name.")
        .fix_code(
            "Refuse unknown names in a server block of their own, or name yours in Flask.",
            format!(
                "server {{\n    listen 80 default_server;\n    listen [::]:80 default_server;\n    return 444;\n}}\n\n\
                 server {{\n    listen 443 ssl default_server;\n    listen [::]:443 ssl default_server;\n    \
                 ssl_reject_handshake on;\n}}\n\n# Flask 3.1\napp.config[\"TRUSTED_HOSTS\"] = [{}]",
                server_names(seen).split(' ').map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
            ),
        )
        .prove(format!("curl -sI -H 'Host: nobody.invalid' {}", quoted(url.as_str())), "400, 421 or another site's answer")
        .evidence("Asked with Host", stranger);
    let said = match redirect_repeats_any_host::echo(seen) {
        Some((asked, to)) => said.evidence("Redirects", format!("{} → {to}", asked.url)),
        None => said,
    };
    vec![said.into()]
}

/// The page, the same asked for under a name that nobody has, and whether both are one. `None` where that was not seen.
fn asked(seen: &Observation) -> Option<(&Page, &Deep, bool)> {
    let (page, misnamed) = seen.pages.iter().find_map(|page| Some((page, page.misnamed.as_ref()?)))?;
    let answer = misnamed.first.seen()?;
    let front =
        finals::of(seen).into_iter().find(|end| end.url == page.url && end.address == Some(misnamed.address))?;
    let alike = |a: usize, b: usize| a.abs_diff(b) * 10 <= a.max(b);
    let is_same = (200..300).contains(&answer.status)
        && answer.status == front.response.status
        && answer.title == front.response.title
        && alike(answer.length, front.response.length);
    Some((page, misnamed, is_same))
}

/// Whether this check has something to say.
pub(super) fn is_found(seen: &Observation) -> bool {
    asked(seen).is_some_and(|(_, _, is_same)| is_same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const SITE: &str =
        "https example.com 203.0.113.7 200 | title: Shop\nread https://example.com/ 200\nmisnamed https://example.com/";

    #[test]
    fn the_same_page_under_any_name_is_noted() {
        fires(CHECK, &format!("{SITE} 200 | title: Shop"));
    }

    #[test]
    fn a_redirect_that_repeats_the_name_is_evidence_for_the_same_thing() {
        let echo = "stranger 203.0.113.7 301 https://STRANGER/";
        let finding = fires(CHECK, &format!("{SITE} 200 | title: Shop\n{echo}"));
        let arrow = "http://lockstep-0123456789abcdef.invalid/ → https://lockstep-0123456789abcdef.invalid/";
        assert_eq!(finding.evidence.last().map(|it| it.value.as_str()), Some(arrow));
    }

    #[test]
    fn another_answer_passes_and_none_says_nothing() {
        passes(CHECK, &format!("{SITE} 200 | title: Welcome to nginx!"));
        passes(CHECK, &format!("{SITE} 400 | title: Shop"));
        passes(CHECK, &format!("{SITE} 421"));
        is_silent(CHECK, &format!("{SITE} timed-out"));
        is_silent(CHECK, "https example.com 203.0.113.7 200\nread https://example.com/ 200");
    }
}

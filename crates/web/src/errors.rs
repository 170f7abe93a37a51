//! Error pages: how a check asks about all answers that were seen, the one to a path that nobody has included.

use findings::{Said, Verdict};

use crate::{
    Observation, Response,
    finals::{self, Faulty, Final},
};

/// Where a fault was seen, for a sentence.
pub(crate) struct Place<'f> {
    /// What the finding is about.
    pub(crate) subject: String,
    /// `https://example.com/`, or `https://example.com/ at a path that nobody has`.
    pub(crate) clause: String,
    /// The command that shows it.
    pub(crate) command: String,
    /// The answer.
    pub(crate) response: &'f Response,
}

/// Asks one question of the final answers, and of the answer to a path that nobody has when they are fine.
pub(crate) fn ask(
    seen: &Observation,
    fault: impl Fn(&Response) -> Option<&'static str>,
    say: impl Fn(&'static str, &Place<'_>) -> Said,
) -> Vec<Verdict> {
    let verdicts =
        finals::ask(seen, &finals::of(seen), &fault, |kind, faulty: &Faulty<'_, '_>| match faulty.finals.first() {
            Some(Final { response, .. }) => say(
                kind,
                &Place {
                    subject: faulty.subject.clone(),
                    clause: faulty.urls(),
                    command: format!("curl -s {} | head -c 400", crate::words::quoted(faulty.url())),
                    response,
                },
            ),
            None => Said::default(),
        });
    if verdicts.iter().any(|verdict| matches!(verdict, Verdict::Found(_))) {
        return verdicts;
    }
    let nobodys = seen.pages.iter().find_map(|page| {
        let response = page.nobody.as_ref()?.first.seen().filter(|response| finals::wall(response).is_none())?;
        Some((format!("{}/", page.url.origin()), response))
    });
    if let Some((root, response)) = nobodys
        && let Some(kind) = fault(response)
    {
        // The path itself is another one each time; what we say stays the same.
        let place = Place {
            subject: root.clone(),
            clause: format!("{root} at a path that nobody has"),
            command: format!("curl -s {root}no-such-page | head -c 400"),
            response,
        };
        return vec![say(kind, &place).into()];
    }
    verdicts
}

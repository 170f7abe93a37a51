use findings::{Verdict, check, found, not_tested, pass};
use network::Saw;

use super::{and, not_shown};
use crate::Observations;

check! {
    /// Secrets or the source's history can be downloaded.
    ///
    /// ## Why it matters
    /// `.env` holds passwords and the secret key, `.git` the whole source with everything that was ever in it. Programs
    /// ask every site for both.
    /// It is looked at for the owner only: with `lockstep check example.com --mine`, or on the page under "This is my server".
    ///
    /// ## How to fix
    /// Let nginx serve a directory of its own instead of the project's, change every secret in the file, and refuse
    /// paths that begin with a dot.
    CHECK: Check<Observations> = "private-file-served",
        section: App, severity: Failed,
        title: "Private files are served", healthy: "Private files are not served",
        source: "seed B3", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let Some(exposed) = &seen.exposed else { return Vec::new() };
    let host = seen.target.name.as_str();
    let served: Vec<_> =
        exposed.files.iter().filter(|file| file.served == Saw::Seen(true)).map(|file| &file.url).collect();
    if let Some(first) = served.first() {
        let said = found(host, format!("{} can be downloaded by anybody.", and(&served)))
            .means("Whoever asked already has what is in it: take every secret there as known.")
            .fix_code(
                "Refuse such paths in the server block and reload nginx; then change the secrets, and let root or alias lead to a directory without them.",
                "location ~ /\\.(?!well-known) {\n    deny all;\n}",
            )
            .prove(format!("curl -sI {first} | head -n 1"), "403 or 404");
        return vec![
            served
                .iter()
                .fold(said, |said, url| said.evidence(url.as_str(), "served; its content was not kept"))
                .into(),
        ];
    }
    let why = exposed.files.iter().find_map(|file| file.served.unseen());
    match (exposed.files.iter().any(|file| file.served.seen().is_some()), why) {
        (true, _) => vec![pass(host, "Neither .env nor .git/HEAD is served.")],
        (false, Some(why)) => vec![not_tested(host, format!("They could not be asked for: {}.", why.clause()))],
        // What nobody asked for, somebody may have had to prove something for first.
        (false, None) => not_shown(seen).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::{super::tests::said, CHECK};
    use crate::{Exposed, File, Observations, fixture::healthy};

    fn with(served: Saw<bool>) -> Observations {
        let mut seen = healthy();
        let url = domain::HttpUrl::parse("https://example.com/.env").unwrap();
        seen.exposed = Some(Exposed { files: vec![File { url, served }], ..Exposed::default() });
        seen
    }

    #[test]
    fn a_served_file_fails_and_a_refused_one_passes() {
        assert_eq!(said(CHECK, &with(Saw::Seen(true))), ["failed example.com"]);
        assert_eq!(said(CHECK, &with(Saw::Seen(false))), ["passed example.com"]);
        assert_eq!(said(CHECK, &with(Saw::Unseen(Unseen::TimedOut))), ["not tested example.com"]);
        assert!(said(CHECK, &healthy()).is_empty());
    }
}

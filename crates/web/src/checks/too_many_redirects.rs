//! More redirects than clients follow.

use findings::{Verdict, found, not_tested, pass};

use crate::{
    End, HOP_LIMIT, Observation, Trail,
    words::{curl, list, redirect_block, short, subject},
};

findings::check! {
    /// The way to the site has more redirects than clients follow.
    ///
    /// ## Why it matters
    /// Certificate authorities stop after 10 redirects, many programs earlier, browsers after about 20. Every
    /// redirect also costs visitors one more wait.
    ///
    /// ## How to fix
    /// Redirect from each entrance straight to the final URL.
    CHECK: Check<Observation> = "too-many-redirects",
        section: Redirects, severity: Failed,
        title: "Too many redirects", healthy: "Few redirects",
        source: "Boulder va/http.go maxRedirect; seed A11", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    if seen.corners.is_empty() {
        return Vec::new();
    }
    let Some(longest) = seen.trails.iter().map(|trail| trail.hops.len().saturating_sub(1)).max() else {
        return vec![not_tested(subject(seen), "No entrance answered, so there were no redirects to follow.")];
    };
    let endless: Vec<&Trail> = seen.trails.iter().filter(|trail| trail.end == End::TooMany).collect();
    let Some(first) = endless.first() else {
        let words = match longest {
            0 => "No entrance redirects.".to_owned(),
            1 => "The longest way to an answer is 1 redirect.".to_owned(),
            n => format!("The longest way to an answer is {n} redirects."),
        };
        return vec![pass(subject(seen), words)];
    };
    let from = list(endless.iter().map(|trail| short(trail.from.as_str())));
    let said = found(from.clone(), format!("After {HOP_LIMIT} redirects from {from} there is still no page."))
        .means("Browsers and certificate authorities stop following, so visitors see an error.")
        .fix_code(
            "Find the rule that keeps adding a step (the evidence shows the way) and redirect straight to the final \
             URL. For plain HTTP this block is enough:",
            redirect_block(seen),
        )
        .prove(format!("{} -L", curl(&first.from)), "A final answer such as 200 after one or two redirects");
    vec![endless.iter().fold(said, |said, trail| said.evidence("Redirects", trail.arrows())).into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, passes};

    fn chain(redirects: usize) -> String {
        let mut case = "https example.com 203.0.113.7 302 /1\n".to_owned();
        for n in 1..redirects {
            case += &format!("page https://example.com/{n} 302 /{}\n", n + 1);
        }
        case + &format!("page https://example.com/{redirects} 200")
    }

    #[test]
    fn more_than_the_limit_fires_and_the_limit_does_not() {
        let finding = fires(CHECK, &chain(11));
        assert_eq!(finding.subject, "https://example.com/");
        assert!(finding.evidence[0].value.contains("/9 → https://example.com/10"));
        assert_eq!(passes(CHECK, &chain(10)).seen, "The longest way to an answer is 10 redirects.");
        passes(CHECK, "https example.com 203.0.113.7 200");
    }

    #[test]
    fn a_circle_is_another_problem() {
        passes(CHECK, "https example.com 203.0.113.7 301 https://example.com/");
    }
}

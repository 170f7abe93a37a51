//! More redirects than clients follow.

use findings::{Verdict, found, not_tested};

use crate::{
    End, HOP_LIMIT, Observation, Trail, finals,
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
    if seen.trails.is_empty() {
        return vec![not_tested(subject(seen), "No entrance answered, so there were no redirects to follow.")];
    }
    let endless: Vec<&Trail> = seen.trails.iter().filter(|trail| trail.end == End::TooMany).collect();
    let Some(first) = endless.first() else {
        return vec![finals::way(seen, "The longest way to an answer is")];
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
    use crate::case::{fires, is_not_tested, passes};

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
        is_not_tested(CHECK, "https example.com 203.0.113.7 301 https://example.com/");
    }
}

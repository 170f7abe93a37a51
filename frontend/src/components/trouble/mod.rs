//! What went wrong before there was anything to show, each with a way on.

use view::markup::Html;

use crate::api::{Failure, Problem};

/// Why there is nothing to show.
#[derive(Clone)]
pub(crate) enum Trouble {
    /// The name is not one that can be checked.
    Name(Problem),
    /// What was expected, of the name or of paths, cannot be read.
    Expect(Problem),
    /// Too many checks; how many seconds to wait.
    Limited(Problem, u32),
    /// Our side failed.
    Ours(Problem),
    /// Our side cannot be reached.
    Unreachable,
    /// The answer broke off before the plan.
    Cut,
    /// The visitor stopped it before the plan.
    Stopped,
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        match failure {
            Failure::Unreachable => Trouble::Unreachable,
            Failure::Cut => Trouble::Cut,
            Failure::Problem(problem) => match problem.status {
                429 => {
                    let seconds = problem.retry_after.unwrap_or(60);
                    Trouble::Limited(problem, seconds)
                }
                400 if problem.kind.ends_with("/expect") || problem.kind.ends_with("/path") => Trouble::Expect(problem),
                400 => Trouble::Name(problem),
                _ => Trouble::Ours(problem),
            },
        }
    }
}

impl Trouble {
    /// The field that it is about.
    pub(crate) fn input(&self) -> Option<&'static str> {
        match self {
            Trouble::Name(_) => Some("domain"),
            Trouble::Expect(problem) if problem.kind.ends_with("/path") => Some("path"),
            Trouble::Expect(_) => Some("expect"),
            _ => None,
        }
    }

    /// What happened, in a sentence.
    pub(crate) fn sentence(&self) -> &str {
        match self {
            Trouble::Name(problem)
            | Trouble::Expect(problem)
            | Trouble::Limited(problem, _)
            | Trouble::Ours(problem) => &problem.detail,
            Trouble::Unreachable => "Lockstep cannot be reached at the moment.",
            Trouble::Cut => "the answer broke off.",
            Trouble::Stopped => "stopped.",
        }
    }

    /// Seconds to wait before another try.
    pub(crate) fn wait(&self) -> u32 {
        if let Trouble::Limited(_, seconds) = self { *seconds } else { 0 }
    }
}

/// The panel.
pub(crate) fn panel(trouble: &Trouble) -> String {
    let (title, text, way) = match trouble {
        Trouble::Name(problem) | Trouble::Expect(problem) => (
            problem.title.as_str(),
            problem.detail.as_str(),
            "Change it in the box above and press Check. Nothing was looked at.",
        ),
        Trouble::Limited(problem, _) => (
            problem.title.as_str(),
            "Each check opens many connections, so there is a limit per minute. Nothing is wrong with the domain.",
            "",
        ),
        Trouble::Ours(problem) => {
            (problem.title.as_str(), problem.detail.as_str(), "This says nothing about the domain.")
        }
        Trouble::Unreachable => (
            "Lockstep cannot be reached",
            "This tab has no connection to Lockstep at the moment.",
            "This says nothing about the domain.",
        ),
        Trouble::Cut => (
            "The answer broke off",
            "The connection ended before the check had begun.",
            "This says nothing about the domain.",
        ),
        Trouble::Stopped => ("Stopped", "Nothing had been looked at yet.", ""),
    };
    let mut html = Html::default();
    html.of("section", "trouble", |html| {
        html.el("div", &[("id", "trouble"), ("role", "alert")], |html| {
            html.line("h2", "", title);
            html.line("p", "", text);
        });
        if trouble.wait() > 0 {
            html.el("p", &[("id", "wait")], |html| html.text(&countdown(trouble.wait())));
        } else if !way.is_empty() {
            html.line("p", "way", way);
        }
        if trouble.input().is_none() {
            html.raw("<p class=\"tools\"><button type=\"button\" class=\"again\" data-again id=\"try-again\"");
            html.raw(if trouble.wait() > 0 { " disabled>" } else { ">" });
            html.raw("Try again</button></p>");
        }
    });
    html.done()
}

/// How long it still is.
pub(crate) fn countdown(seconds: u32) -> String {
    match seconds {
        0 => "You can check again now.".into(),
        1 => "You can check again in 1 second.".into(),
        n => ["You can check again in ", &n.to_string(), " seconds."].concat(),
    }
}

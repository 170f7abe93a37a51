//! A cause: the one change, the command that proves it, what it explains.

use findings::{Diagnosis, Finding, State};
use lockstep::Report;

use super::{
    copy::{fix, prove},
    findings::{again, evidence, line},
    glyph::shape,
};
use crate::{
    checklist::independent,
    markup::Html,
    words::{anchor, count},
};

/// The causes of a report: the first stands open beneath the verdict, which is its sentence; the others open on
/// demand.
pub(super) fn causes(html: &mut Html, report: &Report) {
    let Some((first, rest)) = report.diagnoses.split_first() else { return };
    html.el("section", &[("class", "causes"), ("aria-label", "What to change")], |html| {
        html.el("div", &[("class", "cause"), ("id", "cause-1")], |html| body(html, report, first, 1));
        if rest.is_empty() {
            return;
        }
        html.of("ol", "others", |html| {
            for (at, it) in rest.iter().enumerate() {
                let n = (at + 2).to_string();
                html.el("li", &[("id", &["cause-", &n].concat())], |html| {
                    html.of("details", "other", |html| {
                        html.el("summary", &[], |html| {
                            html.line("span", "number", &n);
                            html.line("span", "title", &it.cause);
                        });
                        html.prose("p", "affects", &it.affects);
                        body(html, report, it, at + 2);
                    });
                });
            }
        });
    });
}

/// Where no cause was recognised: the first failure, or else the first warning, with its change and its proof.
pub(super) fn first_action(html: &mut Html, report: &Report) {
    if !report.diagnoses.is_empty() {
        return;
    }
    let failed = independent(report, State::Failed);
    let all = if failed.is_empty() { independent(report, State::Warning) } else { failed };
    let Some(first) = all.first() else { return };
    html.el("section", &[("class", "causes"), ("aria-label", "What to change")], |html| {
        html.of("div", "cause", |html| {
            html.el("dl", &[], |html| {
                if all.len() > 1 {
                    line(html, "First", |html| {
                        html.line("p", "title", &first.title);
                        html.prose("p", "", &first.seen);
                    });
                }
                if !first.means.is_empty() {
                    line(html, "Means", |html| html.prose("p", "", &first.means));
                }
                if let Some(it) = &first.fix {
                    line(html, "Change", |html| fix(html, it, &first.subject));
                }
                if let Some(it) = &first.prove {
                    line(html, "Prove", |html| prove(html, it, &first.subject));
                }
            });
            html.of("p", "tools", |html| {
                again(html, "all", &first.title);
                html.el("a", &[("class", "permalink"), ("href", &["#", &anchor(&first.id)].concat())], |html| {
                    html.raw("Its row and evidence");
                });
            });
        });
    });
}

fn body(html: &mut Html, report: &Report, it: &Diagnosis, n: usize) {
    let n = n.to_string();
    let of = ["for cause ", &n].concat();
    html.el("dl", &[], |html| {
        line(html, "Change", |html| fix(html, &it.fix, &of));
        line(html, "Prove", |html| prove(html, &it.prove, &of));
        if !it.otherwise.is_empty() {
            line(html, "If not", |html| html.prose("p", "", &it.otherwise));
        }
    });
    html.of("p", "tools", |html| again(html, &["cause-", &n].concat(), &it.cause));
    let symptoms: Vec<&Finding> =
        report.findings.iter().filter(|finding| it.explains.contains(&finding.key())).collect();
    if !symptoms.is_empty() {
        html.of("details", "explains", |html| {
            html.line("summary", "", &["Explains ", &count(symptoms.len(), "symptom", "symptoms")].concat());
            html.el("ul", &[], |html| {
                for finding in symptoms {
                    html.el("li", &[], |html| {
                        shape(html, finding.state);
                        html.el("a", &[("href", &["#", &anchor(&finding.id)].concat())], |html| {
                            html.text(&finding.title)
                        });
                        html.line("span", "value", &finding.subject);
                    });
                }
            });
        });
    }
    if !it.evidence.is_empty() {
        html.of("details", "evidence", |html| {
            html.line("summary", "", "Why we think so");
            evidence(html, &it.evidence);
        });
    }
}

//! The ladder of a site that is not connected yet.

use lockstep::Report;

use super::{
    copy::{fix, prove},
    findings::{again, line},
};
use crate::{
    ladder::{Reach, Rung, ladder},
    markup::{Html, YES},
};

/// Seven rungs, the current one open.
pub(super) fn rungs(html: &mut Html, report: &Report) {
    html.el("section", &[("class", "ladder"), ("aria-label", "The steps to a connected site")], |html| {
        html.el("ol", &[], |html| {
            for (at, it) in ladder(report).iter().enumerate() {
                rung(html, at + 1, it);
            }
        });
    });
}

fn rung(html: &mut Html, n: usize, it: &Rung) {
    let kind = match it.reach {
        Reach::Done => "done",
        Reach::Current => "current",
        Reach::Unseen => "out-of-sight",
        Reach::Later => "later",
    };
    let n = n.to_string();
    let of = ["for step ", &n].concat();
    let opens = it.reach != Reach::Done && (it.fix.is_some() || it.prove.is_some());
    let head = |html: &mut Html| {
        html.line("span", "number", &n);
        html.line("span", "title", it.title);
        html.line("span", "word", it.reach.word());
    };
    html.el("li", &[("class", kind), ("id", &["rung-", &n].concat())], |html| {
        if !opens {
            html.of("div", "head", head);
            return html.prose("p", "text", &it.text);
        }
        html.open("details", if it.reach == Reach::Current { &[("open", YES)] } else { &[] });
        html.el("summary", &[], head);
        html.prose("p", "text", &it.text);
        html.el("dl", &[], |html| {
            if let Some(it) = &it.fix {
                line(html, "Do", |html| fix(html, it, &of));
            }
            if let Some(it) = &it.prove {
                line(html, "Prove", |html| prove(html, it, &of));
            }
            if let Some(text) = &it.wait {
                line(html, "Wait", |html| html.prose("p", "", text));
            }
        });
        if it.reach == Reach::Current {
            html.of("p", "tools", |html| again(html, &["rung-", &n].concat(), it.title));
        }
        html.close("details");
    });
}

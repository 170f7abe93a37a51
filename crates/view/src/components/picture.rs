//! The corner picture, the redirect trails, the certificates with their lives.

use findings::State;
use lockstep::Report;

use super::{
    findings::labelled,
    glyph::{Shape, glyph, shape},
};
use crate::{
    certificate::{Anchor, Life, Shown, certificates},
    corners::{Cell, picture},
    markup::Html,
    trails::{Drawn, direct_answers, trails},
    words::{class, count, list},
};

/// A titled section of pictures.
fn drawn(html: &mut Html, kind: &'static str, title: &str, inside: impl FnOnce(&mut Html)) {
    let id = [kind, "-title"].concat();
    html.of("section", kind, |html| {
        html.el("h3", &[("id", &id)], |html| html.text(title));
        inside(html);
    });
}

/// http and https of every name at every address.
pub(super) fn corners(html: &mut Html, report: &Report) {
    let Some(picture) = picture(report) else { return };
    drawn(html, "corners", "Where every entrance leads", |html| {
        let scroller =
            [("class", "scroller"), ("role", "region"), ("aria-labelledby", "corners-title"), ("tabindex", "0")];
        html.el("div", &scroller, |html| {
            html.open("table", &[]);
            html.raw("<thead><tr><th scope=\"col\"><span class=\"dim\">Entrance</span></th>");
            for address in &picture.columns {
                html.el("th", &[("scope", "col"), ("class", "value")], |html| html.text(&address.to_string()));
            }
            html.raw("</tr></thead><tbody>");
            for row in &picture.rows {
                html.el("tr", &[], |html| {
                    html.el("th", &[("scope", "row"), ("class", "value")], |html| {
                        html.line("span", "dim", &[row.scheme.as_str(), "://"].concat());
                        html.raw("<wbr>");
                        html.text(row.host.as_str());
                    });
                    for it in &row.cells {
                        cell(html, it.as_ref());
                    }
                });
            }
            html.raw("</tbody></table>");
        });
    });
}

fn cell(html: &mut Html, cell: Option<&Cell>) {
    let Some(cell) = cell else { return html.line("td", "absent", "not at this address") };
    html.of("td", class(cell.state), |html| {
        html.of("span", "first", |html| {
            shape(html, cell.state);
            html.line("span", "visually-hidden", &[cell.state.word(), ": "].concat());
            for (at, status) in cell.statuses.iter().enumerate() {
                if at > 0 {
                    html.raw("<span class=\"then\" aria-hidden=\"true\">›</span>");
                }
                html.line("span", "status", &status.to_string());
            }
            if let Some(letter) = cell.certificate {
                let letter = letter.to_string();
                let name = ["certificate ", &letter].concat();
                let href = ["#certificate-", &letter].concat();
                html.el("a", &[("class", "letter"), ("href", &href), ("aria-label", &name)], |html| html.text(&letter));
            }
        });
        html.of("span", "end", |html| {
            html.text(&cell.end);
            if let Some(url) = &cell.url {
                html.raw(" ");
                html.line("span", "value", url);
            }
        });
        if let Some(fault) = &cell.fault {
            html.line("span", "fault", fault);
        }
    });
}

/// Every redirect trail, hop by hop.
pub(super) fn trail_drawings(html: &mut Html, report: &Report) {
    let (all, direct) = (trails(report), direct_answers(report));
    if all.is_empty() && direct.is_empty() {
        return;
    }
    drawn(html, "trails", "Redirects, hop by hop", |html| {
        html.of("div", "drawn", |html| all.iter().for_each(|it| trail(html, it)));
        html.of("ul", "direct", |html| {
            for (url, status) in &direct {
                html.el("li", &[], |html| {
                    html.line("span", "status", &status.to_string());
                    html.line("span", "value", url);
                    html.line("span", "dim", "answers by itself");
                });
            }
        });
    });
}

fn trail(html: &mut Html, it: &Drawn) {
    html.el("figure", &[], |html| {
        html.el("figcaption", &[], |html| {
            html.raw("From ");
            html.line("span", "value", &it.from);
            html.raw(" ");
            html.text(&it.at);
        });
        html.el("ol", &[], |html| {
            for hop in &it.hops {
                html.el("li", &[], |html| {
                    glyph(html, hop.state.map_or(Shape::Waiting, Shape::Of));
                    html.line("span", "status", &hop.status.to_string());
                    html.line("span", "value", &hop.url);
                    html.of("span", "how", |html| {
                        html.text(&hop.how);
                        if let Some(remark) = hop.remark {
                            html.raw(", ");
                            html.line("span", "remark", remark);
                        }
                    });
                });
            }
            if let Some((state, text)) = &it.end {
                html.of("li", &["end ", class(*state)].concat(), |html| {
                    shape(html, *state);
                    html.line("span", "", text);
                });
            }
        });
    });
}

/// Every certificate shown, link by link, with its life.
pub(super) fn certificate_drawings(html: &mut Html, report: &Report) {
    let shown = certificates(report);
    if shown.is_empty() {
        return;
    }
    let title = if shown.len() == 1 { "The certificate" } else { "The certificates" };
    drawn(html, "certificates", title, |html| shown.iter().for_each(|it| certificate(html, it)));
}

fn certificate(html: &mut Html, it: &Shown) {
    let mut hosts: Vec<&str> = Vec::new();
    for (host, _) in &it.shown_by {
        if !hosts.contains(&host.as_str()) {
            hosts.push(host.as_str());
        }
    }
    let letter = it.letter.to_string();
    html.el("figure", &[("id", &["certificate-", &letter].concat())], |html| {
        html.el("figcaption", &[], |html| {
            html.line("span", "letter", &letter);
            html.of("span", "for", |html| {
                html.raw("For ");
                html.line("span", "value", &it.names);
            });
            let places = count(it.shown_by.len(), "entrance", "entrances");
            html.line("span", "dim", &["shown by ", &list(&hosts), ", ", &places].concat());
        });
        if let Some(life) = &it.life {
            lifetime(html, life);
        }
        html.of("ol", "chain", |html| chain(html, it));
    });
}

fn chain(html: &mut Html, it: &Shown) {
    for (at, link) in it.links.iter().enumerate() {
        let role = if at == 0 { "Server" } else { "Intermediate" };
        html.el("li", &[], |html| {
            shape(html, if link.outdated { State::Failed } else { State::Passed });
            html.line("span", "role", role);
            html.line("span", "value name", &link.name);
            html.of("span", "how", |html| {
                html.text(&[&link.key, ", until ", &link.until, ", fingerprint "].concat());
                html.line("span", "value", &[&link.fingerprint, "…"].concat());
            });
        });
    }
    let issuer = it.links.last().map(|link| link.issued_by.as_str()).unwrap_or_default();
    let (state, role, name, text) = match &it.anchor {
        Anchor::Trusted => (State::Passed, "Root", issuer, "Known to browsers: the chain is complete."),
        Anchor::Missing(name) => {
            (State::Failed, "Missing", name.as_str(), "Not sent by the server: the chain has a gap here.")
        }
        Anchor::Untrusted => (State::Failed, "Root", issuer, "Not known to browsers."),
        Anchor::Unverified => {
            (State::NotTested, "Root", issuer, "A signature of a kind that cannot be checked from here.")
        }
        Anchor::Unreadable => (State::Failed, "Root", "", "The certificate cannot be read."),
    };
    html.of("li", if state == State::Failed { "root gap" } else { "root" }, |html| {
        shape(html, state);
        html.line("span", "role", role);
        html.line("span", "value name", name);
        html.line("span", "how", text);
    });
}

/// A bar from the first day to the last: renewal due and today on it, the dates in words beneath.
fn lifetime(html: &mut Html, life: &Life) {
    let percent = |parts: u16| format!("{}.{}%", parts / 10, parts % 10);
    let (due, today) = (percent(life.due_at), percent(life.today_at));
    let rest = percent(1000_u16.saturating_sub(life.due_at));
    html.of("div", &["life ", class(life.state)].concat(), |html| {
        labelled(html, life.state, &life.sentence);
        let bar = [("class", "bar"), ("aria-hidden", "true"), ("width", "100%"), ("height", "28")];
        html.el("svg", &bar, |html| {
            html.raw("<rect class=\"whole\" y=\"10\" width=\"100%\" height=\"8\"/>");
            html.el("rect", &[("class", "late"), ("x", &due), ("y", "10"), ("width", &rest), ("height", "8")], |_| {});
            html.el("rect", &[("class", "lived"), ("y", "10"), ("width", &today), ("height", "8")], |_| {});
            html.el("line", &[("class", "due"), ("x1", &due), ("x2", &due), ("y1", "6"), ("y2", "22")], |_| {});
            html.el("line", &[("class", "today"), ("x1", &today), ("x2", &today), ("y1", "2"), ("y2", "26")], |_| {});
        });
        let past = if life.today > life.due { "Renewal was due" } else { "Renewal due" };
        let over = if life.today > life.expires { "Expired" } else { "Expires" };
        html.el("dl", &[], |html| {
            for (kind, label, moment) in [
                ("issued", "Issued", life.issued),
                ("today", "Seen", life.today),
                ("due", past, life.due),
                ("expires", over, life.expires),
            ] {
                html.of("div", kind, |html| {
                    html.line("dt", "", label);
                    html.line("dd", "", &moment.long_date());
                });
            }
        });
    });
}

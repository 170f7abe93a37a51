//! `GET /check/<domain>`: the plain-text checklist for a terminal, the page for a browser.

use futures_util::{StreamExt, future::ready};
use percent_encoding::percent_decode_str;

use crate::{
    routes::home,
    run::Run,
    visit::{self, Answer, Visit},
};

pub(crate) async fn answer(visit: &Visit, typed: &str) -> Answer {
    if visit.wants_text() { checklist(visit, typed).await } else { home::page(visit).await }
}

/// The checklist as text, line by line as it becomes known.
pub(crate) async fn checklist(visit: &Visit, typed: &str) -> Answer {
    let typed = percent_decode_str(typed).decode_utf8_lossy();
    let expect = visit.query("expect");
    if visit.is_head() {
        domain::Target::parse(&typed, expect.as_deref())?;
        return visit::text("");
    }
    match Run::begin(visit, &typed, expect.as_deref()).await? {
        Run::Look(look) => visit::text_stream(look.events().filter_map(|event| ready(lockstep::text(&event)))),
        Run::Known(known) => {
            let text = lockstep::whole(&known.seen()?);
            visit::text(format!("Looked at {} s ago. To look afresh: add ?fresh=1\n\n{text}", known.age()))
        }
    }
}

//! `GET /r/<id>/since`: a fresh check, held against the report that was shared.

use view::{compare, comparison, components, markup::Html};

use crate::{
    routes::{
        form,
        shared::{self, Content},
    },
    store,
    visit::{self, Answer, Visit},
};

pub(crate) async fn answer(visit: &Visit, id: &str) -> Answer {
    match compared(visit, id).await {
        Ok(answer) => Ok(answer),
        Err(error) => shared::trouble(visit, error).await,
    }
}

async fn compared(visit: &Visit, id: &str) -> Answer {
    let (id, record) = store::get(&visit.env, id).await?;
    let before = &record.report;
    if visit.is_head() {
        return visit::page(200, &[], String::new());
    }
    let now = form::fresh(visit, &before.domain, visit.query("expect").as_deref()).await?;
    let changes = compare::changes(before, &now);
    if visit.wants_text() {
        return visit::text(comparison::text(&comparison::comparison(before, &now)));
    }
    let mut main = Html::default();
    let above = format!("What changed since {}", shared::moment(before.seen_at));
    shared::heading(&mut main, &now, &above, |html| {
        html.of("p", "ways", |html| {
            html.el("a", &[("href", &["/r/", id.as_str()].concat())], |html| html.text("The report of then"));
            shared::again(html, &now);
        });
    });
    // The report below says it in a sentence where nothing at all is different.
    let same = comparison::comparison(before, &now).is_same();
    let compared = if same { String::new() } else { components::comparison(before, &now) };
    let content = Content::of(&now, [main.done(), compared, shared::result(&now, &changes)].concat());
    content.answer(visit, 200, &[]).await
}

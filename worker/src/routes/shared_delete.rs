//! `/r/<id>/delete`: asks first, and deletes what is posted with the key. The key is what only the maker of the link has,
//! so that a form on another site can do no harm.

use view::{markup::Html, verdict};
use worker::Method;

use crate::{
    error::ApiError,
    routes::{
        api_reports::body,
        shared::{self, Content},
    },
    store::{self, Id, Record},
    visit::{Answer, Visit},
};

/// The most bytes that the form can have.
const LIMIT: usize = 1_000;

pub(crate) async fn answer(visit: &mut Visit, id: &str) -> Answer {
    let outcome = if visit.request.method() == Method::Post { delete(visit, id).await } else { ask(visit, id).await };
    match outcome {
        Ok(content) => content.answer(visit, 200, &[]).await,
        Err(error) => shared::trouble(visit, error).await,
    }
}

async fn ask(visit: &Visit, id: &str) -> Result<Content, ApiError> {
    let key = visit.query("key").unwrap_or_default();
    let (id, record) = of_key(visit, id, &key).await?;
    let (report, here) = (&record.report, ["/r/", id.as_str()].concat());
    let title = format!("Delete the report on {}?", verdict::name(report));
    let mut main = Html::default();
    main.of("div", "shared", |html| {
        html.line("p", "kind", &format!("A report of {}", shared::moment(report.seen_at)));
        html.line("h1", "", &title);
        html.line("p", "stands", "Its link stops working everywhere within a minute. It cannot be brought back.");
        html.el("form", &[("class", "ways"), ("method", "post"), ("action", &[&here, "/delete"].concat())], |html| {
            html.open("input", &[("type", "hidden"), ("name", "key"), ("value", &key)]);
            html.raw("<button>Delete it</button>");
            html.el("a", &[("href", &here)], |html| html.text("Keep it"));
        });
    });
    Ok(Content { title: format!("{title} · Lockstep"), description: title, main: main.done() })
}

async fn delete(visit: &mut Visit, id: &str) -> Result<Content, ApiError> {
    let form = body(visit, LIMIT).await?;
    let form = String::from_utf8_lossy(&form);
    // A key has digits alone, which a form sends as they are.
    let key = form.split('&').find_map(|field| field.strip_prefix("key=")).unwrap_or_default();
    let (id, record) = of_key(visit, id, key).await?;
    store::delete(&visit.env, &id).await?;
    let title = format!("The report on {} is deleted", verdict::name(&record.report));
    let mut main = Html::default();
    main.of("div", "shared", |html| {
        html.line("h1", "", &title);
        html.line(
            "p",
            "stands",
            "Nothing of it is kept. Where it was opened just before, it may still show for a minute.",
        );
        html.of("p", "ways", |html| shared::again(html, &record.report));
    });
    Ok(Content { title: format!("{title} · Lockstep"), description: title, main: main.done() })
}

/// The report of this number, for whoever has its key.
async fn of_key(visit: &Visit, id: &str, key: &str) -> Result<(Id, Record), ApiError> {
    let (id, record) = store::get(&visit.env, id).await?;
    if record.is_deleted_by(key) { Ok((id, record)) } else { Err(ApiError::DeleteKey) }
}

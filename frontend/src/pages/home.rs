//! `/`: the form stands in the shell; what is added here are the practice network's sites, where there is one.

use leptos::prelude::document;
use view::{markup::Html, place::Place};
use web_sys::Element;

use crate::{api, app::later, shell::by_id};

/// Offers the practice network's sites as examples, when the page is served together with one.
pub(crate) fn practice_sites() {
    if document().document_element().is_none_or(|root| !root.has_attribute("data-lab")) {
        return;
    }
    later(async {
        let sites = api::practice().await;
        let Some(place) = by_id::<Element>("practice").filter(|_| !sites.is_empty()) else { return };
        let mut html = Html::default();
        html.raw("<h2>Practice sites</h2><ul>");
        for site in sites {
            let address = Place::read(&format!("/check/{}", site.domain), "").address();
            html.el("li", &[], |html| {
                html.el("a", &[("href", &address), ("data-go", ""), ("title", &site.story)], |html| {
                    html.line("span", "story", &site.title);
                    html.line("span", "value", &site.domain);
                });
            });
        }
        html.raw("</ul>");
        place.set_inner_html(&html.done());
    });
}

//! What stands beneath the form: nothing yet, a check that runs, a report, or what went wrong.

mod check;
pub(crate) mod home;

use leptos::prelude::*;

use crate::{
    app::{Desk, Stage},
    components::{board::board, trouble::panel},
};

/// The result, whatever its stage. A new stage is drawn anew: nothing that stands is pushed about.
pub(crate) fn result(desk: Desk) -> impl IntoView {
    let html = move || match &*desk.stage.read() {
        Stage::Home => String::new(),
        Stage::Board => board(&desk.board.read()),
        Stage::Shown(shown) => check::shown(shown),
        Stage::Trouble(trouble) => panel(trouble),
    };
    view! { <div inner_html=html></div> }
}

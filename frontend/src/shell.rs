//! The fixed parts of the page: the form, the status line, the tab. They are in `index.html` from the start.

use std::cell::{Cell, RefCell};

use leptos::prelude::document;
use view::{
    hint::{Hint, hint},
    place::Place,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlButtonElement, HtmlElement, HtmlInputElement};

/// Announcements about progress are at least this far apart, in milliseconds.
const QUIET: f64 = 3000.0;

thread_local! {
    static SPOKE_AT: Cell<f64> = const { Cell::new(0.0) };
    static ICON: RefCell<&'static str> = const { RefCell::new("") };
}

/// An element of the shell by its id.
pub(crate) fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// What stands in the box, in lower case: names have no other.
pub(crate) fn typed() -> String {
    let typed = by_id::<HtmlInputElement>("domain").map(|input| input.value()).unwrap_or_default();
    js_sys::JsString::from(typed).to_lower_case().into()
}

/// The check of this name with what the visitor says besides.
pub(crate) fn asked(domain: String) -> Place {
    let value = |id: &str| {
        let text = by_id::<HtmlInputElement>(id)?.value();
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let subdomains = by_id::<HtmlInputElement>("subdomains").is_some_and(|input| input.checked());
    Place::Check { domain, expect: value("expect"), path: value("path"), subdomains }
}

/// What the API is asked besides, where the visitor says that the server is theirs: with the secret that `page/proof.js`
/// keeps in this tab. The address bar never has it.
pub(crate) fn proof() -> String {
    let ticked = by_id::<HtmlInputElement>("mine").is_some_and(|input| input.checked());
    let kept = leptos::prelude::window().session_storage().ok().flatten().filter(|_| ticked);
    match kept.and_then(|storage| storage.get_item("lockstep-proof").ok()?) {
        Some(secret) => ["&proof=", &secret].concat(),
        None => String::new(),
    }
}

/// Puts a place into the form.
pub(crate) fn fill(place: &Place) {
    let (domain, expect, path, all) = match place {
        Place::Home => ("", None, None, false),
        Place::Check { domain, expect, path, subdomains } => {
            (domain.as_str(), expect.as_ref(), path.as_ref(), *subdomains)
        }
    };
    if let Some(input) = by_id::<HtmlInputElement>("domain") {
        input.set_value(domain);
    }
    for (id, value) in [("expect", expect), ("path", path)] {
        if let Some(input) = by_id::<HtmlInputElement>(id) {
            input.set_value(value.map(String::as_str).unwrap_or_default());
        }
    }
    if let Some(input) = by_id::<HtmlInputElement>("subdomains") {
        input.set_checked(all);
        if (all || expect.or(path).is_some())
            && let Some(fold) = input.closest("details").ok().flatten()
        {
            let _ = fold.set_attribute("open", "");
        }
    }
    understood();
}

/// Whether this element has the focus.
pub(crate) fn has_focus(element: &Element) -> bool {
    document().active_element().is_some_and(|active| active == *element)
}

/// Says under the box what was understood of it.
pub(crate) fn understood() {
    let said = hint(&typed());
    if said == Hint::Nginx
        && let Some(input) = by_id::<HtmlInputElement>("domain")
    {
        hand_over(&input.value());
    }
    say_hint(&said);
}

/// Leaves a text where the nginx page looks for it: in this tab, and nowhere else.
pub(crate) fn hand_over(text: &str) {
    if let Ok(Some(storage)) = leptos::prelude::window().session_storage() {
        let _ = storage.set_item("lockstep-nginx", text);
    }
}

/// Says a hint under the box.
pub(crate) fn say_hint(hint: &Hint) {
    let Some(line) = by_id::<HtmlElement>("understood") else { return };
    line.set_text_content(None);
    let kind = match hint {
        Hint::Nothing => "",
        Hint::Understood(host) => {
            let _ = line.append_with_str_1("Understood as ");
            if let Ok(value) = document().create_element("span") {
                value.set_class_name("value");
                value.set_text_content(Some(host));
                let _ = line.append_child(&value);
            }
            "said"
        }
        Hint::Nginx => {
            line.set_inner_html(
                "This looks like nginx configuration. It stays in this tab. <a href=\"/nginx\">Read it on the nginx page</a>",
            );
            "said elsewhere"
        }
        Hint::Elsewhere(text) => {
            line.set_text_content(Some(text));
            "said elsewhere"
        }
    };
    line.set_class_name(kind);
}

/// Marks the box as wrong, and says where the reason stands; `None` takes it back.
pub(crate) fn wrong(input: &str, reason: Option<&str>) {
    let Some(input) = by_id::<HtmlInputElement>(input) else { return };
    let described = match reason {
        Some(reason) => {
            let _ = input.set_attribute("aria-invalid", "true");
            format!("{reason} understood")
        }
        None => {
            let _ = input.remove_attribute("aria-invalid");
            "understood asks".to_owned()
        }
    };
    let _ = input.set_attribute("aria-describedby", &described);
}

/// The one button: "Check", or "Stop" while a check runs. It stays the same element, so that it keeps the focus.
pub(crate) fn button(running: bool) {
    if let Some(button) = by_id::<HtmlButtonElement>("go") {
        button.set_text_content(Some(if running { "Stop" } else { "Check" }));
        button.set_class_name(if running { "stop" } else { "" });
    }
    if let Some(result) = by_id::<HtmlElement>("result") {
        let _ = result.set_attribute("aria-busy", if running { "true" } else { "false" });
    }
}

/// Whom we ask about the name.
pub(crate) fn asks(resolvers: &[String]) {
    if let Some(line) = by_id::<HtmlElement>("resolvers")
        && !resolvers.is_empty()
    {
        line.set_text_content(Some(&view::words::list(resolvers)));
    }
}

/// Says something in the status line at once.
pub(crate) fn say(text: &str) {
    SPOKE_AT.set(js_sys::Date::now());
    if let Some(line) = by_id::<HtmlElement>("status") {
        line.set_text_content(Some(text));
    }
}

/// Says how far it is, unless something was said a moment ago.
pub(crate) fn mention(text: impl FnOnce() -> String) {
    if js_sys::Date::now() - SPOKE_AT.get() >= QUIET {
        say(&text());
    }
}

/// Whether the page shows the form alone or a check.
pub(crate) fn at(place: &str) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-at", place);
    }
}

/// What stands in the tab.
pub(crate) fn title(text: &str) {
    document().set_title(text);
}

/// The icon of the tab.
pub(crate) fn icon(address: &'static str) {
    let changed = ICON.with_borrow_mut(|shown| std::mem::replace(shown, address) != address);
    if changed && let Some(link) = by_id::<Element>("icon") {
        let _ = link.set_attribute("href", address);
    }
}

//! What is going on: which place is shown, which check runs, what is known so far.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use findings::State;
use js_sys::Reflect;
use leptos::{mount::mount_to, prelude::*};
use lockstep::{Event, FactId, Plan, Progress, Report};
use view::{
    compare::{Changes, changes},
    components::glyph::Shape,
    facts::{ALL, calm, facts, of},
    hint::{Hint, hint, host},
    place::Place,
    verdict::{finished, tab_title, verdict},
    words::list,
};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, Element, HtmlElement, PopStateEvent, SubmitEvent};

use crate::{
    api::{self, Failure},
    components::{
        board::Board,
        gauge::{BLANK, Gauge, gauge},
        trouble::{Trouble, countdown},
    },
    pages,
    shell::{self, by_id},
    verdict_icon::icon,
};

/// Why a board stands still.
const STOPPED: &str = "Stopped. What was answered until then stands below.";
const BROKE_OFF: &str = "The answer broke off. What came until then stands below.";

/// How many domains are remembered, to compare with and to go back to.
const REMEMBERED: usize = 6;

/// What stands beneath the form.
#[derive(Clone)]
pub(crate) enum Stage {
    /// Nothing was asked.
    Home,
    /// The board, filling in or standing still.
    Board,
    /// A report.
    Shown(Arc<Shown>),
    /// What went wrong before there was anything to show.
    Trouble(Trouble),
}

/// A report, and the line that it came as.
pub(crate) struct Seen {
    pub(crate) report: Report,
    line: String,
}

/// A report and what is different in it.
pub(crate) struct Shown {
    /// The report.
    pub(crate) seen: Arc<Seen>,
    /// Compared with the last look at the same domain.
    pub(crate) changes: Changes,
}

/// What the page shows, as signals: made once, alive as long as the page.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    /// What stands beneath the form.
    pub(crate) stage: RwSignal<Stage>,
    /// The gauge above it.
    pub(crate) gauge: RwSignal<Gauge>,
    /// The check that runs, or the last one that did.
    pub(crate) board: RwSignal<Board>,
}

thread_local! {
    static STOP: RefCell<Option<AbortController>> = const { RefCell::new(None) };
    static RUN: Cell<u32> = const { Cell::new(0) };
    static RUNNING: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Place> = const { RefCell::new(Place::Home) };
    static SEEN: RefCell<Vec<(Place, Arc<Seen>)>> = const { RefCell::new(Vec::new()) };
}

/// Wires the page up and goes where the address says.
pub(crate) fn start() {
    let desk = Desk {
        stage: RwSignal::new(Stage::Home),
        gauge: RwSignal::new(Gauge { name: String::new(), said: String::new(), parts: 0, facts: BLANK }),
        board: RwSignal::new(Board::default()),
    };
    if let Some(place) = by_id::<HtmlElement>("gauge") {
        mount_to(place, move || view! { <div inner_html=move || gauge(&desk.gauge.read())></div> }).forget();
    }
    if let Some(place) = by_id::<HtmlElement>("result") {
        mount_to(place, move || pages::result(desk)).forget();
    }
    listen(desk);
    pages::home::practice_sites();
    let address = window().location();
    let place = Place::read(&address.pathname().unwrap_or_default(), &address.search().unwrap_or_default());
    match place {
        Place::Home => shell::understood(),
        check => {
            // What was typed while the program was on its way stays.
            if shell::typed().is_empty() {
                shell::fill(&check);
            }
            go(desk, check, Way::Replace);
        }
    }
}

/// What happens to the address bar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A new entry.
    Push,
    /// The same entry, with the one address of the place.
    Replace,
    /// Nothing: the address bar was there first.
    Follow,
}

fn listen(desk: Desk) {
    on("submit", move |event| {
        let Ok(event) = event.dyn_into::<SubmitEvent>() else { return };
        event.prevent_default();
        submitted(desk, event.submitter());
    });
    on("input", move |event| {
        if target(&event).is_some_and(|it| it.id() == "domain") {
            shell::wrong("domain", None);
            shell::understood();
        }
    });
    on("paste", |event| {
        // A single-line box would join the lines of what was pasted before anyone could recognise it.
        let Some(event) = event.dyn_ref::<web_sys::ClipboardEvent>() else { return };
        let text = event.clipboard_data().and_then(|data| data.get_data("text").ok()).unwrap_or_default();
        let said = hint(&text);
        if target(event).is_some_and(|it| it.id() == "domain") && matches!(said, Hint::Elsewhere(_) | Hint::Nginx) {
            event.prevent_default();
            if said == Hint::Nginx {
                shell::hand_over(&text);
            }
            shell::say_hint(&said);
        }
    });
    on("saved", move |event| {
        let line = Reflect::get(&event, &"detail".into()).ok().and_then(|line| line.as_string());
        saved(desk, line.unwrap_or_default());
    });
    on("click", move |event| {
        if let Some(element) = target(&event) {
            clicked(desk, &event, &element);
        }
    });
    on_window("popstate", move |event| {
        if event.dyn_ref::<PopStateEvent>().is_some() {
            let address = window().location();
            let place = Place::read(&address.pathname().unwrap_or_default(), &address.search().unwrap_or_default());
            if PLACE.with_borrow(|now| *now != place) {
                shell::fill(&place);
                go(desk, place, Way::Follow);
            }
        }
    });
    on_window("hashchange", |_| open_what_is_linked());
}

fn submitted(desk: Desk, submitter: Option<HtmlElement>) {
    let running = RUNNING.get();
    let typed = shell::typed();
    let place = host(&typed).map(shell::asked);
    let same = place.as_ref().is_none_or(|place| PLACE.with_borrow(|now| now == place));
    if running && same {
        // Enter in the box presses the button too: only the button itself means Stop.
        if submitter.is_some_and(|button| shell::has_focus(&button)) {
            stop(desk);
        }
        return;
    }
    match place {
        Some(place) => go_afresh(desk, place),
        None if typed.trim().is_empty() => {
            shell::say_hint(&Hint::Elsewhere("Type a domain name, such as example.com."));
            shell::wrong("domain", Some("understood"));
        }
        None => {
            shell::understood();
            shell::wrong("domain", Some("understood"));
        }
    }
}

fn clicked(desk: Desk, event: &web_sys::Event, element: &Element) {
    let near = |selector: &str| element.closest(selector).ok().flatten();
    if let Some(button) = near("[data-copy]") {
        let what = button.get_attribute("aria-label").or(button.text_content()).unwrap_or_default();
        copy(&button, button.get_attribute("data-copy").unwrap_or_default(), &what);
    } else if let Some(button) = near("[data-copy-link]") {
        let address = window().location().href().unwrap_or_default();
        let address = address.split('#').next().unwrap_or_default().to_owned();
        copy(&button, address, "Copy link");
    } else if near("[data-again]").is_some() {
        let place = PLACE.with_borrow(Clone::clone);
        if place != Place::Home && !RUNNING.get() {
            run(desk, place, AFRESH);
        }
    } else if let Some(link) = near("a[data-go]") {
        let plain = event
            .dyn_ref::<web_sys::MouseEvent>()
            .is_some_and(|mouse| !(mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key() || mouse.alt_key()));
        if plain && let Some(address) = link.get_attribute("href") {
            event.prevent_default();
            let (path, query) = address.split_once('?').unwrap_or((&address, ""));
            let place = Place::read(path, query);
            shell::fill(&place);
            go(desk, place, Way::Push);
        }
    }
}

/// Copies a text, and says so on the button and in the status line.
fn copy(button: &Element, text: String, what: &str) {
    let promise = window().navigator().clipboard().write_text(&text);
    let (button, what) = (button.clone(), what.trim_start_matches("Copy ").to_owned());
    later(async move {
        let done = wasm_bindgen_futures::JsFuture::from(promise).await.is_ok();
        let kind = if done { "copied" } else { "failed" };
        let _ = button.set_attribute("data-state", kind);
        shell::say(&if done {
            format!("Copied: {what}.")
        } else {
            format!("Could not copy the {what}: the browser did not allow it. Select the text instead.")
        });
        set_timeout(
            move || {
                let _ = button.remove_attribute("data-state");
            },
            Duration::from_secs(2),
        );
    });
}

/// Goes to a place that was submitted: the same place again is looked at again.
fn go_afresh(desk: Desk, place: Place) {
    let same = PLACE.with_borrow(|now| *now == place);
    if !same {
        enter(&place, Way::Push);
    }
    run(desk, place, if same { AFRESH } else { "" });
}

/// Goes to a place: home, a report that is remembered, or a check.
fn go(desk: Desk, place: Place, way: Way) {
    enter(&place, way);
    let remembered = SEEN.with_borrow(|seen| seen.iter().find(|(at, _)| *at == place).map(|(_, it)| Arc::clone(it)));
    match (&place, remembered) {
        (Place::Home, _) => {
            abandon();
            rest();
            shell::at("home");
            shell::title("Lockstep: is the HTTPS of this domain right?");
            shell::icon(icon(None));
            desk.stage.set(Stage::Home);
        }
        (_, Some(seen)) if way == Way::Follow => {
            abandon();
            rest();
            shell::at("check");
            show(desk, seen, Changes::default());
        }
        _ => run(desk, place, ""),
    }
}

fn enter(place: &Place, way: Way) {
    PLACE.set(place.clone());
    let Ok(history) = window().history() else { return };
    let hash = if way == Way::Replace { window().location().hash().unwrap_or_default() } else { String::new() };
    let address = format!("{}{hash}", place.address());
    let none = wasm_bindgen::JsValue::NULL;
    let _ = match way {
        Way::Push => history.push_state_with_url(&none, "", Some(&address)),
        Way::Replace => history.replace_state_with_url(&none, "", Some(&address)),
        Way::Follow => Ok(()),
    };
}

/// Lets go of the check that runs, if one does.
fn abandon() -> u32 {
    if let Some(running) = STOP.take() {
        running.abort();
    }
    RUN.set(RUN.get().wrapping_add(1));
    RUN.get()
}

fn stop(desk: Desk) {
    abandon();
    halt(desk, STOPPED);
}

/// Nothing runs.
fn rest() {
    RUNNING.set(false);
    shell::button(false);
}

/// Ends a check without a report: what is known stays.
fn halt(desk: Desk, why: &'static str) {
    rest();
    if keep_the_last(desk, if why == STOPPED { "stopped." } else { "the answer broke off." }) {
        return;
    }
    desk.gauge.update(|gauge| gauge.said = "Not finished".into());
    shell::title(&[&desk.gauge.read_untracked().name, ": not finished · Lockstep"].concat());
    shell::icon(icon(None));
    if desk.board.read_untracked().plan.is_none() {
        desk.stage.set(Stage::Trouble(Trouble::Stopped));
    } else {
        shell::say(why);
        desk.board.update(|board| board.halted = Some(why));
        desk.stage.set(Stage::Board);
    }
}

/// Someone who looked again keeps the last report, with the reason why there is no newer one.
fn keep_the_last(desk: Desk, why: &str) -> bool {
    let Stage::Shown(shown) = desk.stage.get_untracked() else { return false };
    let changes = Changes { not_again: why.to_owned(), ..Changes::default() };
    let kept = document().active_element().map(|active| active.id()).filter(|id| !id.is_empty());
    shell::say(&changes.sentence());
    show(desk, Arc::clone(&shown.seen), changes);
    after_drawing(kept);
    true
}

/// Looks for itself: what somebody else saw a moment ago will not do.
const AFRESH: &str = "&fresh=1";

/// Runs a check.
fn run(desk: Desk, place: Place, how: &str) {
    let Place::Check { domain, .. } = place.clone() else { return };
    let more = [place.query().as_str(), &shell::proof(), how].concat();
    let this = abandon();
    let Ok(controller) = AbortController::new() else { return };
    let signal = controller.signal();
    STOP.set(Some(controller));
    let before = SEEN.with_borrow(|seen| seen.iter().find(|(at, _)| *at == place).map(|(_, it)| Arc::clone(it)));
    begin(desk, &domain, before.is_some());
    later(async move {
        let is_current = move || RUN.get() == this;
        let mut known: Vec<(FactId, State)> = Vec::new();
        let mut last: Option<Arc<Seen>> = None;
        let ended = api::check(&domain, &more, &signal, |event, line| {
            if !is_current() {
                return;
            }
            match event {
                Event::Plan(plan) => planned(desk, plan),
                Event::Progress(progress) => progressed(desk, progress),
                Event::Facts(facts) => {
                    known.extend(facts.into_iter().map(|fact| (fact.id, fact.state)));
                    measure(desk, &known);
                }
                Event::Finding(finding) => {
                    known.extend(of(finding.section, &finding.id).map(|fact| (fact, finding.state)));
                    measure(desk, &known);
                    desk.board.update(|board| board.take(&finding));
                }
                Event::Report(report) => last = Some(Arc::new(Seen { report: *report, line: line.to_owned() })),
            }
        })
        .await;
        if !is_current() {
            return;
        }
        STOP.set(None);
        match (ended, last) {
            (Ok(age), Some(seen)) => {
                let changes = match (age, before) {
                    (None, Some(before)) => changes(&before.report, &seen.report),
                    (age, _) => Changes { age, ..Changes::default() },
                };
                remember(place, &seen);
                rest();
                let kept = document().active_element().map(|active| active.id()).filter(|id| !id.is_empty());
                let said = changes.sentence();
                shell::say(format!("{} {said}", finished(&seen.report)).trim());
                show(desk, seen, changes);
                after_drawing(kept);
            }
            (Err(Failure::Cut), _) | (Ok(_), None) if desk.board.read_untracked().plan.is_some() => {
                halt(desk, BROKE_OFF);
            }
            (Err(failure), _) => trouble(desk, failure),
            (Ok(_), None) => trouble(desk, Failure::Cut),
        }
    });
}

fn begin(desk: Desk, domain: &str, known: bool) {
    shell::at("check");
    shell::button(true);
    shell::wrong("domain", None);
    shell::wrong("expect", None);
    shell::wrong("path", None);
    shell::say(&["Checking ", domain, "."].concat());
    shell::title(&["… ", domain, " · Lockstep"].concat());
    shell::icon(icon(None));
    RUNNING.set(true);
    desk.gauge.set(Gauge { name: domain.to_owned(), said: "Looking".into(), parts: 0, facts: BLANK });
    desk.board.set(Board::default());
    // Someone who looks again is reading: the last report stays until there is a new one.
    if !(known && matches!(*desk.stage.read_untracked(), Stage::Shown(_))) {
        desk.stage.set(Stage::Board);
    }
}

fn planned(desk: Desk, plan: Plan) {
    shell::asks(&plan.resolvers);
    let name = plan.target.unicode.clone().unwrap_or_else(|| plan.target.name.to_string());
    desk.gauge.update(|gauge| gauge.name = name);
    desk.board.update(|board| {
        board.step = ["asking ", &list(&plan.resolvers)].concat();
        board.plan = Some(Arc::new(plan));
    });
}

fn progressed(desk: Desk, progress: Progress) {
    let total = progress.total.max(progress.done).max(1);
    let look = format!("Look {} of {total}", progress.done);
    shell::mention(|| {
        let so_far = desk.board.read_untracked().so_far();
        if so_far.is_empty() { [&look, "."].concat() } else { [&look, ". So far: ", &so_far, "."].concat() }
    });
    desk.gauge.update(|gauge| {
        // The total grows once the addresses are known; the bar never goes back.
        gauge.parts = gauge.parts.max(progress.done.saturating_mul(1000) / total);
        gauge.said = look;
    });
    desk.board.update(|board| board.step = progress.step);
}

/// Shows of each fact the worst that is known.
fn measure(desk: Desk, known: &[(FactId, State)]) {
    desk.gauge.update(|gauge| {
        for (shape, id) in gauge.facts.iter_mut().zip(ALL) {
            let worst = known.iter().filter(|(fact, _)| *fact == id).map(|(_, state)| *state).max();
            *shape = worst.map_or(Shape::Waiting, Shape::Of);
        }
    });
}

fn remember(place: Place, seen: &Arc<Seen>) {
    SEEN.with_borrow_mut(|all| {
        all.retain(|(at, _)| *at != place);
        all.truncate(REMEMBERED - 1);
        all.insert(0, (place, Arc::clone(seen)));
    });
}

/// Shows a report that `report/page` has read from a file: as if it had just been made, and nobody is asked.
fn saved(desk: Desk, line: String) {
    let Some(Event::Report(report)) = api::event(&line) else { return };
    let place = Place::Check { domain: report.domain.clone(), expect: None, path: None, subdomains: false };
    abandon();
    rest();
    shell::at("check");
    shell::fill(&place);
    enter(&place, Way::Push);
    let seen = Arc::new(Seen { report: *report, line });
    remember(place, &seen);
    show(desk, seen, Changes::default());
}

/// Where the scripts that are loaded when somebody wants them find the line of the report that is shown.
const LINE: &str = "lockstep";

fn show(desk: Desk, seen: Arc<Seen>, changes: Changes) {
    let report = &seen.report;
    let _ = Reflect::set(&window(), &LINE.into(), &seen.line.as_str().into());
    let top = verdict(report);
    shell::title(&tab_title(report, &top));
    shell::icon(icon(Some(top.state)));
    let mut shapes = [Shape::Of(State::NotTested); 5];
    for (shape, id) in shapes.iter_mut().zip(ALL) {
        if let Some(fact) = facts(report).into_iter().find(|fact| fact.id == id) {
            *shape = Shape::Of(calm(report.situation, fact.state));
        }
    }
    let name = view::verdict::name(report).to_owned();
    desk.gauge.set(Gauge { name, said: top.short, parts: 1000, facts: shapes });
    desk.stage.set(Stage::Shown(Arc::new(Shown { seen, changes })));
}

fn trouble(desk: Desk, failure: Failure) {
    rest();
    desk.gauge.update(|gauge| gauge.said = "Not checked".into());
    shell::title(&[&desk.gauge.read_untracked().name, ": not checked · Lockstep"].concat());
    let trouble = Trouble::from(failure);
    if keep_the_last(desk, trouble.sentence()) {
        return;
    }
    if let Some(input) = trouble.input() {
        shell::wrong(input, Some("trouble"));
    }
    shell::say("");
    count_down(trouble.wait(), RUN.get());
    desk.stage.set(Stage::Trouble(trouble));
}

/// Says every second how long it still is, until it is time or something else happens.
fn count_down(seconds: u32, run: u32) {
    let Some(left) = seconds.checked_sub(1) else { return };
    set_timeout(
        move || {
            if RUN.get() != run {
                return;
            }
            if let Some(line) = by_id::<Element>("wait") {
                line.set_text_content(Some(&countdown(left)));
            }
            if let Some(button) = by_id::<Element>("try-again").filter(|_| left == 0) {
                let _ = button.remove_attribute("disabled");
            }
            count_down(left, run);
        },
        Duration::from_secs(1),
    );
}

/// Where the focus was on something that is gone, it goes to what took its place: the same row, or the verdict.
fn after_drawing(kept: Option<String>) {
    request_animation_frame(move || {
        if let Some(id) = kept
            && document().active_element().is_none_or(|active| active.tag_name() == "BODY")
        {
            let next =
                by_id::<HtmlElement>(&id).filter(is_visible).or_else(|| by_id("changed")).or_else(|| by_id("verdict"));
            if let Some(next) = next {
                let _ = next.focus();
            }
        }
        open_what_is_linked();
    });
}

fn is_visible(element: &HtmlElement) -> bool {
    element.offset_parent().is_some()
}

/// Opens the row that the address points at, and brings it into view.
fn open_what_is_linked() {
    let hash = window().location().hash().unwrap_or_default();
    let Some(target) = hash.strip_prefix('#').filter(|id| !id.is_empty()).and_then(by_id::<Element>) else { return };
    let mut around = Some(target.clone());
    while let Some(element) = around {
        if element.tag_name() == "DETAILS" {
            let _ = element.set_attribute("open", "");
        }
        around = element.parent_element();
    }
    if let Ok(Some(own)) = target.query_selector(":scope > details") {
        let _ = own.set_attribute("open", "");
    }
    target.scroll_into_view();
}

/// Runs a future; boxed, so that all of them share the code that drives them.
pub(crate) fn later(future: impl Future<Output = ()> + 'static) {
    let future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    spawn_local(future);
}

fn target(event: &web_sys::Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

fn on(kind: &str, handler: impl FnMut(web_sys::Event) + 'static) {
    let handler = Closure::<dyn FnMut(web_sys::Event)>::new(handler).into_js_value();
    let _ = document().add_event_listener_with_callback(kind, handler.unchecked_ref());
}

fn on_window(kind: &str, handler: impl FnMut(web_sys::Event) + 'static) {
    let handler = Closure::<dyn FnMut(web_sys::Event)>::new(handler).into_js_value();
    let _ = window().add_event_listener_with_callback(kind, handler.unchecked_ref());
}

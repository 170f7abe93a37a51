//! `GET /badge/example.com.svg` and `GET /badge/example.com.json`: the verdict of the last day as a picture, and as
//! shields.io reads it.

use std::time::Duration;

use findings::State;
use serde::Serialize;
use view::markup::Html;

use crate::{
    error::ApiError,
    glance::Glance,
    visit::{self, Answer, Visit},
};

/// Whoever shows pictures does not wait for long; the look goes on, and the next who asks has it.
const PATIENCE: Duration = Duration::from_secs(3);

/// For how many seconds others may keep a badge, and one that says nothing: the first says its age in hours.
const KEPT: u32 = 3600;
const KEPT_UNKNOWN: u32 = 60;

/// Which form of a badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Svg,
    Json,
}

pub(crate) async fn answer(visit: &Visit, name: &str, form: Form) -> Answer {
    domain::Target::parse(name, None)?;
    let media_type = match form {
        Form::Svg => "image/svg+xml; charset=utf-8",
        Form::Json => "application/json",
    };
    if visit.is_head() {
        return visit::kept(media_type, KEPT_UNKNOWN, "", String::new());
    }
    // Where a badge stands nobody reads a problem document: what is not known is said in its own form.
    let badge = match Glance::at(visit, name, PATIENCE).await {
        Ok(Some(glance)) => Badge::of(&glance),
        Ok(None) => Badge::unknown(name, "It is being looked at.".into()),
        Err(error @ (ApiError::RateLimited(..) | ApiError::Internal(_))) => Badge::unknown(name, error.detail()),
        Err(error) => return Err(error),
    };
    if visit.has(&badge.tag) {
        return visit::not_changed(&badge.tag);
    }
    let body = match form {
        Form::Svg => badge.svg(),
        Form::Json => badge.json(),
    };
    visit::kept(media_type, if badge.is_known { KEPT } else { KEPT_UNKNOWN }, &badge.tag, body)
}

/// What a badge says.
#[derive(Debug)]
struct Badge {
    /// Two or three words.
    message: String,
    /// A sentence or two, with the age.
    title: String,
    /// `#rrggbb`, dark enough for white letters (WCAG 2.2 §1.4.3).
    color: &'static str,
    /// How old it is.
    ago: String,
    /// `ETag`: empty where it says nothing.
    tag: String,
    is_known: bool,
}

/// What stands on the left.
const LABEL: &str = "https";

const GREY: &str = "#5c6370";

impl Badge {
    fn of(glance: &Glance) -> Badge {
        let color = match glance.state {
            State::Passed => "#1d6b45",
            State::NotTested | State::Note => GREY,
            State::Warning => "#8a5100",
            State::Failed => "#b3261e",
        };
        let ago = glance.ago();
        Badge {
            message: glance.short.to_lowercase(),
            title: format!(
                "HTTPS of {}: {} Looked at {ago}, on {} at {}.",
                glance.domain,
                glance.headline,
                glance.seen_at.long_date(),
                glance.seen_at.clock()
            ),
            color,
            tag: format!("\"{}-{}\"", glance.seen_at.unix(), ago.replace(' ', "-")),
            ago,
            is_known: true,
        }
    }

    fn unknown(name: &str, why: String) -> Badge {
        Badge {
            message: "not known".into(),
            title: format!("HTTPS of {name}: not known yet. {why}"),
            color: GREY,
            ago: String::new(),
            tag: String::new(),
            is_known: false,
        }
    }

    /// As shields.io's endpoint badge reads it.
    fn json(&self) -> String {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Shield<'b> {
            schema_version: u32,
            label: &'static str,
            message: String,
            color: &'b str,
            is_error: bool,
            cache_seconds: u32,
        }
        let message = if self.is_known { format!("{}, {}", self.message, self.ago) } else { self.message.clone() };
        let cache_seconds = if self.is_known { KEPT } else { KEPT_UNKNOWN };
        let is_error = !self.is_known;
        let shield = Shield { schema_version: 1, label: LABEL, message, color: self.color, is_error, cache_seconds };
        serde_json::to_string(&shield).unwrap_or_default()
    }

    /// A picture, whose letters are drawn in the width that is meant for them, whatever font there is.
    fn svg(&self) -> String {
        let (left, right) = (width(LABEL), width(&self.message));
        let all = (left + right).to_string();
        let mut svg = Html::default();
        let attributes: &[(&'static str, &str)] = &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("width", &all),
            ("height", "20"),
            ("role", "img"),
            ("aria-labelledby", "t"),
            ("font-family", "Verdana,DejaVu Sans,sans-serif"),
            ("font-size", "11"),
            ("fill", "#fff"),
        ];
        svg.el("svg", attributes, |svg| {
            svg.el("title", &[("id", "t")], |svg| svg.text(&self.title));
            for (at, wide, color, text) in [(0, left, "#33383f", LABEL), (left, right, self.color, &self.message)] {
                let (x, wide_text) = (at.to_string(), wide.to_string());
                svg.el("rect", &[("x", &x), ("width", &wide_text), ("height", "20"), ("fill", color)], |_| {});
                let (x, length) = ((at + 6).to_string(), (wide - 12).to_string());
                let place: &[(&'static str, &str)] =
                    &[("x", &x), ("y", "14"), ("textLength", &length), ("lengthAdjust", "spacingAndGlyphs")];
                svg.el("text", place, |svg| svg.text(text));
            }
        });
        svg.done()
    }
}

/// How wide these words are with their margins, in pixels: a letter of that size is about seven wide.
fn width(text: &str) -> usize {
    text.chars().count() * 7 + 12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_grey_and_an_error() {
        let badge = Badge::unknown("example.com", "Please wait.".into());
        let json: serde_json::Value = serde_json::from_str(&badge.json()).unwrap();
        assert_eq!((json["message"].as_str(), json["isError"].as_bool()), (Some("not known"), Some(true)));
        let svg = badge.svg();
        assert!(svg.contains("<title id=\"t\">HTTPS of example.com: not known yet. Please wait.</title>"), "{svg}");
        assert!(svg.contains(GREY) && svg.contains(">not known</text>"), "{svg}");
    }

    #[test]
    fn nothing_in_a_badge_is_markup() {
        let badge = Badge::unknown("a", "<script>\"&'".into());
        assert!(badge.svg().contains("&lt;script&gt;") && !badge.svg().contains("<script"), "{}", badge.svg());
    }
}

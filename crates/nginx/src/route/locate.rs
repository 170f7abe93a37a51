//! From a URI to the location that answers it.

use super::{StepKind, walk::Walk};
use crate::{Directive, Location, Modifier};

/// Locations in locations.
const DEEPEST: usize = 32;

/// What the search found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    /// Nothing more is asked.
    Final,
    /// Its slash is missing: nginx redirects.
    SlashMissing,
    /// A prefix, which a regular expression may still beat.
    Prefix,
    None,
}

/// Directives that make a prefix with `/` at its end answer for the same path without it.
pub(super) const PASSES: [&str; 6] =
    ["proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass"];

impl<'c> Walk<'c, '_> {
    /// Finds the location for the URI and makes it the block in force. Says whether nginx redirects to it instead,
    /// because the slash at its end is missing.
    pub(super) fn locate(&mut self) -> bool {
        self.block = self.server;
        let server = self.server;
        let found = self.search(server, 0);
        if self.block == server {
            self.telling.step(StepKind::Location, format!("No location matches {}.", self.uri.text()), None);
        }
        found == Match::SlashMissing
    }

    fn search(&mut self, around: Directive<'c>, depth: usize) -> Match {
        if depth > DEEPEST {
            self.telling.assume("Locations are nested too deeply to be read on.", Some(around));
            return Match::None;
        }
        let inside: Vec<(Location, Directive<'c>)> = around
            .find("location")
            .filter(|directive| directive.is_block())
            .filter_map(|directive| Some((Location::of(directive)?, directive)))
            .collect();
        let mut found = self.by_text(&inside);
        let mut no_regex = false;
        if found == Match::Prefix {
            let block = self.block;
            no_regex = Location::of(block).is_some_and(|location| location.modifier == Modifier::PrefixFirst);
            found = match self.search(block, depth + 1) {
                Match::None => Match::Prefix,
                other => other,
            };
        }
        if matches!(found, Match::Final | Match::SlashMissing) || no_regex {
            return found;
        }
        for (location, directive) in inside.iter().filter(|(location, _)| location.is_regex()) {
            let any_case = location.modifier == Modifier::RegexAnyCase;
            let uri = self.uri.bytes.clone();
            let shown = self.uri.text();
            match self.matches(&location.path, any_case, &uri) {
                Ok(true) => {
                    self.block = *directive;
                    self.telling.step(
                        StepKind::Location,
                        format!("{shown} matches the regular expression {}: the first that does wins.", location.path),
                        Some(*directive),
                    );
                    let block = *directive;
                    return match self.search(block, depth + 1) {
                        Match::SlashMissing => Match::SlashMissing,
                        _ => Match::Final,
                    };
                }
                Ok(false) => self.telling.miss(
                    StepKind::Location,
                    format!("{shown} does not match {}.", location.path),
                    Some(*directive),
                ),
                Err(why) => self.telling.assume(
                    format!("{} was not tried ({why}): taken as not matching.", location.path),
                    Some(*directive),
                ),
            }
        }
        found
    }

    fn by_text(&mut self, inside: &[(Location, Directive<'c>)]) -> Match {
        let uri = self.uri.bytes.clone();
        let shown = self.uri.text();
        let exact = |path: &[u8]| {
            inside.iter().find(|(location, _)| location.modifier == Modifier::Exact && location.path.as_bytes() == path)
        };
        if let Some((_, directive)) = exact(&uri) {
            self.block = *directive;
            self.telling.step(StepKind::Location, format!("{shown} is exactly this location."), Some(*directive));
            return Match::Final;
        }
        let mut longest: Option<&(Location, Directive<'c>)> = None;
        for one in inside.iter().filter(|(location, _)| location.is_prefix()) {
            let longer = longest.is_none_or(|(known, _)| one.0.path.len() > known.path.len());
            if longer && uri.starts_with(one.0.path.as_bytes()) {
                longest = Some(one);
            }
        }
        let whole = longest.is_some_and(|(location, _)| location.path.len() == uri.len());
        if !whole {
            let mut slashed = uri.clone();
            slashed.push(b'/');
            let prefix = inside
                .iter()
                .find(|(location, _)| location.is_prefix() && location.path.as_bytes() == slashed.as_slice());
            let both = [exact(&slashed), prefix];
            if both.iter().flatten().any(|(_, directive)| passes(*directive).is_some())
                && let Some((_, directive)) = both.into_iter().flatten().next()
            {
                self.block = *directive;
                self.telling.step(
                    StepKind::Location,
                    format!(
                        "{shown} lacks only the slash of a location that passes requests on: nginx redirects to it."
                    ),
                    Some(*directive),
                );
                return Match::SlashMissing;
            }
        }
        let Some((location, directive)) = longest else { return Match::None };
        self.block = *directive;
        let end =
            if location.modifier == Modifier::PrefixFirst { ", and ^~ keeps regular expressions out" } else { "" };
        self.telling.step(
            StepKind::Location,
            format!("The longest prefix of {shown} is {}{end}.", location.path),
            Some(*directive),
        );
        Match::Prefix
    }
}

/// The directive that passes requests of this block on.
pub(super) fn passes<'c>(block: Directive<'c>) -> Option<Directive<'c>> {
    PASSES.iter().filter_map(|name| block.find(name).last()).max_by_key(|directive| directive.id())
}

//! What can be wrong: one file per rule, listed here in reading order.

use findings::Severity;

use crate::{
    Config, Directive, Span,
    directives::{self, Context},
    finding::Draft,
    syntax::FaultKind,
    words::joined,
};

/// What a rule is, apart from its function. The doc text is rustdoc, the explanation on the page, and (its fenced
/// examples) a test.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Kebab-case, named after the problem, equal to the file name.
    pub id: &'static str,
    /// What its findings are.
    pub severity: Severity,
    /// At most six words.
    pub title: &'static str,
    /// A directive whose documentation helps, or a link. Empty without the feature `seeds`.
    pub docs: &'static str,
    /// Rows of the guides; empty for what goes beyond them, and without the feature `seeds`.
    pub seed: &'static str,
    /// First line: the problem in one sentence. Then why it matters, how to fix it, and examples. Empty without the
    /// feature `lessons`: the page keeps these texts in a file of their own.
    pub doc: &'static str,
}

impl About {
    /// Where nginx documents what helps; `None` without the feature `seeds`.
    pub fn link(&self) -> Option<String> {
        if !cfg!(feature = "seeds") || self.docs.starts_with("https://") {
            return (!self.docs.is_empty()).then(|| self.docs.to_owned());
        }
        directives::doc(self.docs, Context::LOCATION.or(Context::SERVER).or(Context::HTTP))
    }
}

/// A question asked of a configuration.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Id, title, docs and seed, a line each: as one text they compress to half of what four do.
    words: &'static str,
    severity: Severity,
    doc: &'static str,
    pub(crate) run: fn(&Config<'_>, &mut Found),
}

impl Rule {
    /// Id, severity, words.
    pub fn about(&self) -> About {
        let mut words = self.words.split('\n');
        let mut next = || words.next().unwrap_or_default();
        About { id: next(), severity: self.severity, title: next(), docs: next(), seed: next(), doc: self.doc }
    }
}

/// What a rule found, and what it could not judge.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) undecided: Vec<(Span, String)>,
}

impl Found {
    #[inline(never)]
    #[expect(clippy::boxed_local, reason = "drafts go from hand to hand in a box, see there")]
    pub(crate) fn add(&mut self, draft: Box<Draft>) {
        self.drafts.push(*draft);
    }

    /// An include that was not pasted keeps the rule from judging.
    pub(crate) fn undecided(&mut self, include: Directive<'_>) {
        self.undecided.push((include.head_span(), format!("{} was not pasted.", include.arg(0))));
    }
}

/// Declares `pub(super) const RULE: Rule`; the doc comment is the explanation and holds examples, each in a fence
/// ` ```nginx fires ` or ` ```nginx quiet ` (a version or `everything` may follow).
macro_rules! rule {
    ($(#[doc = $doc:literal])+ RULE: $id:literal, severity: $severity:ident, title: $title:literal, docs: $docs:literal,
     seed: $seed:literal, run: $run:ident $(,)?) => {
        $(#[doc = $doc])+
        pub(super) const RULE: $crate::rules::Rule = $crate::rules::Rule {
            words: if cfg!(feature = "seeds") {
                concat!($id, "\n", $title, "\n", $docs, "\n", $seed)
            } else {
                concat!($id, "\n", $title)
            },
            severity: findings::Severity::$severity,
            doc: if cfg!(feature = "lessons") { concat!($($doc, "\n"),+) } else { "" },
            run: $run,
        };
    };
}

macro_rules! rules {
    ($($name:ident),+ $(,)?) => {
        $(mod $name;)+

        /// Every rule, in reading order.
        pub const ALL: &[Rule] = &[$($name::RULE),+];
    };
}

rules! {
    // The text itself.
    missing_semicolon,
    unclosed_brace,
    extra_brace,
    unclosed_quote,
    text_after_quote,
    missing_opening_brace,
    unexpected_block,
    empty_statement,
    invisible_character,
    curly_quotes,
    comma_in_list,
    unquoted_braces,
    remark_without_hash,
    nothing_read,
    // What `nginx -t` refuses.
    unknown_directive,
    needs_module,
    wrong_context,
    wrong_argument_count,
    flag_not_on_or_off,
    value_not_in_list,
    unreadable_value,
    duplicate_directive,
    bad_map_entry,
    root_and_alias,
    unknown_variable,
    duplicate_location,
    proxy_pass_uri_in_regex,
    proxy_pass_without_scheme,
    proxy_redirect_too_early,
    upstream_undefined,
    bad_server_name,
    bad_listen,
    certificate_missing,
    certificate_key_missing,
    duplicate_default_server,
    duplicate_listen,
    bad_condition,
    bad_location,
    bad_return,
    bad_pattern,
    bad_target,
    bad_upstream,
    bad_network,
    bad_parameter,
    zone_undefined,
    defined_twice,
    listen_options_redefined,
    events_missing,
    // Names and ports.
    conflicting_server_name,
    no_default_server,
    www_forgotten,
    ipv6_listen_missing,
    example_name_left,
    host_name_in_listen,
    // TLS.
    plain_http_on_443,
    ssl_on,
    listen_http2,
    weak_protocol,
    weak_ciphers,
    certificate_without_chain,
    certificate_key_swapped,
    certificate_of_another_name,
    certificate_in_archive,
    stapling_without_use,
    stapling_without_resolver,
    default_server_is_a_site,
    // Redirects.
    redirect_to_itself,
    redirect_loop_on_both_ports,
    redirect_circle,
    redirect_chain,
    https_to_http,
    not_redirected_to_https,
    port_80_missing,
    redirect_temporary,
    redirect_drops_path,
    redirect_without_scheme,
    redirect_decoded,
    rewrite_for_redirect,
    redirect_by_server_name,
    redirect_behind_proxy,
    challenge_swallowed,
    // HSTS and mixed content.
    hsts_on_plain_http,
    hsts_premature,
    hsts_not_always,
    mixed_content,
    // What the application gets.
    proxy_headers_missing,
    forwarded_proto_missing,
    host_from_client,
    forwarded_for_not_appended,
    proxy_headers_dropped,
    header_set_twice,
    response_headers_dropped,
    proxy_to_itself,
    proxy_to_any_address,
    proxy_to_localhost_name,
    mixed_targets,
    proxy_to_public_address,
    backend_from_visitor,
    upgrade_incomplete,
    buffering_off,
    unix_socket_form,
    proxy_slash_mismatch,
    proxy_redirect_off,
    // Files and uploads.
    alias_traversal,
    alias_slash_missing,
    root_doubles_path,
    alias_in_regex,
    static_shadowed,
    static_not_served,
    files_in_home,
    upload_size_default,
    uploads_executable,
    folder_too_open,
    root_in_each_location,
    if_file_exists,
    php_any_path,
    // Running it.
    logs_off,
    server_tokens_on,
    default_site_left,
    allow_without_deny,
    return_before_deny,
    status_page_open,
    header_over_lines,
    content_type_added,
    origin_pattern_open,
    referers_none,
    map_without_default,
    resolver_elsewhere,
    pattern_end_open,
    exact_path_as_pattern,
    if_in_location,
    open_files_too_few,
    one_worker,
    keepalive_requests_low,
    // What could not be judged.
    include_not_pasted,
    placeholder_left,
    ignore_without_rule,
}

/// The rule of that id.
pub fn by_id(id: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.about().id == id)
}

/// `a`, `a and b`, `a, b and c`.
fn list(items: &[impl AsRef<str>]) -> String {
    match items {
        [rest @ .., before, last] => {
            let rest = rest.iter().chain([before]).map(AsRef::as_ref).collect::<Vec<&str>>();
            [&joined(&rest, ", "), " and ", last.as_ref()].concat()
        }
        _ => joined(items, ""),
    }
}

/// At most 60 characters of a stranger's text, for a sentence.
fn short(text: &str) -> String {
    let mut line = joined(&text.split_whitespace().collect::<Vec<_>>(), " ");
    if let Some((end, _)) = line.char_indices().nth(60) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// Faults of one kind, those of one directive together.
fn by_directive(config: &Config<'_>, kind: FaultKind) -> Vec<Vec<Span>> {
    let mut groups: Vec<(u32, Vec<Span>)> = Vec::new();
    for fault in config.faults_of(kind) {
        let directive = config.files.terminator_after(fault.span.start);
        match groups.last_mut().filter(|(last, _)| *last == directive) {
            Some((_, spans)) => spans.push(fault.span),
            None => groups.push((directive, vec![fault.span])),
        }
    }
    groups.into_iter().map(|(_, spans)| spans).collect()
}

/// What stands behind `http://` or `https://`.
fn without_scheme(text: &str) -> &str {
    let rest = |scheme| text.strip_prefix(scheme);
    rest("http://").or_else(|| rest("https://")).unwrap_or(text)
}

/// May nginx's own rules be applied here: not in a raw body, not in a block that nobody knows?
fn is_judged(directive: &Directive<'_>) -> bool {
    !directive.context().is(Context::RAW.or(Context::UNKNOWN))
        && !directive.words().is_empty()
        && !directive.is_built_in()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_and_the_folder_agree() {
        let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "mod.rs")
            .map(|name| name.trim_end_matches(".rs").replace('_', "-"))
            .collect();
        files.sort();
        let mut ids: Vec<&str> = ALL.iter().map(|rule| rule.about().id).collect();
        ids.sort_unstable();
        assert_eq!(ids, files);
    }

    #[test]
    fn words_are_short_and_documented() {
        for about in ALL.iter().map(Rule::about) {
            assert!(about.title.split_whitespace().count() <= 6, "{}: {}", about.id, about.title);
            for part in ["## Why it matters", "## How to fix"] {
                assert!(about.doc.contains(part), "{} lacks {part}", about.id);
            }
            let known = about.docs.starts_with("https://nginx.org/") || !crate::directives::rows(about.docs).is_empty();
            assert!(known, "{}: {}", about.id, about.docs);
        }
    }
}

//! What the text means to nginx: includes put in their place, inheritance, sockets, names, locations. Rules ask these
//! questions; none works out inheritance by itself.

use crate::{
    Version,
    directives::{self, Context, NameId},
    input::{File, Files, Source, well_known},
    map::{Map, Set},
    search::Search,
    syntax::{Fault, FaultKind, Node, NodeId, Reading, Span, Terminator, Token, TokenKind, Word, read_strictly},
};

mod corners;
pub(crate) mod ip;
mod listen;
mod location;
mod proxy;
mod redirect;
mod server;
mod url;

pub(crate) use corners::{Corners, Hop, is_covered};
pub(crate) use listen::parse_address;
pub use listen::{Address, Listen};
pub use location::{Location, Modifier};
pub use proxy::ProxyTarget;
pub use redirect::{Condition, Redirect, Target};
pub use server::{Server, ServerName, Upstream};
pub(crate) use server::{at_the_end, in_front, lineage};
pub(crate) use url::{For, fault as address_fault, is_network};

/// A directive's place in a [`Config`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(u32);

#[derive(Debug)]
struct Item {
    file: u32,
    /// `None`: the outside of a file, or of a fragment.
    node: Option<NodeId>,
    parent: Option<ItemId>,
    /// One past its last descendant: items are in the order in which nginx reads them.
    end: u32,
    context: Context,
    inside: Context,
    name: NameId,
    /// Its direct children in `Config::children`.
    children: (u32, u32),
    /// An include directly inside that was not pasted.
    unresolved: Option<ItemId>,
}

/// An `include` whose file was not pasted.
#[derive(Debug, Clone, Copy)]
pub struct Unresolved {
    /// The directive.
    pub include: ItemId,
    /// It loads whole servers (`sites-enabled/*`), not directives of this block.
    pub brings_servers: bool,
}

/// The effective configuration.
#[derive(Debug)]
pub struct Config<'a> {
    /// What was read.
    pub files: Files<'a>,
    /// The release that it is for.
    pub version: Version,
    /// The visitor says that nothing is left out, or it is a complete dump.
    pub everything: bool,
    items: Vec<Item>,
    /// Includes that multiply each other stop here.
    most_items: usize,
    roots: Vec<ItemId>,
    locations: Vec<ItemId>,
    /// Direct children of each block, sorted by name and then by position.
    children: Vec<ItemId>,
    /// All directives whose names are known, sorted by name and then by position.
    by_name: Vec<ItemId>,
    /// Where those of each name begin.
    names: Vec<u32>,
    unresolved: Vec<Unresolved>,
    servers: Vec<Server>,
    upstreams: Vec<Upstream>,
    upstream_names: Map<String, usize>,
    http_variables: Set<String>,
    stream_variables: Set<String>,
}

/// Directives, one after the other. One type for every way of walking, so that what the rules build on it is compiled
/// once: that is a tenth of what the page loads.
#[derive(Debug, Clone)]
pub struct Directives<'c> {
    config: &'c Config<'c>,
    way: Way<'c>,
}

/// Which directives.
#[derive(Debug, Clone)]
enum Way<'c> {
    /// These.
    Listed(std::slice::Iter<'c, ItemId>),
    /// All from one to before another, as nginx reads them.
    All(u32, u32),
    /// The same without what is inside of them.
    Outer(u32, u32),
    /// This, and the blocks around it.
    Upward(Option<ItemId>),
}

impl<'c> Iterator for Directives<'c> {
    type Item = Directive<'c>;

    #[inline(never)]
    fn next(&mut self) -> Option<Directive<'c>> {
        let item = |id: u32| self.config.items.get(id as usize);
        let id = match &mut self.way {
            Way::Listed(ids) => *ids.next()?,
            Way::All(next, end) => {
                while *next < *end && item(*next)?.node.is_none() {
                    *next += 1; // the outside of a file is not a directive
                }
                let id = (*next < *end).then_some(ItemId(*next))?;
                *next += 1;
                id
            }
            Way::Outer(next, end) => {
                let id = (*next < *end).then_some(ItemId(*next))?;
                *next = item(*next)?.end.max(*next + 1);
                id
            }
            Way::Upward(next) => {
                let id = (*next)?;
                *next = item(id.0)?.parent;
                id
            }
        };
        Some(self.config.get(id))
    }
}

/// How deep includes may nest.
const INCLUDE_DEPTH: usize = 16;

impl<'a> Config<'a> {
    /// Reads the sources and works out what they mean.
    pub fn read(sources: &[Source<'a>], version: Option<Version>, everything: bool) -> Config<'a> {
        let files = Files::read(sources);
        let version =
            version.unwrap_or_else(|| sources.first().map_or(Version::V1_22, |first| Version::guess(first.text)));
        let mut config = Config {
            files,
            version,
            everything,
            items: Vec::new(),
            most_items: 0,
            roots: Vec::new(),
            locations: Vec::new(),
            children: Vec::new(),
            by_name: Vec::new(),
            names: Vec::new(),
            unresolved: Vec::new(),
            servers: Vec::new(),
            upstreams: Vec::new(),
            upstream_names: Map::new(),
            http_variables: Set::new(),
            stream_variables: Set::new(),
        };
        config.expand();
        config.index();
        config.everything |= config.is_complete_dump();
        config.servers = server::servers(&config);
        config.upstreams = server::upstreams(&config);
        config.upstream_names = config
            .upstreams
            .iter()
            .enumerate()
            .map(|(at, upstream)| (upstream.name.to_ascii_lowercase(), at))
            .collect();
        config.define_variables();
        config
    }

    /// A handle on an item.
    pub fn get(&self, id: ItemId) -> Directive<'_> {
        Directive { config: self, id }
    }

    /// Every directive called `name`, in the order in which nginx reads them.
    pub fn all(&self, name: &str) -> Directives<'_> {
        let name = NameId::of(name).number() as usize;
        let begin = |name: usize| self.names.get(name).map_or(0, |begin| *begin as usize);
        self.listed(self.by_name.get(begin(name)..begin(name + 1)).unwrap_or_default())
    }

    /// Every directive and every entry of a `map` and its like.
    pub fn directives(&self) -> Directives<'_> {
        Directives { config: self, way: Way::All(0, u32::try_from(self.items.len()).unwrap_or(u32::MAX)) }
    }

    /// The outside of each file that no other includes.
    pub fn roots(&self) -> Directives<'_> {
        self.listed(&self.roots)
    }

    fn listed<'c>(&'c self, ids: &'c [ItemId]) -> Directives<'c> {
        Directives { config: self, way: Way::Listed(ids.iter()) }
    }

    /// Those of that name in a list that is sorted by name.
    fn named<'c>(&self, sorted: &'c [ItemId], name: NameId) -> &'c [ItemId] {
        if name == NameId::UNKNOWN {
            return &[];
        }
        let name_of = |id: &ItemId| self.items.get(id.0 as usize).map_or(NameId::UNKNOWN, |item| item.name);
        let from = sorted.partition_point(|id| name_of(id) < name);
        let rest = sorted.get(from..).unwrap_or_default();
        rest.get(..rest.partition_point(|id| name_of(id) == name)).unwrap_or_default()
    }

    /// Every HTTP server, in reading order. A bare server body counts as one.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The server of that block.
    pub fn server_of(&self, block: Directive<'_>) -> Option<&Server> {
        let at = self.servers.binary_search_by_key(&block.id(), |server| server.block).ok()?;
        self.servers.get(at)
    }

    /// Every HTTP upstream.
    pub fn upstreams(&self) -> &[Upstream] {
        &self.upstreams
    }

    /// The upstream of that name.
    pub fn upstream(&self, name: &str) -> Option<&Upstream> {
        self.upstreams.get(*self.upstream_names.get(&name.to_ascii_lowercase())?)
    }

    /// Every `location`, and a bare location body that was pasted alone.
    pub fn locations(&self) -> Directives<'_> {
        self.listed(&self.locations)
    }

    /// Includes that were not pasted.
    pub fn unresolved(&self) -> &[Unresolved] {
        &self.unresolved
    }

    /// Can servers exist that were not pasted?
    pub fn sees_all_servers(&self) -> bool {
        let everything_pasted = self
            .unresolved
            .iter()
            .all(|include| !self.get(include.include).context().is(Context::MAIN.or(Context::HTTP)));
        everything_pasted && (self.everything || self.roots().any(|root| root.find("http").next().is_some()))
    }

    /// `In what you pasted: ` where more could exist; nothing where all was seen.
    pub fn scope(&self) -> &'static str {
        if self.sees_all_servers() { "" } else { "In what you pasted: " }
    }

    /// Is a variable known: built in, or defined anywhere? `name` without `$`.
    pub fn knows_variable(&self, name: &str, stream: bool) -> bool {
        let defined = if stream { &self.stream_variables } else { &self.http_variables };
        directives::is_variable(name, stream) || defined.contains(&name.to_ascii_lowercase())
    }

    /// Variables that this text defines, sorted.
    pub fn defined_variables(&self, stream: bool) -> Vec<&str> {
        let defined = if stream { &self.stream_variables } else { &self.http_variables };
        let mut names: Vec<&str> = defined.iter().map(String::as_str).collect();
        crate::order::sort(&mut names);
        names
    }

    /// What of one kind is wrong with the texts.
    #[inline(never)]
    pub(crate) fn faults_of(&self, kind: FaultKind) -> Vec<Fault> {
        self.faults().map(|(_, fault)| *fault).filter(|fault| fault.kind == kind).collect()
    }

    /// What is wrong with the texts themselves.
    pub fn faults(&self) -> impl Iterator<Item = (&File<'a>, &Fault)> {
        self.files.files.iter().flat_map(|file| file.tree.faults.iter().map(move |fault| (file, fault)))
    }

    /// Where each directive stands in the order in which nginx reads, by its position; with one file positions tell
    /// already, and the list is empty.
    pub(crate) fn reading_order(&self) -> Vec<(u32, u32)> {
        if self.files.files.iter().filter(|file| file.source.is_some()).count() < 2 {
            return Vec::new();
        }
        let mut order: Vec<(u32, u32)> =
            self.directives().map(|directive| (directive.name_span().start, directive.id.0)).collect();
        crate::order::sort(&mut order);
        // What several places include is read first where it comes first.
        order.dedup_by_key(|(at, _)| *at);
        order
    }

    /// How nginx itself gets through each file that was pasted.
    pub(crate) fn readings(&self) -> Vec<(&File<'a>, Reading)> {
        let own = self.files.files.iter().filter(|file| file.source.is_some());
        own.map(|file| (file, self.reading(file))).collect()
    }

    fn reading(&self, file: &File<'a>) -> Reading {
        let from = file.tree.start.saturating_sub(file.tree.base) as usize;
        let to = file.end.saturating_sub(file.tree.base) as usize;
        let strange = |token: &Token| matches!(token.kind, TokenKind::Masked | TokenKind::Template);
        if file.tree.tokens.iter().any(strange) || file.text.get(from..to).unwrap_or_default().has("{{") {
            return Reading::Unknown; // nginx never sees the text as it stands here
        }
        read_strictly(file.text, from, to, file.tree.base, file.tree.context, self.version)
    }

    /// The line of a span, for "on line 12".
    pub fn line(&self, span: Span) -> u32 {
        self.files.locate(span).line
    }

    fn file(&self, index: u32) -> Option<&File<'a>> {
        self.files.files.get(index as usize)
    }

    fn node(&self, item: &Item) -> Option<&Node> {
        self.file(item.file)?.tree.node(item.node?)
    }

    fn is_complete_dump(&self) -> bool {
        self.files.form == crate::Form::Dump && self.unresolved.is_empty()
    }

    /// Puts every include in its place.
    fn expand(&mut self) {
        // Files that some include names are read where it stands; the others stand for themselves.
        let count = self.files.files.len();
        let nodes: usize = self.files.files.iter().map(|file| file.tree.nodes.len()).sum();
        self.most_items = nodes.saturating_mul(10).saturating_add(20_000);
        let mut used = vec![false; count];
        let mut by_last: Map<&str, Vec<usize>> = Map::new();
        for (at, file) in self.files.files.iter().enumerate() {
            by_last.change(file.path.rsplit('/').next().unwrap_or_default(), Vec::new(), |here| here.push(at));
        }
        let mut by_pattern: Map<String, Vec<usize>> = Map::new();
        for (from, pattern) in self.include_patterns() {
            let last = pattern.rsplit('/').next().unwrap_or_default();
            let every: Vec<usize> = (0..count).collect();
            let candidates = if last.contains(['*', '?', '[']) {
                every.as_slice()
            } else {
                by_last.get(last).map(Vec::as_slice).unwrap_or_default()
            };
            let path = |at: &usize| self.files.files.get(*at).map_or("", |file| file.path.as_str());
            let mut matching: Vec<usize> =
                candidates.iter().copied().filter(|at| include_matches(&pattern, path(at))).collect();
            crate::order::sort_by(&mut matching, |a, b| path(a).cmp(path(b)));
            for at in &matching {
                if *at != from
                    && let Some(flag) = used.get_mut(*at)
                {
                    *flag = true;
                }
            }
            by_pattern.insert(pattern, matching);
        }
        // Two files that include each other are both still roots.
        if used.iter().all(|used| *used)
            && let Some(first) = used.first_mut()
        {
            *first = false;
        }
        for (at, used) in used.into_iter().enumerate() {
            if used {
                continue;
            }
            let Some(context) = self.files.files.get(at).map(|file| file.tree.context) else { continue };
            let root = self.add_root(at, context);
            self.splice(at, root, context, &by_pattern, 0);
        }
    }

    fn add_root(&mut self, file: usize, context: Context) -> ItemId {
        let id = ItemId(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
        self.items.push(Item {
            file: u32::try_from(file).unwrap_or(u32::MAX),
            node: None,
            parent: None,
            end: id.0 + 1,
            context,
            inside: context,
            name: NameId::UNKNOWN,
            children: (0, 0),
            unresolved: None,
        });
        self.roots.push(id);
        id
    }

    /// What each include names, with its file.
    fn include_patterns(&self) -> Vec<(usize, String)> {
        let include = NameId::of("include");
        let mut found = Vec::new();
        for (at, file) in self.files.files.iter().enumerate() {
            for node in &file.tree.nodes {
                let [name, pattern] = file.tree.words_of(node) else { continue };
                if NameId::of(file.tree.value(name, file.text)) == include {
                    found.push((at, file.tree.value(pattern, file.text).to_owned()));
                }
            }
        }
        crate::order::sort_by(&mut found, |a, b| a.1.cmp(&b.1).then(a.0.cmp(&b.0)));
        found.dedup_by(|a, b| a.1 == b.1);
        found
    }

    /// Copies the directives of a file under `parent`.
    fn splice(
        &mut self,
        file: usize,
        parent: ItemId,
        context: Context,
        includes: &Map<String, Vec<usize>>,
        depth: usize,
    ) {
        let mut parent = parent;
        // Blocks that are open: where their nodes end, the item, what is inside.
        let mut open: Vec<(u32, ItemId, Context)> = Vec::new();
        for id in 0_u32.. {
            let Some(read) = self.files.files.get(file) else { break };
            let Some(node) = read.tree.node(NodeId(id)).copied() else { break };
            while let Some((_, block, _)) = open.pop_if(|(end, _, _)| *end <= id) {
                self.end(block);
            }
            if node.starts_fragment && open.is_empty() && depth == 0 {
                self.end(parent);
                parent = self.add_root(file, context);
            }
            let (above, here) = open.last().map_or((parent, context), |(_, item, inside)| (*item, *inside));
            let Some(read) = self.files.files.get(file) else { break };
            let name =
                read.tree.words_of(&node).first().map(|word| read.tree.value(word, read.text)).unwrap_or_default();
            let is_include = name == "include";
            let name_id = if here == Context::RAW && !is_include { NameId::UNKNOWN } else { NameId::of(name) };
            let inside = match (node.terminator, here) {
                (Terminator::Block, Context::RAW) => Context::RAW,
                (Terminator::Block, Context::UNKNOWN) => Context::UNKNOWN,
                (Terminator::Block, _) if name.is_empty() => here,
                (Terminator::Block, _) => match here.inside(name) {
                    // A `{` where a `;` was meant: what follows stands where the directive stands.
                    Context::UNKNOWN if !name_id.rows().is_empty() => here,
                    known => known,
                },
                _ => Context::UNKNOWN,
            };
            let item = ItemId(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
            self.items.push(Item {
                file: u32::try_from(file).unwrap_or(u32::MAX),
                node: Some(NodeId(id)),
                parent: Some(above),
                end: item.0.saturating_add(1),
                context: here,
                inside,
                name: name_id,
                children: (0, 0),
                unresolved: None,
            });
            if node.terminator == Terminator::Block {
                open.push((node.end, item, inside));
            }
            if is_include {
                self.include(item, above, here, file, includes, depth);
            }
        }
        while let Some((_, block, _)) = open.pop() {
            self.end(block);
        }
        self.end(parent);
    }

    fn end(&mut self, id: ItemId) {
        let end = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        if let Some(item) = self.items.get_mut(id.0 as usize) {
            item.end = end;
        }
    }

    fn include(
        &mut self,
        item: ItemId,
        above: ItemId,
        context: Context,
        file: usize,
        includes: &Map<String, Vec<usize>>,
        depth: usize,
    ) {
        let pattern = self.get(item).arg(0).to_owned();
        if pattern.is_empty() {
            return;
        }
        let found = includes.get(&pattern).map(Vec::as_slice).unwrap_or_default();
        if found.iter().any(|at| *at != file) && depth < INCLUDE_DEPTH && self.items.len() < self.most_items {
            for at in found.iter().filter(|at| **at != file) {
                self.splice(*at, above, context, includes, depth + 1);
            }
            return;
        }
        if let Some(text) = well_known(&pattern) {
            // Ten locations that include proxy_params share one text.
            let known = self.files.files.iter().position(|file| file.source.is_none() && file.path == pattern);
            let file = known.unwrap_or_else(|| self.files.bring(pattern, text, context));
            if self.items.len() < self.most_items && depth < INCLUDE_DEPTH {
                self.splice(file, above, context, includes, depth + 1);
            }
            return;
        }
        // nginx loads nothing for a pattern that matches nothing: a complete dump would show the files.
        if self.files.form == crate::Form::Dump && pattern.contains(['*', '?', '[']) {
            return;
        }
        let brings_servers = pattern.has("sites-")
            || pattern.ends_with("conf.d/*.conf")
            || pattern.ends_with("modules-enabled/*.conf")
            || pattern.ends_with("conf.d/*");
        self.unresolved.push(Unresolved { include: item, brings_servers });
        // What stands beside the servers in conf.d/*.conf counts for all of them.
        if (!brings_servers || pattern.has("conf.d/"))
            && let Some(block) = self.items.get_mut(above.0 as usize)
        {
            block.unresolved.get_or_insert(item);
        }
    }

    fn index(&mut self) {
        let all: Vec<(u32, ItemId)> = self.directives().map(|one| (one.name_id().number(), one.id())).collect();
        let (by_name, names) = grouped(&all, directives::names().len());
        let parent = |id: &ItemId| Some((self.items.get(id.0 as usize)?.parent?.0, *id));
        let all: Vec<(u32, ItemId)> = by_name.iter().filter_map(parent).collect();
        let (children, blocks) = grouped(&all, self.items.len());
        for (item, own) in self.items.iter_mut().zip(blocks.windows(2)) {
            if let [from, to] = own {
                item.children = (*from, *to);
            }
        }
        (self.by_name, self.names, self.children) = (by_name, names, children);
        let is_location = |directive: &Directive<'_>| directive.inside() == Context::LOCATION;
        let locations = self.all("location").chain(self.roots()).filter(is_location);
        self.locations = locations.map(|directive| directive.id()).collect();
    }

    fn define_variables(&mut self) {
        let mut http = Set::new();
        let mut stream = Set::new();
        let streams = Context::STREAM.or(Context::STREAM_SERVER).or(Context::STREAM_UPSTREAM);
        let mut define = |directive: Directive<'_>, name: &str| {
            let Some(name) = name.strip_prefix('$') else { return };
            let set = if directive.context().is(streams) { &mut stream } else { &mut http };
            set.insert(name.trim_start_matches('{').trim_end_matches('}').to_ascii_lowercase());
        };
        for name in [
            "set",
            "auth_request_set",
            "perl_set",
            "js_set",
            "js_var",
            "set_by_lua",
            "set_by_lua_file",
            "set_by_lua_block",
        ] {
            for directive in self.all(name) {
                define(directive, directive.arg(0));
            }
        }
        for (name, at) in [("map", 1), ("split_clients", 1)] {
            for directive in self.all(name) {
                define(directive, directive.arg(at));
            }
        }
        for directive in self.all("geo") {
            define(directive, directive.args().next_back().unwrap_or_default());
        }
        for directive in self.all("keyval") {
            define(directive, directive.arg(1));
        }
        for directive in self.all("geoip2") {
            for entry in directive.children() {
                define(directive, entry.name());
            }
        }
        // Named groups of regular expressions, wherever they stand.
        for file in &self.files.files {
            for word in &file.tree.words {
                let raw = word.span.of(file.text, file.tree.base);
                for group in named_groups(raw) {
                    http.insert(group.to_ascii_lowercase());
                    stream.insert(group.to_ascii_lowercase());
                }
            }
        }
        self.http_variables = http;
        self.stream_variables = stream;
    }
}

/// Things by their groups, each in the order in which it came, and where each group begins: sorted by counting.
fn grouped(things: &[(u32, ItemId)], groups: usize) -> (Vec<ItemId>, Vec<u32>) {
    let mut begins = vec![0_u32; groups + 2];
    for (group, _) in things {
        if let Some(count) = begins.get_mut(*group as usize + 2) {
            *count += 1;
        }
    }
    let mut before = 0;
    for begin in &mut begins {
        before += *begin;
        *begin = before;
    }
    let mut sorted = vec![ItemId(0); before as usize];
    for (group, thing) in things {
        let Some(next) = begins.get_mut(*group as usize + 1) else { continue };
        if let Some(place) = sorted.get_mut(*next as usize) {
            *place = *thing;
        }
        *next += 1;
    }
    (sorted, begins)
}

/// `(?<name>…)`, `(?P<name>…)`, `(?'name'…)`.
fn named_groups(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.places("(?").into_iter().filter_map(|at| {
        let rest = pattern.get(at + 2..)?;
        let rest = rest.strip_prefix('P').unwrap_or(rest);
        let (rest, end) = match (rest.strip_prefix('<'), rest.strip_prefix('\'')) {
            (Some(rest), _) => (rest, '>'),
            (_, Some(rest)) => (rest, '\''),
            _ => return None,
        };
        let name = rest.split(end).next()?;
        let good = !name.is_empty() && name.len() < 60 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        good.then_some(name)
    })
}

/// Does an include's pattern name this file? Relative patterns count from the folder of nginx.conf; a file that came by
/// drag and drop has only the end of its path.
fn include_matches(pattern: &str, path: &str) -> bool {
    if path.is_empty() {
        return false;
    }
    let pattern: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let Some((last_pattern, last_path)) = pattern.last().zip(path.last()) else { return false };
    if !glob(last_pattern, last_path) {
        return false;
    }
    let shared = pattern.len().min(path.len());
    // A file name alone must not be caught by `*`.
    if shared == 1 && *last_pattern == "*" {
        return false;
    }
    pattern.iter().rev().zip(path.iter().rev()).take(shared).all(|(pattern, part)| glob(pattern, part))
}

/// `*` and `?`, as `glob(3)`; sets in brackets match any one character. Time: pattern × text at most.
fn glob(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?', '[']) {
        return pattern == text;
    }
    if text.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some('?') => {
                p += 1;
                t += 1;
            }
            Some('[') => {
                let close = pattern.get(p..).and_then(|rest| rest.iter().position(|c| *c == ']'));
                p += close.map_or(1, |close| close + 1);
                t += 1;
            }
            Some(c) if text.get(t) == Some(c) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((after, at)) => {
                    p = after;
                    t = at + 1;
                    star = Some((after, at + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|c| *c == '*'))
}

/// A directive, a `map` entry, or the outside of a file, in its place in the configuration.
#[derive(Clone, Copy)]
pub struct Directive<'c> {
    config: &'c Config<'c>,
    id: ItemId,
}

impl std::fmt::Debug for Directive<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}", self.id, self.head())
    }
}

impl PartialEq for Directive<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Directive<'_> {}

/// The arguments of a directive as nginx reads them.
#[derive(Debug)]
pub struct Args<'c> {
    of: Directive<'c>,
    next: usize,
    end: usize,
}

impl<'c> Iterator for Args<'c> {
    type Item = &'c str;

    fn next(&mut self) -> Option<&'c str> {
        let at = self.next;
        (at < self.end).then(|| {
            self.next = at + 1;
            self.of.arg(at)
        })
    }
}

impl<'c> DoubleEndedIterator for Args<'c> {
    fn next_back(&mut self) -> Option<&'c str> {
        (self.next < self.end).then(|| {
            self.end -= 1;
            self.of.arg(self.end)
        })
    }
}

impl<'c> Directive<'c> {
    fn item(self) -> Option<&'c Item> {
        self.config.items.get(self.id.0 as usize)
    }

    fn node(self) -> Option<&'c Node> {
        self.config.node(self.item()?)
    }

    fn file(self) -> Option<&'c File<'c>> {
        self.config.file(self.item()?.file)
    }

    /// Its words: the name first.
    pub fn words(self) -> &'c [Word] {
        match (self.file(), self.node()) {
            (Some(file), Some(node)) => file.tree.words_of(node),
            _ => &[],
        }
    }

    fn value(self, word: &Word) -> &'c str {
        self.file().map(|file| file.tree.value(word, file.text)).unwrap_or_default()
    }

    /// Its place.
    pub fn id(self) -> ItemId {
        self.id
    }

    /// The configuration that it is part of.
    pub fn config(self) -> &'c Config<'c> {
        self.config
    }

    /// The outside of a file or fragment: it has no text of its own.
    pub fn is_root(self) -> bool {
        self.item().is_some_and(|item| item.node.is_none())
    }

    /// In a text that Lockstep brought along.
    pub fn is_built_in(self) -> bool {
        self.file().is_some_and(|file| file.source.is_none())
    }

    /// As nginx reads it.
    pub fn name(self) -> &'c str {
        self.words().first().map(|word| self.value(word)).unwrap_or_default()
    }

    /// The name as a number; entries of a `map` have none.
    pub fn name_id(self) -> NameId {
        self.item().map_or(NameId::UNKNOWN, |item| item.name)
    }

    /// Is it called so?
    pub fn is(self, name: &str) -> bool {
        self.name() == name
    }

    /// Its arguments as nginx reads them.
    pub fn args(self) -> Args<'c> {
        Args { of: self, next: 0, end: self.arg_count() }
    }

    /// How many arguments.
    pub fn arg_count(self) -> usize {
        self.words().len().saturating_sub(1)
    }

    /// The argument number `at`, from 0; empty when there is none.
    pub fn arg(self, at: usize) -> &'c str {
        self.words().get(at + 1).map(|word| self.value(word)).unwrap_or_default()
    }

    /// Is the argument number `at`, from 0, this?
    #[inline(never)]
    pub fn arg_is(self, at: usize, value: &str) -> bool {
        self.arg(at) == value
    }

    /// Where that argument is, quotes included.
    pub fn arg_span(self, at: usize) -> Span {
        self.words().get(at + 1).map_or_else(|| self.head_span(), |word| word.span)
    }

    /// The name.
    pub fn name_span(self) -> Span {
        self.words().first().map_or_else(|| self.span(), |word| word.span)
    }

    /// Name and arguments.
    pub fn head_span(self) -> Span {
        match (self.words().first(), self.words().last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => self.span(),
        }
    }

    /// Name, arguments and `;`, or the whole block.
    pub fn span(self) -> Span {
        match (self.node(), self.words().first()) {
            (Some(node), Some(first)) => first.span.to(node.close),
            (Some(node), None) => node.open.to(node.close),
            (None, _) => self.file().map_or(Span::default(), |file| Span::new(file.tree.start, file.end)),
        }
    }

    /// What is pointed at when the whole is meant: the head.
    pub fn head(self) -> &'c str {
        self.config.files.text(self.head_span())
    }

    /// `{` of its block.
    pub fn open(self) -> Option<Span> {
        self.node().filter(|node| node.terminator == Terminator::Block).map(|node| node.open)
    }

    /// `}` of its block, or its `;`.
    pub fn close(self) -> Option<Span> {
        self.node().map(|node| node.close)
    }

    /// Where it stands.
    pub fn context(self) -> Context {
        self.item().map_or(Context::UNKNOWN, |item| item.context)
    }

    /// What its block is.
    pub fn inside(self) -> Context {
        self.item().map_or(Context::UNKNOWN, |item| item.inside)
    }

    /// Does it have a block?
    pub fn is_block(self) -> bool {
        self.node().is_none_or(|node| node.terminator == Terminator::Block)
    }

    /// The block around it.
    pub fn parent(self) -> Option<Directive<'c>> {
        self.item()?.parent.map(|id| self.config.get(id))
    }

    /// The blocks around it, innermost first.
    pub fn ancestors(self) -> Directives<'c> {
        Directives { config: self.config, way: Way::Upward(self.item().and_then(|item| item.parent)) }
    }

    /// Itself, then the blocks around it.
    pub fn upward(self) -> Directives<'c> {
        Directives { config: self.config, way: Way::Upward(Some(self.id)) }
    }

    /// The block of its server, itself included.
    pub fn server(self) -> Option<Directive<'c>> {
        self.upward().find(|block| block.inside() == Context::SERVER)
    }

    /// Directives directly inside, in reading order; what an include brings is there in its place.
    pub fn children(self) -> Directives<'c> {
        Directives { config: self.config, way: Way::Outer(self.id.0 + 1, self.end()) }
    }

    /// Everything inside, at any depth.
    pub fn descendants(self) -> Directives<'c> {
        Directives { config: self.config, way: Way::All(self.id.0 + 1, self.end()) }
    }

    fn end(self) -> u32 {
        self.item().map_or(0, |item| item.end)
    }

    /// Those directly inside that are called `name`.
    pub fn find(self, name: &str) -> Directives<'c> {
        let config = self.config;
        let own = self
            .item()
            .and_then(|item| config.children.get(item.children.0 as usize..item.children.1 as usize))
            .unwrap_or_default();
        config.listed(config.named(own, NameId::of(name)))
    }

    /// The first directly inside that is called `name`.
    pub fn first(self, name: &str) -> Option<Directive<'c>> {
        self.find(name).next()
    }

    /// The value in force in this block: the innermost wins.
    pub fn scalar(self, name: &str) -> Option<Directive<'c>> {
        self.upward().find_map(|block| block.first(name))
    }

    /// The list in force in this block. One on a level drops everything from further out.
    pub fn list(self, name: &str) -> Vec<Directive<'c>> {
        for block in self.upward() {
            let own: Vec<_> = block.find(name).collect();
            if !own.is_empty() {
                return own;
            }
        }
        Vec::new()
    }

    /// The response headers in force in this block, `add_header_inherit` (1.29.3) included.
    pub fn added_headers(self) -> Vec<Directive<'c>> {
        let merge = self.scalar("add_header_inherit").map(|directive| directive.arg(0));
        match merge {
            Some("merge") => {
                let blocks: Vec<_> = self.upward().collect();
                blocks.into_iter().rev().flat_map(|block| block.find("add_header")).collect()
            }
            Some("off") => self.find("add_header").collect(),
            _ => self.list("add_header"),
        }
    }

    /// An include that was not pasted and whose directives would stand in this block or around it.
    pub fn unseen_include(self) -> Option<Directive<'c>> {
        let include = self.upward().find_map(|block| block.item()?.unresolved)?;
        Some(self.config.get(include))
    }

    /// Does the value hold a placeholder of a template (`{{ x }}`, `<NAME>`, `${PORT}`)?
    pub fn has_placeholder(self) -> bool {
        self.words().iter().any(|word| is_placeholder(self.value(word)))
    }
}

/// `{{ x }}`, `<NAME>`, `${PORT}`, `%NAME%`: something that is filled in later.
pub fn is_placeholder(value: &str) -> bool {
    let envsubst = value.places("${").into_iter().any(|at| {
        let name = value.get(at + 2..).and_then(|rest| rest.split('}').next()).unwrap_or_default();
        name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    });
    let angle = value.find('<').is_some_and(|from| {
        let inner = value.get(from + 1..).and_then(|rest| rest.split_once('>')).map(|(name, _)| name);
        let before_group = value.get(..from).is_some_and(|before| before.ends_with('?') || before.ends_with("?P"));
        !before_group && inner.is_some_and(|name| !name.is_empty() && !name.contains(['(', ')', '<', '=', '/']))
    });
    value.has("{{") || envsubst || angle
}

/// The variables in a value: where each begins, its name without `$` and braces.
pub fn variables_in(value: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (at, _) in value.match_indices('$') {
        let Some(rest) = value.get(at + 1..) else { continue };
        let name = match rest.strip_prefix('{') {
            Some(inner) => inner.split('}').next().unwrap_or_default(),
            None => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                rest.get(..end).unwrap_or_default()
            }
        };
        if !name.is_empty() {
            found.push((at, name));
        }
    }
    found
}

//! A text in which nothing is nginx configuration.

use super::Found;
use crate::{Config, File, Form, Span, finding::found, syntax::TokenKind};

rule! {
    /// Nothing in the text was read as nginx configuration.
    ///
    /// ## Why it matters
    /// That nothing wrong was found says nothing: nothing was looked at.
    ///
    /// ## How to fix
    /// Paste the files themselves: `sudo nginx -T` prints all of them.
    ///
    /// ```nginx fires
    /// sudo nginx -t
    /// sudo systemctl reload nginx
    /// ```
    /// ```nginx quiet
    /// $ sudo tee /etc/nginx/sites-available/app <<'EOF'
    /// > server {
    /// >     listen 80;
    /// > }
    /// > EOF
    /// ```
    RULE: "nothing-read", severity: Warning, title: "Nothing was read",
        docs: "https://nginx.org/en/docs/beginners_guide.html#conf_structure", seed: "C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let own = || config.files.files.iter().filter(|file| file.source.is_some());
    // An included file may be empty, and hold comments only, where others hold something.
    let all = own().all(|file| file.tree.nodes.is_empty());
    let Some(file) = own().find(|file| file.tree.nodes.is_empty() && (all || has(file, TokenKind::Masked))) else { return };
    found_here.add(
        found(Span::at(file.tree.start), "Nothing here was read as a directive.")
            .means(match config.files.form {
                _ if !has(file, TokenKind::Masked) => "It is empty, or all of it is comments.",
                Form::Markdown => "No fence in it holds nginx configuration.",
                _ => "Every line was taken for a command, a prompt or a message.",
            })
            .by_hand("Paste the files themselves: \"sudo nginx -T\" prints all of them."),
    );
}

fn has(file: &File<'_>, kind: TokenKind) -> bool {
    file.tree.tokens.iter().any(|token| token.kind == kind)
}

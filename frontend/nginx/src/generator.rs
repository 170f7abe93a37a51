//! A new configuration from the fields of a form.

use nginx::{Canonical, Site, Unusable, Version, generate};

/// Reads the form (a line for each field, in the order of [`Site`], `yes` for what is ticked) and writes the
/// configuration; or says which fields cannot be used.
pub(crate) fn generated(form: &str, version: Option<Version>) -> (String, Vec<Unusable>) {
    let mut lines = form.split('\n');
    let mut line = || lines.next().unwrap_or_default().trim().to_owned();
    let site = Site {
        domain: line(),
        more_names: line().split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        canonical: match line().as_str() {
            "www" => Canonical::Www,
            "both" => Canonical::Both,
            "single" => Canonical::Single,
            _ => Canonical::Apex,
        },
        app: line(),
        tls: line() == "yes",
        lineage: line(),
        static_files: line(),
        uploads: line(),
        largest_request: line().parse().unwrap_or(0),
        ipv6: line() == "yes",
        http2: line() == "yes",
        acme: line(),
        hsts: line() == "yes",
        version: version.unwrap_or_default(),
    };
    match generate(&site) {
        Ok(text) => (text, Vec::new()),
        Err(unusable) => (String::new(), unusable),
    }
}

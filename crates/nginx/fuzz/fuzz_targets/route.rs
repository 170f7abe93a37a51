//! Any text and any URL: explained, drawn, and held against a site, without a panic and without a hang.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nginx::{Config, Fancy, Live, Request, Source, against, redirect_map, route};

fuzz_target!(|bytes: &[u8]| {
    let whole = String::from_utf8_lossy(bytes);
    // The first line is the URL; the certificate that is seen is for its words.
    let (url, text) = whole.split_once('\n').unwrap_or((&whole, &whole));
    let config = Config::read(&[Source { name: "", text }], None, text.len() % 2 == 0);
    let patterns = Fancy::default();
    if let Ok(request) = Request::parse(url) {
        route(&config, &request, &patterns);
        let live = Live {
            name: request.host.clone(),
            certificate_names: url.split(['/', ' ', '=']).map(str::to_owned).collect(),
            redirects: Some(text.len() % 3 == 0),
            hsts: Some(url.to_owned()),
            http2: Some(false),
            ipv6: true,
        };
        against(&config, &live);
    }
    redirect_map(&config, &patterns);
});

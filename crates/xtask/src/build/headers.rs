//! The response headers of the static files.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

/// `_headers`, as the static file server reads it. Scripts and styles written into the pages themselves are admitted by
/// their hash; everything else comes from this origin or not at all.
pub fn headers(pages: &[&str]) -> String {
    let hashes = |element| pages.iter().map(|html| hashes(html, element)).collect::<String>();
    let policy = [
        "default-src 'none'".to_owned(),
        format!("script-src 'self' 'wasm-unsafe-eval'{}", hashes("script")),
        format!("style-src 'self'{}", hashes("style")),
        "connect-src 'self'".to_owned(),
        "worker-src 'self'".to_owned(),    // where nginx text is read
        "img-src 'self' data:".to_owned(), // the tab icon that carries the verdict is drawn by the page
        "manifest-src 'self'".to_owned(),
        "form-action 'self'".to_owned(),
        "base-uri 'none'".to_owned(),
        "frame-ancestors 'none'".to_owned(),
    ]
    .join("; ");
    format!(
        "/*
  Content-Security-Policy: {policy}
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Resource-Policy: same-origin
  Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()
  Referrer-Policy: no-referrer
  X-Content-Type-Options: nosniff
  X-Frame-Options: DENY
/assets/*
  Cache-Control: public, max-age=31536000, immutable
/api/openapi.json
  Access-Control-Allow-Origin: *
"
    )
}

/// The hashes of the inline elements of one name, each after a blank.
fn hashes(html: &str, element: &str) -> String {
    let mut found = String::new();
    let mut rest = html;
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    while let Some((_, after)) = rest.split_once(open.as_str()) {
        let Some((attributes, after)) = after.split_once('>') else { break };
        let Some((content, after)) = after.split_once(close.as_str()) else { break };
        if !attributes.contains("src=") && !content.is_empty() {
            let digest = Base64::encode_string(&Sha256::digest(content.as_bytes()));
            found.push_str(&format!(" 'sha256-{digest}'"));
        }
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_elements_are_admitted_by_hash_and_others_are_not() {
        let html = "<script type=\"module\" src=\"/a.js\"></script><style>a{}</style><script>1</script>";
        let headers = headers(&[html, "<p>"]);
        assert!(
            headers.contains(
                "script-src 'self' 'wasm-unsafe-eval' 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=';"
            )
        );
        assert!(headers.contains("style-src 'self' 'sha256-"), "{headers}");
        assert_eq!(headers.matches("sha256-").count(), 2);
        assert!(!headers.contains("unsafe-inline"));
    }
}

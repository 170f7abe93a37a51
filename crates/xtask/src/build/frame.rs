//! The frame that pages of text share with the checklist's own.

/// A whole page around this body.
pub fn frame(title: &str, description: &str, body: &str, styles: &[&str]) -> String {
    let (title, description) = (escaped(title), escaped(description));
    let styles: String = styles.iter().map(|style| format!("<link rel=\"stylesheet\" href=\"/{style}\">\n")).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} – Lockstep</title>\n\
         <meta name=\"description\" content=\"{description}\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n{styles}\
         </head>\n<body>\n<header class=\"masthead\">\n<p class=\"mark\"><a href=\"/\">Lockstep</a></p>\n\
         <p class=\"motto\">HTTPS, layer by layer</p>\n</header>\n<main class=\"explained\">\n{body}</main>\n\
         <footer class=\"masthead\">\n<p class=\"motto\"><a href=\"/checks\">Checks</a> · <a href=\"/api\">API</a> · \
         <a href=\"/about\">About</a> · <a href=\"/limits\">Limits</a> · <a href=\"/privacy\">Privacy</a></p>\n</footer>\n\
         </body>\n</html>\n"
    )
}

/// Text where markup is expected.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

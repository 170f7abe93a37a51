//! `/checks` and `/checks/<id>`: what each check asks, why and what to do, written from the checks themselves.

use findings::{About, Section, State};

use super::frame::{escaped, frame};

/// The pages by their paths in the folder of static files, whose server leaves `.html` out of addresses.
pub fn pages(style: &str) -> Vec<(String, String)> {
    let mut checks = lockstep::catalogue();
    checks.sort_by_key(|about| (about.section, about.id));
    let mut pages = vec![("checks.html".to_owned(), index(&checks, style))];
    pages.extend(checks.iter().map(|about| (format!("checks/{}.html", about.id), page(about, style))));
    pages
}

/// All checks, layer by layer.
fn index(checks: &[About], style: &str) -> String {
    let mut body = format!(
        "<h1>What Lockstep looks at</h1>\n<p>{} checks, in the order in which things break.</p>\n",
        checks.len()
    );
    for section in Section::ALL {
        let of_section: Vec<&About> = checks.iter().filter(|about| about.section == section).collect();
        body.push_str(&format!("<h2>{}</h2>\n<ul>\n", escaped(section.title())));
        for about in of_section {
            let (id, title) = (about.id, escaped(about.title));
            let problem = inline(&first_paragraph(about.doc));
            body.push_str(&format!(
                "<li><p><a href=\"/checks/{id}\">{title}</a> <code class=\"dim\">{id}</code><br>{problem}</p></li>\n"
            ));
        }
        body.push_str("</ul>\n");
    }
    frame("What Lockstep looks at", "Every check with its problem, its reason and its remedy.", &body, &[style])
}

fn page(about: &About, style: &str) -> String {
    let state = State::from(about.severity);
    let problem = first_paragraph(about.doc);
    let body = format!(
        "<p><a href=\"/checks\">All checks</a></p>\n<h1>{}</h1>\n{}<h2>When it is right</h2>\n<p>{}.</p>\n\
         <h2>In short</h2>\n<p>Shown as <b>{}</b> under <b>{}</b>. In reports and in a terminal its name is \
         <code>{}</code>.</p>\n{}",
        escaped(about.title),
        rendered(about.doc),
        escaped(about.healthy),
        state.word(),
        escaped(about.section.title()),
        about.id,
        sources(about.source),
    );
    frame(about.title, &problem.replace('`', ""), &body, &[style])
}

/// The published sources of a rule; the rows of our guides are our own affair.
fn sources(text: &str) -> String {
    let published = text.split("; ").filter(|it| !it.to_lowercase().starts_with("seed"));
    let published: Vec<String> = published.map(|it| escaped(it.trim_end_matches('.'))).collect();
    if published.is_empty() { String::new() } else { format!("<p>Source: {}.</p>\n", published.join("; ")) }
}

fn first_paragraph(doc: &str) -> String {
    doc.lines().map(str::trim).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A doc comment as HTML: paragraphs, `##` headings and code between backticks, which is all that checks use.
fn rendered(doc: &str) -> String {
    let mut html = String::new();
    let mut paragraph: Vec<&str> = Vec::new();
    let close = |paragraph: &mut Vec<&str>, html: &mut String| {
        if !paragraph.is_empty() {
            html.push_str(&format!("<p>{}</p>\n", inline(&paragraph.join(" "))));
            paragraph.clear();
        }
    };
    for line in doc.lines().map(str::trim) {
        match line.strip_prefix("## ") {
            Some(heading) => {
                close(&mut paragraph, &mut html);
                html.push_str(&format!("<h2>{}</h2>\n", escaped(heading)));
            }
            None if line.is_empty() => close(&mut paragraph, &mut html),
            None => paragraph.push(line),
        }
    }
    close(&mut paragraph, &mut html);
    html
}

fn inline(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| if at % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_its_page_and_the_index_leads_to_it() {
        let pages = pages("assets/style-1.css");
        let index = &pages[0].1;
        assert_eq!(pages.len(), lockstep::catalogue().len() + 1);
        for about in lockstep::catalogue() {
            assert!(index.contains(&format!("href=\"/checks/{}\"", about.id)), "{}", about.id);
            let (_, page) = pages.iter().find(|(name, _)| *name == format!("checks/{}.html", about.id)).unwrap();
            assert!(page.contains("<h2>Why it matters</h2>") && page.contains("<h2>How to fix</h2>"), "{page}");
            assert!(page.contains("href=\"/assets/style-1.css\"") && !page.contains('`'), "{page}");
        }
    }

    #[test]
    fn a_doc_comment_becomes_html() {
        let html = rendered(" A `<b>` is\n there.\n\n ## Why it matters\n Q&A.\n");
        assert_eq!(html, "<p>A <code>&lt;b&gt;</code> is there.</p>\n<h2>Why it matters</h2>\n<p>Q&amp;A.</p>\n");
        assert_eq!(first_paragraph(" One\n two.\n\n Three."), "One two.");
    }
}

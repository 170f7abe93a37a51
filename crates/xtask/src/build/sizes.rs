//! What visitors and the edge pay for.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};

use super::files::listed;

/// How far the same source comes out apart in different folders: the order of functions follows their hashes, and what
/// brotli makes of it moves. Only what is further above a budget than this is a fault.
const APART: usize = 500;

/// Bytes a first visit loads, brotli -q 11.
const PAGE_BUDGET: usize = 110_000;
/// Bytes uploaded to the edge, gzip -9; the platform takes three times as many.
const WORKER_BUDGET: usize = 1_200_000;
/// Bytes of what is loaded when the server is said to be the visitor's.
const PROOF_BUDGET: usize = 2_000;

/// Bytes of what is loaded when a report is saved, shared, opened or compared.
const REPORT_BUDGET: usize = 150_000;

/// Bytes that the nginx page adds to it, the editor aside, as promised with every rule.
const NGINX_BUDGET: usize = 150_000;
/// Bytes of the editor, which is loaded when someone is about to write.
const EDITOR_BUDGET: usize = 150_000;
/// Bytes of what is loaded when somebody asks why, about a URL, for a report, a link or a new configuration: things that
/// few want together.
const WANTED_BUDGET: usize = 305_000;

/// Prints what the pages load; says what is above budget.
pub fn page(dist: &Path) -> Result<Vec<String>> {
    let html = fs::read_to_string(dist.join("index.html")).context("the page is not built")?;
    let nginx = fs::read_to_string(dist.join("nginx.html")).unwrap_or_default();
    let (mut first, mut proof, mut report) = (Vec::new(), Vec::new(), Vec::new());
    let (mut adds, mut editor, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
    for file in listed(dist)? {
        let inside = file.strip_prefix(dist)?.to_string_lossy().into_owned();
        let named_in = |html: &str| html.contains(&format!("/{inside}"));
        // The shell names it and does not load it.
        if inside.starts_with("assets/proof-") {
            proof.push((inside, file));
            continue;
        }
        if inside.starts_with("assets/report-") || inside.starts_with("assets/report_bg-") {
            report.push((inside, file));
            continue;
        }
        // What the shell names is loaded at once, and so is what wasm-bindgen imports beside the script.
        if inside == "index.html" || named_in(&html) || inside.starts_with("assets/snippets/") {
            first.push((inside, file));
        } else if inside.starts_with("assets/editor-") {
            editor.push((inside, file));
        } else if ["lessons", "later", "guide", "reports"]
            .iter()
            .any(|name| inside.starts_with(&format!("assets/{name}")))
        {
            wanted.push((inside, file));
        } else if inside == "nginx.html" || named_in(&nginx) {
            adds.push((inside, file));
        }
    }
    let mut over = Vec::new();
    for (what, files, limit) in [
        ("Page, first load", first, PAGE_BUDGET),
        ("Page, for the server's owner", proof, PROOF_BUDGET),
        ("Page, for what is done with a report", report, REPORT_BUDGET),
        ("Nginx page, what it adds", adds, NGINX_BUDGET),
        ("Nginx page, the editor", editor, EDITOR_BUDGET),
        ("Nginx page, when wanted", wanted, WANTED_BUDGET),
    ] {
        let mut total = 0;
        println!("{what:<36}{:>12}{:>12}", "raw", "brotli");
        for (inside, file) in files {
            let content = fs::read(&file)?;
            let size = brotli(&content)?;
            println!("  {inside:<34}{:>12}{size:>12}", content.len());
            total += size;
        }
        over.extend(budget(&format!("{what}, brotli"), total, limit));
    }
    Ok(over)
}

/// Prints the worker's size, and what each isolate reads from the page's files beside it; says when the worker is above
/// budget.
pub fn worker(build: &Path, dist: &Path) -> Result<Option<String>> {
    let mut total = 0;
    println!("{:<36}{:>12}{:>12}", "Worker, read from its files", "raw", "gzip");
    for file in listed(&dist.join("data"))? {
        let content = fs::read(&file)?;
        println!("  {:<34}{:>12}{:>12}", file.strip_prefix(dist)?.display(), content.len(), gzip(&content)?);
    }
    println!("{:<36}{:>12}{:>12}", "Worker", "raw", "gzip");
    for file in listed(build)? {
        let content = fs::read(&file)?;
        let size = gzip(&content)?;
        println!("  {:<34}{:>12}{size:>12}", file.strip_prefix(build)?.display(), content.len());
        total += size;
    }
    anyhow::ensure!(total > 0, "the worker is not built");
    Ok(budget("Worker, gzip", total, WORKER_BUDGET))
}

fn budget(what: &str, total: usize, budget: usize) -> Option<String> {
    println!("{what}: {total} of {budget} bytes");
    (total > budget + APART).then(|| format!("{what}: {total} bytes is above the budget of {budget}."))
}

/// How many bytes are loaded of a file.
pub fn brotli(content: &[u8]) -> Result<usize> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut out, &parameters)?;
    Ok(out.len())
}

fn gzip(content: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_a_limit() {
        assert_eq!(budget("x", 10, 10), None);
        assert_eq!(budget("x", 10 + APART, 10), None);
        assert_eq!(budget("x", 11 + APART, 10).unwrap(), "x: 511 bytes is above the budget of 10.");
    }

    #[test]
    fn each_page_is_counted_by_itself() {
        let dist = tempfile::tempdir().unwrap();
        // Text that does not compress: each byte pair differs.
        let noise: Vec<u8> = (0..200_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        fs::create_dir(dist.path().join("assets")).unwrap();
        fs::write(dist.path().join("index.html"), "<script src=\"/assets/app-1.js\"></script>").unwrap();
        fs::write(dist.path().join("assets/nginx-1.js"), &noise).unwrap();
        fs::write(dist.path().join("assets/app-1.js"), "run()").unwrap();
        assert!(page(dist.path()).unwrap().is_empty());
        fs::write(dist.path().join("nginx.html"), "<script src=\"/assets/nginx-1.js\"></script>").unwrap();
        let over = page(dist.path()).unwrap();
        assert!(over.len() == 1 && over[0].starts_with("Nginx page, what it adds"), "{over:?}");
        fs::write(dist.path().join("assets/app-1.js"), &noise).unwrap();
        fs::write(dist.path().join("assets/editor-1.js"), &noise).unwrap();
        assert_eq!(page(dist.path()).unwrap().len(), 3);
    }
}

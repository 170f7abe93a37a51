//! What visitors and the edge pay for.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};

use super::files::listed;

/// Bytes a first visit loads, brotli -q 11.
const PAGE_BUDGET: usize = 110_000;
/// Bytes uploaded to the edge, gzip -9.
const WORKER_BUDGET: usize = 1_000_000;

/// Prints the page's first load; says what is above budget.
pub fn page(dist: &Path) -> Result<Option<String>> {
    let html = fs::read_to_string(dist.join("index.html")).context("the page is not built")?;
    let mut total = 0;
    println!("{:<36}{:>12}{:>12}", "Page, first load", "raw", "brotli");
    for file in listed(dist)? {
        let inside = file.strip_prefix(dist)?.to_string_lossy().into_owned();
        // What the shell names is loaded at once, and so is what wasm-bindgen imports beside the script.
        if inside == "index.html" || html.contains(&format!("/{inside}")) || inside.starts_with("assets/snippets/") {
            let content = fs::read(&file)?;
            let size = brotli(&content)?;
            println!("  {inside:<34}{:>12}{size:>12}", content.len());
            total += size;
        }
    }
    Ok(budget("Page, first load, brotli", total, PAGE_BUDGET))
}

/// Prints the worker's size; says when it is above budget.
pub fn worker(build: &Path) -> Result<Option<String>> {
    let mut total = 0;
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
    (total > budget).then(|| format!("{what}: {total} bytes is above the budget of {budget}."))
}

fn brotli(content: &[u8]) -> Result<usize> {
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
        assert_eq!(budget("x", 11, 10).unwrap(), "x: 11 bytes is above the budget of 10.");
    }

    #[test]
    fn only_what_a_first_visit_loads_is_counted() {
        let dist = tempfile::tempdir().unwrap();
        // Text that does not compress: each byte pair differs.
        let noise: Vec<u8> = (0..200_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        fs::create_dir(dist.path().join("assets")).unwrap();
        fs::write(dist.path().join("index.html"), "<script src=\"/assets/app-1.js\"></script>").unwrap();
        fs::write(dist.path().join("assets/later.js"), &noise).unwrap();
        fs::write(dist.path().join("assets/app-1.js"), "run()").unwrap();
        assert_eq!(page(dist.path()).unwrap(), None);
        fs::write(dist.path().join("assets/app-1.js"), &noise).unwrap();
        assert!(page(dist.path()).unwrap().unwrap().contains("above the budget"));
    }
}

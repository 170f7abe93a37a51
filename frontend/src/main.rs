//! The page: it asks the API, follows the stream, and shows the report.
//!
//! The form, the headings and the status line are plain HTML in `index.html`, so that they are there before this
//! program is; it never replaces them. It fills two places: the gauge and the result.

mod api;
mod app;
mod components;
mod pages;
mod shell;
mod verdict_icon;
mod wire;

/// The page allocates little and frees it soon: the smallest allocator will do.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    app::start();
}

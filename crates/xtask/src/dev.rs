//! `cargo xtask dev`: everything running on this machine, rebuilt while it is edited.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::{
    build::{self, Mode},
    lab::Lab,
    project::path,
    run, tools,
    watch::Watch,
    wrangler::{self, Wrangler},
};

#[derive(clap::Args)]
pub struct Arguments {
    /// Also start the practice network and offer its sites on the page: no internet is needed
    #[arg(long)]
    lab: bool,
    /// Where the page is served on 127.0.0.1
    #[arg(long, default_value_t = 8787)]
    port: u16,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    wrangler::must_be_free(arguments.port)?;
    tools::wasm_target()?;
    let mut packages = vec![&tools::CLANG];
    if arguments.lab {
        packages.extend(&tools::LAB);
    }
    tools::packages(&packages)?;
    tools::node()?;

    // From before the first build, so that an edit made meanwhile is not lost.
    let mut watch = Watch::new()?;
    let mut lab = if arguments.lab { Some(Lab::start(&path(".dev/lab"))?) } else { None };
    let examples = lab.as_ref().map(Lab::examples);
    eprintln!("Building the page (the first time takes some minutes) …");
    build::page(Mode::Dev, examples.as_deref())?;
    eprintln!("Building the worker …");
    build::worker(Mode::Dev)?;
    eprintln!("Starting the edge runtime …");
    let mut vars = lab.as_ref().map(Lab::worker_vars).transpose()?.unwrap_or_default();
    if lab.is_some() {
        // Clicking through the examples is no burden to anyone, and what was edited should be seen.
        vars.extend(["LOCKSTEP_RATE", "LOCKSTEP_CACHE"].map(|name| (name.to_owned(), "off".to_owned())));
    }
    let mut wrangler = Wrangler::start(arguments.port, &vars, true)?;
    println!("Lockstep is ready on {}", wrangler.url());

    loop {
        run::pause(Duration::from_millis(300))?;
        wrangler.check()?;
        if let Some(lab) = &mut lab {
            lab.check()?;
        }
        let changed = watch.changes()?;
        if changed.page {
            again("page", || build::page(Mode::Dev, examples.as_deref()))?;
        }
        if changed.worker {
            again("worker", || build::worker(Mode::Dev))?;
        }
    }
}

/// Builds once more; a failure leaves what is being served as it is.
fn again(what: &str, build: impl FnOnce() -> Result<()>) -> Result<()> {
    let since = Instant::now();
    match build() {
        Ok(()) => println!("Rebuilt the {what} in {:.1} s", since.elapsed().as_secs_f32()),
        Err(error) if run::interrupted() => return Err(error),
        Err(error) => println!("The {what} stays as it was: {error:#}"),
    }
    Ok(())
}

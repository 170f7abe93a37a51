//! One check from a request: parsed at the gate, remembered or else counted, run, told.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{self, Poll},
};

use domain::Target;
use futures_util::{FutureExt, Stream, StreamExt, future::RemoteHandle, stream};
use lockstep::Event;
use network::{Session, Settings};
use tokio::sync::mpsc;
use worker::Context;

use crate::{error::ApiError, kept, known::Known, network::Edge, rate, settings, visit::Visit};

/// The answer to a request: what was seen a moment ago, or a check that may run.
pub(crate) enum Run {
    Known(Box<Known>),
    Look(Box<Look>),
}

/// A check that may run.
pub(crate) struct Look {
    target: Target,
    session: Session<Edge>,
    context: Rc<Context>,
    /// Under which name its report is kept; one that depends on a secret is not.
    keep: Option<String>,
}

impl Run {
    /// Reads what the visitor sent. Unless it is to be looked at afresh, what is known answers; else the check is counted.
    ///
    /// # Errors
    /// Input that cannot be checked, settings that cannot be read, one check too many; in this order, so that a
    /// mistyped name costs nothing.
    pub(crate) async fn begin(visit: &Visit, typed: &str, expect: Option<&str>) -> Result<Run, ApiError> {
        let target = Target::parse(typed, expect)?;
        let asked = visit.queries("path").join(",");
        let paths = settings::paths(visit.queries("path"))?;
        let proof = settings::proof(visit.query("proof"))?;
        let wants = |what| visit.query(what).as_deref() == Some("1");
        let (subdomains, crawl) = (wants("subdomains"), wants("crawl"));
        let origin = visit.origin();
        let mut settings = settings::read(&visit.env)?;
        settings =
            Settings { paths, proof, subdomains, crawl, about: settings.about.or_else(|| about(&origin)), ..settings };
        if settings.subdomains || settings.crawl || settings.proof.is_some() {
            settings.deadline *= 2;
        }
        let keep = (settings.proof.is_none() && kept::is_on(&visit.env)).then(|| {
            let flag = |yes| if yes { "1" } else { "" };
            let expect = expect.unwrap_or_default().trim();
            kept::name(&origin, "report", &[target.name.as_str(), expect, &asked, flag(subdomains), flag(crawl)])
        });
        Run::known_or_admitted(visit, target, settings, keep, visit.wants_fresh()).await
    }

    /// The same for a name alone, whatever else the address of the request says.
    ///
    /// # Errors
    /// As [`Run::begin`].
    pub(crate) async fn plain(visit: &Visit, typed: &str) -> Result<Run, ApiError> {
        let target = Target::parse(typed, None)?;
        let origin = visit.origin();
        let settings = settings::read(&visit.env)?;
        let settings = Settings { about: settings.about.or_else(|| about(&origin)), ..settings };
        let name = kept::name(&origin, "report", &[target.name.as_str(), "", "", "", ""]);
        Run::known_or_admitted(visit, target, settings, Some(name).filter(|_| kept::is_on(&visit.env)), false).await
    }

    async fn known_or_admitted(
        visit: &Visit,
        target: Target,
        settings: Settings,
        keep: Option<String>,
        fresh: bool,
    ) -> Result<Run, ApiError> {
        if let Some(name) = keep.as_deref().filter(|_| !fresh)
            && let Some(known) = Known::find(name).await
        {
            return Ok(Run::Known(Box::new(known)));
        }
        rate::admit(&visit.env, &visit.origin(), &visit.header("cf-connecting-ip"), &target.registrable).await?;
        let session = Session::new(Edge::new(), settings);
        Ok(Run::Look(Box::new(Look { target, session, context: Rc::clone(&visit.context), keep })))
    }
}

impl Look {
    /// Everything as it becomes known. The check begins when the first event is asked for, so that nothing runs for a
    /// reader who has left already. It ends, and its connections with it, when the events are dropped.
    pub(crate) fn events(self) -> impl Stream<Item = Event> + 'static {
        stream::once(async move { self.start() }).flatten()
    }

    fn start(self) -> Events {
        let Look { target, session, context, keep } = self;
        let (sender, receiver) = mpsc::unbounded_channel();
        let waiting = Rc::clone(&context);
        let check = async move {
            let plan = RefCell::new(None);
            let tell = |event| {
                match (&event, &keep) {
                    (Event::Plan(told), Some(_)) => drop(plan.replace(Some(told.clone()))),
                    (Event::Report(report), Some(name)) => {
                        if let Some(known) = plan.borrow().as_ref().and_then(|plan| Known::of(plan, report)) {
                            let name = name.clone();
                            // A task of its own: whoever has the report leaves, and the check with them.
                            waiting.wait_until(async move { known.keep(&name).await });
                        }
                    }
                    _ => {}
                }
                // Nobody listening any longer is no error: the check is about to be dropped.
                drop(sender.send(event));
            };
            lockstep::check(target, &session, &tell).await;
        };
        // A task of its own: a slow reader must not slow the check down, or its own delay would be taken for the
        // site's. And one that the platform waits for: only then does anything here still learn that the reader has
        // left; otherwise all that belongs to the check would stay in memory as it was.
        let (task, handle) = check.remote_handle();
        context.wait_until(task);
        Events { receiver, _check: handle }
    }
}

/// The page about this checker, for those who find it in their logs.
fn about(origin: &str) -> Option<String> {
    Some(format!("{origin}/about")).filter(|url| url.len() <= 300)
}

/// What a running check tells.
struct Events {
    receiver: mpsc::UnboundedReceiver<Event>,
    _check: RemoteHandle<()>,
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Event>> {
        self.receiver.poll_recv(cx)
    }
}

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

use crate::{error::ApiError, kept, known::Known, log, network::Edge, rate, seal::Sealer, settings, visit::Visit};

/// The answer to a request: what was seen a moment ago, or a check that may run.
pub(crate) enum Run {
    Known(Box<Known>),
    Look(Box<Look>),
}

/// A check that may run.
pub(crate) struct Look {
    target: Target,
    session: Session<Edge>,
    sealer: Option<Sealer>,
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
        let asked = Asked::read(visit, typed, expect)?;
        if visit.wants_fresh() { Ok(Run::Look(asked.admitted(visit).await?)) } else { asked.answered(visit).await }
    }

    /// The same for a name alone, whatever else the address of the request says.
    ///
    /// # Errors
    /// As [`Run::begin`].
    pub(crate) async fn plain(visit: &Visit, typed: &str) -> Result<Run, ApiError> {
        Asked::plain(visit, Target::parse(typed, None)?)?.answered(visit).await
    }

    /// The same as [`Run::begin`], whatever is known.
    ///
    /// # Errors
    /// As [`Run::begin`].
    pub(crate) async fn afresh(visit: &Visit, typed: &str, expect: Option<&str>) -> Result<Box<Look>, ApiError> {
        Asked::read(visit, typed, expect)?.admitted(visit).await
    }
}

/// A question that can be answered.
struct Asked {
    target: Target,
    settings: Settings,
    sealer: Option<Sealer>,
    keep: Option<String>,
}

impl Asked {
    fn read(visit: &Visit, typed: &str, expect: Option<&str>) -> Result<Asked, ApiError> {
        let target = Target::parse(typed, expect)?;
        let (wanted, proof) = (visit.queries("path"), settings::proof(visit.query("proof"))?);
        let all = wanted.join(",");
        let paths = settings::paths(wanted)?;
        let wants = |what| visit.query(what).as_deref() == Some("1");
        let (subdomains, crawl) = (wants("subdomains"), wants("crawl"));
        let mut asked = Asked::plain(visit, target)?;
        asked.settings = Settings { paths, proof, subdomains, crawl, ..asked.settings };
        if subdomains || crawl || asked.settings.proof.is_some() {
            asked.settings.deadline *= 2;
        }
        let flag = |yes| if yes { "1" } else { "" };
        let of = [asked.target.name.as_str(), expect.unwrap_or_default().trim(), &all, flag(subdomains), flag(crawl)];
        let name = kept::name(&visit.origin(), "report", &of);
        asked.keep = asked.keep.filter(|_| asked.settings.proof.is_none()).map(|_| name);
        Ok(asked)
    }

    fn plain(visit: &Visit, target: Target) -> Result<Asked, ApiError> {
        let sealer = Sealer::read(&visit.env)?;
        let origin = visit.origin();
        let settings = settings::read(&visit.env)?;
        let settings = Settings { about: settings.about.or_else(|| about(&origin)), ..settings };
        let name = kept::name(&origin, "report", &[target.name.as_str(), "", "", "", ""]);
        Ok(Asked { target, settings, sealer, keep: Some(name).filter(|_| kept::is_on(&visit.env)) })
    }

    async fn answered(self, visit: &Visit) -> Result<Run, ApiError> {
        if let Some(name) = &self.keep
            && let Some(known) = Known::find(name).await
        {
            return Ok(Run::Known(Box::new(known)));
        }
        self.admitted(visit).await.map(Run::Look)
    }

    async fn admitted(self, visit: &Visit) -> Result<Box<Look>, ApiError> {
        let Asked { target, settings, sealer, keep } = self;
        rate::admit(&visit.env, &visit.origin(), &visit.header("cf-connecting-ip"), &target.registrable).await?;
        let session = Session::new(Edge::new(), settings);
        Ok(Box::new(Look { target, session, sealer, context: Rc::clone(&visit.context), keep }))
    }
}

impl Look {
    /// Everything as it becomes known. The check begins when the first event is asked for, so that nothing runs for a
    /// reader who has left already. It ends, and its connections with it, when the events are dropped.
    pub(crate) fn events(self) -> impl Stream<Item = Event> + 'static {
        stream::once(async move { self.start() }).flatten()
    }

    fn start(self) -> Events {
        let Look { target, session, context, keep, sealer } = self;
        let (sender, receiver) = mpsc::unbounded_channel();
        let waiting = Rc::clone(&context);
        let check = async move {
            let plan = RefCell::new(None);
            let tell = |event| {
                let event = sealed(event, sealer.as_ref());
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

/// The same event; a report is counted, and has its seal where there is one to give.
fn sealed(mut event: Event, sealer: Option<&Sealer>) -> Event {
    if let Event::Report(report) = &mut event {
        log::write(&log::Line::of(report));
        if let Some(sealer) = sealer {
            sealer.seal(report);
        }
    }
    event
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

//! One check from a request: parsed at the gate, counted, run, told.

use std::{
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

use crate::{error::ApiError, log, network::Edge, rate, seal::Sealer, settings, visit::Visit};

/// A check that may run.
pub(crate) struct Run {
    target: Target,
    session: Session<Edge>,
    sealer: Option<Sealer>,
    context: Rc<Context>,
}

impl Run {
    /// Reads what the visitor sent and counts the check.
    ///
    /// # Errors
    /// Input that cannot be checked, settings that cannot be read, one check too many; in this order, so that a
    /// mistyped name costs nothing.
    pub(crate) async fn begin(visit: &Visit, typed: &str, expect: Option<&str>) -> Result<Run, ApiError> {
        let target = Target::parse(typed, expect)?;
        let paths = settings::paths(visit.queries("path"))?;
        let proof = settings::proof(visit.query("proof"))?;
        let wants = |what| visit.query(what).as_deref() == Some("1");
        let sealer = Sealer::read(&visit.env)?;
        let (subdomains, crawl) = (wants("subdomains"), wants("crawl"));
        let mut settings = Settings { paths, proof, subdomains, crawl, ..settings::read(&visit.env)? };
        if settings.subdomains || settings.crawl || settings.proof.is_some() {
            settings.deadline *= 2;
        }
        rate::admit(&visit.env, Some(visit.header("cf-connecting-ip").as_str())).await?;
        let session = Session::new(Edge::new(), settings);
        Ok(Run { target, session, sealer, context: Rc::clone(&visit.context) })
    }

    /// Everything as it becomes known. The check begins when the first event is asked for, so that nothing runs for a
    /// reader who has left already. It ends, and its connections with it, when the events are dropped.
    pub(crate) fn events(self) -> impl Stream<Item = Event> + 'static {
        stream::once(async move { self.start() }).flatten()
    }

    fn start(self) -> Events {
        let Run { target, session, sealer, context } = self;
        let (sender, receiver) = mpsc::unbounded_channel();
        let check = async move {
            // Nobody listening any longer is no error: the check is about to be dropped.
            let tell = |event| drop(sender.send(sealed(event, sealer.as_ref())));
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

//! One check from a request: parsed at the gate, counted, run, told.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use domain::Target;
use futures_util::{FutureExt, Stream, future::RemoteHandle};
use lockstep::{Event, Report};
use network::Session;
use tokio::sync::mpsc;
use wasm_bindgen_futures::spawn_local;

use crate::{error::ApiError, network::Edge, rate, settings, visit::Visit};

/// A check that may run.
pub(crate) struct Run {
    target: Target,
    session: Session<Edge>,
}

impl Run {
    /// Reads what the visitor sent and counts the check.
    ///
    /// # Errors
    /// Input that cannot be checked, settings that cannot be read, one check too many; in this order, so that a
    /// mistyped name costs nothing.
    pub(crate) async fn begin(
        visit: &Visit,
        typed: &str,
        expect: Option<&str>,
    ) -> Result<Run, ApiError> {
        let target = Target::parse(typed, expect)?;
        let settings = settings::read(&visit.env)?;
        rate::admit(&visit.env, Some(visit.header("cf-connecting-ip").as_str())).await?;
        Ok(Run { target, session: Session::new(Edge::new(), settings) })
    }

    /// The report, once it is complete.
    pub(crate) async fn report(self) -> Report {
        lockstep::check(self.target, &self.session, &|_| ()).await
    }

    /// Everything as it becomes known. Dropping the events ends the check and its connections.
    pub(crate) fn events(self) -> Events {
        let (sender, receiver) = mpsc::unbounded_channel();
        let check = async move {
            // Nobody listening any longer is no error: the check is about to be dropped.
            let tell = |event| drop(sender.send(event));
            lockstep::check(self.target, &self.session, &tell).await;
        };
        // A task of its own: a slow reader must not slow the check down, or its own delay would be taken for the site's.
        let (task, handle) = check.remote_handle();
        spawn_local(task);
        Events { receiver, _check: handle }
    }
}

/// What a running check tells.
pub(crate) struct Events {
    receiver: mpsc::UnboundedReceiver<Event>,
    _check: RemoteHandle<()>,
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.receiver.poll_recv(cx)
    }
}

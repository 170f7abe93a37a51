//! A TCP connection that ends with its owner.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wasm_bindgen::{JsValue, closure::Closure};
use worker::js_sys::Uint8Array;

use super::platform::Line;

/// The most bytes that wait to be sent; whoever writes more waits.
const UNSENT: usize = 64 * 1024;

/// What `platform.js` tells of a connection.
mod told {
    pub(super) const OPENED: u32 = 0;
    pub(super) const NOT_OPENED: u32 = 1;
    pub(super) const READ: u32 = 2;
    pub(super) const ENDED: u32 = 3;
    pub(super) const NOT_READ: u32 = 4;
    pub(super) const WRITTEN: u32 = 5;
    pub(super) const SHUT: u32 = 6;
    pub(super) const NOT_WRITTEN: u32 = 7;
}

/// A TCP connection. It takes what is written at once and sends it when the turn is over, so that what belongs together
/// is one packet; what goes wrong then is told by the next call.
pub(crate) struct Stream {
    line: Line,
    state: Rc<RefCell<State>>,
    _tell: Closure<dyn FnMut(u32, Vec<u8>)>,
}

impl Stream {
    /// Begins to connect.
    ///
    /// # Errors
    /// The platform's words, when it does not even try.
    pub(super) fn new(host: &str, port: u16) -> Result<Stream, String> {
        let state = Rc::new(RefCell::new(State::default()));
        let heard = Rc::clone(&state);
        let tell = Closure::<dyn FnMut(u32, Vec<u8>)>::new(move |what, bytes| {
            // Woken outside: what wakes may look at the state.
            let woken = heard.borrow_mut().hear(what, bytes);
            if let Some(waker) = woken {
                waker.wake();
            }
        });
        let line = Line::new(host, port, &tell).map_err(words)?;
        Ok(Stream { line, state, _tell: tell })
    }

    /// Waits until it is connected.
    ///
    /// # Errors
    /// The platform's words.
    pub(super) async fn opened(&self) -> Result<(), String> {
        std::future::poll_fn(|cx| {
            let mut state = self.state.borrow_mut();
            match state.opened.take() {
                Some(opened) => Poll::Ready(opened),
                None => wait(&mut state.reader, cx),
            }
        })
        .await
    }
}

/// What is known of a connection.
#[derive(Default)]
struct State {
    opened: Option<Result<(), String>>,
    /// What was read and not yet taken, from `taken` on.
    inbox: Vec<u8>,
    taken: usize,
    /// The peer sends no more.
    ended: bool,
    /// A read is on its way.
    reading: bool,
    unsent: usize,
    shut: Shut,
    /// Each direction's first error, which is repeated: the platform's stream throws when it is touched again.
    not_read: Option<(io::ErrorKind, String)>,
    not_written: Option<(io::ErrorKind, String)>,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// Our own direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Shut {
    #[default]
    Open,
    Asked,
    Done,
}

impl State {
    /// Takes what was told in; who waits for it is to be woken.
    fn hear(&mut self, what: u32, bytes: Vec<u8>) -> Option<Waker> {
        let words = |bytes| broken(String::from_utf8_lossy(bytes).into_owned());
        match what {
            told::OPENED => self.opened = Some(Ok(())),
            told::NOT_OPENED => self.opened = Some(Err(String::from_utf8_lossy(&bytes).into_owned())),
            told::READ => {
                self.reading = false;
                self.inbox = bytes;
                self.taken = 0;
            }
            told::ENDED => self.ended = true,
            told::NOT_READ => self.not_read = Some(words(&bytes)),
            told::WRITTEN => {
                self.unsent = 0;
                return self.writer.take();
            }
            told::SHUT => {
                self.shut = Shut::Done;
                return self.writer.take();
            }
            told::NOT_WRITTEN => {
                self.not_written = Some(words(&bytes));
                return self.writer.take();
            }
            _ => return None,
        }
        self.reader.take()
    }

    /// Hands over what was read before.
    fn take(&mut self, buf: &mut ReadBuf<'_>) -> bool {
        let rest = self.inbox.get(self.taken..).unwrap_or_default();
        let Some(piece) = rest.get(..rest.len().min(buf.remaining())).filter(|piece| !piece.is_empty()) else {
            return false;
        };
        buf.put_slice(piece);
        self.taken = self.taken.saturating_add(piece.len());
        true
    }
}

fn wait<T>(place: &mut Option<Waker>, cx: &Context<'_>) -> Poll<T> {
    match place {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *place = Some(cx.waker().clone()),
    }
    Poll::Pending
}

fn again(error: Option<&(io::ErrorKind, String)>) -> io::Result<()> {
    match error {
        Some((kind, message)) => Err(io::Error::new(*kind, message.clone())),
        None => Ok(()),
    }
}

/// What the platform's words for a broken connection mean.
fn broken(message: String) -> (io::ErrorKind, String) {
    (super::kind(&message), message)
}

/// An exception as the platform words it.
fn words(error: JsValue) -> String {
    worker::Error::from(error).to_string()
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut state = self.state.borrow_mut();
        if buf.remaining() == 0 || state.take(buf) || state.ended {
            return Poll::Ready(Ok(()));
        }
        again(state.not_read.as_ref())?;
        if !state.reading {
            if let Err(error) = self.line.read() {
                state.not_read = Some(broken(words(error)));
                return Poll::Ready(again(state.not_read.as_ref()));
            }
            state.reading = true;
        }
        wait(&mut state.reader, cx)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.state.borrow_mut();
        again(state.not_written.as_ref())?;
        if state.shut != Shut::Open {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if state.unsent >= UNSENT {
            return wait(&mut state.writer, cx);
        }
        self.line.write(Uint8Array::from(buf));
        state.unsent = state.unsent.saturating_add(buf.len());
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What was taken goes out by itself, when this turn is over.
        Poll::Ready(again(self.state.borrow().not_written.as_ref()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.state.borrow_mut();
        again(state.not_written.as_ref())?;
        if state.shut == Shut::Open {
            if let Err(error) = self.line.end() {
                state.not_written = Some(broken(words(error)));
                return Poll::Ready(again(state.not_written.as_ref()));
            }
            state.shut = Shut::Asked;
        }
        match state.shut {
            Shut::Done => Poll::Ready(Ok(())),
            Shut::Open | Shut::Asked => wait(&mut state.writer, cx),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // The platform's socket lives until it is closed.
        self.line.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOST: &[u8] = b"Error: Network connection lost.";

    #[test]
    fn what_was_read_is_handed_over_before_the_end_or_an_error() {
        let mut state = State::default();
        state.hear(told::READ, b"abcde".to_vec());
        state.hear(told::ENDED, Vec::new());
        let mut room = [0; 3];
        let mut buf = ReadBuf::new(&mut room);
        assert!(state.take(&mut buf));
        assert_eq!(buf.filled(), b"abc");
        let mut buf = ReadBuf::new(&mut room);
        assert!(state.take(&mut buf));
        assert_eq!(buf.filled(), b"de");
        let mut buf = ReadBuf::new(&mut room);
        assert!(!state.take(&mut buf) && state.ended);
    }

    #[test]
    fn a_broken_direction_repeats_its_error_and_leaves_the_other_one() {
        let mut state = State::default();
        state.hear(told::NOT_WRITTEN, LOST.to_vec());
        for _ in 0..2 {
            assert_eq!(again(state.not_written.as_ref()).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        }
        assert!(state.not_read.is_none());
    }

    #[test]
    fn whoever_waits_for_it_is_woken() {
        let mut state = State { reader: Some(Waker::noop().clone()), ..State::default() };
        assert!(state.hear(told::WRITTEN, Vec::new()).is_none() && state.reader.is_some());
        assert!(state.hear(told::READ, vec![1]).is_some());
        state.writer = Some(Waker::noop().clone());
        assert!(state.hear(told::SHUT, Vec::new()).is_some() && state.shut == Shut::Done);
    }
}

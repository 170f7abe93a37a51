//! Waiting for many looks at once.

use futures_util::{StreamExt, stream::FuturesOrdered};

/// What all of them come to, in their order. Of dozens that wait for somebody far away, only those are looked after that
/// have heard something: `join_all` would go through all of them each time.
pub async fn together<T>(looks: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    looks.into_iter().collect::<FuturesOrdered<_>>().collect().await
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future::poll_fn, pin::pin, rc::Rc, task::Poll};

    use futures_util::poll;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn only_who_has_heard_something_is_looked_after() {
        let polls = Rc::new(Cell::new(0));
        let (tells, hears): (Vec<_>, Vec<_>) = (0..3).map(|_| oneshot::channel::<u8>()).unzip();
        let looks = hears.into_iter().map(|mut hear| {
            let polls = Rc::clone(&polls);
            async move {
                poll_fn(|cx| {
                    polls.set(polls.get() + 1);
                    std::pin::Pin::new(&mut hear).poll(cx)
                })
                .await
                .unwrap()
            }
        });
        let mut all = pin!(together(looks));
        assert!(poll!(&mut all).is_pending());
        for (at, tell) in tells.into_iter().enumerate().rev() {
            assert!(poll!(&mut all).is_pending());
            tell.send(u8::try_from(at).unwrap()).unwrap();
        }
        assert_eq!(poll!(&mut all), Poll::Ready(vec![0, 1, 2]));
        assert_eq!(polls.get(), 3 + 3, "once at first, and once for what was told");
    }
}

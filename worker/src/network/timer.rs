//! All the waiting of one check on one timer of the platform: hardly any of it is there still when its time has come.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use wasm_bindgen::closure::Closure;
use worker::console_error;

use super::{now, platform::Alarm};

/// The timer of one check.
pub(super) struct Timer {
    waiting: Rc<RefCell<Waiting>>,
    alarm: Rc<Alarm>,
    _tell: Closure<dyn FnMut() -> Option<u32>>,
}

impl Timer {
    pub(super) fn new() -> Timer {
        let waiting = Rc::new(RefCell::new(Waiting::default()));
        let rung = Rc::clone(&waiting);
        let tell = Closure::<dyn FnMut() -> Option<u32>>::new(move || {
            let (due, next) = rung.borrow_mut().ring(now());
            due.into_iter().for_each(Waker::wake);
            next
        });
        Timer { waiting, alarm: Rc::new(Alarm::new(&tell)), _tell: tell }
    }

    /// Waits, from now on.
    pub(super) fn sleep(&self, duration: Duration) -> Sleep {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let over = now().saturating_add(milliseconds);
        Sleep { waiting: Rc::clone(&self.waiting), alarm: Rc::clone(&self.alarm), over, place: None }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.alarm.close();
    }
}

/// A moment in milliseconds since 1970, and which of those who wait for it.
type Place = (u64, u32);

/// Who waits for what.
#[derive(Default)]
struct Waiting {
    who: BTreeMap<Place, Waker>,
    /// When the alarm rings.
    rings: Option<u64>,
    count: u32,
}

impl Waiting {
    /// Adds somebody; and after how many milliseconds the alarm has to ring, if not as it is set.
    fn add(&mut self, over: u64, waker: Waker, now: u64) -> (Place, Option<u32>) {
        self.count = self.count.wrapping_add(1);
        let place = (over, self.count);
        self.who.insert(place, waker);
        (place, self.set(now))
    }

    /// Who is due, and after how many milliseconds it has to ring again. What the alarm was set for is due when it rings,
    /// even where the clock has not come that far.
    fn ring(&mut self, now: u64) -> (Vec<Waker>, Option<u32>) {
        let now = self.rings.take().map_or(now, |rings| rings.max(now));
        let later = self.who.split_off(&(now.saturating_add(1), 0));
        let due = std::mem::replace(&mut self.who, later).into_values().collect();
        (due, self.set(now))
    }

    fn set(&mut self, now: u64) -> Option<u32> {
        let (&(first, _), _) = self.who.first_key_value()?;
        if self.rings.is_some_and(|rings| rings <= first) {
            return None;
        }
        // The platform's timers reach this far. Where that is not far enough, the alarm rings once for nobody.
        let milliseconds = u32::try_from(first.saturating_sub(now)).unwrap_or(u32::MAX).min(i32::MAX as u32);
        self.rings = Some(now.saturating_add(milliseconds.into()));
        Some(milliseconds)
    }
}

/// The end of some time. It wakes whoever polled it last, and can be dropped at any moment.
pub(super) struct Sleep {
    waiting: Rc<RefCell<Waiting>>,
    alarm: Rc<Alarm>,
    over: u64,
    place: Option<Place>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(place) = self.place {
            return match self.waiting.borrow_mut().who.get_mut(&place) {
                Some(waker) => {
                    waker.clone_from(cx.waker());
                    Poll::Pending
                }
                None => Poll::Ready(()),
            };
        }
        let (place, rings) = self.waiting.borrow_mut().add(self.over, cx.waker().clone(), now());
        self.place = Some(place);
        if let Some(milliseconds) = rings
            && let Err(error) = self.alarm.set(milliseconds)
        {
            console_error!("no timer: {error:?}");
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.waiting.borrow_mut().who.remove(&place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(waiting: &mut Waiting, over: u64, now: u64) -> Option<u32> {
        waiting.add(over, Waker::noop().clone(), now).1
    }

    #[test]
    fn the_alarm_is_set_for_the_first_and_set_anew_only_for_an_earlier_one() {
        let mut waiting = Waiting::default();
        assert_eq!(add(&mut waiting, 5000, 1000), Some(4000));
        assert_eq!(add(&mut waiting, 9000, 1000), None);
        assert_eq!(add(&mut waiting, 5000, 1001), None);
        assert_eq!(add(&mut waiting, 2000, 1500), Some(500));
        let (due, next) = waiting.ring(2000);
        assert_eq!((due.len(), next), (1, Some(3000)));
        let (due, next) = waiting.ring(5003);
        assert_eq!((due.len(), next), (2, Some(3997)));
    }

    #[test]
    fn it_rings_for_nobody_when_all_have_gone() {
        let mut waiting = Waiting::default();
        let (place, _) = waiting.add(5000, Waker::noop().clone(), 1000);
        waiting.who.remove(&place);
        let (due, next) = waiting.ring(5000);
        assert_eq!((due.len(), next), (0, None));
        assert_eq!(add(&mut waiting, 9000, 5000), Some(4000));
    }

    #[test]
    fn a_ring_before_the_clock_has_come_that_far_counts() {
        let mut waiting = Waiting::default();
        add(&mut waiting, 5000, 1000);
        let (due, next) = waiting.ring(4999);
        assert_eq!((due.len(), next), (1, None));
    }

    #[test]
    fn the_longest_time_is_no_overflow() {
        let mut waiting = Waiting::default();
        assert_eq!(add(&mut waiting, u64::MAX, 1000), Some(i32::MAX as u32));
        let (due, next) = waiting.ring(1000 + i32::MAX as u64);
        assert_eq!((due.len(), next), (0, Some(i32::MAX as u32)));
    }
}

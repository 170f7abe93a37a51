//! Sorting, by one machine for every kind of thing: each sort that the standard library makes for a type of its own is
//! some three kilobytes of what the page loads.

use std::cmp::Ordering;

/// Sorts; what is equal keeps its order.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let swaps = swaps(items.len(), &|a, b| match (items.get(a as usize), items.get(b as usize)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    for (a, b) in swaps {
        items.swap(a as usize, b as usize);
    }
}

/// Sorts by the order that the things have themselves.
pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Which of `count` things have to change places, one pair after the other.
fn swaps(count: usize, compare: &dyn Fn(u32, u32) -> Ordering) -> Vec<(u32, u32)> {
    let mut sorted = sorted(u32::try_from(count).unwrap_or(u32::MAX), compare);
    let mut swaps = Vec::new();
    for start in 0..count {
        // Each place takes what belongs there, and what was in it goes to the place that became free.
        let mut at = start;
        while let Some(there) = sorted.get_mut(at) {
            let from = std::mem::replace(there, u32::try_from(at).unwrap_or(u32::MAX)) as usize;
            if from == start {
                break;
            }
            swaps.extend(u32::try_from(at).ok().zip(u32::try_from(from).ok()));
            at = from;
        }
    }
    swaps
}

/// The places of `count` things in their order: runs of one, two, four… are merged.
fn sorted(count: u32, compare: &dyn Fn(u32, u32) -> Ordering) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count).collect();
    let mut width = 1;
    while width < order.len() {
        let mut merged = Vec::with_capacity(order.len());
        for pair in order.chunks(2 * width) {
            let (mut left, mut right) = pair.split_at_checked(width).unwrap_or((pair, &[]));
            while let (Some((a, after_a)), Some((b, after_b))) = (left.split_first(), right.split_first()) {
                if compare(*a, *b).is_gt() {
                    merged.push(*b);
                    right = after_b;
                } else {
                    merged.push(*a);
                    left = after_a;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        order = merged;
        width *= 2;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(mut items: Vec<(u8, String)>) {
            let mut expected = items.clone();
            expected.sort_by_key(|(number, _)| *number);
            sort_by(&mut items, |a, b| a.0.cmp(&b.0));
            proptest::prop_assert_eq!(&items, &expected);
            expected.sort();
            sort(&mut items);
            proptest::prop_assert_eq!(items, expected);
        }
    }
}
